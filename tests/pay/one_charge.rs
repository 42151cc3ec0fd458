//! One PaymentIntent an invoice at a time, and one charge.

use quittance_sim::odoo::{Fault, Rule};
use serde_json::json;

use crate::common::{VERSIONS, booked};
use crate::pay_page::{PayPage, code};
use quittance_sim::odoo::Invoice;

#[test]
fn from_the_button_to_paid() {
    for version in VERSIONS {
        let mut desk =
            PayPage::of(version, &Invoice { email: "ada@example.com", lang: "fr_FR", ..Invoice::of("100.00", "USD") });
        let (status, answer) = desk.ask(json!({}));
        assert_eq!(status, 200);
        let number = desk.world.odoo.borrow().number(desk.invoice);
        assert_eq!(answer["state"], "open");
        assert_eq!(answer["invoice"]["number"], number.as_str());
        assert_eq!(answer["invoice"]["email"], "a***@example.com");
        assert_eq!(answer["invoice"]["locale"], "fr");
        let money = json!({"minor": 10000, "currency": "USD", "amount": "100.00", "display": "100.00 USD"});
        assert_eq!(answer["payment"]["money"], money);
        assert_eq!(answer["payment"]["publishable_key"], "pk_test_sim");
        let payment = answer["payment"]["id"].as_str().unwrap().to_owned();
        let secret = answer["payment"]["client_secret"].as_str().unwrap();
        assert!(secret.starts_with(&payment), "{secret}");

        let made = desk.retrieve(&payment);
        assert_eq!(made["metadata"]["odoo_db"], "odoo");
        assert_eq!(made["metadata"]["odoo_model"], "account.move");
        assert_eq!(made["metadata"]["odoo_id"], desk.invoice.to_string());
        assert_eq!(made["metadata"]["odoo_ref"], number.as_str());
        assert_eq!(made["description"], number.as_str());
        assert_eq!(made["automatic_payment_methods"]["allow_redirects"], "never");
        assert_eq!(made["receipt_email"], json!(null));
        assert_eq!(made["statement_descriptor_suffix"], "INV2600001");
        assert!(!made["customer"].is_null());

        assert_eq!(desk.confirm(&payment, "pm_card_visa"), 200);
        assert_eq!(desk.told(), "received", "reload at once: Stripe has it, the books do not yet");
        desk.settle();
        assert_eq!(booked(&desk.world), [format!("100 USD → [{}]", desk.invoice)]);
        let (_, answer) = desk.ask(json!({}));
        assert_eq!(answer["state"], "paid");
        assert!(answer["payment"]["booked"]["name"].as_str().is_some_and(|name| !name.is_empty()), "{answer}");
        assert_eq!(desk.intents(), ["succeeded 10000"]);
        desk.world.finish();
    }
}

#[test]
fn coming_back_continues_with_the_same_payment() {
    let desk = PayPage::new();
    let first = desk.open();
    for _ in 0..3 {
        assert_eq!(desk.open(), first);
    }
    assert_eq!(desk.confirm(&first, "pm_card_chargeDeclined"), 402);
    assert_eq!(desk.open(), first, "after a decline as well");
    assert_eq!(desk.intents(), ["requires_payment_method 10000"]);
    let mut desk = desk;
    desk.settle();
    desk.world.finish();
}

/// Two tabs, two devices, double clicks: all at once, in every order that a seed draws.
#[test]
fn many_at_once_are_given_one() {
    for seed in 0..60 {
        let desk = PayPage::new();
        let answers = std::cell::RefCell::new(Vec::new());
        let request = desk.request(json!({}));
        let (rt, config) = (desk.world.runtime(), &desk.world.config);
        let (answers, request) = (&answers, &request);
        let run = || -> quittance::ports::Fut<'_, ()> {
            Box::pin(async move {
                let response = quittance::routes::handle(rt, config, request).await;
                answers.borrow_mut().push((response.status, crate::pay_page::body(&response)));
            })
        };
        desk.world.race(seed, vec![run(), run(), run(), run()]);
        let answers = answers.borrow();
        assert_eq!(answers.len(), 4);
        for (status, answer) in answers.iter() {
            assert_eq!(*status, 200, "seed {seed}: {answer}");
            assert_eq!(answer["payment"]["id"], answers[0].1["payment"]["id"], "seed {seed}");
        }
        assert_eq!(desk.intents().len(), 1, "seed {seed}");
        assert_eq!(desk.customers().len(), 1, "seed {seed}");
        desk.world.finish();
    }
}

