//! The row of a new attempt: everything about the PaymentIntent is decided and written before Stripe is asked.

use super::context::PayContext;
use super::customer;
use super::payment_wish::PaymentWish;
use super::refusal::PayRefusal;
use crate::error::{Code, Error};
use crate::ledger::intents::{self, Attempt, OpenResult};
use crate::stripe::omitted_parameters::OmittedParameters;
use crate::stripe::payment_intents as stripe;

/// Writes the next attempt's row, in the place of `before`, whose form is without what is left out. Mostly the ERP's contact
/// names the customer that the ledger knows: that guess saves a round trip. Where it is wrong, or there is none, the customer
/// is found first.
pub async fn open_attempt(
    context: &PayContext<'_>,
    want: &PaymentWish<'_>,
    before: Option<&Attempt>,
    number: i64,
    left: &OmittedParameters,
) -> Result<Attempt, PayRefusal> {
    let payer = &want.invoice.payer;
    let needless = left.has("customer");
    if let Some(guess) = payer.customer.as_ref().filter(|_| !needless) {
        let wish = attempt_row(context, want, guess.clone(), number, left)?;
        let described = customer::fingerprint(payer);
        let opened = intents::open(&*context.rt.db, &context.place, before, &wish, Some(&described)).await?;
        if let OpenResult::Attempt(row) = opened {
            return Ok(*row);
        }
    }
    let customer = if needless { None } else { customer::customer_of(context, payer).await? };
    let wish = attempt_row(context, want, customer.unwrap_or_default(), number, left)?;
    match intents::open(&*context.rt.db, &context.place, before, &wish, None).await? {
        OpenResult::Attempt(row) => Ok(*row),
        OpenResult::NotNow => {
            Err(Error::new(Code::StripeUnavailable, "As many payments as Stripe takes were begun in this second.")
                .into())
        }
    }
}

/// The row of an attempt that begins now, with the form that Stripe will be sent.
fn attempt_row(
    context: &PayContext<'_>,
    want: &PaymentWish<'_>,
    customer: String,
    number: i64,
    left: &OmittedParameters,
) -> Result<Attempt, Code> {
    let money = want.chosen.or_else(|| want.offer.amounts.first().map(|a| a.money)).ok_or(Code::AmountNotAllowed)?;
    let (invoice, key) = (want.invoice, context.rt.entropy.token());
    let text = |number: i64| number.to_string();
    let metadata = [
        ("odoo_db", context.place.database.clone()),
        ("odoo_model", "account.move".to_owned()),
        ("odoo_id", text(invoice.id)),
    ];
    let mut notes = vec![
        ("odoo_ref", invoice.number.clone()),
        ("odoo_partner_id", text(invoice.payer.partner)),
        ("quittance_version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    notes.extend(invoice.created.clone().map(|created| ("odoo_created", created)));
    let wish = stripe::IntentParameters {
        money,
        customer: &customer,
        description: &invoice.number,
        metadata: &metadata,
        notes: &notes,
        receipt_email: invoice.payer.email.as_deref().filter(|_| context.pay.receipt_email),
        statement_suffix: context.pay.statement_suffix.then(|| statement_suffix(&invoice.number)).flatten(),
        redirects: context.pay.redirects,
        key: &key,
    };
    let form = stripe::form(&wish, left);
    Ok(Attempt {
        attempt: number,
        body: form.as_str().to_owned(),
        key,
        minor: money.minor,
        currency: money.currency.code().to_owned(),
        residual: want.offer.residual.minor,
        partner: invoice.payer.commercial,
        customer,
        token: want.token_digest(),
        shown: want.shown.clone(),
        opened: context.rt.clock.now_ms(),
        payment: None,
        status: None,
        closed: false,
        posting: None,
        arriving: false,
        disputed: false,
    })
}

/// The invoice's number as card statements can show it, at most 10 characters: with Stripe's `* ` and a merchant's name of
/// 10 it fills the 22 that a statement has. Source: docs.stripe.com, statement descriptors.
fn statement_suffix(number: &str) -> Option<String> {
    let clean: String = number.chars().filter(char::is_ascii_alphanumeric).collect();
    let short = match clean.len() {
        0..=10 => clean,
        length => format!("{}{}", clean.get(..3)?, clean.get(length - 7..)?),
    };
    // Stripe refuses one without a letter.
    short.bytes().any(|b| b.is_ascii_alphabetic()).then_some(short)
}

#[cfg(test)]
mod tests {
    use super::statement_suffix;

    #[test]
    fn a_statement_shows_the_ends_of_a_long_number() {
        for (number, shown) in [
            ("INV/2026/00012", Some("INV2600012")),
            ("RE-17", Some("RE17")),
            ("2026/00012", None),
            ("", None),
            ("№1", None),
        ] {
            assert_eq!(statement_suffix(number).as_deref(), shown, "{number}");
        }
    }
}
