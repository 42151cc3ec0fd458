//! Payouts: money from the balance to the bank, by itself or by hand, and what becomes of it there.

mod automatic;
mod step;
mod terms;

use serde_json::Value;

use super::Stripe;
use super::agenda::Task;
use super::api::ApiError;
use super::balance::{Entry, FeeDetail, per_mille};
use super::books::Scope;
use super::object::Fields;
use super::objects::payout;
pub(super) use automatic::Parts;
pub use step::PayoutStep;
pub use terms::Payouts;

pub(super) const PAYOUT: &str = "payout";
/// Seconds of a day.
const DAY: i64 = 24 * 3600;
/// Seconds until an instant payout arrives.
const INSTANT: i64 = 30 * 60;

/// A payout that somebody asks for.
pub(super) struct Order<'a> {
    /// Minor units, positive.
    pub amount: i64,
    pub currency: &'a str,
    pub instant: bool,
    pub descriptor: Option<&'a str>,
    pub metadata: Value,
}

impl Stripe {
    /// Pays out by hand. Refused with `balance_insufficient` when that much, and the fee, is not available.
    pub(super) fn pay_out(&mut self, scope: &Scope, order: &Order<'_>) -> Result<Value, ApiError> {
        let fee = if order.instant { per_mille(order.amount, self.settings.fee.instant_per_mille) } else { 0 };
        let (available, _) = self.sums(scope, "payments");
        if order.amount < 1 {
            return Err(ApiError::param("parameter_invalid_integer", "amount", "Invalid positive integer."));
        }
        if available.get(order.currency).copied().unwrap_or(0) < order.amount + fee {
            let message = "You have insufficient funds in your Stripe account for this payout.";
            return Err(ApiError::new(400, "invalid_request_error", Some("balance_insufficient"), message));
        }
        let (id, arrival) = (self.id("po_1", 23), self.arrival(order.instant));
        let mut made = payout::fresh(&id, self.now(), scope.place.livemode, order.amount, order.currency, arrival);
        made.put("method", if order.instant { "instant" } else { "standard" });
        made.put("statement_descriptor", order.descriptor);
        made.put("metadata", order.metadata.clone());
        Ok(self.send_off(scope, made, fee))
    }

    /// Takes a new payout off the balance, tells of it, and plans its way.
    fn send_off(&mut self, scope: &Scope, mut made: Value, fee: i64) -> Value {
        let id = made.text("id").to_owned();
        let fees = if fee == 0 { Vec::new() } else { vec![FeeDetail::stripe(fee, "Instant payout fee")] };
        let entry = Entry { fees, ..Entry::of("payout", "payout", -made.int("amount"), made.text("currency")) };
        let entered = self.enter(scope, &entry.about(&id).described("STRIPE PAYOUT"));
        made.put("balance_transaction", entered);
        let bank = payout::bank_account(&scope.place.account, &self.settings.currency);
        self.books_mut(&scope.place).put(bank);
        self.books_mut(&scope.place).put(made.clone());
        self.emit(scope, "payout.created", &made, None);
        let arrives = (made.int("arrival_date") - self.now()) * 1000;
        self.later_payout(scope, &id, self.settings.payouts.submit_after_ms.min(arrives), PayoutStep::Submit);
        self.later_payout(scope, &id, arrives, PayoutStep::Arrive);
        if made.flag("automatic") {
            self.later_payout(scope, &id, self.settings.payouts.reconcile_after_ms, PayoutStep::Reconcile);
        }
        made
    }

    fn later_payout(&mut self, scope: &Scope, id: &str, after_ms: i64, step: PayoutStep) {
        self.later(scope, after_ms, Task::Payout { payout: id.to_owned(), step });
    }

    /// When a payout that is made now arrives, seconds since 1970.
    fn arrival(&self, instant: bool) -> i64 {
        let now = self.now();
        if instant { now + INSTANT } else { midnight(now + self.settings.payouts.arrive_after_s) }
    }
}

/// The first midnight UTC at or after an instant.
fn midnight(at: i64) -> i64 {
    (at + DAY - 1).div_euclid(DAY) * DAY
}
