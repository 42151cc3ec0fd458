//! Disputes: what their events say, and what their balance transactions move.

use quittance::movement::{Counter, Detail, Dispute, DisputeMove, Movement, MovementKind};
use quittance::stripe::balance;
use quittance::stripe::client::Client;
use quittance::stripe::fetch::resolve;
use quittance::stripe::map::{Reading, Scope, read_event};
use serde_json::{Value, json};

use crate::balance::row;
use crate::script::{Script, config, run};
use crate::{ACCOUNT, CHARGE, INTENT, envelope, eur, fixture, keys, matching, movements, object, reading, with};

const DISPUTE: &str = "du_1Qa7BooksDispute42";
const OPENED: i64 = 1_797_015_600;

#[test]
fn a_dispute_is_opened_with_its_reason_and_its_deadline() {
    let movements = movements(reading(&fixture("charge.dispute.created")));
    assert_eq!(keys(&movements), [format!("{DISPUTE}:opened")]);
    let opened = &movements[0];
    assert_eq!((opened.kind, opened.money, opened.occurred), (MovementKind::DisputeOpened, eur(115_000), OPENED));
    assert_eq!((opened.payment.as_str(), opened.charge.as_deref()), (INTENT, Some(CHARGE)));
    assert_eq!(opened.reason.as_deref(), Some("product_not_received"));
    let detail = Dispute {
        id: DISPUTE.into(),
        receipt: format!("stripe:{ACCOUNT}:{INTENT}:succeeded"),
        status: "needs_response".into(),
        inquiry: false,
        due_by: Some(OPENED + 14 * 86_400),
        moved: vec![DisputeMove { transaction: "txn_1Qa7BooksTaken42".into(), money: eur(-115_000), earlier: false }],
    };
    assert_eq!(opened.detail, Some(Detail::Dispute(detail)));
}

/// Who books what is at the cut-over itself: the ledger, for a movement as for what a dispute moved.
#[test]
fn only_what_moved_before_the_cut_over_is_of_earlier() {
    let mut event = fixture("charge.dispute.created");
    let moves: Vec<Value> = [-1, 0, 1].map(|at| moved(at, -1_000, "eur", None)).into();
    event["data"]["object"]["balance_transactions"] = json!(moves);
    let (envelope, matching, body) = (envelope(&event), matching(), event.to_string());
    let scope = Scope::new(&envelope, ACCOUNT, &matching).with_ledger(&|_| false, OPENED);
    let Reading::Movements(movements) = read_event(&scope, Some(body.as_bytes())).unwrap() else { panic!() };
    let Some(Detail::Dispute(detail)) = &movements[0].detail else { panic!() };
    let earlier: Vec<bool> = detail.moved.iter().map(|moved| moved.earlier).collect();
    assert_eq!(earlier, [true, false, false]);
}

#[test]
fn an_inquiry_says_that_it_is_one() {
    let movements = movements(reading(&fixture("charge.dispute.created_inquiry")));
    let Some(Detail::Dispute(detail)) = &movements[0].detail else { panic!() };
    assert!(detail.inquiry);
}

/// No money: that is told by the balance transactions.
#[test]
fn events_of_the_money_only_open_the_dispute() {
    for name in ["charge.dispute.funds_withdrawn", "charge.dispute.created"] {
        assert_eq!(keys(&movements(reading(&fixture(name)))), [format!("{DISPUTE}:opened")], "{name}");
    }
}

/// A dispute's event, whatever it says: Stripe says `now`, and the ledger has `booked` of the dispute.
fn asked(event: &Value, now: &Value, booked: &[&str]) -> Vec<Movement> {
    let known = |key: &str| booked.iter().any(|last| key == format!("stripe:{ACCOUNT}:{DISPUTE}:{last}"));
    let (envelope, matching, config) = (envelope(event), matching(), config());
    let scope = Scope::new(&envelope, ACCOUNT, &matching).with_ledger(&known, 0);
    let body = event.to_string();
    let Reading::Pointer(pointer) = read_event(&scope, Some(body.as_bytes())).unwrap() else {
        panic!("Stripe is asked")
    };
    let http = Script::ok([now["data"]["object"].clone()]);
    let resolved = run(resolve(&Client::new(&http, &config), &scope, pointer)).unwrap();
    assert_eq!(http.lines(), [format!("GET /v1/disputes/{DISPUTE}")]);
    movements(resolved.reading)
}

