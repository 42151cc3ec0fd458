//! Faults of the connection and of settings: delivery pauses, and no event pays for them.

use crate::common::*;
use quittance_sim::odoo::{Fault, Rule, Version};
use quittance_sim::stripe::fault::{ApiFault, Trouble};
use quittance_sim::world::World;

#[test]
fn a_fault_of_the_connection_pauses_delivery_and_costs_no_event_an_attempt() {
    for (fault, code) in [
        (Fault::Down, "erp_unreachable"),
        (Fault::Status(502), "erp_unreachable"),
        (Fault::DatabaseDown, "erp_database_missing"),
        (Fault::Html404, "erp_database_missing"),
        (Fault::Endless, "erp_answer_too_large"),
        (Fault::AuthRevoked, "erp_auth"),
        (Fault::RightsRemoved, "erp_rights"),
        (Fault::ProcedureMissing, "erp_procedure_missing"),
    ] {
        for version in VERSIONS {
            let mut world = World::new(1, version);
            // Something was booked before, so that the product knows this Odoo.
            let first = invoice(&world, "1.00", "USD");
            pay_invoice(&world, first, 100, "usd");
            world.pass(10);
            world.odoo.borrow_mut().dial.add(Rule::always(fault));
            let ids: Vec<i64> = (0..3).map(|_| invoice(&world, "100.00", "USD")).collect();
            ids.iter().for_each(|id| drop(pay_invoice(&world, *id, 10_000, "usd")));
            world.pass(1_800);
            let rows = world.db.query("SELECT attempts, state, code FROM inbox WHERE state NOT IN ('done', 'ignored')");
            assert!(
                !rows.is_empty() && rows.iter().all(|r| r["attempts"] == 0 && r["state"] == "received"),
                "{fault:?} {version:?} {rows:?}"
            );
            let standing = world.db.query("SELECT code, failures FROM delivery");
            assert!(standing[0]["failures"].as_i64() > Some(3), "{fault:?} {version:?} {standing:?}");
            assert_eq!(standing[0]["code"], code, "{fault:?} {version:?}");
            let alerts = world
                .logged("delivery_paused")
                .into_iter()
                .filter(|l| l.level == quittance::ports::Level::Alert)
                .count();
            assert_eq!(alerts, 1, "{fault:?} {version:?}: told once");
            world.odoo.borrow_mut().dial.clear();
            world.pass(1_200);
            assert!(ids.iter().all(|id| residual(&world, *id) == "0"), "{fault:?} {version:?}");
            assert_eq!(world.odoo.borrow().payments().len(), 4);
            world.finish();
        }
    }
}

#[test]
fn stripe_out_of_reach_delays_only_what_must_ask_it() {
    for trouble in [
        Trouble::RateLimited("global-rate".into()),
        Trouble::ServerError,
        Trouble::Unavailable,
        Trouble::DropAfter,
        Trouble::Slow(30_000),
    ] {
        let mut world = World::new(8, Version::V18);
        let (known, asks) = (invoice(&world, "100.00", "USD"), invoice(&world, "50.00", "USD"));
        pay_invoice(&world, known, 5_000, "usd");
        world.pass(10);
        world.stripe.borrow_mut().faults.add(ApiFault { times: 4, ..ApiFault::next("/v1/checkout", trouble.clone()) });
        let number = world.odoo.borrow().number(asks);
        pay(&world, &with(5_000, "usd", vec![("note", number)]));
        pay_invoice(&world, known, 5_000, "usd");
        world.pass(20);
        assert_eq!(residual(&world, known), "0", "{trouble:?}");
        world.pass(3_600);
        assert_eq!(booked(&world).len(), 3, "{trouble:?}");
        assert_eq!(world.db.query("SELECT failures FROM delivery")[0]["failures"], 0);
        world.finish();
    }
}

/// Of an answer that has no end nothing is known, and what it was about is asked for again.
#[test]
fn an_answer_of_stripe_that_has_no_end_is_an_attempt_and_a_list_goes_on_in_smaller_pages() {
    let mut world = World::new(8, Version::V18);
    let (known, asks) = (invoice(&world, "100.00", "USD"), invoice(&world, "50.00", "USD"));
    world.stripe.borrow_mut().faults.add(ApiFault { times: 3, ..ApiFault::next("/v1/checkout", Trouble::Endless) });
    let number = world.odoo.borrow().number(asks);
    pay(&world, &with(5_000, "usd", vec![("note", number)]));
    pay_invoice(&world, known, 5_000, "usd");
    world.pass(15);
    assert_eq!(residual(&world, known), "50");
    let late = world.db.query("SELECT state, code FROM inbox WHERE state = 'failed'");
    assert_eq!(late[0]["code"], "stripe_answer_too_large", "{late:?}");
    world.pass(3_600);
    assert_eq!(booked(&world).len(), 2);
    // A page of 100 that is too long for one answer is read by tens.
    let lost = pay_invoice(&world, known, 5_000, "usd");
    let out = quittance_sim::Party::outgoing(&mut *world.stripe.borrow_mut());
    for delivery in out {
        quittance_sim::Party::answered(&mut *world.stripe.borrow_mut(), delivery.id, None);
    }
    world.stripe.borrow_mut().faults.add(ApiFault::next("/v1/events", Trouble::Endless));
    world.stripe.borrow_mut().faults.add(ApiFault::next("/v1/balance_transactions", Trouble::Endless));
    world.tick(quittance::cron::RECOVER);
    assert!(world.logged("event_list_failed").is_empty() && world.logged("transaction_list_failed").is_empty());
    assert!(world.db.query("SELECT id FROM inbox WHERE form = 'pulled'").len() > 1, "{lost:?}");
    world.pass(3_600);
    assert_eq!(residual(&world, known), "0");
    world.finish();
}

