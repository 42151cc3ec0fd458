//! What Stripe's events mean, and how Stripe is asked: over files shaped after API version 2026-10-28.endive and a
//! scripted network.

mod balance;
mod client;
mod disputes;
mod expected;
mod failures;
mod fetch;
mod instants;
mod map;
mod named;
mod payouts;
mod presence;
mod recover;
mod refunds;
#[path = "../common/schema.rs"]
mod schema;
mod script;
mod sim;
mod sim_books;
mod sums;
mod table;

use quittance::config::Matching;
use quittance::money::Money;
use quittance::movement::Movement;
use quittance::stripe::event::{self, Envelope};
use quittance::stripe::map::{Reading, Scope, read_event};
use serde_json::Value;

pub const ACCOUNT: &str = "acct_1Qa7Books";
pub const INTENT: &str = "pi_3Qa7Books0Invoice42";
pub const CHARGE: &str = "ch_3Qa7Books0Charge42";
pub const CUSTOMER: &str = "cus_Qa7AzureInterior";
pub const INVOICE: &str = "in_1Qa7BooksStripeInv";

/// An event's file under tests/fixtures/stripe/events.
pub fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/stripe/events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))).unwrap()
}

/// The object inside an event's file.
pub fn object(name: &str) -> Value {
    fixture(name)["data"]["object"].take()
}

pub fn matching() -> Matching {
    Matching {
        metadata: ["odoo_invoice_id", "invoice_id", "invoice", "invoice_number", "order_ref"]
            .map(String::from)
            .to_vec(),
        tolerance: "0".into(),
        former_databases: vec![],
        ignored_databases: vec![],
    }
}

pub fn envelope(event: &Value) -> Envelope {
    event::parse_event(event.to_string().as_bytes()).unwrap()
}

/// Reads a snapshot as the worker of events does.
pub fn reading(event: &Value) -> Reading {
    let (envelope, matching) = (envelope(event), matching());
    let scope = Scope::new(&envelope, ACCOUNT, &matching);
    read_event(&scope, Some(event.to_string().as_bytes())).unwrap()
}

/// A balance transaction's file under tests/fixtures/stripe/balance, its source expanded.
pub fn transaction(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/stripe/balance/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|e| panic!("{path}: {e}"))).unwrap()
}

/// What one event gives to book, in order.
pub fn movements(reading: Reading) -> Vec<Movement> {
    match reading {
        Reading::Movements(movements) => movements,
        other => panic!("no movements: {other:?}"),
    }
}

/// Their keys without the account's part.
pub fn keys(movements: &[Movement]) -> Vec<&str> {
    let prefix = format!("stripe:{ACCOUNT}:");
    movements.iter().map(|movement| movement.key.strip_prefix(&prefix).unwrap()).collect()
}

/// An amount in euros, by its cents.
pub fn eur(minor: i64) -> Money {
    Money::new(minor, "EUR".parse().unwrap())
}

/// Sets a member of an event's object.
pub fn with(mut event: Value, member: &str, value: impl Into<Value>) -> Value {
    event["data"]["object"][member] = value.into();
    event
}
