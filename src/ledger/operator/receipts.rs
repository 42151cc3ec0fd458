//! Receipts that found no invoice, or not for all of their money.

use super::actions::{self, AuditEntry};
use super::{first_text, json};
use crate::ports::{Db, DbError, Stmt};

/// Those that nobody has allocated, the oldest first, as JSON text.
pub async fn unallocated_json(db: &dyn Db) -> Result<String, DbError> {
    const SQL: &str = concat!(
        "SELECT json_object('postings', json_group_array(",
        posting!(),
        ")) AS json FROM (SELECT * FROM postings WHERE ",
        unallocated!(),
        " ORDER BY posted LIMIT 200)"
    );
    Ok(json(db, Stmt::new(SQL, [])).await?.unwrap_or_default())
}

/// The payment (`pi_…`) of a receipt in the books; `None` when the ledger has no such receipt.
pub async fn payment_of_receipt(db: &dyn Db, key: &str) -> Result<Option<String>, DbError> {
    const SQL: &str =
        "SELECT payment FROM postings WHERE key = ?1 AND coalesce(kind, 'paid') = 'paid' AND outcome <> 'gone'";
    Ok(first_text(db.batch(vec![Stmt::new(SQL, [key.into()])]).await?.first(), "payment"))
}

/// The ERP has allocated it: `documents` (JSON array) are the invoices it pays now. It is done with when nothing of it is
/// `free`. The audit entry `number` is finished in the same batch.
pub async fn mark_allocated(
    db: &dyn Db,
    key: &str,
    documents: Option<&str>,
    free: bool,
    outcome: &str,
    number: i64,
    now: i64,
) -> Result<(), DbError> {
    const SQL: &str = "UPDATE postings SET documents = coalesce(?2, documents), allocated = CASE WHEN ?3 THEN allocated ELSE ?4 END \
         WHERE key = ?1";
    let args = [key.into(), documents.map(str::to_owned).into(), i64::from(free).into(), now.into()];
    db.batch(vec![Stmt::new(SQL, args), actions::audit_outcome_statement(number, outcome)]).await.map(drop)
}

/// A person says that it may stay as it is, or that what Stripe does not have is dealt with. Whether there was one to say it of.
pub async fn dismiss(db: &dyn Db, key: &str, entry: &AuditEntry<'_>) -> Result<bool, DbError> {
    const SQL: &str = "UPDATE postings SET allocated = ?2 WHERE key = ?1 \
         AND (flags <> '[]' OR EXISTS (SELECT 1 FROM missing_transactions u WHERE u.key = ?1 AND u.unknown IS NOT NULL))";
    const NOTE: &str = "INSERT INTO audit (at, who, action, target, subject, reason, outcome) \
         SELECT ?2, ?3, 'dismiss', key, payment, ?4, 'dismissed' FROM postings WHERE key = ?1 \
         AND (flags <> '[]' OR EXISTS (SELECT 1 FROM missing_transactions u WHERE u.key = ?1 AND u.unknown IS NOT NULL))";
    const KNOWN: &str = "DELETE FROM missing_transactions WHERE key = ?1 AND unknown IS NOT NULL";
    let note = [key.into(), entry.now.into(), entry.who.into(), entry.reason.into()];
    let stmts =
        vec![Stmt::new(SQL, [key.into(), entry.now.into()]), Stmt::new(NOTE, note), Stmt::new(KNOWN, [key.into()])];
    let rows = db.batch(stmts).await?;
    Ok(rows.first().is_some_and(|rows| rows.changes > 0))
}
