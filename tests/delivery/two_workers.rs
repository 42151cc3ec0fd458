//! Two Workers at once on one ledger, and one event: their port calls take turns in an order drawn from a seed.

use crate::common::*;
use quittance::queue;
use quittance_sim::odoo::Version;
use quittance_sim::stripe::merchant::Pay;
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
