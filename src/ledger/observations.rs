//! Observations of things that end or break by themselves, so that an alert comes before: the ERP's key, a signing
//! secret that is being rolled, the endpoint at Stripe, features that the pay page does without.

use serde_json::Value;

use crate::ports::{Db, DbError, Row, Rows, Stmt};

/// A webhook was also signed by a secret that is not known here. `at` is of the last one, within a quarter of an hour.
pub const ROLLING: &str = "secret_rolling";
/// When the ERP's key ends.
pub const KEY: &str = "erp_key";
/// How the endpoint stands.
pub const ENDPOINT: &str = "endpoint";
/// The last invoice whose payments were paused after declines.
pub const DECLINES: &str = "declines";
/// What Stripe refuses the pay page, which goes on without it.
pub const CUSTOMER_SEARCH: &str = "customer_search";
pub const CUSTOMER: &str = "customer";
pub const CUSTOMER_SESSION: &str = "customer_session";

/// Writes one: ?1 what, ?2 when in seconds, ?3 what was seen of it. The door runs it as it stands.
pub const STORE_SQL: &str = "INSERT INTO observations (what, at, value) VALUES (?1, ?2, ?3) \
     ON CONFLICT (what) DO UPDATE SET at = excluded.at, value = excluded.value";
const ALL: &str = "SELECT what, at, value FROM observations";

/// One thing as it was seen last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observation {
    /// Seconds; 0: never yet.
    pub at: i64,
    pub value: Value,
}

/// All that was seen.
#[derive(Clone, Debug, Default)]
pub struct Observations {
    pub rolling: Observation,
    pub key: Observation,
    pub endpoint: Observation,
    pub declines: Observation,
    /// Conveniences of the pay page, by name.
    pub features: Vec<(&'static str, Observation)>,
}

/// Reads all of them.
pub fn observations_statement() -> Stmt {
    Stmt::new(ALL, [])
}

/// What [`observations_statement`] gave.
pub fn observations_from_rows(rows: Option<&Rows>) -> Observations {
    let mut observations = Observations::default();
    for row in rows.into_iter().flat_map(|rows| &rows.rows) {
        match row.text("what") {
            Some(ROLLING) => observations.rolling = observation_from_row(row),
            Some(KEY) => observations.key = observation_from_row(row),
            Some(ENDPOINT) => observations.endpoint = observation_from_row(row),
            Some(DECLINES) => observations.declines = observation_from_row(row),
            Some(CUSTOMER_SEARCH) => observations.features.push((CUSTOMER_SEARCH, observation_from_row(row))),
            Some(CUSTOMER) => observations.features.push((CUSTOMER, observation_from_row(row))),
            Some(CUSTOMER_SESSION) => observations.features.push((CUSTOMER_SESSION, observation_from_row(row))),
            _ => {}
        }
    }
    observations
}

fn observation_from_row(row: &Row) -> Observation {
    let value = row.text("value").and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    Observation { at: row.int("at").unwrap_or(0), value }
}

/// Writes what was seen of `what` at `at`.
pub async fn store_observation(db: &dyn Db, what: &str, at: i64, value: Option<&Value>) -> Result<(), DbError> {
    db.batch(vec![Stmt::new(STORE_SQL, [what.into(), at.into(), value.map(Value::to_string).into()])]).await.map(drop)
}
