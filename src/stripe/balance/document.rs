//! The document that a balance transaction settles: a receipt, a refund, a dispute's money, or one of their returns.

use serde_json::value::RawValue;

use super::amounts::{Says, presented};
use super::object::{Source, Txn};
use super::parse;
use super::table::Settles;
use crate::error::Error;
use crate::money::Money;
use crate::payment::{Kind, PaymentEvent, posting_key};
use crate::stripe::dispute::{self, Dispute};
use crate::stripe::failure;
use crate::stripe::map::{Lead, Reading, Scope, Target};
use crate::stripe::object::Charge;
use crate::stripe::refund::Refund;
use crate::stripe::whose::Whose;

/// What stands in clearing for it.
pub struct Settled {
    pub whose: Whose,
    /// Key of its document.
    pub document: String,
    /// With the transaction's sign, in the payment's currency.
    pub presented: Money,
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
        (Settles::Charge, "charge") => Some(charge(scope, txn, &parse(raw)?)?),
        (Settles::Failure, _) => failed.map(|charge| failure(scope, txn, charge)).transpose()?,
        (Settles::Release | Settles::Refund | Settles::RefundFailure, "refund") => {
            refund(scope, txn, settles, &parse(raw)?)?
        }
        (Settles::Dispute, "dispute") => disputed(scope, txn, &parse(raw)?)?,
        _ => None,
    })
}

/// Older API versions enter the whole authorization and release the rest; newer ones what was captured.
fn charge(scope: &Scope<'_>, txn: &Txn<'_>, charge: &Charge<'_>) -> Result<Settled, Error> {
    let whose = Whose::of_charge(charge);
    Ok(Settled {
        document: whose.receipt(scope.account),
        presented: presented(txn, charge.currency, Says::About(&[charge.amount_captured, charge.amount]))?,
        lead: Some(Lead::to_payment(&whose.payment)),
        waits: None,
        before: Vec::new(),
        whose,
    })
}

/// A failure settles the reversal of a charge that had paid, else it is netted against its charge.
fn failure(scope: &Scope<'_>, txn: &Txn<'_>, charge: &Charge<'_>) -> Result<Settled, Error> {
    let whose = Whose::of_charge(charge);
    let presented = presented(txn, charge.currency, Says::About(&failure::amounts(charge)))?;
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
    let presented = presented(txn, refund.currency, Says::Exactly(&[refund.amount]))?;
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
    let before = dispute::moved(scope, dispute, &whose, txn)?;
    let Some(document) = before.last().map(|movement| movement.key.clone()) else { return Ok(None) };
    let presented = presented(txn, dispute.currency, Says::About(&[dispute.amount]))?;
    Ok(Some(Settled { whose, document, presented, lead: None, waits: None, before }))
}
