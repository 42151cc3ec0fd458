//! A payer wants to pay an invoice: one call to the ERP says what is open, one to Stripe gives the PaymentIntent.
//! docs/ARCHITECTURE.md tells the life of a payment.

mod attempt;
mod begin;
pub mod brake;
mod customer;
mod feature;
pub mod logo;
mod offer;
mod page;
mod refused;
mod scene;
mod shown;
mod standing;
pub mod status;
pub mod tidy;

pub use customer::KEY_LIFE;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::config::Config;
use crate::erp::Fault;
use crate::erp::invoice::{Invoice, Invoices};
use crate::error::Code;
use crate::ledger::intents::{self, Attempt};
use crate::ports::Runtime;
use crate::stripe::payment_intents as stripe;

use attempt::{Outcome, Want};
use feature::Feature;
use page::Page;
pub use refused::Refused;
use scene::{Scene, digest, same_token};
use standing::{Standing, has_reached, of_attempt};

/// What the page asks.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    pub invoice: i64,
    /// The portal token of the link.
    pub token: &'a str,
    /// Which database the link says it is of.
    pub database: Option<&'a str>,
    /// In major units, where the payer chose.
    pub amount: Option<Decimal>,
}

impl Asked<'_> {
    /// Under what name requests are counted: an invoice with one token, so that nobody who guesses tokens keeps the payer
    /// out.
    pub fn counted(&self) -> String {
        let digest = hex::encode(digest(self.token));
        format!("{} {}", self.invoice, digest.get(..16).unwrap_or_default())
    }
}

/// Whether a payment was begun with this link before: whoever guesses has none such. The ledger alone is asked; one that does
/// not answer knows nothing.
pub async fn is_known(rt: &Runtime, asked: &Asked<'_>) -> bool {
    let kept = hex::encode(digest(asked.token));
    !asked.token.is_empty() && intents::is_known(&*rt.db, asked.invoice, &kept).await.unwrap_or(false)
}

/// Begins a payment, or goes on with the invoice's one; answers the page's JSON.
pub async fn begin(rt: &Runtime, config: &Config, asked: &Asked<'_>) -> Result<Value, Refused> {
    let (mut scene, found) = Scene::set(rt, config, asked.invoice).await?;
    match found {
        Ok(found) => {
            let invoice = named(asked, found)?;
            forget_others(&mut scene, &invoice).await?;
            // Ledger and ERP were asked at the same moment: what was booked in between is on the invoice when it is read
            // again.
            let booked = unsettled(&scene, &invoice.payments).is_some_and(|(_, attempt)| attempt.posting.is_some());
            let invoice = match booked {
                true => named(asked, scene.desk.erp.invoices(&[asked.invoice]).await?)?,
                false => invoice,
            };
            online(&scene, &invoice, asked.amount).await
        }
        Err(fault) => offline(&scene, asked, fault).await,
    }
}

/// The invoice that the link means, if it is the link of a payable invoice of this database.
fn named(asked: &Asked<'_>, found: Invoices) -> Result<Invoice, Code> {
    if asked.database.is_some_and(|named| named != found.uuid) {
        return Err(Code::DatabaseCopy);
    }
    let invoice = found.invoices.into_iter().find(|i| i.id == asked.invoice && i.payable);
    let kept = |i: &Invoice| i.token.as_ref().map(|token| hex::encode(digest(token.reveal())));
    invoice.filter(|i| kept(i).is_some_and(|kept| same_token(asked.token, &kept))).ok_or(Code::InvoiceNotFound)
}

