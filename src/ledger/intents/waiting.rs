//! Open attempts as the cron meets them.

use super::DECLINE_WINDOW;
use crate::ports::{Db, DbError, Row, Stmt};

/// An open attempt is looked at again after so many seconds, and so many in one run: each may cost a call to Stripe, and
/// Cloudflare's free plan has 50 for an invocation.
const LOOK_AGAIN: i64 = 600;
const LOOK_MOST: i64 = 30;

/// An open attempt as the cron meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
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

/// Open attempts that the cron has not looked at for longest, and marks them as looked at.
pub async fn to_look_at(db: &dyn Db, names: &str, now: i64) -> Result<Vec<Waiting>, DbError> {
    const SQL: &str = "UPDATE intents SET looked = ?1 WHERE key IN ( \
         SELECT key FROM intents WHERE closed IS NULL AND looked <= ?1 - ?2 \
           AND account = (SELECT account FROM identity) AND database IN (SELECT value FROM json_each(?4)) ORDER BY looked LIMIT ?3) \
         RETURNING invoice, key, minor, currency, partner, customer, payment, status, opened";
    waiting(db, Stmt::new(SQL, [now.into(), LOOK_AGAIN.into(), LOOK_MOST.into(), names.into()])).await
}

/// Open attempts that were declined `most` times and more, lately.
pub async fn declined(db: &dyn Db, most: i64, now: i64) -> Result<Vec<Waiting>, DbError> {
    const SQL: &str = "SELECT invoice, key, minor, currency, partner, customer, payment, status, opened FROM intents \
         WHERE closed IS NULL AND declines >= ?1 AND declined > ?2 AND account = (SELECT account FROM identity) LIMIT ?3";
    waiting(db, Stmt::new(SQL, [most.into(), (now - DECLINE_WINDOW).into(), LOOK_MOST.into()])).await
}

async fn waiting(db: &dyn Db, stmt: Stmt) -> Result<Vec<Waiting>, DbError> {
    let rows = db.batch(vec![stmt]).await?;
    let one = |row: &Row| {
        let text = |column: &str| row.text(column).map(str::to_owned);
        Some(Waiting {
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
