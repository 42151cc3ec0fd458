//! A period in Stripe's reporting categories, so that it lies beside Stripe's own Balance report, with what the books
//! have of each.

mod credit;
mod fees;
mod movements;

use std::collections::BTreeMap;

use quittance::erp::odoo::books::Entry;
use quittance::money::{Currency, Money};
use serde::Serialize;

pub use self::credit::{CreditNote, credit_note, refunds};
pub use self::fees::{Fees, fee_months};
pub use self::movements::{Movement, movements};
use super::compare::{Sides, SubUnitAmount, minor};
use super::finding::amount;
use super::section::{Section, Timing};
use super::stripe::{PAYMENTS, Transaction};

/// From the first day to the last, both in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Days {
    pub from: String,
    pub to: String,
}

/// One settlement currency's period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Period {
    pub currency: Currency,
    #[serde(serialize_with = "amount")]
    pub opening: Money,
    #[serde(serialize_with = "amount")]
    pub books_opening: Money,
    pub lines: Vec<Line>,
    #[serde(serialize_with = "amount")]
    pub closing: Money,
    #[serde(serialize_with = "amount")]
    pub books_closing: Money,
    /// What was kept, by type; a negative one was given back.
    pub fees: Vec<Fees>,
    pub timing: Vec<Timing>,
}

/// One reporting category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// `charges`, `refunds`, …
    pub group: &'static str,
    /// Stripe's name; `foreign lines` is what others booked.
    pub category: String,
    pub count: usize,
    #[serde(serialize_with = "amount")]
    pub gross: Money,
    /// As Stripe's report has it: what was kept, positive.
    #[serde(serialize_with = "amount")]
    pub fees: Money,
    #[serde(serialize_with = "amount")]
    pub net: Money,
    /// What the entries dated in the period have on the balance account.
    #[serde(serialize_with = "amount")]
    pub books: Money,
}

/// The groups in the order of the report.
pub const GROUPS: [&str; 11] = [
    "charges",
    "refunds",
    "disputes",
    "fees",
    "tax",
    "conversion",
    "reserves",
    "transfers",
    "adjustments",
    "top-ups",
    "payouts",
];

/// The group of a reporting category. Source: Stripe's page "Reporting categories"; what it does not know is an
/// adjustment.
pub fn group(category: &str) -> &'static str {
    match category {
        "charge" | "charge_failure" | "partial_capture_reversal" | "unreconciled_customer_funds" => "charges",
        "refund" | "refund_failure" => "refunds",
        "dispute" | "dispute_reversal" => "disputes",
        "fee" | "network_cost" => "fees",
        "tax" => "tax",
        "payout" | "payout_reversal" => "payouts",
        "topup" | "topup_reversal" => "top-ups",
        "connect_collection_transfer"
        | "platform_earning"
        | "platform_earning_refund"
        | "transfer"
        | "transfer_reversal" => "transfers",
        other if other.contains("conversion") => "conversion",
        other if other.contains("reserve") || other.contains("minimum_balance") => "reserves",
        _ => "adjustments",
    }
}

/// The table of one currency. `section` is the same comparison at the period's last day.
pub fn period(sides: &Sides, section: &Section, days: &Days) -> Result<Period, SubUnitAmount> {
    let currency = section.currency;
    let money = |minor| Money::new(minor, currency);
    let within = |day: &str| day >= days.from.as_str() && day <= days.to.as_str();
    let mut lines: BTreeMap<String, Line> = BTreeMap::new();
    let (mut before, mut inside) = (0, 0);
    for transaction in payments(sides, currency) {
        let entry = sides.entries.get(&transaction.id);
        let day = entry.map(|e| e.intended.as_str()).unwrap_or_default();
        let line = || empty(&transaction.reporting_category, currency);
        if day < days.from.as_str() {
            before += transaction.net;
        } else if within(day) {
            let line = lines.entry(transaction.reporting_category.clone()).or_insert_with(line);
            line.count += 1;
            line.gross.minor += transaction.amount;
            line.fees.minor += transaction.fee;
            line.net.minor += transaction.net;
            inside += transaction.net;
        }
        let booked = entry.filter(|e| e.date.as_deref().is_some_and(within)).map_or(Ok(0), |e| held(e, currency))?;
        if booked != 0 {
            lines.entry(transaction.reporting_category.clone()).or_insert_with(line).books.minor += booked;
        }
    }
    let mut lines: Vec<Line> = lines.into_values().collect();
    let rank = |line: &Line| GROUPS.iter().position(|group| *group == line.group);
    lines.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.category.cmp(&b.category)));
    // What was booked in the period and is none of the movements: others' lines.
    let moved = moved(sides, currency)?;
    let ours: i64 = lines.iter().map(|line| line.books.minor).sum();
    if moved != ours {
        let foreign = Line { books: money(moved - ours), ..empty("foreign lines", currency) };
        lines.push(foreign);
    }
    let fees = fees::fees(sides, currency, |transaction| {
        sides.entries.get(&transaction.id).is_some_and(|entry| within(&entry.intended)).then(String::new)
    });
    let opening = section.opening + before;
    let timing = section.timing.iter().filter(|t| within(&t.day) || within(&t.entry.date)).cloned();
    Ok(Period {
        currency,
        opening: money(opening),
        books_opening: money(section.books() - moved),
        lines,
        closing: money(opening + inside),
        books_closing: money(section.books()),
        fees,
        timing: timing.collect(),
    })
}

fn payments<'a>(sides: &Sides<'a>, currency: Currency) -> impl Iterator<Item = &'a Transaction> {
    sides.transactions.iter().filter(move |t| t.currency == currency && t.balance_type() == PAYMENTS)
}

fn empty(category: &str, currency: Currency) -> Line {
    let zero = Money::new(0, currency);
    let (category, group) = (category.to_owned(), group(category));
    Line { group, category, count: 0, gross: zero, fees: zero, net: zero, books: zero }
}

/// On the balance account, when posted.
fn held(entry: &Entry, currency: Currency) -> Result<i64, SubUnitAmount> {
    let posted = entry.state.as_deref() == Some("posted");
    let sums = entry.sums.iter().filter(|sum| posted && sum.currency == currency);
    sums.map(|sum| minor(sum.amount, currency)).sum()
}

/// What was booked on the balance account in the period, but for the opening, which belongs before it.
fn moved(sides: &Sides, currency: Currency) -> Result<i64, SubUnitAmount> {
    let parts = sides.totals.parts.iter().filter(|part| part.sum.currency == currency);
    let ours = parts.filter(|part| part.whose == sides.account || part.whose == "foreign");
    ours.map(|part| minor(part.moved.amount, currency)).sum()
}
