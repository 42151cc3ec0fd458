//! Whether Odoo can hold Stripe's amounts exactly, and has a journal for each currency that Stripe holds.

use std::str::FromStr;

use quittance::config::Config;
use quittance::erp::odoo::setup::text;
use quittance::money::{Currency, Money};
use quittance::ports::Http;
use quittance::stripe::client::Client;
use quittance::stripe::form::Form;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{CompanyBooks, Finding};
use crate::ports::block_on;
use crate::settings::Settings;

#[derive(Deserialize)]
struct Balance {
    available: Vec<Capability>,
    pending: Vec<Capability>,
}

#[derive(Deserialize)]
struct Capability {
    amount: i64,
    currency: Currency,
}

pub fn examine(books: &CompanyBooks<'_>, settings: &Settings, http: &dyn Http) -> Vec<Finding> {
    let mut findings = rounding(books);
    if findings.is_empty() {
        findings.push(Finding::good("odoo rounding", "every active currency holds Stripe's amounts exactly"));
    }
    findings.extend(settlement(books, settings, http));
    findings
}

/// Amounts are never rounded: what Odoo cannot hold exactly is parked.
fn rounding(books: &CompanyBooks<'_>) -> Vec<Finding> {
    let what = "odoo rounding";
    let active = match books.rows("res.currency", json!([["active", "=", true]]), &["name", "rounding"]) {
        Ok(rows) => rows,
        Err(error) => return vec![Finding::error(what, error)],
    };
    let coarse = |row: &Value| {
        let currency: Currency = text(row, "name").parse().ok()?;
        let rounding = Decimal::from_str(&row.get("rounding")?.to_string()).ok()?.normalize();
        let step = currency.step();
        (!rounding.is_zero() && !(step % rounding).is_zero()).then(|| {
            let detail = format!(
                "Stripe counts {currency} in steps of {step}, Odoo in {rounding}: amounts between are parked; set the currency's rounding factor to {step}, or deactivate it where nobody pays in it"
            );
            Finding::note(what, detail)
        })
    };
    active.iter().filter_map(coarse).collect()
}

/// Currencies in which Stripe holds money now.
fn settlement(books: &CompanyBooks<'_>, settings: &Settings, http: &dyn Http) -> Option<Finding> {
    let what = "odoo settlement";
    let config = Config::stripe(&|name| settings.get(name).map(str::to_owned)).ok()?;
    // A key that may not read the balance is no fault of the books.
    let balance: Balance = block_on(Client::new(http, &config).get("/v1/balance", &Form::new())).ok()?.parse().ok()?;
    let held = balance.available.iter().chain(&balance.pending).filter(|part| part.amount != 0);
    let missing = |part: &&Capability| !books.journals.iter().any(|(currency, _)| currency == part.currency.code());
    Some(match held.clone().find(missing) {
        None => {
            let held: Vec<&str> = books.journals.iter().map(|(currency, _)| currency.as_str()).collect();
            Finding::good(what, format!("journals stand for {}", held.join(", ")))
        }
        Some(part) => {
            let (money, code) = (Money::new(part.amount, part.currency), part.currency);
            Finding::bad(
                what,
                format!(
                    "Stripe holds {money} and no journal stands for {code}: `quittance setup odoo --settlement-currency {code}` makes it"
                ),
            )
        }
    })
}
