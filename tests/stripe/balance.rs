//! Balance transactions: what each settles, and what comes before it.

use quittance::error::{Code, Error};
use quittance::http::Response;
use quittance::money::Money;
use quittance::movement::{Counter, Detail, Fee, FeeKind, Movement, MovementKind, Transaction};
use quittance::stripe::balance::{
    BALANCE_TRANSACTION, Cursor, TransactionReading, list_page, read_transaction, with_documents,
};
use quittance::stripe::client::Client;
use quittance::stripe::event::Envelope;
use quittance::stripe::map::{Pointer, Scope, Target};
use serde_json::{Value, json};

use crate::script::{Script, config, run};
use crate::{ACCOUNT, CHARGE, INTENT, eur, keys, matching, object, transaction};

const REFUND: &str = "re_3Qa7Books0Refund42";
const SETTLED: i64 = 1_795_287_599;

/// The inbox row of a balance transaction.
pub fn row(id: &str) -> Envelope {
    Envelope {
        id: id.into(),
        kind: BALANCE_TRANSACTION.into(),
        account: None,
        livemode: false,
        api_version: None,
        created: SETTLED,
        object: id.into(),
        subject: INTENT.into(),
        thin: true,
    }
}

fn usd(minor: i64) -> Money {
    Money::new(minor, "USD".parse().unwrap())
}

fn ask(answers: Vec<Value>, overrides: &[(String, Counter)]) -> (Result<TransactionReading, Error>, Vec<String>) {
    ask_knowing(answers, overrides, &|_| false)
}

fn ask_knowing(
    answers: Vec<Value>,
    overrides: &[(String, Counter)],
    posted: &dyn Fn(&str) -> bool,
) -> (Result<TransactionReading, Error>, Vec<String>) {
    let id = answers[0]["id"].as_str().unwrap().to_owned();
    let (http, event, matching, config) = (Script::ok(answers), row(&id), matching(), config());
    let scope = Scope::new(&event, ACCOUNT, &matching).with_ledger(posted, 0);
    (run(read_transaction(&Client::new(&http, &config), &scope, &id, overrides)), http.lines())
}

fn found(transaction: Value) -> TransactionReading {
    ask(vec![transaction], &[]).0.unwrap()
}

/// The transaction itself, which is always the last.
fn settled(found: &TransactionReading) -> (&Movement, &Transaction) {
    let movement = found.movements.last().unwrap();
    match &movement.detail {
        Some(Detail::Transaction(detail)) => (movement, detail),
        other => panic!("{other:?}"),
    }
}

fn settles(found: &TransactionReading, document: &str) {
    assert_eq!(settled(found).1.document, Some(format!("stripe:{ACCOUNT}:{document}")));
    assert_eq!(settled(found).1.counter, Counter::Clearing);
}

fn pointer(target: Target) -> Option<Pointer> {
    Some(Pointer::to_target(target))
}

#[test]
fn a_charge_settles_its_receipt_with_every_fee_by_its_kind() {
    let (answer, lines) = ask(vec![transaction("charge")], &[]);
    assert_eq!(lines, ["GET /v1/balance_transactions/txn_3Qa7BooksNet42?expand[]=source"]);
    let found = answer.unwrap();
    assert_eq!(found.pointer, pointer(Target::PaymentIntent(INTENT.into())));
    assert_eq!(keys(&found.movements), ["txn_3Qa7BooksNet42:settled"]);
    let (movement, detail) = settled(&found);
    assert_eq!((movement.kind, movement.money, movement.occurred), (MovementKind::Settled, eur(111_048), SETTLED));
    assert_eq!((movement.payment.as_str(), movement.charge.as_deref()), (INTENT, Some(CHARGE)));
    let fee = |kind, what: &str, minor| Fee { kind, what: what.into(), money: eur(minor) };
    assert_eq!(
        *detail,
        Transaction {
            id: "txn_3Qa7BooksNet42".into(),
            kind: "charge".into(),
            category: "charge".into(),
            counter: Counter::Clearing,
            gross: eur(115_000),
            net: eur(111_048),
            fees: vec![
                fee(FeeKind::Stripe, "stripe_fee: Stripe processing fees", 2_355),
                fee(FeeKind::Tax, "tax: VAT", 447),
                fee(FeeKind::Application, "application_fee: Application fee", 1_150),
            ],
            presented: None,
            rate: None,
            document: Some(format!("stripe:{ACCOUNT}:{INTENT}:succeeded")),
            source: Some(CHARGE.into()),
            available: SETTLED + 7 * 86_400,
            description: Some("Invoice INV/2026/00042".into()),
            payout: None,
        }
    );
}

