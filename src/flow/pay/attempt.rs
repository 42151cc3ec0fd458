//! An invoice's one PaymentIntent: the open one goes on, or another takes its place. Its amount never changes once a page
//! has it: another amount is another attempt, after the first is canceled at Stripe.

use serde_json::json;

use super::attempt_state::AttemptState;
use super::context::PayContext;
use super::customer::{self, KEY_LIFETIME_S};
use super::opening::open_attempt;
use super::payment_wish::PaymentWish;
use super::refusal::PayRefusal;
use crate::error::{Code, Error};
use crate::ledger::intents::{self, Attempt, LOST_S_MAX, UNSEEN};
use crate::ports::Level;
use crate::stripe::omitted_parameters::OmittedParameters;
use crate::stripe::payment_intents::{self as stripe, CreateError, Intent};

/// Attempts that one request may work through: a canceled one, one whose customer is gone, one for each parameter that Stripe
/// refuses and nothing needs, and the one that stays.
const ROUNDS_MAX: usize = 4 + stripe::OPTIONAL.len();

/// Attempts of an invoice that an hour has for nothing: a payer who chooses among amounts, and forms that Stripe refuses.
const ATTEMPTS_FREE: i64 = 5;
/// Seconds until the next one, doubled with each, and the longest.
const PACE_S: i64 = 10;
const PACE_S_MAX: i64 = 3_600;

/// Where it ended.
pub enum AttemptResult {
    /// To be paid, by this customer if there is one.
    Open(Intent, Option<String>),
    /// Money is under way or arrived: nothing else may begin.
    Taken(AttemptState, Intent),
}

/// How one round went.
enum RoundResult {
    End(AttemptResult),
    /// This attempt is over; another may take its place.
    Spent(Box<Attempt>),
}

