//! What operators see of the ledger, and do to it. What is only shown comes out of SQLite as JSON text and is passed on
//! as it is: nothing of it is read here, which keeps the Worker small.

pub mod act;
pub mod alerts;
pub mod charts;
pub mod events;
pub mod health;
pub mod receipts;
pub mod sessions;
pub mod story;

use crate::ports::{Db, DbError, Rows, Stmt};

/// One statement's one text: column `json` of its first row.
async fn json(db: &dyn Db, stmt: Stmt) -> Result<Option<String>, DbError> {
    Ok(first(db.batch(vec![stmt]).await?.first(), "json"))
}

/// A text of the first row.
fn first(rows: Option<&Rows>, column: &str) -> Option<String> {
    rows.and_then(|rows| rows.rows.first()).and_then(|row| row.text(column)).map(str::to_owned)
}
