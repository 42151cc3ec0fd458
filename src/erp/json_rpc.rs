//! Any ERP: JSON-RPC 2.0 over HTTPS, each request signed the way Stripe signs. docs/ANY_ERP.md is the contract.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use serde::Deserialize;
use serde_json::{Value, json};

use super::booking::{Answer, AssignResult, Booking, Document};
use super::fault::Fault;
use super::invoice::{CustomerLink, Invoices, Logo};
use super::mark::Marks;
use super::traits::{Books, Invoicing, Notifier};
use crate::config::Rpc;
use crate::error::{Code, Error};
use crate::hmac;
use crate::http::{Request, Response};
use crate::money::Money;
use crate::movement::Movement;
use crate::ports::{Clock, Fut, Http, HttpFault};

/// One request waits at most this long, in milliseconds.
pub const TIMEOUT_MS: u32 = 60_000;
/// Where the signature stands: `t=…,v1=…`.
pub const SIGNATURE: &str = "Quittance-Signature";

/// JSON-RPC's code of a method that is not there.
const UNKNOWN_METHOD: i64 = -32_601;

/// An ERP behind `payments.apply`.
pub struct RpcErp {
    config: Rpc,
    http: Rc<dyn Http>,
    clock: Rc<dyn Clock>,
    marks: Cell<Marks>,
}

#[derive(Deserialize)]
struct Reply {
    id: Option<String>,
    result: Option<RpcResult>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct RpcResult {
    status: String,
    code: Option<String>,
    detail: Option<String>,
    #[serde(default)]
    record: Record,
    date: Option<String>,
    #[serde(default)]
    flags: Vec<String>,
    #[serde(default)]
    documents: Vec<Document>,
    mark: Option<i64>,
    /// What a key that was booked before has.
    amount: Option<String>,
    currency: Option<String>,
    customer: Option<String>,
    #[serde(default)]
    allocated: String,
    #[serde(default)]
    free: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Record {
    model: String,
    id: i64,
    name: String,
}

impl RpcErp {
    /// `mark`: the highest that the ledger has.
    pub fn new(config: &Rpc, mark: Option<i64>, http: Rc<dyn Http>, clock: Rc<dyn Clock>) -> Self {
        Self { config: config.clone(), http, clock, marks: Cell::new(Marks::above(mark)) }
    }

    /// One movement is a single request object, several are a JSON-RPC batch: one HTTP request either way.
    async fn book(&self, movements: &[Movement]) -> Result<Vec<Answer>, Fault> {
        let calls: Vec<Value> = movements.iter().map(|m| call(&m.key, "payments.apply", json!(m))).collect();
        let body = match <[Value; 1]>::try_from(calls) {
            Ok([one]) => one,
            Err(many) if many.is_empty() => return Ok(Vec::new()),
            Err(many) => Value::Array(many),
        };
        let mut replies = self.send(&body).await?;
        let mut marks = self.marks.get();
        // This contract leaves the mark to the ERP: an answer without one says nothing.
        replies.values().filter_map(|reply| reply.result.as_ref()?.mark).for_each(|mark| marks.take(Some(mark)));
        self.marks.set(marks);
        Ok(movements.iter().map(|m| answer(m, replies.remove(&m.key))).collect())
    }

    async fn send(&self, body: &Value) -> Result<HashMap<String, Reply>, Fault> {
        let body = body.to_string().into_bytes();
        let signature = hmac::header(&body, &self.config.secret, self.clock.now());
        let request = Request::new("POST", self.config.url.as_str())
            .with("content-type", "application/json")
            .with(SIGNATURE, signature)
            .body(body);
        let response = self.http.send(request, TIMEOUT_MS).await.map_err(transport_fault)?;
        if response.status != 200 {
            return Err(status_fault(response.status));
        }
        replies(&response)
    }
}

/// What the ERP made of `payments.assign`.
fn assign_result(reply: Option<Reply>) -> Result<AssignResult, Error> {
    let busy = |sentence: &str| Error::new(Code::ErpBusy, sentence);
    let Some(reply) = reply else { return Err(busy("The ERP gave no readable result.")) };
    if let Some(error) = reply.error {
        return Err(match error.get("code").and_then(Value::as_i64) {
            Some(UNKNOWN_METHOD) => Error::new(
                Code::ErpRefused,
                "This ERP does not take payments.assign; allocate the receipt there by hand, then dismiss it here.",
            ),
            number => busy(&format!("The ERP answered JSON-RPC error {}.", number.unwrap_or_default())),
        });
    }
    let Some(outcome) = reply.result else { return Err(busy("The ERP gave neither result nor error.")) };
    match outcome.status.as_str() {
        "allocated" | "already" => Ok(AssignResult {
            outcome: outcome.status,
            allocated: outcome.allocated,
            free: outcome.free,
            documents: outcome.documents,
        }),
        "retry" => Err(error_of(Code::ErpBusy, outcome)),
        _ => Err(error_of(Code::ErpRefused, outcome)),
    }
}

fn call(id: &str, method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})
}

