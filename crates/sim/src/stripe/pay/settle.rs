//! Captures, and the balance transactions that follow them.

use serde_json::json;

use super::PI;
use crate::stripe::agenda::Task;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;
use crate::stripe::{Change, Stripe};

impl Stripe {
    /// Takes all or a part of an authorization; with the `last` capture the rest is released.
    pub(in crate::stripe) fn take(&mut self, scope: &Scope, id: &str, amount: i64, last: bool) {
        let intent = self.get(scope, PI, id).cloned().unwrap_or_default();
        let charge_id = intent.text("latest_charge").to_owned();
        let charge = self.get(scope, "charge", &charge_id).cloned().unwrap_or_default();
        let captured = charge.int("amount_captured") + amount;
        let first = charge.int("amount_captured") == 0;
        // What was not captured can't be refunded.
        let open = if first { charge.int("amount") } else { 0 };
        let back = charge.int("amount_refunded") + open - amount;
        let fields = json!({
            "captured": last || !self.settings.captured_by_the_last, "amount_captured": captured, "amount_refunded": back,
        });
        let change = self.change(scope, "charge", &charge_id, fields);
        if amount > 0 {
            self.book_part(scope, &charge_id, (!first || !last).then_some(amount));
        }
        if last {
            let charge = self.get(scope, "charge", &charge_id).cloned().unwrap_or_default();
            self.emit(scope, "charge.captured", &charge, None);
            return self.succeed(scope, id, &charge_id, captured);
        }
        self.emit(scope, "charge.updated", &change.object, Some(change.previous));
        let fields =
            json!({"amount_received": captured, "amount_capturable": intent.int("amount_capturable") - amount});
        let intent = self.change(scope, PI, id, fields).object;
        self.emit(scope, "payment_intent.amount_capturable_updated", &intent, None);
    }

    /// Makes the balance transaction of a captured charge, now or when the capture settles.
    pub(in crate::stripe) fn book(&mut self, scope: &Scope, charge: &str) {
        self.book_part(scope, charge, None);
    }

    /// The same; with `part`, of one capture of several.
    fn book_part(&mut self, scope: &Scope, charge: &str, part: Option<i64>) {
        match self.settings.settle_after_ms {
            0 => self.settle(scope, charge, part, false),
            after => self.later(scope, after, Task::Settle { charge: charge.to_owned(), part }),
        }
    }

    /// The capture settles; `tell` sends the `charge.updated` by which one learns of it. `part` is one capture of several.
    pub(in crate::stripe) fn settle(&mut self, scope: &Scope, charge: &str, part: Option<i64>, tell: bool) {
        let Some(snapshot) = self.get(scope, "charge", charge).filter(|c| c.text("status") == "succeeded").cloned()
        else {
            return;
        };
        let id = match part {
            None => self.enter_charge(scope, &snapshot),
            Some(part) => self.enter_part(scope, &snapshot, part),
        };
        let receipt = format!("https://pay.stripe.com/receipts/payment/{charge}");
        let fields = json!({"balance_transaction": id, "receipt_url": receipt});
        let Change { object, previous } = self.change(scope, "charge", charge, fields);
        if tell {
            self.emit(scope, "charge.updated", &object, Some(previous));
        }
        if snapshot["balance_transaction"].is_null() {
            self.dispute_test_card(scope, &object);
        }
    }
}
