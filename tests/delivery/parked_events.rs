//! What a person must look at: refusals, payments undone in the ERP, events that cannot be read.

use crate::common::*;
use quittance_sim::odoo::{Fault, Rule, Version};
use quittance_sim::world::World;
use rust_decimal::Decimal;

#[test]
fn a_refused_event_is_parked_told_and_harms_no_other() {
    let mut world = World::new(5, Version::V18);
    let good = invoice(&world, "100.00", "USD");
    // GBP is not active in this database.
    let bad = pay(&world, &with(5_000, "gbp", vec![]));
    pay_invoice(&world, good, 10_000, "usd");
    world.pass(60);
    assert_eq!(residual(&world, good), "0");
    let parked = world.db.query("SELECT id, code FROM inbox WHERE state = 'parked'");
    assert!(!parked.is_empty() && parked.iter().all(|r| r["code"] == "currency_inactive"), "{parked:?}");
    assert!(!world.logged("event_parked").is_empty());
    // A person acts, then replays: docs/OPERATIONS.md has the statement.
    world.odoo.borrow_mut().set_rate("GBP", 1, "0.75");
    world.odoo.borrow_mut().settle_in(1, "GBP");
    replay(&world, &bad.payment_intent);
    // What set-up must mend is tried again by itself.
    world.pass(130);
    assert_eq!(posting(&world, &bad.payment_intent)["outcome"], "created");
    world.finish();
}

fn replay(world: &World, subject: &str) {
    let sql: &'static str = include_str!("../../docs/replay.sql");
    let args = [subject.into(), quittance::ports::Clock::now(&world.clock).into()];
    world.db.run(&[quittance::ports::Stmt::new(sql, args)]).unwrap();
}

#[test]
fn a_deleted_payment_is_reported_even_by_an_empty_ledger() {
    for version in VERSIONS {
        let mut world = World::new(6, version);
        let id = invoice(&world, "100.00", "USD");
        let paid = pay_invoice(&world, id, 10_000, "usd");
        world.pass(60);
        let payment = world.odoo.borrow().payments()[0].id;
        world.odoo.borrow_mut().delete_payment(payment);
        // With the ledger, a late event of the payment changes nothing.
        world
            .db
            .run(&[
                quittance::ports::Stmt::new("DELETE FROM inbox", []),
                quittance::ports::Stmt::new("DELETE FROM event_list_progress", []),
            ])
            .unwrap();
        world.pass(1_000);
        assert!(world.odoo.borrow().payments().is_empty());
        // Without it, Odoo's claim row knows.
        for table in ["DELETE FROM inbox", "DELETE FROM postings", "DELETE FROM event_list_progress"] {
            world.db.run(&[quittance::ports::Stmt::new(table, [])]).unwrap();
        }
        world.pass(1_000);
        assert!(world.odoo.borrow().payments().is_empty(), "{version:?}");
        assert_eq!(posting(&world, &paid.payment_intent)["outcome"], "gone");
        let parked = world.db.query("SELECT code FROM inbox WHERE state = 'parked'");
        assert_eq!((parked.len(), parked[0]["code"].as_str()), (1, Some("payment_gone")), "{version:?}");
        world.finish();
    }
}

#[test]
fn a_cancelled_payment_is_reported_not_redone() {
    let mut world = World::new(7, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 10_000, "usd");
    world.pass(60);
    let payment = world.odoo.borrow().payments()[0].id;
    world.odoo.borrow_mut().cancel_payment(payment);
    for table in ["DELETE FROM inbox", "DELETE FROM postings", "DELETE FROM event_list_progress"] {
        world.db.run(&[quittance::ports::Stmt::new(table, [])]).unwrap();
    }
    world.pass(1_000);
    assert_eq!((booked(&world).len(), residual(&world, id).as_str()), (1, "100"));
    assert!(flags(&world).contains(&"payment_cancelled".to_owned()), "{:?}", flags(&world));
    world.finish();
}