#[test]
fn a_dispute_is_closed_by_its_status() {
    let (won, lost) = (Some(MovementKind::DisputeWon), Some(MovementKind::DisputeLost));
    let event = fixture("charge.dispute.closed_lost");
    for (status, closed) in [
        ("won", won),
        ("warning_closed", won),
        ("lost", lost),
        ("needs_response", None),
        ("under_review", None),
        ("appeal_needs_response", None),
        ("appeal_under_review", None),
        ("prevented", None),
        ("a_status_of_2031", None),
    ] {
        let movements = asked(&event, &with(event.clone(), "status", status), &[]);
        assert_eq!(movements[0].kind, MovementKind::DisputeOpened, "{status}");
        assert_eq!(movements.get(1).map(|m| m.kind), closed, "{status}");
    }
    let movements = asked(&event, &event, &[]);
    assert_eq!(keys(&movements)[1], format!("{DISPUTE}:lost"));
    assert_eq!((movements[1].money, movements[1].occurred), (eur(115_000), OPENED + 30 * 86_400));
}

/// A later state is not shut out by an earlier one, and an old event does not undo a newer one.
#[test]
fn each_closing_has_a_key_of_its_own_and_stripe_says_which_it_is() {
    let event = fixture("charge.dispute.closed_lost");
    for (now, booked, key) in [
        ("lost", &[][..], "lost"),
        ("lost", &["lost"], "lost"),
        ("won", &["lost"], "won_2"),
        ("lost", &["won"], "lost_2"),
        ("lost", &["won", "lost_2"], "lost_2"),
        ("won", &["won", "lost_2"], "won_3"),
        ("lost", &["lost", "won_2"], "lost_3"),
        ("warning_closed", &[], "won"),
        // An inquiry that was closed, and then charged back.
        ("needs_response", &["won"], "opened_2"),
        ("appeal_needs_response", &["lost"], "opened_2"),
        ("appeal_under_review", &["lost"], "opened"),
    ] {
        let movements = asked(&event, &with(event.clone(), "status", now), booked);
        assert_eq!(keys(&movements).last(), Some(&format!("{DISPUTE}:{key}").as_str()), "{now} {booked:?}");
        assert_eq!(keys(&movements)[0], format!("{DISPUTE}:opened"));
    }
    // Also an event that closes nothing is asked about once the ledger has a closing.
    let opened = fixture("charge.dispute.created");
    assert_eq!(keys(&asked(&opened, &event, &["lost"])).last(), Some(&format!("{DISPUTE}:lost").as_str()));
}

/// A balance transaction of the dispute: minor units in a currency, with or without a rate.
fn moved(at: i64, minor: i64, currency: &str, rate: Option<&str>) -> Value {
    let rate: Value = rate.map_or(Value::Null, |rate| serde_json::from_str(rate).unwrap());
    let (category, id) = if minor < 0 { ("dispute", "taken") } else { ("dispute_reversal", "given") };
    json!({"id": format!("txn_{id}_{at}"), "object": "balance_transaction", "amount": minor, "available_on": OPENED + at,
        "balance_type": "payments", "created": OPENED + at, "currency": currency, "description": null, "exchange_rate": rate,
        "fee": 0, "fee_details": [], "net": minor, "reporting_category": category, "source": DISPUTE, "status": "available",
        "type": "adjustment"})
}

/// What each transaction of such a dispute gives: its documents and the rest, and where it stands.
fn books(amount: i64, moves: &[Value]) -> Vec<(String, Counter, Vec<String>)> {
    let mut dispute = object("charge.dispute.closed_lost");
    dispute["amount"] = json!(amount);
    dispute["balance_transactions"] = json!(moves);
    let one = |txn: &Value| {
        let mut txn = txn.clone();
        txn["source"] = dispute.clone();
        let (id, created) = (txn["id"].as_str().unwrap().to_owned(), txn["created"].as_i64().unwrap());
        let (http, event, matching, config) = (Script::ok([txn]), row(&id), matching(), config());
        let scope = Scope::new(&event, ACCOUNT, &matching);
        let mut found = run(balance::read_transaction(&Client::new(&http, &config), &scope, &id, &[])).unwrap();
        let settled = found.movements.pop().unwrap();
        let Some(Detail::Transaction(detail)) = settled.detail else { panic!() };
        let presented = detail.presented.unwrap_or(detail.gross);
        let document = found.movements.last().filter(|_| detail.document.is_some());
        assert!(document.is_none_or(|document| document.money.minor == presented.minor.abs()), "{id}");
        assert!(document.is_none_or(|document| document.occurred == created) && settled.occurred == created, "{id}");
        let said = if detail.document.is_some() { presented.to_string() } else { settled.flags.join(" ") };
        (said, detail.counter, keys(&found.movements).into_iter().skip(1).map(str::to_owned).collect())
    };
    moves.iter().map(one).collect()
}

