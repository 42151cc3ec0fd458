//! Each movement of money at Stripe is in Odoo exactly once, with its amount, and Odoo has nothing else. Nothing of this asks
//! the ledger.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::Value;

use super::balance::{equal, role};
use super::{InvariantResult, Violation, rates, unless};
use crate::odoo::{EntryView, Odoo};
use crate::scenario::Scenario;
use crate::scenario::invoices::major;
use crate::stripe;

/// What happened at Stripe, and where it must stand.
struct Movement {
    /// `stripe:{account}:{object}:{transition}`
    key: String,
    /// Lower case.
    currency: String,
    /// What it puts on clearing, minor units of its currency.
    clearing: i64,
    /// The movement that takes it back, or that it takes back: a payment that had failed before anybody looked at its
    /// success is netted at Stripe, and neither of the two need be booked.
    with: Option<String>,
}

/// Transitions that book no money of their own; whether they are there is another's to say.
const TELLING: &[&str] = &["credit_note", "opened", "won", "lost", "reconciled", "billed", "cleared"];

/// Whoever the ledger calls booked has its key in Odoo, unless an operator has said that Odoo may have lost it and it is not
/// answered for yet.
pub fn the_ledger_tells_the_truth(scenario: &mut Scenario) -> InvariantResult {
    let new = "SELECT rowid AS at, key, doubt FROM postings WHERE rowid > ?1 ORDER BY rowid";
    if !scenario.world.db.query("SELECT 1 FROM restores WHERE ended IS NULL").is_empty() {
        return Ok(());
    }
    for row in scenario.world.db.about(new, &[scenario.looked.into()]) {
        if row.get("doubt").is_some_and(Value::is_i64) {
            break;
        }
        let key = row.get("key").and_then(Value::as_str).unwrap_or_default();
        if !scenario.world.odoo.borrow().has_key(key) {
            return Err(Violation::new("the ledger calls booked what is booked", format!("{key} is not in Odoo")));
        }
        rates::lines_valued(&scenario.world, key)?;
        scenario.looked = row.get("at").and_then(Value::as_i64).unwrap_or(scenario.looked);
    }
    Ok(())
}

/// The clock's own look at Stripe never calls true money unknown.
pub fn stripe_has_it(scenario: &Scenario) -> InvariantResult {
    let unknown = scenario.world.db.query("SELECT key FROM missing_transactions WHERE unknown IS NOT NULL");
    unless("Stripe has what is booked", (!unknown.is_empty()).then(|| format!("{unknown:?}")))
}

pub fn each_once(scenario: &Scenario) -> InvariantResult {
    let (documents, settled) = stripe_movements(scenario);
    let odoo = scenario.world.odoo.borrow();
    let keys: BTreeSet<String> = odoo.keys().into_iter().collect();
    let books = PostedEntries::read_entries(&odoo);
    let clearing = role(&scenario.world, 1, "clearing")?;
    let mut meant: BTreeSet<String> = BTreeSet::new();
    for movement in &documents {
        let key = movement.key.clone();
        if !keys.contains(&key) && movement.with.as_ref().is_some_and(|with| !keys.contains(with)) {
            continue;
        }
        if !keys.contains(&key) {
            return Err(Violation::new("real money is always booked", format!("{key} is not in Odoo")));
        }
        let undone = scenario.undone.iter().any(|(undone, _, _)| *undone == key);
        let stands = books.amount_on(&odoo, &key, clearing, &movement.currency);
        if !undone && stands != Some(major(movement.clearing, &movement.currency)) {
            let detail = format!("{key}: {stands:?} on clearing, {} happened", movement.clearing);
            return Err(Violation::new("each movement is booked with its amount", detail));
        }
        meant.insert(key);
    }
    for key in settled {
        unless("real money is always booked", (!keys.contains(&key)).then(|| format!("{key} is not in Odoo")))?;
        meant.insert(key);
    }
    // What happens to a dispute again has a number.
    let plain = |key: &str| key.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_').to_owned();
    let telling = |key: &str| TELLING.iter().any(|t| plain(key).ends_with(&format!(":{t}")));
    let more = keys.iter().find(|key| !meant.contains(*key) && !telling(key));
    unless("nothing is booked that did not happen", more.cloned())?;
    let payments = odoo.payments().iter().filter(|p| p.memo.starts_with("pi_") || p.memo.starts_with("ch_")).count();
    let most = documents.len();
    unless(
        "each movement is posted once",
        (payments > most).then(|| format!("{payments} payments of {most} movements")),
    )
}

/// At rest all that happened at Stripe has settled: nothing is in flight but what the clerk undid, and debits that are on
/// Stripe's balance before they have paid.
pub fn clearing_is_in_flight(scenario: &Scenario) -> InvariantResult {
    let odoo = scenario.world.odoo.borrow();
    let clearing = role(&scenario.world, 1, "clearing")?;
    let mut meant: BTreeMap<&str, Decimal> = ["USD", "EUR", "GBP"].map(|c| (c, Decimal::ZERO)).into();
    for (_, currency, minor) in &scenario.undone {
        if let Some(sum) = meant.get_mut(currency.as_str()) {
            *sum -= major(*minor, currency);
        }
    }
    for charge in scenario.world.stripe.borrow().everywhere("charge") {
        let begun = charge["status"] == "pending" && charge["balance_transaction"].is_string();
        let currency = text(charge, "currency").to_uppercase();
        if let (true, Some(sum)) = (begun, meant.get_mut(currency.as_str())) {
            *sum -= major(int(charge, "amount"), &currency);
        }
    }
    for (currency, minor) in super::accounts::unpresented(scenario) {
        if let Some(sum) = meant.get_mut(currency.as_str()) {
            *sum += major(minor, &currency);
        }
    }
    for (currency, meant) in meant {
        let told = || format!("{:#?}", odoo.told(clearing));
        equal("clearing is what is in flight", currency, odoo.balance_of(clearing, currency).0, meant, told)?;
    }
    Ok(())
}

