//! The ports over Cloudflare's bindings. `platform.mjs` calls them; text crosses.

use js_sys::{Array, Date, Uint8Array};
use serde_json::{Map, Value, json};
use wasm_bindgen::prelude::*;

use crate::http::{Request, Response};
use crate::ports::*;

#[wasm_bindgen(module = "/src/glue/platform.mjs")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn batch(env: &JsValue, statements: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn kv_get(env: &JsValue, key: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn kv_put(env: &JsValue, key: &str, value: &str, ttl: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn queue_send(env: &JsValue, ids: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn send(method: &str, url: &str, headers: &str, body: Uint8Array, timeout: u32) -> Result<JsValue, JsValue>;
    fn write(level: &str, line: &str);
}

/// The bindings of one invocation.
pub struct Bindings(pub JsValue);

impl Db for Bindings {
    fn batch(&self, stmts: Vec<Stmt>) -> Fut<'_, Result<Vec<Rows>, DbError>> {
        Box::pin(async move {
            // D1 refuses an empty batch.
            if stmts.is_empty() {
                return Ok(Vec::new());
            }
            let statements: Value = stmts.into_iter().map(statement).collect();
            match batch(&self.0, &statements.to_string()).await {
                Ok(text) => outcomes(&text.as_string().unwrap_or_default()),
                Err(error) => Err(classify(message(&error))),
            }
        })
    }
}

/// `[sql, [value, …]]`. D1 binds no BigInt; JSON's numbers become JavaScript's, exact below 2^53.
fn statement(stmt: Stmt) -> Value {
    let values: Vec<Value> = stmt
        .args
        .into_iter()
        .map(|arg| match arg {
            Arg::Null => Value::Null,
            Arg::Int(number) => number.into(),
            Arg::Text(text) => text.into(),
        })
        .collect();
    json!([stmt.sql, values])
}

/// `[[rows, changes], …]`.
fn outcomes(text: &str) -> Result<Vec<Rows>, DbError> {
    let outcomes: Vec<(Vec<Map<String, Value>>, u64)> =
        serde_json::from_str(text).map_err(|error| DbError::Unavailable(format!("D1's answer: {error}")))?;
    Ok(outcomes
        .into_iter()
        .map(|(rows, changes)| Rows { rows: rows.into_iter().map(Row).collect(), changes })
        .collect())
}

/// D1 gives no codes. SQLite's own refusals name theirs in the text; after anything else the batch may be written.
fn classify(message: String) -> DbError {
    const REFUSALS: [&str; 5] =
        ["SQLITE_CONSTRAINT", "SQLITE_ERROR", "SQLITE_TOOBIG", "SQLITE_MISMATCH", "D1_TYPE_ERROR"];
    if REFUSALS.iter().any(|code| message.contains(code)) {
        DbError::Refused(message)
    } else {
        DbError::Unavailable(message)
    }
}

/// The message of a thrown Error, without its stack.
fn message(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => error.message().into(),
        None => error.as_string().unwrap_or_default(),
    }
}

impl Kv for Bindings {
    fn get<'a>(&'a self, key: &'a str) -> Fut<'a, Option<String>> {
        Box::pin(async move { kv_get(&self.0, key).await.ok()?.as_string() })
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a str, ttl: u32) -> Fut<'a, ()> {
        Box::pin(async move {
            // What is cached may be gone at any time, so a failed write needs no care.
            let _ = kv_put(&self.0, key, value, ttl).await;
        })
    }
}

impl Queue for Bindings {
    fn send<'a>(&'a self, events: &'a [String]) -> Fut<'a, Result<(), String>> {
        Box::pin(async move {
            let ids: Value = events.into();
            queue_send(&self.0, &ids.to_string()).await.map(drop).map_err(|error| message(&error))
        })
    }
}

impl Http for Bindings {
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        Box::pin(async move {
            let headers = json!(request.headers).to_string();
            let body = Uint8Array::from(request.body.as_slice());
            match send(&request.method, &request.url, &headers, body, timeout).await {
                Ok(answer) if answer.is_undefined() => Err(HttpFault::TimedOut),
                Ok(answer) => Ok(response(&answer.unchecked_into())),
                Err(error) => Err(HttpFault::Unreachable(message(&error))),
            }
        })
    }
}

/// `[status, headers as text, bytes]`.
fn response(answer: &Array) -> Response {
    Response {
        status: answer.get(0).as_f64().unwrap_or_default() as u16,
        headers: serde_json::from_str(&answer.get(1).as_string().unwrap_or_default()).unwrap_or_default(),
        body: answer.get(2).unchecked_into::<Uint8Array>().to_vec(),
    }
}

/// The isolate's clock, chance and console.
pub struct Isolate;

/// The platform's clock stands still between two waits, so it measures no work.
impl Clock for Isolate {
    fn now_ms(&self) -> i64 {
        Date::now() as i64
    }
}

impl Entropy for Isolate {
    #[allow(clippy::disallowed_methods, reason = "this is the port")]
    fn fill(&self, bytes: &mut [u8]) {
        // crypto.getRandomValues does not fail in a Worker.
        let _ = getrandom::fill(bytes);
    }
}

/// One JSON object a line, for Workers Logs; alerts are errors there.
impl Log for Isolate {
    fn line(&self, level: Level, event: &'static str, fields: Value) {
        let (name, console) = match level {
            Level::Info => ("info", "log"),
            Level::Warn => ("warn", "warn"),
            Level::Alert => ("alert", "error"),
        };
        let mut line = json!({ "level": name, "event": event });
        if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), fields) {
            line.extend(fields);
        }
        write(console, &line.to_string());
    }
}
