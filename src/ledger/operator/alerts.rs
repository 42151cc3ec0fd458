//! What people are told of, once while it lasts.

use serde_json::Value;

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
pub struct Known {
    pub id: String,
    pub count: i64,
    /// Seconds; 0: not yet.
    pub told: i64,
}

/// What the alerts of each minute are made of, in one round trip with those that are known.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    pub parked: i64,
    /// Codes of what is parked, the most frequent first: `erp_refused 3, currency_inactive 1`.
    pub parked_codes: String,
    pub unallocated: i64,
    /// Code, sentence and beginning of a pause of at least a minute.
    pub paused: Option<(String, String, i64)>,
    /// Verdict and summary of the last proof, where it was not good news.
    pub books: Option<(String, String)>,
    pub known: Vec<Known>,
}

/// When a webhook last came, in seconds, and how many of Stripe's events came by its list alone since.
#[derive(Clone, Debug, Default)]
pub struct Silence {
    pub last: Option<i64>,
    pub pulled: i64,
    pub known: Vec<Known>,
}

const COUNTS: &str = concat!(
    "SELECT (SELECT count(*) FROM inbox WHERE state = 'parked' AND code >= '') AS parked, \
     (SELECT group_concat(code || ' ' || n, ', ') FROM (SELECT code, count(*) AS n FROM inbox WHERE state = 'parked' AND code >= '' \
       GROUP BY code ORDER BY n DESC LIMIT 5)) AS codes, \
     (SELECT count(*) FROM postings WHERE ",
    unallocated!(),
    ") AS unallocated, \
     (SELECT code FROM delivery WHERE failures > 0 AND since <= ?1 - 60) AS pause_code, (SELECT detail FROM delivery) AS pause_detail, \
     (SELECT since FROM delivery) AS pause_since, \
     (SELECT verdict FROM proof WHERE verdict IN ('differs', 'not_proved')) AS verdict, (SELECT summary FROM proof) AS summary"
);
/// Among the newest 500 rows; what has an event's id and was pulled came by Stripe's list alone.
const WEBHOOKS: &str = "WITH page AS (SELECT rowid AS n, received, form, type FROM inbox \
       WHERE rowid > (SELECT max(rowid) FROM inbox) - 500), \
     last AS (SELECT max(n) AS n, max(received) AS at FROM page WHERE form <> 'pulled') \
     SELECT last.at AS at, (SELECT count(*) FROM page WHERE form = 'pulled' AND type NOT IN ('balance_transaction', 'fee_bill') \
       AND n > coalesce(last.n, 0)) AS pulled FROM last";
const KNOWN: &str = "SELECT id, count, told FROM alerts";

/// Reads what each minute looks at.
pub async fn scene(db: &dyn Db, now: i64) -> Result<Scene, DbError> {
    let answers = db.batch(vec![Stmt::new(COUNTS, [now.into()]), Stmt::new(KNOWN, [])]).await?;
    let row = row(answers.first());
    let text = |column: &str| row.text(column).map(str::to_owned);
    let int = |column: &str| row.int(column).unwrap_or(0);
    Ok(Scene {
        parked: int("parked"),
        parked_codes: text("codes").unwrap_or_default(),
        unallocated: int("unallocated"),
        paused: text("pause_code").map(|code| (code, text("pause_detail").unwrap_or_default(), int("pause_since"))),
        books: text("verdict").map(|verdict| (verdict, text("summary").unwrap_or_default())),
        known: known(answers.get(1)),
    })
}

/// Reads whether webhooks come.
pub async fn silence(db: &dyn Db) -> Result<Silence, DbError> {
    let answers = db.batch(vec![Stmt::new(WEBHOOKS, []), Stmt::new(KNOWN, [])]).await?;
    let row = row(answers.first());
    Ok(Silence { last: row.int("at"), pulled: row.int("pulled").unwrap_or(0), known: known(answers.get(1)) })
}

fn row(rows: Option<&Rows>) -> Row {
    rows.and_then(|rows| rows.rows.first()).cloned().unwrap_or_default()
}

fn known(rows: Option<&Rows>) -> Vec<Known> {
    let one =
        |row: &Row| Some(Known { id: row.text("id")?.to_owned(), count: row.int("count")?, told: row.int("told")? });
    rows.into_iter().flat_map(|rows| &rows.rows).filter_map(one).collect()
}

/// Writes what stands now; what of `kinds` stands no more is taken away. `told` are the ids that somebody was told of at `now`.
pub async fn keep(db: &dyn Db, kinds: &[&str], alerts: &[Alert], told: &[String], now: i64) -> Result<(), DbError> {
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
