//! Payers: nobody is asked twice for the same money, no amount changes under a page, and what was paid for an invoice is
//! on it.

use std::collections::BTreeSet;

use quittance::movement::NOT_FINAL;
use quittance::stripe::payment_intents::ATTEMPT;
use rust_decimal::Decimal;
use serde_json::Value;

use super::{InvariantResult, Violation};
use crate::scenario::Scenario;
use crate::scenario::invoices::major;

/// Four a second, some of whose deliveries and hints are late: several times what the brake takes when none is.
pub const DECLINES_MAX: usize = 24;

/// The page may be paid: with what other PaymentIntents of its invoice took, or are taking, that is not too much. One that
/// another request has canceled meanwhile takes nothing.
pub fn may_be_paid(scenario: &Scenario, at: usize, payment: &str, minor: i64) -> InvariantResult {
    let Some(invoice) = scenario.invoices.get(at) else { return Ok(()) };
    let stands = intent(scenario, payment);
    if stands["amount"] != minor || stands["currency"] != invoice.currency.to_lowercase() {
        let detail = format!("{payment} of {} {}, the page shows {minor}", stands["amount"], stands["currency"]);
        return Err(Violation::new("the page shows what is asked for", detail));
    }
    if stands["status"] == "canceled" {
        return Ok(());
    }
    let others = scenario.tabs.iter().filter(|tab| tab.invoice == at && tab.payment != payment).map(|tab| &tab.payment);
    let others: BTreeSet<&String> = others.collect();
    let late = |id: &str| scenario.payments.iter().any(|p| p.id == id && p.failed_late);
    let (mut taken, mut told) = (0, String::new());
    for other in others.into_iter().filter(|id| !late(id)) {
        let other = intent(scenario, other);
        told += &format!(" {} {} {}", other["id"], other["status"], other["amount"]);
        taken += match other["status"].as_str() {
            Some("succeeded") => other["amount_received"].as_i64().unwrap_or_default(),
            Some("processing" | "requires_capture") => other["amount"].as_i64().unwrap_or_default(),
            // One that may still be paid beside this one.
            Some("requires_payment_method" | "requires_action") => other["amount"].as_i64().unwrap_or_default(),
            _ => 0,
        };
    }
    if !invoice.touched && taken + minor > invoice.total && !over_paid_and_due_again(scenario, at) {
        let (id, total) = (invoice.id, invoice.total);
        let detail =
            format!("{payment} asks for {minor} of invoice {id} of {total}; {taken} is taken or asked for:{told}");
        return Err(Violation::new("nobody is asked twice for the same money", detail));
    }
    Ok(())
}

/// A debit failed after all on an invoice for which somebody had paid too much: that money is free credit, flagged, and people
/// give it to the invoice.
fn over_paid_and_due_again(scenario: &Scenario, at: usize) -> bool {
    let paid: Vec<_> = scenario.payments.iter().filter(|p| p.invoice == Some(at)).collect();
    let ids: Vec<_> = paid.iter().map(|p| p.id.as_str()).collect();
    paid.iter().any(|p| p.failed_late) && (has_flag(scenario, "over", &ids) || has_flag(scenario, "unallocated", &ids))
}

/// What a connected account's owner writes chooses none of our invoices; people may give one its money by hand.
pub fn connected_accounts_pay_none(scenario: &Scenario) -> InvariantResult {
    let stripe = scenario.world.stripe.borrow();
    let places = stripe.places();
    let others = places.iter().filter(|place| place.account != stripe.settings.account);
    let rows = |name| others.clone().filter_map(|place| stripe.books(place)).flat_map(move |books| books.rows(name));
    let ids = rows("payment_intent").chain(rows("charge")).filter_map(|row| row["id"].as_str());
    let ids: BTreeSet<&str> = ids.collect();
    let untouched = |id: &i64| scenario.invoices.iter().any(|invoice| invoice.id == *id && !invoice.touched);
    for payment in scenario.world.odoo.borrow().payments() {
        let theirs = payment.memo.split(' ').next().is_some_and(|id| ids.contains(id));
        if theirs && payment.invoices.iter().any(untouched) {
            let detail = format!("{} is on {:?}", payment.memo, payment.invoices);
            return Err(Violation::new("receipts of connected accounts are on no invoice", detail));
        }
    }
    Ok(())
}