fn replies(response: &Response) -> Result<HashMap<String, Reply>, Fault> {
    let list = match serde_json::from_slice(&response.body) {
        Ok(Value::Array(list)) => list,
        Ok(one @ Value::Object(_)) => vec![one],
        _ => {
            return Err(Fault::Connection(Error::new(
                Code::ErpProtocol,
                "The ERP's answer is not JSON-RPC 2.0; check RPC_URL.",
            )));
        }
    };
    let read = list.into_iter().filter_map(|reply| serde_json::from_str::<Reply>(&reply.to_string()).ok());
    Ok(read.filter_map(|reply| Some((reply.id.clone()?, reply))).collect())
}

fn answer(movement: &Movement, reply: Option<Reply>) -> Answer {
    let retry = |sentence: &str| Answer::Retry(Error::new(Code::ErpBusy, sentence));
    let Some(reply) = reply else { return retry("The ERP gave no readable result for this key.") };
    if let Some(error) = reply.error {
        let number = error.get("code").and_then(Value::as_i64).unwrap_or_default();
        return retry(&format!("The ERP answered JSON-RPC error {number}."));
    }
    let Some(outcome) = reply.result else { return retry("The ERP gave neither result nor error.") };
    if outcome.status == "duplicate"
        && let Some(other) = differs(movement, &outcome)
    {
        return other;
    }
    match outcome.status.as_str() {
        "created" | "duplicate" => Answer::Booked(Booking {
            duplicate: outcome.status == "duplicate",
            model: outcome.record.model,
            id: outcome.record.id,
            name: outcome.record.name,
            date: outcome.date,
            intended: None,
            flags: outcome.flags,
            documents: outcome.documents,
        }),
        "gone" => Answer::Gone,
        "refused" => Answer::Refused(error_of(Code::ErpRefused, outcome)),
        "retry" => Answer::Retry(error_of(Code::ErpBusy, outcome)),
        _ => retry("The ERP answered an unknown status."),
    }
}

/// A duplicate is one only of the same amount, currency and customer; an ERP that does not say what it has is asked again.
fn differs(movement: &Movement, outcome: &RpcResult) -> Option<Answer> {
    if !movement.kind.moves_money() {
        return None;
    }
    let (Some(amount), Some(currency)) = (&outcome.amount, &outcome.currency) else {
        let sentence = "The ERP did not say which amount and currency it has under this key; see docs/ANY_ERP.md.";
        return Some(Answer::Retry(Error::new(Code::ErpProtocol, sentence)));
    };
    let key = &movement.key;
    let there = currency.parse().ok().zip(amount.parse().ok());
    if there.and_then(|(currency, amount)| Money::from_decimal(amount, currency)) != Some(movement.money) {
        let detail = format!("Under {key} the ERP has {amount} {currency}, and Stripe says {}.", movement.money);
        return Some(Answer::Refused(Error::new(Code::AmountDiffers, truncated(&detail))));
    }
    let other = outcome.customer.as_ref().zip(movement.customer.as_ref()).is_some_and(|(there, asked)| there != asked);
    let detail = || format!("Under {key} the ERP has the money of another customer.");
    other.then(|| Answer::Refused(Error::new(Code::PartyDiffers, detail())))
}

