//! Restores of the ERP to an earlier state. Postings since then are in doubt: the ERP is asked again by the same keys,
//! answers with what it has, and books what it has lost.

use super::delivery;
use super::doubt::{self, POSTINGS_MAX, again};
use super::operator::actions::{AuditEntry, audit_statement};
use super::texts;
use crate::date;
use crate::ports::{Db, DbError, Row, Rows, Stmt};

/// So many seconds before the instant named are asked for again as well: a backup is of some moment while it was made, and
/// the clocks of two machines differ.
pub const MARGIN_S: i64 = 3_600;

/// A walk under way, from the newest rowid down.
#[derive(Clone, Copy, Debug)]
struct RestoreRun {
    number: i64,
    since: i64,
    below: i64,
}

/// Where asking again stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestoreProgress {
    /// A walk is under way.
    pub under_way: bool,
    /// Postings that the ERP has not answered for yet.
    pub doubt: i64,
}

/// Begins the walk over what was booked since `to` (seconds) less [`MARGIN_S`]; one that is under way goes on. Contacts in the ERP
/// learn their customers' ids again, and its users are shown the alerts again. Marks begin anew.
pub async fn begin(db: &dyn Db, to: i64, entry: &AuditEntry<'_>) -> Result<(), DbError> {
    const WALK: &str = "INSERT INTO restores (at, since, below) SELECT ?1, ?2, coalesce(max(rowid), 0) + 1 FROM postings WHERE true \
         ON CONFLICT (since) WHERE ended IS NULL DO NOTHING";
    const CUSTOMERS: &str = "UPDATE customers SET linked = NULL WHERE linked >= ?1";
    const ACTIVITIES: &str = "UPDATE activities SET shown = 0";
    let since = to - MARGIN_S;
    db.batch(vec![
        audit_statement(entry, "erp_restore", &date::instant(to), None, Some("asked again")),
        Stmt::new(WALK, [entry.now.into(), since.into()]),
        Stmt::new(CUSTOMERS, [since.into()]),
        Stmt::new(ACTIVITIES, []),
        delivery::forget_mark(None),
    ])
    .await
    .map(drop)
}

/// How many postings were written since `to` less [`MARGIN_S`].
pub async fn postings_since(db: &dyn Db, to: i64) -> Result<i64, DbError> {
    const SQL: &str = "SELECT count(*) AS n FROM postings WHERE posted >= ?1";
    let rows = db.batch(vec![Stmt::new(SQL, [(to - MARGIN_S).into()])]).await?;
    Ok(int(rows.first(), "n").unwrap_or(0))
}

/// Whether what was written at `instant` (seconds) is of a time that the ERP has lost: ids that it gave then may be another
/// record's by now.
pub async fn is_lost(db: &dyn Db, instant: i64) -> Result<bool, DbError> {
    const SQL: &str = "SELECT EXISTS (SELECT 1 FROM restores WHERE since <= ?1 AND at >= ?1) AS lost";
    let rows = db.batch(vec![Stmt::new(SQL, [instant.into()])]).await?;
    Ok(int(rows.first(), "lost") == Some(1))
}

/// Where it stands.
pub async fn progress(db: &dyn Db) -> Result<RestoreProgress, DbError> {
    const SQL: &str = "SELECT EXISTS (SELECT 1 FROM restores WHERE ended IS NULL) AS under_way, \
         (SELECT count(*) FROM postings WHERE doubt IS NOT NULL) AS doubt";
    let rows = db.batch(vec![Stmt::new(SQL, [])]).await?;
    Ok(RestoreProgress {
        under_way: int(rows.first(), "under_way") == Some(1),
        doubt: int(rows.first(), "doubt").unwrap_or(0),
    })
}

/// One step of asking again: a page of the oldest walk, and what it left over. Gives the events to be worked; without a walk
/// it is one round trip.
pub async fn step(db: &dyn Db, now: i64) -> Result<Vec<String>, DbError> {
    const WALK: &str = "SELECT number, since, below FROM restores WHERE ended IS NULL ORDER BY number LIMIT 1";
    let answers = db.batch(vec![Stmt::new(WALK, []), doubt::reopen_statement(now)]).await?;
    let mut events = texts(answers.get(1), "id");
    let walk =
        |row: &Row| Some(RestoreRun { number: row.int("number")?, since: row.int("since")?, below: row.int("below")? });
    if let Some(walk) = answers.first().and_then(|rows| rows.rows.first()).and_then(walk) {
        events.extend(page(db, walk, now).await?);
    }
    Ok(events)
}

/// The next page of a walk. Two that walk at once do the same, and nothing is passed over.
async fn page(db: &dyn Db, walk: RestoreRun, now: i64) -> Result<Vec<String>, DbError> {
    const FROM: &str =
        "SELECT min(at) AS at FROM (SELECT rowid AS at FROM postings WHERE rowid < ?1 ORDER BY rowid DESC LIMIT ?2)";
    const DOUBT: &str = "UPDATE postings SET doubt = ?3 WHERE rowid >= ?1 AND rowid < ?2 AND posted >= ?4";
    const ALLOCATED: &str = "UPDATE postings SET allocated = NULL WHERE rowid >= ?1 AND rowid < ?2 AND allocated >= ?3";
    const EVENTS: &str = concat!(
        again!(),
        "state <> 'claimed' AND (code IS NULL OR code NOT IN ('parked_by_operator', 'ignored_by_operator')) \
         AND id IN (SELECT event FROM postings WHERE rowid >= ?1 AND rowid < ?3 AND posted >= ?4) RETURNING id"
    );
    // What was refused for want of something that the ERP had lost is asked for once more, after that is booked again.
    const PARKED: &str = concat!(
        again!(),
        "state = 'parked' AND ?1 = 0 AND code IN ('refund_receipt_unknown', 'receipt_missing', 'refund_not_booked', \
         'refund_undone', 'credit_note_without_invoice', 'payment_gone') RETURNING id"
    );
    const ON: &str = "UPDATE restores SET below = ?2, ended = iif(?2 = 0, ?3, NULL) WHERE number = ?1 AND below > ?2";
    let rows = db.batch(vec![Stmt::new(FROM, [walk.below.into(), POSTINGS_MAX.into()])]).await?;
    let from = int(rows.first(), "at").unwrap_or(0);
    let answers = db
        .batch(vec![
            Stmt::new(DOUBT, [from.into(), walk.below.into(), now.into(), walk.since.into()]),
            Stmt::new(ALLOCATED, [from.into(), walk.below.into(), walk.since.into()]),
            Stmt::new(EVENTS, [from.into(), now.into(), walk.below.into(), walk.since.into()]),
            Stmt::new(PARKED, [from.into(), now.into()]),
            Stmt::new(ON, [walk.number.into(), from.into(), now.into()]),
        ])
        .await?;
    let mut events = texts(answers.get(2), "id");
    events.extend(texts(answers.get(3), "id"));
    Ok(events)
}

fn int(rows: Option<&Rows>, column: &str) -> Option<i64> {
    rows.and_then(|rows| rows.rows.first()).and_then(|row| row.int(column))
}
