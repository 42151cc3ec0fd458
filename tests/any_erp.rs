//! `ERP=rpc` end to end: the client, the published schema, and a receiver such as an ERP would have, which verifies
//! the signature and keeps the keys.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use hmac::{Hmac, KeyInit, Mac};
use quittance::config::{Rpc, Secret};
use quittance::erp::rpc::{RpcErp, SIGNATURE};
use quittance::erp::{Answer, Erp, Fault};
use quittance::error::Code;
use quittance::http::{Request, Response};
use quittance::money::{Currency, Money};
use quittance::payment::{Kind, PaymentEvent, Record, Reference};
use quittance::ports::{Clock, Fut, Http, HttpFault};
use serde_json::{Value, json};

const SECRET: &str = "a secret of more than thirty-two characters";
const NOW: i64 = 1_795_296_600;

/// The example receiver: a book of keys, and the rules of docs/ANY_ERP.md.
struct Receiver {
    secret: &'static str,
    clock: Cell<i64>,
    /// Key and the record's number; 0 once a person has deleted it.
    book: RefCell<HashMap<String, i64>>,
}

impl Receiver {
    fn handle(&self, request: &Request) -> Response {
        if !self.genuine(request) {
            return Response::json(401, &json!({}));
        }
        match serde_json::from_slice(&request.body).unwrap() {
            Value::Array(calls) => Response::json(200, &calls.iter().rev().map(|call| self.call(call)).collect()),
            call => Response::json(200, &self.call(&call)),
        }
    }

    /// `t` close to the clock, and the HMAC over `t.body` with the whole secret.
    fn genuine(&self, request: &Request) -> bool {
        let header = request.header(SIGNATURE).unwrap_or("");
        let Some((t, v1)) = header.strip_prefix("t=").and_then(|h| h.split_once(",v1=")) else { return false };
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(format!("{t}.").as_bytes());
        mac.update(&request.body);
        let near = t.parse::<i64>().is_ok_and(|t| (t - self.clock.get()).abs() <= 300);
        near && mac.verify_slice(&hex::decode(v1).unwrap_or_default()).is_ok()
    }

    fn call(&self, call: &Value) -> Value {
        let id = &call["id"];
        if call["method"] != "payments.apply" {
            return json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32601, "message": "Method not found"}});
        }
        json!({"jsonrpc": "2.0", "id": id, "result": self.apply(&call["params"])})
    }

    fn apply(&self, event: &Value) -> Value {
        let key = event["key"].as_str().unwrap();
        let mut book = self.book.borrow_mut();
        if let Some(&record) = book.get(key) {
            return if record == 0 { json!({"status": "gone"}) } else { booked("duplicate", record) };
        }
        match event["money"]["currency"].as_str().unwrap() {
            "GBP" => json!({"status": "refused", "code": "currency_inactive", "detail": "We keep no pounds."}),
            "CHF" => json!({"status": "refused", "code": "no_francs", "detail": "We keep no francs."}),
            "JPY" => json!({"status": "retry", "detail": "The books are closed until noon."}),
            _ => {
                let record = book.len() as i64 + 1;
                book.insert(key.to_owned(), record);
                booked("created", record)
            }
        }
    }
}

fn booked(status: &str, record: i64) -> Value {
    json!({"status": status, "record": {"model": "receipt", "id": record, "name": format!("R{record}")},
        "documents": [{"id": 7, "name": "INV/7", "residual": "0.00", "currency": "EUR"}]})
}

/// The network between the two, which may fail on the way out or lose the answer.
struct Wire {
    receiver: Rc<Receiver>,
    requests: Cell<usize>,
    fails: RefCell<Vec<Failure>>,
}

enum Failure {
    LostAnswer,
    Status(u16),
    Body(&'static str),
}

impl Http for Wire {
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        assert_eq!((request.method.as_str(), timeout), ("POST", 60_000));
        self.requests.set(self.requests.get() + 1);
        let answer = match self.fails.borrow_mut().pop() {
            None => Ok(self.receiver.handle(&request)),
            Some(Failure::Status(status)) => Ok(Response::json(status, &json!({}))),
            Some(Failure::Body(text)) => Ok(Response { status: 200, headers: vec![], body: text.into() }),
            Some(Failure::LostAnswer) => {
                self.receiver.handle(&request);
                Err(HttpFault::TimedOut)
            }
        };
        Box::pin(std::future::ready(answer))
    }
}

