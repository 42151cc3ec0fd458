//! What changes something. Each is written down with who, when and why.

use serde_json::{Value, json};

use super::queries::percent_decode;
use super::{BODY_BYTES_MAX, body, json_response, ledger_unavailable, person, text};
use crate::auth::Caller;
use crate::config::Config;
use crate::date::LAST;
use crate::error::{Code, Error};
use crate::flow::assign;
use crate::flow::receive::send_hints;
use crate::http::{Request, Response};
use crate::ledger::operator::actions::{self, Action, ActionResult, AuditEntry};
use crate::ledger::operator::{health, receipts};
use crate::ledger::restore;
use crate::ports::Runtime;

/// The longest reason, in characters.
const REASON_CHARS_MAX: usize = 500;
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
    match actions::apply_action(&*rt.db, &id, action, &entry).await.map_err(ledger_unavailable)? {
        ActionResult::Done(state, events) => {
            if action == Action::Replay {
                send_hints(rt, &events).await;
            }
            Ok(json_response(&json!({ "id": id, "state": state })))
        }
        ActionResult::Not(state) if state == "claimed" => Err(Error::of(Code::EventBusy)),
        ActionResult::Not(state) => Err(Error::new(
            Code::ActionNotPossible,
            format!("An event that is {state} cannot be made to {}.", action.name()),
        )),
        ActionResult::Missing => Err(Error::of(Code::NotFound)),
    }
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
    match receipts::dismiss(&*rt.db, key, &entry).await.map_err(ledger_unavailable)? {
        true => Ok(json_response(&json!({ "key": key, "outcome": "dismissed" }))),
        false => Err(Error::of(Code::NotFound)),
    }
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
    let found = actions::store_missing(&*rt.db, rows, acts.then_some(&entry), now).await.map_err(ledger_unavailable)?;
    if !acts {
        return Ok(json_response(&json!({ "missing": found, "stored": [] })));
    }
    send_hints(rt, &found).await;
    Ok(json_response(&json!({ "missing": found, "stored": found })))
}

/// The ERP was set back to `to`: how much of the ledger is about that time, or, with `act`, the next step of asking for it again.
async fn restore(rt: &Runtime, request: &Request, caller: &Caller) -> Result<Response, Error> {
    let asked = body(request, BODY_BYTES_MAX)?;
    let (reason, now) = (reason(&asked, false)?, rt.clock.now());
    let to = asked.get("to").and_then(Value::as_i64).filter(|to| (0..=now).contains(to));
    let to =
        to.ok_or_else(|| Error::new(Code::RequestInvalid, "`to` is an instant of the past, in seconds since 1970."))?;
    let act = asked.get("act").and_then(Value::as_bool).unwrap_or(false);
    let booked = if act { None } else { Some(restore::postings_since(&*rt.db, to).await.map_err(ledger_unavailable)?) };
    if act {
        let entry = AuditEntry { who: &caller.who, reason: &reason, now };
        if asked.get("go_on").and_then(Value::as_bool) != Some(true) {
            restore::begin(&*rt.db, to, &entry).await.map_err(ledger_unavailable)?;
        }
        send_hints(rt, &restore::step(&*rt.db, now).await.map_err(ledger_unavailable)?).await;
    }
    let stands = restore::progress(&*rt.db).await.map_err(ledger_unavailable)?;
    Ok(json_response(
        &json!({ "since": to - restore::MARGIN_S, "booked": booked, "under_way": stands.under_way, "asked_again": stands.doubt }),
    ))
}

async fn proof(rt: &Runtime, request: &Request) -> Result<Response, Error> {
    let asked = body(request, BODY_BYTES_MAX)?;
    let (verdict, summary) = (text(&asked, "verdict"), text(&asked, "summary"));
    let known = ["equal", "differs", "open_items", "not_proved"].contains(&verdict);
    if !known || summary.chars().count() > REASON_CHARS_MAX {
        return Err(Error::of(Code::RequestInvalid));
    }
    let began = asked.get("began").and_then(Value::as_i64).filter(|_| verdict == "equal");
    health::store_proof(&*rt.db, verdict, summary, began, rt.clock.now()).await.map_err(ledger_unavailable)?;
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

pub(super) fn reason(body: &Value, needed: bool) -> Result<String, Error> {
    let text = text(body, "reason").trim().to_owned();
    let good = text.chars().count() <= REASON_CHARS_MAX && !(needed && text.is_empty());
    if good { Ok(text) } else { Err(Error::new(Code::RequestInvalid, "`reason` has 1 to 500 characters.")) }
}
