//! The answer to a payer's page, whatever state it is in.

use serde_json::{Value, json};

use super::context::PayContext;
use super::offer::Offer;
use super::view;
use crate::ledger::intents::Attempt;
use crate::money::Money;
use crate::stripe::payment_intents::Intent;

/// The answer's frame.
pub struct PageAnswer<'a> {
    pub context: &'a PayContext<'a>,
    pub shown: &'a Value,
    pub offer: Option<&'a Offer>,
}

impl PageAnswer<'_> {
    /// A state that the ledger knows.
    pub fn of_ledger(&self, state: &str, attempt: Option<&Attempt>) -> Value {
        let payment = attempt.map(|attempt| {
            let money = attempt.currency.parse().ok().map(|currency| view::money(Money::new(attempt.minor, currency)));
            let booked = attempt.posting.as_ref().filter(|p| p.outcome != "gone").map(|p| json!({ "name": p.name }));
            json!({ "id": attempt.payment, "money": money, "booked": booked })
        });
        self.answer(state, payment)
    }

    /// A state that Stripe has just told.
    pub fn of_stripe(&self, state: &str, intent: &Intent, secret: Option<&str>, session: Option<String>) -> Value {
        let key = secret.map(|_| &self.context.pay.publishable_key);
        self.answer(
            state,
            Some(json!({ "id": intent.id, "money": view::money(intent.money), "client_secret": secret,
                "customer_session": session, "publishable_key": key, "booked": null })),
        )
    }

    fn answer(&self, state: &str, payment: Option<Value>) -> Value {
        let offered = self.offer.filter(|offer| offer.residual.minor > 0);
        let least = offered.and_then(|offer| offer.least).map(|least| json!({ "least": view::money(least) }));
        json!({
            "state": state, "invoice": self.shown, "payment": payment, "partial": least,
            "amounts": offered.map_or_else(|| json!([]), view::amounts),
            "simulated": self.context.delivery.stripe.simulated(),
        })
    }
}
