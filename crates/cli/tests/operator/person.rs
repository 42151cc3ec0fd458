//! `quittance export` and `quittance forget`.

use quittance_cli::person::{Arguments, export, forget};
use quittance_sim::stripe::merchant::Pay;
use serde_json::Value;

use super::*;

fn of_customer(customer: &str) -> Arguments {
    Arguments { customer: Some(customer.into()), reason: "she asked".into(), ..Arguments::default() }
}

/// More rows than one page has, of one payer, and what is parked is named as kept.
#[test]
fn all_pages_of_an_export_are_printed_and_what_is_kept_is_named() {
    let mut desk = OperatorBench::open(1, Version::V18);
    let made = Request::new("POST", format!("{}/v1/customers", quittance_sim::world::STRIPE))
        .with("authorization", "Bearer sk_test_sim")
        .body("name=Ada+Lovelace");
    let answer = quittance_sim::Party::handle(&mut *desk.world.stripe.borrow_mut(), &made).within(1_000).unwrap();
    let customer = serde_json::from_slice::<Value>(&answer.body).unwrap()["id"].as_str().unwrap().to_owned();
    let pay = |desk: &OperatorBench, currency| {
        let wish = Pay { customer: Some(customer.clone()), ..Pay::card(700, currency) };
        desk.world.stripe.borrow_mut().pay(&wish).unwrap().payment_intent
    };
    let payments: Vec<String> = (0..12).map(|_| pay(&desk, "usd")).collect();
    let parked = pay(&desk, "gbp");
    desk.world.pass(300);
    let printed = export(&of_customer(&customer), &desk.settings(), desk.http()).unwrap().join("\n");
    let all: Value = serde_json::from_str(&printed).unwrap();
    let inbox = all["tables"]["inbox"].as_array().unwrap();
    assert!(inbox.len() > 20, "{} events", inbox.len());
    for payment in payments.iter().chain([&parked]) {
        assert!(inbox.iter().any(|row| row["subject"] == **payment), "{payment}");
    }
    let lines = forget(&of_customer(&customer), &desk.settings(), desk.http()).unwrap().join("\n");
    assert!(lines.contains("Kept for now") && lines.contains(&parked), "{lines}");
    // A receipt without an invoice is the customer's money still.
    assert!(payments.iter().all(|payment| lines.contains(payment)), "{lines}");
    let audit = "SELECT action || ' ' || target || ' ' || outcome AS it FROM audit ORDER BY number";
    let audit: Vec<String> =
        desk.world.db.query(audit).iter().filter_map(|row| Some(row.get("it")?.as_str()?.to_owned())).collect();
    assert_eq!(audit, [format!("export {customer} shown"), format!("forget {customer} 0 forgotten, 13 kept")]);
    desk.world.disable_drop_check();
}
