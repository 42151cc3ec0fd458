//! Movements that the ERP has.

use serde::Deserialize;
use serde_json::Value;

use crate::ports::{Db, DbError, Row, Stmt};

/// A movement of the ledger, as far as a reader of events needs it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PostingSummary {
    pub key: String,
    /// `created`, `duplicate` or `gone`.
    pub outcome: String,
    /// What was booked, in minor units.
    pub minor: i64,
    pub currency: String,
    /// When it happened, in seconds; not known of the first ledgers' rows.
    #[serde(default)]
    pub occurred: Option<i64>,
    /// Since when the ERP is to be asked again whether it has it; `None`: the ledger is believed.
    #[serde(default)]
    pub doubt: Option<i64>,
}

impl PostingSummary {
    /// Whether it is this key's, and nobody doubts that the ERP has it.
    pub fn is_sure_of(&self, key: &str) -> bool {
        self.key == key && self.doubt.is_none()
    }
}

/// Which of `keys` the ledger has.
pub async fn find_postings(db: &dyn Db, keys: &[&str]) -> Result<Vec<PostingSummary>, DbError> {
    const SQL: &str = "SELECT p.key, p.outcome, p.minor, p.currency, p.occurred, p.doubt FROM json_each(?1) k \
         JOIN postings p ON p.key = k.value";
    let rows = db.batch(vec![Stmt::new(SQL, [Value::from(keys).to_string().into()])]).await?;
    let known = |row: &Row| {
        Some(PostingSummary {
            key: row.text("key")?.to_owned(),
            outcome: row.text("outcome")?.to_owned(),
            minor: row.int("minor")?,
            currency: row.text("currency")?.to_owned(),
            occurred: row.int("occurred"),
            doubt: row.int("doubt"),
        })
    };
    Ok(rows.iter().flat_map(|r| &r.rows).filter_map(known).collect())
}