/// What is expected of each type stands beside Stripe's list.
#[test]
fn fee_types_have_their_kinds_and_new_ones_are_unknown() {
    let page: serde_json::Value =
        serde_json::from_str(include_str!("../fixtures/stripe/balance_transactions_expected.json")).unwrap();
    let listed: Vec<(String, serde_json::Value)> =
        page["fees"].as_object().unwrap().iter().map(|(name, kind)| (name.clone(), kind.clone())).collect();
    assert_eq!(listed.len(), 6);
    for (name, kind) in listed.into_iter().chain([("a_fee_of_2031".to_owned(), json!("unknown"))]) {
        let mut charge = transaction("charge");
        charge["fee_details"][2]["type"] = json!(name);
        charge["fee_details"][2]["description"] = json!(null);
        let found = found(charge);
        let fee = settled(&found).1.fees[2].clone();
        assert_eq!((json!(fee.kind), fee.what), (kind, name));
    }
}

/// Clearing holds what the payer paid, in the payer's currency.
#[test]
fn an_exchanged_charge_says_what_was_paid_and_at_what_rate() {
    let found = found(transaction("charge_exchanged"));
    let (movement, detail) = settled(&found);
    assert_eq!((movement.money, detail.gross), (usd(128_300), usd(133_538)));
    assert_eq!((detail.presented, detail.rate.as_deref()), (Some(eur(115_000)), Some("1.1612")));
}

/// Older API versions enter the whole authorization and let the rest go; together they are the receipt.
#[test]
fn a_release_is_netted_against_its_charge() {
    let (whole, rest) =
        (found(transaction("charge_whole_authorization")), found(transaction("partial_capture_reversal")));
    for found in [&whole, &rest] {
        settles(found, &format!("{INTENT}:succeeded"));
        assert_eq!(found.pointer, pointer(Target::PaymentIntent(INTENT.into())));
        assert_eq!(found.movements.len(), 1);
    }
    assert_eq!(settled(&whole).1.presented, Some(eur(115_000)));
    assert_eq!(settled(&rest).1.presented, Some(eur(-25_000)));
    // Newer ones enter what was captured.
    let mut captured = transaction("charge_whole_authorization");
    captured["amount"] = json!(104_508);
    captured["net"] = json!(100_605);
    assert_eq!(settled(&found(captured)).1.presented, Some(eur(90_000)));
}

#[test]
fn a_refund_settles_its_cash_and_a_failed_one_its_return() {
    let back = found(transaction("refund"));
    settles(&back, &format!("{REFUND}:succeeded"));
    assert_eq!(back.pointer, pointer(Target::Refund(REFUND.into())));
    assert_eq!((settled(&back).0.payment.as_str(), settled(&back).1.gross), (INTENT, eur(-30_000)));
    let exchanged = found(transaction("refund_exchanged"));
    assert_eq!(settled(&exchanged).1.presented, Some(eur(-30_000)));
    let again = found(transaction("refund_failure"));
    settles(&again, &format!("{REFUND}:failed"));
    assert_eq!((again.pointer, again.movements[0].money), (pointer(Target::Refund(REFUND.into())), eur(30_000)));
}

/// The failed charge as it is fetched for its failure.
fn bounced() -> Value {
    let mut charge = object("charge.failed_late");
    let mut taken = transaction("payment_failure_refund");
    taken["source"] = charge["id"].clone();
    charge["failure_balance_transaction"] = taken;
    charge
}

