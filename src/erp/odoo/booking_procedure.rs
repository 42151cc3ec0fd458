//! Which procedure books a kind of movement, and in which order procedures are called.

use serde_json::Value;

use super::procedure::{Procedure, RECORD_CREDIT_NOTE, RECORD_ENTRY, RECORD_FEE_BILL, RECORD_PAYMENT, RECORD_REFUND};
use super::{entries, fee_bills, receipts, refunds};
use crate::config::{Matching, Odoo};
use crate::movement::{Movement, MovementKind};

/// The input of the procedure that books a movement; null when none does.
pub fn procedure_input(movement: &Movement, odoo: &Odoo, matching: &Matching) -> Value {
    BookingProcedure::for_kind(movement.kind).map_or(Value::Null, |booking| (booking.input)(movement, odoo, matching))
}

/// The procedure that books some kinds, and what makes its input of a movement.
pub struct BookingProcedure {
    /// What others build on goes first.
    pub order: u8,
    pub procedure: Procedure,
    pub input: fn(&Movement, &Odoo, &Matching) -> Value,
}

impl BookingProcedure {
    pub const RECEIPT: Self = Self { order: 0, procedure: RECORD_PAYMENT, input: receipts::receipt_input };
    pub const REFUND: Self = Self { order: 1, procedure: RECORD_REFUND, input: refunds::refund_input };
    pub const CREDIT_NOTE: Self = Self { order: 2, procedure: RECORD_CREDIT_NOTE, input: refunds::refund_input };
    pub const ENTRY: Self = Self { order: 3, procedure: RECORD_ENTRY, input: entries::entry_input };
    pub const FEES: Self = Self { order: 4, procedure: RECORD_FEE_BILL, input: fee_bills::fee_bill_input };

    /// `None` where there is nothing to book.
    pub fn for_kind(kind: MovementKind) -> Option<Self> {
        match kind {
            MovementKind::Paid => Some(Self::RECEIPT),
            MovementKind::Refunded | MovementKind::RefundFailed | MovementKind::Reversed => Some(Self::REFUND),
            MovementKind::Credited => Some(Self::CREDIT_NOTE),
            MovementKind::Settled
            | MovementKind::DisputeOpened
            | MovementKind::DisputeWithdrawn
            | MovementKind::DisputeReinstated
            | MovementKind::DisputeWon
            | MovementKind::DisputeLost
            | MovementKind::PayoutReconciled => Some(Self::ENTRY),
            MovementKind::FeesBilled | MovementKind::FeesCleared => Some(Self::FEES),
            MovementKind::Processing | MovementKind::Failed | MovementKind::Canceled | MovementKind::RequiresAction => {
                None
            }
        }
    }
}