/// Everything that moved money: documents, and keys of balance transactions.
fn stripe_movements(scenario: &Scenario) -> (Vec<Movement>, Vec<String>) {
    let stripe = scenario.world.stripe.borrow();
    let mut all = (Vec::new(), Vec::new());
    for place in stripe.places() {
        let Some(books) = stripe.books(&place) else { continue };
        let prefix = format!("stripe:{}:", place.account);
        all.0.extend(documents(&stripe, books, &prefix));
        let payments = books.rows("balance_transaction").iter().filter(|txn| txn["balance_type"] == "payments");
        all.1.extend(payments.map(|txn| format!("{prefix}{}:settled", text(txn, "id"))));
    }
    all
}

/// What of one account has a document.
fn documents(stripe: &stripe::Stripe, books: &stripe::books::Books, prefix: &str) -> Vec<Movement> {
    let mut all = Vec::new();
    let add = |all: &mut Vec<Movement>, row: &Value, object: &str, transition: &str, clearing: i64| {
        let currency = text(row, "currency").to_owned();
        all.push(Movement { key: format!("{prefix}{object}:{transition}"), currency, clearing, with: None });
    };
    for charge in books.rows("charge") {
        let (id, captured) = (text(charge, "id"), int(charge, "amount_captured"));
        let payment = charge["payment_intent"].as_str().unwrap_or(id);
        // A debit that failed before it had paid came to the balance and went again, without a document.
        let paid = |event: &Value| event["type"] == "charge.succeeded" && event["data"]["object"]["id"] == charge["id"];
        let failed = !charge["failure_balance_transaction"].is_null() && books.rows("event").iter().any(paid);
        if captured > 0 && (charge["status"] == "succeeded" || failed) {
            add(&mut all, charge, payment, "succeeded", captured);
        }
        if failed {
            if let Some(paid) = all.last_mut() {
                paid.with = Some(format!("{prefix}{payment}:reversed"));
            }
            add(&mut all, charge, payment, "reversed", -captured);
            if let Some(back) = all.last_mut() {
                back.with = Some(format!("{prefix}{payment}:succeeded"));
            }
        }
    }
    // What an authorization held beyond its capture never was the merchant's: it goes back without a document.
    let released = |refund: &&Value| {
        let txn = books.get("balance_transaction", text(refund, "balance_transaction"));
        txn.is_some_and(|txn| text(txn, "reporting_category") == "partial_capture_reversal")
    };
    for refund in books.rows("refund").iter().filter(|refund| !released(refund)) {
        if !refund["balance_transaction"].is_null() {
            add(&mut all, refund, text(refund, "id"), "succeeded", -int(refund, "amount"));
        }
        if refund["failure_balance_transaction"].is_string() {
            add(&mut all, refund, text(refund, "id"), "failed", int(refund, "amount"));
        }
    }
    for dispute in books.rows("dispute") {
        for txn in dispute["balance_transactions"].as_array().into_iter().flatten() {
            // Of a part that was exchanged nobody can tell the size: it has no document, and stands on suspense.
            let moved = stripe.contested(text(txn, "id")).filter(|m| m.minor != 0);
            let Some(moved) = moved.filter(|m| m.certain) else { continue };
            let transition = if moved.minor < 0 { "withdrawn" } else { "reinstated" };
            add(&mut all, dispute, text(txn, "id"), transition, moved.minor);
        }
    }
    all
}

/// Posted entries by their id and by their payment.
struct PostedEntries {
    entries: BTreeMap<i64, EntryView>,
    payments: BTreeMap<i64, i64>,
}

impl PostedEntries {
    fn read_entries(odoo: &Odoo) -> Self {
        let entries: BTreeMap<i64, EntryView> = odoo.entries().into_iter().map(|e| (e.id, e)).collect();
        let payments = entries.values().filter_map(|e| Some((e.payment?, e.id))).collect();
        Self { entries, payments }
    }

    /// What the posted record of a key has on an account.
    fn amount_on(&self, odoo: &Odoo, key: &str, account: i64, currency: &str) -> Option<Decimal> {
        let (model, id) = odoo.quittance(&format!("{key}__record"))?;
        let id = if model == "account.payment" { self.payments.get(&id)? } else { &id };
        let entry = self.entries.get(id).filter(|entry| entry.state == "posted")?;
        let currency = currency.to_uppercase();
        let lines = entry.lines.iter().filter(|l| l.account == account && l.currency == currency);
        Some(lines.map(|l| l.amount).sum::<Decimal>().normalize())
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn int(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap_or_default()
}
