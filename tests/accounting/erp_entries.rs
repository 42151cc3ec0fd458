//! Balance transactions and disputes as they are put to Odoo, and what the Worker makes of the answers.

use quittance::config::{CreditNote, DisputeLost, Fees, Matching, Odoo, Secret};
use quittance::erp::Answer;
use quittance::erp::odoo::answer::answers;
use quittance::erp::odoo::procedure::{FORM, RECORD_ENTRY};
use quittance::erp::odoo::procedure_input;
use quittance::error::Code;
use quittance::money::Money;
use quittance::movement::{
    Counter, Detail, Dispute, DisputeMove, Fee, FeeKind, Movement, MovementKind, Payout, Reference, Transaction,
};
use serde_json::{Value, json};

fn odoo(fees: Fees, dispute_lost: DisputeLost) -> Odoo {
    Odoo {
        url: "http://127.0.0.1".into(),
        db: "books".into(),
        login: "clerk".into(),
        api_key: Secret::new("k"),
        company: Some(3),
        companies: vec![],
        note: true,
        transaction: false,
        fees,
        dispute_lost,
        credit_note: CreditNote::default(),
    }
}

fn said(event: &Movement, odoo: &Odoo) -> Value {
    let matching =
        Matching { metadata: vec![], tolerance: "0".into(), former_databases: vec![], ignored_databases: vec![] };
    procedure_input(event, odoo, &matching)
}

fn money(minor: i64, currency: &str) -> Money {
    Money::new(minor, currency.parse().unwrap())
}

fn event(kind: MovementKind, object: &str, money: Money, detail: Detail) -> Movement {
    Movement {
        key: format!("stripe:acct_1:{object}:{}", kind.transition()),
        kind,
        account: "acct_1".into(),
        livemode: false,
        payment: "pi_1".into(),
        charge: None,
        method: None,
        money,
        occurred: 1_795_296_599,
        customer: None,
        reason: None,
        reference: Reference::default(),
        flags: vec![],
        detail: Some(detail),
    }
}

fn transaction(kind: &str, counter: Counter, gross: Money, net: Money, fees: Vec<Fee>) -> Transaction {
    Transaction {
        id: "txn_1".into(),
        kind: kind.into(),
        category: kind.into(),
        counter,
        gross,
        net,
        fees,
        presented: None,
        rate: None,
        document: Some("stripe:acct_1:pi_1:succeeded".into()),
        source: Some("ch_1".into()),
        available: 0,
        description: None,
        payout: None,
    }
}

fn fee(kind: FeeKind, minor: i64) -> Fee {
    Fee { kind, what: "a fee".into(), money: money(minor, "USD") }
}

fn settled(transaction: Transaction, fees: Fees) -> Value {
    let net = transaction.net;
    let event = event(MovementKind::Settled, "txn_1", net, Detail::Transaction(Box::new(transaction)));
    said(&event, &odoo(fees, DisputeLost::default()))
}

/// Whose books they are is compared with the mode, so that each document says it, of either mode.
#[test]
fn every_document_says_its_mode() {
    let entry = transaction("charge", Counter::Clearing, money(1_000, "USD"), money(970, "USD"), vec![]);
    let entry = event(MovementKind::Settled, "txn_1", money(970, "USD"), Detail::Transaction(Box::new(entry)));
    let receipt = Movement { kind: MovementKind::Paid, detail: None, ..entry.clone() };
    for event in [entry, receipt] {
        for livemode in [true, false] {
            let said = said(&Movement { livemode, ..event.clone() }, &odoo(Fees::Expense, DisputeLost::default()));
            assert_eq!(said["livemode"], livemode, "{:?}", event.kind);
        }
    }
}