#[test]
fn a_late_failure_settles_its_reversal() {
    let payment = "pi_3Qa7Books0Invoice44";
    let receipt = format!("stripe:{ACCOUNT}:{payment}:succeeded");
    let answers = || vec![transaction("payment_failure_refund"), bounced()];
    let (answer, lines) = ask_knowing(answers(), &[], &|key| key == receipt);
    assert_eq!(lines.len(), 2);
    let found = answer.unwrap();
    settles(&found, &format!("{payment}:reversed"));
    assert_eq!(keys(&found.movements), [format!("{payment}:reversed"), "txn_1Qa7BooksBounce42:settled".to_owned()]);
    assert_eq!((settled(&found).0.money, &found.waits), (eur(-80_750), &None));

    // Nobody knows of a receipt: it waits for one, and when none comes, it came and went.
    let found = ask(answers(), &[]).0.unwrap();
    settles(&found, &format!("{payment}:succeeded"));
    assert_eq!((found.waits.as_deref(), found.movements.len()), (Some(payment), 1));
    let never = vec![transaction("payment_failure_refund"), {
        let mut never = bounced();
        never["captured"] = json!(false);
        never
    }];
    let found = ask(never, &[]).0.unwrap();
    settles(&found, &format!("{payment}:succeeded"));
    assert_eq!((found.pointer.as_ref(), found.waits.as_ref(), found.movements.len()), (None, None, 1));
}

/// Older records name a refund in place of the charge.
#[test]
fn a_failure_by_way_of_a_refund_finds_its_charge() {
    let mut taken = transaction("payment_failure_refund");
    taken["source"] = json!({"id": "pyr_1", "object": "refund", "charge": "py_3Qa7Books0Debit042", "amount": 80_000});
    let (answer, lines) = ask_knowing(vec![taken, bounced()], &[], &|_| true);
    settles(&answer.unwrap(), "pi_3Qa7Books0Invoice44:reversed");
    assert!(lines[1].starts_with("GET /v1/charges/py_3Qa7Books0Debit042?"));
}

#[test]
fn disputed_money_is_withdrawn_and_reinstated_each_by_its_transaction() {
    let taken = found(transaction("dispute_withdrawn"));
    settles(&taken, "txn_1Qa7BooksTaken42:withdrawn");
    let (opened, took) = ("du_1Qa7BooksDispute42:opened", "txn_1Qa7BooksTaken42:withdrawn");
    assert_eq!(keys(&taken.movements), [opened, took, "txn_1Qa7BooksTaken42:settled"]);
    assert_eq!((taken.movements[1].kind, taken.movements[1].money), (MovementKind::DisputeWithdrawn, eur(115_000)));
    assert_eq!((settled(&taken).0.money, settled(&taken).1.gross), (eur(-117_000), eur(-115_000)));
    assert!(matches!(&taken.movements[1].detail, Some(Detail::Dispute(d)) if d.receipt.ends_with(":succeeded")));

    // What is given back was taken first.
    let given = found(transaction("dispute_reinstated"));
    settles(&given, "txn_1Qa7BooksGiven42:reinstated");
    assert_eq!(
        keys(&given.movements),
        [opened, took, "txn_1Qa7BooksGiven42:reinstated", "txn_1Qa7BooksGiven42:settled"]
    );
    assert_eq!(given.movements[2].money, eur(115_000));

    // Not what was taken once more afterwards.
    let mut given = transaction("dispute_reinstated");
    let mut later = given["source"]["balance_transactions"][0].clone();
    later["id"] = json!("txn_later");
    later["created"] = json!(given["created"].as_i64().unwrap() + 86_400);
    given["source"]["balance_transactions"].as_array_mut().unwrap().push(later);
    assert_eq!(keys(&found(given).movements)[1..3], [took, "txn_1Qa7BooksGiven42:reinstated"]);
}

