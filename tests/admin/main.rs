//! The operator's API: who gets in, what is seen, what is done and written down.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod access;
mod actions;
mod activities;
mod alerts;
mod door;
mod ends;
mod history;
mod person;
mod plans;
mod receipts;
mod views;

use quittance::http::{Request, Response};
use quittance_sim::odoo::Version;
use quittance_sim::world::{WORKER, World};
use serde_json::Value;

/// As long as a token has to be.
pub const TOKEN: &str = "admin-token-of-the-tests-01234567";

/// A world whose operator has a token.
pub fn world(seed: u64) -> World {
    let mut world = World::new(seed, Version::V18);
    world.set("ADMIN_TOKEN", TOKEN);
    world
}

pub fn ask(world: &World, request: &Request) -> (u16, Value) {
    let answer = world.request(request).unwrap();
    let body = read(&answer);
    (answer.status, body)
}

pub fn read(answer: &Response) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| String::from_utf8_lossy(&answer.body).into())
}

pub fn request(method: &str, path: &str) -> Request {
    Request::new(method, format!("{WORKER}{path}"))
}

/// By the token, as the command line asks.
pub fn with_token(request: Request) -> Request {
    request.with("authorization", format!("Bearer {TOKEN}")).with("x-quittance-operator", "alice")
}

/// Reads a path of the API.
pub fn get(world: &World, path: &str) -> Value {
    let (status, body) = ask(world, &with_token(request("GET", path)));
    assert_eq!(status, 200, "{path}: {body}");
    body
}

/// Acts by a path of the API.
pub fn act(world: &World, path: &str, body: Value) -> (u16, Value) {
    ask(world, &with_token(request("POST", path)).body(body.to_string()))
}

/// The code of an error.
pub fn code(body: &Value) -> &str {
    body["error"]["code"].as_str().unwrap_or("")
}
