//! The Odoo client against answers as Odoo 17, 18 and 19 give them: how many calls it makes, how it finds its way
//! again when what it remembers is stale, and what it makes of every kind of failure.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use quittance::config::{CreditNote, DisputeLost, Fees, Matching, Odoo, Secret};
use quittance::erp::invoice::CustomerLink;
use quittance::erp::odoo::{OdooErp, Owner, procedure};
use quittance::erp::{Answer, Books, Fault, Invoicing};
use quittance::error::Code;
use quittance::http::{Request, Response};
use quittance::money::Money;
use quittance::movement::{Movement, MovementKind, Reference};
use quittance::ports::{Fut, Http, HttpFault, Kv};
use serde_json::{Value, json};

/// The procedures, under ids from `action` on.
const NAMES: [&str; 11] = [
    "record_payment",
    "check",
    "read_invoice",
    "link_customer",
    "record_entry",
    "record_refund",
    "read_books",
    "record_fee_bill",
    "record_credit_note",
    "assign_receipt",
    "show_alerts",
];

/// An Odoo of one version: logs in `clerk`, has the procedures, and answers `run` as told.
struct Fake {
    major: i64,
    action: RefCell<i64>,
    /// How many of [`NAMES`] set-up installed: an older version had fewer.
    installed: Cell<usize>,
    runs: RefCell<Vec<Result<Response, HttpFault>>>,
    seen: RefCell<Vec<String>>,
}

impl Fake {
    fn new(major: i64) -> Rc<Self> {
        Rc::new(Self {
            major,
            action: 328.into(),
            installed: Cell::new(NAMES.len()),
            runs: RefCell::default(),
            seen: RefCell::default(),
        })
    }

    fn seen(&self) -> Vec<String> {
        self.seen.take()
    }

    /// Called model method, arguments, and whether the transport wants an envelope.
    fn call(&self, request: &Request) -> (String, Value, bool) {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        if let Some(path) = request.path().strip_prefix("/json/2/") {
            assert_eq!(self.major, 19, "/json/2 exists in 19 only");
            assert_eq!(request.header("x-odoo-database"), Some("books"));
            return (path.replace('/', "."), body, false);
        }
        let params = &body["params"];
        match params["service"].as_str() {
            Some("object") => {
                let [model, method] = [3, 4].map(|at| params["args"][at].as_str().unwrap().to_owned());
                let mut named = params["args"][6].clone();
                named["ids"] = params["args"][5][0].clone();
                (format!("{model}.{method}"), named, true)
            }
            _ => (params["method"].as_str().unwrap().to_owned(), params["args"].clone(), true),
        }
    }
}

impl Http for Fake {
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        let (name, args, envelope) = self.call(&request);
        let action = *self.action.borrow();
        let at =
            args["ids"][0].as_i64().and_then(|id| usize::try_from(id - action).ok()).filter(|at| *at < NAMES.len());
        let there = at.is_some();
        let patient = name == "ir.actions.server.run" && at != Some(2);
        assert!(timeout == if patient { 60_000 } else { 10_000 } || !there, "{name}");
        self.seen.borrow_mut().push(name.clone());
        let value = match name.as_str() {
            "version" => json!({"server_version_info": [self.major, 0, 0, "final", 0, ""]}),
            "authenticate" => json!(6),
            "ir.actions.server.get_external_id" => {
                let ids = args["ids"].as_array().unwrap().iter();
                let named = |id: i64| {
                    let at = usize::try_from(id - action).ok().filter(|at| *at < self.installed.get());
                    at.map_or(String::new(), |at| format!("quittance.proc_{}", NAMES[at]))
                };
                ids.map(|id| (id.to_string(), json!(named(id.as_i64().unwrap()))))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }
            "ir.actions.server.run" if !there => return ready(missing(self.major)),
            "ir.actions.server.run" if !self.runs.borrow().is_empty() => {
                return ready(self.runs.borrow_mut().remove(0));
            }
            "ir.actions.server.run" => booked(&args["context"]["quittance"], procedure::RECORD_PAYMENT.hash),
            other => panic!("unexpected call of {other}"),
        };
        ready(Ok(ok(envelope, value)))
    }
}

