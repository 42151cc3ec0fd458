//! What becomes of a PaymentIntent: the state machine, with the events in the order Stripe sends them.

mod debit;
mod refuse;
mod settle;

use serde_json::{Value, json};

use super::Stripe;
use super::api::{ApiError, payment_methods};
use super::books::Scope;
use super::method::Method;
use super::object::Fields;
use super::objects::charge;

const PI: &str = "payment_intent";
const PM: &str = "payment_method";

impl Stripe {
    /// Tries to pay an intent. A declined card leaves it `requires_payment_method` and is Stripe's 402.
    pub(super) fn attempt(&mut self, scope: &Scope, id: &str, method: &Method) -> Result<(), ApiError> {
        if self.get(scope, PI, id).is_some_and(|intent| intent["payment_method"].is_null()) {
            let paid_with = payment_methods::like(self, scope, method);
            self.change(scope, PI, id, json!({"payment_method": paid_with}));
        }
        match method {
            Method::Card => self.pass(scope, id, false),
            Method::Declined(decline) => return Err(self.decline(scope, id, decline)),
            Method::Blocked => return Err(self.block(scope, id)),
            Method::ThreeDsOnce if self.is_kept(scope, id) => self.pass(scope, id, false),
            Method::ThreeDs | Method::ThreeDsOnce | Method::ThreeDsDeclined(_) => self.challenge(scope, id),
            Method::Delayed => self.process(scope, id, None),
            Method::DelayedFails(code) => self.process(scope, id, Some(code.clone())),
        }
        Ok(())
    }

    /// The payer must show who they are before the bank is asked.
    fn challenge(&mut self, scope: &Scope, id: &str) {
        let action = json!({"type": "use_stripe_sdk", "use_stripe_sdk": {
            "type": "three_d_secure_redirect", "stripe_js": "https://hooks.stripe.com/3d_secure_2/sim",
        }});
        let fields = json!({"status": "requires_action", "next_action": action, "last_payment_error": null});
        let intent = self.change(scope, PI, id, fields).object;
        self.emit(scope, "payment_intent.requires_action", &intent, None);
    }

    /// The payer has shown it: now the card does what it does.
    pub(super) fn passed_challenge(&mut self, scope: &Scope, id: &str) {
        let intent = self.get(scope, PI, id).cloned().unwrap_or_default();
        match self.methods.get(intent.text(PM)).cloned() {
            Some(Method::ThreeDsDeclined(decline)) => drop(self.decline(scope, id, &decline)),
            _ => self.pass(scope, id, true),
        }
    }

    /// The issuer says yes: an authorization when captured by hand, else the money.
    fn pass(&mut self, scope: &Scope, id: &str, authenticated: bool) {
        let Some(intent) = self.get(scope, PI, id).cloned() else { return };
        let manual = intent.text("capture_method") == "manual";
        let mut charge = self.charge_of(scope, &intent);
        if manual {
            charge.put("captured", false);
            charge.put("amount_captured", 0);
        }
        if authenticated {
            charge::authenticated(&mut charge);
        }
        let charge_id = charge.text("id").to_owned();
        self.books_mut(&scope.place).put(charge);
        if !manual {
            self.book(scope, &charge_id);
        }
        let charge = self.get(scope, "charge", &charge_id).cloned().unwrap_or_default();
        self.emit(scope, "charge.succeeded", &charge, None);
        self.keep_method(scope, &intent);
        if manual {
            let fields = json!({
                "status": "requires_capture", "amount_capturable": intent["amount"], "latest_charge": charge_id,
                "next_action": null, "last_payment_error": null,
            });
            let intent = self.change(scope, PI, id, fields).object;
            self.emit(scope, "payment_intent.amount_capturable_updated", &intent, None);
        } else {
            self.succeed(scope, id, &charge_id, intent.int("amount"));
        }
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

    /// A charge with the intent's payment method; with a plain card when it has none.
    pub(super) fn charge_of(&mut self, scope: &Scope, intent: &Value) -> Value {
        let (amount, currency) = (intent.int("amount"), intent.text("currency"));
        let (id, now, livemode) = (self.id("ch_3", 23), self.now(), scope.place.livemode);
        let method = self.get(scope, PM, intent.text(PM)).cloned();
        let method = method.unwrap_or_else(|| payment_methods::plain(now, livemode));
        let mut made = charge::fresh(&id, now, livemode, amount, currency, &method);
        charge::inherit(&mut made, intent);
        made
    }

    /// Whether an intent's payment method already belongs to its customer.
    fn is_kept(&self, scope: &Scope, id: &str) -> bool {
        let method = self.get(scope, PI, id).map_or("", |intent| intent.text(PM));
        self.get(scope, PM, method).is_some_and(|method| method.maybe("customer").is_some())
    }

    /// With `setup_future_usage` and a customer, the method becomes the customer's.
    fn keep_method(&mut self, scope: &Scope, intent: &Value) {
        let asked = intent.maybe("setup_future_usage").is_some();
        let (customer, method) = (intent.text("customer"), intent.text(PM));
        let new = self.get(scope, PM, method).is_some_and(|method| method.maybe("customer").is_none());
        if asked && new && !customer.is_empty() {
            let method = self.change(scope, PM, method, json!({"customer": customer})).object;
            self.emit(scope, "payment_method.attached", &method, None);
        }
    }
}
