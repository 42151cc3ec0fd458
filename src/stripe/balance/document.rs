//! The document that a balance transaction settles: a receipt, a refund, a dispute's money, or one of their returns.

use serde_json::value::RawValue;

use super::amounts::{SourceAmounts, presented_amount};
use super::object::{Source, Txn, parse};
use super::table::SettledDocument;
use crate::error::Error;
use crate::money::Money;
use crate::movement::{Counter, Movement, MovementKind, posting_key};
use crate::stripe::dispute::{self, Dispute};
use crate::stripe::event_types::Target;
use crate::stripe::json::Ref;
use crate::stripe::late_failure;
use crate::stripe::object::{BalanceTransaction, Charge, Refund};
use crate::stripe::payment_id::PaymentId;
use crate::stripe::reading::{Pointer, Reading, Scope};

/// What stands in clearing for it.
pub struct DocumentMatch {
    pub payment_id: PaymentId,
    /// Key of its document.
    pub document: String,
    /// With the transaction's sign, in the payment's currency; or where it stands, since its size is not certain.
    pub presented: Result<Money, Counter>,
    pub pointer: Option<Pointer>,
    /// For the receipt of this payment.
    pub waits: Option<String>,
    pub before: Vec<Movement>,
}

/// What it settles. `None` when the source is not what such a transaction has.
pub fn match_document(
    scope: &Scope<'_>,
    txn: &Txn<'_>,
    settles: SettledDocument,
    source: &Source<'_>,
    raw: Option<&RawValue>,
    failed: Option<&Charge<'_>>,
) -> Result<Option<DocumentMatch>, Error> {
    let Some(raw) = raw else { return Ok(None) };
    Ok(match (settles, source.object.as_str()) {
        (SettledDocument::Charge, "charge") => Some(charge(scope, txn, &parse(raw)?)),
        (SettledDocument::Failure, _) => failed.map(|charge| failure(scope, txn, charge)).transpose()?,
        (SettledDocument::Release | SettledDocument::Refund | SettledDocument::RefundFailure, "refund") => {
            refund(scope, txn, settles, &parse(raw)?)?
        }
        (SettledDocument::Dispute, "dispute") => disputed(scope, txn, &parse(raw)?)?,
        _ => None,
    })
}

/// Older API versions enter the whole authorization and release the rest; newer ones what was captured. The whole comes
/// only once, with the transaction that the charge names.
fn charge(scope: &Scope<'_>, txn: &Txn<'_>, charge: &Charge<'_>) -> DocumentMatch {
    let payment_id = PaymentId::from_charge(charge);
    let said = [charge.amount_captured, charge.amount];
    let again = |money: &Money| is_other(charge.balance_transaction.as_ref(), txn) && said.contains(&money.minor);
    DocumentMatch {
        document: payment_id.receipt_key(scope.account),
        presented: presented_amount(txn, charge.currency, SourceAmounts::About(&said))
            .filter(|m| !again(m))
            .ok_or(Counter::Suspense),
        pointer: Some(Pointer::to_payment(&payment_id.payment)),
        waits: None,
        before: Vec::new(),
        payment_id,
    }
}

/// Whether the source names another transaction as its own.
fn is_other(named: Option<&Ref<'_, BalanceTransaction<'_>>>, txn: &Txn<'_>) -> bool {
    matches!(named, Some(Ref::Id(id)) if id.as_str() != txn.id.as_str())
}

/// A failure settles the reversal of a charge that had paid, else it is netted against its charge.
fn failure(scope: &Scope<'_>, txn: &Txn<'_>, charge: &Charge<'_>) -> Result<DocumentMatch, Error> {
    let payment_id = PaymentId::from_charge(charge);
    let own = charge.failure_balance_transaction.as_ref().is_none_or(|named| named.id() == txn.id.as_str());
    let presented =
        presented_amount(txn, charge.currency, SourceAmounts::About(&late_failure::reversible_amounts(charge)))
            .filter(|_| own);
    let presented = presented.ok_or(Counter::Suspense);
    let (document, before, waits) = match late_failure::failure_movements(scope, charge)? {
        Reading::Movements(before) => {
            (posting_key(scope.account, &payment_id.payment, MovementKind::Reversed.transition()), before, None)
        }
        Reading::Waits { payment } => (payment_id.receipt_key(scope.account), Vec::new(), Some(payment)),
        _ => (payment_id.receipt_key(scope.account), Vec::new(), None),
    };
    Ok(DocumentMatch { payment_id, document, presented, pointer: None, waits, before })
}

fn refund(
    scope: &Scope<'_>,
    txn: &Txn<'_>,
    settles: SettledDocument,
    refund: &Refund<'_>,
) -> Result<Option<DocumentMatch>, Error> {
    let Some(payment_id) = refund.payment_id() else { return Ok(None) };
    let named = match settles {
        SettledDocument::RefundFailure => &refund.failure_balance_transaction,
        _ => &refund.balance_transaction,
    };
    let presented = presented_amount(txn, refund.currency, SourceAmounts::Exactly(&[refund.amount]));
    let presented = presented.filter(|_| !is_other(named.as_ref(), txn)).ok_or(Counter::Suspense);
    let id = refund.id.as_str();
    let (document, pointer) = match settles {
        SettledDocument::Release => (payment_id.receipt_key(scope.account), Pointer::to_payment(&payment_id.payment)),
        SettledDocument::RefundFailure => (
            posting_key(scope.account, id, MovementKind::RefundFailed.transition()),
            Pointer::to_target(Target::Refund(id.to_owned())),
        ),
        _ => (
            posting_key(scope.account, id, MovementKind::Refunded.transition()),
            Pointer::to_target(Target::Refund(id.to_owned())),
        ),
    };
    Ok(Some(DocumentMatch { payment_id, document, presented, pointer: Some(pointer), waits: None, before: Vec::new() }))
}

fn disputed(scope: &Scope<'_>, txn: &Txn<'_>, dispute: &Dispute<'_>) -> Result<Option<DocumentMatch>, Error> {
    let Some(payment_id) = dispute.payment_id().filter(|_| txn.amount != 0) else { return Ok(None) };
    let presented = dispute.presented_amount(txn);
    let before =
        if presented.is_ok() { dispute::transaction_documents(scope, dispute, &payment_id, txn) } else { Vec::new() };
    let document = before.last().map(|movement| movement.key.clone()).unwrap_or_default();
    Ok(Some(DocumentMatch { payment_id, document, presented, pointer: None, waits: None, before }))
}