/// Each part is what its transaction says, not what the dispute says.
#[test]
fn parts_of_a_dispute_are_booked_with_their_own_amounts() {
    let moves = [moved(0, -6_000, "eur", None), moved(1, -4_000, "eur", None), moved(2, 3_000, "eur", None)];
    let said = books(10_000, &moves);
    let amounts: Vec<&str> = said.iter().map(|(said, ..)| said.as_str()).collect();
    assert_eq!(amounts, ["-60.00 EUR", "-40.00 EUR", "30.00 EUR"]);
    assert_eq!(said[2].2, ["txn_taken_0:withdrawn", "txn_taken_1:withdrawn", "txn_given_2:reinstated"]);
    let mut event = fixture("charge.dispute.closed_lost");
    event["data"]["object"]["balance_transactions"] = json!(moves);
    let lost = asked(&event, &event, &[]).pop().unwrap();
    assert_eq!(lost.money, eur(7_000), "what has not come back");
}

/// Without a rate, or of another size, nothing is known but what it did to the balance. What it is about is used only once.
#[test]
fn what_does_not_fit_its_dispute_is_not_taken_for_the_whole() {
    let rated = || moved(0, -9_965, "usd", Some("1.245625"));
    let (whole, flag) = ("-80.00 EUR".to_owned(), "not_presented".to_owned());
    for (second, counter) in [
        // Small, and no rate: a correction of the exchange.
        (moved(1, -35, "usd", None), Counter::Conversion),
        (moved(1, 35, "usd", None), Counter::Conversion),
        // Not small, or at a rate: a person has to look.
        (moved(1, -9_965, "usd", None), Counter::Suspense),
        (moved(1, 4_982, "usd", Some("1.245625")), Counter::Suspense),
        (moved(1, -9_965, "usd", Some("1.245625")), Counter::Suspense),
        (moved(1, -35, "usd", Some("1.245625")), Counter::Suspense),
        (moved(1, -35, "eur", None), Counter::Suspense),
    ] {
        let said = books(8_000, &[rated(), second.clone()]);
        assert_eq!((&said[0].0, said[0].1), (&whole, Counter::Clearing), "{second}");
        assert_eq!((&said[1].0, said[1].1, said[1].2.len()), (&flag, counter, 0), "{second}");
    }
    let alone = books(8_000, &[moved(0, -9_965, "usd", None)]);
    assert_eq!((&alone[0].0, alone[0].1), (&flag, Counter::Suspense), "a size that nobody can tell");
    let nothing_out = books(8_000, &[moved(0, 8_000, "eur", None)]);
    assert_eq!((&nothing_out[0].0, nothing_out[0].1), (&flag, Counter::Suspense), "nothing was taken");
    let again = [rated(), moved(1, 9_800, "usd", Some("1.225")), moved(2, -9_900, "usd", Some("1.2375"))];
    let amounts: Vec<String> = books(8_000, &again).into_iter().map(|(said, ..)| said).collect();
    assert_eq!(amounts, ["-80.00 EUR", "80.00 EUR", "-80.00 EUR"]);
}

/// A correction stands where it does whatever Stripe has listed of the dispute since.
#[test]
fn a_correction_is_judged_by_what_came_before_it() {
    let moves = [
        moved(0, -4_000, "usd", Some("1.245625")),
        moved(1, -35, "usd", None),
        moved(2, 3_900, "usd", Some("1.225")),
        moved(3, -9_965, "usd", Some("1.245625")),
    ];
    let said = books(8_000, &moves);
    let counters = |said: &[(String, Counter, Vec<String>)]| said.iter().map(|one| one.1).collect::<Vec<_>>();
    assert_eq!(counters(&said)[1..], [Counter::Suspense, Counter::Suspense, Counter::Clearing]);
    for listed in 2..moves.len() {
        assert_eq!(counters(&books(8_000, &moves[..listed])), counters(&said)[..listed]);
    }
}

#[test]
fn a_dispute_of_no_payment_is_nobodys() {
    let mut event = with(fixture("charge.dispute.created"), "payment_intent", json!(null));
    let alone = movements(reading(&event));
    assert_eq!((alone[0].payment.as_str(), &alone[0].charge), (CHARGE, &None));
    event["data"]["object"]["charge"] = json!(null);
    assert_eq!(reading(&event), Reading::Ignore("no_payment"));
}
