//! The health of the ledger, read in one statement as JSON text.

use super::json;
use crate::ledger::delivery;
use crate::ports::{Db, DbError, Stmt};

/// ?1 now, ?2 version of the product. What is open and what is parked is found by the indexes of these; the last webhook
/// among the newest 2,000 rows.
const SQL: &str = concat!(
    "WITH open AS (SELECT state, due FROM inbox WHERE queue_again_at > 0) \
     SELECT json_object('now', CAST(?1 AS INTEGER), 'version', ?2, 'account', (SELECT account FROM identity), \
     'livemode', (SELECT json(iif(livemode, 'true', 'false')) FROM identity), \
     'last_webhook', (SELECT received FROM (SELECT received, form FROM inbox ORDER BY rowid DESC LIMIT 2000) WHERE form <> 'pulled' LIMIT 1), \
     'last_posting', (SELECT posted FROM postings ORDER BY rowid DESC LIMIT 1), \
     'lag', coalesce((SELECT max(0, CAST(?1 - min(due) AS INTEGER)) FROM open WHERE state <> 'claimed' AND due <= ?1), 0), \
     'counts', (SELECT json_object('received', count(*) FILTER (WHERE state = 'received'), 'claimed', count(*) FILTER (WHERE state = 'claimed'), \
       'waiting', count(*) FILTER (WHERE state = 'waiting'), 'failed', count(*) FILTER (WHERE state = 'failed'), \
       'parked', (SELECT count(*) FROM inbox WHERE state = 'parked' AND code >= ''), 'unallocated', (SELECT count(*) FROM postings \
         WHERE ",
    unallocated!(),
    ")) FROM open), \
     'delivery', (SELECT json_object('paused', json(iif(failures > 0, 'true', 'false')), 'paused_until', paused_until, 'failures', failures, \
       'code', code, 'detail', detail, 'since', since, 'went_back', went_back) FROM delivery), \
     'recovery', (SELECT json_group_array(json_object('account', account, 'complete_to', complete_to, \
       'under_way', json(iif(run IS NULL, 'false', 'true')))) FROM event_list_progress), \
     'completeness', (SELECT json_group_array(json_object('account', account, 'complete_to', complete_to, \
       'under_way', json(iif(run IS NULL, 'false', 'true')))) FROM transaction_list_progress), \
     'books', (SELECT json_object('checked', checked, 'verdict', verdict, 'summary', summary) FROM proof), \
     'alerts', (SELECT json_group_array(json_object('id', id, 'kind', kind, 'what', what, 'todo', todo, 'since', since, 'told', told, \
       'times', times)) FROM alerts), \
     'totals', json_object('events', (SELECT max(rowid) FROM inbox), 'postings', (SELECT max(rowid) FROM postings))) AS json"
);

/// The whole of it.
pub async fn health_json(db: &dyn Db, version: &str, now: i64) -> Result<String, DbError> {
    Ok(json(db, Stmt::new(SQL, [now.into(), version.into()])).await?.unwrap_or_default())
}

/// What `quittance verify` found. `equal`: when it began, in seconds, where it found all of it equal as it is now.
pub async fn store_proof(
    db: &dyn Db,
    verdict: &str,
    summary: &str,
    equal: Option<i64>,
    now: i64,
) -> Result<(), DbError> {
    const SQL: &str = "INSERT INTO proof (only, checked, verdict, summary) VALUES (1, ?1, ?2, ?3) \
         ON CONFLICT (only) DO UPDATE SET checked = excluded.checked, verdict = excluded.verdict, summary = excluded.summary";
    let proof = Stmt::new(SQL, [now.into(), verdict.into(), summary.into()]);
    let over = equal.map(|began| delivery::forget_mark(Some(began)));
    db.batch(std::iter::once(proof).chain(over).collect()).await.map(drop)
}
