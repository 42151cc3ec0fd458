//! What the ledger has of one payer: exported, and forgotten.

use serde_json::{Value, json};

use super::answers::{BODY_BYTES_MAX, body, json_response, reason, text};
use crate::auth::Caller;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::flow::operator::person;
use crate::http::{Request, Response};
use crate::ledger::operator::actions::{self, AuditEntry};
use crate::ledger::operator::person as ledger;
use crate::ports::Runtime;

/// The longest id of a customer. Source: Stripe's ids have at most 255 characters.
const CUSTOMER_CHARS_MAX: usize = 255;

/// Some rows of what is held, from `after` on. The first page is written down.
pub async fn export(rt: &Runtime, request: &Request, caller: &Caller) -> Result<Response, Error> {
    let asked = body(request, BODY_BYTES_MAX)?;
    let (partner, customer, named) = requested_person(&asked)?;
    let (reason, after) = (reason(&asked, true)?, text(&asked, "after"));
    let entry = AuditEntry { who: &caller.who, reason: &reason, now: rt.clock.now() };
    let found = ledger::find_person(&*rt.db, partner, customer).await?;
    let page = ledger::export_page(&*rt.db, &found, after).await?;
    let page = page.ok_or_else(|| Error::new(Code::RequestInvalid, "`after` is what the page before said."))?;
    if after.is_empty() {
        actions::write_audit(&*rt.db, &entry, "export", &named, None, Some("shown")).await?;
    }
    Ok(json_response(
        &json!({ "partners": list(&found.partners), "customers": list(&found.customers), "table": page.table,
        "rows": ledger::json_rows(page.rows), "next": page.next }),
    ))
}

/// Forgets what is at rest.
pub async fn forget(rt: &Runtime, config: &Config, request: &Request, caller: &Caller) -> Result<Response, Error> {
    let asked = body(request, BODY_BYTES_MAX)?;
    let (partner, customer, named) = requested_person(&asked)?;
    let reason = reason(&asked, true)?;
    let entry = AuditEntry { who: &caller.who, reason: &reason, now: rt.clock.now() };
    let found = ledger::find_person(&*rt.db, partner, customer).await?;
    let done = person::forget(rt, config, &found, &named, &entry).await?;
    Ok(json_response(&json!({ "payments": done.payments, "kept": done.kept, "more": done.more })))
}

/// A commercial partner or a customer, and as the audit has it.
fn requested_person(asked: &Value) -> Result<(Option<i64>, Option<&str>, String), Error> {
    let partner = asked.get("partner").and_then(Value::as_i64).filter(|id| *id > 0);
    let customer = Some(text(asked, "customer")).filter(|id| id.starts_with("cus_") && id.len() <= CUSTOMER_CHARS_MAX);
    match (partner, customer) {
        (Some(id), None) => Ok((partner, None, format!("partner {id}"))),
        (None, Some(id)) => Ok((None, customer, id.to_owned())),
        _ => Err(Error::new(Code::RequestInvalid, "One of `partner`, an id of the ERP, and `customer`, cus_….")),
    }
}

fn list(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}
