//! What moves the balance beside payments, refunds, disputes and payouts. Amounts are positive minor units of a
//! settlement currency; everything is done on the own account.

use serde_json::Value;

use crate::stripe::Stripe;
use crate::stripe::api::ApiError;
use crate::stripe::balance::Entry;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;

impl Stripe {
    /// Makes a balance transaction of any type and category by hand, and gives its id, `txn_…`. No event tells of
    /// it, as none does of most of Stripe's own.
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

    /// Tops the balance up from the bank; gives `tu_…`.
    pub fn topup(&mut self, amount: i64, currency: &str) -> String {
        self.run_agenda();
        let scope = self.outside(None, None);
        self.top_up(&scope, amount, currency).text("id").to_owned()
    }

    /// The bank takes a top-up back. Refused for one that is not `succeeded`.
    pub fn topup_reversed(&mut self, topup: &str) -> Result<(), ApiError> {
        let (scope, made) = self.standing("topup", topup)?;
        if made.text("status") != "succeeded" {
            return Err(ApiError::invalid("topup", "Only a top-up that has succeeded is reversed."));
        }
        self.reverse_topup(&scope, &made);
        Ok(())
    }

    /// Transfers to a connected account, `acct_…`; gives `tr_…`.
    pub fn transfer(&mut self, amount: i64, currency: &str, to: &str) -> String {
        self.run_agenda();
        let scope = self.outside(None, None);
        self.send(&scope, amount, currency, to).text("id").to_owned()
    }

    /// Takes a part of a transfer back; gives `trr_…`. Refused for more than is left of it.
    pub fn transfer_reversed(&mut self, transfer: &str, amount: i64) -> Result<String, ApiError> {
        let (scope, whole) = self.standing("transfer", transfer)?;
        within(amount, whole.int("amount") - whole.int("amount_reversed"))?;
        Ok(self.call_back(&scope, &whole, amount).text("id").to_owned())
    }

    /// A charge of a connected account brings the platform a fee; gives `fee_…`.
    pub fn application_fee(&mut self, amount: i64, currency: &str, from: &str) -> String {
        self.run_agenda();
        let scope = self.outside(None, None);
        self.earn(&scope, amount, currency, from).text("id").to_owned()
    }

    /// A part of an earned fee goes back; gives `fr_…`. Refused for more than is left of it.
    pub fn application_fee_refunded(&mut self, fee: &str, amount: i64) -> Result<String, ApiError> {
        let (scope, whole) = self.standing("application_fee", fee)?;
        within(amount, whole.int("amount") - whole.int("amount_refunded"))?;
        Ok(self.give_up_earning(&scope, &whole, amount).text("id").to_owned())
    }

    /// Stripe reserves a part of the payments balance, or with a negative amount releases it: two transactions, on
    /// the balances `payments` and `risk_reserved`.
    pub fn reserve(&mut self, amount: i64, currency: &str) -> [String; 2] {
        self.run_agenda();
        let scope = self.outside(None, None);
        self.hold_back(&scope, amount, currency)
    }

    /// An object with its place, after everything that is due.
    fn standing(&mut self, kind: &str, id: &str) -> Result<(Scope, Value), ApiError> {
        self.run_agenda();
        let scope = self.scope_of(kind, id)?;
        let object = self.get(&scope, kind, id).cloned().unwrap_or_default();
        Ok((scope, object))
    }
}

fn within(amount: i64, left: i64) -> Result<(), ApiError> {
    if (1..=left).contains(&amount) {
        return Ok(());
    }
    Err(ApiError::invalid("amount", format!("The amount must be between 1 and the {left} that are left.")))
}
