//! Calls of the simulated Odoo as the version's clients make them.

use quittance::erp::odoo::procedure::FORM;
use quittance::http::{Request, Response};
use quittance_sim::odoo::{CLERK_KEY, DATABASE, Odoo, Version};
use quittance_sim::{Clock, Party, Reply};
use serde_json::{Value, json};

const DAY: i64 = 1_795_296_000_000;

pub fn odoo(version: Version) -> Odoo {
    Odoo::provisioned(version, Clock::at(DAY), 1)
}

pub fn send(odoo: &mut Odoo, request: &Request) -> Response {
    match odoo.handle(request) {
        Reply::Answer { response, .. } => response,
        Reply::Dropped => panic!("no answer"),
    }
}

/// A call as the version's clients make it: /json/2 on 19, /jsonrpc before. Value or error data.
pub fn call(odoo: &mut Odoo, model: &str, method: &str, ids: &[i64], named: Value) -> Result<Value, Value> {
    let request = request(odoo.version(), model, method, ids, named);
    let response = send(odoo, &request);
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    if odoo.version() == Version::V19 {
        return if response.status == 200 { Ok(body) } else { Err(body) };
    }
    match body.get("error") {
        Some(error) => Err(error["data"].clone()),
        None => Ok(body.get("result").cloned().unwrap_or_default()),
    }
}

pub fn request(version: Version, model: &str, method: &str, ids: &[i64], mut named: Value) -> Request {
    if version == Version::V19 {
        if !ids.is_empty() {
            named["ids"] = json!(ids);
        }
        return Request::new("POST", format!("http://odoo/json/2/{model}/{method}"))
            .with("content-type", "application/json")
            .with("authorization", format!("Bearer {CLERK_KEY}"))
            .with("x-odoo-database", DATABASE)
            .body(named.to_string());
    }
    let args = if ids.is_empty() { json!([]) } else { json!([ids]) };
    // The clerk is the third user of the database.
    let args = json!([DATABASE, 3, CLERK_KEY, model, method, args, named]);
    let body = json!({"jsonrpc": "2.0", "method": "call", "id": 1,
        "params": {"service": "object", "method": "execute_kw", "args": args}});
    Request::new("POST", "http://odoo/jsonrpc").with("content-type", "application/json").body(body.to_string())
}

pub fn action(odoo: &mut Odoo, name: &str) -> i64 {
    let ids: Vec<i64> = (1..=50).collect();
    let names = call(odoo, "ir.actions.server", "get_external_id", &ids, json!({})).unwrap();
    let found = names.as_object().unwrap().iter().find(|(_, n)| **n == format!("quittance.{name}"));
    found.expect("installed").0.parse().unwrap()
}

pub fn movement(key: &str, amount: &str, rest: Value) -> Value {
    let mut m = json!({"key": format!("stripe:acct_1:{key}:succeeded"), "amount": amount, "currency": "USD", "at": "2026-11-21 12:00:00", "memo": key,
        "payment": key, "customer": null, "company": null, "flags": [], "no_match": false, "note": true,
        "transaction": true, "livemode": false, "match": {"ids": [], "numbers": [], "texts": [], "tolerance": "0"}});
    for (name, value) in rest.as_object().unwrap() {
        m[name] = value.clone();
    }
    m
}

pub fn book(odoo: &mut Odoo, movements: Vec<Value>) -> Result<Vec<Value>, Value> {
    run(odoo, "record_payment", movements)
}

/// A procedure with its movements; the results.
pub fn run(odoo: &mut Odoo, procedure: &str, movements: Vec<Value>) -> Result<Vec<Value>, Value> {
    let id = action(odoo, &format!("proc_{procedure}"));
    let context = json!({"context": {"quittance": {"v": FORM, "movements": movements}}});
    let answer = call(odoo, "ir.actions.server", "run", &[id], context)?;
    Ok(answer["results"].as_array().unwrap().clone())
}

pub fn for_id(id: i64) -> Value {
    json!({"match": {"ids": [id], "numbers": [], "texts": [], "tolerance": "0"}})
}
