//! The simulator against itself: what its users rely on.

mod api;
mod balance;
mod cards;
mod customers;
mod deliveries;
mod disputes;
mod movements;
mod others;
mod page;
mod payouts;
mod refunds;
mod walk;

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

/// A PaymentIntent of 10.99 in a currency, as a server makes one.
pub fn intent(stripe: &mut Stripe, currency: &str, more: &str) -> Value {
    let body = format!("amount=1099&currency={currency}&automatic_payment_methods[enabled]=true{more}");
    let (status, made) = call(stripe, "POST", "/v1/payment_intents", &body);
    assert_eq!(status, 200, "{made}");
    made
}

/// What a page asks, with the publishable key as a parameter, as Stripe.js does.
pub fn from_page(stripe: &mut Stripe, method: &str, path: &str, form: &str) -> (u16, Value) {
    let form = format!("key=pk_test_sim&{form}");
    let (path, body) =
        if method == "GET" { (format!("{path}?{form}"), String::new()) } else { (path.to_owned(), form) };
    let request = Request::new(method, format!("https://api.stripe.com{path}"))
        .with("origin", "https://pay.example")
        .with("content-type", "application/x-www-form-urlencoded")
        .body(body.into_bytes());
    let response = ask(stripe, request);
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    (response.status, serde_json::from_slice(&response.body).unwrap())
}

/// Confirms an intent from a page.
pub fn confirm(stripe: &mut Stripe, intent: &Value, form: &str) -> (u16, Value) {
    let path = format!("/v1/payment_intents/{}/confirm", intent.text("id"));
    from_page(stripe, "POST", &path, &format!("client_secret={}&{form}", intent.text("client_secret")))
}

/// A card as the payment element sends it.
pub fn card(number: &str) -> String {
    format!(
        "payment_method_data[type]=card&payment_method_data[card][number]={number}\
         &payment_method_data[card][exp_month]=12&payment_method_data[card][exp_year]=34\
         &payment_method_data[card][cvc]=123"
    )
}
