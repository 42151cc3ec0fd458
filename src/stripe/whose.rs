//! Whose an object is: the payment it belongs to.

use super::object::Charge;
use crate::payment::{Kind, posting_key};

/// A payment by its id, `pi_…`, else its charge's; and the charge's where that is another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whose {
    pub payment: String,
    pub charge: Option<String>,
}

impl Whose {
    /// `None` when neither is known.
    pub fn of(intent: Option<&str>, charge: Option<&str>) -> Option<Self> {
        let payment = intent.or(charge)?.to_owned();
        Some(Self { payment, charge: charge.filter(|_| intent.is_some()).map(str::to_owned) })
    }

    pub fn of_charge(charge: &Charge<'_>) -> Self {
        let id = charge.id.as_str().to_owned();
        match &charge.payment_intent {
            Some(intent) => Self { payment: intent.id().to_owned(), charge: Some(id) },
            None => Self { payment: id, charge: None },
        }
    }

    /// Key of its receipt.
    pub fn receipt(&self, account: &str) -> String {
        posting_key(account, &self.payment, Kind::Paid.transition())
    }
}