fn ready<'a, T: 'a>(value: T) -> Fut<'a, T> {
    Box::pin(std::future::ready(value))
}

fn ok(envelope: bool, value: Value) -> Response {
    Response::json(200, &if envelope { json!({"jsonrpc": "2.0", "id": 1, "result": value}) } else { value })
}

/// As recorded: HTTP 200 with a code of 200 (17, 18) or a status of its own (19).
fn exception(major: i64, status: u16, name: &str, message: &str) -> Result<Response, HttpFault> {
    let data = json!({"name": name, "message": message, "arguments": [message], "context": {}, "debug": "Traceback"});
    Ok(match major {
        19 => Response::json(status, &data),
        _ => Response::json(
            200,
            &json!({"jsonrpc": "2.0", "id": 1, "error": {"code": 200, "message": "Odoo Server Error", "data": data}}),
        ),
    })
}

fn missing(major: i64) -> Result<Response, HttpFault> {
    exception(major, 404, "odoo.exceptions.MissingError", "Record does not exist or has been deleted.")
}

fn booked(input: &Value, hash: &str) -> Value {
    let results = input["movements"].as_array().unwrap().iter().rev().map(|m| {
        json!({"key": m["key"], "status": "created", "model": "account.payment", "id": 41, "name": "PSTRP/2026/00001",
            "flags": m["flags"], "invoices": [{"id": 7, "name": "INV/2026/00007", "state": "posted", "payment_state": "paid",
            "residual": "60.30", "currency": "EUR"}]})
    });
    json!({"v": procedure::FORM, "hash": hash, "results": results.collect::<Vec<_>>()})
}

#[derive(Default)]
struct Memory(RefCell<HashMap<String, String>>);

impl Kv for Memory {
    fn get<'a>(&'a self, key: &'a str) -> Fut<'a, Option<String>> {
        ready(self.0.borrow().get(key).cloned())
    }
    fn put<'a>(&'a self, key: &'a str, value: &'a str, ttl: u32) -> Fut<'a, ()> {
        assert!(ttl >= 60);
        self.0.borrow_mut().insert(key.into(), value.into());
        ready(())
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a port waited"),
    }
}

fn erp(fake: &Rc<Fake>, kv: &Rc<Memory>) -> OdooErp {
    let config = Odoo {
        url: "http://127.0.0.1:8069".into(),
        db: "books".into(),
        login: "clerk".into(),
        api_key: Secret::new("key"),
        company: None,
        companies: vec![],
        note: true,
        transaction: false,
        fees: Fees::default(),
        dispute_lost: DisputeLost::default(),
        credit_note: CreditNote::default(),
    };
    let matching =
        Matching { metadata: vec![], tolerance: "0".into(), former_databases: vec![], ignored_databases: vec![] };
    let owner = Owner { account: Some("acct_1".into()), livemode: Some(false), mark: None };
    OdooErp::new(&config, &matching, owner, fake.clone(), kv.clone())
}

fn paid(object: &str) -> Movement {
    Movement {
        key: format!("stripe:acct_1:{object}:succeeded"),
        kind: MovementKind::Paid,
        account: "acct_1".into(),
        livemode: false,
        payment: object.into(),
        charge: None,
        method: None,
        money: Money::new(4_000, "EUR".parse().unwrap()),
        occurred: 1_795_296_599,
        customer: None,
        reason: None,
        reference: Reference::default(),
        flags: vec![],
        detail: None,
    }
}

fn apply(erp: &OdooErp, movements: &[Movement]) -> Result<Vec<Answer>, Fault> {
    block_on(erp.apply(movements))
}

