//! A PaymentIntent, or a charge without one, as what happened to the payer's money.

use super::json::Text;
use super::object::{Charge, PaymentIntent};
use super::reading::{Reach, Reading, Scope};
use super::reference::{self, merge};
use crate::money::Money;
use crate::movement::{CONNECTED, Movement, MovementKind, Reference, posting_key};

/// Reads a PaymentIntent by its status. `moved`: something else says that money moved, so a payment that is not
/// final is waited for. `led`: what the object that led here says it is for; the PaymentIntent's own comes first.
///
/// A canceled PaymentIntent that had received something keeps what it received, and so has the key of a succeeded
/// one: no payment is ever both.
pub fn read_intent(scope: &Scope<'_>, intent: &PaymentIntent<'_>, moved: bool, led: Reference) -> Reading {
    let known = |kind, reason: Option<&str>| {
        if moved && !matches!(kind, MovementKind::Canceled) {
            return Reading::Waits { payment: intent.id.as_str().to_owned() };
        }
        let mut event = intent_movement(scope, intent, kind, intent.amount, scope.event.created);
        event.reason = reason.map(str::to_owned);
        if intent.amount_received > 0 {
            event.flags.push("partially_funded".into());
        }
        Reading::Known(event)
    };
    let none_yet = |reason| {
        if moved { Reading::Waits { payment: intent.id.as_str().to_owned() } } else { Reading::Ignore(reason) }
    };
    match intent.status.as_str() {
        "succeeded" | "canceled" if intent.amount_received > 0 => {
            let charge = intent.latest_charge.as_ref().and_then(|c| c.object());
            let arrived = arrival(scope, charge.map(|c| &**c));
            let mut event = intent_movement(scope, intent, MovementKind::Paid, intent.amount_received, arrived);
            event.reference = reference::intent_reference(scope, intent);
            merge(&mut event.reference, led);
            Reading::Movement(event)
        }
        "succeeded" => Reading::Ignore("nothing_received"),
        "canceled" => known(MovementKind::Canceled, intent.cancellation_reason.as_ref().map(Text::as_str)),
        "processing" => known(MovementKind::Processing, None),
        "requires_action" => known(MovementKind::RequiresAction, None),
        "requires_payment_method" if intent.last_payment_error.is_some() => {
            known(MovementKind::Failed, intent.last_payment_error.as_ref().and_then(|e| e.reason()))
        }
        "requires_payment_method" | "requires_confirmation" => none_yet("not_started"),
        "requires_capture" => none_yet("not_captured"),
        _ => Reading::Unsupported,
    }
}

/// Reads a succeeded, captured charge that belongs to no PaymentIntent (made by the Charges API or, as `py_…`,
/// by a transfer).
pub fn read_charge(scope: &Scope<'_>, charge: &Charge<'_>, led: Reference) -> Reading {
    if charge.amount_captured <= 0 {
        return Reading::Ignore("nothing_received");
    }
    let mut reference = reference::charge_reference(scope, charge);
    merge(&mut reference, led);
    let money = Money::new(charge.amount_captured, charge.currency);
    Reading::Movement(Movement {
        livemode: charge.livemode,
        method: charge.payment_method.as_ref().map(|m| m.as_str().to_owned()),
        customer: charge.customer.as_ref().map(|c| c.id().to_owned()),
        reference,
        ..bare_movement(
            scope,
            MovementKind::Paid,
            charge.id.as_str(),
            charge.id.as_str(),
            money,
            arrival(scope, Some(charge)),
        )
    })
}

fn intent_movement(
    scope: &Scope<'_>,
    intent: &PaymentIntent<'_>,
    kind: MovementKind,
    minor: i64,
    occurred: i64,
) -> Movement {
    let payer = intent.customer.as_ref().map(|c| c.id()).or(intent.customer_account.as_ref().map(Text::as_str));
    let money = Money::new(minor, intent.currency);
    Movement {
        livemode: intent.livemode,
        charge: intent.latest_charge.as_ref().map(|c| c.id().to_owned()),
        method: intent.payment_method.as_ref().map(|m| m.id().to_owned()),
        customer: payer.map(str::to_owned),
        ..bare_movement(scope, kind, intent.id.as_str(), intent.id.as_str(), money, occurred)
    }
}

/// A movement of which nothing is known but what it is. `object` is what its key names.
pub fn bare_movement(
    scope: &Scope<'_>,
    kind: MovementKind,
    object: &str,
    payment: &str,
    money: Money,
    occurred: i64,
) -> Movement {
    let unmatched = (kind == MovementKind::Paid && scope.reach == Reach::Nothing).then(|| CONNECTED.to_owned());
    Movement {
        key: posting_key(scope.account, object, kind.transition()),
        kind,
        account: scope.account.to_owned(),
        livemode: scope.event.livemode,
        payment: payment.to_owned(),
        charge: None,
        method: None,
        money,
        occurred,
        customer: None,
        reason: None,
        reference: Reference::default(),
        flags: unmatched.into_iter().collect(),
        detail: None,
    }
}

/// When the money arrived, as far as what is in hand tells: at the event of the payment's own success, in whatever form it
/// came; else the balance transaction's time where it is there, else the event's. Not the charge's time alone: an
/// authorised or debited charge is days older than its money. Whoever books it asks for the success where this is not
/// its event ([`super::instant`]).
pub fn arrival(scope: &Scope<'_>, charge: Option<&Charge<'_>>) -> i64 {
    if scope.event.kind == "payment_intent.succeeded" {
        return scope.event.created;
    }
    let settled = charge.and_then(|c| c.balance_transaction.as_ref()?.object()).map(|t| t.created);
    settled.unwrap_or_else(|| charge.map_or(0, |c| c.created).max(scope.event.created))
}
