//! From Stripe's signature to a paid invoice, with everything that the way there does to events.

use crate::common::*;
use quittance::cron;
use quittance::http::Request;
use quittance_sim::odoo::Version;
use quittance_sim::stripe::webhook::Dial;
use quittance_sim::world::{SECRET, WORKER, World};

/// What the endpoint's secret is rolled to.
const NEXT: &str = "whsec_next_0123456789abcdef0123456789abc";

#[test]
fn a_payment_closes_its_invoice_once_in_every_version() {
    for version in VERSIONS {
        let mut world = World::new(1, version);
        let id = invoice(&world, "100.00", "USD");
        let paid = pay_invoice(&world, id, 10_000, "usd");
        world.pass(10);
        assert_eq!(residual(&world, id), "0", "{version:?}");
        assert_eq!(world.odoo.borrow().payment_state(id), "paid");
        assert_eq!(booked(&world), [format!("100 USD → [{id}]")]);
        let payment = &world.odoo.borrow().payments()[0];
        assert!(payment.memo.contains(&paid.payment_intent), "{}", payment.memo);
        assert!(world.odoo.borrow().notes(id).iter().any(|n| n.contains(&paid.payment_intent)));
        let posting = posting(&world, &paid.payment_intent);
        assert_eq!(posting["key"], format!("stripe:acct_1SimQuittance000:{}:succeeded", paid.payment_intent));
        assert_eq!((posting["minor"].as_i64(), posting["outcome"].as_str()), (Some(10_000), Some("created")));
        world.finish();
    }
}

#[test]
fn one_call_to_the_erp_for_a_receipt_and_one_for_its_settlement() {
    let mut world = World::new(2, Version::V18);
    for _ in 0..2 {
        let id = invoice(&world, "10.00", "USD");
        pay_invoice(&world, id, 1_000, "usd");
        world.pass(10);
    }
    let runs = world.odoo.borrow().calls.iter().filter(|c| *c == "ir.actions.server.run").count();
    assert_eq!((runs, world.odoo.borrow().payments().len()), (4, 2));
    world.finish();
}

#[test]
fn duplicates_twins_and_reordering_book_once() {
    type Turn = fn(&mut Dial);
    let dials: [(&str, Turn); 3] =
        [("duplicate", |d| d.duplicate = 100), ("twin", |d| d.twin = 100), ("reorder", |d| d.reorder = 100)];
    for (name, turn) in dials {
        for seed in 0..6 {
            let mut world = World::new(seed, Version::V19);
            turn(world.stripe.borrow_mut().dial());
            let id = invoice(&world, "100.00", "USD");
            pay_invoice(&world, id, 10_000, "usd");
            world.pass(3_600);
            assert_eq!(booked(&world), [format!("100 USD → [{id}]")], "{name} {seed}");
            assert_eq!(residual(&world, id), "0", "{name} {seed}");
            world.finish();
        }
    }
}

#[test]
fn an_event_that_never_came_is_read_from_stripes_list() {
    let mut world = World::new(3, Version::V18);
    world.stripe.borrow_mut().dial().drop = 100;
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 10_000, "usd");
    world.pass(60);
    assert!(events(&world).is_empty());
    world.pass(1_000);
    assert_eq!((residual(&world, id).as_str(), booked(&world).len()), ("0", 1));
    assert!(!world.logged("events_recovered").is_empty());
    world.finish();
}

#[test]
fn a_long_list_is_read_over_several_pages() {
    let mut world = World::new(31, Version::V18);
    world.cron_sleeps = true;
    world.stripe.borrow_mut().dial().drop = 100;
    let ids: Vec<i64> = (0..130).map(|_| invoice(&world, "5.00", "USD")).collect();
    ids.iter().for_each(|id| drop(pay_invoice(&world, *id, 500, "usd")));
    world.pass(60);
    world.tick(cron::RECOVER);
    world.pass(60);
    assert!(ids.iter().all(|id| residual(&world, *id) == "0"));
    assert_eq!(world.odoo.borrow().payments().len(), 130);
    let progress = world.db.query("SELECT run FROM event_list_progress");
    assert!(progress[0]["run"].is_null(), "{progress:?}");
    world.finish();
}