#[test]
fn a_payout_and_its_failure_stand_in_transit() {
    for (name, net) in [("payout", -82_645), ("payout_failure", 82_645)] {
        let found = found(transaction(name));
        let (movement, detail) = settled(&found);
        assert_eq!((movement.money, detail.counter), (eur(net), Counter::Transit));
        assert_eq!((movement.payment.as_str(), &detail.document), ("po_1Qa7BooksPayout47", &None));
        let payout = detail.payout.as_ref().unwrap();
        assert_eq!(payout.settled, format!("stripe:{ACCOUNT}:txn_1Qa7BooksOut47:settled"));
        assert_eq!(payout.descriptor.as_deref(), Some("QUITTANCE 47"));
    }
}

#[test]
fn what_has_no_document_stands_on_the_account_of_the_table() {
    let fees: Vec<(String, Counter)> = vec![("lunar_dividend".into(), Counter::Fees)];
    for (name, overrides, counter) in [
        ("stripe_fee", &[][..], Counter::Fees),
        ("reserve_hold", &[], Counter::Reserves),
        ("unknown", &[], Counter::Suspense),
        ("unknown", &fees, Counter::Fees),
    ] {
        let found = ask(vec![transaction(name)], overrides).0.unwrap();
        assert_eq!(
            (settled(&found).1.counter, found.movements.len(), found.pointer.clone()),
            (counter, 1, None),
            "{name}"
        );
        assert_eq!(settled(&found).1.document, None);
    }
    assert_eq!(settled(&found(transaction("stripe_fee"))).0.payment, "txn_1Qa7BooksFee50");
    assert_eq!(settled(&found(transaction("unknown"))).0.payment, "lun_1Qa7Books", "not even its source is known");
}

/// A document that nobody knows is no reason to leave money out.
#[test]
fn a_transaction_without_the_source_it_should_have_is_suspense() {
    for name in ["charge", "refund", "refund_failure", "payment_failure_refund", "dispute_withdrawn"] {
        for source in [json!(null), json!("xx_1"), json!({"id": "tr_1", "object": "transfer", "amount": 5})] {
            let mut lost = transaction(name);
            lost["source"] = source.clone();
            let found = found(lost);
            assert_eq!(settled(&found).1.counter, Counter::Suspense, "{name} {source}");
            assert_eq!((found.movements.len(), &settled(&found).1.document), (1, &None), "{name} {source}");
        }
    }
    let mut nobodys = transaction("refund");
    nobodys["source"]["payment_intent"] = json!(null);
    nobodys["source"]["charge"] = json!(null);
    assert_eq!(settled(&found(nobodys)).1.counter, Counter::Suspense);
}

/// The books follow the payments balance; issuing and risk reserves are balances of their own.
#[test]
fn a_transaction_of_another_balance_moves_nothing() {
    for (balance, movements) in [("payments", 1), ("issuing", 0), ("risk_reserved", 0), ("a_balance_of_2031", 0)] {
        let mut held = transaction("reserve_hold");
        held["balance_type"] = json!(balance);
        assert_eq!(found(held).movements.len(), movements, "{balance}");
    }
    let mut older = transaction("reserve_hold");
    older.as_object_mut().unwrap().remove("balance_type");
    assert_eq!(found(older).movements.len(), 1);
}

#[test]
fn amounts_that_do_not_add_up_are_refused() {
    let spoiled = |name: &str, pointer: &str, value: Value| {
        let mut spoiled = transaction(name);
        *spoiled.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        spoiled
    };
    for (name, pointer, value) in [
        ("charge", "/net", json!(111_049)),
        ("charge", "/fee", json!(3_951)),
        ("charge", "/amount", json!(115_001)),
        ("charge", "/fee_details/1/amount", json!(446)),
        ("charge", "/fee_details/1/currency", json!("usd")),
        ("charge", "/fee_details", json!([])),
    ] {
        let error = ask(vec![spoiled(name, pointer, value.clone())], &[]).0.unwrap_err();
        assert_eq!(error.code, Code::EventUnreadable, "{name} {pointer} {value}");
        assert!(error.detail.contains("txn_"), "{}", error.detail);
    }
}

