//! When the ERP, Stripe or the ledger fails: nothing is lost, nothing is booked twice, and no event pays for a fault of
//! the connection.

mod common;

use common::*;
use quittance_sim::odoo::{Fault, Rule, Version};
use quittance_sim::stripe::fault::{ApiFault, Trouble};
use quittance_sim::world::World;
use quittance_sim::world::dial::Mishap;

#[test]
fn a_fault_of_the_connection_pauses_delivery_and_costs_no_event_an_attempt() {
    for (fault, code) in [
        (Fault::Down, "erp_unreachable"),
        (Fault::Status(502), "erp_unreachable"),
        (Fault::DatabaseDown, "erp_database_missing"),
        (Fault::Html404, "erp_database_missing"),
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
    replay(&world, &bad.payment_intent);
    world.pass(130);
    assert_eq!(posting(&world, &bad.payment_intent)["outcome"], "created");
    world.finish();
}

fn replay(world: &World, subject: &str) {
    let sql: &'static str = include_str!("../docs/replay.sql");
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
                quittance::ports::Stmt::new("DELETE FROM recovery", []),
            ])
            .unwrap();
        world.pass(1_000);
        assert!(world.odoo.borrow().payments().is_empty());
        // Without it, Odoo's claim row knows.
        for table in ["DELETE FROM inbox", "DELETE FROM postings", "DELETE FROM recovery"] {
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
    for table in ["DELETE FROM inbox", "DELETE FROM postings", "DELETE FROM recovery"] {
        world.db.run(&[quittance::ports::Stmt::new(table, [])]).unwrap();
    }
    world.pass(1_000);
    assert_eq!((booked(&world).len(), residual(&world, id).as_str()), (1, "100"));
    assert!(flags(&world).contains(&"payment_cancelled".to_owned()), "{:?}", flags(&world));
    world.finish();
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
    // A company that the Worker's user may not enter.
    let mut world = World::new(15, Version::V18);
    let other = world.odoo.borrow_mut().company("Closed Inc", "USD");
    world.odoo.borrow_mut().set_up_company(other);
    let id = world
        .odoo
        .borrow_mut()
        .invoice(&quittance_sim::odoo::Invoice { company: other, ..quittance_sim::odoo::Invoice::of("50.00", "USD") });
    let login = quittance_sim::odoo::CLERK_LOGIN;
    let clerk = (1..50).find(|id| world.odoo.borrow().look("res.users", *id, "login") == login).unwrap();
    world.odoo.borrow_mut().poke("res.users", clerk, "company_ids", serde_json::json!([1]));
    pay_invoice(&world, id, 5_000, "usd");
    world.pass(60);
    let parked = world.db.query("SELECT DISTINCT code FROM inbox WHERE state = 'parked'");
    assert_eq!((parked.len(), parked[0]["code"].as_str()), (1, Some("wrong_company")));
    world.finish();
}

fn active(world: &World, currency: &str) {
    let id = (1..50).find(|id| world.odoo.borrow().look("res.currency", *id, "name") == currency).unwrap();
    world.odoo.borrow_mut().poke("res.currency", id, "active", true.into());
}

fn whole_euros(world: &World) {
    world.odoo.borrow_mut().set_rate("EUR", 1, "0.8");
    let id = (1..50).find(|id| world.odoo.borrow().look("res.currency", *id, "name") == "EUR").unwrap();
    world.odoo.borrow_mut().poke("res.currency", id, "decimal_places", 0.into());
    world.odoo.borrow_mut().poke("res.currency", id, "rounding", 1.into());
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

fn post(world: &World, id: &str, object: serde_json::Value) {
    let now = quittance::ports::Clock::now(&world.clock);
    let body = serde_json::json!({"id": id, "object": "event", "type": "payment_intent.succeeded", "livemode": false,
        "created": now, "api_version": "2026-10-28.endive", "data": {"object": object}})
    .to_string();
    send(world, &body);
}

/// Signs a body as Stripe would and posts it.
fn send(world: &World, body: &str) {
    let now = quittance::ports::Clock::now(&world.clock);
    let secret = quittance::config::Secret::new(quittance_sim::world::SECRET);
    let request = quittance::http::Request::new("POST", format!("{}/webhooks/stripe", quittance_sim::world::WORKER))
        .with("stripe-signature", quittance::stripe::signature::sign(body.as_bytes(), &secret, now))
        .body(body);
    assert_eq!(world.request(&request).map(|r| r.status), Some(200));
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

#[test]
fn a_place_in_stripes_list_that_is_gone_begins_anew() {
    let mut world = World::new(23, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 5_000, "usd");
    world.pass(1_000);
    let run = r#"UPDATE recovery SET run = '{"began":1795287600,"cursor":{"since":1795280000,"group":0,"after":"evt_gone"}}'"#;
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
