//! Which events are money, and which only lead to it or are none.

use crate::common::*;
use quittance_sim::odoo::Version;
use quittance_sim::stripe::merchant::{Bill, Pay};
use quittance_sim::stripe::method::Method;
use quittance_sim::world::World;

#[test]
fn nothing_before_capture_and_the_captured_amount_after() {
    let mut world = World::new(1, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    let paid = pay(&world, &Pay { manual_capture: true, ..with(10_000, "usd", ours(&world, id)) });
    world.pass(600);
    assert!(booked(&world).is_empty());
    world.stripe.borrow_mut().capture(&paid.payment_intent, Some(6_000)).unwrap();
    world.pass(60);
    assert_eq!((residual(&world, id).as_str(), booked(&world)), ("40", vec![format!("60 USD → [{id}]")]));
    world.finish();
}

#[test]
fn declined_canceled_and_abandoned_payments_book_nothing() {
    let mut world = World::new(2, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    for method in [Method::Declined("insufficient_funds".into()), Method::ThreeDs] {
        let paid = pay(&world, &Pay { method, ..with(10_000, "usd", ours(&world, id)) });
        world.pass(30);
        world.stripe.borrow_mut().cancel(&paid.payment_intent, Some("abandoned")).unwrap();
        world.pass(30);
    }
    assert!(booked(&world).is_empty());
    assert_eq!(residual(&world, id), "100");
    let failed = world.db.query("SELECT detail FROM inbox WHERE code = 'payment_failed'");
    assert_eq!(failed[0]["detail"], "insufficient_funds");
    let events = events(&world);
    for known in [
        "payment_intent.requires_action ignored payment_requires_action",
        "payment_intent.canceled ignored payment_canceled",
    ] {
        assert!(events.iter().any(|e| e == known), "{events:#?}");
    }
    world.finish();
}

#[test]
fn delayed_methods_book_when_they_clear() {
    let mut world = World::new(3, Version::V18);
    let (good, bad) = (invoice(&world, "100.00", "USD"), invoice(&world, "50.00", "USD"));
    pay(&world, &Pay { method: Method::Delayed, ..with(10_000, "usd", ours(&world, good)) });
    pay(
        &world,
        &Pay { method: Method::DelayedFails("insufficient_funds".into()), ..with(5_000, "usd", ours(&world, bad)) },
    );
    world.pass(30);
    assert!(booked(&world).is_empty());
    world.pass(3_600);
    assert_eq!((residual(&world, good).as_str(), residual(&world, bad).as_str()), ("0", "50"));
    assert_eq!(booked(&world), [format!("100 USD → [{good}]")]);
    world.finish();
}

#[test]
fn three_d_secure_books_after_it_passed() {
    let mut world = World::new(4, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    let paid = pay(&world, &Pay { method: Method::ThreeDs, ..with(10_000, "usd", ours(&world, id)) });
    world.pass(30);
    assert!(booked(&world).is_empty());
    world.stripe.borrow_mut().authenticate(&paid.payment_intent, true).unwrap();
    world.pass(30);
    assert_eq!(residual(&world, id), "0");
    world.finish();
}

#[test]
fn a_charge_without_a_payment_intent_is_money() {
    let mut world = World::new(5, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    let number = world.odoo.borrow().number(id);
    let paid = pay(&world, &Pay { bare_charge: true, ..with(10_000, "usd", vec![("invoice", number)]) });
    world.pass(60);
    assert_eq!(residual(&world, id), "0");
    assert_eq!(posting(&world, &paid.charge)["key"], format!("stripe:acct_1SimQuittance000:{}:succeeded", paid.charge));
    world.finish();
}

#[test]
fn invoices_paid_without_stripe_are_ignored_with_the_reason() {
    let mut world = World::new(6, Version::V18);
    for (from_balance, reason) in [(false, "out_of_band"), (true, "credit_balance")] {
        let bill = Bill { amount: 5_000, ..Bill::default() };
        world.stripe.borrow_mut().pay_elsewhere(&bill, "usd", from_balance);
        world.pass(60);
        let expected = format!("invoice.paid ignored {reason}");
        assert!(events(&world).contains(&expected), "{:#?}", events(&world));
    }
    assert!(booked(&world).is_empty());
    world.finish();
}

#[test]
fn the_other_mode_and_other_accounts_are_ignored() {
    let mut world = World::new(7, Version::V18);
    world.stripe.borrow_mut().settings.connected = vec!["acct_1Connected00000".into()];
    let url = format!("{}/webhooks/stripe", quittance_sim::world::WORKER);
    world.stripe.borrow_mut().listen(
        &url,
        &[&quittance_sim::world::connect_secret(quittance_sim::world::SECRET)],
        true,
        false,
    );
    pay(&world, &Pay { livemode: Some(true), ..Pay::card(1_000, "usd") });
    pay(&world, &Pay { account: Some("acct_1Connected00000".into()), ..Pay::card(2_000, "usd") });
    world.pass(60);
    assert!(booked(&world).is_empty());
    let reasons =
        world.db.query("SELECT DISTINCT code FROM inbox WHERE type = 'payment_intent.succeeded' ORDER BY code");
    let reasons: Vec<&str> = reasons.iter().filter_map(|r| r["code"].as_str()).collect();
    assert!(reasons.contains(&"other_account"), "{reasons:?}");
    world.odoo.borrow_mut().add_owner(1, "acct_1Connected00000");
    world.set("STRIPE_ACCOUNTS", "acct_1Connected00000");
    let paid = pay(&world, &Pay { account: Some("acct_1Connected00000".into()), ..Pay::card(3_000, "usd") });
    world.pass(130);
    // What was ignored before the account was named is taken up again.
    let mut both = booked(&world);
    both.sort();
    assert_eq!(both, ["20 USD → []", "30 USD → []"]);
    assert_eq!(
        posting(&world, &paid.payment_intent)["key"],
        format!("stripe:acct_1Connected00000:{}:succeeded", paid.payment_intent)
    );
    world.finish();
}

#[test]
fn what_was_paid_before_go_live_is_left_to_the_opening_entry() {
    let mut world = World::new(8, Version::V18);
    world.set("BOOK_FROM", &(quittance::ports::Clock::now(&world.clock) + 3_600).to_string());
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 10_000, "usd");
    world.pass(60);
    assert!(booked(&world).is_empty());
    assert!(
        events(&world).contains(&"payment_intent.succeeded ignored before_go_live".to_owned()),
        "{:?}",
        events(&world)
    );
    world.pass(3_600);
    pay_invoice(&world, id, 10_000, "usd");
    world.pass(60);
    assert_eq!(residual(&world, id), "0");
    world.finish();
}
