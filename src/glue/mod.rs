//! The only room that knows Cloudflare's platform: its events come in here, its bindings become the ports.
//!
//! `entry.mjs` is what Cloudflare loads. It answers `POST /webhooks/stripe` itself with one synchronous call of
//! [`door`], so that requests which arrive together can share an insert, and hands everything else to the
//! functions here.

mod door;
mod ports;

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use wasm_bindgen::prelude::*;
use worker::js_sys::{Array, JSON, Reflect, Uint8Array};

use crate::config::Config;
use crate::http::Request;
use crate::ports::{Level, Log, Runtime};
use crate::queue::{self, QueueAnswer};

/// Whether this instance has panicked: its memory is not to be trusted then.
static POISONED: AtomicBool = AtomicBool::new(false);

#[wasm_bindgen(start)]
fn start() {
    std::panic::set_hook(Box::new(|panic| {
        POISONED.store(true, Ordering::Relaxed);
        ports::Isolate.line(Level::Alert, "panic", serde_json::json!({ "detail": panic.to_string() }));
    }));
}

/// Asked before every call; `core.mjs` begins with a new instance then.
#[wasm_bindgen]
pub fn is_poisoned() -> bool {
    POISONED.load(Ordering::Relaxed)
}

thread_local! {
    /// An isolate lives with one set of variables and secrets: they are read once.
    static CONFIG: OnceCell<Rc<Config>> = const { OnceCell::new() };
}

/// The settings of this isolate.
fn config(env: &JsValue) -> Rc<Config> {
    CONFIG.with(|cell| cell.get_or_init(|| Rc::new(Config::read(&|name| variable(env, name)))).clone())
}

/// A variable or secret as text; wrangler.toml may also hold numbers and booleans.
fn variable(env: &JsValue, name: &str) -> Option<String> {
    let value = Reflect::get(env, &name.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())?;
    value.as_string().or_else(|| JSON::stringify(&value).ok().map(String::from))
}

/// The ports over this invocation's bindings.
fn runtime(env: &JsValue) -> Runtime {
    let bindings = Rc::new(ports::Bindings(env.clone().unchecked_into()));
    let isolate = Rc::new(ports::Isolate);
    Runtime {
        db: bindings.clone(),
        kv: bindings.clone(),
        queue: bindings.clone(),
        http: bindings.clone(),
        limits: bindings,
        signatures: isolate.clone(),
        clock: isolate.clone(),
        entropy: isolate.clone(),
        log: isolate,
    }
}

/// Answers any request: `[status, headers as text, bytes]`. `headers` is the text of an array of pairs.
#[wasm_bindgen]
pub async fn handle(env: JsValue, method: String, url: String, headers: String, body: Vec<u8>) -> Array {
    let headers = serde_json::from_str(&headers).unwrap_or_default();
    let request = Request { method, url, headers, body };
    let answer = crate::routes::handle(&runtime(&env), &config(&env), &request).await;
    let headers = serde_json::json!(answer.headers).to_string();
    Array::of3(&answer.status.into(), &headers.into(), &Uint8Array::from(answer.body.as_slice()))
}

/// The most bytes of a request's body that are to be read, by who sends it.
#[wasm_bindgen]
pub async fn body_bytes_max(env: JsValue, method: String, url: String, headers: String) -> f64 {
    let headers = serde_json::from_str(&headers).unwrap_or_default();
    let request = Request { method, url, headers, body: Vec::new() };
    crate::routes::body_bytes_max(&runtime(&env), &config(&env), &request).await as f64
}

/// Works a batch of hints, the text of an array of ids. False: give the messages again.
#[wasm_bindgen]
pub async fn consume(env: JsValue, ids: String) -> bool {
    let ids: Vec<String> = serde_json::from_str(&ids).unwrap_or_default();
    queue::consume(&runtime(&env), &config(&env), &ids).await == QueueAnswer::Ack
}

/// Reports a batch of dead letters.
#[wasm_bindgen]
pub fn dead_letters(env: JsValue, ids: String) {
    queue::dead_letters(&runtime(&env), &serde_json::from_str::<Vec<String>>(&ids).unwrap_or_default());
}

/// Runs what a schedule of wrangler.toml is for.
#[wasm_bindgen]
pub async fn tick(env: JsValue, schedule: String) {
    crate::cron::tick(&runtime(&env), &config(&env), &schedule).await;
}
