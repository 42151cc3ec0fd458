//! Payouts: what their events say, and what they are made of.

use quittance::error::{Code, Error};
use quittance::movement::{Detail, Movement, MovementKind, Payout};
use quittance::stripe::client::Client;
use quittance::stripe::fetch::resolve;
use quittance::stripe::map::{Pointer, Reading, Scope, Target};
use quittance::stripe::payouts::{Part, PartsCursor, Role};
use serde_json::{Value, json};

use crate::script::{Script, config, run};
use crate::{ACCOUNT, envelope, eur, fixture, keys, matching, movements, object, reading};

const PAYOUT: &str = "po_1Qa7BooksPayout47";
const TOLD: Reading = Reading::Ignore("told_by_transaction");

/// 84,645 of a charge, 2,000 held back; the payout takes the rest.
fn rows() -> Vec<Value> {
    [
        ("txn_own", "payout", -82_645, PAYOUT),
        ("txn_hold", "payout_minimum_balance_hold", -2_000, PAYOUT),
        ("txn_back", "payout_failure", 40_000, "po_before"),
        ("txn_sale", "charge", 44_645, "ch_1"),
    ]
    .map(|(id, kind, net, source)| {
        json!({"id": id, "object": "balance_transaction", "type": kind, "net": net, "amount": net, "fee": 0,
            "source": source})
    })
    .to_vec()
}

fn listed(rows: &[Value], has_more: bool) -> Value {
    json!({"object": "list", "data": rows, "has_more": has_more, "url": "/v1/balance_transactions"})
}

/// All parts of the payout and its movement.
fn parts(client: &Client<'_>, scope: &Scope<'_>) -> Result<(Movement, Vec<Part>), Error> {
    let (mut walk, mut parts) = (PartsCursor::start(PAYOUT), Vec::new());
    while !walk.is_complete() {
        parts.extend(run(walk.step(client))?);
    }
    Ok((run(walk.reconciliation(client, scope))?, parts))
}

fn itemised() -> Value {
    object("payout.reconciliation_completed")
}

#[test]
fn events_of_a_payout_book_nothing_of_their_own() {
    for name in ["payout.created", "payout.paid", "payout.failed", "topup.succeeded"] {
        assert_eq!(reading(&fixture(name)), TOLD, "{name}");
    }
    let mut thin = fixture("thin.payment_intent.succeeded");
    thin["type"] = json!("v1.payout.failed");
    thin["related_object"]["id"] = json!(PAYOUT);
    let pointer = Pointer::to_target(Target::Payout(PAYOUT.into()));
    assert_eq!(reading(&thin), Reading::Pointer(pointer.clone()));
    let (http, event, matching, config) =
        (Script::ok([object("payout.failed")]), envelope(&thin), matching(), config());
    let scope = Scope::new(&event, ACCOUNT, &matching);
    let resolved = run(resolve(&Client::new(&http, &config), &scope, pointer)).unwrap();
    assert_eq!((resolved.reading, http.lines()), (TOLD, vec![format!("GET /v1/payouts/{PAYOUT}")]));
    assert_eq!(resolved.transactions, ["txn_1Qa7BooksOut47", "txn_1Qa7BooksHome47"]);
}

/// Stripe cannot say what a manual or instant payout is made of, and the books say so.
#[test]
fn a_manual_payout_is_not_itemised() {
    let movements = movements(reading(&fixture("payout.paid_manual")));
    assert_eq!(keys(&movements), ["po_1Qa7BooksManual48:reconciled"]);
    let Some(Detail::Payout(payout)) = &movements[0].detail else { panic!() };
    assert_eq!((payout.itemised, payout.parts), (false, 0));
}

#[test]
fn the_parts_of_a_payout_add_up_and_are_told_apart() {
    let completed = fixture("payout.reconciliation_completed");
    assert_eq!(reading(&completed), Reading::PayoutParts { payout: PAYOUT.into() });
    let rows = rows();
    let http = Script::ok([listed(&rows[..2], true), listed(&rows[2..], false), itemised()]);
    let (event, matching, config) = (envelope(&completed), matching(), config());
    let scope = Scope::new(&event, ACCOUNT, &matching);
    let (movement, found) = parts(&Client::new(&http, &config), &scope).unwrap();
    let part = |id: &str, net, role| Part { id: id.into(), net, role };
    assert_eq!(
        found,
        [
            part("txn_own", -82_645, Role::Own),
            part("txn_hold", -2_000, Role::Hold),
            part("txn_back", 40_000, Role::Content),
            part("txn_sale", 44_645, Role::Content)
        ]
    );
    assert_eq!(
        (movement.kind, movement.money, movement.payment.as_str()),
        (MovementKind::PayoutReconciled, eur(82_645), PAYOUT)
    );
    let detail = Payout {
        id: PAYOUT.into(),
        itemised: true,
        settled: format!("stripe:{ACCOUNT}:txn_1Qa7BooksOut47:settled"),
        arrival: itemised()["arrival_date"].as_i64().unwrap(),
        descriptor: Some("QUITTANCE 47".into()),
        trace: None,
        parts: 3,
    };
    assert_eq!(movement.detail, Some(Detail::Payout(detail)));
    let list = |after: &str| format!("GET /v1/balance_transactions?payout={PAYOUT}{after}&limit=100");
    assert_eq!(http.lines(), [list(""), list("&starting_after=txn_hold"), format!("GET /v1/payouts/{PAYOUT}")]);
}

#[test]
fn parts_that_do_not_make_up_the_payout_are_refused() {
    let (event, matching, config) = (envelope(&fixture("payout.reconciliation_completed")), matching(), config());
    let scope = Scope::new(&event, ACCOUNT, &matching);
    for left_out in 1..4 {
        let mut rows = rows();
        rows.remove(left_out);
        let http = Script::ok([listed(&rows, false), itemised()]);
        let error = parts(&Client::new(&http, &config), &scope).unwrap_err();
        assert_eq!(error.code, Code::EventUnreadable);
        assert!(error.detail.contains("826.45 EUR"), "{}", error.detail);
    }
}

/// A payout with more parts than one run may ask for goes on where it stood.
#[test]
fn a_walk_is_kept_between_calls() {
    let (event, matching, config) = (envelope(&fixture("payout.reconciliation_completed")), matching(), config());
    let scope = Scope::new(&event, ACCOUNT, &matching);
    let mut walk = PartsCursor::start(PAYOUT);
    for row in rows() {
        let last = row["id"] == "txn_sale";
        let http = Script::ok([listed(&[row], !last)]);
        assert!(!walk.is_complete());
        run(walk.step(&Client::new(&http, &config))).unwrap();
        walk = serde_json::from_str(&serde_json::to_string(&walk).unwrap()).unwrap();
    }
    assert!(walk.is_complete());
    let http = Script::ok([itemised()]);
    let movement = run(walk.reconciliation(&Client::new(&http, &config), &scope)).unwrap();
    assert_eq!(movement.money, eur(82_645));
}
