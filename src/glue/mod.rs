//! The only room that knows Cloudflare's platform: its events come in here, its bindings become the ports.
//!
//! `entry.mjs` is what Cloudflare loads. It answers `POST /webhooks/stripe` itself with one synchronous call of
//! [`door`], so that requests which arrive together can share an insert, and hands everything else to the
//! handlers here.

mod convert;
mod d1;
mod door;
mod hints;
mod kv;
mod net;
mod system;

use std::cell::OnceCell;
use std::rc::Rc;

use worker::js_sys::{JSON, Reflect};
use worker::wasm_bindgen::JsValue;
use worker::{Context, Env, event};

use crate::config::Config;
use crate::ports::Runtime;

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

/// The ports over this environment's bindings.
fn runtime(env: &Env) -> Runtime {
    Runtime {
        db: Rc::new(d1::D1::new(env.as_ref(), "DB")),
        kv: Rc::new(kv::Cache(env.kv("CACHE").ok())),
        queue: Rc::new(hints::Hints::new(env.as_ref(), "EVENTS")),
        http: Rc::new(net::Network),
        clock: Rc::new(system::Time),
        entropy: Rc::new(system::Chance),
        log: Rc::new(system::Console),
    }
}

#[event(fetch)]
async fn fetch(mut incoming: worker::Request, env: Env, _context: Context) -> worker::Result<worker::Response> {
    let answer = match convert::request(&mut incoming).await {
        Ok(request) => crate::routes::handle(&runtime(&env), &config(env.as_ref()), &request).await,
        Err(error) => crate::http::Response::refusal(&error),
    };
    convert::response(answer)
}
