//! Delivery of events into the ERP: claim, interpret, book, finish. Two round trips to the ledger and one call to the
//! ERP, for one event as for twenty.

use serde_json::json;

use super::book::{self, BookingResult};
use super::connection::{self, DeliveryContext};
use super::interpret::interpret;
use super::join::{join, join_all};
use super::movement_job::MovementJob;
use super::outcome::Outcome;
use super::outcome_row::outcome_row;
use super::pay::brake;
use super::plan::Plan;
use super::receive::send_hints;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::ledger::claim::{Claim, ClaimResult, claim};
use crate::ledger::outcomes::{Batch, OutcomeRow, finish};
use crate::ledger::state::State;
use crate::ledger::{delivery, sweep};
use crate::ports::{DbError, Fut, Level, Runtime};

/// Events read at once: Cloudflare lets six connections of one invocation wait for an answer.
const CONCURRENCY_MAX: usize = 6;
/// No event's reading begins later than so many seconds after the claim. One takes at most seven calls to Stripe of
/// 10 s each (a balance transaction, what is behind its source, and a receipt with its reference), so that reading ends
/// 80 s after the claim. Where the event that dates a movement has to be looked for, six more may come; what that makes too late
/// is given back without an attempt.
const INTERPRET_S_MAX: i64 = 10;
/// No call to the ERP begins later than so many seconds after the claim: 60 s of it end with [`connection::REQUEST_S_MAX`],
/// and D1 has the rest of the lease.
const BOOK_S_MAX: i64 = connection::REQUEST_S_MAX - 60;
/// An event whose lease ran out so often without an outcome kills whoever works it: more than three hours of leases.
const CRASHES_MAX: i64 = 72;

/// Works the events named, as far as they are due and nobody else works their subject. An error means that the ledger
/// did not answer, so that the hints are worth keeping.
pub async fn deliver(rt: &Runtime, config: &Config, ids: &[String]) -> Result<(), DbError> {
    let token = rt.entropy.token();
    let mut began = rt.clock.now();
    let mut claimed = claim(&*rt.db, ids, &token, began).await?;
    if claimed.probe {
        if let Err(error) = connection::probe(rt, config, &claimed.delivery_state).await {
            return connection::pause(rt, &error, &token).await;
        }
        delivery::begin_trial(&*rt.db, &token).await?;
        rt.log.line(Level::Info, "delivery_on_trial", json!({ "code": claimed.delivery_state.code }));
        began = rt.clock.now();
        claimed = claim(&*rt.db, ids, &token, began).await?;
    }
    if !claimed.declines {
        return work_claims(rt, config, claimed, &token, began).await;
    }
    let state = claimed.delivery_state.clone();
    join(brake::count_declines(rt, config, &state, ids), work_claims(rt, config, claimed, &token, began)).await.1
}

/// Works what was claimed.
async fn work_claims(
    rt: &Runtime,
    config: &Config,
    claimed: ClaimResult,
    token: &str,
    began: i64,
) -> Result<(), DbError> {
    if claimed.events.is_empty() {
        return Ok(());
    }
    let on_trial = claimed.delivery_state.on_trial();
    let context = connection::open(rt, config, &claimed.delivery_state, began).await;
    let (sound, alone, later) = split_by_crashes(claimed.events);
    let mut fault = write_outcomes(rt, token, later, BookingResult::default(), false).await?;
    for group in [sound, alone] {
        let booked = match &context {
            Ok(context) if !fault => interpret_and_book(rt, context, &group, began, on_trial).await,
            Ok(_) => BookingResult::default(),
            Err(error) => BookingResult { fault: Some(error.clone()), ..BookingResult::default() },
        };
        fault |= write_outcomes(rt, token, group, booked, on_trial).await?;
    }
    Ok(())
}

/// Events whose last worker died may kill the next one: one of them is worked, after the sound ones are finished, and
/// the rest are given back first.
fn split_by_crashes(events: Vec<Claim>) -> (Vec<Claim>, Vec<Claim>, Vec<Claim>) {
    let (sound, mut later): (Vec<_>, Vec<_>) = events.into_iter().partition(|claim| claim.crashes == 0);
    let alone = later.pop().into_iter().collect();
    (sound, alone, later)
}

