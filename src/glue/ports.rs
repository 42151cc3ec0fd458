//! The ports over Cloudflare's bindings, as the `worker` crate names them. Lists cross between JavaScript and wasm as
//! one text: many small conversions cost more than one parse, in time and in bytes of code.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use wasm_bindgen::prelude::wasm_bindgen;
use worker::js_sys::{Array, Date, JSON, Object, Promise, Reflect, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;
use worker::web_sys::{
    self, AbortSignal, Headers, ReadableStreamDefaultReader, RequestInit, RequestRedirect, WorkerGlobalScope,
};
use worker::worker_sys::types::{D1Database, Queue as QueueBinding};

use crate::http::{Request, Response};
use crate::ports::*;

/// A KV namespace as far as it is used; the crate's own brings a serializer, 9 KB gzip.
#[wasm_bindgen]
extern "C" {
    type KvNamespace;
    #[wasm_bindgen(method, catch)]
    fn get(this: &KvNamespace, key: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &KvNamespace, key: &str, value: &str, options: &JsValue) -> Result<Promise, JsValue>;
}

/// A rate limit of wrangler.toml.
#[wasm_bindgen]
extern "C" {
    type RateLimit;
    #[wasm_bindgen(method, catch)]
    fn limit(this: &RateLimit, options: &JsValue) -> Result<Promise, JsValue>;
}

/// WebCrypto: a verifier of RSA of our own would cost about 60 KB.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"], js_name = importKey)]
    fn import_key(
        format: &str,
        key: &JsValue,
        algorithm: &JsValue,
        extractable: bool,
        usages: &JsValue,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"], js_name = verify)]
    fn verify(algorithm: &JsValue, key: &JsValue, signature: &[u8], message: &[u8]) -> Result<Promise, JsValue>;
}

/// The bindings of one invocation.
pub struct Bindings(pub worker::Env);

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

impl Bindings {
    /// The binding of that name in wrangler.toml.
    fn binding<T: JsCast>(&self, name: &str) -> Result<T, JsValue> {
        let value = Reflect::get(&self.0, &name.into())?;
        if value.is_undefined() {
            Err(format!("wrangler.toml binds no {name}").into())
        } else {
            Ok(value.unchecked_into())
        }
    }

    async fn run(&self, stmts: &[Stmt]) -> Result<String, JsValue> {
        let database: D1Database = self.binding("DB")?;
        let bound = Array::new();
        for stmt in stmts {
            bound.push(&database.prepare(stmt.sql)?.bind(stmt.args.iter().map(value).collect())?.into());
        }
        let answer = JsFuture::from(database.batch(bound)?).await?;
        Ok(JSON::stringify(&answer)?.into())
    }

    /// Whether one more is within the limit.
    async fn count(&self, name: &str, key: &str) -> Result<bool, JsValue> {
        let limit: RateLimit = self.binding(name)?;
        let options = Object::new();
        Reflect::set(&options, &"key".into(), &key.into())?;
        let outcome = JsFuture::from(limit.limit(&options)?).await?;
        Ok(Reflect::get(&outcome, &"success".into())?.is_truthy())
    }

    async fn push(&self, ids: &[String]) -> Result<(), JsValue> {
        let queue: QueueBinding = self.binding("EVENTS")?;
        let messages = Array::new();
        for id in ids {
            let message = Object::new();
            Reflect::set(&message, &"body".into(), &id.into())?;
            Reflect::set(&message, &"contentType".into(), &"text".into())?;
            messages.push(&message);
        }
        JsFuture::from(queue.send_batch(messages, JsValue::UNDEFINED)?).await.map(drop)
    }
}

impl Db for Bindings {
    fn batch(&self, stmts: Vec<Stmt>) -> Fut<'_, Result<Vec<Rows>, DbError>> {
        Box::pin(async move {
            // D1 refuses an empty batch.
            if stmts.is_empty() {
                return Ok(Vec::new());
            }
            let text = self.run(&stmts).await.map_err(|error| classify(message(&error)))?;
            let outcomes: Vec<Outcome> =
                serde_json::from_str(&text).map_err(|error| DbError::Unavailable(format!("D1's answer: {error}")))?;
            let rows = |o: Outcome| Rows { rows: o.results.into_iter().map(Row).collect(), changes: o.meta.changes };
            Ok(outcomes.into_iter().map(rows).collect())
        })
    }
}

/// D1 takes no BigInt: integers are bound as numbers, exact below 2^53.
pub fn value(arg: &Arg) -> JsValue {
    match arg {
        Arg::Null => JsValue::NULL,
        Arg::Int(number) => JsValue::from_f64(*number as f64),
        Arg::Text(text) => JsValue::from_str(text),
    }
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
    match error.dyn_ref::<worker::js_sys::Error>() {
        Some(error) => error.message().into(),
        None => error.as_string().unwrap_or_default(),
    }
}

