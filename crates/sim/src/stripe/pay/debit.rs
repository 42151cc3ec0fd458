//! Delayed methods: processing first, the outcome later.

use serde_json::{Value, json};

use super::PI;
use crate::stripe::Stripe;
use crate::stripe::agenda::Task;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;

impl Stripe {
    /// A delayed method starts: nothing is sure yet, and by setting its money stands on the balance, pending, all the same.
    pub(super) fn process(&mut self, scope: &Scope, id: &str, failure: Option<String>) {
        let Some(intent) = self.get(scope, PI, id).cloned() else { return };
        let mut charge = self.charge_of(scope, &intent);
        for (field, value) in [("status", json!("pending")), ("paid", json!(false))] {
            charge.put(field, value);
        }
        if self.settings.debits_enter_first {
            let entered = self.enter_charge(scope, &charge);
            charge.put("balance_transaction", entered);
        } else {
            charge.put("captured", false);
            charge.put("amount_captured", 0);
        }
        self.books_mut(&scope.place).put(charge.clone());
        self.emit(scope, "charge.pending", &charge, None);
        self.keep_method(scope, &intent);
        let fields = json!({
            "status": "processing", "latest_charge": charge["id"], "last_payment_error": null, "next_action": null,
        });
        let intent = self.change(scope, PI, id, fields).object;
        self.emit(scope, "payment_intent.processing", &intent, None);
        self.checkout_completed(scope, id, false);
        let task = Task::Clear { intent: id.to_owned(), failure };
        self.later(scope, self.settings.clear_after_ms, task);
    }

    /// A delayed method has paid.
    pub(in crate::stripe) fn clear(&mut self, scope: &Scope, id: &str) {
        let Some(intent) = self.get(scope, PI, id).filter(|i| i.text("status") == "processing").cloned() else {
            return;
        };
        let charge = intent.text("latest_charge").to_owned();
        let amount = intent.int("amount");
        let fields = json!({"status": "succeeded", "paid": true, "captured": true, "amount_captured": amount});
        let entered = self.change(scope, "charge", &charge, fields).object.maybe("balance_transaction").is_some();
        if !entered {
            self.book(scope, &charge);
        }
        let snapshot = self.get(scope, "charge", &charge).cloned().unwrap_or_default();
        self.emit(scope, "charge.succeeded", &snapshot, None);
        self.succeed(scope, id, &charge, amount);
    }

    /// A delayed method has failed.
    pub(in crate::stripe) fn bounce(&mut self, scope: &Scope, id: &str, code: &str) {
        let Some(intent) = self.get(scope, PI, id).filter(|i| i.text("status") == "processing").cloned() else {
            return;
        };
        let Some(charge) = self.get(scope, "charge", intent.text("latest_charge")).cloned() else { return };
        let taken = charge.maybe("balance_transaction").is_some().then(|| self.enter_failure(scope, &charge));
        let fields = json!({
            "status": "failed", "failure_code": code, "failure_message": "The bank refused the debit.",
            "failure_balance_transaction": taken,
        });
        let charge = self.change(scope, "charge", charge.text("id"), fields).object;
        self.emit(scope, "charge.failed", &charge, None);
        let error = json!({
            "type": "invalid_request_error", "code": "payment_intent_payment_attempt_failed", "charge": charge["id"],
            "message": "The payment failed.",
        });
        self.fail(scope, id, error);
        self.checkout_failed(scope, id);
    }

    /// A delayed method that had paid fails after all: the money is taken back and the intent may be tried again.
    pub(in crate::stripe) fn fail_after_all(&mut self, scope: &Scope, charge: &Value, code: &str) {
        let id = charge.text("id");
        let entered = charge.maybe("balance_transaction").is_some().then(|| self.enter_failure(scope, charge));
        let message = "The bank took the payment back.";
        let fields = json!({
            "status": "failed", "paid": false, "failure_code": code, "failure_message": message,
            "failure_balance_transaction": entered,
        });
        let charge = self.change(scope, "charge", id, fields).object;
        self.emit(scope, "charge.failed", &charge, None);
        if let Some(intent) = charge.maybe("payment_intent") {
            let error = json!({
                "type": "invalid_request_error", "code": "payment_intent_payment_attempt_failed",
                "charge": charge["id"], "message": message,
            });
            self.change(scope, PI, intent, json!({"amount_received": 0}));
            self.fail(scope, intent, error);
        }
    }
}
