//! What the clock does to the ledger: queue again, take up again, purge.

use super::texts;
use crate::ports::{Db, DbError, Stmt};

/// Most events queued again in one run: thirty of Cloudflare's largest `sendBatch`. The hints of an outage are spent on the
/// pause, so that the sweep alone brings its events back; fifty a second is what a real Odoo books for two consumers.
pub const EVENTS_MAX: i64 = 3_000;
/// Rows purged or taken up again in one run, so that a run stays short.
const PURGE_ROWS_MAX: i64 = 500;

/// Events that are due and were not worked (never queued, lease run out, retry due), oldest first, a bounded number;
/// each is taken off the list for a minute in the same statement. While delivery is paused: none but one, once the
/// pause has run out, whose worker will test the connection.
pub async fn queue_again(db: &dyn Db, now: i64) -> Result<Vec<String>, DbError> {
    const SQL: &str = "UPDATE inbox SET queue_again_at = ?1 + 60 WHERE id IN ( \
           SELECT id FROM inbox WHERE queue_again_at <= ?1 ORDER BY queue_again_at LIMIT ( \
             SELECT CASE WHEN failures = 0 THEN ?2 WHEN paused_until <= ?1 THEN 1 ELSE 0 END FROM delivery)) RETURNING id";
    let rows = db.batch(vec![Stmt::new(SQL, [now.into(), EVENTS_MAX.into()])]).await?;
    Ok(texts(rows.first(), "id"))
}

/// Takes up again what an older mapper ignored as unsupported.
pub async fn reopen_unsupported(db: &dyn Db, mapper: i64, now: i64) -> Result<Vec<String>, DbError> {
    const SQL: &str = "UPDATE inbox SET state = 'received', code = NULL, mapper = NULL, finished = NULL, due = ?2, \
         queue_again_at = ?2 + 60 WHERE id IN (SELECT id FROM inbox WHERE mapper < ?1 AND state = 'ignored' LIMIT ?3) RETURNING id";
    let rows = db.batch(vec![Stmt::new(SQL, [mapper.into(), now.into(), PURGE_ROWS_MAX.into()])]).await?;
    Ok(texts(rows.first(), "id"))
}

/// Takes up again what other settings ignored (accounts, go-live, databases), some at a time; `settings` is the
/// fingerprint of the present ones. Settings that never change cost one read of one row.
pub async fn reopen_by_settings(db: &dyn Db, settings: &str, now: i64) -> Result<Vec<String>, DbError> {
    const NOTE: &str = "UPDATE delivery SET settings_at = CASE WHEN settings IS NULL THEN NULL ELSE ?2 END, settings = ?1 \
         WHERE settings IS NOT ?1";
    const REOPEN: &str = "UPDATE inbox SET state = 'received', code = NULL, finished = NULL, due = ?1, queue_again_at = ?1 + 60 \
         WHERE id IN (SELECT id FROM inbox WHERE state = 'ignored' AND code IN ('other_account', 'before_go_live', 'ignored_database') \
         AND finished < (SELECT settings_at FROM delivery) LIMIT ?2) RETURNING id";
    const DONE: &str = "UPDATE delivery SET settings_at = NULL WHERE settings_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM inbox \
         WHERE state = 'ignored' AND code IN ('other_account', 'before_go_live', 'ignored_database') AND finished < delivery.settings_at)";
    let rows = db
        .batch(vec![
            Stmt::new(NOTE, [settings.into(), now.into()]),
            Stmt::new(REOPEN, [now.into(), PURGE_ROWS_MAX.into()]),
            Stmt::new(DONE, []),
        ])
        .await?;
    Ok(texts(rows.get(1), "id"))
}

/// Removes the raw bodies of events finished before `before` (seconds), and what is told of attempts that ended before it.
/// Everything else is kept.
pub async fn purge(db: &dyn Db, before: i64) -> Result<u64, DbError> {
    const SQL: &str = "UPDATE inbox SET body = NULL WHERE id IN ( \
         SELECT id FROM inbox WHERE body IS NOT NULL AND finished IS NOT NULL AND finished < ?1 LIMIT ?2)";
    const ATTEMPTS: &str = "DELETE FROM attempts WHERE (event, number) IN \
         (SELECT event, number FROM attempts WHERE last < ?1 LIMIT ?2)";
    let args = || [before.into(), PURGE_ROWS_MAX.into()];
    let rows = db.batch(vec![Stmt::new(SQL, args()), Stmt::new(ATTEMPTS, args())]).await?;
    Ok(rows.first().map_or(0, |r| r.changes))
}

/// Removes of events that are parked and came before `before` the raw bodies and the sentences why, which may quote people (the
/// code stays); forms from before `forms`, whose idempotency key Stripe has forgotten; and sessions that are over.
pub async fn purge_personal(db: &dyn Db, before: i64, forms: i64, now: i64) -> Result<(), DbError> {
    const PARKED: &str = "UPDATE inbox SET body = NULL WHERE id IN ( \
         SELECT id FROM inbox WHERE body IS NOT NULL AND state = 'parked' AND received < ?1 LIMIT ?2)";
    const DETAILS: &str = "UPDATE inbox SET detail = NULL WHERE id IN ( \
         SELECT id FROM inbox WHERE state = 'parked' AND code > '' AND detail IS NOT NULL AND received < ?1 LIMIT ?2)";
    const INTENTS: &str = "UPDATE intents SET body = '' WHERE key IN ( \
         SELECT key FROM intents WHERE body <> '' AND opened < ?1 * 1000 LIMIT ?2)";
    const CUSTOMERS: &str = "UPDATE customers SET body = '' WHERE key IN ( \
         SELECT key FROM customers WHERE body <> '' AND claimed < ?1 LIMIT ?2)";
    let args = |instant: i64| [instant.into(), PURGE_ROWS_MAX.into()];
    let over = Stmt::new("DELETE FROM sessions WHERE until <= ?1", [now.into()]);
    db.batch(vec![
        Stmt::new(PARKED, args(before)),
        Stmt::new(DETAILS, args(before)),
        Stmt::new(INTENTS, args(forms)),
        Stmt::new(CUSTOMERS, args(forms)),
        over,
    ])
    .await
    .map(drop)
}
