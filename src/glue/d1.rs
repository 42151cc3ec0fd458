//! The ledger's database on D1. Rows cross as one JSON text: many small conversions cost more than one parse.

use serde::Deserialize;
use serde_json::{Map, Value};
use worker::js_sys::{Array, JSON, Reflect};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::worker_sys::types::D1Database;

use crate::ports::{Arg, Db, DbError, Fut, Row, Rows, Stmt};

pub struct D1(Option<D1Database>);

/// What D1 answers for one statement, as far as it is read.
#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    results: Vec<Map<String, Value>>,
    meta: Meta,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(default)]
    changes: u64,
}

impl D1 {
    /// The binding of that name; without it every batch fails with a sentence that says so.
    pub fn new(env: &JsValue, binding: &str) -> Self {
        let value = Reflect::get(env, &binding.into()).ok().filter(|value| !value.is_undefined());
        Self(value.map(JsCast::unchecked_into))
    }

    async fn run(&self, stmts: Vec<Stmt>) -> Result<Vec<Rows>, JsValue> {
        let Some(database) = &self.0 else { return Err("wrangler.toml binds no D1 database as DB".into()) };
        let bound = Array::new();
        for stmt in &stmts {
            bound.push(&database.prepare(stmt.sql)?.bind(stmt.args.iter().map(value).collect())?.into());
        }
        let answer = JsFuture::from(database.batch(bound)?).await?;
        let text = String::from(JSON::stringify(&answer)?);
        let outcomes: Vec<Outcome> =
            serde_json::from_str(&text).map_err(|error| JsValue::from_str(&format!("D1's answer: {error}")))?;
        Ok(outcomes
            .into_iter()
            .map(|o| Rows { rows: o.results.into_iter().map(Row).collect(), changes: o.meta.changes })
            .collect())
    }
}

impl Db for D1 {
    fn batch(&self, stmts: Vec<Stmt>) -> Fut<'_, Result<Vec<Rows>, DbError>> {
        Box::pin(async move {
            // D1 refuses an empty batch.
            if stmts.is_empty() {
                return Ok(Vec::new());
            }
            self.run(stmts).await.map_err(|error| classify(&message(&error)))
        })
    }
}

/// D1 takes no BigInt: integers are bound as numbers, which hold them exactly below 2^53.
pub fn value(arg: &Arg) -> JsValue {
    match arg {
        Arg::Null => JsValue::NULL,
        Arg::Int(number) => JsValue::from_f64(*number as f64),
        Arg::Text(text) => JsValue::from_str(text),
    }
}

/// The message of a thrown Error, without its stack.
fn message(error: &JsValue) -> String {
    error
        .dyn_ref::<worker::js_sys::Error>()
        .map(|error| String::from(error.message()))
        .or_else(|| error.as_string())
        .unwrap_or_else(|| "D1 failed without a message".to_owned())
}

/// D1 gives no codes. SQLite's own refusals name their code in the text; everything else may have been written.
fn classify(message: &str) -> DbError {
    const REFUSALS: [&str; 5] =
        ["SQLITE_CONSTRAINT", "SQLITE_ERROR", "SQLITE_TOOBIG", "SQLITE_MISMATCH", "D1_TYPE_ERROR"];
    if REFUSALS.iter().any(|code| message.contains(code)) {
        DbError::Refused(message.to_owned())
    } else {
        DbError::Unavailable(message.to_owned())
    }
}