/// In a calm scenario only what a payment needs may keep a payer from it, and nothing that it needs fails.
pub fn nothing_needless_stops_it(calm: bool, answer: &Value) -> InvariantResult {
    match answer["error"]["code"].as_str() {
        Some(code @ "pay_unavailable") if calm => Err(Violation::new("what a payment can do without stops none", code)),
        _ => Ok(()),
    }
}

/// Whoever tries card after card is stopped, unless the declines themselves are held up.
pub fn declines_are_braked(calm: bool, payment: &str, declines: usize) -> InvariantResult {
    if calm && declines > DECLINES_MAX {
        return Err(Violation::new("declines are braked", format!("{payment} met {declines} declines")));
    }
    Ok(())
}

/// Never more than is open in Odoo, before the request or after it.
pub fn asks_for_what_is_open(minor: i64, open: i64) -> InvariantResult {
    if minor <= open {
        return Ok(());
    }
    Err(Violation::new("the page asks for what is open", format!("{minor} is asked for, {open} is open")))
}

/// Stripe has one PaymentIntent for one attempt, whatever answers were lost.
pub fn one_intent_each(scenario: &Scenario) -> InvariantResult {
    let stripe = scenario.world.stripe.borrow();
    let mut seen = BTreeSet::new();
    for intent in stripe.everywhere("payment_intent") {
        if let Some(attempt) = intent["metadata"][ATTEMPT].as_str()
            && !seen.insert(attempt)
        {
            let detail = format!("{} is another PaymentIntent of attempt {attempt}", intent["id"]);
            return Err(Violation::new("one PaymentIntent an attempt", detail));
        }
    }
    Ok(())
}

/// A PaymentIntent that a page has keeps its amount.
pub fn amount_stands(scenario: &Scenario, payment: &str, shown: i64) -> InvariantResult {
    let stands = intent(scenario, payment);
    if stands["amount"] == shown {
        return Ok(());
    }
    let detail = format!("{payment} is of {} now, its page shows {shown}", stands["amount"]);
    Err(Violation::new("no amount changes under a page", detail))
}

/// What was paid for an invoice that nobody in Odoo touched is on it, and nothing else.
pub fn invoices(scenario: &Scenario) -> InvariantResult {
    let odoo = scenario.world.odoo.borrow();
    for (at, invoice) in scenario.invoices.iter().enumerate().filter(|(_, invoice)| !invoice.touched) {
        let paid: Vec<_> = scenario.payments.iter().filter(|p| p.invoice == Some(at)).collect();
        let received = |id: &str| intent(scenario, id)["amount_received"].as_i64().unwrap_or_default();
        let sum: i64 = paid.iter().map(|p| received(&p.id)).sum();
        let late = paid.iter().any(|p| p.failed_late);
        // Booked without its invoice, since its payment was not final for a day.
        if late || has_flag(scenario, NOT_FINAL, &paid.iter().map(|p| p.id.as_str()).collect::<Vec<_>>()) {
            continue;
        }
        let meant = major((invoice.total - sum).max(0), invoice.currency);
        let open: Decimal = odoo.residual(invoice.id).normalize();
        if open != meant {
            let detail = format!("invoice {}: {open} is open, {meant} should be; {sum} was paid", invoice.id);
            return Err(Violation::new("what was paid for an invoice is on it", detail));
        }
    }
    Ok(())
}

/// Whether one of these payments was booked with a flag.
fn has_flag(scenario: &Scenario, flag: &str, payments: &[&str]) -> bool {
    let having = "SELECT payment FROM postings WHERE EXISTS (SELECT 1 FROM json_each(flags) WHERE value = ?1)";
    let rows = scenario.world.db.about(having, &[flag.into()]);
    rows.iter().any(|row| row.get("payment").and_then(Value::as_str).is_some_and(|p| payments.contains(&p)))
}

fn intent(scenario: &Scenario, payment: &str) -> Value {
    let stripe = scenario.world.stripe.borrow();
    let mut books = stripe.places().into_iter().filter_map(|place| stripe.books(&place));
    books.find_map(|books| books.get("payment_intent", payment)).cloned().unwrap_or_default()
}
