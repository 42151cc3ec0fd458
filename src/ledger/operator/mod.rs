//! The operators' queries and actions. Queries come out of SQLite as JSON text and are passed on unchanged: the Worker
//! does not parse them, which keeps it small.

/// A row of `postings` as it is shown.
macro_rules! posting {
    () => {
        "json_object('key', key, 'kind', coalesce(kind, 'paid'), 'minor', minor, 'currency', lower(currency), 'outcome', outcome, \
         'model', model, 'record', record, 'name', name, 'flags', json(flags), 'documents', json(documents), 'event', event, \
         'posted', posted, 'occurred', occurred, 'intended', intended, 'date', date, 'allocated', allocated)"
    };
}
/// Of `postings`: money that no invoice has, and that nobody has allocated or dismissed. The words are those of its index.
macro_rules! unallocated {
    () => {
        "posted > 0 AND allocated IS NULL AND (instr(flags, '\"unallocated\"') > 0 OR instr(flags, '\"over\"') > 0)"
    };
}

pub mod actions;
pub mod alerts;
pub mod charts;
pub mod events;
pub mod health;
pub mod person;
pub mod receipts;
pub mod sessions;
pub mod story;

use crate::ports::{Db, DbError, Rows, Stmt};

/// One statement's one text: column `json` of its first row.
async fn json(db: &dyn Db, stmt: Stmt) -> Result<Option<String>, DbError> {
    Ok(first_text(db.batch(vec![stmt]).await?.first(), "json"))
}

/// A text of the first row.
fn first_text(rows: Option<&Rows>, column: &str) -> Option<String> {
    rows.and_then(|rows| rows.rows.first()).and_then(|row| row.text(column)).map(str::to_owned)
}
