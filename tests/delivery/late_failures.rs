//! A debit that paid and failed after all, when the ledger does not know that it had paid: the answer to its receipt was
//! lost, or its receipt could not be booked in time. Whatever Odoo has is taken back, and nothing is booked that is over.

use crate::common::*;
use quittance::http::Request;
use quittance_sim::Party;
use quittance_sim::odoo::{Fault, Rule, Version};
use quittance_sim::stripe::merchant::Pay;
use quittance_sim::stripe::method::Method;
use quittance_sim::world::{STRIPE, World};

const DAY: i64 = 86_400;

fn debit(world: &World, id: i64, currency: &str) -> String {
    pay(world, &Pay { method: Method::Delayed, ..with(10_000, currency, ours(world, id)) }).payment_intent
}

fn fails(world: &World, payment: &str) {
    world.stripe.borrow_mut().fail_late(payment, "insufficient_funds").unwrap();
}

/// Transitions of the keys that Odoo has of a payment.
fn keys(world: &World, payment: &str) -> Vec<String> {
    let keys = world.odoo.borrow().keys();
    keys.iter().filter(|key| key.contains(payment)).filter_map(|key| Some(key.rsplit_once(':')?.1.to_owned())).collect()
}

/// Nothing is in flight: clearing is even, and each of its lines is reconciled.
fn is_even(world: &World) {
    let odoo = world.odoo.borrow();
    let clearing = odoo.role(1, "clearing").unwrap();
    for currency in ["USD", "EUR"] {
        assert!(odoo.balance_of(clearing, currency).0.is_zero(), "{:#?}", odoo.told(clearing));
    }
    assert!(odoo.open_lines(clearing).is_empty(), "{:#?}", odoo.told(clearing));
    assert!(world.db.query("SELECT * FROM transactions WHERE type IS NOT NULL").len() == 2);
}

/// Thin events say nothing of what was when they were made: read again after the failure, the success is none.
#[test]
fn a_receipt_whose_answer_was_lost_is_taken_back() {
    for version in VERSIONS {
        let mut world = World::thin(1, version);
        let id = invoice(&world, "100.00", "USD");
        let payment = debit(&world, id, "usd");
        world.odoo.borrow_mut().dial.add(Rule { on: payment.clone(), ..Rule::always(Fault::AnswerLost) });
        let booked = (0..60).any(|_| {
            world.pass(10);
            residual(&world, id) == "0"
        });
        assert!(booked, "{:?}", events(&world));
        // The money is on the balance a little later.
        world.pass(60);
        fails(&world, &payment);
        world.odoo.borrow_mut().dial.clear();
        world.pass(2 * DAY);
        assert_eq!(keys(&world, &payment), ["reversed", "succeeded"], "{:?}", events(&world));
        assert_eq!(residual(&world, id), "100");
        is_even(&world);
        world.finish();
    }
}

/// Nobody told of the success before it was over.
#[test]
fn what_was_never_received_is_netted_on_the_balance() {
    for thin in [false, true] {
        let mut world = if thin { World::thin(2, Version::V18) } else { World::new(2, Version::V18) };
        let id = invoice(&world, "100.00", "USD");
        world.stripe.borrow_mut().dial().drop = 100;
        world.cron_sleeps = true;
        let payment = debit(&world, id, "usd");
        world.pass(3_600);
        fails(&world, &payment);
        world.stripe.borrow_mut().dial().drop = 0;
        world.cron_sleeps = false;
        world.pass(2 * DAY);
        assert_eq!((keys(&world, &payment).len(), residual(&world, id).as_str()), (0, "100"));
        assert!(events(&world).contains(&"charge.failed ignored not_paid".to_owned()), "{:?}", events(&world));
        is_even(&world);
        world.finish();
    }
}

/// The failure has been looked at and waits for nobody any more when a person mends what held the receipt up.
#[test]
fn a_success_that_comes_to_be_booked_a_day_late_is_looked_at_again() {
    let mut world = World::new(3, Version::V18);
    world.stripe.borrow_mut().settings.rates.insert("chf".into(), "1.25".parse().unwrap());
    let payment = pay(&world, &Pay { method: Method::Delayed, ..Pay::card(10_000, "chf") }).payment_intent;
    world.pass(3_600);
    assert!(
        events(&world).contains(&"payment_intent.succeeded parked currency_inactive".to_owned()),
        "{:?}",
        events(&world)
    );
    fails(&world, &payment);
    world.pass(2 * DAY);
    world.odoo.borrow_mut().set_rate("CHF", 1, "0.8");
    let parked = "UPDATE inbox SET state = 'received', code = NULL, due = 0, queue_again_at = 0 WHERE state = 'parked'";
    world.db.run(&[quittance::ports::Stmt::new(parked, [])]).unwrap();
    world.pass(2 * DAY);
    assert_eq!(keys(&world, &payment), Vec::<String>::new(), "it had failed before anybody could book it");
    assert!(
        events(&world).contains(&"payment_intent.succeeded ignored payment_failed".to_owned()),
        "{:?}",
        events(&world)
    );
    is_even(&world);
    world.finish();
}

/// Its receipt's key is used, and a person has to book it.
#[test]
fn one_that_is_paid_once_more_is_told() {
    for thin in [false, true] {
        let mut world = if thin { World::thin(4, Version::V18) } else { World::new(4, Version::V18) };
        let id = invoice(&world, "100.00", "USD");
        let payment = debit(&world, id, "usd");
        world.pass(3_600);
        fails(&world, &payment);
        world.pass(3_600);
        assert_eq!(keys(&world, &payment), ["reversed", "succeeded"]);
        let path = format!("{STRIPE}/v1/payment_intents/{payment}/confirm");
        let request = Request::new("POST", path).with("authorization", "Bearer sk_test_sim");
        let answer = world.stripe.borrow_mut().handle(&request.body("payment_method=pm_card_visa")).within(60_000);
        assert_eq!(answer.map(|response| response.status), Ok(200));
        world.pass(3_600);
        assert!(
            events(&world).contains(&"payment_intent.succeeded parked paid_again".to_owned()),
            "{:?}",
            events(&world)
        );
        assert_eq!(keys(&world, &payment), ["reversed", "succeeded"]);
        world.finish();
    }
}
