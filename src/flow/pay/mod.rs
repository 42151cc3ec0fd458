//! A payer wants to pay an invoice: one call to the ERP says what is open, one to Stripe gives the PaymentIntent.
//! docs/ARCHITECTURE.md tells the life of a payment.

mod attempt;
mod attempt_state;
pub mod brake;
pub(super) mod cancel;
mod context;
mod customer;
mod feature;
pub mod logo;
mod offer;
mod opening;
mod page;
mod payment_wish;
mod refusal;
pub mod status;
pub mod tidy;
mod view;

pub use customer::KEY_LIFETIME_S;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::config::Config;
use crate::erp::Fault;
use crate::erp::invoice::{Invoice, Invoices};
use crate::error::Code;
use crate::ledger::intents::{self, Attempt};
use crate::ports::Runtime;
use crate::stripe::payment_intents as stripe;

use attempt::AttemptResult;
use attempt_state::{AttemptState, attempt_state, has_reached};
use context::{PayContext, is_token, token_digest};
use feature::Feature;
use page::PageAnswer;
use payment_wish::PaymentWish;
pub use refusal::PayRefusal;

/// What the page asks.
#[derive(Clone, Debug)]
pub struct PayRequest<'a> {
    pub invoice: i64,
    /// The portal token of the link.
    pub token: &'a str,
    /// Which database the link says it is of.
    pub database: Option<&'a str>,
    /// In major units, where the payer chose.
    pub amount: Option<Decimal>,
}

impl PayRequest<'_> {
    /// Under what name requests are counted: an invoice with one token, so that nobody who guesses tokens keeps the payer
    /// out.
    pub fn rate_limit_key(&self) -> String {
        let digest = hex::encode(token_digest(self.token));
        format!("{} {}", self.invoice, digest.get(..16).unwrap_or_default())
    }
}

/// Whether a payment was begun with this link before: whoever guesses has none such. The ledger alone is asked; one that does
/// not answer knows nothing.
pub async fn has_begun(rt: &Runtime, asked: &PayRequest<'_>) -> bool {
    let kept = hex::encode(token_digest(asked.token));
    !asked.token.is_empty() && intents::has_begun(&*rt.db, asked.invoice, &kept).await.unwrap_or(false)
}

/// Begins a payment, or goes on with the invoice's one; answers the page's JSON.
pub async fn begin(rt: &Runtime, config: &Config, asked: &PayRequest<'_>) -> Result<Value, PayRefusal> {
    let (mut context, found) = PayContext::load(rt, config, asked.invoice).await?;
    match found {
        Ok(found) => {
            let invoice = payable_invoice(asked, found)?;
            forget_others(&mut context, &invoice).await?;
            // Ledger and ERP were asked at the same moment: what was booked in between is on the invoice when it is read
            // again.
            let booked =
                unbooked_attempt(&context, &invoice.payments).is_some_and(|(_, attempt)| attempt.posting.is_some());
            let invoice = match booked {
                true => payable_invoice(asked, context.delivery_context.erp.invoices(&[asked.invoice]).await?)?,
                false => invoice,
            };
            online(&context, &invoice, asked.amount).await
        }
        Err(fault) => offline(&context, asked, fault).await,
    }
}

/// The invoice that the link means, if it is the link of a payable invoice of this database.
fn payable_invoice(asked: &PayRequest<'_>, found: Invoices) -> Result<Invoice, Code> {
    if asked.database.is_some_and(|named| named != found.uuid) {
        return Err(Code::DatabaseCopy);
    }
    let invoice = found.invoices.into_iter().find(|i| i.id == asked.invoice && i.payable);
    let kept = |i: &Invoice| i.token.as_ref().map(|token| hex::encode(token_digest(token.reveal())));
    invoice.filter(|i| kept(i).is_some_and(|kept| is_token(asked.token, &kept))).ok_or(Code::InvoiceNotFound)
}

/// Leaves out the attempts at another invoice. One of them that is booked and not closed would stand in the way of a new one;
/// one that can still be paid is canceled when another begins.
async fn forget_others(context: &mut PayContext<'_>, invoice: &Invoice) -> Result<(), PayRefusal> {
    let (others, own) =
        std::mem::take(&mut context.known.attempts).into_iter().partition(|a| is_of_another(a, invoice));
    context.known.attempts = own;
    let others: Vec<Attempt> = others;
    for booked in others.iter().filter(|a| !a.closed && a.posting.is_some()) {
        intents::close(&*context.rt.db, &booked.key, booked.payment.as_deref(), None, context.now).await?;
    }
    Ok(())
}

/// Whether an attempt was at an invoice that the ERP lost before it gave its id to this one: neither the link is the same, nor
/// number, partner and instant of creation.
fn is_of_another(attempt: &Attempt, invoice: &Invoice) -> bool {
    let shown: Value = serde_json::from_str(&attempt.shown).unwrap_or_default();
    let kept = |name: &str| shown.get(name).and_then(Value::as_str);
    let same = attempt.partner == invoice.payer.commercial
        && kept("number") == Some(invoice.number.as_str())
        && kept(view::CREATED) == invoice.created.as_deref();
    let token = invoice.token.as_ref().is_some_and(|token| is_token(token.reveal(), &attempt.token));
    !token && !same
}

