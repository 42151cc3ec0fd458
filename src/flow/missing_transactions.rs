//! Missing balance transactions: a document without one for an hour is looked up at Stripe, since a success may be
//! signed by anybody who has a secret. Delayed money is looked up at growing intervals; an object that Stripe does not
//! have needs a person.

use serde_json::json;

use super::connection::{self, DeliveryContext};
use super::join::join_all;
use crate::config::Config;
use crate::error::Error;
use crate::ledger::delivery;
use crate::ledger::missing_transactions::{self, Lookup, MissingTransaction};
use crate::ports::{DbError, Fut, Level, Runtime};
use crate::stripe::client::Client;
use crate::stripe::presence::{Presence, find_presence};

/// Looked up at once: Cloudflare lets six connections of one invocation wait for an answer.
const CONCURRENCY_MAX: usize = 6;
/// From one look to the next, in seconds: an hour, doubled each time.
const DELAY_S_MIN: i64 = 3_600;
const DELAY_S_MAX: i64 = 7 * 86_400;
/// What Stripe did not have is looked for once a day: it may have been asked with a key of fewer rights.
const UNKNOWN_AFTER_S: i64 = 86_400;

/// Each minute: goes on looking through what was booked an hour ago.
pub async fn scan(rt: &Runtime) -> Result<(), DbError> {
    missing_transactions::scan(&*rt.db, rt.clock.now()).await
}

/// Each quarter of an hour: looks up what is due.
pub async fn look_up_due(rt: &Runtime, config: &Config) -> Result<(), DbError> {
    let now = rt.clock.now();
    let due = missing_transactions::due_lookups(&*rt.db, now).await?;
    if due.is_empty() {
        return Ok(());
    }
    let state = delivery::delivery_state(&*rt.db).await?;
    // Whatever keeps Stripe from being asked is told where it keeps money from being booked.
    let Ok(context) = connection::open(rt, config, &state, now).await else { return Ok(()) };
    let mut looks = Vec::new();
    for some in due.chunks(CONCURRENCY_MAX) {
        let asked = some.iter().map(|one| Box::pin(look_up(&context, one, now)) as Fut<'_, Result<Lookup, Error>>);
        for answer in join_all(asked.collect()).await {
            match answer {
                Ok(look) => looks.push(look),
                Err(error) => {
                    let fields = json!({ "code": error.code.name(), "detail": error.detail });
                    rt.log.line(Level::Warn, "receipt_lookup_failed", fields);
                }
            }
        }
    }
    for key in missing_transactions::store_lookups(&*rt.db, &looks, now).await? {
        rt.log.line(Level::Alert, "receipt_unknown_to_stripe", json!({ "key": key }));
    }
    Ok(())
}

async fn look_up(context: &DeliveryContext<'_>, one: &MissingTransaction, now: i64) -> Result<Lookup, Error> {
    let mut parts = one.key.split(':').skip(1);
    let (account, id) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let client = Client::new(&*context.http, &context.delivery.stripe).for_account(account);
    let known = find_presence(&client, id).await? == Presence::Known;
    let wait = if known { (DELAY_S_MIN << one.looks.clamp(0, 10)).min(DELAY_S_MAX) } else { UNKNOWN_AFTER_S };
    Ok(Lookup { key: one.key.clone(), due: now + wait, known })
}