#[test]
fn an_attempt_too_many_parks_the_event() {
    let mut world = World::new(13, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    world.odoo.borrow_mut().dial.add(Rule::always(Fault::Serialization).on("ir.actions.server.run"));
    pay_invoice(&world, id, 10_000, "usd");
    world.pass(4 * 86_400);
    let parked = world.db.query("SELECT code, attempts, detail FROM inbox WHERE state = 'parked'");
    assert!(
        !parked.is_empty() && parked.iter().all(|r| r["code"] == "attempts_exhausted" && r["attempts"] == 19),
        "{parked:?}"
    );
    world.finish();
}

#[test]
fn refusals_of_the_books_are_parked_with_their_code() {
    // A currency without a rate; one whose decimal places in Odoo cannot hold Stripe's amount.
    for (currency, minor, code, prepare) in [
        ("gbp", 5_000, "currency_rate_missing", (|w| active(w, "GBP")) as fn(&World)),
        ("eur", 1_234, "amount_not_representable", whole_euros),
    ] {
        let mut world = World::new(14, Version::V18);
        prepare(&world);
        pay(&world, &with(minor, currency, vec![]));
        world.pass(60);
        let parked = world.db.query("SELECT DISTINCT code FROM inbox WHERE state = 'parked'");
        assert_eq!((parked.len(), parked[0]["code"].as_str()), (1, Some(code)));
        assert!(world.odoo.borrow().payments().is_empty());
        world.finish();
    }
    // A branch that the Worker's user may not enter.
    let mut world = World::new(15, Version::V18);
    let other = world.odoo.borrow_mut().company("Closed Branch", "USD");
    world.odoo.borrow_mut().poke("res.company", other, "parent_id", 1.into());
    let id = world
        .odoo
        .borrow_mut()
        .invoice(&quittance_sim::odoo::Invoice { company: other, ..quittance_sim::odoo::Invoice::of("50.00", "USD") });
    let login = quittance_sim::odoo::CLERK_LOGIN;
    let clerk = (1..50).find(|id| world.odoo.borrow().field_value("res.users", *id, "login") == login).unwrap();
    world.odoo.borrow_mut().poke("res.users", clerk, "company_ids", serde_json::json!([1]));
    pay_invoice(&world, id, 5_000, "usd");
    world.pass(60);
    let parked = world.db.query("SELECT DISTINCT code FROM inbox WHERE state = 'parked'");
    assert_eq!((parked.len(), parked[0]["code"].as_str()), (1, Some("wrong_company")));
    world.finish();
}

/// Money of a day waits for a rate of that day: one that is entered for a later day is none, whatever Odoo makes of it.
#[test]
fn a_rate_of_a_later_day_is_no_rate() {
    for version in VERSIONS {
        let mut world = World::new(16, version);
        world.odoo.borrow_mut().settle_in(1, "CHF");
        let day = |days: i64| quittance::date::iso(quittance::ports::Clock::now(&world.clock) + days * 86_400);
        let (today, tomorrow) = (day(0), day(1));
        active(&world, "CHF");
        let paid = pay(&world, &with(10_000, "chf", vec![]));
        world.pass(60);
        world.odoo.borrow_mut().set_rate_of(&tomorrow, "CHF", 1, "0.8");
        replay(&world, &paid.payment_intent);
        world.pass(130);
        let parked = world.db.query("SELECT DISTINCT code, detail FROM inbox WHERE state = 'parked'");
        assert_eq!((parked.len(), parked[0]["code"].as_str()), (1, Some("currency_rate_missing")), "{version:?}");
        let detail = parked[0]["detail"].as_str().unwrap();
        assert!(detail.contains("CHF") && detail.contains(&today), "the day and the currency are named: {detail}");
        assert!(world.odoo.borrow().payments().is_empty(), "{version:?}");
        world.odoo.borrow_mut().set_rate_of(&today, "CHF", 1, "0.4");
        let sql = "SELECT DISTINCT subject FROM inbox WHERE state = 'parked'";
        world.db.query(sql).iter().for_each(|row| replay(&world, row["subject"].as_str().unwrap()));
        world.pass(130);
        let odoo = world.odoo.borrow();
        let entries = odoo.entries();
        let lines: Vec<_> =
            entries.iter().flat_map(|entry| &entry.lines).filter(|line| line.currency == "CHF").collect();
        assert!(lines.len() >= 4, "{version:?}: {lines:?}");
        assert!(lines.iter().all(|line| line.value == line.amount / "0.4".parse::<Decimal>().unwrap()), "{lines:?}");
        drop(odoo);
        world.finish();
    }
}

/// A module of somebody's that values money otherwise than by Odoo's own rates is found before it has booked anything.
#[test]
fn what_is_valued_otherwise_than_by_its_rate_is_not_booked() {
    for version in VERSIONS {
        let mut world = World::new(16, version);
        world.odoo.borrow_mut().set_rate("GBP", 1, "0.75");
        world.odoo.borrow_mut().settle_in(1, "GBP");
        world.odoo.borrow_mut().valued_at = Some("1.5".parse().unwrap());
        let paid = pay(&world, &with(10_000, "gbp", vec![]));
        world.pass(60);
        let parked = world.db.query("SELECT DISTINCT code FROM inbox WHERE state = 'parked'");
        assert_eq!((parked.len(), parked[0]["code"].as_str()), (1, Some("currency_rate_differs")), "{version:?}");
        assert!(world.odoo.borrow().entries().is_empty(), "{version:?}");
        world.odoo.borrow_mut().valued_at = None;
        let sql = "SELECT DISTINCT subject FROM inbox WHERE state = 'parked'";
        world.db.query(sql).iter().for_each(|row| replay(&world, row["subject"].as_str().unwrap()));
        world.pass(130);
        assert_eq!(posting(&world, &paid.payment_intent)["outcome"], "created");
        world.finish();
    }
}

fn active(world: &World, currency: &str) {
    let id = (1..50).find(|id| world.odoo.borrow().field_value("res.currency", *id, "name") == currency).unwrap();
    world.odoo.borrow_mut().poke("res.currency", id, "active", true.into());
}

fn whole_euros(world: &World) {
    world.odoo.borrow_mut().set_rate("EUR", 1, "0.8");
    let id = (1..50).find(|id| world.odoo.borrow().field_value("res.currency", *id, "name") == "EUR").unwrap();
    world.odoo.borrow_mut().poke("res.currency", id, "decimal_places", 0.into());
    world.odoo.borrow_mut().poke("res.currency", id, "rounding", 1.into());
}

#[test]
fn an_object_without_what_a_booking_needs_is_parked() {
    let mut world = World::new(17, Version::V18);
    post(&world, "evt_odd", serde_json::json!({"id": "pi_odd", "object": "payment_intent", "status": "succeeded"}));
    world.pass(30);
    assert_eq!(world.state("evt_odd"), ("parked".to_owned(), Some("event_unreadable".to_owned())));
    world.finish();
}

#[test]
fn an_object_that_stripe_does_not_know_is_parked_in_the_end() {
    let mut world = World::new(18, Version::V18);
    let now = quittance::ports::Clock::now(&world.clock);
    let body = serde_json::json!({"id": "evt_ghost", "object": "event", "type": "charge.succeeded", "livemode": false, "created": now,
        "api_version": "2019-01-01", "data": {"object": {"id": "ch_ghost", "object": "charge"}}})
    .to_string();
    send(&world, &body);
    world.pass(60);
    assert_eq!(world.state("evt_ghost"), ("failed".to_owned(), Some("stripe_object_missing".to_owned())));
    world.pass(4 * 86_400);
    assert_eq!(world.state("evt_ghost"), ("parked".to_owned(), Some("attempts_exhausted".to_owned())));
    world.finish();
}

#[test]
fn another_amount_than_was_booked_is_told() {
    let mut world = World::new(25, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    let paid = pay_invoice(&world, id, 10_000, "usd");
    world.pass(60);
    let now = quittance::ports::Clock::now(&world.clock);
    post(
        &world,
        "evt_more",
        serde_json::json!({"id": paid.payment_intent, "object": "payment_intent", "status": "succeeded",
        "livemode": false, "amount": 12_000, "amount_received": 12_000, "currency": "usd", "created": now,
        "customer": null, "latest_charge": null, "metadata": {}}),
    );
    world.pass(60);
    assert_eq!(world.state("evt_more"), ("parked".to_owned(), Some("amount_differs".to_owned())));
    assert_eq!(booked(&world).len(), 1);
    world.finish();
}
