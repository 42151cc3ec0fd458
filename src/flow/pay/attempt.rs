//! An invoice's one PaymentIntent: the open one goes on, or another takes its place. Its amount never changes once a page
//! has it: another amount is another attempt, after the first is canceled at Stripe.

use serde_json::json;

use super::begin::begin;
use super::customer::{self, KEY_LIFE};
use super::offer::Offer;
use super::refused::Refused;
use super::scene::{Scene, digest};
use super::standing::Standing;
use crate::erp::invoice::Invoice;
use crate::error::{Code, Error};
use crate::ledger::intents::{self, Attempt, LOST_MOST, UNSEEN};
use crate::money::Money;
use crate::ports::Level;
use crate::stripe::left_out::LeftOut;
use crate::stripe::payment_intents::{self as stripe, Failed, Intent};

/// Attempts that one request may work through: a canceled one, one whose customer is gone, one for each parameter that Stripe
/// refuses and nothing needs, and the one that stays.
const ROUNDS: usize = 4 + stripe::OPTIONAL.len();

/// Attempts of an invoice that an hour has for nothing: a payer who chooses among amounts, and forms that Stripe refuses.
const FREE: i64 = 5;
/// Seconds until the next one, doubled with each, and the longest.
const PACE: i64 = 10;
const PACE_MOST: i64 = 3_600;

/// What the payer wants, checked against what the ERP says now.
pub struct Want<'a> {
    pub invoice: &'a Invoice,
    pub offer: &'a Offer,
    /// Chosen by the payer; else whatever open attempt the offer allows goes on.
    pub chosen: Option<Money>,
    /// JSON of the invoice as shown.
    pub shown: String,
}

/// Where it ended.
pub enum Outcome {
    /// To be paid, by this customer if there is one.
    Open(Intent, Option<String>),
    /// Money is under way or arrived: nothing else may begin.
    Taken(Standing, Intent),
}

/// How one round went.
enum Round {
    End(Outcome),
    /// This attempt is over; another may take its place.
    Spent(Box<Attempt>),
}

impl Want<'_> {
    /// Whether an open attempt may go on: of this payer, over what is wanted, and begun with the link of today.
    fn takes(&self, money: Money, row: &Attempt) -> bool {
        let wanted = self.chosen.map_or_else(|| self.offer.allows(money), |chosen| chosen == money);
        wanted && row.partner == self.invoice.payer.commercial && row.token == self.token()
    }

    /// What the ledger keeps of the invoice's token.
    pub fn token(&self) -> String {
        hex::encode(digest(self.invoice.token.as_ref().map_or("", |token| token.reveal())))
    }
}

/// Goes on with the invoice's open attempt, or begins one.
pub async fn go(scene: &Scene<'_>, want: &Want<'_>) -> Result<Outcome, Refused> {
    let (mut last, mut left) = (scene.known.last, LeftOut::default());
    let (mut current, mut spent) = match scene.known.open().cloned() {
        // In the books and on the invoice, as `unsettled` has seen.
        Some(row) if row.posting.is_some() => (None, Some(Box::new(row))),
        open => (open, None),
    };
    if current.is_none() {
        pace(scene)?;
    }
    for _ in 0..ROUNDS {
        if let Some(row) = current {
            match round(scene, want, row, &mut left).await? {
                Round::End(outcome) => return Ok(outcome),
                Round::Spent(row) => spent = Some(row),
            }
        }
        last = spent.as_ref().map_or(last, |row| last.max(row.attempt));
        let next = begin(scene, want, spent.as_deref(), last + 1, &left).await?;
        // Somebody else's, booked after the ERP was asked: what it said is open is not open any more.
        if next.posting.is_some() {
            break;
        }
        current = Some(next);
    }
    Err(Error::new(Code::StripeUnavailable, "Other requests for this invoice were faster.").into())
}

/// Each attempt is work for Stripe and a row: so many of an invoice may be begun within an hour, and the next ones at
/// distances that grow. What is open goes on meanwhile, with its own amount.
fn pace(scene: &Scene<'_>) -> Result<(), Refused> {
    let Ok(over) = u32::try_from(scene.known.lately - FREE) else { return Ok(()) };
    let wait = PACE.saturating_mul(2i64.saturating_pow(over)).min(PACE_MOST);
    match scene.known.newest.div_euclid(1000) + wait - scene.now {
        left if left <= 0 => Ok(()),
        left => Err(Refused { retry_after: Some(left), ..Code::RateLimited.into() }),
    }
}

