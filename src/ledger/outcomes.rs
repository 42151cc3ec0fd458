//! Outcomes and postings, written together: an event is finished and its movement remembered in one batch.

use serde_json::{Value, json};

use super::intent_status::status_statement;
pub use super::outcome_row::{OutcomeRow, Posting};
use super::{attempts, inbox, search_terms, texts, transactions};
use crate::ports::{Db, DbError, Stmt};

/// Everything that one attempt writes.
#[derive(Clone, Debug)]
pub struct Batch<'a> {
    /// Begins with those of the events judged, in the order of `outcomes`; their leases are freed.
    pub subjects: &'a [String],
    pub outcomes: &'a [OutcomeRow],
    pub postings: &'a [Posting],
    /// Payments whose waiting events look again.
    pub known: &'a [String],
    /// Balance transactions that are booked now: rows as [`transactions::transaction_row`] makes them.
    pub transactions: &'a [Value],
    /// Balance transactions that objects name: rows as [`inbox::store_pulled`] takes them.
    pub follow: &'a [Value],
    /// The highest mark that the ERP answered.
    pub mark: Option<i64>,
    /// The ledger's mark before the ERP was asked, where an answer was not above it.
    pub passed: Option<i64>,
}

/// What settling gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FinishResult {
    /// Events whose outcome was written. One that is missing here was taken over by another holder of the lease.
    pub written: Vec<String>,
    /// Events that became due by it: woken ones, and the next of each freed subject.
    pub next: Vec<String>,
}

/// The ERP's answer is true whoever holds the lease: inserted without a look at it. A row in doubt learns what the ERP says now;
/// what a person did with a receipt that the ERP had lost is to be done again.
const POSTINGS_SQL: &str = "INSERT INTO postings (key, payment, event, minor, currency, outcome, model, record, name, flags, \
     documents, posted, kind, occurred, intended, date) SELECT p.value ->> 'key', p.value ->> 'payment', p.value ->> 'event', p.value ->> 'minor', \
     p.value ->> 'currency', p.value ->> 'outcome', p.value ->> 'model', p.value ->> 'record', p.value ->> 'name', \
     p.value -> 'flags', p.value -> 'documents', ?2, p.value ->> 'kind', p.value ->> 'occurred', p.value ->> 'intended', \
     p.value ->> 'date' FROM json_each(?1) p WHERE true ON CONFLICT (key) DO UPDATE SET doubt = NULL, \
     (outcome, flags, documents, posted) = (SELECT outcome, flags, documents, posted \
       WHERE excluded.outcome = 'duplicate' AND excluded.record IS record UNION ALL \
       SELECT excluded.outcome, excluded.flags, excluded.documents, excluded.posted LIMIT 1), \
     allocated = iif(excluded.outcome = 'created', NULL, allocated), \
     model = excluded.model, record = excluded.record, name = excluded.name, date = excluded.date WHERE doubt IS NOT NULL";

/// What will not be booked keeps no body: whoever takes it up again fetches the object.
const OUTCOMES_SQL: &str = "UPDATE inbox SET state = v.value ->> 'state', code = v.value ->> 'code', detail = v.value ->> 'detail', \
     attempts = v.value ->> 'attempts', due = v.value ->> 'due', queue_again_at = v.value ->> 'queue_again_at', \
     crashes = v.value ->> 'crashes', waiting_for = v.value ->> 'waiting_for', waiting_since = v.value ->> 'waiting_since', \
     batch_limit = v.value ->> 'batch_limit', mapper = v.value ->> 'mapper', finished = v.value ->> 'finished', \
     subject = coalesce(v.value ->> 'subject', inbox.subject), \
     body = CASE WHEN v.value ->> 'state' <> 'ignored' THEN inbox.body END \
     FROM json_each(?1) v WHERE inbox.id = v.value ->> 'id' AND inbox.state = 'claimed' \
     AND EXISTS (SELECT 1 FROM leases l WHERE l.subject = inbox.subject AND l.token = ?2) RETURNING inbox.id AS id";

