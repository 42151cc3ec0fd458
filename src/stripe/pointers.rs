//! Objects that only lead to a payment: charges of a PaymentIntent, checkout sessions, invoices.

use super::event_types::Target;
use super::json::{Ref, Text};
use super::object::{Charge, ChargeRef, CheckoutSession, IntentRef, Invoice, InvoicePayment};
use super::reading::{Pointer, Reading, Scope};
use super::receipt;
use super::reference::{self, merge};
use crate::error::Error;
use crate::movement::Reference;

/// A charge leads to its PaymentIntent; without one it is the payment itself.
pub fn read_charge(scope: &Scope<'_>, charge: &Charge<'_>, led: Reference) -> Result<Reading, Error> {
    Ok(match (&charge.payment_intent, charge_without_money(charge)) {
        (_, Some(reading)) => reading,
        (Some(intent), None) => to_intent(scope, intent, led),
        (None, None) => receipt::read_charge(scope, charge, led),
    })
}

/// The update of a charge comes when asynchronous capture ends, but also with any later edit: where the charge is
/// the payment itself, it is fetched for the time of its money.
pub fn read_updated_charge(charge: &Charge<'_>) -> Result<Reading, Error> {
    let target = match &charge.payment_intent {
        Some(intent) => Target::PaymentIntent(intent.id().to_owned()),
        None => Target::Charge(charge.id.as_str().to_owned()),
    };
    Ok(charge_without_money(charge).unwrap_or(Reading::Pointer(Pointer { moved: true, ..Pointer::to_target(target) })))
}

/// A paid session leads to its PaymentIntent, of a subscription to its first invoice.
pub fn read_session(scope: &Scope<'_>, session: &CheckoutSession<'_>, led: Reference) -> Result<Reading, Error> {
    let mut reference = reference::session_reference(scope, session);
    merge(&mut reference, led);
    let paid = session.payment_status.as_ref().map(Text::as_str);
    Ok(match (paid, &session.payment_intent, &session.invoice) {
        _ if session.mode.as_ref().is_some_and(|mode| mode.as_str() == "setup") => Reading::Ignore("no_payment"),
        (Some("no_payment_required"), _, _) => Reading::Ignore("nothing_due"),
        (Some("paid"), Some(intent), _) => to_intent(scope, intent, reference),
        (Some("paid"), None, Some(invoice)) => {
            Reading::Pointer(Pointer { target: Target::Invoice(invoice.id().to_owned()), moved: true, reference })
        }
        (Some("paid"), None, None) => Reading::Ignore("no_payment"),
        _ => Reading::Ignore("not_paid"),
    })
}

/// A paid invoice leads to the list of its payments, unless nothing was left to pay.
pub fn read_invoice(scope: &Scope<'_>, invoice: &Invoice<'_>) -> Result<Reading, Error> {
    Ok(match (invoice.total, invoice.amount_due) {
        (Some(..=0), _) => Reading::Ignore("nothing_due"),
        (_, Some(..=0)) => Reading::Ignore("credit_balance"),
        _ => Reading::Pointer(Pointer {
            target: Target::Invoice(invoice.id.as_str().to_owned()),
            moved: true,
            reference: reference::invoice_reference(scope, invoice),
        }),
    })
}

/// One payment of an invoice leads to its PaymentIntent or charge; a payment record is money that Stripe never held.
pub fn read_invoice_payment(
    scope: &Scope<'_>,
    payment: &InvoicePayment<'_>,
    mut led: Reference,
) -> Result<Reading, Error> {
    if let Some(invoice) = payment.invoice.as_ref().and_then(Ref::object) {
        merge(&mut led, reference::invoice_reference(scope, invoice));
    }
    if payment.status.as_ref().is_some_and(|status| status.as_str() != "paid") {
        return Ok(Reading::Ignore("not_paid"));
    }
    let mut reading = match payment.payment.as_ref().map(|by| (&by.payment_intent, &by.charge)) {
        Some((Some(intent), _)) => to_intent(scope, intent, led),
        Some((None, Some(charge))) => to_charge(scope, charge, led)?,
        _ => Reading::Ignore("out_of_band"),
    };
    // The last part of an invoice leads to the earlier parts too: they must not take the date of its event.
    let paid_at = payment.status_transitions.as_ref().and_then(|t| t.paid_at);
    if let (Reading::Movement(movement), Some(paid_at)) = (&mut reading, paid_at) {
        movement.occurred = movement.occurred.min(paid_at);
    }
    Ok(reading)
}

fn charge_without_money(charge: &Charge<'_>) -> Option<Reading> {
    match (charge.status.as_str(), charge.captured) {
        ("succeeded", true) => None,
        ("succeeded", false) => Some(Reading::Ignore("not_captured")),
        _ => Some(Reading::Ignore("moves_no_money")),
    }
}

/// Reads the PaymentIntent where it was expanded, else leads to it. Whoever leads here says that money moved.
fn to_intent(scope: &Scope<'_>, intent: &IntentRef<'_>, reference: Reference) -> Reading {
    match intent {
        Ref::Object(intent) => receipt::read_intent(scope, intent, true, reference),
        Ref::Id(id) => {
            Reading::Pointer(Pointer { target: Target::PaymentIntent(id.as_str().to_owned()), moved: true, reference })
        }
    }
}

fn to_charge(scope: &Scope<'_>, charge: &ChargeRef<'_>, reference: Reference) -> Result<Reading, Error> {
    match charge {
        Ref::Object(charge) => read_charge(scope, charge, reference),
        Ref::Id(id) => {
            Ok(Reading::Pointer(Pointer { target: Target::Charge(id.as_str().to_owned()), moved: true, reference }))
        }
    }
}
