//! Two Workers at once on one ledger, and one event: their port calls take turns in an order drawn from a seed.

use crate::common::*;
use quittance::ledger::lease::LEASE_S;
use quittance::ports::Stmt;
use quittance::queue;
use quittance_sim::odoo::Version;
use quittance_sim::stripe::merchant::{Pay, Refund};
use quittance_sim::world::World;

fn ids(world: &World) -> Vec<String> {
    let rows = world.db.query("SELECT id FROM inbox ORDER BY id");
    rows.iter().filter_map(|r| r["id"].as_str().map(str::to_owned)).collect()
}

/// Only the door runs: everything Stripe has to say is stored, nothing is worked.
fn received(world: &World) {
    world.receive();
    world.hints.borrow_mut().clear();
}

#[test]
fn whatever_the_order_of_their_steps_one_payment_is_booked() {
    for seed in 0..120 {
        let mut world = World::new(seed, Version::V18);
        let id = invoice(&world, "100.00", "USD");
        pay_invoice(&world, id, 10_000, "usd");
        received(&world);
        let ids = ids(&world);
        let (rt, config) = (world.runtime().clone(), world.config.clone());
        let run = || queue::consume(&rt, &config, &ids);
        world.race(seed, vec![Box::pin(run()), Box::pin(run()), Box::pin(run())]);
        world.pass(600);
        assert_eq!(booked(&world), [format!("100 USD → [{id}]")], "{seed}");
        assert_eq!(
            world.odoo.borrow().calls.iter().filter(|c| *c == "ir.actions.server.run").count(),
            2,
            "{seed}: one call for the receipt, one for its balance transaction"
        );
        world.finish();
    }
}

#[test]
fn payments_side_by_side_are_each_booked_once() {
    for seed in 0..40 {
        let mut world = World::new(seed, Version::V19);
        let invoices: Vec<i64> = (0..5).map(|_| invoice(&world, "10.00", "USD")).collect();
        invoices.iter().for_each(|id| drop(pay_invoice(&world, *id, 1_000, "usd")));
        pay(&world, &Pay::card(777, "usd"));
        received(&world);
        let ids = ids(&world);
        let (rt, config) = (world.runtime().clone(), world.config.clone());
        let (front, back) = ids.split_at(ids.len() / 2);
        let run = |part: &[String]| {
            let (rt, config, part) = (rt.clone(), config.clone(), part.to_vec());
            async move { queue::consume(&rt, &config, &part).await }
        };
        world.race(seed, vec![Box::pin(run(front)), Box::pin(run(back)), Box::pin(run(&ids))]);
        world.pass(600);
        assert_eq!(world.odoo.borrow().payments().len(), 6, "{seed}");
        assert!(invoices.iter().all(|id| residual(&world, *id) == "0"), "{seed}");
        world.finish();
    }
}

/// A thin event names a refund or a charge and not its PaymentIntent, so that its own lease keeps nobody away from that. While
/// another Worker holds the PaymentIntent's lease, what the event leads to is left to whoever gets that lease next.
#[test]
fn what_leads_to_a_payment_is_worked_under_its_lease() {
    for version in VERSIONS {
        for booked_before in [false, true] {
            let mut world = World::thin(3, version);
            let id = invoice(&world, "100.00", "USD");
            let paid = pay_invoice(&world, id, 10_000, "usd");
            if booked_before {
                world.pass(60);
            }
            world.stripe.borrow_mut().refund(&Refund::part(&paid.charge, 2_500)).unwrap();
            received(&world);
            let others = format!("FROM inbox WHERE state = 'received' AND subject <> '{}'", paid.payment_intent);
            let leads = texts(&world, &format!("SELECT id AS text {others}"));
            assert!(texts(&world, &format!("SELECT type AS text {others}")).contains(&"refund.created".to_owned()));
            lease(&world, &paid.payment_intent);
            let calls = world.odoo.borrow().calls.len();
            let (rt, config) = (world.runtime().clone(), world.config.clone());
            now(queue::consume(&rt, &config, &leads));
            let asked: Vec<String> = world.odoo.borrow().calls.iter().skip(calls).cloned().collect();
            assert!(
                !asked.iter().any(|call| call == "ir.actions.server.run"),
                "{version:?}, booked before {booked_before}: booked while another Worker holds the payment: {asked:?}"
            );
            let moved = format!("SELECT type AS text FROM inbox WHERE subject = '{}'", paid.payment_intent);
            assert!(texts(&world, &moved).contains(&"refund.created".to_owned()), "{version:?}, {booked_before}");
            world.pass(600);
            for kind in ["paid", "refunded"] {
                let outcomes = texts(&world, &format!("SELECT outcome AS text FROM postings WHERE kind = '{kind}'"));
                assert_eq!(outcomes, ["created"], "{version:?}, {booked_before}: {kind}");
            }
            world.finish();
        }
    }
}

fn texts(world: &World, sql: &str) -> Vec<String> {
    world.db.query(sql).iter().filter_map(|row| row["text"].as_str().map(str::to_owned)).collect()
}

/// Another Worker's lease on a payment, taken at this moment.
fn lease(world: &World, payment: &str) {
    let sql = "INSERT INTO leases (subject, token, until) VALUES (?1, 'another', ?2) \
               ON CONFLICT (subject) DO UPDATE SET token = excluded.token, until = excluded.until";
    world.db.run(&[Stmt::new(sql, [payment.into(), (world.clock.now() + LEASE_S).into()])]).unwrap();
}