/// What cannot be presented exactly is on the balance all the same: its whole stands on suspense, flagged, and no document is taken
/// for settled by it.
#[test]
fn what_is_not_of_the_size_of_its_source_is_suspense() {
    let mut cases = vec![];
    for (name, pointer, value) in [
        ("charge_exchanged", "/exchange_rate", json!(1.1712)),
        ("charge_exchanged", "/exchange_rate", json!("x")),
        ("charge_exchanged", "/source/amount_captured", json!(90_000)),
        ("charge_exchanged", "/source/amount", json!(90_000)),
        ("refund", "/source/amount", json!(30_001)),
        ("refund_exchanged", "/source/amount", json!(31_000)),
        ("refund_failure", "/source/amount", json!(29_999)),
        ("charge_exchanged", "/exchange_rate", json!(null)),
        ("charge_exchanged", "/source/balance_transaction", json!("txn_another")),
        ("charge", "/source/balance_transaction", json!("txn_another")),
        ("charge", "/source/currency", json!("usd")),
        ("refund_exchanged", "/exchange_rate", json!(null)),
        ("refund", "/source/balance_transaction", json!("txn_another")),
        ("refund_failure", "/source/failure_balance_transaction", json!("txn_another")),
        ("payout", "/source/amount", json!(82_644)),
        ("payout", "/source/balance_transaction", json!("txn_another")),
        ("payout_failure", "/source/amount", json!(82_644)),
    ] {
        let mut answer = transaction(name);
        // One of the two amounts of an exchanged charge is enough, so both are spoiled.
        if pointer.starts_with("/source/amount") && name == "charge_exchanged" {
            answer["source"]["amount"] = value.clone();
            answer["source"]["amount_captured"] = value.clone();
        }
        let (parent, last) = pointer.rsplit_once('/').unwrap();
        answer.pointer_mut(parent).unwrap()[last] = value.clone();
        cases.push((format!("{name} {pointer} {value}"), answer));
    }
    for (case, answer) in cases {
        let found = found(answer.clone());
        let (movement, detail) = settled(&found);
        assert_eq!((detail.counter, &detail.document, &detail.presented), (Counter::Suspense, &None, &None), "{case}");
        assert_eq!(movement.flags, ["not_presented"], "{case}");
        assert_eq!(movement.money.minor, answer["net"].as_i64().unwrap(), "{case}");
        assert_eq!(detail.payout, None, "{case}");
    }
    // A part in the currency of the balance is as good as the whole, also beside others.
    let mut part = transaction("charge");
    for (name, minor) in [("amount", 40_000), ("net", 40_000), ("fee", 0)] {
        part[name] = json!(minor);
    }
    part["fee_details"] = json!([]);
    part["source"]["balance_transaction"] = json!("txn_another");
    settles(&found(part), &format!("{INTENT}:succeeded"));
}

