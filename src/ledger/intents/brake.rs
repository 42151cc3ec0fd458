//! Counts of an invoice's declines, from the inbox itself: an event counts as soon as it is stored, whichever worker
//! holds its lease, and only once.

use serde_json::Value;

use super::attempt::LOOK_ROWS_MAX;
use crate::ledger::texts;
use crate::ports::{Db, DbError, Row, Rows, Stmt};

/// Declines within so many seconds count together.
pub const DECLINE_WINDOW_S: i64 = 3_600;
/// So many of them make a pause: who tries card after card is not let go on.
pub const DECLINES_MAX: i64 = 5;
/// A pause that ended so many seconds ago makes the next one no longer.
const RETENTION_S: i64 = 2 * 86_400;
/// Events of declines that one run of the cron looks at.
const RECENT_ROWS_MAX: i64 = 300;

/// An attempt that is not to be paid until its pause is over: its PaymentIntent is to be canceled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PausedAttempt {
    pub invoice: i64,
    pub key: String,
    pub payment: String,
    pub declines: i64,
    /// Seconds.
    pub until: i64,
}

/// `?1` ids of events, `?2` now, `?3` [`DECLINE_WINDOW_S`], `?4` [`DECLINES_MAX`], `?5` [`RETENTION_S`]. Of each invoice with a
/// decline among the events all declines count that came within the window and after its last pause. The first pause takes
/// ten minutes, the second an hour, each further one a day.
const COUNT: &str = "WITH hit AS (SELECT DISTINCT q.account AS account, q.database AS database, q.invoice AS invoice \
       FROM json_each(?1) h CROSS JOIN inbox i ON i.id = h.value AND i.type = 'payment_intent.payment_failed' \
       CROSS JOIN intents q ON q.payment = i.subject) \
     UPDATE intents SET declines = n.declines, declined = n.last, paused_until = CASE \
       WHEN n.declines < ?4 OR paused_until > ?2 THEN paused_until \
       ELSE ?2 + (SELECT CASE count(*) WHEN 0 THEN 600 WHEN 1 THEN 3600 ELSE 86400 END FROM intents s \
         WHERE s.account = intents.account AND s.database = intents.database AND s.invoice = intents.invoice \
         AND s.paused_until > ?2 - ?5) END \
     FROM (SELECT hit.account AS account, hit.database AS database, hit.invoice AS invoice, count(*) AS declines, \
         max(e.created) AS last FROM hit CROSS JOIN intents p ON p.account = hit.account AND p.database = hit.database \
         AND p.invoice = hit.invoice \
       CROSS JOIN inbox e ON e.subject = p.payment AND e.type = 'payment_intent.payment_failed' AND e.created > ?2 - ?3 \
         AND e.created >= coalesce((SELECT max(s.paused_until) FROM intents s WHERE s.account = hit.account \
           AND s.database = hit.database AND s.invoice = hit.invoice AND s.paused_until <= ?2), 0) \
       GROUP BY hit.account, hit.database, hit.invoice) n \
     WHERE intents.account = n.account AND intents.database = n.database AND intents.invoice = n.invoice \
       AND intents.closed IS NULL RETURNING invoice, key, payment, declines, paused_until";

/// Counts the declines among the events `ids`, and gives the attempts that are paused.
pub async fn count_declines(db: &dyn Db, ids: &[String], now: i64) -> Result<Vec<PausedAttempt>, DbError> {
    Ok(paused_from_rows(db.batch(vec![count_statement(ids, now)]).await?.first(), now))
}

fn count_statement(ids: &[String], now: i64) -> Stmt {
    let ids = Value::from(ids).to_string();
    Stmt::new(COUNT, [ids.into(), now.into(), DECLINE_WINDOW_S.into(), DECLINES_MAX.into(), RETENTION_S.into()])
}

/// Those that are paused.
fn paused_from_rows(rows: Option<&Rows>, now: i64) -> Vec<PausedAttempt> {
    let one = |row: &Row| {
        Some(PausedAttempt {
            invoice: row.int("invoice")?,
            key: row.text("key")?.to_owned(),
            payment: row.text("payment")?.to_owned(),
            declines: row.int("declines").unwrap_or(0),
            until: row.int("paused_until").filter(|until| *until > now)?,
        })
    };
    rows.into_iter().flat_map(|rows| &rows.rows).filter_map(one).collect()
}

/// Counts the declines whose hints were lost, and gives every paused attempt whose PaymentIntent still stands.
pub async fn count_recent(db: &dyn Db, now: i64) -> Result<Vec<PausedAttempt>, DbError> {
    const RECENT: &str = "SELECT id FROM inbox WHERE type = 'payment_intent.payment_failed' AND created > ?1 \
         ORDER BY created DESC LIMIT ?2";
    const STANDING: &str = "SELECT invoice, key, payment, declines, paused_until FROM intents \
         WHERE closed IS NULL AND paused_until > ?1 AND payment IS NOT NULL LIMIT ?2";
    let standing = || Stmt::new(STANDING, [now.into(), LOOK_ROWS_MAX.into()]);
    let recent = Stmt::new(RECENT, [(now - DECLINE_WINDOW_S).into(), RECENT_ROWS_MAX.into()]);
    let answers = db.batch(vec![recent, standing()]).await?;
    let ids = texts(answers.first(), "id");
    if ids.is_empty() {
        return Ok(paused_from_rows(answers.get(1), now));
    }
    let answers = db.batch(vec![count_statement(&ids, now), standing()]).await?;
    Ok(paused_from_rows(answers.get(1), now))
}
