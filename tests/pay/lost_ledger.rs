//! The ledger is empty, or older than what happened: what Stripe and Odoo know keeps a payer from paying twice.

use quittance_sim::odoo::Invoice;
use quittance_sim::world::port_faults::Mishap;
use serde_json::json;

use crate::pay_page::PayPage;

/// All that the ledger knew of payers, as a restored database may lack it.
fn lose(desk: &PayPage) {
    desk.world.db.query("DELETE FROM intents RETURNING key");
    desk.world.db.query("DELETE FROM customers RETURNING key");
}

#[test]
fn a_debit_under_way_is_found_at_stripe() {
    for linked in [true, false] {
        let mut desk = PayPage::new();
        desk.world.stripe.borrow_mut().settings.clear_after_ms = 3 * 86_400_000;
        let payment = desk.open();
        assert_eq!(desk.confirm(&payment, "pm_usBankAccount_success"), 200);
        if linked {
            // The contact in Odoo names the customer; else a search finds him.
            desk.settle();
        }
        lose(&desk);
        assert_eq!(desk.told(), "processing", "linked: {linked}");
        assert_eq!(desk.intents().len(), 1);
        desk.world.pass(4 * 86_400);
        assert_eq!((desk.told().as_str(), desk.charged(), desk.intents().len()), ("paid", 10_000, 1));
        desk.world.finish();
    }
}

#[test]
fn a_page_that_is_open_goes_on() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    desk.settle();
    lose(&desk);
    assert_eq!(desk.open(), payment);
    desk.confirm(&payment, "pm_card_visa");
    desk.settle();
    assert_eq!((desk.told().as_str(), desk.charged()), ("paid", 10_000));
    desk.world.finish();
}

#[test]
fn another_amount_than_the_lost_one_cancels_it() {
    let mut desk = PayPage::new();
    desk.world.set("PAY_PARTIAL", "true");
    desk.open();
    desk.settle();
    lose(&desk);
    let (_, answer) = desk.ask(json!({"amount": "40.00"}));
    assert_eq!(answer["payment"]["money"]["minor"], 4_000);
    assert_eq!(desk.intents(), ["canceled 10000", "requires_payment_method 4000"]);
    desk.settle();
    desk.world.finish();
}

/// A part was paid and booked, then the whole ledger was lost: the payer waits until Stripe's list has brought it back.
#[test]
fn what_was_booked_comes_back_before_anything_else_begins() {
    let mut desk = PayPage::new();
    desk.world.set("PAY_PARTIAL", "true");
    let (_, answer) = desk.ask(json!({"amount": "40.00"}));
    desk.confirm(answer["payment"]["id"].as_str().unwrap(), "pm_card_visa");
    desk.settle();
    lose(&desk);
    for table in ["postings", "inbox", "event_list_progress"] {
        desk.world.db.query(&format!("DELETE FROM {table} RETURNING 1"));
    }
    assert_eq!(desk.told(), "received");
    desk.world.pass(1_800);
    let (_, answer) = desk.ask(json!({}));
    assert_eq!((&answer["state"], &answer["payment"]["money"]["minor"]), (&json!("open"), &json!(6_000)));
    assert_eq!(desk.world.odoo.borrow().payments().len(), 1);
    desk.settle();
    desk.world.finish();
}

/// The customer's other invoice is looked at first: what was lost of this one is found all the same.
#[test]
fn every_invoice_of_a_customer_is_looked_up() {
    let mut desk = PayPage::new();
    desk.world.stripe.borrow_mut().settings.clear_after_ms = 3 * 86_400_000;
    let payment = desk.open();
    assert_eq!(desk.confirm(&payment, "pm_usBankAccount_success"), 200);
    desk.settle();
    lose(&desk);
    let (invoice, token) = (desk.invoice, desk.token.clone());
    let other = PayPage::in_world(desk.world, &Invoice::of("55.00", "USD"));
    other.open();
    let mut desk = PayPage { world: other.world, invoice, token };
    assert_eq!(desk.told(), "processing");
    desk.world.pass(4 * 86_400);
    desk.world.finish();
}

