//! What changes something. Each is written down with who, when and why.

use serde::Deserialize;
use serde_json::{Value, json};

use super::look::unescape;
use super::{body, lost, said};
use crate::admin::Caller;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::flow::assign;
use crate::flow::receive::hint;
use crate::http::{Request, Response};
use crate::ledger::operator::act::{self, Acted, Action, Deed};
use crate::ledger::operator::{health, receipts};
use crate::ports::Runtime;

/// The longest reason, in characters.
const REASON_MOST: usize = 500;
/// Most events in one call of `recover`.
const RECOVER_MOST: usize = 500;

#[derive(Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct Receipt {
    key: String,
    #[serde(default)]
    invoice: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct Recover {
    events: Vec<Event>,
    #[serde(default)]
    act: bool,
    #[serde(default)]
    reason: String,
}

/// As `ledger::inbox` takes it.
#[derive(Deserialize)]
struct Event {
    id: String,
    account: Option<String>,
    livemode: bool,
    #[serde(rename = "type")]
    kind: String,
    api_version: Option<String>,
    created: i64,
    object: String,
    subject: String,
}

#[derive(Deserialize)]
struct Proof {
    verdict: String,
    summary: String,
}

/// Answers a POST under `/admin/api`.
pub async fn answer(
    rt: &Runtime,
    config: &Config,
    request: &Request,
    rest: &str,
    caller: &Caller,
) -> Result<Response, Error> {
    let parts: Vec<&str> = rest.split('/').skip(1).collect();
    match parts.as_slice() {
        ["api", "events", id, "replay"] => event(rt, request, id, Action::Replay, caller).await,
        ["api", "events", id, "park"] => event(rt, request, id, Action::Park, caller).await,
        ["api", "events", id, "ignore"] => event(rt, request, id, Action::Ignore, caller).await,
        ["api", "postings", "assign"] => allocate(rt, config, request, caller).await,
        ["api", "postings", "dismiss"] => dismiss(rt, request, caller).await,
        ["api", "recover"] => recover(rt, request, caller).await,
        ["api", "proof"] => proof(rt, request).await,
        _ => Err(Error::of(Code::NotFound)),
    }
}

async fn event(rt: &Runtime, request: &Request, id: &str, action: Action, caller: &Caller) -> Result<Response, Error> {
    let id = unescape(id).ok_or_else(|| Error::of(Code::NotFound))?;
    let reason = reason(body::<Reason>(request)?.reason, action != Action::Replay)?;
    let deed = Deed { who: &caller.who, reason: &reason, now: rt.clock.now() };
    match act::act(&*rt.db, &id, action, &deed).await.map_err(lost)? {
        Acted::Done(state) => {
            if action == Action::Replay {
                hint(rt, std::slice::from_ref(&id)).await;
            }
            Ok(said(&json!({ "id": id, "state": state })))
        }
        Acted::Not(state) if state == "claimed" => Err(Error::of(Code::EventBusy)),
        Acted::Not(state) => Err(Error::new(
            Code::ActionNotPossible,
            format!("An event that is {state} cannot be made to {}.", action.name()),
        )),
        Acted::Missing => Err(Error::of(Code::NotFound)),
    }
}

async fn allocate(rt: &Runtime, config: &Config, request: &Request, caller: &Caller) -> Result<Response, Error> {
    let asked: Receipt = body(request)?;
    let reason = reason(asked.reason, false)?;
    let invoice = asked.invoice.trim();
    if invoice.is_empty() || invoice.len() > 64 {
        return Err(Error::new(Code::RequestInvalid, "`invoice` is a number, or an id as digits."));
    }
    let deed = Deed { who: &caller.who, reason: &reason, now: rt.clock.now() };
    let done = assign::assign(rt, config, &asked.key, invoice, &deed).await?;
    Ok(said(&json!({ "key": asked.key, "outcome": done.outcome, "allocated": done.allocated, "free": done.free,
        "documents": done.documents })))
}

async fn dismiss(rt: &Runtime, request: &Request, caller: &Caller) -> Result<Response, Error> {
    let asked: Receipt = body(request)?;
    let reason = reason(asked.reason, true)?;
    let deed = Deed { who: &caller.who, reason: &reason, now: rt.clock.now() };
    match receipts::dismiss(&*rt.db, &asked.key, &deed).await.map_err(lost)? {
        true => Ok(said(&json!({ "key": asked.key, "outcome": "dismissed" }))),
        false => Err(Error::of(Code::NotFound)),
    }
}

async fn recover(rt: &Runtime, request: &Request, caller: &Caller) -> Result<Response, Error> {
    let asked: Recover = body(request)?;
    if asked.events.len() > RECOVER_MOST {
        return Err(Error::new(Code::RequestInvalid, format!("At most {RECOVER_MOST} events in one call.")));
    }
    let row = |e: &Event| {
        json!({ "id": e.id, "account": e.account, "livemode": i64::from(e.livemode), "type": e.kind, "api_version": e.api_version,
            "created": e.created, "object": e.object, "subject": e.subject })
    };
    let rows: Value = asked.events.iter().map(row).collect();
    let (reason, now) = (reason(asked.reason, false)?, rt.clock.now());
    let deed = Deed { who: &caller.who, reason: &reason, now };
    let found = act::recover(&*rt.db, &rows, asked.act.then_some(&deed), now).await.map_err(lost)?;
    if !asked.act {
        return Ok(said(&json!({ "missing": found, "stored": [] })));
    }
    hint(rt, &found).await;
    Ok(said(&json!({ "missing": found, "stored": found })))
}

async fn proof(rt: &Runtime, request: &Request) -> Result<Response, Error> {
    let said_so: Proof = body(request)?;
    let known = ["equal", "differs", "open_items", "not_proved"].contains(&said_so.verdict.as_str());
    if !known || said_so.summary.chars().count() > REASON_MOST {
        return Err(Error::of(Code::RequestInvalid));
    }
    health::proved(&*rt.db, &said_so.verdict, &said_so.summary, rt.clock.now()).await.map_err(lost)?;
    Ok(said(&json!({ "stored": true })))
}

fn reason(text: String, needed: bool) -> Result<String, Error> {
    let text = text.trim().to_owned();
    let good = text.chars().count() <= REASON_MOST && !(needed && text.is_empty());
    if good { Ok(text) } else { Err(Error::new(Code::RequestInvalid, "`reason` has 1 to 500 characters.")) }
}