/// A movement whose events never came is booked whole.
#[test]
fn the_documents_come_before_what_settles_them() {
    let whole_of = |answers: Vec<Value>| {
        let id = answers[0]["id"].as_str().unwrap().to_owned();
        let (http, event, matching, config) = (Script::ok(answers), row(&id), matching(), config());
        let scope = Scope::new(&event, ACCOUNT, &matching);
        let client = Client::new(&http, &config);
        let found = run(read_transaction(&client, &scope, &id, &[])).unwrap();
        let movements = run(with_documents(&client, &scope, found)).unwrap();
        assert!(http.used_up());
        keys(&movements).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let charge = whole_of(vec![transaction("charge"), object("payment_intent.succeeded")]);
    assert_eq!(charge, [format!("{INTENT}:succeeded"), "txn_3Qa7BooksNet42:settled".into()]);
    let mut refund = object("refund.created");
    refund["charge"] = object("charge.updated");
    let refund = whole_of(vec![transaction("refund"), refund]);
    let expected = ["succeeded", "credit_note"].map(|step| format!("{REFUND}:{step}"));
    assert_eq!(refund, [expected.as_slice(), &["txn_3Qa7BooksBack42:settled".to_owned()]].concat());
    // A debit under way stands on the balance before it is a receipt.
    let early = whole_of(vec![transaction("charge"), object("payment_intent.processing")]);
    assert_eq!(early, ["txn_3Qa7BooksNet42:settled"]);
    let payout = whole_of(vec![transaction("payout")]);
    assert_eq!(payout, ["txn_1Qa7BooksOut47:settled"]);
}

#[test]
fn the_list_of_all_is_read_to_its_end_with_what_each_belongs_to() {
    let listed = |names: &[&str], has_more: bool| {
        let rows: Vec<Value> = names.iter().map(|name| transaction(name)).collect();
        json!({"object": "list", "data": rows, "has_more": has_more, "url": "/v1/balance_transactions"})
    };
    let mut fx_fee = transaction("stripe_fee");
    fx_fee["id"] = json!("txn_fx");
    fx_fee["source"] = object("charge.succeeded_without_intent");
    let mut last = listed(&["stripe_fee", "unknown", "dispute_withdrawn"], false);
    last["data"].as_array_mut().unwrap().push(fx_fee);
    let http = Script::ok([listed(&["payout", "refund", "charge"], true), last, listed(&[], false)]);
    let config = config();
    let client = Client::new(&http, &config);
    let (mut cursor, mut found) = (Some(Cursor::since(1_795_000_000)), Vec::new());
    while let Some(at) = cursor {
        // A cursor is stored between calls.
        let at = serde_json::from_str(&serde_json::to_string(&at).unwrap()).unwrap();
        let page = run(list_page(&client, at)).unwrap();
        found.extend(page.listed);
        cursor = page.next;
    }
    let found: Vec<_> = found.iter().map(|row| (row.id.as_str(), row.subject.as_str())).collect();
    assert_eq!(
        found,
        [
            ("txn_1Qa7BooksOut47", "po_1Qa7BooksPayout47"),
            ("txn_3Qa7BooksBack42", INTENT),
            ("txn_3Qa7BooksNet42", INTENT),
            ("txn_1Qa7BooksFee50", "txn_1Qa7BooksFee50"),
            ("txn_1Qa7BooksNew52", "lun_1Qa7Books"),
            ("txn_1Qa7BooksTaken42", INTENT),
            ("txn_fx", "ch_1Qa7BooksAlone"),
        ]
    );
    let page = |after: &str| {
        format!("GET /v1/balance_transactions?created[gte]=1795000000{after}&limit=100&expand[]=data.source")
    };
    assert_eq!(http.lines(), [page(""), page("&starting_after=txn_3Qa7BooksNet42")]);
    assert!(!http.used_up(), "the end is the end");
}

/// A key that may not read what caused a transaction: its type says where it stands, unless that takes a document.
#[test]
fn a_source_that_is_hidden_stops_nobody() {
    let refused = || {
        let rights = "The provided key does not have the required permissions for this endpoint. Having the 'rak_topup_read' permission would allow this request to continue.";
        Ok(Response::json(403, &json!({"error": {"type": "invalid_request_error", "message": rights}})))
    };
    let bare = |kind: &str, source: &str| {
        let mut txn = transaction("charge");
        txn["type"] = json!(kind);
        txn["reporting_category"] = json!(kind);
        txn["source"] = json!(source);
        txn
    };
    let ask = |txn: Value| {
        let id = txn["id"].as_str().unwrap().to_owned();
        let http = Script::of([refused(), Ok(Response::json(200, &txn))]);
        let (event, matching, config) = (row(&id), matching(), config());
        let scope = Scope::new(&event, ACCOUNT, &matching);
        (run(read_transaction(&Client::new(&http, &config), &scope, &id, &[])), http.lines())
    };
    let (found, asked) = ask(bare("topup", "tu_1"));
    let found = found.unwrap();
    assert_eq!(settled(&found).1.counter, Counter::Transit);
    assert!(asked[0].ends_with("?expand[]=source") && !asked[1].contains("expand"), "{asked:?}");
    let (found, _) = ask(bare("charge", CHARGE));
    assert_eq!(found.map_err(|error| error.code), Err(Code::StripeAuth), "in suspense it would never meet its receipt");
}
