//! What moves the balance beside payments and refunds.

use crate::stripe::Stripe;
use crate::stripe::api::ApiError;
use crate::stripe::balance::Entry;
use crate::stripe::object::Fields;

impl Stripe {
    /// Makes a balance transaction of any type and category by hand, on the own account, and gives its id, `txn_…`.
    /// No event tells of it, as none does of most of Stripe's own.
    pub fn enter_by_hand(&mut self, entry: &Entry) -> String {
        self.run_agenda();
        let scope = self.outside(None, None);
        self.enter(&scope, entry)
    }

    /// A delayed method that had paid, `pi_…` or `ch_…`, fails after all with a failure code (`insufficient_funds`,
    /// `account_closed`, …): `charge.failed` after success, and the money is taken back.
    pub fn fail_late(&mut self, payment: &str, code: &str) -> Result<(), ApiError> {
        self.run_agenda();
        let kind = if payment.starts_with("pi_") { "payment_intent" } else { "charge" };
        let scope = self.scope_of(kind, payment)?;
        let charge = self.charged(&scope, payment)?;
        if charge.text("status") != "succeeded" || !charge.flag("captured") {
            return Err(ApiError::invalid("payment", "Only a payment that has succeeded can fail late."));
        }
        self.fail_after_all(&scope, &charge, code);
        Ok(())
    }
}
