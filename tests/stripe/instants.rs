//! When a payment succeeded, by what Stripe still says of it: its list of events, else its charge.

use quittance::stripe::client::Client;
use quittance::stripe::instant::{InstantSource, charge_instants, never_listed};
use serde_json::{Value, json};

use crate::script::{Script, config, run};
use crate::{CHARGE, INTENT, fixture, object};

const CHARGED: i64 = 1_795_200_000;
const DAY: i64 = 86_400;

fn charge() -> Value {
    let mut charge = object("charge.updated");
    charge["created"] = json!(CHARGED);
    charge["balance_transaction"] = json!({"id": "txn_1", "created": CHARGED + DAY});
    charge
}

fn listed(events: &[Value], has_more: bool) -> Value {
    json!({"object": "list", "data": events, "has_more": has_more, "url": "/v1/events"})
}

fn other(id: &str) -> Value {
    let mut event = fixture("payment_intent.succeeded");
    event["id"] = json!(id);
    event["data"]["object"]["id"] = json!("pi_another");
    event
}

/// A receipt of which no event tells any more has the day on which its money came to the balance.
#[test]
fn a_charge_tells_when_it_was_made_and_when_it_came_to_the_balance() {
    let (http, config) = (Script::ok([charge()]), config());
    let found = run(charge_instants(&Client::new(&http, &config), InstantSource::success(INTENT, Some(CHARGE))))
        .unwrap()
        .unwrap();
    assert_eq!((found.created, found.entered), (CHARGED, Some(CHARGED + DAY)));
    assert_eq!(http.lines(), [format!("GET /v1/charges/{CHARGE}?expand[]=balance_transaction")]);
}

/// Only a list that was read whole, and that reaches back to the charge, says that nobody ever paid.
#[test]
fn a_payment_never_succeeded_only_by_a_whole_list() {
    let success = fixture("payment_intent.succeeded");
    for (pages, now, is_never) in [
        (vec![listed(&[other("evt_1")], false)], CHARGED + DAY, true),
        (vec![listed(&[other("evt_1")], true), listed(&[other("evt_2")], false)], CHARGED + DAY, true),
        (vec![listed(&[other("evt_1")], true), listed(&[other("evt_2")], true)], CHARGED + DAY, false),
        (vec![listed(std::slice::from_ref(&success), false)], CHARGED + DAY, false),
        (vec![listed(&[other("evt_1")], false)], CHARGED + 30 * DAY - 1, true),
        (vec![], CHARGED + 30 * DAY, false),
    ] {
        let (http, config) = (Script::ok(std::iter::once(charge()).chain(pages)), config());
        let found =
            run(never_listed(&Client::new(&http, &config), InstantSource::success(INTENT, Some(CHARGE)), now)).unwrap();
        assert_eq!(found, is_never, "{:?}", http.lines());
        assert!(http.used_up(), "{:?}", http.lines());
    }
}

/// A thin event writes its time as text: days, hours, minutes and seconds of it count.
#[test]
fn a_thin_event_tells_its_time_to_the_second() {
    let at = |text: &str| {
        let event = json!({"id": "evt_1", "object": "v2.core.event", "type": "v1.payment_intent.succeeded",
            "livemode": false, "created": text, "related_object": {"id": INTENT}});
        quittance::stripe::event::parse_event(event.to_string().as_bytes()).map(|event| event.created).ok()
    };
    for (text, created) in [
        ("2026-11-21T19:00:00.000Z", Some(1_795_287_600)),
        ("2026-11-21T19:02:07.999Z", Some(1_795_287_727)),
        ("2026-11-22T00:00:00.000Z", Some(1_795_305_600)),
        ("2026-11-21T19:02:07+01:00", None),
        ("yesterday", None),
    ] {
        assert_eq!(at(text), created, "{text}");
    }
}
