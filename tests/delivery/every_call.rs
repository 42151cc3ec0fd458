//! For one payment: every single call of a port fails or kills the Worker, before its effect and after it. Whatever
//! happens, afterwards there is exactly one payment and every event is settled.

use crate::common::*;
use quittance_sim::odoo::Version;
use quittance_sim::stripe::merchant::Pay;
use quittance_sim::world::World;
use quittance_sim::world::port_faults::Mishap;

/// Two hours: more than the second-longest wait of the schedule, and every lease.
const LONG: i64 = 2 * 3_600;

type Make = fn(u64, Version) -> World;

fn run(
    make: Make,
    seed: u64,
    strike: Option<(usize, Mishap)>,
    wish: impl Fn(&World, i64) -> Pay,
) -> (usize, Vec<&'static str>) {
    let mut world = make(seed, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    if let Some((at, mishap)) = strike {
        world.dial.set(at, mishap);
    }
    let wish = wish(&world, id);
    pay(&world, &wish);
    world.pass(LONG);
    let what = format!("{strike:?} {:?}", strike.and_then(|(at, _)| world.dial.names.borrow().get(at).copied()));
    assert!(world.dial.spent(), "{what} never struck");
    assert_eq!(booked(&world), [format!("100 USD → [{id}]")], "{what}");
    assert_eq!(residual(&world, id), "0", "{what}");
    let open = world.db.query("SELECT id, state, code FROM inbox WHERE state NOT IN ('done', 'ignored')");
    assert!(open.is_empty(), "{what}: {open:?}");
    assert!(
        !world.db.query("SELECT id FROM inbox WHERE state = 'done' AND type = 'payment_intent.succeeded'").is_empty(),
        "{what}"
    );
    let result = (world.dial.calls(), world.dial.names.borrow().clone());
    world.finish();
    result
}

/// The calls of an undisturbed run in its first minute are the ones worth striking; later ones are idle crons.
fn every(make: Make, mishaps: &[Mishap], wish: impl Fn(&World, i64) -> Pay + Copy) {
    let mut world = make(1, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    pay(&world, &wish(&world, id));
    world.pass(90);
    let calls = world.dial.calls();
    world.finish();
    assert!(calls > 8, "{calls}");
    for at in 0..calls {
        for mishap in mishaps {
            run(make, 1, Some((at, *mishap)), wish);
        }
    }
}

#[test]
fn a_payment_of_ours() {
    every(World::new, &Mishap::ALL, |world, id| with(10_000, "usd", ours(world, id)));
}

#[test]
fn a_payment_that_asks_stripe_what_it_is_for() {
    every(World::new, &Mishap::ALL, |world, id| Pay {
        checkout: Some(quittance_sim::stripe::merchant::Checkout {
            client_reference_id: Some(world.odoo.borrow().number(id)),
            ..Default::default()
        }),
        ..Pay::card(10_000, "usd")
    });
}

#[test]
fn a_payment_told_by_thin_events() {
    every(World::thin, &[Mishap::FailAfter, Mishap::DieAfter], |world, id| with(10_000, "usd", ours(world, id)));
}
