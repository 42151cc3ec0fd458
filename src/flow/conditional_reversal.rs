//! Conditional reversals ([`Reversal::if_received`]): only the ERP knows whether it has the receipt. It either books
//! the reversal, or answers that there is nothing to take back. Then the balance transaction that took the money
//! settles the one that brought it.

use std::collections::HashMap;

use super::movement_job::MovementJob;
use crate::error::Code;
use crate::movement::{Detail, Movement, Reversal};

/// What the ERP said of one.
#[derive(Debug)]
enum ErpAnswer {
    Nothing,
    Reversed,
    /// It never had the receipt, whose key this is.
    Unknown(String),
}

/// The keys of such reversals.
#[derive(Debug, Default)]
pub struct ConditionalReversals(HashMap<String, ErpAnswer>);

impl ConditionalReversals {
    pub fn from_jobs(work: &[MovementJob]) -> Self {
        let asked = work.iter().filter(|work| receipt(&work.movement).is_some());
        Self(asked.map(|work| (work.movement.key.clone(), ErpAnswer::Nothing)).collect())
    }

    /// Whether it is still open which document `movement` settles.
    pub fn concerns(&self, movement: &Movement) -> bool {
        document(movement).is_some_and(|key| matches!(self.0.get(key), Some(ErpAnswer::Nothing)))
    }

    /// The ERP has the reversal.
    pub fn is_reversed(&mut self, key: &str) {
        self.0.entry(key.to_owned()).and_modify(|said| *said = ErpAnswer::Reversed);
    }

    /// Whether a refusal of `movement` only says that there is nothing to take back.
    pub fn is_netted(&mut self, movement: &Movement, code: Code) -> bool {
        let unknown = receipt(movement).filter(|_| code == Code::RefundReceiptUnknown);
        unknown.is_some_and(|key| self.0.insert(movement.key.clone(), ErpAnswer::Unknown(key.to_owned())).is_some())
    }

    /// Settles the receipt in place of a reversal that there is not: both of the balance's movements then net each other.
    pub fn net_receipt(&self, movement: &mut Movement) {
        let Some(ErpAnswer::Unknown(receipt)) = document(movement).and_then(|key| self.0.get(key)) else { return };
        if let Some(Detail::Transaction(settled)) = &mut movement.detail {
            settled.document = Some(receipt.clone());
        }
    }
}

/// The receipt of a reversal that is one of them.
fn receipt(movement: &Movement) -> Option<&str> {
    match &movement.detail {
        Some(Detail::Reversal(Reversal { receipt, if_received: true })) => Some(receipt),
        _ => None,
    }
}

fn document(movement: &Movement) -> Option<&str> {
    match &movement.detail {
        Some(Detail::Transaction(settled)) => settled.document.as_deref(),
        _ => None,
    }
}
