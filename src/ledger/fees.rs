//! Fees that Stripe kept and that are owed to it as a supplier, by month.

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

/// A bill that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueBill {
    pub month: Month,
    /// The settlement currency.
    pub currency: String,
    /// 1 for the month's bill, and from 2 on for what was booked after that had its list.
    pub number: i64,
}

/// Of these months and of each settlement currency, those that are complete, in which something is owed that no bill lists,
/// and of which no bill is under way. `own` is the key's own account, `wait` the seconds after a month's end before it can
/// be complete.
///
/// Complete: a run of the completeness sweep that began `wait` after the month's end has come to its end, so that every
/// balance transaction of the month has a row of the inbox; and none of these rows is still being worked or tried again.
/// The parked ones are a person's, and what comes of them later has a bill of its own.
pub async fn due_bills(
    db: &dyn Db,
    account: &str,
    own: &str,
    months: &[Month],
    wait: i64,
) -> Result<Vec<DueBill>, DbError> {
    // From currency to currency by the index, however many transactions each has. The rows of a month's bills are
    // `fees_2026_11_usd_acct_…`, `fees_2026_11_usd_2_acct_…`: a range of the ids, as '`' comes after '_'.
    const SQL: &str = "WITH RECURSIVE owed(currency) AS ( \
           SELECT min(currency) FROM transactions WHERE account = ?1 AND owed = 1 AND billed IS NULL \
           UNION ALL SELECT (SELECT min(t.currency) FROM transactions t WHERE t.account = ?1 AND t.owed = 1 AND t.billed IS NULL \
             AND t.currency > owed.currency) FROM owed WHERE owed.currency IS NOT NULL), \
         month(since, until, currency, name) AS ( \
           SELECT m.value ->> 'from', m.value ->> 'until', owed.currency, (m.value ->> 'name') || lower(owed.currency) \
           FROM json_each(?2) m JOIN owed ON owed.currency IS NOT NULL) \
         SELECT month.since, month.currency, (SELECT count(*) FROM inbox i WHERE i.id >= month.name || '_' \
             AND i.id < month.name || '`' AND i.account = ?1) AS bills FROM month \
         WHERE month.until + ?4 <= (SELECT complete_to FROM transaction_list_progress WHERE account = ?1) \
           AND EXISTS (SELECT 1 FROM transactions t WHERE t.account = ?1 AND t.owed = 1 AND t.billed IS NULL \
             AND t.currency = month.currency AND t.created >= month.since AND t.created < month.until) \
           AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.id >= month.name || '_' AND i.id < month.name || '`' \
             AND i.account = ?1 AND i.queue_again_at IS NOT NULL) \
           AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.queue_again_at >= 0 AND i.type = 'balance_transaction' \
             AND coalesce(i.account, ?3) = ?1 AND i.created >= month.since AND i.created < month.until + ?4)";
    let list: Vec<Value> =
        months.iter().map(|m| json!({"name": object_prefix(m), "from": m.from, "until": m.until})).collect();
    let args = [account.into(), Value::from(list).to_string().into(), own.into(), wait.into()];
    let rows = db.batch(vec![Stmt::new(SQL, args)]).await?;
    let of_row = |row: &Row| {
        let since = row.int("since")?;
        let month = *months.iter().find(|m| m.from == since)?;
        Some(DueBill { month, currency: row.text("currency")?.to_owned(), number: row.int("bills")? + 1 })
    };
    Ok(rows.iter().flat_map(|rows| &rows.rows).filter_map(of_row).collect())
}

/// The beginning of an object's name, before its currency: `fees_2026_11_`.
pub fn object_prefix(month: &Month) -> String {
    format!("fees_{:04}_{:02}_", month.year, month.month)
}

/// What is owed under one type, in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeTotal {
    /// A [`crate::movement::FeeKind`] by its name: `stripe` or `tax`.
    pub kind: String,
    /// Stripe's type and words.
    pub what: String,
    pub minor: i64,
}

/// What the bill of this name lists: the sums, the largest first, and the ids of the balance transactions that they are of.
/// Parts of `fee_details` count, and balance transactions that are a fee as a whole.
///
/// The first look gives the bill all that is owed of its month and no bill lists yet, and that stays its list: whatever is asked
/// of the ERP, however often, is of the same transactions, and each is on one bill.
pub async fn bill_contents(
    db: &dyn Db,
    account: &str,
    bill: &str,
    currency: &str,
    month: &Month,
) -> Result<(Vec<FeeTotal>, Vec<String>), DbError> {
    const LIST: &str = "UPDATE transactions SET billed = ?2 WHERE account = ?1 AND owed = 1 AND billed IS NULL AND currency = ?3 \
         AND created >= ?4 AND created < ?5 AND NOT EXISTS (SELECT 1 FROM transactions t WHERE t.account = ?1 AND t.billed = ?2)";
    const SUMS: &str = "SELECT kind, what, sum(minor) AS minor FROM ( \
           SELECT f.value ->> 'kind' AS kind, f.value ->> 'what' AS what, f.value ->> 'minor' AS minor \
           FROM transactions t, json_each(t.fees) f WHERE t.account = ?1 AND t.billed = ?2 \
         UNION ALL SELECT 'stripe', t.type, -t.gross FROM transactions t \
           WHERE t.account = ?1 AND t.billed = ?2 AND t.counter = 'fees') \
         WHERE kind IN ('stripe', 'tax') GROUP BY kind, what HAVING sum(minor) <> 0 ORDER BY 3 DESC, 2, 1";
    const IDS: &str = "SELECT t.id FROM transactions t WHERE t.account = ?1 AND t.billed = ?2 ORDER BY t.created, t.id";
    let of_month = [account.into(), bill.into(), currency.into(), month.from.into(), month.until.into()];
    let of_bill = || [account.into(), bill.into()];
    let stmts = vec![Stmt::new(LIST, of_month), Stmt::new(SUMS, of_bill()), Stmt::new(IDS, of_bill())];
    let rows = db.batch(stmts).await?;
    let kept = |row: &Row| {
        Some(FeeTotal {
            kind: row.text("kind")?.to_owned(),
            what: row.text("what")?.to_owned(),
            minor: row.int("minor")?,
        })
    };
    let sums = rows.get(1).into_iter().flat_map(|rows| &rows.rows).filter_map(kept).collect();
    Ok((sums, super::texts(rows.get(2), "id")))
}
