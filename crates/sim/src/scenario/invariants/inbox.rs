//! Events: durable before 2xx, none lost, none stuck, each with a reason.

use quittance::stripe::map::EVENT_TYPES;
use serde_json::Value;

use super::{InvariantResult, Violation, unless};
use crate::scenario::Scenario;
use crate::world::World;

/// Reasons for ignoring an event that every scenario gives.
const IGNORED: &[&str] = &[
    "moves_no_money",
    "payment_processing",
    "payment_requires_action",
    "payment_failed",
    "payment_canceled",
    "not_started",
    "not_captured",
    "not_paid",
    "nothing_received",
    "no_payment",
    "refund_not_moved",
    "other_balance",
    "told_by_transaction",
    "unsupported",
];

/// Seconds in which an event comes at the latest: a delivery's delay, or the next reading of Stripe's list.
const LATE: i64 = 45 * 60;

/// An event is answered with 2xx only when it is stored.
pub fn stored_before_2xx(world: &World) -> InvariantResult {
    let unstored = world.unstored.borrow();
    unless("durable before 2xx", (!unstored.is_empty()).then(|| format!("not in the inbox: {unstored:?}")))
}

/// What a secret signs that is not its endpoint's is refused, and nothing of it is stored.
pub fn refused(world: &World, event: &Value, status: Option<u16>) -> InvariantResult {
    let id = event["id"].as_str().unwrap_or_default();
    let taken = status != Some(400) || !world.state(id).0.is_empty();
    unless("a secret signs for its own endpoint and mode", taken.then(|| format!("{status:?} to {event}")))
}

/// Stripe switches off endpoints that refuse what it signs. The ledger may fail, and then it is sent again.
pub fn not_refused(status: Option<u16>) -> InvariantResult {
    let refused = status.filter(|status| (400..500).contains(status));
    unless("what is well signed is never refused", refused.map(|status| format!("answered {status}")))
}

/// Whatever is not settled or parked has an instant at which it may be worked, and one at which the sweep sees it.
pub fn reachable(world: &World) -> InvariantResult {
    let lost = world.db.query(
        "SELECT id, state, code FROM inbox WHERE state NOT IN ('done', 'ignored', 'parked') \
         AND (due IS NULL OR queue_again_at IS NULL)",
    );
    unless("no row is unreachable by the sweep", (!lost.is_empty()).then(|| format!("{lost:?}")))
}

/// At rest nothing is left to do, and nobody holds a lease.
pub fn nothing_left(world: &World) -> InvariantResult {
    let mut left = world.leftovers();
    let crons = world.db.about("SELECT subject FROM leases WHERE until > ?1", &[world.clock.now().into()]);
    left.extend(crons.iter().map(|row| format!("{row:?}")));
    unless("nothing is left to do", (!left.is_empty()).then(|| left.join("; ")))
}

/// Every event that Stripe made is in the inbox, whether it was delivered or not; of the types that are read.
pub fn every_event_came(world: &World) -> InvariantResult {
    let stripe = world.stripe.borrow();
    let events = stripe.everywhere("event");
    let text = |event: &Value, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let due = world.clock.now() - LATE;
    let read = |event: &Value| {
        EVENT_TYPES.contains(&text(event, "type").as_str()) && event["created"].as_i64().is_some_and(|at| at < due)
    };
    let missing = |event: &&Value| read(event) && world.state(&text(event, "id")).0.is_empty();
    let lost = events.into_iter().find(missing);
    let told = |event: &Value| format!("{} {} of {} is not in the inbox", event["id"], event["type"], event["created"]);
    unless("no event is lost", lost.map(told))
}

/// Whoever has lost the lease changes nothing: a verdict is that of the last who claimed the event.
pub fn lost_leases_change_nothing(world: &World) -> InvariantResult {
    let watch = &world.dial.watch;
    let stolen = watch.stolen.borrow();
    unless("whoever lost the lease changes nothing", stolen.first().map(|id| format!("a verdict on {id}")))?;
    let done = world.db.query("SELECT id FROM inbox WHERE state = 'done' LIMIT 1");
    let blind = watch.verdicts.get() == 0 && !done.is_empty();
    unless("verdicts are seen", blind.then(|| "the ledger's statements begin otherwise by now".into()))
}

/// Ignored and parked only for reasons that this scenario gives; for other reasons not even for a while.
pub fn reasons(scenario: &Scenario) -> InvariantResult {
    let rows = scenario
        .world
        .db
        .query("SELECT id, type, state, code, detail FROM inbox WHERE state IN ('ignored', 'parked') ORDER BY id");
    for row in rows {
        let text = |name: &str| row.get(name).and_then(|v| v.as_str()).unwrap_or_default();
        let code = text("code");
        let given = scenario.causes.contains(code) || (text("state") == "ignored" && IGNORED.contains(&code));
        if !given {
            let invariant = if text("state") == "ignored" { "ignored with reason" } else { "parked with reason" };
            return Err(Violation::new(invariant, format!("{row:?}")));
        }
    }
    Ok(())
}