#[test]
fn a_key_of_another_account_or_mode_stops_delivery() {
    let mut world = World::new(9, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 2_500, "usd");
    world.pass(10);
    world.set("STRIPE_API_KEY", "sk_live_sim");
    pay_invoice(&world, id, 2_500, "usd");
    world.pass(600);
    assert_eq!(
        (residual(&world, id).as_str(), world.db.query("SELECT code FROM delivery")[0]["code"].as_str()),
        ("75", Some("ledger_mode_mismatch"))
    );
    world.set("STRIPE_API_KEY", "sk_test_sim");
    world.pass(1_200);
    assert_eq!(residual(&world, id), "50");
    world.finish();
}

#[test]
fn a_missing_setting_pauses_delivery_and_names_it() {
    for name in ["ODOO_URL", "ODOO_API_KEY", "STRIPE_API_KEY", "BOOK_FROM"] {
        let mut world = World::new(10, Version::V18);
        let value = world.vars[name].clone();
        world.set(name, "");
        let id = invoice(&world, "100.00", "USD");
        pay_invoice(&world, id, 10_000, "usd");
        world.pass(60);
        let paused = world.logged("delivery_paused");
        assert_eq!(paused[0].fields["code"], "config_invalid");
        assert!(paused[0].fields["detail"].as_str().unwrap().contains(name));
        world.set(name, &value);
        world.pass(1_200);
        assert_eq!(residual(&world, id), "0", "{name}");
        world.finish();
    }
}

#[test]
fn a_key_that_stripe_refuses_pauses_delivery() {
    let mut world = World::new(16, Version::V18);
    world.set("STRIPE_API_KEY", "sk_test_revoked");
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 10_000, "usd");
    world.pass(60);
    assert_eq!(world.logged("delivery_paused")[0].fields["code"], "stripe_auth");
    let secrets: Vec<String> =
        world.log().iter().map(|l| l.fields.to_string()).filter(|f| f.contains("sk_test_revoked")).collect();
    assert!(secrets.is_empty(), "{secrets:?}");
    world.set("STRIPE_API_KEY", "sk_test_sim");
    world.pass(1_200);
    assert_eq!(residual(&world, id), "0");
    world.finish();
}

/// The probe passes and bookings fail: nobody is alarmed again and again, and nothing turns in circles.
#[test]
fn a_fault_that_only_bookings_meet_is_an_attempt_of_theirs_after_the_probe_passed() {
    let mut world = World::new(20, Version::V18);
    world.odoo.borrow_mut().dial.add(Rule::always(Fault::RightsRemoved).on("stripe:acct_"));
    let ids: Vec<i64> = (0..3).map(|_| invoice(&world, "100.00", "USD")).collect();
    ids.iter().for_each(|id| drop(pay_invoice(&world, *id, 10_000, "usd")));
    world.pass(10 * 86_400);
    let pauses = world.logged("delivery_paused");
    let alerts = pauses.iter().filter(|l| l.level == quittance::ports::Level::Alert).count();
    assert!(alerts == 1 && pauses.len() < 400, "{alerts} alerts, {} pauses", pauses.len());
    let open = world.db.query("SELECT state, code, attempts FROM inbox WHERE state NOT IN ('done', 'ignored')");
    assert!(open.iter().all(|r| r["code"] == "attempts_exhausted"), "{open:?}");
    world.finish();
}

#[test]
fn one_poisonous_payment_holds_nobody_up() {
    let mut world = World::new(21, Version::V19);
    let ids: Vec<i64> = (0..4).map(|_| invoice(&world, "100.00", "USD")).collect();
    let paid: Vec<_> = ids.iter().map(|id| pay_invoice(&world, *id, 10_000, "usd")).collect();
    world.odoo.borrow_mut().dial.add(Rule::always(Fault::RightsRemoved).on(&paid[0].payment_intent));
    world.pass(1_800);
    assert!(ids[1..].iter().all(|id| residual(&world, *id) == "0"), "{:?}", events(&world));
    world.pass(10 * 86_400);
    assert_eq!(residual(&world, ids[0]), "100");
    let open = world.db.query("SELECT DISTINCT subject, code FROM inbox WHERE state = 'parked'");
    assert_eq!((open.len(), open[0]["code"].as_str()), (1, Some("attempts_exhausted")));
    let alerts = world.logged("delivery_paused").iter().filter(|l| l.level == quittance::ports::Level::Alert).count();
    assert!(alerts < 100, "{alerts}");
    // The next booking shows that all is well.
    let next = invoice(&world, "100.00", "USD");
    pay_invoice(&world, next, 10_000, "usd");
    world.pass(60);
    assert_eq!(
        (residual(&world, next).as_str(), world.db.query("SELECT failures FROM delivery")[0]["failures"].as_i64()),
        ("0", Some(0))
    );
    world.finish();
}

#[test]
fn an_account_that_the_key_may_not_ask_is_no_fault_of_the_connection() {
    let mut world = World::new(22, Version::V18);
    world.set("STRIPE_ACCOUNTS", "acct_1Foreign000000");
    let now = quittance::ports::Clock::now(&world.clock);
    let body = serde_json::json!({"id": "evt_f", "object": "event", "type": "charge.succeeded", "livemode": false, "created": now,
        "account": "acct_1Foreign000000", "data": {"object": {"id": "ch_f", "object": "charge"}}});
    send(&world, &body.to_string());
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 10_000, "usd");
    world.pass(5 * 86_400);
    assert_eq!(residual(&world, id), "0");
    assert!(world.logged("delivery_paused").is_empty());
    assert_eq!(world.state("evt_f"), ("parked".to_owned(), Some("attempts_exhausted".to_owned())));
    world.finish();
}
