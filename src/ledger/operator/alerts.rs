//! Conditions of alerts, and the alerts that are raised: each is reported once while it lasts.

use serde_json::Value;

use crate::ledger::observations::{self, Observations};
use crate::ports::{Db, DbError, Row, Rows, Stmt};

/// Something that wants a person, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Its kind, and what it is about.
    pub id: String,
    pub kind: &'static str,
    pub what: String,
    pub todo: String,
    /// How many it is about: more than when it was told last, or than there were since, is news.
    pub count: i64,
}

/// An alert that was told, or is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RaisedAlert {
    pub id: String,
    pub kind: String,
    pub what: String,
    pub todo: String,
    pub count: i64,
    /// Seconds; 0: not yet.
    pub told: i64,
}

/// What the alerts of each minute are made of, in one round trip with those that are known.
#[derive(Clone, Debug, Default)]
pub struct AlertInputs {
    pub parked: i64,
    /// Codes of what is parked, the most frequent first: `erp_refused 3, currency_inactive 1`.
    pub parked_codes: String,
    pub unallocated: i64,
    /// Documents that Stripe says it does not have, and the first of their keys.
    pub unknown: i64,
    pub unknown_keys: String,
    /// Code, sentence and beginning of a pause of at least a minute.
    pub paused: Option<(String, String, i64)>,
    /// Since when the ERP is known to have been set back.
    pub went_back: Option<i64>,
    /// Verdict and summary of the last proof, where it was not good news.
    pub books: Option<(String, String)>,
    pub known: Vec<RaisedAlert>,
    pub activities: Vec<Activity>,
}

/// An alert that is an activity in the ERP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// The alert's.
    pub id: String,
    /// Fingerprint of what it says there.
    pub text: String,
    /// When the ERP was told of it last, in seconds.
    pub shown: i64,
}

/// What the alerts of each quarter of an hour are made of.
#[derive(Clone, Debug, Default)]
pub struct ObservationInputs {
    /// When a webhook last came, in seconds.
    pub last: Option<i64>,
    /// How many of Stripe's events came by its list alone since.
    pub pulled: i64,
    pub observations: Observations,
    pub known: Vec<RaisedAlert>,
}

const COUNTS: &str = concat!(
    "SELECT (SELECT count(*) FROM inbox WHERE state = 'parked' AND code >= '') AS parked, \
     (SELECT group_concat(code || ' ' || n, ', ') FROM (SELECT code, count(*) AS n FROM inbox WHERE state = 'parked' AND code >= '' \
       GROUP BY code ORDER BY n DESC LIMIT 5)) AS codes, \
     (SELECT count(*) FROM postings WHERE ",
    unallocated!(),
    ") AS unallocated, \
     (SELECT count(*) FROM missing_transactions WHERE unknown IS NOT NULL) AS unknown, \
     (SELECT group_concat(key, ', ') FROM (SELECT key FROM missing_transactions WHERE unknown IS NOT NULL ORDER BY unknown LIMIT 3)) AS unknown_keys, \
     (SELECT code FROM delivery WHERE failures > 0 AND since <= ?1 - 60) AS pause_code, (SELECT detail FROM delivery) AS pause_detail, \
     (SELECT since FROM delivery) AS pause_since, (SELECT went_back FROM delivery) AS went_back, \
     (SELECT verdict FROM proof WHERE verdict IN ('differs', 'not_proved')) AS verdict, (SELECT summary FROM proof) AS summary"
);
/// Among the newest 500 rows; what has an event's id and was pulled came by Stripe's list alone.
const WEBHOOKS: &str = "WITH page AS (SELECT rowid AS n, received, form, type FROM inbox \
       WHERE rowid > (SELECT max(rowid) FROM inbox) - 500), \
     last AS (SELECT max(n) AS n, max(received) AS at FROM page WHERE form <> 'pulled') \
     SELECT last.at AS at, (SELECT count(*) FROM page WHERE form = 'pulled' AND type NOT IN ('balance_transaction', 'fee_bill') \
       AND n > coalesce(last.n, 0)) AS pulled FROM last";
const KNOWN: &str = "SELECT id, kind, what, todo, count, told FROM alerts";