#[test]
fn one_call_once_the_way_is_known_on_every_version() {
    for major in [17, 18, 19] {
        let (fake, kv) = (Fake::new(major), Rc::new(Memory::default()));
        let movements = [paid("pi_1"), paid("pi_2")];
        let first = erp(&fake, &kv);
        let answers = apply(&first, &movements).unwrap();
        let Answer::Booked(booking) = &answers[0] else { panic!("{answers:?}") };
        assert_eq!((booking.id, booking.name.as_str(), booking.duplicate), (41, "PSTRP/2026/00001", false));
        assert_eq!(booking.documents[0].residual, "60.30", "money is text");
        assert!(booking.flags.is_empty());
        let way = if major == 19 { 3 } else { 4 };
        assert_eq!(fake.seen().len(), way, "version, login (not in 19), external ids, run");
        apply(&first, &movements).unwrap();
        assert_eq!(fake.seen(), ["ir.actions.server.run"]);
        apply(&erp(&fake, &kv), &movements).unwrap();
        assert_eq!(fake.seen(), ["ir.actions.server.run"], "another isolate reads it from KV");
    }
}

#[test]
fn a_stale_action_is_found_again_once() {
    for major in [17, 18, 19] {
        let (fake, kv) = (Fake::new(major), Rc::new(Memory::default()));
        let erp = erp(&fake, &kv);
        apply(&erp, &[paid("pi_1")]).unwrap();
        fake.action.replace(10_100);
        fake.seen();
        assert!(matches!(apply(&erp, &[paid("pi_2")]).unwrap()[..], [Answer::Booked(_)]));
        assert_eq!(fake.seen().iter().filter(|c| c.ends_with(".run")).count(), 2, "the stale one, then the new one");
        assert_eq!(fake.seen(), Vec::<String>::new());
    }
}

#[test]
fn what_a_failed_call_means() {
    type Means = fn(&Fault) -> bool;
    let transient: Means = |f| matches!(f, Fault::Transient(_));
    let connection: Means = |f| matches!(f, Fault::Connection(_));
    let halve: Means = |f| matches!(f, Fault::TimedOut(_));
    let rows: [(&str, u16, &str, Means, Code); 8] = [
        ("psycopg2.errors.SerializationFailure", 500, "could not serialize", transient, Code::ErpBusy),
        ("psycopg2.OperationalError", 500, "Connection refused", connection, Code::ErpDatabaseMissing),
        ("odoo.exceptions.AccessDenied", 401, "Access Denied", connection, Code::ErpAuth),
        ("odoo.exceptions.AccessError", 403, "not allowed", connection, Code::ErpRights),
        ("odoo.exceptions.UserError", 422, "quittance:not_configured:journal", connection, Code::ErpNotConfigured),
        ("odoo.exceptions.UserError", 422, "quittance:group_required: Invoicing", connection, Code::ErpRights),
        ("odoo.exceptions.UserError", 422, "The entry is not balanced.", halve, Code::ErpRefused),
        ("builtins.ValueError", 500, "KeyError('x') while evaluating\n'secret'", halve, Code::ErpProcedureFailed),
    ];
    for major in [17, 18, 19] {
        for (name, status, message, means, code) in rows {
            let fake = Fake::new(major);
            let erp = erp(&fake, &Rc::new(Memory::default()));
            *fake.runs.borrow_mut() =
                vec![exception(major, status, name, message), exception(major, status, name, message)];
            let fault = apply(&erp, &[paid("pi_1"), paid("pi_2")]).unwrap_err();
            assert!(means(&fault), "{major} {name}: {fault:?}");
            let (Fault::TimedOut(e) | Fault::Transient(e) | Fault::Connection(e)) = fault;
            assert_eq!(e.code, code, "{major} {name}");
            assert!(!e.detail.contains("secret") && !e.detail.contains("Traceback"), "{}", e.detail);
        }
    }
}

