//! A charge that failed after it had paid, as delayed methods may: the receipt is taken back.

use super::balance::amounts::{SourceAmounts, presented_amount};
use super::event_types::Target;
use super::json::Ref;
use super::object::Charge;
use super::payment_id::PaymentId;
use super::reading::{Pointer, Reading, Scope};
use super::receipt;
use super::refund::charge_reference;
use crate::error::Error;
use crate::money::Money;
use crate::movement::{Detail, Movement, MovementKind, Reversal, posting_key};

/// What [`super::fetch`] expands.
pub const EXPAND: [&str; 3] = ["balance_transaction", "failure_balance_transaction", "payment_intent"];

/// What is known of a failed charge whose money was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ChargeHistory {
    /// It had paid, and its PaymentIntent says so still.
    Paid,
    /// It had paid, and the ledger has the receipt or its reversal; or what came on the balance came before the cut-over, and its document
    /// is somebody else's.
    Received,
    /// It never paid: what came and went on the balance is netted against each other.
    Nothing,
    /// Nobody knows yet: its success may still be on its way here.
    Unknown,
    /// No success came in the time in which events do. The ERP may have the receipt all the same: its answer was lost, and
    /// when it was asked again Stripe no longer said that the payment had paid.
    Perhaps,
}

/// Whether a failed charge had paid. Debits stand on the balance before they are sure, so neither that nor their being
/// captured tells; and after a late failure the PaymentIntent may be open again. A PaymentIntent that went on with another
/// charge has its receipt from that one.
fn charge_history(scope: &Scope<'_>, charge: &Charge<'_>, payment_id: &PaymentId) -> ChargeHistory {
    let intent = charge.payment_intent.as_ref().and_then(Ref::object);
    let latest = intent.and_then(|intent| intent.latest_charge.as_ref()).map(Ref::id);
    if charge.amount_captured <= 0 || !charge.captured || latest.is_some_and(|latest| latest != charge.id.as_str()) {
        ChargeHistory::Nothing
    } else if intent.is_some_and(|intent| intent.amount_received > 0) {
        ChargeHistory::Paid
    } else if scope.is_posted(&payment_id.receipt_key(scope.account))
        || scope.is_posted(&reversal(scope, payment_id))
        || is_before_cutover(scope, charge)
    {
        ChargeHistory::Received
    } else if scope.has_waited() {
        ChargeHistory::Perhaps
    } else {
        ChargeHistory::Unknown
    }
}

fn reversal(scope: &Scope<'_>, payment_id: &PaymentId) -> String {
    posting_key(scope.account, &payment_id.payment, MovementKind::Reversed.transition())
}

/// The opening entry has what came; what goes now is booked here and needs its document, whether a person ever booked a
/// receipt or not.
fn is_before_cutover(scope: &Scope<'_>, charge: &Charge<'_>) -> bool {
    let came = charge.balance_transaction.as_ref().and_then(Ref::object);
    came.is_some_and(|came| scope.is_before_cutover(came.created))
}

/// The movements of a failed charge that had paid: the receipt, where the PaymentIntent still tells of it, and its
/// reversal. Leads to the charge where it is not there with what took the money back. Waits for a receipt that may still
/// come: when none has come in the time in which events do, the ERP is asked to reverse what it has, if it has it.
pub fn failure_movements(scope: &Scope<'_>, charge: &Charge<'_>) -> Result<Reading, Error> {
    let taken = match &charge.failure_balance_transaction {
        None => return Ok(Reading::Ignore("moves_no_money")),
        Some(Ref::Id(_)) => {
            return Ok(Reading::Pointer(Pointer::to_target(Target::Failure(charge.id.as_str().to_owned()))));
        }
        Some(Ref::Object(taken)) => taken,
    };
    let payment_id = PaymentId::from_charge(charge);
    let had = charge_history(scope, charge, &payment_id);
    let mut movements = match had {
        ChargeHistory::Nothing => return Ok(Reading::Ignore("moves_no_money")),
        ChargeHistory::Unknown => return Ok(Reading::Waits { payment: payment_id.payment }),
        ChargeHistory::Paid => receipt(scope, charge),
        ChargeHistory::Received | ChargeHistory::Perhaps => Vec::new(),
    };
    // Where the exchange does not tell, the charge does: all that was not refunded before.
    let whole = Money::new(charge.amount_captured.saturating_sub(charge.amount_refunded), charge.currency);
    let back =
        presented_amount(taken, charge.currency, SourceAmounts::About(&reversible_amounts(charge))).unwrap_or(whole);
    let money = Money::new(back.minor.saturating_abs(), back.currency);
    movements.push(Movement {
        customer: charge.customer.as_ref().map(|customer| customer.id().to_owned()),
        reason: charge.failure_code.as_ref().map(|code| code.as_str().to_owned()),
        reference: charge_reference(scope, charge),
        detail: Some(Detail::Reversal(Reversal {
            receipt: payment_id.receipt_key(scope.account),
            if_received: had == ChargeHistory::Perhaps,
        })),
        ..receipt::bare_movement(
            scope,
            MovementKind::Reversed,
            &payment_id.payment,
            &payment_id.payment,
            money,
            taken.created,
        )
    });
    if let Some(reversal) = movements.last_mut() {
        reversal.charge = payment_id.charge;
    }
    Ok(Reading::Movements(movements))
}

/// The receipt of the PaymentIntent, dated by its charge.
fn receipt(scope: &Scope<'_>, charge: &Charge<'_>) -> Vec<Movement> {
    let intent = charge.payment_intent.as_ref().and_then(Ref::object);
    let reading = intent.map(|intent| receipt::read_intent(scope, intent, true, charge_reference(scope, charge)));
    let Some(Reading::Movement(receipt)) = reading else { return Vec::new() };
    vec![Movement { occurred: receipt::arrival(scope, Some(charge)), ..receipt }]
}

/// What may have been taken back: all, or what was not refunded. `amount_refunded` of older API versions counts what was
/// released as well.
pub fn reversible_amounts(charge: &Charge<'_>) -> [i64; 4] {
    let (captured, refunded) = (charge.amount_captured, charge.amount_refunded);
    [captured.saturating_sub(refunded), charge.amount.saturating_sub(refunded), captured, charge.amount]
}
