//! What docs/THREATS.md says of threats, threat by threat.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod bodies;
mod hosts;
mod ledger;
mod names;
mod paths;
mod personal;
mod privacy;
mod source;

use std::rc::Rc;

use quittance::config::Secret;
use quittance::http::{Request, Response};
use quittance::ports::Runtime;
use quittance::stripe::signature::sign;
use quittance_sim::world::{SECRET, WORKER, World};
use serde_json::{Value, json};

/// Texts that mean something to SQL, HTML, a spreadsheet, a URL, a header or a log.
pub const HOSTILE: [&str; 14] = [
    "'; DROP TABLE inbox; --",
    "\" OR 1=1 --",
    "x'); DELETE FROM postings; SELECT ('",
    "?1",
    "%' OR '1' LIKE '",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "=HYPERLINK(\"https://evil.example\",\"pay\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "+1-1",
    "../../../v1/accounts?x=#",
    "https://evil.example/",
    "a\r\nset-cookie: b=c",
    "nul\u{0}and \u{202e}rtl",
];

/// A well-signed webhook; the answer's status.
/// The secret of a live endpoint, where a world has one.
pub const LIVE: &str = "whsec_live_0123456789abcdef0123456789";

pub fn deliver(world: &World, body: &str) -> u16 {
    // Each endpoint signs what it delivers.
    let event: Value = serde_json::from_str(body).unwrap_or_default();
    let secret = match (event["livemode"] == true, event["account"].is_null()) {
        (true, _) => LIVE.to_owned(),
        (false, false) => quittance_sim::world::connect_secret(SECRET),
        (false, true) => SECRET.to_owned(),
    };
    let signature = sign(body.as_bytes(), &Secret::new(secret), world.clock.now());
    answer(world, body.as_bytes(), &signature).status
}

pub fn answer(world: &World, body: &[u8], signature: &str) -> Response {
    let request = Request::new("POST", format!("{WORKER}/webhooks/stripe")).with("stripe-signature", signature);
    world.request(&request.body(body)).unwrap()
}

/// An event about an object, in the pinned version.
pub fn event(world: &World, id: &str, kind: &str, object: &Value) -> Value {
    json!({"id": id, "object": "event", "type": kind, "livemode": false, "created": world.clock.now(),
        "api_version": "2026-10-28.endive", "data": {"object": object}})
}

/// An event as Stripe sends it.
pub fn fixture(name: &str) -> Value {
    let text = std::fs::read_to_string(format!("tests/fixtures/stripe/events/{name}.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The world's ports with another network.
pub fn through(world: &World, http: Rc<dyn quittance::ports::Http>) -> Runtime {
    Runtime { http, ..world.runtime().clone() }
}