struct At(i64);
impl Clock for At {
    fn now_ms(&self) -> i64 {
        self.0 * 1000
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a port waited"),
    }
}

fn setup() -> (Rc<Wire>, RpcErp) {
    let receiver = Rc::new(Receiver { secret: SECRET, clock: NOW.into(), book: RefCell::default() });
    let wire = Rc::new(Wire { receiver, requests: 0.into(), fails: RefCell::default() });
    let config = Rpc { url: "https://erp.example/rpc".into(), secret: Secret::new(SECRET) };
    (wire.clone(), RpcErp::new(&config, wire, Rc::new(At(NOW))))
}

fn event(payment: &str, currency: &str) -> PaymentEvent {
    PaymentEvent {
        key: format!("stripe:acct_1:{payment}:succeeded"),
        kind: Kind::Paid,
        account: "acct_1".into(),
        livemode: true,
        payment: payment.into(),
        charge: None,
        method: None,
        money: Money::new(1_099, currency.parse().unwrap()),
        occurred: NOW - 1,
        customer: None,
        reason: None,
        reference: Reference::default(),
        flags: vec![],
        detail: None,
    }
}

fn apply(erp: &RpcErp, events: &[PaymentEvent]) -> Result<Vec<Answer>, Fault> {
    block_on(erp.apply(events))
}

#[test]
fn a_burst_is_one_request_and_answers_keep_their_order() {
    let (wire, erp) = setup();
    let events = ["EUR", "GBP", "CHF", "JPY", "USD"].map(|c| event(&format!("pi_{c}"), c));
    let answers = apply(&erp, &events).unwrap();
    assert_eq!(wire.requests.get(), 1);
    let Answer::Booked(booking) = &answers[0] else { panic!("{answers:?}") };
    assert_eq!((booking.model.as_str(), booking.duplicate), ("receipt", false));
    assert_eq!(booking.documents[0].residual, "0.00");
    assert!(
        matches!(&answers[1], Answer::Refused(e) if e.code == Code::CurrencyInactive && e.detail == "We keep no pounds.")
    );
    assert!(matches!(&answers[2], Answer::Refused(e) if e.code == Code::ErpRefused && e.detail.contains("no_francs")));
    assert!(matches!(&answers[3], Answer::Retry(e) if e.detail.contains("until noon")));
    assert!(matches!(&answers[4], Answer::Booked(_)));
}

#[test]
fn a_lost_answer_is_followed_by_the_same_key() {
    let (wire, erp) = setup();
    let events = [event("pi_1", "EUR")];
    wire.fails.borrow_mut().push(Failure::LostAnswer);
    assert!(matches!(apply(&erp, &events), Err(Fault::TimedOut(_))));
    let answers = apply(&erp, &events).unwrap();
    assert!(matches!(&answers[..], [Answer::Booked(b)] if b.duplicate && b.name == "R1"));
    wire.receiver.book.borrow_mut().insert(events[0].key.clone(), 0);
    assert_eq!(apply(&erp, &events).unwrap(), [Answer::Gone]);
}

#[test]
fn a_wrong_secret_or_clock_is_refused() {
    let (wire, erp) = setup();
    wire.receiver.clock.set(NOW + 301);
    assert!(matches!(apply(&erp, &[event("pi_1", "EUR")]), Err(Fault::Connection(e)) if e.code == Code::ErpAuth));
    let config = Rpc { url: "https://erp.example/rpc".into(), secret: Secret::new(SECRET.to_uppercase()) };
    let other = RpcErp::new(&config, wire.clone(), Rc::new(At(NOW + 301)));
    assert!(matches!(apply(&other, &[event("pi_1", "EUR")]), Err(Fault::Connection(e)) if e.code == Code::ErpAuth));
    assert!(wire.receiver.book.borrow().is_empty());
}