/// A ledger of an hour ago: it knows an earlier attempt at the invoice, and not the one that is being paid.
#[test]
fn an_older_ledger_finds_the_newer_attempt() {
    let mut desk = PayPage::new();
    desk.world.set("PAY_PARTIAL", "true");
    desk.world.stripe.borrow_mut().settings.clear_after_ms = 3 * 86_400_000;
    desk.open();
    desk.world.pass(3_600);
    let (_, answer) = desk.ask(json!({"amount": "40.00"}));
    assert_eq!(desk.confirm(answer["payment"]["id"].as_str().unwrap(), "pm_usBankAccount_success"), 200);
    desk.world.db.query("DELETE FROM intents WHERE attempt = 2 RETURNING key");
    desk.world.db.query("UPDATE intents SET closed = NULL, status = 'requires_payment_method' RETURNING key");
    desk.world.db.query("DELETE FROM customers RETURNING key");
    assert_eq!(desk.told(), "processing");
    desk.world.pass(4 * 86_400);
    assert_eq!((desk.residual().as_str(), desk.charged()), ("60", 4_000));
    desk.world.finish();
}

/// Whatever call fails, or kills the Worker, while the ledger learns again who the customer is.
#[test]
fn a_crash_on_the_way_forgets_nothing() {
    for linked in [true, false] {
        for at in 0.. {
            let mut died = false;
            for mishap in Mishap::ALL {
                let mut desk = PayPage::new();
                desk.world.stripe.borrow_mut().settings.clear_after_ms = 900_000;
                let payment = desk.open();
                assert_eq!(desk.confirm(&payment, "pm_usBankAccount_success"), 200);
                if linked {
                    desk.settle();
                }
                lose(&desk);
                desk.world.dial.set(at, mishap);
                drop(desk.asked(json!({})));
                let struck = desk.world.dial.spent();
                died |= struck;
                if struck {
                    desk.world.clock.advance(2_000);
                    assert_eq!(desk.told(), "processing", "linked: {linked}, {at} {mishap:?}");
                    assert_eq!(desk.intents().len(), 1, "linked: {linked}, {at} {mishap:?}");
                }
                desk.world.pass(1_800);
                desk.world.finish();
            }
            if !died {
                assert!(at > 4, "{at}");
                break;
            }
        }
    }
}

/// Stripe does not answer the question what was lost: nothing begins until it does.
#[test]
fn nothing_begins_before_stripe_has_said_what_was_lost() {
    use quittance_sim::stripe::fault::{ApiFault, Trouble};
    let mut desk = PayPage::new();
    let payment = desk.open();
    desk.settle();
    lose(&desk);
    let fault =
        ApiFault { method: "GET".into(), times: 2, ..ApiFault::next("/v1/payment_intents", Trouble::Unavailable) };
    desk.world.stripe.borrow_mut().faults.add(fault);
    for _ in 0..2 {
        assert_eq!(desk.ask(json!({})).0, 503);
    }
    assert_eq!(desk.open(), payment);
    desk.world.finish();
}

/// An operator lets a payer pay again, after the money of the first payment was given back or used elsewhere.
#[test]
fn a_released_attempt_is_no_longer_waited_for() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    desk.confirm(&payment, "pm_card_visa");
    desk.settle();
    let booked = desk.world.odoo.borrow().payments()[0].id;
    desk.world.odoo.borrow_mut().cancel_payment(booked);
    assert_eq!(desk.told(), "attention");
    let page = include_str!("../../docs/OPERATIONS.md");
    let start = page.find("UPDATE intents SET status = 'released'").unwrap();
    let sql = page[start..].split(';').next().unwrap().replace("pi_…", &payment);
    desk.world.db.query(&format!("{sql} RETURNING key"));
    assert_ne!(desk.open(), payment);
    desk.world.finish();
}
