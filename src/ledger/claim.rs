//! Claims of due events, one per subject, under a lease with a token.

use serde_json::Value;

use super::delivery::{self, DeliveryState};
use super::lease::LEASE_S;
use super::postings::PostingSummary;
use crate::ports::{Db, DbError, Row, Stmt};

/// A larger body is left in the database and its object fetched instead: twenty of the largest at once, each several
/// times in memory, would not fit an isolate's 128 MB.
const BODY_BYTES_MAX: i64 = 100_000;

/// An event in hand.
#[derive(Clone, Debug)]
pub struct Claim {
    pub id: String,
    pub account: Option<String>,
    pub livemode: bool,
    pub kind: String,
    pub api_version: Option<String>,
    pub created: i64,
    pub object: String,
    pub subject: String,
    pub pulled: bool,
    pub body: Option<String>,
    pub received: i64,
    pub attempts: i64,
    /// Leases before this one that ran out without an outcome.
    pub crashes: i64,
    pub batch_limit: Option<i64>,
    pub waiting_since: Option<i64>,
    /// Movements of its subject that the ledger has already.
    pub postings: Vec<PostingSummary>,
}

/// What a claim gave.
#[derive(Clone, Debug)]
pub struct ClaimResult {
    pub events: Vec<Claim>,
    pub delivery_state: DeliveryState,
    /// Delivery is paused and this caller is the one that tests whether it may go on.
    pub probe: bool,
    /// There are declines among the events, claimed or not.
    pub declines: bool,
}

/// One lease a subject of the named events, unless somebody holds it or delivery is paused. `?1` ids, `?2` token,
/// `?3` now, `?4` until.
const LEASE_SQL: &str = "INSERT INTO leases (subject, token, until) \
     SELECT DISTINCT i.subject, ?2, ?4 FROM json_each(?1) e JOIN inbox i ON i.id = e.value \
     WHERE i.due <= ?3 LIMIT (SELECT CASE WHEN paused_until > 0 THEN 0 WHEN failures > 0 THEN 1 ELSE 1000 END FROM delivery) \
     ON CONFLICT (subject) DO UPDATE SET token = excluded.token, until = excluded.until WHERE leases.until <= ?3";

/// Of each leased subject one event that is due, which need not be the one that was named: a PaymentIntent's own before
/// those that only lead to it and would have to ask Stripe, then the oldest.
const CLAIM_SQL: &str = "UPDATE inbox SET crashes = crashes + (state = 'claimed'), state = 'claimed', due = ?4, queue_again_at = ?4 \
     WHERE state IN ('received', 'claimed', 'failed', 'waiting') AND id IN ( \
       SELECT (SELECT n.id FROM inbox n WHERE n.subject = l.subject AND n.due <= ?3 \
         ORDER BY n.type NOT LIKE 'payment_intent.%', n.created, n.id LIMIT 1) \
       FROM (SELECT DISTINCT i.subject FROM json_each(?1) e JOIN inbox i ON i.id = e.value) s \
       JOIN leases l ON l.subject = s.subject AND l.token = ?2) \
     RETURNING id, account, livemode, type, api_version, created, object, subject, form, \
       CASE WHEN length(body) <= ?5 THEN body END AS body, received, attempts, crashes, \
       batch_limit, waiting_since, (SELECT json_group_array(json_object('key', p.key, 'outcome', p.outcome, 'minor', p.minor, 'currency', p.currency, 'occurred', p.occurred, 'doubt', p.doubt)) FROM postings p \
       WHERE p.payment = inbox.subject) AS postings";

/// Claims what is due among `ids` in one round trip. Busy subjects and finished events are passed over: busy is no
/// attempt, and whoever holds the lease queues the subject's next event.
pub async fn claim(db: &dyn Db, ids: &[String], token: &str, now: i64) -> Result<ClaimResult, DbError> {
    let list = Value::from(ids).to_string();
    let args = || vec![list.clone().into(), token.into(), now.into(), (now + LEASE_S).into()];
    let claim = [args(), vec![BODY_BYTES_MAX.into()]].concat();
    let answers = db
        .batch(vec![
            delivery::grant_probe(token, now),
            delivery::state_statement_for(&list),
            Stmt::new(LEASE_SQL, args()),
            Stmt::new(CLAIM_SQL, claim),
        ])
        .await?;
    let mut answers = answers.into_iter();
    let probe = answers.next().is_some_and(|rows| rows.changes > 0);
    let row = answers.next().and_then(|rows| rows.rows.into_iter().next());
    let declines = row.as_ref().is_some_and(|row| row.int("declines") == Some(1));
    let delivery_state = DeliveryState::from_row(row);
    let events = answers.nth(1).map(|rows| rows.rows.iter().filter_map(claim_from_row).collect()).unwrap_or_default();
    Ok(ClaimResult { events, delivery_state, probe, declines })
}

fn claim_from_row(row: &Row) -> Option<Claim> {
    let text = |column: &str| row.text(column).map(str::to_owned);
    Some(Claim {
        id: text("id")?,
        account: text("account"),
        livemode: row.int("livemode")? != 0,
        kind: text("type")?,
        api_version: text("api_version"),
        created: row.int("created")?,
        object: text("object")?,
        subject: text("subject")?,
        pulled: row.text("form")? == "pulled",
        body: text("body"),
        received: row.int("received")?,
        attempts: row.int("attempts")?,
        crashes: row.int("crashes")?,
        batch_limit: row.int("batch_limit"),
        waiting_since: row.int("waiting_since"),
        postings: row.text("postings").and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default(),
    })
}
