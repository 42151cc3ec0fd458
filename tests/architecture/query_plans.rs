//! The cost of an event must not grow with the events kept: every statement finds its rows by an index.

use crate::common::*;
use quittance::cron;
use quittance_sim::odoo::{Fault, Rule, Version};
use quittance_sim::stripe::merchant::Pay;
use quittance_sim::world::World;

#[test]
fn no_statement_of_a_busy_day_scans_a_table() {
    let mut world = World::new(1, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 5_000, "usd");
    pay(&world, &Pay::card(700, "usd"));
    pay(&world, &Pay { invoices: vec![Default::default()], ..Pay::card(800, "usd") });
    world.pass(60);
    world.odoo.borrow_mut().dial.add(Rule { times: Some(3), ..Rule::always(Fault::Down) });
    pay_invoice(&world, id, 5_000, "usd");
    world.pass(3_600);
    begin_to_pay(&mut world);
    world.pass(1_800);
    world.tick(cron::RECOVER);
    let seen = world.db.seen.borrow().clone();
    assert!(seen.len() >= 15, "{}", seen.len());
    let mut scans = Vec::new();
    for sql in seen {
        for step in world.db.plan(sql).unwrap() {
            // `delivery` and `identity` have one row each.
            let scan = TABLES.iter().any(|table| {
                step.starts_with("SCAN")
                    && step
                        .split_whitespace()
                        .nth(1)
                        .is_some_and(|name| name == *table || alias(sql, name) == Some(table))
            });
            // Sorting the due events of one subject is fine: they are few.
            if scan {
                scans.push(format!("{step}: {sql}"));
            }
        }
    }
    assert!(scans.is_empty(), "{scans:#?}");
    world.finish();
}

const TABLES: [&str; 8] = [
    "transactions",
    "transaction_list_progress",
    "inbox",
    "postings",
    "leases",
    "event_list_progress",
    "intents",
    "customers",
];

/// Somebody pays a part on the page, is declined, chooses another part, and leaves it.
fn begin_to_pay(world: &mut World) {
    world.set("PAY_PARTIAL", "true");
    let id = invoice(world, "100.00", "USD");
    let token = world.odoo.borrow_mut().token(id);
    for amount in ["40.00", "60.00"] {
        let body = serde_json::json!({"invoice": id, "access_token": token, "amount": amount}).to_string();
        let url = format!("{}/api/payment-intents", quittance_sim::world::WORKER);
        let answer = world.request(&quittance::http::Request::new("POST", url).body(body)).unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let payment = answer["payment"]["id"].as_str().unwrap().to_owned();
        for method in ["pm_card_chargeDeclined", "pm_card_visa"].iter().take(if amount == "40.00" { 2 } else { 1 }) {
            let url = format!("{}/v1/payment_intents/{payment}/confirm", quittance_sim::world::STRIPE);
            let confirm = quittance::http::Request::new("POST", url)
                .with("authorization", "Bearer sk_test_sim")
                .body(format!("payment_method={method}"));
            quittance_sim::Party::handle(&mut *world.stripe.borrow_mut(), &confirm);
        }
        world.pass(60);
    }
    let status =
        quittance::http::Request::new("GET", format!("{}/api/invoices/{id}/payment", quittance_sim::world::WORKER));
    assert_eq!(world.request(&status.with("x-access-token", token)).unwrap().status, 200);
}

/// The table behind an alias, `inbox i`.
fn alias<'a>(sql: &str, name: &str) -> Option<&'a &'static str> {
    TABLES.iter().find(|table| sql.contains(&format!("{table} {name} ")) || sql.contains(&format!("{table} {name})")))
}

#[test]
fn two_round_trips_and_a_handful_of_statements_for_one_event_or_twenty() {
    let mut world = World::new(2, Version::V18);
    world.cron_sleeps = true;
    let mut costs = Vec::new();
    for events in [1, 1, 20] {
        let ids: Vec<i64> = (0..events).map(|_| invoice(&world, "1.00", "USD")).collect();
        world.stripe.borrow_mut().settings.settle_after_ms = 0;
        ids.iter().for_each(|id| drop(pay_invoice(&world, *id, 100, "usd")));
        let out = quittance_sim::Party::outgoing(&mut *world.stripe.borrow_mut());
        for delivery in &out {
            let wanted = String::from_utf8_lossy(&delivery.request.body).contains("\"payment_intent.succeeded\"");
            let status = if wanted { world.request(&delivery.request).map(|r| r.status) } else { Some(200) };
            quittance_sim::Party::answered(&mut *world.stripe.borrow_mut(), delivery.id, status);
        }
        let (trips, statements) = (world.db.trips.get(), world.db.statements.get());
        world.work();
        costs.push((world.db.trips.get() - trips, world.db.statements.get() - statements));
        assert!(ids.iter().all(|id| residual(&world, *id) == "0"));
    }
    // The first event also asks whose key it is and remembers the answer.
    // One of them keeps the words by which operators look for a receipt.
    assert_eq!(costs[1], (2, 11), "claim and settle: {costs:?}");
    assert_eq!(costs[2], costs[1], "twenty cost what one costs");
    world.finish();
}