async fn online(context: &PayContext<'_>, invoice: &Invoice, amount: Option<Decimal>) -> Result<Value, PayRefusal> {
    let offer = offer::offer_of(invoice, context.pay)?;
    let shown = view::invoice(invoice, &offer);
    let page = PageAnswer { context, shown: &shown, offer: Some(&offer) };
    if context.known.attempts.iter().any(|attempt| attempt.disputed) {
        return Ok(page.of_ledger("disputed", None));
    }
    match unbooked_attempt(context, &invoice.payments) {
        // Paid another way meanwhile: there is nothing to wait for.
        Some((AttemptState::Attention, _)) if offer.residual.minor <= 0 => {}
        Some((state, attempt)) => return Ok(page.of_ledger(state.name(), Some(attempt))),
        None => {}
    }
    if offer.residual.minor <= 0 {
        let last = context.known.attempts.iter().find(|a| has_reached(a, &invoice.payments));
        return Ok(page.of_ledger("paid", last));
    }
    cancel_if_paused(context).await?;
    let chosen = amount.map(|amount| offer.choose(amount)).transpose()?;
    let want = PaymentWish { invoice, offer: &offer, chosen, shown: view::stored_invoice(&shown, invoice) };
    match attempt::continue_or_begin(context, &want).await? {
        AttemptResult::Taken(state, intent) => Ok(page.of_stripe(state.name(), &intent, None, None)),
        AttemptResult::Open(intent, customer) => {
            let session = customer_session(context, customer).await;
            Ok(page.of_stripe("open", &intent, Some(intent.client_secret.reveal()), session))
        }
    }
}

/// An attempt whose money arrived and is not in the books, or is there and not on the invoice (unmatched, or taken off
/// by a person): until that is settled no other may begin. `payments` are those that the invoice is reconciled with.
fn unbooked_attempt<'a>(context: &'a PayContext<'_>, payments: &[i64]) -> Option<(AttemptState, &'a Attempt)> {
    context.known.attempts.iter().find_map(|attempt| match attempt_state(attempt) {
        AttemptState::Received => Some((AttemptState::Received, attempt)),
        AttemptState::Booked | AttemptState::Attention if !has_reached(attempt, payments) => {
            Some((AttemptState::Attention, attempt))
        }
        // Stripe is asked: what was heard last may be old.
        _ => None,
    })
}

/// After several declines: the open PaymentIntent is given up, so that nobody goes on with it, and the payer waits. One
/// that is just being paid goes on.
async fn cancel_if_paused(context: &PayContext<'_>) -> Result<(), PayRefusal> {
    let until = context.known.paused_until;
    if until <= context.now {
        return Ok(());
    }
    if let Some(open) = context.known.open_attempt()
        && cancel::give_up(context.rt, &context.client(), open, context.now).await?.is_taken()
    {
        return Ok(());
    }
    let refused = PayRefusal::from(Code::PaymentPaused);
    Err(PayRefusal { retry_after: Some(until - context.now), ..refused })
}

/// The session that shows saved cards, where the setting allows. Nobody is kept from paying for want of it.
async fn customer_session(context: &PayContext<'_>, customer: Option<String>) -> Option<String> {
    let customer = customer.filter(|_| context.pay.saved_cards)?;
    if feature::is_missing(context, Feature::CustomerSession).await {
        return None;
    }
    match crate::stripe::customers::session(&context.optional_client(), &customer, &context.rt.entropy.token()).await {
        Ok(secret) => Some(secret.reveal().to_owned()),
        Err(error) => {
            feature::report_failure(context, Feature::CustomerSession, &error).await;
            None
        }
    }
}

/// The ERP does not answer. Nothing can be begun; but whoever has paid already, by the ledger's copy of the token, is told
/// so.
async fn offline(context: &PayContext<'_>, asked: &PayRequest<'_>, fault: Fault) -> Result<Value, PayRefusal> {
    let mine: Vec<&Attempt> = context.known.attempts.iter().filter(|a| is_token(asked.token, &a.token)).collect();
    for attempt in mine {
        let shown = view::of_kept(&attempt.shown);
        let page = PageAnswer { context, shown: &shown, offer: None };
        match attempt_state(attempt) {
            AttemptState::Booked if attempt.minor == attempt.residual => {
                return Ok(page.of_ledger("paid", Some(attempt)));
            }
            AttemptState::Booked | AttemptState::Canceled => {}
            heard if heard.is_taken() => return Ok(page.of_ledger(heard.name(), Some(attempt))),
            _ => {
                let Some(payment) = &attempt.payment else { continue };
                let intent = stripe::retrieve(&context.client(), payment).await?;
                let state = AttemptState::from_status(&intent.status);
                if state.is_taken() {
                    return Ok(page.of_stripe(state.name(), &intent, None, None));
                }
            }
        }
    }
    Err(fault.into())
}
