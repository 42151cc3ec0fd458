//! A PaymentIntent that is not wanted any more is canceled, unless it is just being paid.

use super::attempt_state::AttemptState;
use super::refusal::PayRefusal;
use crate::error::Code;
use crate::ledger::intents::{self, Attempt};
use crate::ports::Runtime;
use crate::stripe::client::Client;
use crate::stripe::payment_intents as stripe;

/// Cancels the PaymentIntent of an attempt, unless it is just being paid, and closes the attempt. Where it stands then.
pub async fn give_up(
    rt: &Runtime,
    client: &Client<'_>,
    attempt: &Attempt,
    now: i64,
) -> Result<AttemptState, PayRefusal> {
    let Some(payment) = &attempt.payment else { return Ok(AttemptState::Open) };
    cancel(rt, client, &attempt.key, payment, now).await
}

/// The same for a PaymentIntent by its attempt's key.
pub async fn cancel(
    rt: &Runtime,
    client: &Client<'_>,
    key: &str,
    payment: &str,
    now: i64,
) -> Result<AttemptState, PayRefusal> {
    let status = match stripe::cancel(client, payment, &rt.entropy.token()).await {
        Ok(Some(intent)) => intent.status,
        Ok(None) => stripe::retrieve(client, payment).await?.status,
        Err(error) if error.code == Code::StripeObjectMissing => "canceled".to_owned(),
        Err(error) => return Err(error.into()),
    };
    let state = AttemptState::from_status(&status);
    match state {
        AttemptState::Canceled => intents::close(&*rt.db, key, Some(payment), Some(&status), now).await?,
        _ => drop(intents::store_answer(&*rt.db, key, payment, &status).await?),
    }
    Ok(state)
}
