//! The payer's page never says the amount: the ERP does, and the payer chooses.

use quittance_sim::odoo::{Invoice, Version};
use quittance_sim::world::World;
use serde_json::{Value, json};

use crate::common::{booked, pay_invoice};
use crate::pay_page::{PayPage, code};

fn page_of_terms(terms: &str) -> PayPage {
    PayPage::of(Version::V19, &Invoice { terms, ..Invoice::of("100.00", "USD") })
}

fn amounts(answer: &Value) -> Vec<String> {
    let one = |a: &Value| format!("{} {}", a["kind"].as_str().unwrap(), a["money"]["amount"].as_str().unwrap());
    answer["amounts"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn only_what_odoo_asks_for_unless_part_payments_are_allowed() {
    let mut desk = PayPage::new();
    for amount in ["40.00", "99.99", "100.01", "0", "1e2", "-100", "100.001", "", "٤٠"] {
        let (status, answer) = desk.ask(json!({"amount": amount}));
        assert_eq!((status, code(&answer)), (422, "amount_not_allowed"), "{amount}");
    }
    assert_eq!(desk.intents(), Vec::<String>::new());
    desk.world.set("PAY_PARTIAL", "true");
    desk.world.set("PAY_MINIMUM", "10");
    assert_eq!(desk.ask(json!({"amount": "9.99"})).0, 422);
    let (status, answer) = desk.ask(json!({"amount": "40.00"}));
    assert_eq!((status, &answer["payment"]["money"]["minor"]), (200, &json!(4_000)));
    assert_eq!(answer["partial"]["least"]["amount"], "10.00");
    desk.world.finish();
}

#[test]
fn part_payments_one_after_the_other() {
    let mut desk = PayPage::new();
    desk.world.set("PAY_PARTIAL", "true");
    for (amount, left) in [("40.00", "60"), ("25.00", "35")] {
        let (_, answer) = desk.ask(json!({"amount": amount}));
        let payment = answer["payment"]["id"].as_str().unwrap().to_owned();
        assert_eq!(desk.confirm(&payment, "pm_card_visa"), 200);
        assert_eq!(desk.told(), "received", "nothing else before it is booked");
        desk.settle();
        assert_eq!(desk.residual(), left);
    }
    let (_, answer) = desk.ask(json!({}));
    assert_eq!(
        (&answer["payment"]["money"]["minor"], &answer["invoice"]["paid"]["minor"]),
        (&json!(3_500), &json!(6_500))
    );
    assert_eq!(desk.ask(json!({"amount": "35.01"})).0, 422);
    let payment = desk.open();
    desk.confirm(&payment, "pm_card_visa");
    desk.settle();
    assert_eq!((desk.told().as_str(), desk.charged(), booked(&desk.world).len()), ("paid", 10_000, 3));
    desk.world.finish();
}

#[test]
fn another_amount_cancels_the_first_payment_and_the_older_page_cannot_pay() {
    let mut desk = PayPage::new();
    desk.world.set("PAY_PARTIAL", "true");
    let whole = desk.open();
    let (_, answer) = desk.ask(json!({"amount": "40.00"}));
    let part = answer["payment"]["id"].as_str().unwrap().to_owned();
    assert_eq!(desk.intents(), ["canceled 10000", "requires_payment_method 4000"]);
    assert_eq!(desk.confirm(&whole, "pm_card_visa"), 400, "the page that still shows 100");
    assert_eq!(desk.open(), part, "and what it is offered instead");
    desk.settle();
    desk.world.finish();
}

#[test]
fn an_amount_that_is_just_being_paid_is_not_replaced() {
    let mut desk = PayPage::new();
    desk.world.set("PAY_PARTIAL", "true");
    let whole = desk.open();
    desk.confirm(&whole, "pm_card_visa");
    let (status, answer) = desk.ask(json!({"amount": "40.00"}));
    assert_eq!((status, &answer["state"], &answer["payment"]["id"]), (200, &json!("received"), &json!(whole)));
    desk.settle();
    assert_eq!((desk.charged(), desk.residual().as_str()), (10_000, "0"));
    desk.world.finish();
}

#[test]
fn what_is_open_changed_meanwhile() {
    let mut desk = PayPage::new();
    let first = desk.open();
    // Somebody pays 30 of it another way.
    pay_invoice(&desk.world, desk.invoice, 3_000, "usd");
    desk.settle();
    let (_, answer) = desk.ask(json!({}));
    assert_eq!(answer["payment"]["money"]["minor"], 7_000);
    assert_eq!(desk.confirm(&first, "pm_card_visa"), 400, "the older page");
    desk.settle();
    desk.world.finish();
}

#[test]
fn instalments_are_offered_one_by_one() {
    let mut desk = page_of_terms("30@0 30@10 40@30");
    let (_, answer) = desk.ask(json!({}));
    assert_eq!(amounts(&answer), ["next 30.00", "residual 100.00"]);
    assert_eq!(answer["payment"]["money"]["minor"], 3_000);
    let (_, whole) = desk.ask(json!({"amount": "100.00"}));
    assert_eq!(whole["payment"]["money"]["minor"], 10_000);
    let (_, answer) = desk.ask(json!({"amount": "30.00"}));
    let payment = answer["payment"]["id"].as_str().unwrap().to_owned();
    desk.confirm(&payment, "pm_card_visa");
    desk.settle();
    let (_, answer) = desk.ask(json!({}));
    assert_eq!(amounts(&answer), ["next 30.00", "residual 70.00"]);
    desk.settle();
    desk.world.finish();
}

#[test]
fn the_discounted_total_is_offered_until_its_day() {
    let mut desk = page_of_terms("-2@7");
    let (_, answer) = desk.ask(json!({}));
    assert_eq!(amounts(&answer), ["discounted 98.00", "residual 100.00"]);
    let early = answer["payment"]["id"].as_str().unwrap().to_owned();
    desk.world.pass(8 * 86_400);
    let (_, answer) = desk.ask(json!({}));
    assert_eq!(
        (amounts(&answer), &answer["payment"]["money"]["minor"]),
        (vec!["residual 100.00".to_owned()], &json!(10_000))
    );
    assert_eq!(desk.confirm(&early, "pm_card_visa"), 400, "a page left open for a week");
    desk.settle();
    desk.world.finish();
}

#[test]
fn currencies_by_stripes_exponents() {
    for (currency, amount, minor) in [("JPY", "1000", 1_000), ("KWD", "12.340", 12_340), ("ISK", "500", 50_000)] {
        let world = World::new(1, Version::V18);
        world.odoo.borrow_mut().set_rate(currency, 1, "1");
        let desk = PayPage::in_world(world, &Invoice::of(amount, currency));
        let (status, answer) = desk.ask(json!({}));
        assert_eq!((status, &answer["payment"]["money"]["minor"]), (200, &json!(minor)), "{currency} {answer}");
        desk.world.finish();
    }
}

#[test]
fn what_stripe_takes_no_payment_of() {
    let desk = PayPage::of(Version::V18, &Invoice::of("0.30", "USD"));
    for _ in 0..2 {
        let (status, answer) = desk.ask(json!({}));
        assert_eq!((status, code(&answer)), (422, "amount_not_payable"));
    }
    assert_eq!(desk.world.db.query("SELECT key FROM intents WHERE closed IS NULL").len(), 0);
    desk.world.finish();
}
