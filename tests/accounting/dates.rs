//! A movement has one instant, whatever leads to it first: each event in each of its forms, each balance transaction, in any
//! order. The instants are Stripe's own (`life::laws::dates`), the days those of the company's zone.

use std::collections::BTreeMap;

use crate::common::*;
use quittance_sim::Rng;
use quittance_sim::odoo::{Odoo, Version};
use quittance_sim::scenario::invariants::dates::{Instants, instants};
use quittance_sim::stripe::dispute::DisputeStep;
use quittance_sim::stripe::merchant::{Dispute, Pay, Payout, Refund};
use quittance_sim::stripe::method::Method;
use quittance_sim::stripe::refund::RefundEnd;
use quittance_sim::world::World;
use quittance_sim::{Clock, world};
use serde_json::{Value, json};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

fn stage() -> Odoo {
    Odoo::provisioned(Version::V18, Clock::at(world::START), 7)
}

/// Twenty days at Stripe of which nothing comes: of each kind of movement one at least, its steps days apart. `booked`: but
/// what others build on, the receipt of the debit that fails late and the payout's entry.
fn happened(stage: &Odoo, first: bool, booked: bool) -> World {
    let mut world = World::copying(stage, 5, false);
    world.disable_drop_check();
    world.cron_sleeps = true;
    world.cron_every = 720;
    world.odoo.borrow_mut().set_zone(1, "Asia/Tokyo");
    {
        let mut stripe = world.stripe.borrow_mut();
        stripe.dial().drop = 100;
        stripe.settings.debits_enter_first = first;
        stripe.settings.clear_after_ms = 5 * DAY * 1_000;
        stripe.settings.settle_after_ms = 6 * HOUR * 1_000;
        stripe.settings.reinstate_after_ms = 2 * DAY * 1_000;
        stripe.settings.payouts.automatic = false;
    }
    let made = |world: &World, how: Pay| pay(world, &how);
    let id = invoice(&world, "100.00", "USD");
    let debit = made(&world, Pay { method: Method::Delayed, ..with(10_000, "usd", ours(&world, id)) });
    let failing = made(&world, Pay { method: Method::Delayed, ..Pay::card(7_700, "usd") });
    let held = made(&world, Pay { manual_capture: true, ..Pay::card(5_000, "usd") });
    let bare = made(&world, Pay { bare_charge: true, ..Pay::card(4_000, "usd") });
    let paid = [2_100, 2_200, 2_300, 2_400].map(|minor| made(&world, Pay::card(minor, "usd")).payment_intent);
    world.pass(2 * DAY);
    world.stripe.borrow_mut().capture(&held.payment_intent, Some(3_000)).unwrap();
    let [won, lost, asked, refunded] = &paid;
    let (won, lost, asked, refund) = {
        let mut stripe = world.stripe.borrow_mut();
        let pending = Refund { status: Some("pending".into()), ..Refund::part(refunded, 700) };
        let refund = stripe.refund(&pending).unwrap();
        stripe.refund(&Refund::part(&bare.charge, 100)).unwrap();
        let made = [Dispute::of(won), Dispute::of(lost), Dispute::inquiry(asked)];
        let made = made.map(|dispute| stripe.dispute(&dispute).unwrap());
        let [won, lost, asked] = made;
        (won, lost, asked, refund)
    };
    world.pass(3 * DAY + HOUR);
    let last = |world: &World, kind: &str, is: &dyn Fn(&Value) -> bool| {
        rows(world, kind).into_iter().rfind(|row| is(row)).unwrap()
    };
    if booked {
        let of = |event: &Value| {
            event["type"] == "payment_intent.succeeded"
                && event["data"]["object"]["id"] == failing.payment_intent.as_str()
        };
        comes(&world, &last(&world, "event", &of), Form::Snapshot);
    }
    world.pass(4 * DAY - HOUR);
    {
        let mut stripe = world.stripe.borrow_mut();
        stripe.fail_late(&failing.payment_intent, "insufficient_funds").unwrap();
        stripe.end_refund(&refund, &RefundEnd::Failed("lost_or_stolen_card".into())).unwrap();
        stripe.move_dispute(&asked, DisputeStep::Close).unwrap();
        stripe.payout(&Payout::of(500, "usd")).unwrap();
    }
    if booked {
        let id = last(&world, "balance_transaction", &|txn| txn["type"] == "payout")["id"].as_str().unwrap().to_owned();
        pulled(&world, &id, "balance_transaction", &id, &id, 1_795_287_600);
        work(&world, &id);
    }
    world.pass(5 * DAY);
    world.stripe.borrow_mut().move_dispute(&won, DisputeStep::Win).unwrap();
    world.stripe.borrow_mut().move_dispute(&lost, DisputeStep::Lose).unwrap();
    world.pass(6 * DAY);
    assert_eq!(world.stripe.borrow().everywhere("payment_intent").len(), 7);
    assert!(!debit.payment_intent.is_empty());
    world
}