/// Role, amount and currency of each line.
fn lines(said: &Value) -> Vec<String> {
    let one = |line: &Value| format!("{} {} {}", line["role"], line["amount"], line["currency"]).replace('"', "");
    said["lines"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn a_charge_with_every_kind_of_fee() {
    let all = [
        (FeeKind::Stripe, 300),
        (FeeKind::Tax, 57),
        (FeeKind::Application, 100),
        (FeeKind::Withheld, 40),
        (FeeKind::Unknown, 3),
    ];
    let kept: Vec<Fee> = all.into_iter().map(|(kind, minor)| fee(kind, minor)).collect();
    let of = || transaction("charge", Counter::Clearing, money(10_000, "USD"), money(9_500, "USD"), kept.clone());
    let expense = settled(of(), Fees::Expense);
    assert_eq!(
        lines(&expense),
        [
            "balance 95.00 USD",
            "fees 3.00 USD",
            "fees 0.57 USD",
            "fees 1.00 USD",
            "withheld 0.40 USD",
            "suspense 0.03 USD",
            "clearing -100.00 USD"
        ]
    );
    let marks: Vec<(&Value, &Value, &Value)> =
        expense["lines"].as_array().unwrap()[1..4].iter().map(|l| (&l["taxed"], &l["tax"], &l["partner"])).collect();
    let (yes, none) = (json!(true), Value::Null);
    let (stripe, platform) = (json!("stripe"), json!("platform"));
    assert_eq!(marks, [(&yes, &none, &stripe), (&none, &yes, &stripe), (&none, &none, &platform)]);
    assert_eq!(
        lines(&settled(of(), Fees::Supplier))[1..4],
        ["payable 3.00 USD", "payable 0.57 USD", "fees 1.00 USD"],
        "the platform is another supplier"
    );
    assert_eq!((&expense["at"], &expense["company"]), (&json!("2026-11-21 21:29:59"), &json!(3)));
    assert_eq!((&expense["ref"], &expense["rest"]), (&json!("txn_1 charge ch_1"), &json!("clearing")));
    assert_eq!(expense["document"], "stripe:acct_1:pi_1:succeeded");
}

#[test]
fn clearing_has_what_the_payer_saw() {
    let mut exchanged = transaction(
        "charge",
        Counter::Clearing,
        money(10_137, "USD"),
        money(9_813, "USD"),
        vec![fee(FeeKind::Stripe, 324)],
    );
    exchanged.presented = Some(money(8_000, "EUR"));
    assert_eq!(
        lines(&settled(exchanged.clone(), Fees::Expense)),
        ["balance 98.13 USD", "fees 3.24 USD", "clearing -80.00 EUR"]
    );
    exchanged.counter = Counter::Suspense;
    assert_eq!(lines(&settled(exchanged, Fees::Expense))[2], "suspense -101.37 USD", "of no document");
}

#[test]
fn charges_that_stand_alone_and_nothing() {
    let alone = || transaction("stripe_fee", Counter::Fees, money(-250, "USD"), money(-250, "USD"), vec![]);
    let expense = settled(alone(), Fees::Expense);
    assert_eq!(lines(&expense), ["balance -2.50 USD", "fees 2.50 USD"]);
    assert_eq!(expense["lines"][1]["taxed"], true);
    assert_eq!(lines(&settled(alone(), Fees::Supplier))[1], "payable 2.50 USD");
    let back =
        transaction("refund", Counter::Clearing, money(0, "USD"), money(30, "USD"), vec![fee(FeeKind::Stripe, -30)]);
    assert_eq!(lines(&settled(back, Fees::Expense)), ["balance 0.30 USD", "fees -0.30 USD"]);
    let nothing = transaction("adjustment", Counter::Suspense, money(0, "USD"), money(0, "USD"), vec![]);
    assert_eq!(lines(&settled(nothing, Fees::Expense)), ["balance 0.00 USD"], "every balance transaction is one entry");
}

fn payout(itemised: bool) -> Payout {
    Payout {
        id: "po_1".into(),
        itemised,
        settled: "stripe:acct_1:txn_1:settled".into(),
        arrival: 1_795_478_400,
        descriptor: Some("SHOP".into()),
        trace: Some("T1".into()),
        parts: 12,
    }
}

#[test]
fn a_payout_says_what_a_bank_line_may_show() {
    let mut out = transaction("payout", Counter::Transit, money(-5_000, "EUR"), money(-5_000, "EUR"), vec![]);
    out.source = Some("po_1".into());
    out.document = None;
    out.payout = Some(payout(true));
    let mut back = out.clone();
    let said = settled(out, Fees::Expense);
    assert_eq!(said["document"], Value::Null);
    back.payout = Some(Payout { settled: "stripe:acct_1:txn_0:settled".into(), ..payout(true) });
    assert_eq!(
        settled(back, Fees::Expense)["document"],
        "stripe:acct_1:txn_0:settled",
        "a payout that failed meets it"
    );
    assert_eq!(lines(&said), ["balance -50.00 EUR", "transit 50.00 EUR"]);
    assert_eq!((&said["currency"], &said["rest"]), (&json!("EUR"), &json!("transit")));
    assert_eq!(said["lines"][1]["label"], "Stripe payout po_1 SHOP trace T1 arrives 2026-11-24");
}

#[test]
fn what_a_payout_is_made_of_is_a_note_on_its_entry() {
    for (itemised, text) in [
        (true, "Stripe payout po_1: made of 12 balance transactions"),
        (false, "Stripe payout po_1: not itemised by Stripe"),
    ] {
        let event =
            event(MovementKind::PayoutReconciled, "po_1", money(5_000, "EUR"), Detail::Payout(payout(itemised)));
        let said = said(&event, &odoo(Fees::default(), DisputeLost::default()));
        assert_eq!((&said["receipt"], &said["lines"]), (&json!("stripe:acct_1:txn_1:settled"), &Value::Null));
        assert_eq!(said["say"], json!({"text": text, "on": "entry"}));
    }
}

/// A dispute of this status, of which so much was moved.
fn dispute(kind: MovementKind, status: &str, moved: &[i64], lost: DisputeLost) -> Value {
    let moves = moved.iter().map(|minor| DisputeMove {
        transaction: "txn_9".into(),
        money: money(*minor, "EUR"),
        earlier: false,
    });
    let about = Dispute {
        id: "du_1".into(),
        receipt: "stripe:acct_1:pi_1:succeeded".into(),
        status: status.into(),
        inquiry: status.starts_with("warning_"),
        due_by: Some(1_796_428_799),
        moved: moves.collect(),
    };
    let object =
        if matches!(kind, MovementKind::DisputeWithdrawn | MovementKind::DisputeReinstated) { "txn_9" } else { "du_1" };
    said(&event(kind, object, money(8_000, "EUR"), Detail::Dispute(about)), &odoo(Fees::default(), lost))
}

#[test]
fn the_life_of_a_dispute() {
    let open = |kind, status: &str| dispute(kind, status, &[-8_000], DisputeLost::Receivable);
    let opened = open(MovementKind::DisputeOpened, "needs_response");
    assert_eq!(opened["lines"], Value::Null);
    let todo = json!({"summary": "Answer dispute du_1 at Stripe", "deadline": "2026-12-04 23:59:59"});
    assert_eq!((&opened["say"]["activity"], &opened["say"]["on"]), (&todo, &json!("invoices")));
    let inquiry = open(MovementKind::DisputeOpened, "warning_needs_response");
    assert!(inquiry["say"]["text"].as_str().unwrap().contains("inquiry du_1"));
    let withdrawn = open(MovementKind::DisputeWithdrawn, "needs_response");
    assert_eq!(lines(&withdrawn), ["disputed 80.00 EUR", "clearing -80.00 EUR"]);
    assert_eq!(withdrawn["dispute"], "stripe:acct_1:du_1", "of all its entries");
    let reinstated = open(MovementKind::DisputeReinstated, "under_review");
    assert_eq!(lines(&reinstated), ["disputed -80.00 EUR", "clearing 80.00 EUR"]);
    assert_eq!(open(MovementKind::DisputeWon, "won")["say"]["done"], "du_1");
    for kind in [MovementKind::DisputeOpened, MovementKind::DisputeWithdrawn, MovementKind::DisputeReinstated] {
        assert_eq!(open(kind, "appeal_under_review")["close"], Value::Null, "{kind:?}: nothing is closed");
    }
}

/// What is left is the books' to say, not the movement's: whatever comes, before the closing or after it.
#[test]
fn a_closed_dispute_is_closed_with_every_movement() {
    let (owed, off) = (DisputeLost::Receivable, DisputeLost::WriteOff);
    for kind in [
        MovementKind::DisputeWithdrawn,
        MovementKind::DisputeReinstated,
        MovementKind::DisputeWon,
        MovementKind::DisputeLost,
    ] {
        for (status, moved, all) in [
            ("lost", &[-8_000][..], true),
            ("lost", &[-8_000, 3_000], true),
            ("lost", &[], true),
            ("won", &[-8_000], false),
            ("won", &[-8_000, 8_000], true),
            ("won", &[-8_000, 3_000], true),
            ("won", &[-8_000, 8_000, -8_000], false),
            ("warning_closed", &[], true),
        ] {
            let said = dispute(kind, status, moved, owed);
            let label = "Stripe dispute du_1 of pi_1";
            let after: Vec<&str> =
                moved.iter().map(|minor| if *minor < 0 { "withdrawn" } else { "reinstated" }).collect();
            let after: Vec<String> = after.iter().map(|what| format!("stripe:acct_1:txn_9:{what}")).collect();
            let close = json!({"all": all, "role": "receivable", "draft": false, "split": false, "label": label,
                "after": after});
            assert_eq!(said["close"], close, "{kind:?} {status} {moved:?}");
            let said = dispute(kind, status, moved, off);
            let close =
                json!({"all": all, "role": "losses", "draft": true, "split": true, "label": label, "after": after});
            assert_eq!(said["close"], close, "{kind:?} {status} {moved:?}");
        }
    }
    let off = dispute(MovementKind::DisputeLost, "lost", &[-8_000], off);
    assert_eq!((&off["lines"], &off["say"]["activity"]["deadline"]), (&Value::Null, &Value::Null));
}

/// What the procedure answers about one movement, read.
fn read(result: Value) -> Answer {
    let event = event(MovementKind::PayoutReconciled, "po_1", money(1, "EUR"), Detail::Payout(payout(true)));
    let mut result = result;
    result["key"] = json!(event.key);
    let value = json!({"v": FORM, "hash": RECORD_ENTRY.hash, "results": [result]});
    answers(value, &RECORD_ENTRY, &[event], &[json!({})]).unwrap().0.remove(0)
}

#[test]
fn what_the_books_lack_is_tried_again() {
    for code in [Code::SettlementCurrencyMissing, Code::AccountMissing, Code::EntryMissing] {
        let answer = read(json!({"status": "retry", "code": code.name(), "detail": "company 1 has no account for it"}));
        assert!(matches!(answer, Answer::Retry(e) if e.code == code && e.detail.contains("company 1")), "{code:?}");
    }
}

#[test]
fn what_entries_are_refused_for() {
    for code in [Code::ReceiptMissing, Code::EntryUnbalanced] {
        let answer = read(json!({"status": "refused", "code": code.name(), "detail": "why"}));
        assert!(matches!(answer, Answer::Refused(e) if e.code == code), "{code:?}");
    }
}