/// Reads every event and books what they ask for.
async fn interpret_and_book(
    rt: &Runtime,
    context: &DeliveryContext<'_>,
    events: &[Claim],
    began: i64,
    on_trial: bool,
) -> BookingResult {
    let (mut work, mut rests, mut follow) = (Vec::new(), Vec::new(), Vec::new());
    for group in events.chunks(CONCURRENCY_MAX) {
        if rt.clock.now() - began > INTERPRET_S_MAX {
            break;
        }
        let steps = group.iter().map(|claim| Box::pin(interpret_claim(rt, context, claim)) as Fut<'_, Plan>);
        let steps = join_all(steps.collect()).await;
        for (claim, step) in group.iter().zip(steps) {
            rests.extend(step.outcome.map(|end| (claim.id.clone(), end)));
            follow.extend(step.enqueue);
            work.extend(step.movements.into_iter().map(|movement| MovementJob {
                event: claim.id.clone(),
                batch_limit: claim.batch_limit,
                movement,
            }));
        }
    }
    let mut booked = book::book(rt, context, work, began + BOOK_S_MAX, on_trial).await;
    rests.into_iter().for_each(|(event, end)| booked.add_outcome(&event, end));
    booked.follow = follow;
    booked
}

async fn interpret_claim(rt: &Runtime, context: &DeliveryContext<'_>, claim: &Claim) -> Plan {
    if claim.crashes > CRASHES_MAX {
        let detail = format!("Processing this event crashed the Worker {} times in a row.", claim.crashes);
        let error = Error::new(Code::AttemptsExhausted, detail);
        return Plan::end(Outcome::Park(error));
    }
    interpret(rt, context, claim).await
}

/// Finishes the batch: outcomes, postings and leases in one batch, then whatever became due by it is hinted. A fault of the
/// connection is written before, so that nobody claims in between. Says whether there was one.
async fn write_outcomes(
    rt: &Runtime,
    token: &str,
    events: Vec<Claim>,
    mut booked: BookingResult,
    on_trial: bool,
) -> Result<bool, DbError> {
    if events.is_empty() {
        return Ok(false);
    }
    let now = rt.clock.now();
    let mut ends = std::mem::take(&mut booked.ends);
    let pause = ends.values().find_map(|end| if let Outcome::Pause(error) = end { Some(error.clone()) } else { None });
    let fault = booked.fault.or(pause);
    if let Some(error) = &fault {
        connection::pause(rt, error, token).await?;
    }
    let mut spread = [0u8; 1];
    let mut outcomes = Vec::with_capacity(events.len());
    for claim in &events {
        rt.entropy.fill(&mut spread);
        let end = match ends.remove(&claim.id) {
            Some(Outcome::Pause(error)) if on_trial => Outcome::Fail(error),
            Some(end) => end,
            None => Outcome::Release { batch_limit: claim.batch_limit },
        };
        outcomes.push(outcome_row(claim, end, now, spread[0]));
    }
    let mut subjects: Vec<String> = events.iter().map(|claim| claim.subject.clone()).collect();
    subjects.extend(outcomes.iter().filter_map(|v| v.subject.clone()));
    // Whoever waits for a payment looks again when it is posted, and when its own event found that it is not to be.
    let ended = events.iter().zip(&outcomes).filter(|(_, v)| v.state.is_final()).map(|(claim, _)| &claim.subject);
    let known: Vec<String> = booked.postings.iter().map(|p| &p.payment).chain(ended).cloned().collect();
    let batch = Batch {
        subjects: &subjects,
        outcomes: &outcomes,
        postings: &booked.postings,
        known: &known,
        transactions: &booked.transactions,
        follow: &booked.follow,
        mark: booked.marks.highest,
        passed: booked.marks.known.filter(|_| booked.marks.went_back),
    };
    let finished = finish(&*rt.db, token, now, &batch).await?;
    log_outcomes(rt, &events, &outcomes, &finished.written);
    match fault {
        // While delivery pauses the sweep alone sends somebody, to test the connection.
        Some(_) => return Ok(true),
        None => send_hints(rt, &finished.next).await,
    }
    if on_trial {
        if booked.answered {
            delivery::mark_recovered(&*rt.db).await?;
            rt.log.line(Level::Info, "delivery_recovered", json!({}));
        }
        // The next one on trial, or all that wait.
        send_hints(rt, &sweep::queue_again(&*rt.db, now).await?).await;
    }
    Ok(false)
}

/// Parked events are told to somebody, once they are written; lost leases to whoever reads the log.
fn log_outcomes(rt: &Runtime, events: &[Claim], outcomes: &[OutcomeRow], written: &[String]) {
    for (claim, outcome) in events.iter().zip(outcomes) {
        let fields =
            json!({ "event": claim.id, "subject": claim.subject, "code": outcome.code, "detail": outcome.detail });
        if !written.contains(&claim.id) {
            rt.log.line(Level::Warn, "lease_lost", fields);
        } else if outcome.state == State::Parked {
            rt.log.line(Level::Alert, "event_parked", fields);
        }
    }
}