#[test]
fn answers_that_are_no_odoo_at_all() {
    let page =
        |status: u16| Ok(Response { status, headers: vec![], body: b"<html>No database is selected</html>".to_vec() });
    for (major, answer, code) in [
        (19, page(404), Code::ErpDatabaseMissing),
        (18, page(404), Code::ErpProtocol),
        (18, page(200), Code::ErpProtocol),
        (18, page(502), Code::ErpUnreachable),
        (18, page(504), Code::ErpBusy),
        (19, page(301), Code::ErpProtocol),
        (18, Err(HttpFault::TimedOut), Code::ErpBusy),
        (19, Err(HttpFault::Unreachable("refused".into())), Code::ErpUnreachable),
        (18, Err(HttpFault::TooLarge), Code::ErpAnswerTooLarge),
    ] {
        let fake = Fake::new(major);
        let erp = erp(&fake, &Rc::new(Memory::default()));
        *fake.runs.borrow_mut() = vec![answer.clone(), answer.clone()];
        let fault = apply(&erp, &[paid("pi_1")]).unwrap_err();
        assert_eq!(matches!(fault, Fault::TimedOut(_)), code == Code::ErpBusy, "{answer:?}");
        let (Fault::TimedOut(e) | Fault::Transient(e) | Fault::Connection(e)) = fault;
        assert_eq!(e.code, code, "{answer:?}");
    }
}

#[test]
fn one_refused_movement_is_an_answer() {
    let fake = Fake::new(18);
    let erp = erp(&fake, &Rc::new(Memory::default()));
    *fake.runs.borrow_mut() = vec![exception(18, 422, "odoo.exceptions.UserError", "The journal is archived.")];
    let answers = apply(&erp, &[paid("pi_1")]).unwrap();
    assert!(matches!(&answers[..], [Answer::Refused(e)] if e.detail == "The journal is archived."));
}

/// What each result of the procedure becomes; an answer is never thrown away because the text has changed.
#[test]
fn results_of_the_procedure() {
    let fake = Fake::new(18);
    let erp = erp(&fake, &Rc::new(Memory::default()));
    let keys = ["a", "b", "c", "d", "e"].map(paid);
    let results = json!([
        {"key": keys[0].key, "status": "duplicate", "model": "account.payment", "id": 3, "name": "P3", "flags": ["over"],
            "amount": "40.00", "currency": "EUR", "party": null},
        {"key": keys[1].key, "status": "gone"},
        {"key": keys[2].key, "status": "refused", "code": "currency_inactive", "detail": "activate currency GBP in Odoo"},
        {"key": keys[3].key, "status": "refused", "code": "user_error", "detail": "The journal is archived."},
    ]);
    let run = |v: i64| Ok(ok(true, json!({"v": v, "hash": "of another text", "results": results})));
    *fake.runs.borrow_mut() = vec![run(procedure::FORM), run(procedure::FORM + 1), run(procedure::FORM + 1)];
    let answers = apply(&erp, &keys).unwrap();
    let Answer::Booked(booking) = &answers[0] else { panic!("{answers:?}") };
    assert!(booking.duplicate);
    assert_eq!(booking.flags, ["over", "procedure_changed"]);
    assert_eq!(answers[1], Answer::Gone);
    assert!(matches!(&answers[2], Answer::Refused(e) if e.code == Code::CurrencyInactive));
    assert!(
        matches!(&answers[3], Answer::Refused(e) if e.code == Code::ErpRefused && e.detail.starts_with("user_error: "))
    );
    assert!(matches!(&answers[4], Answer::Retry(_)), "no result: the key will tell");
    let fault = apply(&erp, &keys).unwrap_err();
    assert!(
        matches!(fault, Fault::Connection(e) if e.code == Code::ErpProcedureChanged),
        "another form cannot be read"
    );
}

