//! What several scenarios need: an invoice, a payer, and a look at the books.
#![allow(dead_code, reason = "each test file uses its part")]

use quittance_sim::odoo::{Invoice, Version};
use quittance_sim::stripe::merchant::{Paid, Pay};
use quittance_sim::world::World;
use serde_json::{Map, Value};

pub const VERSIONS: [Version; 3] = [Version::V17, Version::V18, Version::V19];

/// Metadata as the product's own PaymentIntents carry it.
pub fn ours(world: &World, invoice: i64) -> Vec<(&'static str, String)> {
    vec![
        ("odoo_db", quittance_sim::odoo::DATABASE.to_owned()),
        ("odoo_model", "account.move".to_owned()),
        ("odoo_id", invoice.to_string()),
        ("odoo_ref", world.odoo.borrow().number(invoice)),
    ]
}

pub fn invoice(world: &World, amount: &str, currency: &str) -> i64 {
    world.odoo.borrow_mut().invoice(&Invoice::of(amount, currency))
}

/// A card payment with metadata.
pub fn with(amount: i64, currency: &str, metadata: Vec<(&str, String)>) -> Pay {
    let metadata = metadata.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Pay { metadata, ..Pay::card(amount, currency) }
}

pub fn pay(world: &World, pay: &Pay) -> Paid {
    world.stripe.borrow_mut().pay(pay).unwrap_or_else(|e| panic!("{e:?}"))
}

/// Somebody pays an invoice through the product's own PaymentIntent.
pub fn pay_invoice(world: &World, id: i64, amount: i64, currency: &str) -> Paid {
    pay(world, &with(amount, currency, ours(world, id)))
}

/// Payments in the books, as `amount currency → invoices`.
pub fn booked(world: &World) -> Vec<String> {
    let odoo = world.odoo.borrow();
    odoo.payments().iter().map(|p| format!("{} {} → {:?}", p.amount.normalize(), p.currency, p.invoices)).collect()
}

pub fn residual(world: &World, invoice: i64) -> String {
    world.odoo.borrow().residual(invoice).normalize().to_string()
}

/// The one posting of a payment's receipt.
pub fn posting(world: &World, payment: &str) -> Map<String, Value> {
    let rows =
        world.db.query(&format!("SELECT * FROM postings WHERE payment = '{payment}' AND key LIKE '%:succeeded'"));
    assert_eq!(rows.len(), 1, "postings of {payment}: {rows:#?}");
    rows.into_iter().next().unwrap_or_default()
}

/// Events by type with state and code, `payment_intent.succeeded done`.
pub fn events(world: &World) -> Vec<String> {
    let rows =
        world.db.query("SELECT type || ' ' || state || coalesce(' ' || code, '') AS e FROM inbox ORDER BY created, id");
    let mut all: Vec<String> = rows.iter().filter_map(|r| r["e"].as_str().map(str::to_owned)).collect();
    all.sort();
    all
}

/// Flags of the bookings, in the log's order.
pub fn flags(world: &World) -> Vec<String> {
    world
        .logged("booked")
        .iter()
        .flat_map(|l| l.fields["flags"].as_array().cloned().unwrap_or_default())
        .filter_map(|f| f.as_str().map(str::to_owned))
        .collect()
}

pub fn post(world: &World, id: &str, object: serde_json::Value) {
    let now = quittance::ports::Clock::now(&world.clock);
    let body = serde_json::json!({"id": id, "object": "event", "type": "payment_intent.succeeded", "livemode": false,
        "created": now, "api_version": "2026-10-28.endive", "data": {"object": object}})
    .to_string();
    send(world, &body);
}

/// Signs a body as the endpoint would that delivers it, and posts it.
pub fn send(world: &World, body: &str) {
    let now = quittance::ports::Clock::now(&world.clock);
    let event: Value = serde_json::from_str(body).unwrap_or_default();
    let connected = !event["account"].is_null() || !event["context"].is_null();
    let own = quittance_sim::world::SECRET;
    let secret = if connected { quittance_sim::world::connect_secret(own) } else { own.to_owned() };
    let secret = quittance::config::Secret::new(secret);
    let request = quittance::http::Request::new("POST", format!("{}/webhooks/stripe", quittance_sim::world::WORKER))
        .with("stripe-signature", quittance::stripe::signature::sign(body.as_bytes(), &secret, now))
        .body(body);
    assert_eq!(world.request(&request).map(|r| r.status), Some(200));
}

/// The futures of these tests never wait: everybody answers at once.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    match std::pin::pin!(future).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("a test waits for nothing"),
    }
}