/// How something comes to be known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Snapshot,
    Thin,
    Pulled,
}

/// The rows of a kind, as Stripe has them.
fn rows(world: &World, kind: &str) -> Vec<Value> {
    world.stripe.borrow().everywhere(kind).into_iter().cloned().collect()
}

fn comes(world: &World, event: &Value, form: Form) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let about = &event["data"]["object"];
    match form {
        Form::Snapshot => send(world, &event.to_string()),
        Form::Thin => {
            let created = quittance::date::instant(event["created"].as_i64().unwrap()).replace(' ', "T") + "Z";
            let related = json!({"id": about["id"], "type": about["object"], "url": "/v1/any"});
            let thin = json!({"object": "v2.core.event", "id": event["id"], "type": format!("v1.{}", text(&event["type"])),
                "created": created, "livemode": false, "related_object": related});
            send(world, &thin.to_string());
        }
        Form::Pulled => {
            let envelope = quittance::stripe::event::parse_event(event.to_string().as_bytes()).unwrap();
            pulled(world, &envelope.id, &envelope.kind, &envelope.object, &envelope.subject, envelope.created);
        }
    }
    work(world, &text(&event["id"]));
}

fn pulled(world: &World, id: &str, kind: &str, object: &str, subject: &str, created: i64) {
    let row = json!([{"id": id, "account": null, "livemode": 0, "type": kind, "api_version": null, "created": created,
        "object": object, "subject": subject}]);
    let at = quittance::ports::Clock::now(&world.clock);
    now(quittance::ledger::inbox::store_pulled(&*world.runtime().db, &row, at)).unwrap();
}

/// One after the other, until what it leads to is worked as well.
fn work(world: &World, id: &str) {
    let mut ids = vec![id.to_owned()];
    for _ in 0..4 {
        world.invoke(quittance::queue::consume(world.runtime(), &world.config, &ids));
        let due = world.db.query("SELECT id FROM inbox WHERE state = 'received' ORDER BY id");
        ids = due.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
        if ids.is_empty() {
            break;
        }
    }
}

