//! The document that a balance transaction settles: a receipt, a refund, a dispute's money, or one of their returns.

use serde_json::value::RawValue;

use super::amounts::{Says, presented};
use super::object::{Source, Txn};
use super::parse;
use super::table::Settles;
use crate::error::Error;
use crate::money::Money;
use crate::payment::{Counter, Kind, PaymentEvent, posting_key};
use crate::stripe::dispute::{self, Dispute};
use crate::stripe::failure;
use crate::stripe::json::Ref;
use crate::stripe::map::{Lead, Reading, Scope, Target};
use crate::stripe::object::{BalanceTransaction, Charge};
use crate::stripe::refund::Refund;
use crate::stripe::whose::Whose;

/// What stands in clearing for it.
pub struct Settled {
    pub whose: Whose,
    /// Key of its document.
    pub document: String,
    /// With the transaction's sign, in the payment's currency; or where it stands, since its size is not certain.
    pub presented: Result<Money, Counter>,
    pub lead: Option<Lead>,
    /// For the receipt of this payment.
    pub waits: Option<String>,
    pub before: Vec<PaymentEvent>,
}

/// What it settles. `None` when the source is not what such a transaction has.
pub fn document(
    scope: &Scope<'_>,
    txn: &Txn<'_>,
    settles: Settles,
    source: &Source<'_>,
    raw: Option<&RawValue>,
    failed: Option<&Charge<'_>>,
) -> Result<Option<Settled>, Error> {
    let Some(raw) = raw else { return Ok(None) };
    Ok(match (settles, source.object.as_str()) {
        (Settles::Charge, "charge") => Some(charge(scope, txn, &parse(raw)?)),
        (Settles::Failure, _) => failed.map(|charge| failure(scope, txn, charge)).transpose()?,
        (Settles::Release | Settles::Refund | Settles::RefundFailure, "refund") => {
            refund(scope, txn, settles, &parse(raw)?)?
        }
        (Settles::Dispute, "dispute") => disputed(scope, txn, &parse(raw)?)?,
        _ => None,
    })
}

/// Older API versions enter the whole authorization and release the rest; newer ones what was captured. The whole comes
/// only once, with the transaction that the charge names.
fn charge(scope: &Scope<'_>, txn: &Txn<'_>, charge: &Charge<'_>) -> Settled {
    let whose = Whose::of_charge(charge);
    let said = [charge.amount_captured, charge.amount];
    let again = |money: &Money| is_other(charge.balance_transaction.as_ref(), txn) && said.contains(&money.minor);
    Settled {
        document: whose.receipt(scope.account),
        presented: presented(txn, charge.currency, Says::About(&said)).filter(|m| !again(m)).ok_or(Counter::Suspense),
        lead: Some(Lead::to_payment(&whose.payment)),
        waits: None,
        before: Vec::new(),
        whose,
    }
}

/// Whether the source names another transaction as its own.
fn is_other(named: Option<&Ref<'_, BalanceTransaction<'_>>>, txn: &Txn<'_>) -> bool {
    matches!(named, Some(Ref::Id(id)) if id.as_str() != txn.id.as_str())
}

/// A failure settles the reversal of a charge that had paid, else it is netted against its charge.
fn failure(scope: &Scope<'_>, txn: &Txn<'_>, charge: &Charge<'_>) -> Result<Settled, Error> {
    let whose = Whose::of_charge(charge);
    let own = charge.failure_balance_transaction.as_ref().is_none_or(|named| named.id() == txn.id.as_str());
    let presented = presented(txn, charge.currency, Says::About(&failure::amounts(charge))).filter(|_| own);
    let presented = presented.ok_or(Counter::Suspense);
    let (document, before, waits) = match failure::read(scope, charge)? {
        Reading::Movements(before) => {
            (posting_key(scope.account, &whose.payment, Kind::Reversed.transition()), before, None)
        }
        Reading::Waits { payment } => (whose.receipt(scope.account), Vec::new(), Some(payment)),
        _ => (whose.receipt(scope.account), Vec::new(), None),
    };
    Ok(Settled { whose, document, presented, lead: None, waits, before })
}

fn refund(scope: &Scope<'_>, txn: &Txn<'_>, settles: Settles, refund: &Refund<'_>) -> Result<Option<Settled>, Error> {
    let Some(whose) = refund.whose() else { return Ok(None) };
    let named = match settles {
        Settles::RefundFailure => &refund.failure_balance_transaction,
        _ => &refund.balance_transaction,
    };
    let presented = presented(txn, refund.currency, Says::Exactly(&[refund.amount]));
    let presented = presented.filter(|_| !is_other(named.as_ref(), txn)).ok_or(Counter::Suspense);
    let id = refund.id.as_str();
    let (document, lead) = match settles {
        Settles::Release => (whose.receipt(scope.account), Lead::to_payment(&whose.payment)),
        Settles::RefundFailure => {
            (posting_key(scope.account, id, Kind::RefundFailed.transition()), Lead::to(Target::Refund(id.to_owned())))
        }
        _ => (posting_key(scope.account, id, Kind::Refunded.transition()), Lead::to(Target::Refund(id.to_owned()))),
    };
    Ok(Some(Settled { whose, document, presented, lead: Some(lead), waits: None, before: Vec::new() }))
}

fn disputed(scope: &Scope<'_>, txn: &Txn<'_>, dispute: &Dispute<'_>) -> Result<Option<Settled>, Error> {
    let Some(whose) = dispute.whose().filter(|_| txn.amount != 0) else { return Ok(None) };
    let presented = dispute.presented(txn);
    let before = if presented.is_ok() { dispute::moved(scope, dispute, &whose, txn) } else { Vec::new() };
    let document = before.last().map(|movement| movement.key.clone()).unwrap_or_default();
    Ok(Some(Settled { whose, document, presented, lead: None, waits: None, before }))
}