/// Leaves out the attempts at another invoice. One of them that is booked and not closed would stand in the way of a new one;
/// one that can still be paid is canceled when another begins.
async fn forget_others(scene: &mut Scene<'_>, invoice: &Invoice) -> Result<(), Refused> {
    let (others, own) = std::mem::take(&mut scene.known.attempts).into_iter().partition(|a| is_of_another(a, invoice));
    scene.known.attempts = own;
    let others: Vec<Attempt> = others;
    for booked in others.iter().filter(|a| !a.closed && a.posting.is_some()) {
        intents::close(&*scene.rt.db, &booked.key, booked.payment.as_deref(), None, scene.now).await?;
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
        && kept(shown::CREATED) == invoice.created.as_deref();
    let token = invoice.token.as_ref().is_some_and(|token| same_token(token.reveal(), &attempt.token));
    !token && !same
}

async fn online(scene: &Scene<'_>, invoice: &Invoice, amount: Option<Decimal>) -> Result<Value, Refused> {
    let offer = offer::of(invoice, scene.pay)?;
    let shown = shown::invoice(invoice, &offer);
    let page = Page { scene, shown: &shown, offer: Some(&offer) };
    if scene.known.attempts.iter().any(|attempt| attempt.disputed) {
        return Ok(page.told("disputed", None));
    }
    match unsettled(scene, &invoice.payments) {
        // Paid another way meanwhile: there is nothing to wait for.
        Some((Standing::Attention, _)) if offer.residual.minor <= 0 => {}
        Some((standing, attempt)) => return Ok(page.told(standing.name(), Some(attempt))),
        None => {}
    }
    if offer.residual.minor <= 0 {
        let last = scene.known.attempts.iter().find(|a| has_reached(a, &invoice.payments));
        return Ok(page.told("paid", last));
    }
    pause(scene).await?;
    let chosen = amount.map(|amount| offer.choose(amount)).transpose()?;
    let want = Want { invoice, offer: &offer, chosen, shown: shown::kept(&shown, invoice) };
    match attempt::go(scene, &want).await? {
        Outcome::Taken(standing, intent) => Ok(page.said(standing.name(), &intent, None, None)),
        Outcome::Open(intent, customer) => {
            let session = session(scene, customer).await;
            Ok(page.said("open", &intent, Some(intent.client_secret.reveal()), session))
        }
    }
}

/// An attempt whose money arrived and is not in the books, or is there and not on the invoice (unmatched, or taken off
/// by a person): until that is settled no other may begin. `payments` are those that the invoice is reconciled with.
fn unsettled<'a>(scene: &'a Scene<'_>, payments: &[i64]) -> Option<(Standing, &'a Attempt)> {
    scene.known.attempts.iter().find_map(|attempt| match of_attempt(attempt) {
        Standing::Received => Some((Standing::Received, attempt)),
        Standing::Booked | Standing::Attention if !has_reached(attempt, payments) => {
            Some((Standing::Attention, attempt))
        }
        // Stripe is asked: what was heard last may be old.
        _ => None,
    })
}

/// After several declines: the open PaymentIntent is given up, so that nobody goes on with it, and the payer waits. One
/// that is just being paid goes on.
async fn pause(scene: &Scene<'_>) -> Result<(), Refused> {
    let until = scene.known.paused_until;
    if until <= scene.now {
        return Ok(());
    }
    if let Some(open) = scene.known.open()
        && tidy::give_up(scene.rt, &scene.client(), open, scene.now).await?.is_taken()
    {
        return Ok(());
    }
    let refused = Refused::from(Code::PaymentPaused);
    Err(Refused { retry_after: Some(until - scene.now), ..refused })
}

/// The session that shows saved cards, where the setting allows. Nobody is kept from paying for want of it.
async fn session(scene: &Scene<'_>, customer: Option<String>) -> Option<String> {
    let customer = customer.filter(|_| scene.pay.saved_cards)?;
    if feature::is_missing(scene, Feature::CustomerSession).await {
        return None;
    }
    match crate::stripe::customers::session(&scene.optional(), &customer, &scene.rt.entropy.token()).await {
        Ok(secret) => Some(secret.reveal().to_owned()),
        Err(error) => {
            feature::failed(scene, Feature::CustomerSession, &error).await;
            None
        }
    }
}

/// The ERP does not answer. Nothing can be begun; but whoever has paid already, by the ledger's copy of the token, is told
/// so.
async fn offline(scene: &Scene<'_>, asked: &Asked<'_>, fault: Fault) -> Result<Value, Refused> {
    let mine: Vec<&Attempt> = scene.known.attempts.iter().filter(|a| same_token(asked.token, &a.token)).collect();
    for attempt in mine {
        let shown = shown::of_kept(&attempt.shown);
        let page = Page { scene, shown: &shown, offer: None };
        match of_attempt(attempt) {
            Standing::Booked if attempt.minor == attempt.residual => return Ok(page.told("paid", Some(attempt))),
            Standing::Booked | Standing::Canceled => {}
            heard if heard.is_taken() => return Ok(page.told(heard.name(), Some(attempt))),
            _ => {
                let Some(payment) = &attempt.payment else { continue };
                let intent = stripe::retrieve(&scene.client(), payment).await?;
                let standing = Standing::of_status(&intent.status);
                if standing.is_taken() {
                    return Ok(page.said(standing.name(), &intent, None, None));
                }
            }
        }
    }
    Err(fault.into())
}
