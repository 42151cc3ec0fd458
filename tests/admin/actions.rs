//! What operators do to events, each written down.

use quittance::ledger::operator::actions::{self as deeds, Action, AuditEntry};
use quittance::ports::Stmt;
use quittance_sim::stripe::merchant::Refund;
use serde_json::{Value, json};

use super::*;
use crate::common::*;

fn parked(world: &mut World) -> (String, String) {
    let paid = pay(world, &with(5_000, "gbp", vec![])).payment_intent;
    world.pass(60);
    let row = world.db.query(&format!(
        "SELECT id FROM inbox WHERE subject = '{paid}' AND state = 'parked' AND type = 'payment_intent.succeeded'"
    ));
    (paid, row[0]["id"].as_str().unwrap().to_owned())
}

fn audit(world: &World) -> Vec<String> {
    let list = get(world, "/admin/api/audit");
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or("-").to_owned();
    let rows = list["audit"].as_array().unwrap().iter();
    rows.map(|row| ["who", "action", "target", "reason", "outcome"].map(|name| text(row, name)).join(" | ")).collect()
}

#[test]
fn a_replay_books_what_was_parked_once_its_cause_is_mended() {
    let mut world = world(21);
    let (paid, event) = parked(&mut world);
    let (status, body) = act(&world, &format!("/admin/api/events/{event}/replay"), json!({"reason": "try"}));
    assert_eq!((status, body), (200, json!({"id": event, "state": "received"})));
    world.pass(10);
    assert_eq!(world.state(&event).0, "parked", "the cause stands");
    world.odoo.borrow_mut().set_rate("GBP", 1, "0.75");
    world.odoo.borrow_mut().settle_in(1, "GBP");
    act(&world, &format!("/admin/api/events/{event}/replay"), json!({"reason": "rate entered"}));
    world.pass(300);
    assert_eq!(world.state(&event).0, "done");
    assert_eq!(posting(&world, &paid)["outcome"], "created");
    assert_eq!(
        audit(&world),
        [
            format!("token:alice | replay | {event} | rate entered | received"),
            format!("token:alice | replay | {event} | try | received"),
        ]
    );
    let story = get(&world, &format!("/admin/api/events/{event}"));
    assert_eq!(story["audit"][0]["reason"], "rate entered");
    world.finish();
}

/// From every state, at every moment: nothing is booked twice.
#[test]
fn a_replay_is_safe_at_any_time() {
    let mut world = world(22);
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 6_000, "usd");
    let other = pay(&world, &quittance_sim::stripe::merchant::Pay::card(700, "usd"));
    world.pass(120);
    world.stripe.borrow_mut().refund(&Refund::part(&other.charge, 200)).unwrap();
    for round in 0..6 {
        let all = world.db.query("SELECT id FROM inbox");
        for row in all {
            let event = row["id"].as_str().unwrap();
            let (status, body) = act(&world, &format!("/admin/api/events/{event}/replay"), json!({}));
            assert!(status == 200 || status == 429, "{body}");
        }
        world.pass([1, 0, 40, 61, 200, 900][round]);
    }
    world.pass(3_600);
    assert_eq!(booked(&world).len(), 3, "{:?}", booked(&world));
    assert_eq!(residual(&world, id), "40");
    world.finish();
}

#[test]
fn parked_and_ignored_by_an_operator_stay_so_until_one_takes_them_up() {
    let mut world = world(23);
    let (_, event) = parked(&mut world);
    for reason in [json!({}), json!({"reason": " "}), json!({"reason": "x".repeat(501)})] {
        let (status, body) = act(&world, &format!("/admin/api/events/{event}/ignore"), reason);
        assert_eq!((status, code(&body)), (400, "request_invalid"));
    }
    assert_eq!(act(&world, &format!("/admin/api/events/{event}/ignore"), json!({"reason": "a test"})).0, 200);
    assert_eq!(world.state(&event), ("ignored".into(), Some("ignored_by_operator".into())));
    world.pass(3 * 3_600);
    assert_eq!(world.state(&event).0, "ignored");
    // An event that waits for its next attempt.
    world
        .db
        .run(&[Stmt::new(
            "UPDATE inbox SET state = 'failed', due = unixepoch() + 9e9, queue_again_at = unixepoch() + 9e9, \
         finished = NULL WHERE id = ?1",
            [event.as_str().into()],
        )])
        .unwrap();
    assert_eq!(act(&world, &format!("/admin/api/events/{event}/park"), json!({"reason": "look"})).0, 200);
    assert_eq!(world.state(&event), ("parked".into(), Some("parked_by_operator".into())));
    let story = get(&world, &format!("/admin/api/events/{event}"));
    assert_eq!((&story["event"]["detail"], &story["event"]["due"]), (&json!("look"), &Value::Null));
    assert_eq!(audit(&world).len(), 2);
    world.finish();
}

#[test]
fn what_is_done_is_neither_parked_nor_ignored() {
    let mut world = world(24);
    let id = invoice(&world, "10.00", "USD");
    let paid = pay_invoice(&world, id, 1_000, "usd").payment_intent;
    world.pass(60);
    let row = world.db.query(&format!("SELECT id FROM inbox WHERE subject = '{paid}' AND state = 'done' LIMIT 1"));
    let event = row[0]["id"].as_str().unwrap();
    for action in ["park", "ignore"] {
        let (status, body) = act(&world, &format!("/admin/api/events/{event}/{action}"), json!({"reason": "why not"}));
        assert_eq!((status, code(&body)), (409, "action_not_possible"));
        assert!(body["error"]["detail"].as_str().unwrap().contains("done"));
    }
    assert_eq!(act(&world, "/admin/api/events/evt_nothing/replay", json!({})).0, 404);
    assert!(audit(&world).is_empty(), "nothing was done");
    world.finish();
}