/// Asks Stripe for the row's PaymentIntent and sees whether it may go on.
async fn round(scene: &Scene<'_>, want: &Want<'_>, row: Attempt, left: &mut LeftOut) -> Result<Round, Refused> {
    let found = match &row.payment {
        Some(payment) => match stripe::retrieve(&scene.client(), payment).await {
            Err(error) if error.code == Code::StripeObjectMissing => None,
            other => Some(other?),
        },
        None => answer(scene, want, &row, left).await?,
    };
    let Some(intent) = found else { return Ok(Round::Spent(Box::new(row))) };
    let standing = Standing::of_status(&intent.status);
    let told = row.status.as_deref() == Some(&intent.status) && row.payment.is_some();
    let stands = told || intents::answered(&*scene.rt.db, &row.key, &intent.id, &intent.status).await?;
    let row = Attempt { payment: Some(intent.id.clone()), status: Some(intent.status.clone()), ..row };
    match standing {
        Standing::Canceled => Ok(Round::Spent(Box::new(row))),
        Standing::Open if stands && want.takes(intent.money, &row) => {
            Ok(Round::End(Outcome::Open(intent, Some(row.customer).filter(|customer| !customer.is_empty()))))
        }
        Standing::Open => {
            pace(scene)?;
            give_up(scene, row, &intent.id).await
        }
        taken => Ok(Round::End(Outcome::Taken(taken, intent))),
    }
}

/// Cancels a PaymentIntent that no longer fits. If it is just being paid, that is the answer.
async fn give_up(scene: &Scene<'_>, row: Attempt, payment: &str) -> Result<Round, Refused> {
    if let Some(intent) = stripe::cancel(&scene.client(), payment, &scene.rt.entropy.token()).await? {
        return Ok(Round::Spent(Box::new(Attempt { status: Some(intent.status), ..row })));
    }
    let intent = stripe::retrieve(&scene.client(), payment).await?;
    match Standing::of_status(&intent.status) {
        Standing::Open => {
            Err(Error::new(Code::StripeUnavailable, format!("{payment} can be neither canceled nor paid.")).into())
        }
        Standing::Canceled => Ok(Round::Spent(Box::new(Attempt { status: Some(intent.status), ..row }))),
        taken => Ok(Round::End(Outcome::Taken(taken, intent))),
    }
}

/// A row that Stripe has not answered: its stored form is sent with its key, again perhaps. `None`: nothing came of it, and
/// another form may be sent, without what is `left` out.
async fn answer(
    scene: &Scene<'_>,
    want: &Want<'_>,
    row: &Attempt,
    left: &mut LeftOut,
) -> Result<Option<Intent>, Refused> {
    if row.status.as_deref() == Some(UNSEEN)
        && let Some(intent) = lost(scene, row).await?
    {
        return Ok(Some(intent));
    }
    let opened = row.opened.div_euclid(1000);
    if scene.now - opened >= KEY_LIFE {
        return Ok(stripe::find(&scene.client(), &row.customer, &row.key, opened - 60).await?);
    }
    match stripe::create(&scene.client(), &row.body, &row.key).await {
        Ok(intent) => Ok(Some(intent)),
        Err(Failed::Again(error)) => Err(error.into()),
        Err(Failed::Stuck(_)) => Ok(stripe::find(&scene.client(), &row.customer, &row.key, opened - 60).await?),
        Err(Failed::NoCustomer(_)) => {
            drop(customer::instead_of(scene, &want.invoice.payer, &row.customer).await?);
            Ok(None)
        }
        Err(Failed::Amount(_)) => {
            intents::close(&*scene.rt.db, &row.key, None, Some("refused"), scene.now).await?;
            Err(Code::AmountNotPayable.into())
        }
        Err(Failed::Refused(error, param)) if left.add(param.as_deref(), &stripe::OPTIONAL) => {
            let fields = json!({ "invoice": scene.place.invoice, "left_out": left.names(), "detail": error.detail });
            scene.rt.log.line(Level::Warn, "payment_parameter_left_out", fields);
            Ok(None)
        }
        Err(Failed::Refused(error, _)) => {
            // The same form would be refused for ever; after a mend of the settings another is sent.
            intents::close(&*scene.rt.db, &row.key, None, Some("refused"), scene.now).await?;
            Err(error.into())
        }
    }
}

/// The ledger knew nothing of a customer whom Stripe knows: what it lost of this invoice goes on as this attempt.
async fn lost(scene: &Scene<'_>, row: &Attempt) -> Result<Option<Intent>, Refused> {
    let known: Vec<&str> = scene.known.attempts.iter().filter_map(|a| a.payment.as_deref()).collect();
    let names: Vec<&str> = serde_json::from_str(&scene.place.names).unwrap_or_default();
    let (invoice, since) = (scene.place.invoice, scene.now - LOST_MOST);
    Ok(stripe::of_invoice(&scene.client(), &row.customer, &names, invoice, &known, since).await?)
}
