//! The amounts of a balance transaction: they add up, or it is refused; nothing is guessed.

use rust_decimal::Decimal;

use super::object::{FeeDetail, Txn};
use crate::error::{Code, Error};
use crate::money::{Currency, Money};
use crate::movement::{Fee, FeeKind};
use crate::stripe::json::Text;

/// How exact a printed exchange rate is at the least.
const RATE_PLACES: u32 = 5;

/// Its fees by their parts. Errors: [`Code::EventUnreadable`] when `net` is not `amount` less `fee`, or `fee` not the sum
/// of `fee_details` in the same currency.
pub fn fees(txn: &Txn<'_>) -> Result<Vec<Fee>, Error> {
    let sum: i128 = txn.fee_details.iter().map(|detail| i128::from(detail.amount)).sum();
    let adds_up = sum == i128::from(txn.fee)
        && i128::from(txn.net) == i128::from(txn.amount) - i128::from(txn.fee)
        && txn.fee_details.iter().all(|detail| detail.currency == txn.currency);
    if !adds_up {
        return Err(amounts_differ(txn, "its net, amount, fee and the parts of its fee do not add up"));
    }
    Ok(txn.fee_details.iter().map(fee).collect())
}

fn fee(detail: &FeeDetail<'_>) -> Fee {
    let kind = match detail.r#type.as_str() {
        "stripe_fee" | "stripe_fx_fee" | "payment_method_passthrough_fee" => FeeKind::Stripe,
        "tax" => FeeKind::Tax,
        "application_fee" => FeeKind::Application,
        "withheld_tax" => FeeKind::Withheld,
        _ => FeeKind::Unknown,
    };
    let what = match detail.description.as_ref().and_then(Text::trimmed) {
        Some(words) => format!("{}: {words}", detail.r#type.as_str()),
        None => detail.r#type.as_str().to_owned(),
    };
    Fee { kind, what, money: Money::new(detail.amount, detail.currency) }
}

/// What its source says the amount may be, in the payment's currency.
#[derive(Clone, Copy, Debug)]
pub enum SourceAmounts<'a> {
    /// It may be any part, as of one capture of several.
    About(&'a [i64]),
    /// It is one of these, neither more nor less.
    Exactly(&'a [i64]),
}

/// The gross in the payment's currency, with the transaction's sign; `None` when it is not certain.
///
/// In the settlement currency it is the amount itself, if its source may be of that size. In another it is the one of the
/// source's amounts that the exchange rate turns into it; where two do to the minor unit, the first. Without a rate nothing
/// is certain: Stripe corrects an exchange by transactions that name the same source and no rate.
pub fn presented_amount(txn: &Txn<'_>, currency: Currency, says: SourceAmounts<'_>) -> Option<Money> {
    let (SourceAmounts::About(said) | SourceAmounts::Exactly(said)) = says;
    let signed = |minor: i64| Money::new(if txn.amount < 0 { -minor } else { minor }, currency);
    if currency != txn.currency {
        return amount_by_rate(txn, currency, said, rate(txn)?).map(signed);
    }
    let size = txn.amount.saturating_abs();
    let fits = match says {
        SourceAmounts::Exactly(_) => said.contains(&size),
        SourceAmounts::About(_) => said.iter().any(|most| size <= *most),
    };
    fits.then(|| Money::new(txn.amount, currency))
}

fn amount_by_rate(txn: &Txn<'_>, currency: Currency, said: &[i64], rate: Decimal) -> Option<i64> {
    let settled = Money::new(txn.amount, txn.currency).to_decimal().abs();
    let unit = Decimal::new(1, txn.currency.exponent());
    let off = |minor: i64| {
        let presented = Money::new(minor, currency).to_decimal();
        let off = (presented.checked_mul(rate)? - settled).abs();
        // A unit for the rounding, and what the rate's last place may hide.
        let may = unit.checked_add(presented.checked_mul(Decimal::new(1, RATE_PLACES))?)?;
        (off <= may).then_some((off > unit / Decimal::TWO, off))
    };
    let near = said.iter().filter_map(|minor| off(*minor).map(|off| (off, *minor)));
    // The first that is exact, else the nearest.
    near.min_by_key(|((inexact, off), _)| (*inexact, if *inexact { *off } else { Decimal::ZERO }))
        .map(|(_, minor)| minor)
}

/// The rate as a number; `None` when there was no exchange.
fn rate(txn: &Txn<'_>) -> Option<Decimal> {
    let text = txn.rate()?;
    if text.contains(['e', 'E']) { Decimal::from_scientific(text).ok() } else { text.parse().ok() }
}

/// [`Code::EventUnreadable`] with the id and what does not fit.
pub fn amounts_differ(txn: &Txn<'_>, what: &str) -> Error {
    Error::new(
        Code::EventUnreadable,
        format!("The balance transaction {} is not booked: {what}; look at it in Stripe's dashboard.", txn.id.as_str()),
    )
}