/// Refunds and credit notes have a call each; what is refused keeps its code, and what must wait is tried again.
#[test]
fn what_a_refund_waits_for_and_what_parks_it() {
    let fake = Fake::new(18);
    let erp = erp(&fake, &Rc::new(Memory::default()));
    let of = |id: &str, kind: MovementKind, end: &str| Movement {
        key: format!("stripe:acct_1:{id}:{end}"),
        kind,
        ..paid(id)
    };
    let movements = [
        of("re_1", MovementKind::Refunded, "succeeded"),
        of("re_2", MovementKind::Credited, "credit_note"),
        of("re_3", MovementKind::Credited, "credit_note"),
        of("re_4", MovementKind::Credited, "credit_note"),
    ];
    let run = |results: Value| Ok(ok(true, json!({"v": procedure::FORM, "hash": "x", "results": results})));
    let said = |at: usize, status: &str, code: &str| json!({"key": movements[at].key, "status": status, "code": code, "detail": ""});
    *fake.runs.borrow_mut() = vec![
        run(json!([said(0, "refused", "refund_receipt_unknown")])),
        run(json!([
            said(1, "retry", "refund_not_booked"),
            said(2, "refused", "refund_undone"),
            said(3, "refused", "credit_note_without_invoice")
        ])),
    ];
    let answers = apply(&erp, &movements).unwrap();
    assert!(matches!(&answers[0], Answer::Refused(e) if e.code == Code::RefundReceiptUnknown), "{answers:?}");
    assert!(matches!(&answers[1], Answer::Retry(e) if e.code == Code::RefundNotBooked), "{answers:?}");
    assert!(matches!(&answers[2], Answer::Refused(e) if e.code == Code::RefundUndone), "{answers:?}");
    assert!(matches!(&answers[3], Answer::Refused(e) if e.code == Code::CreditNoteWithoutInvoice), "{answers:?}");
}

#[test]
fn only_money_that_moved_reaches_odoo() {
    let fake = Fake::new(18);
    let erp = erp(&fake, &Rc::new(Memory::default()));
    let failed = Movement { kind: MovementKind::Failed, ..paid("pi_1") };
    let answers = apply(&erp, &[failed, paid("pi_2")]).unwrap();
    assert!(matches!(&answers[..], [Answer::Refused(_), Answer::Booked(_)]));
}

fn read(number: &str, residual: &str) -> Value {
    json!({"id": 7, "number": number, "payable": true, "token": "t0ken", "currency": "KWD", "total": "1.230",
        "residual": residual, "amounts": [{"kind": "next", "amount": "0.100", "until": "2026-12-01"},
        {"kind": "residual", "amount": residual, "until": null}], "date": "2026-11-20", "due": null,
        "company": {"id": 1, "name": "My Company"}, "payer": {"partner": 9, "commercial": 8, "name": "Kid",
        "email": null, "lang": "fr_FR", "customer": "cus_1",
        "firm": {"name": "Parent", "email": "office@example.com"}}, "payments": [41]})
}

#[test]
fn invoices_are_read_in_one_call_and_to_the_last_digit() {
    for major in [17, 18, 19] {
        let fake = Fake::new(major);
        let erp = erp(&fake, &Rc::new(Memory::default()));
        let run = |rows: Value| {
            let answer = json!({"v": procedure::FORM, "hash": procedure::READ_INVOICE.hash, "uuid": "of the database", "invoices": rows});
            Ok(ok(major != 19, answer))
        };
        *fake.runs.borrow_mut() = vec![run(json!([read("INV/1", "1.230")])), run(json!([read("INV/1", "1,230")]))];
        let invoices = block_on(erp.invoices(&[7, 8])).unwrap();
        let one = &invoices.invoices[0];
        assert_eq!((one.residual.to_string(), one.currency.code()), ("1.230".to_owned(), "KWD"));
        assert_eq!((one.token.as_ref().unwrap().reveal(), invoices.uuid.as_str()), ("t0ken", "of the database"));
        assert_eq!(one.amounts[0].until.as_deref(), Some("2026-12-01"));
        assert_eq!((one.payer.commercial, one.payer.locale.as_deref()), (8, Some("fr_FR")));
        fake.seen();
        let fault = block_on(erp.invoices(&[7])).unwrap_err();
        assert!(matches!(fault, Fault::Connection(e) if e.code == Code::ErpProtocol), "no number is guessed");
        assert_eq!(fake.seen(), ["ir.actions.server.run"]);
        assert_eq!(block_on(erp.invoices(&[])).unwrap(), Default::default());
        assert_eq!(fake.seen(), Vec::<String>::new());
    }
}