#[test]
fn a_lost_hint_costs_at_most_the_sweeps_minute() {
    let mut world = World::new(4, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 10_000, "usd");
    // Only the door runs: the answer is out, the hints are gone.
    world.receive();
    world.hints.borrow_mut().clear();
    world.pass(130);
    assert_eq!(residual(&world, id), "0");
    world.finish();
}

#[test]
fn secrets_roll_without_a_gap() {
    let mut world = World::new(5, Version::V18);
    world.set("STRIPE_WEBHOOK_SECRETS", &format!("{SECRET},{NEXT}"));
    let endpoint = world.stripe.borrow().deliveries().first().map(|d| d.endpoint.clone());
    assert!(endpoint.is_none(), "nothing was delivered yet");
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 5_000, "usd");
    world.pass(10);
    let endpoint = world.stripe.borrow().deliveries()[0].endpoint.clone();
    world.stripe.borrow_mut().roll(&endpoint, NEXT, 86_400_000);
    pay_invoice(&world, id, 2_500, "usd");
    world.pass(10);
    // The old secret is taken out of the settings while Stripe still signs with both.
    world.set("STRIPE_WEBHOOK_SECRETS", NEXT);
    pay_invoice(&world, id, 2_500, "usd");
    world.pass(10);
    assert_eq!(residual(&world, id), "0");
    assert!(world.logged("webhook_refused").is_empty());
    world.finish();
}

#[test]
fn a_webhook_whose_secret_is_not_configured_is_refused_until_it_is() {
    let mut world = World::new(6, Version::V18);
    world.set("STRIPE_WEBHOOK_SECRETS", "whsec_other_0123456789abcdef0123456789");
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 10_000, "usd");
    world.cron_sleeps = true;
    world.pass(120);
    assert!(events(&world).is_empty());
    world.set("STRIPE_WEBHOOK_SECRETS", SECRET);
    // Stripe signs each retry anew.
    world.pass(86_400);
    assert_eq!(residual(&world, id), "0");
    world.finish();
}

#[test]
fn bodies_above_the_limit_keep_their_envelope_only() {
    let mut world = World::new(7, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    let paid = pay_invoice(&world, id, 10_000, "usd");
    // The event as Stripe would send it, with a description of a megabyte.
    let out = quittance_sim::Party::outgoing(&mut *world.stripe.borrow_mut());
    let sent =
        out.iter().find(|o| String::from_utf8_lossy(&o.request.body).contains("payment_intent.succeeded")).unwrap();
    let filler = "x".repeat(950_000);
    let body =
        String::from_utf8(sent.request.body.clone()).unwrap().replacen('{', &format!("{{\"filler\":\"{filler}\","), 1);
    let now = quittance::ports::Clock::now(&world.clock);
    let signature = quittance::stripe::signature::sign(body.as_bytes(), &quittance::config::Secret::new(SECRET), now);
    let request =
        Request::new("POST", format!("{WORKER}/webhooks/stripe")).with("stripe-signature", signature).body(body);
    assert_eq!(world.request(&request).unwrap().status, 200);
    for delivery in &out {
        quittance_sim::Party::answered(&mut *world.stripe.borrow_mut(), delivery.id, Some(200));
    }
    assert!(world.db.query("SELECT body FROM inbox")[0]["body"].is_null());
    world.pass(130);
    assert_eq!(residual(&world, id), "0");
    assert_eq!(posting(&world, &paid.payment_intent)["outcome"], "created");
    world.finish();
}

#[test]
fn thin_events_book_alone_and_beside_their_snapshots() {
    for snapshots_too in [false, true] {
        let mut world = if snapshots_too { World::new(8, Version::V19) } else { World::thin(8, Version::V19) };
        if snapshots_too {
            world.stripe.borrow_mut().listen(&format!("{WORKER}/webhooks/stripe"), &[SECRET], false, true);
        }
        let id = invoice(&world, "100.00", "USD");
        pay_invoice(&world, id, 10_000, "usd");
        world.pass(60);
        assert_eq!((residual(&world, id).as_str(), booked(&world).len()), ("0", 1));
        let rows = world.db.query("SELECT count(*) AS n FROM inbox WHERE type = 'payment_intent.succeeded'");
        assert_eq!(rows[0]["n"], 1, "both forms are one event");
        world.finish();
    }
}
