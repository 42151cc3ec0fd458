//! Attempts are kept, equal ones counted together, at no cost where all goes well.

use quittance_sim::odoo::{Fault, Rule};
use serde_json::{Value, json};

use super::*;
use crate::common::*;

fn story(world: &World, payment: &str) -> Value {
    let row = world
        .db
        .query(&format!("SELECT id FROM inbox WHERE subject = '{payment}' AND type = 'payment_intent.succeeded'"));
    get(world, &format!("/admin/api/events/{}", row[0]["id"].as_str().unwrap()))
}

#[test]
fn what_went_well_at_once_has_no_history() {
    let mut world = world(41);
    let id = invoice(&world, "10.00", "USD");
    pay_invoice(&world, id, 1_000, "usd");
    world.pass(1_000);
    assert!(world.db.query("SELECT * FROM attempts").is_empty());
    world.finish();
}

#[test]
fn equal_attempts_in_a_row_are_one_row() {
    let mut world = world(42);
    let id = invoice(&world, "10.00", "USD");
    world.odoo.borrow_mut().dial.add(Rule { times: Some(3), ..Rule::always(Fault::Serialization) });
    let paid = pay_invoice(&world, id, 1_000, "usd").payment_intent;
    world.pass(3_600);
    let story = story(&world, &paid);
    assert_eq!(story["event"]["state"], "done");
    let attempts = story["attempts"].as_array().unwrap();
    let told: Vec<String> =
        attempts.iter().map(|a| format!("{} {} ×{}", a["state"].as_str().unwrap(), a["code"], a["times"])).collect();
    assert!(told[0].starts_with("failed \"erp_busy\""), "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("done null ×1"), "{told:?}");
    assert!(attempts[0]["last"].as_i64() > attempts[0]["at"].as_i64() || attempts[0]["times"] == json!(1));
    world.finish();
}

#[test]
fn only_the_newest_are_kept_and_none_beyond_their_retention() {
    let mut world = world(43);
    let (at, event) = {
        pay(&world, &with(5_000, "gbp", vec![]));
        world.pass(60);
        let row = world.db.query("SELECT id FROM inbox WHERE state = 'parked' AND type = 'payment_intent.succeeded'");
        (quittance::ports::Clock::now(&world.clock), row[0]["id"].as_str().unwrap().to_owned())
    };
    let fill = "INSERT INTO attempts (event, number, at, last, times, state, code, detail) \
         SELECT ?1, value, ?2, ?2, 1, 'failed', 'erp_busy', value FROM json_each(?3)";
    let numbers = json!((2..100).collect::<Vec<i64>>()).to_string();
    world.db.run(&[quittance::ports::Stmt::new(fill, [event.as_str().into(), at.into(), numbers.into()])]).unwrap();
    act(&world, &format!("/admin/api/events/{event}/replay"), json!({}));
    world.pass(60);
    let rows = world.db.query(&format!("SELECT number FROM attempts WHERE event = '{event}' ORDER BY number"));
    assert_eq!((rows.len(), &rows[0]["number"], &rows[29]["number"]), (30, &json!(71), &json!(100)));
    world.set("RETENTION_DAYS", "1");
    world.pass(2 * 86_400);
    assert!(world.db.query(&format!("SELECT number FROM attempts WHERE event = '{event}'")).is_empty());
}
