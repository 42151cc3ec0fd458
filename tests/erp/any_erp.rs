//! `ERP=rpc` end to end: the client, the published schema, and a receiver such as an ERP would have, which verifies
//! the signature and keeps the keys.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use crate::schema;
use hmac::{Hmac, KeyInit, Mac};
use quittance::config::{Rpc, Secret};
use quittance::erp::json_rpc::{RpcErp, SIGNATURE};
use quittance::erp::{Answer, Books, Fault};
use quittance::error::Code;
use quittance::http::{Request, Response};
use quittance::money::{Currency, Money};
use quittance::movement::{
    Counter, Detail, Dispute, DisputeMove, Fee, FeeBill, FeeKind, FeeSum, Movement, MovementKind, Payout, Record,
    Reference, Refund, Reversal, Transaction,
};
use quittance::ports::{Clock, Fut, Http, HttpFault};
use serde_json::{Value, json};

const SECRET: &str = "a secret of more than thirty-two characters";
const NOW: i64 = 1_795_296_600;

/// The example receiver: a book of keys, and the rules of docs/ANY_ERP.md.
struct Receiver {
    secret: &'static str,
    clock: Cell<i64>,
    /// Whether it takes `payments.assign`.
    assigns: Cell<bool>,
    /// Key and the record's number; 0 once a person has deleted it.
    book: RefCell<HashMap<String, i64>>,
    /// What stands under each key.
    has: RefCell<HashMap<String, Value>>,
    /// What it answers as its mark.
    mark: RefCell<Value>,
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
        if call["method"] == "payments.assign" && self.assigns.get() {
            let known = self.book.borrow().contains_key(call["params"]["key"].as_str().unwrap());
            let documents =
                json!([{"id": 7, "name": call["params"]["invoice"], "residual": "0.00", "currency": "EUR"}]);
            let result = match known {
                true => json!({"status": "allocated", "allocated": "10.99", "free": "0.00", "documents": documents}),
                false => json!({"status": "refused", "code": "no_receipt", "detail": "We have no such receipt."}),
            };
            return json!({"jsonrpc": "2.0", "id": id, "result": result});
        }
        if call["method"] != "payments.apply" {
            return json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32601, "message": "Method not found"}});
        }
        let mut result = self.apply(&call["params"]);
        result["mark"] = self.mark.borrow().clone();
        json!({"jsonrpc": "2.0", "id": id, "result": result})
    }

    fn apply(&self, event: &Value) -> Value {
        let key = event["key"].as_str().unwrap();
        let mut book = self.book.borrow_mut();
        if let Some(&record) = book.get(key) {
            let mut answer = booked("duplicate", record);
            let of = &self.has.borrow()[key];
            answer.as_object_mut().unwrap().extend(of.as_object().unwrap().clone());
            return if record == 0 { json!({"status": "gone"}) } else { answer };
        }
        match event["money"]["currency"].as_str().unwrap() {
            "GBP" => json!({"status": "refused", "code": "currency_inactive", "detail": "We keep no pounds."}),
            "CHF" => json!({"status": "refused", "code": "no_francs", "detail": "We keep no francs."}),
            "JPY" => json!({"status": "retry", "detail": "The books are closed until noon."}),
            _ => {
                let record = book.len() as i64 + 1;
                book.insert(key.to_owned(), record);
                let money = &event["money"];
                let has =
                    json!({"amount": money["amount"], "currency": money["currency"], "customer": event["customer"]});
                self.has.borrow_mut().insert(key.to_owned(), has);
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
    marked(None, &Value::Null)
}

/// A ledger that has the mark `known`, and an ERP that answers another.
fn marked(known: Option<i64>, answered: &Value) -> (Rc<Wire>, RpcErp) {
    let receiver = Rc::new(Receiver {
        secret: SECRET,
        clock: NOW.into(),
        assigns: Cell::new(false),
        book: RefCell::default(),
        has: RefCell::default(),
        mark: RefCell::new(answered.clone()),
    });
    let wire = Rc::new(Wire { receiver, requests: 0.into(), fails: RefCell::default() });
    let config = Rpc { url: "https://erp.example/rpc".into(), secret: Secret::new(SECRET) };
    (wire.clone(), RpcErp::new(&config, known, wire, Rc::new(At(NOW))))
}

fn event(payment: &str, currency: &str) -> Movement {
    Movement {
        key: format!("stripe:acct_1:{payment}:succeeded"),
        kind: MovementKind::Paid,
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

fn apply(erp: &RpcErp, events: &[Movement]) -> Result<Vec<Answer>, Fault> {
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
    let other = RpcErp::new(&config, None, wire.clone(), Rc::new(At(NOW + 301)));
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

/// An operator's allocation: done, refused with the ERP's own words, or not a method of this ERP.
#[test]
fn a_receipt_is_allocated_where_the_receiver_takes_it() {
    let (wire, erp) = setup();
    let receipt = event("pi_1", "EUR");
    apply(&erp, std::slice::from_ref(&receipt)).unwrap();
    let refused = block_on(erp.assign(&receipt.key, "INV/8")).unwrap_err();
    assert_eq!(refused.code, Code::ErpRefused);
    assert!(refused.detail.contains("payments.assign"), "{refused}");
    wire.receiver.assigns.set(true);
    let done = block_on(erp.assign(&receipt.key, "INV/8")).unwrap();
    assert_eq!((done.outcome.as_str(), done.allocated.as_str(), done.free.as_str()), ("allocated", "10.99", "0.00"));
    assert_eq!(done.documents[0].name, "INV/8");
    let refused = block_on(erp.assign("stripe:acct_1:pi_2:succeeded", "INV/8")).unwrap_err();
    assert_eq!(refused.detail, "no_receipt: We have no such receipt.");
    wire.fails.borrow_mut().push(Failure::Status(503));
    assert_eq!(block_on(erp.assign(&receipt.key, "INV/8")).unwrap_err().code, Code::ErpUnreachable);
}

/// Every event that can be written keeps to the schema, and the schema is strict enough to notice. Those that are read
/// from Stripe are held against it where they are read (tests/stripe).
#[test]
fn events_keep_to_the_published_schema() {
    let schema = schema::published();
    let check = |event: &Movement| schema::check(&schema, &serde_json::to_value(event).unwrap());
    for currency in Currency::all() {
        for minor in [0, 1, 1_099, -1_099, 123_456_789_012] {
            check(&Movement { money: Money::new(minor, currency), ..event("pi_1", "EUR") }).unwrap();
        }
    }
    let kinds = [
        MovementKind::Paid,
        MovementKind::Processing,
        MovementKind::Failed,
        MovementKind::Canceled,
        MovementKind::RequiresAction,
    ];
    for kind in kinds {
        let reference = Reference {
            database: Some("books".into()),
            records: vec![
                Record { model: "account.move".into(), id: 7, ..Record::default() },
                Record {
                    number: Some("INV/8".into()),
                    partner: Some(3),
                    created: Some("2026-11-20".into()),
                    ..Record::default()
                },
            ],
            numbers: vec!["INV/7".into()],
            texts: vec!["thanks for INV/7".into()],
        };
        let full = Movement {
            kind,
            customer: Some("cus_1".into()),
            reason: Some("card_declined".into()),
            reference,
            flags: vec!["foreign_database".into()],
            detail: None,
            ..event("ch_1", "EUR")
        };
        check(&full).unwrap();
    }
    let good = serde_json::to_value(event("pi_1", "EUR")).unwrap();
    for (at, bad) in [
        ("key", json!("pi_1")),
        ("kind", json!("won")),
        ("occurred", json!(1.5)),
        ("money", json!({"amount": 10.99, "currency": "EUR"})),
        ("detail", json!({"type": "refund", "id": "re_1"})),
        ("detail", json!({"type": "reversal", "receipt": "pi_1"})),
        ("more", json!(1)),
    ] {
        let mut event = good.clone();
        event[at] = bad;
        assert!(schema::check(&schema, &event).is_err(), "{at}");
    }
    let mut poor = good.clone();
    poor.as_object_mut().unwrap().remove("customer");
    assert!(schema::check(&schema, &poor).is_err());
}

/// Where a kind stands in [`KINDS`]. A new kind does not build until it has a place here and there.
fn place(kind: MovementKind) -> usize {
    match kind {
        MovementKind::Paid => 0,
        MovementKind::Processing => 1,
        MovementKind::Failed => 2,
        MovementKind::Canceled => 3,
        MovementKind::RequiresAction => 4,
        MovementKind::Reversed => 5,
        MovementKind::Refunded => 6,
        MovementKind::RefundFailed => 7,
        MovementKind::Credited => 8,
        MovementKind::DisputeOpened => 9,
        MovementKind::DisputeWithdrawn => 10,
        MovementKind::DisputeReinstated => 11,
        MovementKind::DisputeWon => 12,
        MovementKind::DisputeLost => 13,
        MovementKind::Settled => 14,
        MovementKind::PayoutReconciled => 15,
        MovementKind::FeesBilled => 16,
        MovementKind::FeesCleared => 17,
    }
}

const KINDS: [MovementKind; 18] = [
    MovementKind::Paid,
    MovementKind::Processing,
    MovementKind::Failed,
    MovementKind::Canceled,
    MovementKind::RequiresAction,
    MovementKind::Reversed,
    MovementKind::Refunded,
    MovementKind::RefundFailed,
    MovementKind::Credited,
    MovementKind::DisputeOpened,
    MovementKind::DisputeWithdrawn,
    MovementKind::DisputeReinstated,
    MovementKind::DisputeWon,
    MovementKind::DisputeLost,
    MovementKind::Settled,
    MovementKind::PayoutReconciled,
    MovementKind::FeesBilled,
    MovementKind::FeesCleared,
];

#[test]
fn the_published_schema_names_every_kind_and_no_other() {
    let schema = schema::published();
    let named = &schema["properties"]["kind"]["enum"];
    for (at, kind) in KINDS.into_iter().enumerate() {
        assert_eq!(place(kind), at, "{kind:?}");
        assert!(named.as_array().unwrap().contains(&json!(kind)), "{kind:?} is not in the schema");
    }
    assert_eq!(named.as_array().unwrap().len(), KINDS.len(), "{named}");
}

/// What kinds say beyond: each with everything there is, and with as little as there may be.
#[test]
fn details_keep_to_the_published_schema() {
    let schema = schema::published();
    let key = |object: &str, transition: &str| format!("stripe:acct_1:{object}:{transition}");
    let (receipt, text) = (key("pi_1", "succeeded"), |text: &str| Some(text.to_owned()));
    let money = |minor, currency: &str| Money::new(minor, currency.parse().unwrap());
    let payout = |descriptor: Option<String>| Payout {
        id: "po_1".into(),
        itemised: descriptor.is_some(),
        settled: key("txn_1", "settled"),
        arrival: NOW,
        trace: descriptor.clone(),
        descriptor,
        parts: 3,
    };
    let refund = |failure| Refund { id: "re_1".into(), receipt: receipt.clone(), full: true, failure };
    let dispute = |due_by| Dispute {
        id: "du_1".into(),
        receipt: receipt.clone(),
        status: "needs_response".into(),
        inquiry: false,
        due_by,
        moved: vec![DisputeMove { transaction: "txn_1".into(), money: money(-500, "EUR"), earlier: false }],
    };
    let plain = Transaction {
        id: "txn_1".into(),
        kind: "payout".into(),
        category: "payout".into(),
        counter: Counter::Transit,
        gross: money(-500, "EUR"),
        net: money(-500, "EUR"),
        fees: vec![],
        presented: None,
        rate: None,
        document: None,
        source: None,
        available: NOW,
        description: None,
        payout: None,
    };
    let kinds = [FeeKind::Stripe, FeeKind::Tax, FeeKind::Application, FeeKind::Withheld, FeeKind::Unknown];
    let fee = |kind| Fee { kind, what: "stripe_fee".into(), money: money(5, "EUR") };
    let counters = Counter::CHOICE.into_iter().chain([Counter::Clearing]);
    let all = counters.map(|counter| Transaction {
        counter,
        fees: kinds.map(fee).to_vec(),
        presented: Some(money(-77_000, "JPY")),
        rate: text("0.0065"),
        document: Some(receipt.clone()),
        source: text("po_1"),
        description: text("STRIPE PAYOUT"),
        payout: Some(payout(text("QUITTANCE"))),
        ..plain.clone()
    });
    let settled = all
        .collect::<Vec<_>>()
        .into_iter()
        .chain([plain])
        .map(|t| (MovementKind::Settled, Detail::Transaction(Box::new(t))));
    let sum = |kind| FeeSum { kind, what: "stripe_fee".into(), money: money(500, "EUR") };
    let bill = FeeBill {
        month: "2026-11".into(),
        number: 2,
        sums: vec![sum(FeeKind::Stripe), sum(FeeKind::Tax)],
        transactions: vec!["txn_1".into()],
    };
    let details = [
        (MovementKind::Refunded, Detail::Refund(refund(None))),
        (MovementKind::Credited, Detail::Refund(refund(None))),
        (MovementKind::RefundFailed, Detail::Refund(refund(text("declined")))),
        (MovementKind::Reversed, Detail::Reversal(Reversal { receipt: receipt.clone(), if_received: true })),
        (MovementKind::DisputeOpened, Detail::Dispute(dispute(Some(NOW)))),
        (MovementKind::DisputeWithdrawn, Detail::Dispute(dispute(None))),
        (MovementKind::DisputeReinstated, Detail::Dispute(dispute(None))),
        (MovementKind::DisputeWon, Detail::Dispute(dispute(None))),
        (MovementKind::DisputeLost, Detail::Dispute(dispute(None))),
        (MovementKind::PayoutReconciled, Detail::Payout(payout(None))),
        (MovementKind::PayoutReconciled, Detail::Payout(payout(text("QUITTANCE")))),
        (MovementKind::FeesBilled, Detail::FeeBill(bill.clone())),
        (MovementKind::FeesCleared, Detail::FeeBill(bill)),
    ];
    for (kind, detail) in details.into_iter().chain(settled) {
        let event = Movement { key: key("x_1", kind.transition()), kind, detail: Some(detail), ..event("pi_1", "EUR") };
        let json = serde_json::to_value(&event).unwrap();
        schema::check(&schema, &json).unwrap_or_else(|why| panic!("{json}: {why}"));
        assert_eq!(serde_json::from_value::<Movement>(json.clone()).unwrap(), event, "{json}");
    }
}

/// The page's examples are what it says they are.
#[test]
fn the_examples_of_the_page_keep_to_the_schema() {
    let page = include_str!("../../docs/ANY_ERP.md");
    let examples: Vec<Value> = page
        .split("```json\n")
        .skip(1)
        .map(|rest| serde_json::from_str(rest.split("```").next().unwrap()).unwrap())
        .filter(|example: &Value| example.get("method").is_none_or(|method| method != "payments.assign"))
        .map(|example: Value| example.get("params").cloned().unwrap_or(example))
        .collect();
    assert_eq!(examples.len(), 5);
    for example in examples {
        schema::check(&schema::published(), &example).unwrap_or_else(|why| panic!("{example}: {why}"));
        serde_json::from_value::<Movement>(example).unwrap();
    }
}

/// An ERP may answer a mark; one that does not says nothing by it.
#[test]
fn a_mark_that_is_not_above_the_ledgers_is_a_step_back() {
    for (known, answered, highest, went_back) in [
        (None, json!(7), Some(7), false),
        (Some(7), json!(8), Some(8), false),
        (Some(7), json!(7), Some(7), true),
        (Some(7), Value::Null, None, false),
    ] {
        let (_, erp) = marked(known, &answered);
        block_on(erp.apply(&[event("pi_1", "EUR")])).unwrap();
        let marks = erp.marks();
        assert_eq!((marks.highest, marks.went_back), (highest, went_back), "{known:?} {answered}");
    }
}

#[test]
fn a_duplicate_says_what_it_is_a_duplicate_of() {
    let (wire, erp) = setup();
    let one = Movement { customer: Some("cus_1".into()), ..event("pi_1", "EUR") };
    block_on(erp.apply(std::slice::from_ref(&one))).unwrap();
    let other_amount = Movement { money: Money::new(1, "EUR".parse().unwrap()), ..one.clone() };
    let other_currency = Movement { money: Money::new(1_099, "USD".parse().unwrap()), ..one.clone() };
    let other_party = Movement { customer: Some("cus_2".into()), ..one.clone() };
    for (asked, code) in
        [(other_amount, Code::AmountDiffers), (other_currency, Code::AmountDiffers), (other_party, Code::PartyDiffers)]
    {
        let answers = block_on(erp.apply(&[asked])).unwrap();
        assert!(matches!(&answers[0], Answer::Refused(e) if e.code == code), "{answers:?}");
    }
    let same = block_on(erp.apply(std::slice::from_ref(&one))).unwrap();
    assert!(matches!(&same[0], Answer::Booked(booking) if booking.duplicate), "{same:?}");
    wire.receiver.has.borrow_mut().insert(one.key.clone(), json!({}));
    let silent = block_on(erp.apply(std::slice::from_ref(&one))).unwrap();
    assert!(matches!(&silent[0], Answer::Retry(e) if e.code == Code::ErpProtocol), "{silent:?}");
}
