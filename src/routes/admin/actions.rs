//! What changes something. Each is written down with who, when and why.

use serde_json::{Value, json};

use super::answers::{BODY_BYTES_MAX, REASON_CHARS_MAX, body, json_response, reason, text};
use super::person;
use super::queries::percent_decode;
use crate::auth::Caller;
use crate::config::Config;
use crate::date::LAST;
use crate::error::{Code, Error};
use crate::flow::operator::{actions as operator, assign};
use crate::http::{Request, Response};
use crate::ledger::operator::actions::{Action, AuditEntry};
use crate::ledger::restore::MARGIN_S;
use crate::ports::Runtime;

/// Most events in one call of `recover`.
const RECOVER_ROWS_MAX: usize = 500;

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
        ["api", "erp", "restore"] => restore(rt, request, caller).await,
        ["api", "proof"] => proof(rt, request).await,
        ["api", "person", "export"] => person::export(rt, request, caller).await,
        ["api", "person", "forget"] => person::forget(rt, config, request, caller).await,
        _ => Err(Error::of(Code::NotFound)),
    }
}

async fn event(rt: &Runtime, request: &Request, id: &str, action: Action, caller: &Caller) -> Result<Response, Error> {
    let id = percent_decode(id).ok_or_else(|| Error::of(Code::NotFound))?;
    let reason = reason(&body(request, BODY_BYTES_MAX)?, action != Action::Replay)?;
    let entry = AuditEntry { who: &caller.who, reason: &reason, now: rt.clock.now() };
    let state = operator::change_event(rt, &id, action, &entry).await?;
    Ok(json_response(&json!({ "id": id, "state": state })))
}

async fn allocate(rt: &Runtime, config: &Config, request: &Request, caller: &Caller) -> Result<Response, Error> {
    let asked = body(request, BODY_BYTES_MAX)?;
    let (key, reason) = (text(&asked, "key"), reason(&asked, false)?);
    let invoice = text(&asked, "invoice").trim();
    if invoice.is_empty() || invoice.len() > 64 {
        return Err(Error::new(Code::RequestInvalid, "`invoice` is a number, or an id as digits."));
    }
    let entry = AuditEntry { who: &caller.who, reason: &reason, now: rt.clock.now() };
    let done = assign::assign(rt, config, key, invoice, &entry).await?;
    Ok(json_response(&json!({ "key": key, "outcome": done.outcome, "allocated": done.allocated, "free": done.free,
        "documents": done.documents })))
}

async fn dismiss(rt: &Runtime, request: &Request, caller: &Caller) -> Result<Response, Error> {
    let asked = body(request, BODY_BYTES_MAX)?;
    let (key, reason) = (text(&asked, "key"), reason(&asked, true)?);
    let entry = AuditEntry { who: &caller.who, reason: &reason, now: rt.clock.now() };
    operator::dismiss(rt, key, &entry).await?;
    Ok(json_response(&json!({ "key": key, "outcome": "dismissed" })))
}

async fn recover(rt: &Runtime, request: &Request, caller: &Caller) -> Result<Response, Error> {
    let asked = body(request, BODY_BYTES_MAX)?;
    let rows = asked.get("events").filter(|rows| rows.as_array().is_some_and(|rows| rows.iter().all(is_event)));
    let rows =
        rows.filter(|rows| rows.as_array().is_some_and(|rows| rows.len() <= RECOVER_ROWS_MAX)).ok_or_else(|| {
            Error::new(
                Code::RequestInvalid,
                format!("`events` is a list of at most {RECOVER_ROWS_MAX} as docs/ADMIN.md has them."),
            )
        })?;
    let (reason, now) = (reason(&asked, false)?, rt.clock.now());
    let entry = AuditEntry { who: &caller.who, reason: &reason, now };
    let acts = asked.get("act").and_then(Value::as_bool).unwrap_or(false);
    let missing = operator::recover(rt, rows, acts.then_some(&entry)).await?;
    Ok(json_response(&json!({ "missing": missing, "stored": if acts { missing.as_slice() } else { &[] } })))
}

/// The ERP was set back to `to`: how much of the ledger is about that time, or, with `act`, the next step of asking for it again.
async fn restore(rt: &Runtime, request: &Request, caller: &Caller) -> Result<Response, Error> {
    let asked = body(request, BODY_BYTES_MAX)?;
    let (reason, now) = (reason(&asked, false)?, rt.clock.now());
    let to = asked.get("to").and_then(Value::as_i64).filter(|to| (0..=now).contains(to));
    let to =
        to.ok_or_else(|| Error::new(Code::RequestInvalid, "`to` is an instant of the past, in seconds since 1970."))?;
    let act = asked.get("act").and_then(Value::as_bool).unwrap_or(false);
    let (booked, stands) = if act {
        let entry = AuditEntry { who: &caller.who, reason: &reason, now };
        let begins = asked.get("go_on").and_then(Value::as_bool) != Some(true);
        (None, operator::ask_again(rt, to, begins, &entry).await?)
    } else {
        let (booked, stands) = operator::count_lost(rt, to).await?;
        (Some(booked), stands)
    };
    Ok(json_response(
        &json!({ "since": to - MARGIN_S, "booked": booked, "under_way": stands.under_way, "asked_again": stands.doubt }),
    ))
}

async fn proof(rt: &Runtime, request: &Request) -> Result<Response, Error> {
    let asked = body(request, BODY_BYTES_MAX)?;
    let (verdict, summary) = (text(&asked, "verdict"), text(&asked, "summary"));
    let known = ["equal", "differs", "open_items", "not_proved"].contains(&verdict);
    if !known || summary.chars().count() > REASON_CHARS_MAX {
        return Err(Error::of(Code::RequestInvalid));
    }
    operator::store_proof(rt, verdict, summary, asked.get("began").and_then(Value::as_i64)).await?;
    Ok(json_response(&json!({ "stored": true })))
}

/// Whether it has what a row of the inbox needs.
fn is_event(event: &Value) -> bool {
    let texts = ["id", "type", "object", "subject"].iter().all(|name| is_id(text(event, name)));
    let created = event.get("created").and_then(Value::as_i64).is_some_and(|at| (0..=LAST).contains(&at));
    let account = event.get("account").is_none_or(|account| account.is_null() || account.as_str().is_some_and(is_id));
    texts && created && account && event.get("livemode").is_some_and(Value::is_boolean)
}

/// A text of one line that is no longer than ids are, 255 bytes (docs.stripe.com/upgrades).
fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && !text.contains(char::is_control)
}