#[test]
fn an_older_installation_books_and_shows_no_page() {
    for major in [17, 18, 19] {
        let fake = Fake::new(major);
        fake.installed.set(2);
        let erp = erp(&fake, &Rc::new(Memory::default()));
        assert!(matches!(apply(&erp, &[paid("pi_1")]).unwrap()[..], [Answer::Booked(_)]));
        let fault = block_on(erp.invoices(&[7])).unwrap_err();
        assert!(matches!(fault, Fault::Connection(e) if e.code == Code::ErpProcedureMissing));
        let link = CustomerLink { partner: 8, account: "acct_1".into(), customer: "cus_1".into() };
        let fault = block_on(erp.link_customers(std::slice::from_ref(&link))).unwrap_err();
        assert!(matches!(fault, Fault::Connection(e) if e.code == Code::ErpProcedureMissing));
        fake.seen();
        assert!(matches!(apply(&erp, &[paid("pi_2")]).unwrap()[..], [Answer::Booked(_)]));
        assert_eq!(fake.seen(), ["ir.actions.server.run"], "booking pays nothing for the page");
        fake.installed.set(NAMES.len());
        let linked = json!({"v": procedure::FORM, "hash": procedure::LINK_CUSTOMER.hash, "links": [{"partner": 8, "status": "gone"}]});
        *fake.runs.borrow_mut() = vec![Ok(ok(major != 19, linked))];
        block_on(erp.link_customers(&[link])).unwrap();
    }
}

#[test]
fn a_page_never_rests_on_another_text() {
    let fake = Fake::new(18);
    let erp = erp(&fake, &Rc::new(Memory::default()));
    let run = |v: i64, hash: &str, rest: Value| {
        let mut answer = json!({"v": v, "hash": hash, "uuid": "u", "invoices": []});
        answer.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        Ok(ok(true, answer))
    };
    let ours = procedure::READ_INVOICE.hash;
    for answer in [run(procedure::FORM + 1, ours, json!({})), run(procedure::FORM, "of another text", json!({}))] {
        *fake.runs.borrow_mut() = vec![answer];
        let fault = block_on(erp.invoices(&[7])).unwrap_err();
        assert!(matches!(fault, Fault::Connection(e) if e.code == Code::ErpProcedureChanged));
    }
    let refused = json!({"links": [{"partner": 8, "status": "refused"}]});
    *fake.runs.borrow_mut() = vec![run(procedure::FORM, procedure::LINK_CUSTOMER.hash, refused)];
    let link = CustomerLink { partner: 8, account: "acct_1".into(), customer: "no id".into() };
    let fault = block_on(erp.link_customers(&[link])).unwrap_err();
    assert!(matches!(fault, Fault::Transient(e) if e.code == Code::ErpRefused));
    for (name, status, code) in [
        ("odoo.exceptions.AccessError", 403, Code::ErpRights),
        ("builtins.ValueError", 500, Code::ErpProcedureFailed),
        ("psycopg2.OperationalError", 500, Code::ErpDatabaseMissing),
    ] {
        *fake.runs.borrow_mut() = vec![exception(18, status, name, "x"), exception(18, status, name, "x")];
        let fault = block_on(erp.invoices(&[7])).unwrap_err();
        let (Fault::TimedOut(e) | Fault::Transient(e) | Fault::Connection(e)) = fault;
        assert_eq!(e.code, code, "{name}");
    }
}
