//! The simulator against itself: what its users rely on.

mod api;
mod deliveries;
mod movements;

use quittance::http::{Request, Response};
use serde_json::Value;

use super::books::Place;
use super::object::Fields;
use super::{Settings, Stripe};
use crate::{Clock, Party, Reply};

/// 21 November 2026, 19:00 UTC.
pub const START_MS: i64 = 1_795_287_600_000;
pub const SECRET: &str = "whsec_sim_test";

/// A Stripe with one endpoint, and its clock.
pub fn listening(seed: u64) -> (Stripe, Clock) {
    let clock = Clock::at(START_MS);
    let mut stripe = Stripe::new(Settings { seed, ..Settings::default() }, clock.clone());
    stripe.listen("https://quittance.example/webhooks/stripe", &[SECRET], false, false);
    (stripe, clock)
}

/// Lets time pass until nothing is due, answering every delivery with 200.
pub fn run_out(stripe: &mut Stripe, clock: &Clock) -> Vec<Request> {
    let mut delivered = Vec::new();
    loop {
        for outgoing in stripe.outgoing() {
            stripe.answered(outgoing.id, Some(200));
            delivered.push(outgoing.request);
        }
        match stripe.next_due() {
            Some(due) => clock.advance_to(due),
            None => return delivered,
        }
    }
}

/// Types of all events so far, oldest first.
pub fn types(stripe: &Stripe) -> Vec<String> {
    types_at(stripe, &stripe.home())
}

pub fn types_at(stripe: &Stripe, place: &Place) -> Vec<String> {
    let rows = stripe.books(place).map_or(&[][..], |books| books.rows("event"));
    rows.iter().map(|event| event.text("type").to_owned()).collect()
}

pub fn call(stripe: &mut Stripe, method: &str, path: &str, body: &str) -> (u16, Value) {
    let response = ask(stripe, request(method, path, body));
    (response.status, serde_json::from_slice(&response.body).unwrap())
}

pub fn request(method: &str, path: &str, body: &str) -> Request {
    Request::new(method, format!("https://api.stripe.com{path}"))
        .with("authorization", "Bearer sk_test_sim")
        .body(body.as_bytes())
}

pub fn ask(stripe: &mut Stripe, request: Request) -> Response {
    match stripe.handle(&request) {
        Reply::Answer { response, .. } => response,
        Reply::Dropped => panic!("dropped"),
    }
}
