//! Whether Odoo has a rate for every day that may be booked: money of a day before the first rate of its currency is parked.

use std::collections::BTreeMap;

use quittance::erp::odoo::error::OdooError;
use quittance::erp::odoo::setup::{id, one, text};
use serde_json::{Value, json};

use super::{CompanyBooks, Finding};

const WHAT: &str = "odoo rates";

/// `since` is the day of the first instant to book.
pub fn examine(books: &CompanyBooks<'_>, since: &str) -> Vec<Finding> {
    let late = match late(books, since) {
        Ok(late) => late,
        Err(error) => return vec![Finding::error(WHAT, error)],
    };
    if late.is_empty() {
        return vec![Finding::good(WHAT, format!("every active currency has one of {since} or before"))];
    }
    let finding = |(code, first): (String, Option<String>)| {
        let has = first.map_or_else(|| "are none".to_owned(), |first| format!("begin on {first}"));
        let detail = format!(
            "rates of {code} {has}, and money without one of its day or before is parked: enter one of {since} in Odoo, or deactivate the currency where nobody pays in it"
        );
        let held = books.journals.iter().any(|(currency, _)| *currency == code);
        if held { Finding::bad(WHAT, detail) } else { Finding::note(WHAT, detail) }
    };
    late.into_iter().map(finding).collect()
}

/// Currencies without a rate on or before the day, with the day of their first.
fn late(books: &CompanyBooks<'_>, since: &str) -> Result<Vec<(String, Option<String>)>, OdooError> {
    let company = books.rows("res.company", json!([["id", "=", books.company]]), &["currency_id"])?;
    let own = company.first().and_then(|row| one(row, "currency_id"));
    let rates = json!([["company_id", "in", [false, books.company]]]);
    let mut first: BTreeMap<i64, String> = BTreeMap::new();
    for rate in books.rows("res.currency.rate", rates, &["currency_id", "name"])? {
        let (Some(currency), day) = (one(&rate, "currency_id"), text(&rate, "name").to_owned()) else { continue };
        let least = first.entry(currency).or_insert_with(|| day.clone());
        if day < *least {
            *least = day;
        }
    }
    let active = books.rows("res.currency", json!([["active", "=", true]]), &["name"])?;
    let missing = |row: &Value| {
        let day = first.get(&id(row));
        // The company's own needs none; but where it has some, the first counts too.
        let needed = own != Some(id(row)) || day.is_some();
        let late = day.is_none_or(|day| day.as_str() > since);
        (needed && late).then(|| (text(row, "name").to_owned(), day.cloned()))
    };
    Ok(active.iter().filter_map(missing).collect())
}