fn truncated(text: &str) -> String {
    text.chars().take(super::odoo::error::DETAIL_CHARS_MAX).collect()
}

/// The ERP's own code and words. A code of ours keeps its name, any other stands in the detail.
fn error_of(otherwise: Code, outcome: RpcResult) -> Error {
    let theirs = outcome.code.unwrap_or_default();
    let detail = truncated(&outcome.detail.unwrap_or_default());
    match Code::from_name(&theirs) {
        Some(code) => Error::new(code, detail),
        None => Error::new(otherwise, format!("{theirs}: {detail}")),
    }
}

fn transport_fault(fault: HttpFault) -> Fault {
    match fault {
        HttpFault::TimedOut => {
            Fault::TimedOut(Error::new(Code::ErpBusy, "The ERP did not answer in time; it may have booked."))
        }
        HttpFault::Unreachable(_) => Fault::Connection(Error::of(Code::ErpUnreachable)),
        HttpFault::TooLarge => Fault::Connection(Error::of(Code::ErpAnswerTooLarge)),
    }
}

fn status_fault(status: u16) -> Fault {
    let (code, sentence) = match status {
        401 | 403 => (Code::ErpAuth, "the ERP refuses the signature; RPC_SECRET must be the same on both sides"),
        408 | 504 => {
            return Fault::TimedOut(Error::new(Code::ErpBusy, format!("HTTP {status}: the ERP may have booked.")));
        }
        429 | 500 => return Fault::Transient(Error::new(Code::ErpBusy, format!("HTTP {status}: tried again."))),
        500.. => (Code::ErpUnreachable, "the ERP does not answer"),
        _ => (Code::ErpProtocol, "the ERP does not take payments.apply there; check RPC_URL"),
    };
    Fault::Connection(Error::new(code, format!("HTTP {status}: {sentence}.")))
}

impl Books for RpcErp {
    fn apply<'a>(&'a self, movements: &'a [Movement]) -> Fut<'a, Result<Vec<Answer>, Fault>> {
        Box::pin(self.book(movements))
    }

    fn marks(&self) -> Marks {
        self.marks.get()
    }

    fn assign<'a>(&'a self, key: &'a str, invoice: &'a str) -> Fut<'a, Result<AssignResult, Error>> {
        Box::pin(async move {
            let params = json!({ "key": key, "invoice": invoice });
            let mut replies = self.send(&call(key, "payments.assign", params)).await.map_err(Fault::error)?;
            assign_result(replies.remove(key))
        })
    }

    /// `payments.probe`; that the method is unknown is an answer, too: the ERP is there and took the signature.
    fn probe(&self) -> Fut<'_, Result<(), Fault>> {
        Box::pin(async { self.send(&call("probe", "payments.probe", json!({}))).await.map(drop) })
    }
}

impl Notifier for RpcErp {}

impl Invoicing for RpcErp {
    fn invoices<'a>(&'a self, _ids: &'a [i64]) -> Fut<'a, Result<Invoices, Fault>> {
        Box::pin(async { Err(no_pay_page()) })
    }

    fn logo(&self, _company: i64) -> Fut<'_, Result<Option<Logo>, Fault>> {
        Box::pin(async { Ok(None) })
    }

    fn link_customers<'a>(&'a self, _links: &'a [CustomerLink]) -> Fut<'a, Result<(), Fault>> {
        Box::pin(async { Err(no_pay_page()) })
    }
}

/// The contract has no way yet to read an invoice.
fn no_pay_page() -> Fault {
    Fault::Connection(Error::new(
        Code::PayNotConfigured,
        "The pay page needs ERP=odoo; an ERP behind RPC_URL is only told of payments.",
    ))
}