#[test]
fn what_failures_mean() {
    type Means = fn(&Fault) -> bool;
    let connection: Means = |f| matches!(f, Fault::Connection(_));
    let transient: Means = |f| matches!(f, Fault::Transient(_));
    let timed_out: Means = |f| matches!(f, Fault::TimedOut(_));
    for (status, means) in
        [(401, connection), (404, connection), (429, transient), (500, transient), (503, connection), (504, timed_out)]
    {
        let (wire, erp) = setup();
        wire.fails.borrow_mut().push(Failure::Status(status));
        let fault = apply(&erp, &[event("pi_1", "EUR")]).unwrap_err();
        assert!(means(&fault), "{status}: {fault:?}");
    }
    let (wire, erp) = setup();
    wire.fails.borrow_mut().push(Failure::Body("<html>"));
    assert!(matches!(apply(&erp, &[event("pi_1", "EUR")]), Err(Fault::Connection(e)) if e.code == Code::ErpProtocol));
    wire.fails.borrow_mut().push(Failure::Body(r#"{"jsonrpc":"2.0","id":"another","result":{"status":"created"}}"#));
    assert!(matches!(&apply(&erp, &[event("pi_1", "EUR")]).unwrap()[..], [Answer::Retry(_)]), "not our key");
}

#[test]
fn a_receiver_that_knows_no_probe_is_ready_all_the_same() {
    let (wire, erp) = setup();
    assert_eq!(block_on(erp.probe()), Ok(()));
    wire.fails.borrow_mut().push(Failure::Status(503));
    assert!(block_on(erp.probe()).is_err());
}

/// Every event that can be written keeps to the schema, and the schema is strict enough to notice.
#[test]
fn events_keep_to_the_published_schema() {
    let schema: Value = serde_json::from_str(include_str!("../docs/payment-event.schema.json")).unwrap();
    for currency in Currency::all() {
        for minor in [0, 1, 1_099, 123_456_789_012] {
            let money = Money::new(minor, currency);
            check(&schema, &serde_json::to_value(PaymentEvent { money, ..event("pi_1", "EUR") }).unwrap(), "").unwrap();
        }
    }
    let kinds = [Kind::Paid, Kind::Processing, Kind::Failed, Kind::Canceled, Kind::RequiresAction];
    for kind in kinds {
        let reference = Reference {
            database: Some("books".into()),
            records: vec![Record { model: "account.move".into(), id: 7 }],
            numbers: vec!["INV/7".into()],
            texts: vec!["thanks for INV/7".into()],
        };
        let full = PaymentEvent {
            kind,
            customer: Some("cus_1".into()),
            reason: Some("card_declined".into()),
            reference,
            flags: vec!["foreign_database".into()],
            detail: None,
            ..event("ch_1", "EUR")
        };
        check(&schema, &serde_json::to_value(full).unwrap(), "").unwrap();
    }
    let good = serde_json::to_value(event("pi_1", "EUR")).unwrap();
    for (at, bad) in [
        ("key", json!("pi_1")),
        ("kind", json!("won")),
        ("occurred", json!(1.5)),
        ("money", json!({"amount": 10.99, "currency": "EUR"})),
        ("more", json!(1)),
    ] {
        let mut event = good.clone();
        event[at] = bad;
        assert!(check(&schema, &event, "").is_err(), "{at}");
    }
    let mut poor = good.clone();
    poor.as_object_mut().unwrap().remove("customer");
    assert!(check(&schema, &poor, "").is_err());
}

/// The part of JSON Schema that the published one uses; a keyword beyond it fails the test.
fn check(schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    for (word, rule) in schema.as_object().unwrap() {
        let holds = match word.as_str() {
            "$schema" | "title" | "description" | "additionalProperties" => true,
            "type" => rule.as_array().map_or_else(|| of(rule, value), |types| types.iter().any(|t| of(t, value))),
            "enum" => rule.as_array().unwrap().contains(value),
            "pattern" => regex_lite::Regex::new(rule.as_str().unwrap()).unwrap().is_match(value.as_str().unwrap_or("")),
            "required" => rule.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some()),
            "items" => {
                value.as_array().into_iter().flatten().try_for_each(|item| check(rule, item, at))?;
                true
            }
            "properties" => {
                for (name, inner) in value.as_object().into_iter().flatten() {
                    let Some(rule) = rule.get(name) else { return Err(format!("{at}/{name} is not in the schema")) };
                    check(rule, inner, &format!("{at}/{name}"))?;
                }
                true
            }
            other => panic!("the schema uses {other}, which this test does not know"),
        };
        if !holds {
            return Err(format!("{at} breaks {word}"));
        }
    }
    Ok(())
}

fn of(name: &Value, value: &Value) -> bool {
    match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "null" => value.is_null(),
        other => panic!("unknown type {other}"),
    }
}
