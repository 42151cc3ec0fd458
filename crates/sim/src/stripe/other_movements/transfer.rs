//! Transfers to connected accounts.

use serde_json::Value;

use crate::stripe::Stripe;
use crate::stripe::balance::Entry;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;
use crate::stripe::objects::transfer;

impl Stripe {
    pub(in crate::stripe) fn send(&mut self, scope: &Scope, amount: i64, currency: &str, to: &str) -> Value {
        let id = self.id("tr_1", 23);
        let made = transfer::fresh(&id, self.now(), scope.place.livemode, amount, currency, to);
        let made = self.put_with(scope, made, Entry::of("transfer", "transfer", -amount, currency));
        self.emit(scope, "transfer.created", &made, None);
        made
    }

    /// A part of a transfer comes back.
    pub(in crate::stripe) fn call_back(&mut self, scope: &Scope, whole: &Value, amount: i64) -> Value {
        let id = self.id("trr_1", 23);
        let made = transfer::reversal(&id, self.now(), whole, amount);
        let entry = Entry::of("transfer_refund", "transfer_reversal", amount, whole.text("currency"));
        let made = self.put_with(scope, made, entry);
        let whole = self.take_off(scope, whole, &made, ["reversals", "amount_reversed", "reversed"]);
        self.emit(scope, "transfer.reversed", &whole, None);
        made
    }
}
