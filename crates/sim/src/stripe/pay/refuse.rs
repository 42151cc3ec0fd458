//! Attempts that fail: the charge of each stays, failed, and the intent may be tried again.

use serde_json::{Value, json};

use super::{PI, PM};
use crate::stripe::Stripe;
use crate::stripe::api::ApiError;
use crate::stripe::books::Scope;
use crate::stripe::method::{error_code, message};
use crate::stripe::object::Fields;
use crate::stripe::objects::charge;

impl Stripe {
    /// The card's bank says no.
    pub(super) fn decline(&mut self, scope: &Scope, id: &str, decline: &str) -> ApiError {
        let outcome = charge::outcome("issuer_declined", "declined_by_network", Some(decline));
        self.refuse(scope, id, decline, outcome)
    }

    /// Radar says no. The payer reads the same as from a bank.
    pub(super) fn block(&mut self, scope: &Scope, id: &str) -> ApiError {
        self.refuse(scope, id, "fraudulent", charge::blocked())
    }

    fn refuse(&mut self, scope: &Scope, id: &str, decline: &str, outcome: Value) -> ApiError {
        let intent = self.get(scope, PI, id).cloned().unwrap_or_default();
        let (code, message) = (error_code(decline), message(decline));
        let mut charge = self.charge_of(scope, &intent);
        for (field, value) in [
            ("status", json!("failed")),
            ("paid", json!(false)),
            ("captured", json!(false)),
            ("amount_captured", json!(0)),
            ("failure_code", json!(code)),
            ("failure_message", json!(message)),
            ("outcome", outcome),
        ] {
            charge.put(field, value);
        }
        if decline == "incorrect_cvc" {
            charge["payment_method_details"]["card"]["checks"]["cvc_check"] = json!("fail");
        }
        self.books_mut(&scope.place).put(charge.clone());
        self.change(scope, PI, id, json!({"latest_charge": charge["id"]}));
        self.emit(scope, "charge.failed", &charge, None);
        let error = json!({
            "type": "card_error", "code": code, "decline_code": decline, "charge": charge["id"], "message": message,
        });
        let intent = self.fail(scope, id, error);
        ApiError::new(402, "card_error", Some(code), message)
            .with("decline_code", decline)
            .with("charge", charge["id"].clone())
            .with("payment_method", intent["last_payment_error"][PM].clone())
            .with("payment_intent", intent)
    }

    /// The attempt is over; its error, with the method that was tried, stands in the intent.
    pub(in crate::stripe) fn fail(&mut self, scope: &Scope, id: &str, mut error: Value) -> Value {
        let tried = self.get(scope, PI, id).map_or("", |intent| intent.text(PM));
        if let Some(tried) = self.get(scope, PM, tried).cloned() {
            error.put(PM, tried);
        }
        let fields = json!({
            "status": "requires_payment_method", "last_payment_error": error, "next_action": null,
            "payment_method": null, "processing": null,
        });
        let intent = self.change(scope, PI, id, fields).object;
        self.emit(scope, "payment_intent.payment_failed", &intent, None);
        self.invoices_failed(scope, id);
        intent
    }
}
