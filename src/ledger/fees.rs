//! What Stripe kept of its own and is owed for as a supplier, month by month.

use serde_json::{Value, json};

use crate::ports::{Db, DbError, Row, Stmt};

/// Type of the inbox rows of monthly bills.
pub const FEE_BILL: &str = "fee_bill";

/// A month of UTC: from its first second until before the first of the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    pub year: i64,
    pub month: i64,
    pub from: i64,
    pub until: i64,
}

/// Of these months and of each settlement currency, those that are complete, in which something is owed, and that have no
/// row of the inbox yet. `own` is the key's own account, `wait` the seconds after a month's end before it can be complete.
///
/// Complete: a run of the completeness sweep that began `wait` after the month's end has come to its end, so that every
/// balance transaction of the month has a row of the inbox; and none of these rows is still being worked or tried again.
/// The parked ones are a person's, and what comes of them later is late.
pub async fn unbilled(
    db: &dyn Db,
    account: &str,
    own: &str,
    months: &[Month],
    wait: i64,
) -> Result<Vec<(Month, String)>, DbError> {
    // From currency to currency by the index, however many transactions each has.
    const SQL: &str = "WITH RECURSIVE owed(currency) AS ( \
           SELECT min(currency) FROM transactions WHERE account = ?1 AND owed = 1 \
           UNION ALL SELECT (SELECT min(t.currency) FROM transactions t WHERE t.account = ?1 AND t.owed = 1 \
             AND t.currency > owed.currency) FROM owed WHERE owed.currency IS NOT NULL) \
         SELECT m.value ->> 'from' AS month, owed.currency FROM json_each(?2) m JOIN owed ON owed.currency IS NOT NULL \
         WHERE (m.value ->> 'until') + ?4 <= (SELECT complete_to FROM completeness WHERE account = ?1) \
           AND EXISTS (SELECT 1 FROM transactions t WHERE t.account = ?1 AND t.owed = 1 AND t.currency = owed.currency \
             AND t.created >= m.value ->> 'from' AND t.created < m.value ->> 'until') \
           AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.id = (m.value ->> 'name') || lower(owed.currency) || '_' || ?1) \
           AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.queue_again_at >= 0 AND i.type = 'balance_transaction' \
             AND coalesce(i.account, ?3) = ?1 AND i.created >= m.value ->> 'from' AND i.created < (m.value ->> 'until') + ?4)";
    let list: Vec<Value> = months.iter().map(|m| json!({"name": name(m), "from": m.from, "until": m.until})).collect();
    let args = [account.into(), Value::from(list).to_string().into(), own.into(), wait.into()];
    let rows = db.batch(vec![Stmt::new(SQL, args)]).await?;
    let of_row = |row: &Row| {
        let from = row.int("month")?;
        Some((*months.iter().find(|m| m.from == from)?, row.text("currency")?.to_owned()))
    };
    Ok(rows.iter().flat_map(|rows| &rows.rows).filter_map(of_row).collect())
}

/// The beginning of an object's name, before its currency: `fees_2026_11_`.
pub fn name(month: &Month) -> String {
    format!("fees_{:04}_{:02}_", month.year, month.month)
}

/// What is owed under one type, in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// A [`crate::payment::FeeKind`] by its name: `stripe` or `tax`.
    pub kind: String,
    /// Stripe's type and words.
    pub what: String,
    pub minor: i64,
}

/// What is owed of a month in one settlement currency: the sums, the largest first, and the ids of the balance transactions
/// that they are of. Parts of `fee_details` count, and balance transactions that are a fee as a whole.
pub async fn owed(
    db: &dyn Db,
    account: &str,
    currency: &str,
    month: &Month,
) -> Result<(Vec<Kept>, Vec<String>), DbError> {
    const SUMS: &str = "SELECT kind, what, sum(minor) AS minor FROM ( \
           SELECT f.value ->> 'kind' AS kind, f.value ->> 'what' AS what, f.value ->> 'minor' AS minor \
           FROM transactions t, json_each(t.fees) f \
           WHERE t.account = ?1 AND t.owed = 1 AND t.currency = ?2 AND t.created >= ?3 AND t.created < ?4 \
         UNION ALL SELECT 'stripe', t.type, -t.gross FROM transactions t \
           WHERE t.account = ?1 AND t.owed = 1 AND t.currency = ?2 AND t.created >= ?3 AND t.created < ?4 AND t.counter = 'fees') \
         WHERE kind IN ('stripe', 'tax') GROUP BY kind, what HAVING sum(minor) <> 0 ORDER BY 3 DESC, 2, 1";
    const IDS: &str = "SELECT t.id FROM transactions t WHERE t.account = ?1 AND t.owed = 1 AND t.currency = ?2 \
         AND t.created >= ?3 AND t.created < ?4 ORDER BY t.created, t.id";
    let args = || [account.into(), currency.into(), month.from.into(), month.until.into()];
    let rows = db.batch(vec![Stmt::new(SUMS, args()), Stmt::new(IDS, args())]).await?;
    let kept = |row: &Row| {
        Some(Kept { kind: row.text("kind")?.to_owned(), what: row.text("what")?.to_owned(), minor: row.int("minor")? })
    };
    let sums = rows.first().into_iter().flat_map(|rows| &rows.rows).filter_map(kept).collect();
    Ok((sums, super::texts(rows.get(1), "id")))
}
