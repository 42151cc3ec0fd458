//! Payouts from the dashboard, and what banks do with them.

use serde::Deserialize;
use serde_json::json;

use crate::stripe::Stripe;
use crate::stripe::api::ApiError;
use crate::stripe::object::Fields;
use crate::stripe::payout::{Order, PayoutStep};

/// A payout by hand.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Payout {
    /// Minor units.
    pub amount: i64,
    /// Lower case.
    pub currency: String,
    /// Arrives in half an hour and costs a fee.
    pub instant: bool,
    /// On the bank's statement.
    pub descriptor: Option<String>,
}

impl Payout {
    pub fn of(amount: i64, currency: &str) -> Self {
        Self { amount, currency: currency.to_owned(), ..Self::default() }
    }
}

impl Stripe {
    /// Pays out by hand from the own account and gives the payout's id, `po_…`. Refused with `balance_insufficient`.
    pub fn payout(&mut self, payout: &Payout) -> Result<String, ApiError> {
        self.run_agenda();
        let scope = self.outside(None, None);
        let order = Order {
            amount: payout.amount,
            currency: &payout.currency,
            instant: payout.instant,
            descriptor: payout.descriptor.as_deref(),
            metadata: json!({}),
        };
        self.pay_out(&scope, &order).map(|made| made.text("id").to_owned())
    }

    /// Makes the automatic payout of a currency now, whatever the schedule says; `None` when nothing is available.
    pub fn payout_now(&mut self, currency: &str) -> Option<String> {
        self.run_agenda();
        let scope = self.outside(None, None);
        self.pay_out_all(&scope, currency)
    }

    /// Lets a payout go on. A step that does not fit its status is refused.
    pub fn move_payout(&mut self, payout: &str, step: &PayoutStep) -> Result<(), ApiError> {
        self.run_agenda();
        let scope = self.scope_of("payout", payout)?;
        self.step_payout(&scope, payout, step)
    }
}
