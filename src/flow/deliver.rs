//! Events become movements in the ERP: claim, read, book, settle. Two round trips to the ledger and one call to the
//! ERP, for one event as for twenty.

use std::collections::HashMap;

use serde_json::json;

use super::book::{self, Booked, Work};
use super::connection::{self, Desk};
use super::read::{End, Step, read};
use super::receive::hint;
use super::together::together;
use super::verdict::verdict;
use crate::config::Config;
use crate::ledger::claim::{Claim, LEASE, claim};
use crate::ledger::delivery;
use crate::ledger::settle::settle;
use crate::ports::{DbError, Fut, Level, Runtime};

/// Events read at once: Cloudflare lets six connections of one invocation wait for an answer.
const AT_ONCE: usize = 6;
/// No event's reading begins later than so many seconds after the claim. One takes at most four calls to Stripe of
/// 20 s each.
const READING: i64 = 10;
/// No call to the ERP begins later than so many seconds after the claim: 60 s of it and what D1 takes fit the lease.
const BOOKING: i64 = LEASE - 60 - 20;

/// Works the events named, as far as they are due and nobody else works their subject. An error means that the ledger
/// did not answer, so that the hints are worth keeping.
pub async fn deliver(rt: &Runtime, config: &Config, ids: &[String]) -> Result<(), DbError> {
    let token = rt.entropy.token();
    let mut began = rt.clock.now();
    let mut claimed = claim(&*rt.db, ids, &token, began).await?;
    if claimed.probe {
        if let Err(error) = connection::test(rt, config, &claimed.standing).await {
            return connection::pause(rt, &error, &token).await;
        }
        delivery::resume(&*rt.db).await?;
        rt.log.line(Level::Info, "delivery_resumed", json!({ "code": claimed.standing.code }));
        began = rt.clock.now();
        claimed = claim(&*rt.db, ids, &token, began).await?;
    }
    if claimed.events.is_empty() {
        return Ok(());
    }
    let events = claimed.events;
    match connection::open(rt, config, &claimed.standing).await {
        Ok(desk) => {
            let (ends, booked) = work(rt, &desk, &events, began).await;
            finish(rt, &token, events, ends, booked).await
        }
        Err(error) => {
            let booked = Booked { fault: Some(error), ..Booked::default() };
            finish(rt, &token, events, HashMap::new(), booked).await
        }
    }
}

/// Reads every event and books what they ask for.
async fn work(rt: &Runtime, desk: &Desk<'_>, events: &[Claim], began: i64) -> (HashMap<String, End>, Booked) {
    let mut ends = HashMap::new();
    let mut work = Vec::new();
    for group in events.chunks(AT_ONCE) {
        if rt.clock.now() - began > READING {
            break;
        }
        let steps =
            together(group.iter().map(|claim| Box::pin(read(rt, desk, claim)) as Fut<'_, Step>).collect()).await;
        for (claim, step) in group.iter().zip(steps) {
            match step {
                Step::End(end) => {
                    ends.insert(claim.id.clone(), end);
                }
                Step::Book(movements) => work.extend(movements.into_iter().map(|movement| Work {
                    event: claim.id.clone(),
                    batch_limit: claim.batch_limit,
                    movement,
                })),
            }
        }
    }
    let booked = book::book(rt, desk, work, began + BOOKING).await;
    (ends, booked)
}

/// Settles: verdicts, postings and leases in one batch, then whatever became due by it is hinted. A fault of the
/// connection is written before, so that nobody claims in between.
async fn finish(
    rt: &Runtime,
    token: &str,
    events: Vec<Claim>,
    mut ends: HashMap<String, End>,
    booked: Booked,
) -> Result<(), DbError> {
    let now = rt.clock.now();
    ends.extend(booked.ends);
    let pause = ends.values().find_map(|end| if let End::Pause(error) = end { Some(error.clone()) } else { None });
    let fault = booked.fault.or(pause);
    if let Some(error) = &fault {
        connection::pause(rt, error, token).await?;
    }
    let mut chance = [0u8; 1];
    let mut verdicts = Vec::with_capacity(events.len());
    for claim in &events {
        rt.entropy.fill(&mut chance);
        let end = ends.remove(&claim.id).unwrap_or(End::Release { batch_limit: claim.batch_limit });
        verdicts.push(verdict(&*rt.log, claim, end, now, chance[0]));
    }
    let mut subjects: Vec<String> = events.into_iter().map(|claim| claim.subject).collect();
    subjects.extend(verdicts.iter().filter_map(|v| v.subject.clone()));
    let settled = settle(&*rt.db, token, now, &subjects, &verdicts, &booked.postings).await?;
    if settled.written.len() < verdicts.len() {
        let lost = verdicts.len() - settled.written.len();
        rt.log.line(Level::Warn, "lease_lost", json!({ "events": lost }));
    }
    // While delivery pauses the sweep alone sends somebody, to test the connection.
    if fault.is_none() {
        hint(rt, &settled.next).await;
    }
    Ok(())
}
