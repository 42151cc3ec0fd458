//! Open attempts that the cron checks.

use super::attempt::LOOK_ROWS_MAX;
use crate::ports::{Db, DbError, Row, Stmt};

/// An open attempt is looked at again after half the time that it is open, not sooner than after so many seconds, nor later.
const LOOK_S_MIN: i64 = 600;
const LOOK_S_MAX: i64 = 86_400;
/// What is under way this long is not looked at any more: its end comes by Stripe's events alone, in seconds.
const UNDER_WAY_S_MAX: i64 = 30 * 86_400;
/// Attempts that led to no money are kept for so many seconds, those with a pause for twice as long, and so many go in one run.
const RETENTION_S: i64 = 86_400;
const PURGE_ROWS_MAX: i64 = 500;

/// An open attempt as the cron meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAttempt {
    pub invoice: i64,
    pub key: String,
    pub minor: i64,
    pub currency: String,
    /// Commercial partner.
    pub partner: i64,
    pub customer: String,
    pub payment: Option<String>,
    pub status: Option<String>,
    /// Seconds.
    pub opened: i64,
}

/// Open attempts that it is time to look at, and when they are looked at next.
pub async fn take_due(db: &dyn Db, names: &str, now: i64) -> Result<Vec<OpenAttempt>, DbError> {
    const SQL: &str = "UPDATE intents SET look_at = CASE \
           WHEN status IN ('processing', 'requires_capture', 'succeeded', 'parked') AND opened < (?1 - ?6) * 1000 THEN NULL \
           ELSE CAST(?1 + min(?5, max(?2, (?1 - opened / 1000) / 2)) AS INTEGER) END WHERE key IN ( \
         SELECT key FROM intents WHERE closed IS NULL AND look_at <= ?1 \
           AND account = (SELECT account FROM identity) AND database IN (SELECT value FROM json_each(?4)) ORDER BY look_at LIMIT ?3) \
         RETURNING invoice, key, minor, currency, partner, customer, payment, status, opened";
    let args =
        [now.into(), LOOK_S_MIN.into(), LOOK_ROWS_MAX.into(), names.into(), LOOK_S_MAX.into(), UNDER_WAY_S_MAX.into()];
    open_attempts(db, Stmt::new(SQL, args)).await
}

/// Removes attempts that ended a day ago without money: canceled at Stripe, refused, or never made. How many.
pub async fn purge(db: &dyn Db, now: i64) -> Result<u64, DbError> {
    const SQL: &str = "DELETE FROM intents WHERE key IN (SELECT key FROM intents \
         WHERE closed IS NOT NULL AND (payment IS NULL OR status = 'canceled') AND closed < ?1 - ?2 \
         AND coalesce(paused_until, 0) < ?1 - 2 * ?2 \
         AND NOT EXISTS (SELECT 1 FROM postings p WHERE p.payment = intents.payment) LIMIT ?3)";
    let rows = db.batch(vec![Stmt::new(SQL, [now.into(), RETENTION_S.into(), PURGE_ROWS_MAX.into()])]).await?;
    Ok(rows.first().map_or(0, |rows| rows.changes))
}

async fn open_attempts(db: &dyn Db, stmt: Stmt) -> Result<Vec<OpenAttempt>, DbError> {
    let rows = db.batch(vec![stmt]).await?;
    let one = |row: &Row| {
        let text = |column: &str| row.text(column).map(str::to_owned);
        Some(OpenAttempt {
            invoice: row.int("invoice")?,
            key: text("key")?,
            minor: row.int("minor")?,
            currency: text("currency")?,
            partner: row.int("partner")?,
            customer: text("customer")?,
            payment: text("payment"),
            status: text("status"),
            opened: row.int("opened")?.div_euclid(1000),
        })
    };
    Ok(rows.iter().flat_map(|rows| &rows.rows).filter_map(one).collect())
}
