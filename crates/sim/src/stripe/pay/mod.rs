//! What becomes of a PaymentIntent: the state machine, with the events in the order Stripe sends them.

mod debit;
mod settle;

use serde_json::{Value, json};

use super::Stripe;
use super::api::ApiError;
use super::books::Scope;
use super::method::{Method, error_code};
use super::object::Fields;
use super::objects::charge;

const PI: &str = "payment_intent";

impl Stripe {
    /// Tries to pay an intent. A declined card leaves it `requires_payment_method` and is Stripe's 402.
    pub(super) fn attempt(&mut self, scope: &Scope, id: &str, method: &Method) -> Result<(), ApiError> {
        if self.get(scope, PI, id).is_some_and(|intent| intent["payment_method"].is_null()) {
            let paid_with = self.id("pm_1", 23);
            self.methods.insert(paid_with.clone(), method.clone());
            self.change(scope, PI, id, json!({"payment_method": paid_with}));
        }
        match method {
            Method::Card => self.pass(scope, id, method.kind()),
            Method::Declined(decline) => return Err(self.decline(scope, id, decline)),
            Method::ThreeDs => {
                let action = json!({"type": "use_stripe_sdk", "use_stripe_sdk": {
                    "type": "three_d_secure_redirect", "stripe_js": "https://hooks.stripe.com/3d_secure_2/sim",
                }});
                let fields = json!({"status": "requires_action", "next_action": action});
                let intent = self.change(scope, PI, id, fields).object;
                self.emit(scope, "payment_intent.requires_action", &intent, None);
            }
            Method::Delayed => self.process(scope, id, method.kind(), None),
            Method::DelayedFails(code) => self.process(scope, id, method.kind(), Some(code.clone())),
        }
        Ok(())
    }

    /// The issuer says yes: an authorization when captured by hand, else the money.
    pub(super) fn pass(&mut self, scope: &Scope, id: &str, kind: &str) {
        let Some(intent) = self.get(scope, PI, id).cloned() else { return };
        let manual = intent.text("capture_method") == "manual";
        let mut charge = self.charge_of(scope, &intent, kind);
        if manual {
            charge.put("captured", false);
            charge.put("amount_captured", 0);
        }
        let charge_id = charge.text("id").to_owned();
        self.books_mut(&scope.place).put(charge);
        if !manual {
            self.book(scope, &charge_id);
        }
        let charge = self.get(scope, "charge", &charge_id).cloned().unwrap_or_default();
        self.emit(scope, "charge.succeeded", &charge, None);
        if manual {
            let fields = json!({
                "status": "requires_capture", "amount_capturable": intent["amount"], "latest_charge": charge_id,
                "next_action": null,
            });
            let intent = self.change(scope, PI, id, fields).object;
            self.emit(scope, "payment_intent.amount_capturable_updated", &intent, None);
        } else {
            self.succeed(scope, id, &charge_id, intent.int("amount"));
        }
    }

    /// A card is refused: the charge of the attempt stays, failed.
    fn decline(&mut self, scope: &Scope, id: &str, decline: &str) -> ApiError {
        let intent = self.get(scope, PI, id).cloned().unwrap_or_default();
        let code = error_code(decline);
        let mut charge = self.charge_of(scope, &intent, "card");
        for (field, value) in [
            ("status", json!("failed")),
            ("paid", json!(false)),
            ("captured", json!(false)),
            ("amount_captured", json!(0)),
            ("failure_code", json!(code)),
            ("failure_message", json!("Your card was declined.")),
            ("outcome", charge::outcome("issuer_declined", "declined_by_network", Some(decline))),
        ] {
            charge.put(field, value);
        }
        self.books_mut(&scope.place).put(charge.clone());
        self.change(scope, PI, id, json!({"latest_charge": charge["id"]}));
        self.emit(scope, "charge.failed", &charge, None);
        let error = json!({
            "type": "card_error", "code": code, "decline_code": decline, "charge": charge["id"],
            "message": "Your card was declined.",
        });
        let intent = self.fail(scope, id, error);
        ApiError::new(402, "card_error", Some(code), "Your card was declined.")
            .with("decline_code", decline)
            .with("charge", charge["id"].clone())
            .with("payment_intent", intent)
    }

    /// The attempt is over, the intent may be tried again.
    pub(super) fn fail(&mut self, scope: &Scope, id: &str, error: Value) -> Value {
        let fields = json!({
            "status": "requires_payment_method", "last_payment_error": error, "next_action": null,
            "payment_method": null, "processing": null,
        });
        let intent = self.change(scope, PI, id, fields).object;
        self.emit(scope, "payment_intent.payment_failed", &intent, None);
        self.invoices_failed(scope, id);
        intent
    }

    /// The money is Stripe's: the intent ends, and what it paid for with it.
    pub(super) fn succeed(&mut self, scope: &Scope, id: &str, charge: &str, amount: i64) {
        let fields = json!({
            "status": "succeeded", "amount_received": amount, "amount_capturable": 0, "latest_charge": charge,
            "next_action": null, "last_payment_error": null, "processing": null,
        });
        let intent = self.change(scope, PI, id, fields).object;
        self.emit(scope, "payment_intent.succeeded", &intent, None);
        self.invoices_paid(scope, id);
        self.checkout_completed(scope, id, true);
    }

    pub(super) fn charge_of(&mut self, scope: &Scope, intent: &Value, kind: &str) -> Value {
        let (amount, currency) = (intent.int("amount"), intent.text("currency"));
        let mut made = charge::fresh(&self.id("ch_3", 23), self.now(), scope.place.livemode, amount, currency, kind);
        charge::inherit(&mut made, intent);
        made
    }
}
