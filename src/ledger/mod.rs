//! Everything in D1, and the only SQL of the product. The statements are set-based: a list travels as one JSON
//! argument, so that twenty events cost as many statements as one.

mod attempts;
pub mod claim;
pub mod customers;
pub mod delivery;
mod doubt;
pub mod fees;
pub mod inbox;
mod intent_status;
pub mod intents;
pub mod lease;
pub mod list_progress;
pub mod missing_transactions;
pub mod observations;
pub mod operator;
mod outcome_row;
pub mod outcomes;
pub mod postings;
pub mod restore;
mod search_terms;
pub mod state;
pub mod sweep;
pub mod transactions;

use crate::ports::{Db, DbError, Rows, Stmt};

/// The texts of one column.
fn texts(rows: Option<&Rows>, column: &str) -> Vec<String> {
    rows.into_iter().flat_map(|r| &r.rows).filter_map(|row| row.text(column)).map(str::to_owned).collect()
}

/// Whether the database answers and has the tables.
pub async fn ready(db: &dyn Db) -> Result<(), DbError> {
    db.batch(vec![Stmt::new("SELECT failures FROM delivery", [])]).await.map(drop)
}