/// Whatever was booked has its own instant and its day; gives how many of each kind there are.
fn hold(world: &World, meant: &Instants, led: &str) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    for row in world.db.query("SELECT key, kind, occurred, intended FROM postings ORDER BY key") {
        let (key, occurred) = (row["key"].as_str().unwrap(), row["occurred"].as_i64().unwrap());
        assert_eq!(Some(&vec![occurred]), meant.get(key), "{key}, led to by {led}");
        let day = world.odoo.borrow().day_of(1, occurred);
        assert_eq!(row["intended"].as_str(), day.as_deref(), "{key}, led to by {led}");
        *kinds.entry(row["kind"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    kinds
}

const FORMS: [Form; 3] = [Form::Snapshot, Form::Thin, Form::Pulled];

/// Each event alone, in each form, weeks after it happened; and each balance transaction alone.
#[test]
fn whatever_leads_to_a_movement_it_has_the_same_instant() {
    let stage = stage();
    let mut all: BTreeMap<String, usize> = BTreeMap::new();
    for (first, booked) in [(true, false), (false, true)] {
        let world = happened(&stage, first, booked);
        let meant = instants(&world);
        let events = rows(&world, "event");
        let mut hold = |world: &World, led: &str| {
            for (kind, n) in hold(world, &meant, led) {
                *all.entry(kind).or_default() += n;
            }
        };
        for event in &events {
            if !quittance::stripe::map::EVENT_TYPES.contains(&event["type"].as_str().unwrap()) {
                continue;
            }
            for form in if booked { [Form::Snapshot, Form::Thin] } else { [Form::Snapshot, Form::Pulled] } {
                let world = happened(&stage, first, booked);
                comes(&world, event, form);
                hold(&world, &format!("{} {form:?}", event["type"]));
            }
        }
        for txn in rows(&world, "balance_transaction") {
            let world = happened(&stage, first, booked);
            let (id, at) = (txn["id"].as_str().unwrap(), txn["created"].as_i64().unwrap());
            pulled(&world, id, "balance_transaction", id, id, at);
            work(&world, id);
            hold(&world, &format!("{} {}", txn["type"], txn["source"]));
        }
    }
    for kind in [
        "paid",
        "refunded",
        "refund_failed",
        "credited",
        "reversed",
        "dispute_opened",
        "dispute_withdrawn",
        "dispute_reinstated",
        "dispute_won",
        "dispute_lost",
        "settled",
        "payout_reconciled",
    ] {
        assert!(all.get(kind).is_some_and(|n| *n > 1), "{kind} is never led to: {all:?}");
    }
}

/// All of them, in orders that a seed draws.
#[test]
fn in_whatever_order_they_come_the_instants_are_the_same() {
    let stage = stage();
    for seed in 0..9 {
        let rng = Rng::seeded(seed);
        let mut world = happened(&stage, seed % 2 == 0, seed % 3 == 0);
        let meant = instants(&world);
        let mut leads: Vec<(String, Option<Value>)> =
            rows(&world, "event").into_iter().map(|event| (event["type"].to_string(), Some(event))).collect();
        leads.extend(
            rows(&world, "balance_transaction").iter().map(|txn| (txn["id"].as_str().unwrap().to_owned(), None)),
        );
        for left in (1..leads.len()).rev() {
            let other = usize::try_from(rng.below(left as u64 + 1)).unwrap();
            leads.swap(left, other);
        }
        for (name, event) in &leads {
            match event {
                Some(event) => comes(&world, event, FORMS[usize::try_from(rng.below(3)).unwrap()]),
                None => {
                    pulled(&world, name, "balance_transaction", name, name, 1_795_287_600);
                    work(&world, name);
                }
            }
            hold(&world, &meant, &format!("seed {seed}, {name}"));
        }
        (world.cron_sleeps, world.cron_every) = (false, 1);
        world.pass(2 * DAY);
        let kinds = hold(&world, &meant, &format!("seed {seed}, at rest"));
        // The debit that failed late is booked only where its success came in time.
        assert!(kinds.get("paid").is_some_and(|n| *n >= 7), "seed {seed}: {:?}", events(&world));
        assert_eq!(world.leftovers(), Vec::<String>::new());
    }
}

/// What a list has only later than it happened is found in the hour that each reading goes back.
#[test]
fn what_is_listed_late_is_found() {
    let mut world = World::copying(&stage(), 6, false);
    {
        let mut stripe = world.stripe.borrow_mut();
        (stripe.settings.list_lag_ms, stripe.settings.event_lag_ms) = (40 * 60_000, 40 * 60_000);
        stripe.dial().drop = 100;
    }
    world.pass(HOUR);
    let paid = pay(&world, &Pay::card(2_500, "usd")).payment_intent;
    let entry = quittance_sim::stripe::balance::Entry::of("stripe_fee", "fee", -250, "usd");
    let entered = world.stripe.borrow_mut().enter_by_hand(&entry);
    world.pass(35 * 60);
    assert_eq!((world.state(&entered).0.as_str(), events(&world).len()), ("", 0), "nothing is listed yet");
    world.pass(2 * HOUR);
    assert_eq!(world.state(&entered).0, "done");
    let success = rows(&world, "event").into_iter().find(|event| event["type"] == "payment_intent.succeeded").unwrap();
    assert_eq!(world.state(success["id"].as_str().unwrap()).0, "done", "{paid}");
    world.finish();
}

/// One second before it is not.
#[test]
fn an_instant_equal_to_the_cut_over_is_booked() {
    for (after, booked) in [(0, true), (1, false)] {
        let mut world = World::copying(&stage(), 8, false);
        world.stripe.borrow_mut().settings.settle_after_ms = 0;
        let instant = quittance::ports::Clock::now(&world.clock);
        world.set("BOOK_FROM", &(instant + after).to_string());
        let payment = pay(&world, &Pay::card(2_500, "usd")).payment_intent;
        world.pass(HOUR);
        let keys = world.odoo.borrow().keys();
        let [receipt, settled] = ["succeeded", "settled"].map(|end| keys.iter().any(|key| key.ends_with(end)));
        assert_eq!((receipt, settled), (booked, booked), "{payment}: {:?}", events(&world));
        world.finish();
    }
}
