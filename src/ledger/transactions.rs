//! Balance transactions: those in the books, and those that a payout is made of.

use serde_json::{Value, json};

use crate::payment::{Detail, PaymentEvent};
use crate::ports::{Db, DbError, Row, Stmt};

/// Most parts of a payout written by one statement, so that its text stays far below the 2 MB that D1 binds.
const PARTS_MOST: usize = 1_000;

/// The row of a balance transaction; `None` for any other movement.
pub fn row(movement: &PaymentEvent) -> Option<Value> {
    let Some(Detail::Transaction(txn)) = &movement.detail else { return None };
    let fees: Vec<Value> =
        txn.fees.iter().map(|fee| json!({ "kind": fee.kind, "what": fee.what, "minor": fee.money.minor })).collect();
    let presented = txn.presented.unwrap_or(txn.gross);
    Some(json!({
        "presented": presented.minor, "presented_currency": presented.currency,
        "account": movement.account, "id": txn.id, "type": txn.kind, "category": txn.category,
        "currency": txn.net.currency, "gross": txn.gross.minor, "net": txn.net.minor, "fees": fees,
        "counter": txn.counter, "document": txn.document, "source": txn.source, "created": movement.occurred,
        "available": txn.available,
    }))
}

/// Writes what is booked; what a payout said of it before is kept. `rows` is a JSON array of [`row`]s.
pub(super) fn booked(rows: &Value) -> Stmt {
    const SQL: &str = "INSERT INTO transactions (account, id, type, category, currency, gross, net, fees, counter, document, \
         source, created, available, presented, presented_currency) SELECT t.value ->> 'account', t.value ->> 'id', t.value ->> 'type', t.value ->> 'category', \
         t.value ->> 'currency', t.value ->> 'gross', t.value ->> 'net', t.value -> 'fees', t.value ->> 'counter', \
         t.value ->> 'document', t.value ->> 'source', t.value ->> 'created', t.value ->> 'available', t.value ->> 'presented', \
         t.value ->> 'presented_currency' \
         FROM json_each(?1) t WHERE true ON CONFLICT (account, id) DO UPDATE SET type = excluded.type, category = excluded.category, \
         currency = excluded.currency, gross = excluded.gross, net = excluded.net, fees = excluded.fees, counter = excluded.counter, \
         document = excluded.document, source = excluded.source, created = excluded.created, available = excluded.available, \
         presented = excluded.presented, presented_currency = excluded.presented_currency";
    Stmt::new(SQL, [rows.to_string().into()])
}

/// Links balance transactions, by their ids, to the payout that paid them out.
pub async fn paid_out(db: &dyn Db, account: &str, payout: &str, parts: &[String]) -> Result<(), DbError> {
    const SQL: &str = "INSERT INTO transactions (account, id, payout) SELECT ?1, p.value, ?2 FROM json_each(?3) p WHERE true \
         ON CONFLICT (account, id) DO UPDATE SET payout = excluded.payout";
    let link = |ids: &[String]| Stmt::new(SQL, [account.into(), payout.into(), Value::from(ids).to_string().into()]);
    let stmts: Vec<Stmt> = parts.chunks(PARTS_MOST).map(link).collect();
    if stmts.is_empty() {
        return Ok(());
    }
    db.batch(stmts).await.map(drop)
}

/// What Stripe kept under one type, in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// A [`crate::payment::FeeKind`] by its name: `stripe` or `tax`.
    pub kind: String,
    /// Stripe's type and words.
    pub what: String,
    pub minor: i64,
}

/// Settlement currencies in which Stripe kept something of its own from `from` until before `until` (seconds).
pub async fn fee_currencies(db: &dyn Db, account: &str, from: i64, until: i64) -> Result<Vec<String>, DbError> {
    const SQL: &str = "SELECT DISTINCT currency FROM transactions WHERE account = ?1 AND created >= ?2 AND created < ?3 \
         AND (fees <> '[]' OR counter = 'fees')";
    let rows = db.batch(vec![Stmt::new(SQL, [account.into(), from.into(), until.into()])]).await?;
    Ok(super::texts(rows.first(), "currency"))
}

/// What Stripe kept of its own in that time and currency, the largest first: parts of `fee_details`, and balance transactions
/// that are a fee as a whole.
pub async fn fees(db: &dyn Db, account: &str, currency: &str, from: i64, until: i64) -> Result<Vec<Kept>, DbError> {
    const SQL: &str = "SELECT kind, what, sum(minor) AS minor FROM ( \
           SELECT f.value ->> 'kind' AS kind, f.value ->> 'what' AS what, f.value ->> 'minor' AS minor \
           FROM transactions t, json_each(t.fees) f WHERE t.account = ?1 AND t.created >= ?3 AND t.created < ?4 AND t.currency = ?2 \
         UNION ALL SELECT 'stripe', t.type, -t.gross FROM transactions t \
           WHERE t.account = ?1 AND t.created >= ?3 AND t.created < ?4 AND t.currency = ?2 AND t.counter = 'fees') \
         WHERE kind IN ('stripe', 'tax') GROUP BY kind, what HAVING sum(minor) <> 0 ORDER BY 3 DESC, 2";
    let args = [account.into(), currency.into(), from.into(), until.into()];
    let rows = db.batch(vec![Stmt::new(SQL, args)]).await?;
    let kept = |row: &Row| {
        Some(Kept { kind: row.text("kind")?.to_owned(), what: row.text("what")?.to_owned(), minor: row.int("minor")? })
    };
    Ok(rows.iter().flat_map(|rows| &rows.rows).filter_map(kept).collect())
}
