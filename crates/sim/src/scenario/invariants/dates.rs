//! Dates: a movement has the day of its instant at Stripe, in the company's zone, whatever led to it. The instants are
//! Stripe's own, read from its objects and events; nothing of this asks how the product finds them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{InvariantResult, Violation};
use crate::scenario::Scenario;
use crate::stripe::books::Books;
use crate::world::World;

const LAW: &str = "a movement has the day of its instant";

/// By key what may be the instant of a movement, seconds since 1970 UTC: of a payment that succeeded twice either.
pub type Instants = BTreeMap<String, Vec<i64>>;

/// The instants of all that moved at Stripe.
pub fn instants(world: &World) -> Instants {
    let stripe = world.stripe.borrow();
    let mut all = Instants::new();
    for place in stripe.places() {
        if let Some(books) = stripe.books(&place) {
            let prefix = format!("stripe:{}:", place.account);
            let mut add = |object: &str, transition: &str, at: &Value| {
                if let Some(at) = at.as_i64() {
                    all.entry(format!("{prefix}{object}:{transition}")).or_default().push(at);
                }
            };
            by_events(books, &mut add);
            by_objects(books, &mut add);
        }
    }
    all
}

type Add<'a> = dyn FnMut(&str, &str, &Value) + 'a;

fn by_events(books: &Books, add: &mut Add<'_>) {
    for event in books.rows("event") {
        let (object, at) = (&event["data"]["object"], &event["created"]);
        let id = text(object, "id");
        match (text(event, "type"), text(object, "status")) {
            ("payment_intent.succeeded", _) => add(id, "succeeded", at),
            ("charge.succeeded", _) if object["payment_intent"].is_null() && object["captured"] == true => {
                add(id, "succeeded", at);
            }
            ("charge.captured", _) if object["payment_intent"].is_null() => add(id, "succeeded", at),
            ("charge.dispute.closed", "won" | "warning_closed") => add(id, "won", at),
            ("charge.dispute.closed", "lost") => add(id, "lost", at),
            _ => {}
        }
    }
}

fn by_objects(books: &Books, add: &mut Add<'_>) {
    let entered = |object: &Value, field: &str| {
        books.get("balance_transaction", text(object, field)).map(|txn| txn["created"].clone()).unwrap_or_default()
    };
    for charge in books.rows("charge") {
        let payment = charge["payment_intent"].as_str().unwrap_or(text(charge, "id"));
        add(payment, "reversed", &entered(charge, "failure_balance_transaction"));
    }
    for refund in books.rows("refund") {
        let left = entered(refund, "balance_transaction");
        add(text(refund, "id"), "succeeded", &left);
        add(text(refund, "id"), "credit_note", &left);
        add(text(refund, "id"), "failed", &entered(refund, "failure_balance_transaction"));
    }
    for dispute in books.rows("dispute") {
        add(text(dispute, "id"), "opened", &dispute["created"]);
        for moved in dispute["balance_transactions"].as_array().into_iter().flatten() {
            let taken = moved["amount"].as_i64().is_some_and(|amount| amount < 0);
            add(text(moved, "id"), if taken { "withdrawn" } else { "reinstated" }, &moved["created"]);
        }
    }
    for payout in books.rows("payout") {
        add(text(payout, "id"), "reconciled", &payout["created"]);
    }
    for txn in books.rows("balance_transaction") {
        add(text(txn, "id"), "settled", &txn["created"]);
    }
}

/// What the ledger meant is the day of the instant, and Odoo has it on that day; on a later one only where the books were
/// locked. What never became final at Stripe has no instant.
pub(in crate::scenario) fn days(scenario: &Scenario) -> InvariantResult {
    let instants = instants(&scenario.world);
    let odoo = scenario.world.odoo.borrow();
    let rows =
        scenario.world.db.query("SELECT key, kind, occurred, intended, date FROM postings WHERE outcome <> 'gone'");
    for row in rows {
        let named = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
        let Some(at) = instants.get(named("key")) else { continue };
        let day = |at: &i64| odoo.day_of(1, *at);
        let meant: Vec<String> = at.iter().filter_map(day).collect();
        let (intended, date) = (named("intended").to_owned(), named("date").to_owned());
        let broken = || Err(Violation::new(LAW, format!("{row:?}: it happened on {meant:?}, {at:?}")));
        if !intended.is_empty() && !meant.contains(&intended) {
            return broken();
        }
        let moved = scenario.done.contains_key("lock") && date > intended;
        // A note has the date of what it is about; so has a loss of which nothing was withdrawn, or that was won since.
        let notes = ["credited", "dispute_opened", "dispute_won", "dispute_lost", "payout_reconciled"];
        let entry = !notes.contains(&named("kind"));
        if entry && !date.is_empty() && !meant.contains(&date) && !moved {
            return broken();
        }
    }
    Ok(())
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
