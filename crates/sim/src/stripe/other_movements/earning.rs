//! Fees that the account earns as a platform.

use serde_json::Value;

use crate::stripe::Stripe;
use crate::stripe::balance::Entry;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;
use crate::stripe::objects::application_fee;

impl Stripe {
    /// A connected account's charge brings a fee.
    pub(in crate::stripe) fn earn(&mut self, scope: &Scope, amount: i64, currency: &str, account: &str) -> Value {
        let (id, charge, livemode) = (self.id("fee_1", 23), self.id("ch_3", 23), scope.place.livemode);
        let made = application_fee::fresh(&id, self.now(), livemode, amount, currency, account, &charge);
        let made = self.put_with(scope, made, Entry::of("application_fee", "platform_earning", amount, currency));
        self.emit(scope, "application_fee.created", &made, None);
        made
    }

    /// A part of an earned fee goes back.
    pub(in crate::stripe) fn give_up_earning(&mut self, scope: &Scope, whole: &Value, amount: i64) -> Value {
        let id = self.id("fr_1", 23);
        let made = application_fee::refund(&id, self.now(), whole, amount);
        let currency = whole.text("currency");
        let entry = Entry::of("application_fee_refund", "platform_earning_refund", -amount, currency);
        let made = self.put_with(scope, made, entry);
        let whole = self.take_off(scope, whole, &made, ["refunds", "amount_refunded", "refunded"]);
        self.emit(scope, "application_fee.refunded", &whole, None);
        made
    }
}