#[test]
fn what_is_being_worked_is_left_alone() {
    let mut world = world(25);
    let (_, event) = parked(&mut world);
    world
        .db
        .run(&[Stmt::new(
            "UPDATE inbox SET state = 'claimed', due = 9e9, queue_again_at = 9e9 WHERE id = ?1",
            [event.as_str().into()],
        )])
        .unwrap();
    for action in ["replay", "park", "ignore"] {
        let (status, body) = act(&world, &format!("/admin/api/events/{event}/{action}"), json!({"reason": "now"}));
        assert_eq!((status, code(&body)), (409, "event_busy"));
    }
    assert!(audit(&world).is_empty());
    let back = "UPDATE inbox SET state = 'parked', due = NULL, queue_again_at = NULL WHERE id = ?1";
    world.db.run(&[Stmt::new(back, [event.as_str().into()])]).unwrap();
    world.finish();
}

#[test]
fn what_is_missing_is_shown_first_and_stored_when_asked() {
    let mut world = world(26);
    let id = invoice(&world, "10.00", "USD");
    pay_invoice(&world, id, 1_000, "usd");
    world.pass(1_000);
    let all = world.db.query("SELECT id, account, livemode, type, created, object, subject FROM inbox WHERE type = 'payment_intent.succeeded'");
    let mut event = Value::Object(all[0].clone());
    event["livemode"] = json!(false);
    let known = event["id"].as_str().unwrap().to_owned();
    world.db.run(&[Stmt::new("DELETE FROM inbox WHERE id = ?1", [known.as_str().into()])]).unwrap();
    let mut other = event.clone();
    other["id"] = world.db.query("SELECT id FROM inbox LIMIT 1")[0]["id"].clone();
    let asked = |act: bool| json!({"events": [event, other], "act": act, "reason": "webhooks were lost"});
    assert_eq!(act(&world, "/admin/api/recover", asked(false)), (200, json!({"missing": [known], "stored": []})));
    assert_eq!(world.state(&known).0, "");
    assert_eq!(act(&world, "/admin/api/recover", asked(true)), (200, json!({"missing": [known], "stored": [known]})));
    assert_eq!(act(&world, "/admin/api/recover", asked(true)), (200, json!({"missing": [], "stored": []})));
    world.pass(60);
    assert_eq!(world.state(&known).0, "done");
    assert_eq!(booked(&world).len(), 1);
    assert_eq!(audit(&world), [format!("token:alice | recover | {known} | webhooks were lost | 1 stored")]);
    let many: Vec<Value> = (0..501).map(|_| event.clone()).collect();
    assert_eq!(act(&world, "/admin/api/recover", json!({"events": many})).0, 400);
    world.finish();
}

/// An operator replays while workers are at it, in any order of their calls: the money is booked once, and nothing is left over.
#[test]
fn a_replay_races_with_the_workers() {
    for seed in 0..60 {
        let mut world = world(seed);
        let id = invoice(&world, "100.00", "USD");
        let paid = pay_invoice(&world, id, 10_000, "usd").payment_intent;
        while world.receive() {}
        let rows = world.db.query("SELECT id FROM inbox");
        let ids: Vec<String> = rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
        let (rt, config) = (world.runtime().clone(), world.config.clone());
        let deed =
            AuditEntry { who: "token:alice", reason: "at once", now: quittance::ports::Clock::now(&world.clock) };
        let mut runs: Vec<quittance::ports::Fut<'_, ()>> = Vec::new();
        for _ in 0..2 {
            runs.push(Box::pin(async {
                let _fate = quittance::queue::consume(&rt, &config, &ids).await;
            }));
        }
        for event in &ids {
            let (rt, deed) = (&rt, &deed);
            runs.push(Box::pin(async move { drop(deeds::apply_action(&*rt.db, event, Action::Replay, deed).await) }));
        }
        world.race(seed, runs);
        world.pass(900);
        assert_eq!(booked(&world).len(), 1, "seed {seed}");
        assert_eq!(
            (residual(&world, id), posting(&world, &paid)["outcome"].clone()),
            ("0".into(), json!("created")),
            "seed {seed}"
        );
        world.finish();
    }
}

/// A time that no date can hold, or an id that is none, would break the pages of who reads the row.
#[test]
fn a_row_that_no_event_has_is_not_recovered() {
    let world = world(20);
    let row = json!({"id": "evt_1", "account": null, "livemode": false, "type": "a.b", "api_version": null,
        "created": 1_795_287_600, "object": "pi_1", "subject": "pi_1"});
    let long = "x".repeat(256);
    for (name, value) in [
        ("created", json!(-1)),
        ("created", json!(253_402_300_800_i64)),
        ("created", json!(i64::MAX)),
        ("created", json!(1.5)),
        ("id", json!("")),
        ("id", json!("evt\n1")),
        ("id", json!(long)),
        ("subject", json!("pi\u{1}")),
        ("object", json!(7)),
        ("account", json!(7)),
        ("account", json!("")),
    ] {
        let mut odd = row.clone();
        odd[name] = value;
        let asked = json!({"events": [row, odd], "act": true, "reason": "webhooks were lost"});
        assert_eq!(act(&world, "/admin/api/recover", asked).0, 400, "{odd}");
    }
    assert!(world.db.query("SELECT id FROM inbox").is_empty());
    world.finish();
}
