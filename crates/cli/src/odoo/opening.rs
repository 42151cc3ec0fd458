//! What Stripe held before the first instant to book: every balance transaction before it of every account that is booked,
//! summed by currency and drafted as opening entries, and beside them what was under way at that instant.

use std::collections::BTreeMap;

use quittance::config::{Config, counter_accounts};
use quittance::erp::odoo::setup::cutover;
use quittance::erp::odoo::setup::opening::{Balance, Opening, draft};
use quittance::erp::odoo::setup::{Change, Report, read_parameter, zone_key};
use quittance::erp::odoo::transport::Client as Odoo;
use quittance::money::{Currency, Money};
use quittance::ports::Http;
use quittance::stripe::client::Client;
use quittance::stripe::event_list;

use super::Arguments;
use super::cutover::CutoverAccount;
use crate::calendar;
use crate::fail::{CommandError, CommandResult};
use crate::ports::block_on;
use crate::settings::Settings;
use crate::verify::stripe::{self, Transaction};

/// Without a zone of its own a company's days are UTC's.
pub const UTC: &str = "UTC";

/// Drafts the opening entries when an account is named for them. Gives the changes and the lines to print.
pub fn entries(
    arguments: &Arguments,
    settings: &Settings,
    http: &dyn Http,
    odoo: &Odoo,
    report: &Report,
) -> CommandResult<(Vec<Change>, Vec<String>)> {
    let Some(account) = &arguments.opening_account else { return Ok((Vec::new(), Vec::new())) };
    // STRIPE_ACCOUNTS may name further companies, which are set up beside the one that is asked for.
    let (([company], _) | (_, [company])) = (arguments.companies.as_slice(), report.companies.as_slice()) else {
        return Err(CommandError::new(
            "Opening entries are of one company's Stripe accounts: give one --company beside --opening-account.",
        ));
    };
    if settings.get("STRIPE_API_KEY").is_none() {
        return Err(CommandError::new(
            "STRIPE_API_KEY is not set: the opening entries are what Stripe held before the first instant.",
        ));
    }
    let config = Config::stripe(&|name| settings.get(name).map(str::to_owned))?;
    let overrides = counter_accounts::parse_counters(settings.get("BALANCE_ACCOUNTS").map(str::to_owned))?;
    let client = Client::new(http, &config);
    let own = block_on(event_list::key_account(&client))?.id;
    let usual = settings.get("ODOO_COMPANY").and_then(|id| id.parse::<i64>().ok());
    let (mut before, mut flights) = (Vec::new(), Vec::new());
    // Those that name another company are booked there.
    let named = |account: &String| config.company(account).or(usual);
    let here = |account: &&String| named(account).is_none_or(|of| of == *company);
    for account in std::iter::once(&own).chain(&config.accounts).filter(here) {
        let client = client.for_account(account);
        let mut found = stripe::transactions(&client, 0, Some(report.book_from))?;
        found.retain(Transaction::is_followed);
        flights.extend(
            CutoverAccount { client, account, at: report.book_from, overrides: &overrides }.cutover_items(&found)?,
        );
        before.extend(found);
    }
    let held = opening_balances(&before)?;
    let zone = match &arguments.time_zone {
        Some(zone) => zone.clone(),
        None => block_on(read_parameter(odoo, &zone_key(*company)))?.unwrap_or_else(|| UTC.to_owned()),
    };
    let day = calendar::day(report.book_from, &zone)
        .ok_or_else(|| CommandError::new(format!("{zone} is no time zone: correct it with --time-zone.")))?;
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
    let (mut changes, mut notes) = block_on(draft(odoo, &opening))?;
    let (more, told) = block_on(cutover::draft(odoo, &opening, &flights))?;
    changes.extend(more);
    notes.extend(told);
    lines.extend(super::changes(&changes, arguments.dry_run));
    lines.extend(super::notes(&notes));
    Ok((changes, lines))
}

/// Sums of the nets by currency: of the balance that the books follow, as `quittance verify` counts it.
fn opening_balances(before: &[Transaction]) -> CommandResult<Vec<Balance>> {
    let mut sums: BTreeMap<String, (Currency, i64, u64)> = BTreeMap::new();
    for one in before {
        let sum = sums.entry(one.currency.code().to_owned()).or_insert((one.currency, 0, 0));
        sum.1 = sum.1.checked_add(one.net).ok_or_else(|| CommandError::new("Stripe's sums are beyond all bounds."))?;
        sum.2 += 1;
    }
    let balance = |(currency, minor, count): (Currency, i64, u64)| Balance {
        currency: currency.code().to_owned(),
        amount: Money::new(minor, currency).to_decimal(),
        count,
    };
    Ok(sums.into_values().map(balance).collect())
}
