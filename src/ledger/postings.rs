//! Movements that the ERP has.

use serde_json::Value;

use crate::ports::{Db, DbError, Stmt};

/// Which of `keys` the ledger has, with their outcomes.
pub async fn known(db: &dyn Db, keys: &[&str]) -> Result<Vec<(String, String)>, DbError> {
    const SQL: &str = "SELECT p.key, p.outcome FROM json_each(?1) k JOIN postings p ON p.key = k.value";
    let rows = db.batch(vec![Stmt::new(SQL, [Value::from(keys).to_string().into()])]).await?;
    let pair = |row: &crate::ports::Row| Some((row.text("key")?.to_owned(), row.text("outcome")?.to_owned()));
    Ok(rows.iter().flat_map(|r| &r.rows).filter_map(pair).collect())
}
