//! A charge that failed after it had paid, as delayed methods may: the receipt is taken back.

use super::balance::amounts::{Says, presented};
use super::json::Ref;
use super::map::{Lead, Reading, Scope, Target};
use super::movement;
use super::object::Charge;
use super::refund::referred;
use super::whose::Whose;
use crate::error::Error;
use crate::money::Money;
use crate::payment::{Detail, Kind, PaymentEvent, Reference, Reversal};

/// What [`super::fetch`] expands.
pub const EXPAND: [&str; 3] = ["balance_transaction", "failure_balance_transaction", "payment_intent"];

/// The movements of a failed charge: the receipt, as its events may come later or never, and its reversal. Leads to the
/// charge where what took the money back is not there in full. Nothing moves when nothing was taken back, nor when
/// nothing had been captured: then what came and went on the balance is netted against each other.
///
/// The PaymentIntent is not asked whether it had succeeded: after such a failure it may say anything.
pub fn read(scope: &Scope<'_>, charge: &Charge<'_>) -> Result<Reading, Error> {
    let taken = match &charge.failure_balance_transaction {
        None => return Ok(Reading::Ignore("moves_no_money")),
        Some(_) if !had_paid(charge) => return Ok(Reading::Ignore("moves_no_money")),
        Some(Ref::Id(_)) => {
            return Ok(Reading::Lead(Lead::to(Target::Failure(charge.id.as_str().to_owned()))));
        }
        Some(Ref::Object(taken)) => taken,
    };
    let whose = Whose::of_charge(charge);
    let reference = referred(scope, charge);
    let Reading::Movement(receipt) = movement::of_charge(scope, charge, Reference::default()) else {
        return Ok(Reading::Ignore("nothing_received"));
    };
    let receipt = PaymentEvent {
        key: whose.receipt(scope.account),
        payment: whose.payment.clone(),
        charge: whose.charge.clone(),
        reference: reference.clone(),
        ..receipt
    };
    let back = presented(taken, charge.currency, Says::About(&amounts(charge)))?;
    let money = Money::new(back.minor.saturating_abs(), back.currency);
    let reversal = PaymentEvent {
        charge: whose.charge.clone(),
        customer: receipt.customer.clone(),
        reason: charge.failure_code.as_ref().map(|code| code.as_str().to_owned()),
        reference,
        detail: Some(Detail::Reversal(Reversal { receipt: receipt.key.clone() })),
        ..movement::of(scope, Kind::Reversed, &whose.payment, &whose.payment, money, taken.created)
    };
    Ok(Reading::Movements(vec![receipt, reversal]))
}

/// It was captured before it failed.
pub fn had_paid(charge: &Charge<'_>) -> bool {
    charge.captured && charge.amount_captured > 0
}

/// What may have been taken back: all, or what was not refunded. `amount_refunded` of older API versions counts what was
/// released as well.
pub fn amounts(charge: &Charge<'_>) -> [i64; 4] {
    let (captured, refunded) = (charge.amount_captured, charge.amount_refunded);
    [captured.saturating_sub(refunded), charge.amount.saturating_sub(refunded), captured, charge.amount]
}