/// Reads what each minute looks at.
pub async fn alert_inputs(db: &dyn Db, now: i64) -> Result<AlertInputs, DbError> {
    const ACTIVITIES: &str = "SELECT id, text, shown FROM activities";
    let stmts = vec![Stmt::new(COUNTS, [now.into()]), Stmt::new(KNOWN, []), Stmt::new(ACTIVITIES, [])];
    let answers = db.batch(stmts).await?;
    let row = row(answers.first());
    let activity = |row: &Row| {
        Some(Activity { id: row.text("id")?.to_owned(), text: row.text("text")?.to_owned(), shown: row.int("shown")? })
    };
    let text = |column: &str| row.text(column).map(str::to_owned);
    let int = |column: &str| row.int(column).unwrap_or(0);
    Ok(AlertInputs {
        parked: int("parked"),
        parked_codes: text("codes").unwrap_or_default(),
        unallocated: int("unallocated"),
        unknown: int("unknown"),
        unknown_keys: text("unknown_keys").unwrap_or_default(),
        paused: text("pause_code").map(|code| (code, text("pause_detail").unwrap_or_default(), int("pause_since"))),
        went_back: row.int("went_back"),
        books: text("verdict").map(|verdict| (verdict, text("summary").unwrap_or_default())),
        known: raised_from_rows(answers.get(1)),
        activities: answers.get(2).into_iter().flat_map(|rows| &rows.rows).filter_map(activity).collect(),
    })
}

/// Reads whether webhooks come, and what was seen of the rest.
pub async fn observation_inputs(db: &dyn Db) -> Result<ObservationInputs, DbError> {
    let answers =
        db.batch(vec![Stmt::new(WEBHOOKS, []), Stmt::new(KNOWN, []), observations::observations_statement()]).await?;
    let row = row(answers.first());
    let pulled = row.int("pulled").unwrap_or(0);
    Ok(ObservationInputs {
        last: row.int("at"),
        pulled,
        observations: observations::observations_from_rows(answers.get(2)),
        known: raised_from_rows(answers.get(1)),
    })
}

fn row(rows: Option<&Rows>) -> Row {
    rows.and_then(|rows| rows.rows.first()).cloned().unwrap_or_default()
}

fn raised_from_rows(rows: Option<&Rows>) -> Vec<RaisedAlert> {
    let one = |row: &Row| {
        let text = |column: &str| row.text(column).map(str::to_owned);
        let (id, kind, what, todo) = (text("id")?, text("kind")?, text("what")?, text("todo")?);
        Some(RaisedAlert { id, kind, what, todo, count: row.int("count")?, told: row.int("told")? })
    };
    rows.into_iter().flat_map(|rows| &rows.rows).filter_map(one).collect()
}

/// Writes what stands now; what of `kinds` stands no more is taken away. `told` are the ids that somebody was told of at `now`.
pub async fn store_alerts(
    db: &dyn Db,
    kinds: &[&str],
    alerts: &[Alert],
    told: &[String],
    now: i64,
) -> Result<(), DbError> {
    const KEEP: &str = "INSERT INTO alerts (id, kind, what, todo, count, since, told, times) SELECT a.value ->> 'id', a.value ->> 'kind', \
         a.value ->> 'what', a.value ->> 'todo', a.value ->> 'count', ?2, iif(a.value ->> 'told', ?2, 0), a.value ->> 'told' \
         FROM json_each(?1) a WHERE true ON CONFLICT (id) DO UPDATE SET what = excluded.what, todo = excluded.todo, \
         count = iif(excluded.told > 0, excluded.count, min(alerts.count, excluded.count)), told = iif(excluded.told > 0, excluded.told, alerts.told), times = alerts.times + excluded.times";
    const GONE: &str = "DELETE FROM alerts WHERE kind IN (SELECT value FROM json_each(?2)) \
         AND id NOT IN (SELECT value ->> 'id' FROM json_each(?1))";
    let list: Value = alerts
        .iter()
        .map(|a| {
            serde_json::json!({ "id": a.id, "kind": a.kind, "what": a.what, "todo": a.todo, "count": a.count,
                "told": i64::from(told.contains(&a.id)) })
        })
        .collect();
    let list = list.to_string();
    db.batch(vec![
        Stmt::new(KEEP, [list.as_str().into(), now.into()]),
        Stmt::new(GONE, [list.into(), serde_json::json!(kinds).to_string().into()]),
    ])
    .await
    .map(drop)
}

/// Writes what the ERP shows since `now` (ids with fingerprints), and takes away what it closed.
pub async fn store_activities(
    db: &dyn Db,
    open: &[(String, String)],
    over: &[String],
    now: i64,
) -> Result<(), DbError> {
    const OPEN: &str = "INSERT INTO activities (id, text, shown) SELECT a.value ->> 0, a.value ->> 1, ?2 FROM json_each(?1) a \
         WHERE true ON CONFLICT (id) DO UPDATE SET text = excluded.text, shown = excluded.shown";
    const OVER: &str = "DELETE FROM activities WHERE id IN (SELECT value FROM json_each(?1))";
    let list = |value: Value| value.to_string().into();
    let open = Stmt::new(OPEN, [list(serde_json::json!(open)), now.into()]);
    db.batch(vec![open, Stmt::new(OVER, [list(serde_json::json!(over))])]).await.map(drop)
}
