//! What these tests do as a payer, and what they look at.

use quittance::http::{Request, Response};
use quittance_sim::Party;
use quittance_sim::odoo::{Invoice, Version};
use quittance_sim::world::{STRIPE, WORKER, World};
use serde_json::{Value, json};

/// A world with one invoice of 100 USD and its token.
pub struct PayPage {
    pub world: World,
    pub invoice: i64,
    pub token: String,
}

impl PayPage {
    pub fn new() -> Self {
        Self::of(Version::V18, &Invoice { email: "ada@example.com", lang: "fr_FR", ..Invoice::of("100.00", "USD") })
    }

    pub fn of(version: Version, invoice: &Invoice<'_>) -> Self {
        Self::in_world(World::new(1, version), invoice)
    }

    pub fn in_world(world: World, invoice: &Invoice<'_>) -> Self {
        let id = world.odoo.borrow_mut().invoice(invoice);
        let token = world.odoo.borrow_mut().token(id);
        Self { world, invoice: id, token }
    }

    /// Asks to pay; the status and the answer.
    pub fn ask(&self, more: Value) -> (u16, Value) {
        let response = self.asked(more).expect("the Worker lives");
        (response.status, body(&response))
    }

    pub fn asked(&self, more: Value) -> Option<Response> {
        self.world.request(&self.request(more))
    }

    pub fn request(&self, more: Value) -> Request {
        let mut asked = json!({"invoice": self.invoice, "access_token": self.token});
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Request::new("POST", format!("{WORKER}/api/payment-intents")).body(asked.to_string())
    }

    /// Whether Odoo takes money in a currency that is not the company's own: receipts in one that is not active are parked.
    pub fn currency_is_active(&self, name: &str, active: bool) {
        let mut odoo = self.world.odoo.borrow_mut();
        let id =
            (1..50).find(|id| odoo.field_value("res.currency", *id, "name") == name).expect("Odoo knows the currency");
        odoo.poke("res.currency", id, "active", json!(active));
    }

    /// Asks and must be given a PaymentIntent to pay; its id.
    pub fn open(&self) -> String {
        let (status, answer) = self.ask(json!({}));
        assert_eq!((status, &answer["state"]), (200, &json!("open")), "{answer}");
        answer["payment"]["id"].as_str().unwrap().to_owned()
    }

    /// Asks and must be told of a state in which nothing can be paid.
    pub fn told(&self) -> String {
        let (status, answer) = self.ask(json!({}));
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["payment"]["client_secret"], Value::Null, "{answer}");
        answer["state"].as_str().unwrap().to_owned()
    }

    /// What the ledger says.
    pub fn status(&self) -> (u16, Value) {
        let request = Request::new("GET", format!("{WORKER}/api/invoices/{}/payment", self.invoice))
            .with("x-access-token", self.token.as_str());
        let response = self.world.request(&request).unwrap();
        (response.status, body(&response))
    }

    /// The payer's browser confirms with a test payment method; gives Stripe's status.
    pub fn confirm(&self, payment: &str, method: &str) -> u16 {
        self.stripe("POST", &format!("/v1/payment_intents/{payment}/confirm"), &format!("payment_method={method}")).0
    }

    pub fn stripe(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let request =
            Request::new(method, format!("{STRIPE}{path}")).with("authorization", "Bearer sk_test_sim").body(body);
        let reply = self.world.stripe.borrow_mut().handle(&request);
        let response = reply.within(60_000).unwrap();
        (response.status, serde_json::from_slice(&response.body).unwrap_or_default())
    }

    pub fn retrieve(&self, payment: &str) -> Value {
        self.stripe("GET", &format!("/v1/payment_intents/{payment}"), "").1
    }

    /// All PaymentIntents at Stripe, `status amount`, oldest first.
    pub fn intents(&self) -> Vec<String> {
        let stripe = self.world.stripe.borrow();
        let place = stripe.home();
        let rows = stripe.books(&place).map_or(&[][..], |books| books.rows("payment_intent"));
        rows.iter().map(|i| format!("{} {}", i["status"].as_str().unwrap(), i["amount"])).collect()
    }

    /// Customers at Stripe, `name email`.
    pub fn customers(&self) -> Vec<String> {
        let stripe = self.world.stripe.borrow();
        let place = stripe.home();
        let rows = stripe.books(&place).map_or(&[][..], |books| books.rows("customer"));
        let there = rows.iter().filter(|c| c["deleted"] != true);
        there.map(|c| format!("{} {}", c["name"].as_str().unwrap_or(""), c["email"].as_str().unwrap_or("-"))).collect()
    }

    /// Succeeded charges: what the payer was charged.
    pub fn charged(&self) -> i64 {
        let stripe = self.world.stripe.borrow();
        let place = stripe.home();
        let rows = stripe.books(&place).map_or(&[][..], |books| books.rows("charge"));
        rows.iter().filter(|c| c["status"] == "succeeded").filter_map(|c| c["amount_captured"].as_i64()).sum()
    }

    /// Requests that Stripe saw, `POST /v1/payment_intents`, since so many.
    pub fn seen_since(&self, first: usize) -> Vec<String> {
        self.world.stripe.borrow().seen.iter().skip(first).map(|s| format!("{} {}", s.method, s.path)).collect()
    }

    pub fn seen(&self) -> usize {
        self.world.stripe.borrow().seen.len()
    }

    /// Everything due for two minutes: webhooks, the queue, crons.
    pub fn settle(&mut self) {
        self.world.pass(120);
    }

    pub fn residual(&self) -> String {
        crate::common::residual(&self.world, self.invoice)
    }
}

pub fn body(response: &Response) -> Value {
    serde_json::from_slice(&response.body).unwrap_or_default()
}

pub fn code(answer: &Value) -> &str {
    answer["error"]["code"].as_str().unwrap_or("")
}