/// Tabs that want different amounts at the same moment: never two that can be paid.
#[test]
fn different_amounts_at_once_leave_one_to_pay() {
    for seed in 0..60 {
        let mut desk = PayPage::new();
        desk.world.set("PAY_PARTIAL", "true");
        let requests: Vec<_> =
            ["40.00", "100.00", "60.00"].iter().map(|a| desk.request(json!({"amount": a}))).collect();
        let (rt, config) = (desk.world.runtime(), &desk.world.config);
        let run = |request| -> quittance::ports::Fut<'_, ()> {
            Box::pin(async move { drop(quittance::routes::handle(rt, config, request).await) })
        };
        desk.world.race(seed, requests.iter().map(run).collect());
        let payable = desk.intents().iter().filter(|i| i.starts_with("requires_payment_method")).count();
        assert!(payable <= 1, "seed {seed}: {:?}", desk.intents());
        let open = desk.open();
        let payable = desk.intents().iter().filter(|i| i.starts_with("requires_payment_method")).count();
        assert_eq!(payable, 1, "seed {seed}: {:?} {open}", desk.intents());
        desk.settle();
        desk.world.finish();
    }
}

#[test]
fn paid_while_odoo_is_down_then_reloaded_is_one_charge() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    desk.world.odoo.borrow_mut().dial.add(Rule::always(Fault::Down));
    assert_eq!(desk.confirm(&payment, "pm_card_visa"), 200);
    let (status, answer) = desk.ask(json!({}));
    assert_eq!((status, &answer["state"]), (200, &json!("received")), "{answer}");
    assert_eq!(answer["invoice"]["company"]["name"], "My Company", "the page shows the invoice as it was");
    desk.settle();
    assert_eq!(desk.told(), "received", "after the webhook as well");
    assert_eq!(desk.status().1["state"], "received");
    desk.world.odoo.borrow_mut().dial.clear();
    assert_eq!(desk.told(), "received", "Odoo is back, and not yet told");
    desk.world.pass(1_800);
    assert_eq!((desk.told().as_str(), desk.residual().as_str()), ("paid", "0"));
    assert_eq!((desk.charged(), desk.intents().len()), (10_000, 1));
    desk.world.finish();
}

#[test]
fn nothing_begins_while_odoo_is_down() {
    let desk = PayPage::new();
    desk.world.odoo.borrow_mut().dial.add(Rule::always(Fault::Down));
    let response = desk.asked(json!({})).unwrap();
    assert_eq!((response.status, code(&crate::pay_page::body(&response))), (503, "pay_unavailable"));
    assert!(response.header("retry-after").is_some());
    assert_eq!(desk.intents(), Vec::<String>::new());
    desk.world.odoo.borrow_mut().dial.clear();
    let open = desk.open();
    desk.world.odoo.borrow_mut().dial.add(Rule::always(Fault::Down));
    assert_eq!(desk.ask(json!({})).0, 503, "an amount that was true before may not be now: {open}");
    desk.world.finish();
}

#[test]
fn a_debit_that_processes_for_days_lets_nothing_else_begin() {
    let mut desk = PayPage::new();
    desk.world.stripe.borrow_mut().settings.clear_after_ms = 3 * 86_400_000;
    let payment = desk.open();
    assert_eq!(desk.confirm(&payment, "pm_usBankAccount_success"), 200);
    for _ in 0..2 {
        assert_eq!(desk.told(), "processing");
        desk.world.pass(86_400);
        assert_eq!(desk.status().1["state"], "processing");
    }
    desk.world.pass(2 * 86_400);
    assert_eq!((desk.told().as_str(), desk.residual().as_str()), ("paid", "0"));
    assert_eq!(desk.intents(), ["succeeded 10000"]);
    desk.world.finish();
}

#[test]
fn a_debit_that_fails_may_be_followed_by_a_card() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    assert_eq!(desk.confirm(&payment, "pm_usBankAccount_insufficientFunds"), 200);
    assert_eq!(desk.told(), "processing");
    desk.settle();
    assert_eq!(desk.open(), payment, "the same PaymentIntent goes on");
    assert_eq!(desk.confirm(&payment, "pm_card_visa"), 200);
    desk.settle();
    assert_eq!((desk.told().as_str(), desk.charged()), ("paid", 10_000));
    desk.world.finish();
}

#[test]
fn an_authorized_payment_waits_for_its_capture() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    assert!(desk.world.stripe.borrow_mut().capture_by_hand(&payment).is_ok());
    assert_eq!(desk.confirm(&payment, "pm_card_visa"), 200);
    assert_eq!(desk.told(), "authorized");
    desk.settle();
    assert_eq!((desk.told().as_str(), desk.status().1["state"].as_str()), ("authorized", Some("authorized")));
    assert!(desk.world.stripe.borrow_mut().capture(&payment, None).is_ok());
    desk.settle();
    assert_eq!((desk.told().as_str(), desk.intents().len()), ("paid", 1));
    desk.world.finish();
}

/// The receipt was booked and did not reach the invoice, because a person had put it back to draft: nobody is asked to
/// pay again until a person has allocated it.
#[test]
fn money_that_did_not_reach_the_invoice_is_not_asked_for_again() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    desk.world.odoo.borrow_mut().redraft_invoice(desk.invoice);
    assert_eq!(desk.confirm(&payment, "pm_card_visa"), 200);
    desk.settle();
    desk.world.odoo.borrow_mut().repost_invoice(desk.invoice);
    assert_eq!(desk.residual(), "100");
    assert_eq!(desk.told(), "attention");
    assert_eq!(desk.status().1["state"], "attention");
    desk.world.odoo.borrow_mut().allocate(desk.invoice);
    assert_eq!((desk.told().as_str(), desk.residual().as_str()), ("paid", "0"));
    assert_eq!(desk.intents().len(), 1);
    desk.world.finish();
}

