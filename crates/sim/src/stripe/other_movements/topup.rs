//! Top-ups.

use serde_json::{Value, json};

use crate::stripe::Stripe;
use crate::stripe::balance::Entry;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;
use crate::stripe::objects::topup;

impl Stripe {
    /// Money comes from the bank.
    pub(in crate::stripe) fn top_up(&mut self, scope: &Scope, amount: i64, currency: &str) -> Value {
        let id = self.id("tu_1", 23);
        let made = topup::fresh(&id, self.now(), scope.place.livemode, amount, currency);
        let made = self.put_with(scope, made, Entry::of("topup", "topup", amount, currency).described("Top-up"));
        self.emit(scope, "topup.created", &made, None);
        let change = self.change(scope, "topup", &id, json!({"status": "succeeded"}));
        self.emit(scope, "topup.succeeded", &change.object, None);
        change.object
    }

    /// The bank takes it back.
    pub(in crate::stripe) fn reverse_topup(&mut self, scope: &Scope, topup: &Value) {
        let entry = Entry::of("topup_reversal", "topup_reversal", -topup.int("amount"), topup.text("currency"));
        self.enter(scope, &entry.about(topup.text("id")).described("Top-up reversal"));
        let change = self.change(scope, "topup", topup.text("id"), json!({"status": "reversed"}));
        self.emit(scope, "topup.reversed", &change.object, None);
    }
}