/// Goes on with the invoice's open attempt, or begins one.
pub async fn continue_or_begin(context: &PayContext<'_>, want: &PaymentWish<'_>) -> Result<AttemptResult, PayRefusal> {
    let (mut last, mut left) = (context.known.last, OmittedParameters::default());
    let (mut current, mut spent) = match context.known.open_attempt().cloned() {
        // In the books and on the invoice, as `unsettled` has seen.
        Some(row) if row.posting.is_some() => (None, Some(Box::new(row))),
        open => (open, None),
    };
    if current.is_none() {
        check_pace(context)?;
    }
    for _ in 0..ROUNDS_MAX {
        if let Some(row) = current {
            match run_round(context, want, row, &mut left).await? {
                RoundResult::End(outcome) => return Ok(outcome),
                RoundResult::Spent(row) => spent = Some(row),
            }
        }
        last = spent.as_ref().map_or(last, |row| last.max(row.attempt));
        let next = open_attempt(context, want, spent.as_deref(), last + 1, &left).await?;
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
fn check_pace(context: &PayContext<'_>) -> Result<(), PayRefusal> {
    let Ok(over) = u32::try_from(context.known.lately - ATTEMPTS_FREE) else { return Ok(()) };
    let wait = PACE_S.saturating_mul(2i64.saturating_pow(over)).min(PACE_S_MAX);
    match context.known.newest.div_euclid(1000) + wait - context.now {
        left if left <= 0 => Ok(()),
        left => Err(PayRefusal { retry_after: Some(left), ..Code::RateLimited.into() }),
    }
}

/// Asks Stripe for the row's PaymentIntent and sees whether it may go on.
async fn run_round(
    context: &PayContext<'_>,
    want: &PaymentWish<'_>,
    row: Attempt,
    left: &mut OmittedParameters,
) -> Result<RoundResult, PayRefusal> {
    let found = match &row.payment {
        Some(payment) => match stripe::retrieve(&context.client(), payment).await {
            Err(error) if error.code == Code::StripeObjectMissing => None,
            other => Some(other?),
        },
        None => create_at_stripe(context, want, &row, left).await?,
    };
    let Some(intent) = found else { return Ok(RoundResult::Spent(Box::new(row))) };
    let state = AttemptState::from_status(&intent.status);
    let told = row.status.as_deref() == Some(&intent.status) && row.payment.is_some();
    let stands = told || intents::store_answer(&*context.rt.db, &row.key, &intent.id, &intent.status).await?;
    let row = Attempt { payment: Some(intent.id.clone()), status: Some(intent.status.clone()), ..row };
    match state {
        AttemptState::Canceled => Ok(RoundResult::Spent(Box::new(row))),
        AttemptState::Open if stands && want.may_continue(intent.money, &row) => Ok(RoundResult::End(
            AttemptResult::Open(intent, Some(row.customer).filter(|customer| !customer.is_empty())),
        )),
        AttemptState::Open => {
            check_pace(context)?;
            give_up(context, row, &intent.id).await
        }
        taken => Ok(RoundResult::End(AttemptResult::Taken(taken, intent))),
    }
}

/// Cancels a PaymentIntent that no longer fits. If it is just being paid, that is the answer.
async fn give_up(context: &PayContext<'_>, row: Attempt, payment: &str) -> Result<RoundResult, PayRefusal> {
    if let Some(intent) = stripe::cancel(&context.client(), payment, &context.rt.entropy.token()).await? {
        return Ok(RoundResult::Spent(Box::new(Attempt { status: Some(intent.status), ..row })));
    }
    let intent = stripe::retrieve(&context.client(), payment).await?;
    match AttemptState::from_status(&intent.status) {
        AttemptState::Open => {
            Err(Error::new(Code::StripeUnavailable, format!("{payment} can be neither canceled nor paid.")).into())
        }
        AttemptState::Canceled => Ok(RoundResult::Spent(Box::new(Attempt { status: Some(intent.status), ..row }))),
        taken => Ok(RoundResult::End(AttemptResult::Taken(taken, intent))),
    }
}

/// A row that Stripe has not answered: its stored form is sent with its key, again perhaps. `None`: nothing came of it, and
/// another form may be sent, without what is `left` out.
async fn create_at_stripe(
    context: &PayContext<'_>,
    want: &PaymentWish<'_>,
    row: &Attempt,
    left: &mut OmittedParameters,
) -> Result<Option<Intent>, PayRefusal> {
    if row.status.as_deref() == Some(UNSEEN)
        && let Some(intent) = find_lost_payment(context, row).await?
    {
        return Ok(Some(intent));
    }
    let opened = row.opened.div_euclid(1000);
    if context.now - opened >= KEY_LIFETIME_S {
        return Ok(stripe::find(&context.client(), &row.customer, &row.key, opened - 60).await?);
    }
    match stripe::create(&context.client(), &row.body, &row.key).await {
        Ok(intent) => Ok(Some(intent)),
        Err(CreateError::Again(error)) => Err(error.into()),
        Err(CreateError::Stuck(_)) => Ok(stripe::find(&context.client(), &row.customer, &row.key, opened - 60).await?),
        Err(CreateError::NoCustomer(_)) => {
            drop(customer::replacement(context, &want.invoice.payer, &row.customer).await?);
            Ok(None)
        }
        Err(CreateError::Amount(_)) => {
            intents::close(&*context.rt.db, &row.key, None, Some("refused"), context.now).await?;
            Err(Code::AmountNotPayable.into())
        }
        Err(CreateError::Refused(error, param)) if left.add(param.as_deref(), &stripe::OPTIONAL) => {
            let fields = json!({ "invoice": context.place.invoice, "left_out": left.names(), "detail": error.detail });
            context.rt.log.line(Level::Warn, "payment_parameter_left_out", fields);
            Ok(None)
        }
        Err(CreateError::Refused(error, _)) => {
            // The same form would be refused for ever; after a mend of the settings another is sent.
            intents::close(&*context.rt.db, &row.key, None, Some("refused"), context.now).await?;
            Err(error.into())
        }
    }
}

/// The ledger knew nothing of a customer whom Stripe knows: what it lost of this invoice goes on as this attempt.
async fn find_lost_payment(context: &PayContext<'_>, row: &Attempt) -> Result<Option<Intent>, PayRefusal> {
    let known: Vec<&str> = context.known.attempts.iter().filter_map(|a| a.payment.as_deref()).collect();
    let names: Vec<&str> = serde_json::from_str(&context.place.names).unwrap_or_default();
    let (invoice, since) = (context.place.invoice, context.now - LOST_S_MAX);
    Ok(stripe::of_invoice(&context.client(), &row.customer, &names, invoice, &known, since).await?)
}
