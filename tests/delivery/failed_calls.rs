//! When calls fail, workers die and answers are lost: nothing is lost with them, and nothing is booked twice.

use crate::common::*;
use quittance_sim::odoo::{Fault, Rule, Version};
use quittance_sim::world::World;
use quittance_sim::world::port_faults::Mishap;

#[test]
fn a_serialization_failure_is_an_attempt_and_is_tried_again() {
    for version in VERSIONS {
        let mut world = World::new(2, version);
        let id = invoice(&world, "100.00", "USD");
        world
            .odoo
            .borrow_mut()
            .dial
            .add(Rule { times: Some(2), ..Rule::always(Fault::Serialization).on("ir.actions.server.run") });
        pay_invoice(&world, id, 10_000, "usd");
        world.pass(600);
        assert_eq!((residual(&world, id).as_str(), booked(&world).len()), ("0", 1));
        let attempts = world.db.query("SELECT sum(attempts) AS n FROM inbox");
        assert_eq!(attempts[0]["n"], 2);
        world.finish();
    }
}

#[test]
fn an_answer_lost_after_the_commit_is_found_again() {
    for fault in [Fault::AnswerLost, Fault::TimedOutAfterCommit] {
        for version in VERSIONS {
            let mut world = World::new(3, version);
            let id = invoice(&world, "100.00", "USD");
            world.odoo.borrow_mut().dial.add(Rule::once(fault).on("ir.actions.server.run"));
            let paid = pay_invoice(&world, id, 10_000, "usd");
            world.pass(1_200);
            assert_eq!((residual(&world, id).as_str(), booked(&world).len()), ("0", 1), "{fault:?} {version:?}");
            assert_eq!(posting(&world, &paid.payment_intent)["outcome"], "duplicate");
            world.finish();
        }
    }
}

#[test]
fn a_batch_that_times_out_is_halved_before_anything_counts() {
    let mut world = World::new(4, Version::V18);
    let first = invoice(&world, "1.00", "USD");
    pay_invoice(&world, first, 100, "usd");
    world.pass(10);
    let ids: Vec<i64> = (0..8).map(|_| invoice(&world, "10.00", "USD")).collect();
    world
        .odoo
        .borrow_mut()
        .dial
        .add(Rule { times: Some(3), ..Rule::always(Fault::TimedOut).on("ir.actions.server.run") });
    ids.iter().for_each(|id| drop(pay_invoice(&world, *id, 1_000, "usd")));
    world.pass(3_600);
    assert!(ids.iter().all(|id| residual(&world, *id) == "0"));
    let attempts = world.db.query("SELECT max(attempts) AS n FROM inbox");
    assert_eq!(attempts[0]["n"], 0, "three time-outs of shrinking batches are nobody's attempt");
    assert_eq!(world.odoo.borrow().payments().len(), 9);
    world.finish();
}

/// A row left claimed is acked away when its message comes again; the lease covers it.
#[test]
fn a_claim_whose_worker_died_is_taken_over_when_its_lease_runs_out() {
    let mut world = World::new(11, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 10_000, "usd");
    world.receive();
    // The first delivery dies right after its claim.
    world.dial.set(0, Mishap::DieAfter);
    world.pass(100);
    assert!(!world.db.query("SELECT id FROM inbox WHERE state = 'claimed'").is_empty());
    assert_eq!(residual(&world, id), "100");
    world.pass(300);
    assert_eq!((residual(&world, id).as_str(), booked(&world).len()), ("0", 1));
    world.finish();
}

#[test]
fn dead_letters_lose_nothing() {
    let mut world = World::new(12, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    world.cron_sleeps = true;
    pay_invoice(&world, id, 10_000, "usd");
    world.receive();
    for _ in 0..10 {
        world.dial.set(0, Mishap::FailBefore);
        world.pass(15);
    }
    assert!(!world.dead.is_empty());
    assert!(!world.logged("hints_dead_lettered").is_empty());
    assert!(world.db.query("SELECT id FROM inbox WHERE state = 'parked'").is_empty());
    world.cron_sleeps = false;
    world.pass(300);
    assert_eq!(residual(&world, id), "0");
    world.finish();
}

#[test]
fn a_place_in_stripes_list_that_is_gone_begins_anew() {
    let mut world = World::new(23, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 5_000, "usd");
    world.pass(1_000);
    let run = r#"UPDATE event_list_progress SET run = '{"began":1795287600,"cursor":{"since":1795280000,"group":0,"after":"evt_gone"}}'"#;
    world.db.run(&[quittance::ports::Stmt::new(run, [])]).unwrap();
    world.stripe.borrow_mut().dial().drop = 100;
    pay_invoice(&world, id, 5_000, "usd");
    world.pass(2_000);
    assert_eq!(residual(&world, id), "0");
    world.finish();
}

#[test]
fn what_other_settings_ignored_is_taken_up_again() {
    let mut world = World::new(24, Version::V18);
    let go_live = world.vars["BOOK_FROM"].clone();
    world.set("BOOK_FROM", &(quittance::ports::Clock::now(&world.clock) + 86_400).to_string());
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 10_000, "usd");
    world.pass(600);
    assert!(events(&world).contains(&"payment_intent.succeeded ignored before_go_live".to_owned()));
    world.set("BOOK_FROM", &go_live);
    world.pass(600);
    assert_eq!((residual(&world, id).as_str(), booked(&world).len()), ("0", 1));
    let settings = world.db.query("SELECT settings_at FROM delivery");
    assert!(settings[0]["settings_at"].is_null(), "all were taken up: {settings:?}");
    world.finish();
}

/// An event whose worker always dies does not take the others of its batch along for long, and not for ever.
#[test]
fn an_event_that_kills_its_worker_is_worked_alone() {
    let mut world = World::new(26, Version::V18);
    let (bad, good) = (invoice(&world, "100.00", "USD"), invoice(&world, "100.00", "USD"));
    let poison = pay_invoice(&world, bad, 10_000, "usd").payment_intent;
    pay_invoice(&world, good, 10_000, "usd");
    *world.dial.deadly.borrow_mut() = Some(poison.clone());
    world.pass(1_200);
    assert_eq!(residual(&world, good), "0", "{:?}", events(&world));
    world.pass(86_400);
    let parked = world.db.query("SELECT DISTINCT code FROM inbox WHERE state = 'parked'");
    assert_eq!(parked.len(), 1, "{:?}", events(&world));
    assert_eq!(parked[0]["code"], "attempts_exhausted");
    world.finish();
}