#[test]
fn a_payment_that_a_person_deleted_in_odoo_is_not_asked_for_again() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    desk.confirm(&payment, "pm_card_visa");
    desk.settle();
    let booked = desk.world.odoo.borrow().payments()[0].id;
    desk.world.odoo.borrow_mut().delete_payment(booked);
    assert_eq!((desk.residual().as_str(), desk.told().as_str()), ("100", "attention"));
    assert_eq!((desk.charged(), desk.intents().len()), (10_000, 1));
    desk.world.finish();
}

#[test]
fn a_payment_that_a_person_took_off_the_invoice_is_not_asked_for_again() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    desk.confirm(&payment, "pm_card_visa");
    desk.settle();
    let booked = desk.world.odoo.borrow().payments()[0].id;
    desk.world.odoo.borrow_mut().cancel_payment(booked);
    assert_eq!((desk.residual().as_str(), desk.told().as_str()), ("100", "attention"));
    desk.world.finish();
}

/// Paid by hand in Odoo, and the payer's own money has just arrived: the payer reads of the own payment, not that another
/// one did it.
#[test]
fn money_that_arrived_is_told_of_even_where_nothing_is_open_any_more() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    assert_eq!(desk.confirm(&payment, "pm_card_visa"), 200);
    desk.world.receive();
    desk.world.odoo.borrow_mut().pay_by_hand(desk.invoice, "100.00");
    let (_, answer) = desk.ask(json!({}));
    assert_eq!((&answer["state"], &answer["payment"]["id"]), (&json!("received"), &json!(payment)));
    desk.settle();
    assert_eq!((desk.told().as_str(), desk.charged()), ("paid", 10_000));
    desk.world.finish();
}

/// A part payment is booked while the payer's next request asks ledger and Odoo: in every order it is either not yet in the
/// books, or the rest is offered.
#[test]
fn a_payment_that_is_booked_meanwhile_is_counted_once() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..80 {
        let mut desk = PayPage::new();
        desk.world.set("PAY_PARTIAL", "true");
        desk.world.dial.slow_ledger.set(seed as u32 % 12);
        let (_, answer) = desk.ask(json!({"amount": "40.00"}));
        let payment = answer["payment"]["id"].as_str().unwrap().to_owned();
        assert_eq!(desk.confirm(&payment, "pm_card_visa"), 200);
        desk.world.receive();
        let hints: Vec<String> = desk.world.hints.borrow_mut().drain(..).map(|hint| hint.event).collect();
        let (rt, config) = (desk.world.runtime(), &desk.world.config);
        let (request, said) = (desk.request(json!({})), std::cell::RefCell::new(Vec::new()));
        let (request, said_here, ids) = (&request, &said, &hints);
        let asks: quittance::ports::Fut<'_, ()> = Box::pin(async move {
            for _ in 0..3 {
                let response = quittance::routes::handle(rt, config, request).await;
                let answer = crate::pay_page::body(&response);
                let minor = &answer["payment"]["money"]["minor"];
                said_here.borrow_mut().push(format!("{} {minor}", answer["state"].as_str().unwrap_or("?")));
            }
        });
        let books: quittance::ports::Fut<'_, ()> = Box::pin(async move {
            // The PaymentIntent's events one after the other, its creation first.
            for _ in 0..3 {
                quittance::queue::consume(rt, config, ids).await;
            }
        });
        desk.world.race(seed, vec![asks, books]);
        for said in said.into_inner() {
            assert!(matches!(said.as_str(), "received 4000" | "open 6000"), "seed {seed}: {said}");
            seen.insert(said);
        }
        desk.settle();
        assert_eq!(desk.residual(), "60");
        desk.world.finish();
    }
    assert_eq!(seen.len(), 2, "both orders were met: {seen:?}");
}

/// The database in Odoo was renamed: what was begun under its former name is still the invoice's one payment.
#[test]
fn a_renamed_database_keeps_what_was_begun() {
    let mut desk = PayPage::new();
    desk.world.stripe.borrow_mut().settings.clear_after_ms = 3 * 86_400_000;
    let payment = desk.open();
    desk.world.db.query("UPDATE intents SET database = 'books_2025' RETURNING key");
    desk.world.set("FORMER_DATABASES", "books_2025");
    assert_eq!(desk.open(), payment);
    assert_eq!(desk.confirm(&payment, "pm_usBankAccount_success"), 200);
    assert_eq!(desk.told(), "processing");
    assert_eq!(desk.status().1["payment"], json!(payment));
    desk.world.pass(4 * 86_400);
    assert_eq!((desk.told().as_str(), desk.intents().len()), ("paid", 1));
    desk.world.finish();
}
