//! A refund: money that goes back to the payer, its credit note, and its coming back.

use super::event_types::Target;
use super::json::Ref;
use super::object::{BalanceTransaction, Charge, Refund};
use super::payment_id::PaymentId;
use super::reading::{Pointer, Reading, Scope};
use super::receipt;
use super::reference;
use crate::money::Money;
use crate::movement::{Detail, Movement, MovementKind, Reference, Refund as RefundDetail};

/// What [`super::fetch`] expands, so that one call tells all: whether it is the last of its charge's refunds, whom the
/// payment belongs to, and when the money moved.
pub const EXPAND: [&str; 4] = [
    "balance_transaction",
    "failure_balance_transaction",
    "charge.payment_intent",
    "charge.refunds.data.balance_transaction",
];

impl Refund<'_> {
    fn has_status(&self, status: &str) -> bool {
        self.status.as_ref().is_some_and(|s| s.as_str() == status)
    }

    /// Money left the balance for it, whatever came after.
    fn has_moved(&self) -> bool {
        self.has_status("succeeded") || self.balance_transaction.is_some() || self.failure_balance_transaction.is_some()
    }

    /// It is over and the payer has nothing of it.
    fn is_undone(&self) -> bool {
        self.has_status("failed") || self.has_status("canceled")
    }

    /// No refund at all: what an authorization held beyond its capture, as older API versions let it go.
    pub fn is_release(&self) -> bool {
        let category =
            self.balance_transaction.as_ref().and_then(Ref::object).and_then(|t| t.reporting_category.as_ref());
        category.is_some_and(|category| category.as_str() == "partial_capture_reversal")
    }

    pub fn payment_id(&self) -> Option<PaymentId> {
        PaymentId::from_ids(self.payment_intent.as_ref().map(Ref::id), self.charge.as_ref().map(Ref::id))
    }
}

/// The movements of a refund as it stands now, oldest first: refunded, the credit note unless it is over in vain, and its
/// failure. Leads to the refund with its charge where that is not there. Nothing moves before there is a balance
/// transaction or success, and nothing for a refund of no payment.
pub fn refund_movements(scope: &Scope<'_>, refund: &Refund<'_>) -> Reading {
    if !refund.has_moved() {
        return Reading::Ignore("refund_not_moved");
    }
    let Some(payment_id) = refund.payment_id() else { return Reading::Ignore("no_payment") };
    // Without them it is not known whose it is in full, and when the money moved.
    let unread = |transaction: &Option<Ref<'_, _>>| matches!(transaction, Some(Ref::Id(_)));
    let charge = match &refund.charge {
        Some(Ref::Object(charge)) => Some(&**charge),
        None if !unread(&refund.balance_transaction) && !unread(&refund.failure_balance_transaction) => None,
        _ => return Reading::Pointer(Pointer::to_target(Target::Refund(refund.id.as_str().to_owned()))),
    };
    if refund.is_release() {
        return Reading::Ignore("not_captured");
    }
    let of = |kind, occurred| movement(scope, refund, charge, &payment_id, kind, occurred);
    let left = transaction_instant(&refund.balance_transaction).unwrap_or(refund.created);
    let mut movements = vec![of(MovementKind::Refunded, left)];
    if !refund.is_undone() {
        movements.push(of(MovementKind::Credited, left));
    } else if refund.failure_balance_transaction.is_some() {
        movements.push(of(
            MovementKind::RefundFailed,
            transaction_instant(&refund.failure_balance_transaction).unwrap_or(left),
        ));
    }
    Reading::Movements(movements)
}

fn transaction_instant(transaction: &Option<Ref<'_, BalanceTransaction<'_>>>) -> Option<i64> {
    transaction.as_ref().and_then(Ref::object).map(|t| t.created)
}

fn movement(
    scope: &Scope<'_>,
    refund: &Refund<'_>,
    charge: Option<&Charge<'_>>,
    payment_id: &PaymentId,
    kind: MovementKind,
    occurred: i64,
) -> Movement {
    let money = Money::new(refund.amount, refund.currency);
    let detail = RefundDetail {
        id: refund.id.as_str().to_owned(),
        receipt: payment_id.receipt_key(scope.account),
        full: charge.is_some_and(|charge| is_full(refund, charge)),
        failure: refund.failure_reason.as_ref().map(|reason| reason.as_str().to_owned()),
    };
    Movement {
        charge: payment_id.charge.clone(),
        customer: charge.and_then(|c| c.customer.as_ref()).map(|c| c.id().to_owned()),
        reason: refund.reason.as_ref().map(|reason| reason.as_str().to_owned()),
        reference: charge.map(|charge| charge_reference(scope, charge)).unwrap_or_default(),
        detail: Some(Detail::Refund(detail)),
        ..receipt::bare_movement(scope, kind, refund.id.as_str(), &payment_id.payment, money, occurred)
    }
}

/// What the payment may be for, so that a refund of a payment from before go-live finds its document.
pub(super) fn charge_reference(scope: &Scope<'_>, charge: &Charge<'_>) -> Reference {
    let intent = charge.payment_intent.as_ref().and_then(Ref::object);
    let mut found = intent.map(|intent| reference::intent_reference(scope, intent)).unwrap_or_default();
    reference::merge(&mut found, reference::charge_reference(scope, charge));
    found
}

/// Whether this refund and those before it give back all that was captured. Of several refunds that together do, only the
/// last is full, in whichever order their events are worked. Those that are over in vain do not count, nor does what was
/// only released. Beyond the ten that Stripe lists, its own word on the charge stands for those before.
fn is_full(refund: &Refund<'_>, charge: &Charge<'_>) -> bool {
    let listed = charge.refunds.as_ref().map(|list| (list.data.as_slice(), list.has_more)).unwrap_or_default();
    let counts = |other: &&Refund<'_>| other.has_moved() && !other.is_undone() && !other.is_release();
    let place = listed.0.iter().position(|other| other.id == refund.id);
    match (place.and_then(|place| listed.0.split_at_checked(place)), listed.1) {
        (Some((_, from)), false) => {
            let before: i64 = from.iter().skip(1).filter(counts).map(|other| other.amount).sum();
            before + refund.amount == charge.amount_captured
        }
        (Some((newer, _)), true) => charge.refunded && !newer.iter().any(|other| counts(&other)),
        (None, _) => charge.amount_refunded == charge.amount_captured,
    }
}
