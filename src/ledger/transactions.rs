//! Balance transactions: those in the books, and those that a payout is made of.

use serde_json::{Value, json};

use crate::payment::{Counter, Detail, FeeKind, PaymentEvent, Transaction};
use crate::ports::{Db, DbError, Stmt};

/// Most parts of a payout written by one statement, so that its text stays far below the 2 MB that D1 binds.
const PARTS_MOST: usize = 1_000;

/// The row of a balance transaction; `None` for any other movement. `supplier`: Stripe's fees are booked as owed to it.
pub fn row(movement: &PaymentEvent, supplier: bool) -> Option<Value> {
    let Some(Detail::Transaction(txn)) = &movement.detail else { return None };
    let fees: Vec<Value> =
        txn.fees.iter().map(|fee| json!({ "kind": fee.kind, "what": fee.what, "minor": fee.money.minor })).collect();
    let presented = txn.presented.unwrap_or(txn.gross);
    Some(json!({
        "presented": presented.minor, "presented_currency": presented.currency,
        "account": movement.account, "id": txn.id, "type": txn.kind, "category": txn.category,
        "currency": txn.net.currency, "gross": txn.gross.minor, "net": txn.net.minor, "fees": fees,
        "counter": txn.counter, "document": txn.document, "source": txn.source, "created": movement.occurred,
        "available": txn.available, "owed": i64::from(supplier && has_charges(txn)),
    }))
}

/// Whether Stripe kept something of its own, or gave it back.
fn has_charges(txn: &Transaction) -> bool {
    txn.counter == Counter::Fees || txn.fees.iter().any(|fee| matches!(fee.kind, FeeKind::Stripe | FeeKind::Tax))
}

/// Writes what is booked; what a payout said of it before is kept. `rows` is a JSON array of [`row`]s.
pub(super) fn booked(rows: &Value) -> Stmt {
    const SQL: &str = "INSERT INTO transactions (account, id, type, category, currency, gross, net, fees, counter, document, \
         source, created, available, presented, presented_currency, owed) SELECT t.value ->> 'account', t.value ->> 'id', t.value ->> 'type', t.value ->> 'category', \
         t.value ->> 'currency', t.value ->> 'gross', t.value ->> 'net', t.value -> 'fees', t.value ->> 'counter', \
         t.value ->> 'document', t.value ->> 'source', t.value ->> 'created', t.value ->> 'available', t.value ->> 'presented', \
         t.value ->> 'presented_currency', t.value ->> 'owed' \
         FROM json_each(?1) t WHERE true ON CONFLICT (account, id) DO UPDATE SET type = excluded.type, category = excluded.category, \
         currency = excluded.currency, gross = excluded.gross, net = excluded.net, fees = excluded.fees, counter = excluded.counter, \
         document = excluded.document, source = excluded.source, created = excluded.created, available = excluded.available, \
         presented = excluded.presented, presented_currency = excluded.presented_currency, \
         owed = excluded.owed";
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