impl Kv for Bindings {
    fn get<'a>(&'a self, key: &'a str) -> Fut<'a, Option<String>> {
        Box::pin(async move {
            let cache: KvNamespace = self.binding("CACHE").ok()?;
            JsFuture::from(cache.get(key).ok()?).await.ok()?.as_string()
        })
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a str, ttl: u32) -> Fut<'a, ()> {
        Box::pin(async move {
            let Ok(cache) = self.binding::<KvNamespace>("CACHE") else { return };
            let options = Object::new();
            // What is cached may be gone at any time, so a failed write needs no care.
            let _ = Reflect::set(&options, &"expirationTtl".into(), &ttl.into());
            if let Ok(put) = cache.put(key, value, &options) {
                let _ = JsFuture::from(put).await;
            }
        })
    }
}

impl Queue for Bindings {
    fn send<'a>(&'a self, events: &'a [String]) -> Fut<'a, Result<(), String>> {
        Box::pin(async move { self.push(events).await.map_err(|error| message(&error)) })
    }
}

impl Http for Bindings {
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        Box::pin(async move {
            // Covers the body as well: the signal stays with the answer until it is read.
            let signal = AbortSignal::timeout_with_u32(timeout);
            match exchange(request, &signal).await {
                Ok(answer) => answer.ok_or(HttpFault::TooLarge),
                Err(_) if signal.aborted() => Err(HttpFault::TimedOut),
                Err(error) => Err(HttpFault::Unreachable(message(&error))),
            }
        })
    }
}

impl Limits for Bindings {
    fn allow<'a>(&'a self, limit: Limit, key: &'a str) -> Fut<'a, bool> {
        Box::pin(async move { self.count(limit.binding(), key).await.unwrap_or(true) })
    }
}

impl Signatures for Isolate {
    fn rs256<'a>(&'a self, n: &'a str, e: &'a str, message: &'a [u8], signature: &'a [u8]) -> Fut<'a, bool> {
        Box::pin(async move { rs256(n, e, message, signature).await.unwrap_or(false) })
    }
}

async fn rs256(n: &str, e: &str, message: &[u8], signature: &[u8]) -> Result<bool, JsValue> {
    let parse = |value: Value| JSON::parse(&value.to_string());
    let jwk = parse(json!({ "kty": "RSA", "alg": "RS256", "n": n, "e": e }))?;
    let algorithm = parse(json!({ "name": "RSASSA-PKCS1-v1_5", "hash": "SHA-256" }))?;
    let key = JsFuture::from(import_key("jwk", &jwk, &algorithm, false, &parse(json!(["verify"]))?)?).await?;
    Ok(JsFuture::from(verify(&algorithm, &key, signature, message)?).await?.is_truthy())
}

/// One `fetch`, its answer read whole; `None` when it is longer than [`ANSWER_BYTES_MAX`]. Redirects are given as they come. By web_sys: the crate's own Request and
/// Response bring streams and a URL parser, 25 KB gzip.
async fn exchange(request: Request, signal: &AbortSignal) -> Result<Option<Response>, JsValue> {
    let init = RequestInit::new();
    init.set_method(&request.method);
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(signal));
    let headers = Headers::new()?;
    for (name, value) in &request.headers {
        headers.append(name, value)?;
    }
    init.set_headers(&headers);
    if !request.body.is_empty() {
        init.set_body(&Uint8Array::from(request.body.as_slice()));
    }
    let scope: WorkerGlobalScope = worker::js_sys::global().unchecked_into();
    let answer = JsFuture::from(scope.fetch_with_str_and_init(&request.url, &init)).await?;
    let answer: web_sys::Response = answer.unchecked_into();
    let headers = String::from(JSON::stringify(&Array::from(&answer.headers()))?);
    let headers = serde_json::from_str(&headers).unwrap_or_default();
    let body = read(&answer).await?;
    Ok(body.map(|body| Response { status: answer.status(), headers, body }))
}

/// The body piece by piece. What its header says of its length is not asked: it may be packed, or not true.
async fn read(answer: &web_sys::Response) -> Result<Option<Vec<u8>>, JsValue> {
    let mut body = Vec::new();
    let Some(stream) = answer.body() else { return Ok(Some(body)) };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    loop {
        let piece = JsFuture::from(reader.read()).await?;
        if Reflect::get(&piece, &"done".into())?.is_truthy() {
            return Ok(Some(body));
        }
        let bytes: Uint8Array = Reflect::get(&piece, &"value".into())?.unchecked_into();
        let length = body.len();
        let whole = length + bytes.length() as usize;
        if whole > ANSWER_BYTES_MAX {
            // The rest is not wanted, and how the sender takes that does not matter.
            let _ = reader.cancel();
            return Ok(None);
        }
        body.resize(whole, 0);
        if let Some(room) = body.get_mut(length..) {
            bytes.copy_to(room);
        }
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
        let name = match level {
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Alert => "alert",
        };
        let mut line = json!({ "level": name, "event": event });
        if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), fields) {
            line.extend(fields);
        }
        let line = line.to_string();
        match level {
            Level::Info => worker::console_log!("{line}"),
            Level::Warn => worker::console_warn!("{line}"),
            Level::Alert => worker::console_error!("{line}"),
        }
    }
}
