//! From Stripe's events and objects to what shall be done. Pure: [`super::fetch`] asks Stripe where this says so.
//!
//! A receipt is booked only from a PaymentIntent, or a charge without one, that is final and received something; what
//! belongs to it only leads to it. So all events of one payment end at the same posting key. Refunds, disputes and
//! failures are movements of their own; what any of them did to the balance is its balance transaction's to tell
//! ([`super::balance`]), and [`transactions`] names it.

pub use super::event_types::{EVENT_TYPES, Target};
use super::event_types::{NO_MONEY, target};
pub use super::named_transactions::named_by_event as transactions;
use super::reading::Json;
pub use super::reading::{Pointer, Reach, Reading, Scope};
use super::version::same_train;
use super::{dispute, late_failure, payouts, pointers, receipt, refund};
use crate::error::{Code, Error};

/// Raised when a version reads more types or reads one differently: rows ignored as unsupported by an older mapper
/// are looked at again.
pub const MAPPER_VERSION: i64 = 2;

/// Reads an event. `body` is its raw JSON; `None` when only its envelope is known (pulled, or too large to keep).
/// Without an object, and in an API version of another train, the answer is a [`Reading::Pointer`]: to the PaymentIntent
/// where the envelope's subject names one, so that the ledger is asked before Stripe, else to the object.
///
/// Errors: [`crate::error::Code::EventUnreadable`] when the object lacks what a booking needs.
pub fn read_event(scope: &Scope<'_>, body: Option<&[u8]>) -> Result<Reading, Error> {
    let event = scope.event;
    if NO_MONEY.contains(&event.kind.as_str()) {
        return Ok(Reading::Ignore("moves_no_money"));
    }
    // The object would say no more: not worth a permission to read it.
    if event.kind.starts_with("topup.") && EVENT_TYPES.contains(&event.kind.as_str()) {
        return Ok(Reading::Ignore("told_by_transaction"));
    }
    let Some(target) = target(&event.kind, &event.object) else { return Ok(Reading::Unsupported) };
    if event.object.is_empty() {
        return Err(Error::new(
            Code::EventUnreadable,
            "The event names no object; look at it in Stripe's dashboard, under the events of that time.",
        ));
    }
    let Some(body) = body.filter(|_| !event.thin && same_train(event.api_version.as_deref())) else {
        let intent = Some(event.subject.clone()).filter(|id| target.only_leads_to_receipt() && id.starts_with("pi_"));
        return Ok(Reading::Pointer(Pointer::to_target(intent.map_or(target, Target::PaymentIntent))));
    };
    let json = Json::Event(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body));
    // The event's own time is when a charge without a PaymentIntent was captured; a later update tells nothing.
    if event.kind == "charge.updated" {
        return pointers::read_updated_charge(&json.parse()?);
    }
    if matches!(target, Target::Dispute(_)) {
        return Ok(dispute::event_movements(scope, &json.parse()?));
    }
    read_object(scope, json, Pointer::to_target(target))
}

/// Reads the object that `lead` names.
pub(super) fn read_object(scope: &Scope<'_>, json: Json<'_>, pointer: Pointer) -> Result<Reading, Error> {
    match pointer.target {
        Target::PaymentIntent(_) => Ok(receipt::read_intent(scope, &json.parse()?, pointer.moved, pointer.reference)),
        Target::Charge(_) => pointers::read_charge(scope, &json.parse()?, pointer.reference),
        Target::CheckoutSession(_) => pointers::read_session(scope, &json.parse()?, pointer.reference),
        Target::Invoice(_) => pointers::read_invoice(scope, &json.parse()?),
        Target::InvoicePayment(_) => pointers::read_invoice_payment(scope, &json.parse()?, pointer.reference),
        Target::Refund(_) => Ok(refund::refund_movements(scope, &json.parse()?)),
        Target::Failure(_) => late_failure::failure_movements(scope, &json.parse()?),
        Target::Dispute(_) => Ok(dispute::dispute_movements(scope, &json.parse()?)),
        Target::Payout(_) => Ok(payouts::payout_reading(scope, &json.parse()?)),
    }
}
