//! What Stripe held before the first instant to book: every balance transaction before it, summed by currency, and
//! drafted as opening entries.

use std::collections::BTreeMap;

use quittance::config::Config;
use quittance::erp::odoo::provision::opening::{Balance, Opening, draft};
use quittance::erp::odoo::provision::{Change, Report, stored, zone_key};
use quittance::erp::odoo::transport::Client as Odoo;
use quittance::money::{Currency, Money};
use quittance::ports::Http;
use quittance::stripe::client::Client;
use quittance::stripe::form::Form;
use serde::Deserialize;

use super::Arguments;
use crate::calendar;
use crate::fail::{Fail, Outcome};
use crate::ports::block_on;
use crate::settings::Settings;

/// Without a zone of its own a company's days are UTC's.
pub const UTC: &str = "UTC";

#[derive(Deserialize)]
struct Page {
    data: Vec<Transaction>,
    has_more: bool,
}

#[derive(Deserialize)]
struct Transaction {
    id: String,
    net: i64,
    currency: Currency,
}

/// Drafts the opening entries when an account is named for them. Gives the changes and the lines to print.
pub fn entries(
    arguments: &Arguments,
    settings: &Settings,
    http: &dyn Http,
    odoo: &Odoo,
    report: &Report,
) -> Outcome<(Vec<Change>, Vec<String>)> {
    let Some(account) = &arguments.opening_account else { return Ok((Vec::new(), Vec::new())) };
    let [company] = report.companies.as_slice() else {
        return Err(Fail::new(
            "Opening entries are of one Stripe account: give one --company beside --opening-account.",
        ));
    };
    if settings.get("STRIPE_API_KEY").is_none() {
        return Err(Fail::new(
            "STRIPE_API_KEY is not set: the opening entries are what Stripe held before the first instant.",
        ));
    }
    let config = Config::stripe(&|name| settings.get(name).map(str::to_owned))?;
    let held = held(&Client::new(http, &config), report.book_from)?;
    let zone = match &arguments.time_zone {
        Some(zone) => zone.clone(),
        None => block_on(stored(odoo, &zone_key(*company)))?.unwrap_or_else(|| UTC.to_owned()),
    };
    let day = calendar::day(report.book_from, &zone)
        .ok_or_else(|| Fail::new(format!("{zone} is no time zone: correct it with --time-zone.")))?;
    let before = calendar::utc(report.book_from);
    let mut lines: Vec<String> = held
        .iter()
        .map(|one| {
            format!(
                "{:<12} {} balance transactions before {before} sum to {} {}",
                "Stripe", one.count, one.amount, one.currency
            )
        })
        .collect();
    if held.is_empty() {
        lines.push(format!("{:<12} no balance transaction before {before}: no opening entry", "Stripe"));
    }
    let opening = Opening { dry: arguments.dry_run, company: *company, account: account.clone(), day, balances: held };
    let (changes, notes) = block_on(draft(odoo, &opening))?;
    lines.extend(super::changes(&changes, arguments.dry_run));
    lines.extend(super::notes(&notes));
    Ok((changes, lines))
}

/// Sums of the nets by currency, every page of them.
fn held(stripe: &Client<'_>, before: i64) -> Outcome<Vec<Balance>> {
    let mut sums: BTreeMap<String, (Currency, i64, u64)> = BTreeMap::new();
    let mut after: Option<String> = None;
    loop {
        let mut form = Form::new().with("created[lt]", &before.to_string()).with("limit", "100");
        if let Some(id) = &after {
            form = form.with("starting_after", id);
        }
        let page: Page = block_on(stripe.get("/v1/balance_transactions", &form))?.read()?;
        for one in &page.data {
            let sum = sums.entry(one.currency.code().to_owned()).or_insert((one.currency, 0, 0));
            sum.1 = sum.1.checked_add(one.net).ok_or_else(|| Fail::new("Stripe's sums are beyond all bounds."))?;
            sum.2 += 1;
        }
        after = page.data.last().map(|one| one.id.clone());
        if !page.has_more || after.is_none() {
            break;
        }
    }
    let balance = |(currency, minor, count): (Currency, i64, u64)| Balance {
        currency: currency.code().to_owned(),
        amount: Money::new(minor, currency).to_decimal(),
        count,
    };
    Ok(sums.into_values().map(balance).collect())
}