const WAKE_SQL: &str = "UPDATE inbox SET due = ?2, queue_again_at = ?2 + 60 WHERE state = 'waiting' \
     AND waiting_for IN (SELECT value FROM json_each(?1)) RETURNING id";

const FREE_SQL: &str = "DELETE FROM leases WHERE subject IN (SELECT value FROM json_each(?1)) AND token = ?2";

/// The ERP's mark, which only grows, and what is due next of each subject. That the ERP went back stands until an operator has
/// looked; not where one has since the ERP was asked, which leaves no mark or a lower one.
const NEXT_SQL: &str = "UPDATE delivery SET went_back = coalesce(went_back, iif(mark >= ?4, ?2, NULL)), \
     mark = iif(mark > ?3, mark, coalesce(?3, mark)) RETURNING (SELECT json_group_array((SELECT n.id FROM inbox n \
     WHERE n.subject = s.value AND n.due <= ?2 ORDER BY n.created, n.id LIMIT 1)) FROM json_each(?1) s) AS ids";

/// Writes outcomes and postings, wakes what waits, stores what is to follow, and frees the leases, atomically and in one
/// round trip; the pay page's PaymentIntents among the subjects learn what their events said. An outcome whose lease was
/// lost changes nothing; its posting is kept all the same.
pub async fn finish(db: &dyn Db, token: &str, now: i64, batch: &Batch<'_>) -> Result<FinishResult, DbError> {
    let subjects = Value::from(batch.subjects).to_string();
    let outcomes: Value = batch.outcomes.iter().map(|v| outcome_json(v, now)).collect();
    let history = attempts::history_statements(batch.outcomes, token, now);
    let first = history.len();
    let mut stmts = history;
    stmts.extend([
        Stmt::new(POSTINGS_SQL, [json!(batch.postings).to_string().into(), now.into()]),
        Stmt::new(OUTCOMES_SQL, [outcomes.to_string().into(), token.into()]),
        Stmt::new(WAKE_SQL, [Value::from(batch.known).to_string().into(), now.into()]),
        Stmt::new(FREE_SQL, [subjects.as_str().into(), token.into()]),
        Stmt::new(NEXT_SQL, [subjects.into(), now.into(), batch.mark.into(), batch.passed.into()]),
    ]);
    let follow = (!batch.follow.is_empty()).then_some(stmts.len());
    if follow.is_some() {
        stmts.push(inbox::pulled_statement(&Value::from(batch.follow), now));
    }
    if !batch.transactions.is_empty() {
        stmts.push(transactions::booked_statement(&Value::from(batch.transactions)));
    }
    stmts.extend(search_terms::search_terms_statement(batch.postings));
    stmts.extend(status_statement(batch.subjects.iter().zip(batch.outcomes), now));
    let answers = db.batch(stmts).await?;
    let mut next = texts(answers.get(first + 2), "id");
    let new = follow.map(|at| texts(answers.get(at), "id")).unwrap_or_default();
    let due = texts(answers.get(first + 4), "ids").pop().unwrap_or_default();
    let due: Vec<Option<String>> = serde_json::from_str(&due).unwrap_or_default();
    for id in due.into_iter().flatten().chain(new) {
        if !next.contains(&id) {
            next.push(id);
        }
    }
    Ok(FinishResult { written: texts(answers.get(first + 1), "id"), next })
}

fn outcome_json(v: &OutcomeRow, now: i64) -> Value {
    json!({
        "id": v.id, "state": v.state.name(), "code": v.code, "detail": v.detail, "attempts": v.attempts, "crashes": v.crashes, "due": v.due,
        "queue_again_at": v.due, "waiting_for": v.waiting_for, "waiting_since": v.waiting_since,
        "batch_limit": v.batch_limit, "mapper": v.mapper, "subject": v.subject,
        "finished": v.state.is_final().then_some(now),
    })
}
