//! Captures, and the balance transactions that follow them.

use serde_json::json;

use super::PI;
use crate::stripe::agenda::Task;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;
use crate::stripe::{Change, Stripe};

impl Stripe {
    /// Takes all or a part of an authorization; the rest is released.
    pub(in crate::stripe) fn take(&mut self, scope: &Scope, id: &str, amount: i64) {
        let charge_id = self.get(scope, PI, id).map(|i| i.text("latest_charge").to_owned()).unwrap_or_default();
        let whole = self.get(scope, "charge", &charge_id).map_or(amount, |c| c.int("amount"));
        let fields = json!({"captured": true, "amount_captured": amount, "amount_refunded": whole - amount});
        self.change(scope, "charge", &charge_id, fields);
        self.book(scope, &charge_id);
        let charge = self.get(scope, "charge", &charge_id).cloned().unwrap_or_default();
        self.emit(scope, "charge.captured", &charge, None);
        self.succeed(scope, id, &charge_id, amount);
    }

    /// Makes the balance transaction of a captured charge, now or when the capture settles.
    pub(in crate::stripe) fn book(&mut self, scope: &Scope, charge: &str) {
        match self.settings.settle_after_ms {
            0 => self.settle(scope, charge, false),
            after => self.later(scope, after, Task::Settle { charge: charge.to_owned() }),
        }
    }

    /// The capture settles; `tell` sends the `charge.updated` by which one learns of it.
    pub(in crate::stripe) fn settle(&mut self, scope: &Scope, charge: &str, tell: bool) {
        let Some(snapshot) = self.get(scope, "charge", charge).filter(|c| c.text("status") == "succeeded").cloned()
        else {
            return;
        };
        let id = self.enter_charge(scope, &snapshot);
        let receipt = format!("https://pay.stripe.com/receipts/payment/{charge}");
        let fields = json!({"balance_transaction": id, "receipt_url": receipt});
        let Change { object, previous } = self.change(scope, "charge", charge, fields);
        if tell {
            self.emit(scope, "charge.updated", &object, Some(previous));
        }
        self.dispute_test_card(scope, &object);
    }
}
