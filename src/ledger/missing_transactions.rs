//! Documents that no balance transaction has settled: whether Stripe has them at all is looked up by the clock, ever more rarely.

use serde_json::{Value, json};

use super::texts;
use crate::ports::{Db, DbError, Row, Stmt};

/// A document is given so many seconds for its balance transaction: the sweep over them runs every quarter of an hour.
const DELAY_S: i64 = 3_600;
/// Postings looked through in one step, each minute: more than the fifty a second that a real Odoo books for two consumers.
const PAGE_ROWS: i64 = 4_000;
/// Documents looked up in one run.
pub const LOOKUPS_MAX: i64 = 10;

/// Whether posting `p` is settled: the balance transaction of a document is a posting of its payment, and names it.
macro_rules! has_transaction {
    () => {
        "EXISTS (SELECT 1 FROM postings s JOIN transactions t ON t.id = s.event \
         AND t.account = substr(p.key, 8, instr(substr(p.key, 8), ':') - 1) \
         WHERE s.payment = p.payment AND s.kind = 'settled' AND t.document = p.key)"
    };
}

/// Goes on looking through the postings, in the order in which they were written, one step.
pub async fn scan(db: &dyn Db, now: i64) -> Result<(), DbError> {
    const PAGE_SQL: &str = "WITH page AS (SELECT rowid AS at, posted FROM postings WHERE rowid > (SELECT postings FROM missing_transactions_scan) \
           ORDER BY rowid LIMIT ?2) \
         SELECT (SELECT postings FROM missing_transactions_scan) AS after, coalesce((SELECT min(at) - 1 FROM page WHERE posted > ?1), (SELECT max(at) FROM page)) AS upto";
    const KEEP: &str = concat!(
        "INSERT INTO missing_transactions (key, due) SELECT p.key, ?3 FROM postings p WHERE p.rowid > ?1 AND p.rowid <= ?2 AND p.outcome <> 'gone' \
         AND coalesce(p.kind, 'paid') IN ('paid', 'reversed', 'refunded', 'refund_failed', 'dispute_withdrawn', 'dispute_reinstated') \
         AND NOT ",
        has_transaction!(),
        " ON CONFLICT DO NOTHING"
    );
    const ON: &str = "UPDATE missing_transactions_scan SET postings = ?2 WHERE postings = ?1";
    let rows = db.batch(vec![Stmt::new(PAGE_SQL, [(now - DELAY_S).into(), PAGE_ROWS.into()])]).await?;
    let row = rows.into_iter().next().and_then(|rows| rows.rows.into_iter().next()).unwrap_or_default();
    let (after, upto) = (row.int("after").unwrap_or(0), row.int("upto").unwrap_or(0));
    if upto <= after {
        return Ok(());
    }
    let keep = Stmt::new(KEEP, [after.into(), upto.into(), now.into()]);
    db.batch(vec![keep, Stmt::new(ON, [after.into(), upto.into()])]).await.map(drop)
}

/// A document to be looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingTransaction {
    pub key: String,
    /// How often it was.
    pub looks: i64,
}

/// Those that are due, the longest due first; what was settled meanwhile is none any more.
pub async fn due_lookups(db: &dyn Db, now: i64) -> Result<Vec<MissingTransaction>, DbError> {
    const SETTLED: &str = concat!(
        "DELETE FROM missing_transactions WHERE key IN (SELECT u.key FROM missing_transactions u JOIN postings p ON p.key = u.key WHERE u.due <= ?1 AND ",
        has_transaction!(),
        " LIMIT 500)"
    );
    const DUE: &str = "SELECT key, looks FROM missing_transactions WHERE due <= ?1 ORDER BY due, key LIMIT ?2";
    let rows =
        db.batch(vec![Stmt::new(SETTLED, [now.into()]), Stmt::new(DUE, [now.into(), LOOKUPS_MAX.into()])]).await?;
    let one = |row: &Row| Some(MissingTransaction { key: row.text("key")?.to_owned(), looks: row.int("looks")? });
    Ok(rows.get(1).into_iter().flat_map(|rows| &rows.rows).filter_map(one).collect())
}

/// What a look gave: when the next one is, and whether Stripe has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    pub key: String,
    pub due: i64,
    pub known: bool,
}

/// Writes them; gives the keys of which Stripe says for the first time that it does not have them.
pub async fn store_lookups(db: &dyn Db, looks: &[Lookup], now: i64) -> Result<Vec<String>, DbError> {
    const NEW: &str = "SELECT u.key FROM missing_transactions u JOIN json_each(?1) l ON u.key = l.value ->> 'key' \
         WHERE u.unknown IS NULL AND NOT (l.value ->> 'known')";
    const WRITE: &str = "UPDATE missing_transactions SET looks = looks + 1, due = l.value ->> 'due', \
         unknown = CASE WHEN l.value ->> 'known' THEN NULL ELSE coalesce(unknown, ?2) END \
         FROM json_each(?1) l WHERE missing_transactions.key = l.value ->> 'key'";
    if looks.is_empty() {
        return Ok(Vec::new());
    }
    let list: Value =
        looks.iter().map(|l| json!({ "key": l.key, "due": l.due, "known": i64::from(l.known) })).collect();
    let list = list.to_string();
    let stmts = vec![Stmt::new(NEW, [list.as_str().into()]), Stmt::new(WRITE, [list.into(), now.into()])];
    Ok(texts(db.batch(stmts).await?.first(), "key"))
}
