//! What the clock gives up.

use quittance::cron;
use serde_json::json;

use crate::common::{booked, flags, pay_invoice};
use quittance_sim::odoo::{Invoice, Version};

use crate::pay_page::PayPage;

#[test]
fn a_payment_whose_invoice_was_paid_another_way_is_canceled() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    pay_invoice(&desk.world, desk.invoice, 10_000, "usd");
    desk.world.pass(1_000);
    assert_eq!(desk.retrieve(&payment)["status"], "canceled");
    assert_eq!(desk.told(), "paid");
    desk.world.finish();
}

/// It was just being paid: the money is real, so it is booked as credit and flagged.
#[test]
fn money_that_comes_all_the_same_is_booked_as_credit() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    pay_invoice(&desk.world, desk.invoice, 10_000, "usd");
    desk.world.pass(30);
    assert_eq!(desk.confirm(&payment, "pm_card_visa"), 200);
    desk.world.pass(1_000);
    assert_eq!(booked(&desk.world), [format!("100 USD → [{}]", desk.invoice), "100 USD → []".to_owned()]);
    assert!(flags(&desk.world).contains(&"unallocated".to_owned()));
    assert_eq!(desk.told(), "paid");
    desk.world.finish();
}

#[test]
fn a_cancelled_or_deleted_invoice_takes_its_payment_with_it() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    desk.world.odoo.borrow_mut().cancel_invoice(desk.invoice);
    desk.world.pass(1_000);
    assert_eq!(desk.retrieve(&payment)["status"], "canceled");
    desk.world.finish();
}

#[test]
fn one_that_is_still_wanted_stays() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    desk.world.pass(3 * 86_400);
    assert_eq!(desk.retrieve(&payment)["status"], "requires_payment_method");
    assert_eq!(desk.open(), payment);
    assert_eq!(desk.ask(json!({})).1["state"], "open");
    desk.world.finish();
}

/// What is in the books is done with: the clock asks neither Odoo nor Stripe about it, however many there are.
#[test]
fn a_payment_in_the_books_is_not_looked_at_again() {
    let mut desk = PayPage::new();
    let payment = desk.open();
    desk.confirm(&payment, "pm_card_visa");
    desk.world.pass(1_800);
    assert_eq!(desk.told(), "paid");
    let before = desk.seen();
    desk.world.pass(2 * 3_600);
    let asked: Vec<String> = desk.seen_since(before).into_iter().filter(|s| s.contains("payment_intents")).collect();
    assert_eq!(asked, Vec::<String>::new());
    assert_eq!(desk.world.db.query("SELECT key FROM intents WHERE closed IS NULL").len(), 0);
    desk.world.finish();
}

/// A page left open for a week shows the discount of a week ago.
#[test]
fn an_amount_that_odoo_no_longer_asks_for_is_given_up() {
    let invoice = Invoice { terms: "-2@7", ..Invoice::of("100.00", "USD") };
    let mut desk = PayPage::of(Version::V19, &invoice);
    let early = desk.open();
    assert_eq!(desk.intents(), ["requires_payment_method 9800"]);
    desk.world.pass(6 * 86_400);
    assert_eq!(desk.retrieve(&early)["status"], "requires_payment_method");
    // The clock looks at it once a day by now.
    desk.world.pass(3 * 86_400);
    assert_eq!(desk.retrieve(&early)["status"], "canceled");
    desk.world.finish();
}

/// Its success could not be booked and a person has to look; meanwhile the invoice was paid another way. The clock cannot
/// cancel it, and what it then learns of Stripe hides nothing of that.
#[test]
fn a_parked_success_stays_one_that_a_person_must_look_at() {
    let mut desk = PayPage::of(Version::V18, &Invoice::of("100.00", "EUR"));
    desk.world.odoo.borrow_mut().set_rate("EUR", 1, "0.8");
    let payment = desk.open();
    desk.currency_is_active("EUR", false);
    desk.confirm(&payment, "pm_card_visa");
    desk.world.pass(60);
    assert_eq!(desk.status().1["state"], "attention");
    desk.currency_is_active("EUR", true);
    desk.world.odoo.borrow_mut().settle_in(1, "EUR");
    pay_invoice(&desk.world, desk.invoice, 10_000, "eur");
    desk.world.pass(3_600);
    assert_eq!((desk.residual().as_str(), desk.status().1["state"].as_str()), ("0", Some("attention")));
    assert_eq!(desk.told(), "paid");
    desk.world.finish();
}

/// A debit over the discounted total is under way when the discount's last day passes: it is not taken from the payer.
#[test]
fn what_is_under_way_is_not_given_up_for_another_amount() {
    let invoice = Invoice { terms: "-2@7", ..Invoice::of("100.00", "USD") };
    let mut desk = PayPage::of(Version::V19, &invoice);
    desk.world.stripe.borrow_mut().settings.clear_after_ms = 4 * 86_400_000;
    desk.world.pass(6 * 86_400);
    let early = desk.open();
    assert_eq!(desk.confirm(&early, "pm_usBankAccount_success"), 200);
    desk.world.pass(60);
    let before = desk.seen();
    desk.world.pass(3 * 86_400);
    // Stripe rarely cancels what is processing; that it may is reason enough not to ask.
    assert!(!desk.seen_since(before).iter().any(|asked| asked.ends_with("/cancel")));
    assert_eq!(desk.retrieve(&early)["status"], "processing");
    assert_eq!(desk.told(), "processing");
    desk.world.pass(2 * 86_400);
    assert_eq!((booked(&desk.world).len(), desk.charged()), (1, 9_800));
    desk.world.finish();
}

/// Calls of the ERP's procedures so far.
fn asked(desk: &PayPage) -> usize {
    desk.world.odoo.borrow().calls.iter().filter(|call| call.ends_with(".run")).count()
}

/// Nobody ever pays it: the ERP is asked ever more rarely, and in the end the PaymentIntent is given up. Its page still works
/// and begins anew, and what never led to money leaves no row.
#[test]
fn what_nobody_pays_is_looked_at_ever_more_rarely_and_given_up() {
    for (days, looks) in [("14", 45), ("2", 25)] {
        let mut desk = PayPage::new();
        desk.world.set("PAY_OPEN_DAYS", days);
        let payment = desk.open();
        desk.settle();
        desk.world.cron_every = 15;
        let before = asked(&desk);
        let keep: i64 = days.parse().unwrap();
        desk.world.pass((keep - 1) * 86_400);
        assert_eq!(desk.retrieve(&payment)["status"], "requires_payment_method", "{days} days");
        desk.world.pass(2 * 86_400);
        assert_eq!(desk.retrieve(&payment)["status"], "canceled", "{days} days");
        let calls = asked(&desk) - before;
        assert!((3..=looks).contains(&calls), "{calls} in {days} days");
        desk.world.pass(2 * 86_400);
        assert!(asked(&desk) - before - calls <= 2, "only when the key ends, once a day");
        assert_eq!(desk.world.db.query("SELECT attempt FROM intents").len(), 0);
        let next = desk.open();
        assert_ne!(next, payment);
        assert_eq!(desk.confirm(&next, "pm_card_visa"), 200);
        desk.settle();
        assert_eq!(desk.told(), "paid");
        desk.world.finish();
    }
}

/// A contact that the ERP does not let be linked is asked for ever more rarely, and in the end no more.
#[test]
fn a_link_that_always_fails_is_given_up() {
    use quittance_sim::odoo::{Fault, Rule};
    let mut desk = PayPage::new();
    desk.world.set("PAY_OPEN_DAYS", "1");
    desk.open();
    desk.world.odoo.borrow_mut().dial.add(Rule::always(Fault::RightsRemoved));
    desk.world.cron_sleeps = true;
    // Nothing else happens, so that some of the clock's runs tell what all of them would.
    let tries = |desk: &mut PayPage, days: i64, minutes: i64| {
        for _ in 0..days * 24 * 60 / minutes {
            desk.world.clock.advance(minutes * 60_000);
            desk.world.tick(cron::SWEEP);
            desk.world.tick(cron::RECOVER);
        }
        desk.world.db.query("SELECT link_tries FROM customers")[0]["link_tries"].as_i64().unwrap()
    };
    let first = tries(&mut desk, 1, 15);
    assert!((5..=12).contains(&first), "{first} on the first day");
    assert_eq!(tries(&mut desk, 12, 6 * 60), 20);
    assert_eq!(tries(&mut desk, 3, 6 * 60), 20, "what Odoo has not taken by then it will not take");
    desk.world.cron_sleeps = false;
    desk.world.odoo.borrow_mut().dial.clear();
    desk.world.pass(1_200);
    desk.world.finish();
}

/// A link that is pressed again and again with other amounts: Stripe and the ledger are not worked for nothing.
#[test]
fn changes_of_the_amount_are_limited_for_each_invoice() {
    let mut desk = PayPage::new();
    desk.world.set("PAY_PARTIAL", "true");
    let (mut refused, mut open) = (0, String::new());
    for n in 0..60 {
        let amount = if n % 2 == 0 { "40.00" } else { "60.00" };
        let asked = desk.request(json!({"amount": amount})).with("cf-connecting-ip", format!("192.0.2.{n}"));
        let response = desk.world.request(&asked).unwrap();
        let answer = crate::pay_page::body(&response);
        match response.status {
            200 => open = answer["payment"]["id"].as_str().unwrap().to_owned(),
            status => {
                assert_eq!((status, crate::pay_page::code(&answer)), (429, "rate_limited"), "{answer}");
                assert!(response.header("retry-after").is_some_and(|wait| wait.parse::<i64>().unwrap() >= 1));
                refused += 1;
            }
        }
        desk.world.clock.advance(1_000);
    }
    let (made, canceled) = (desk.intents().len(), desk.intents().iter().filter(|i| i.starts_with("canceled")).count());
    assert!(made <= 9 && canceled <= 8 && refused >= 20, "{made} {canceled} {refused}");
    assert_eq!(desk.retrieve(&open)["status"], "requires_payment_method", "the last one stays payable");
    desk.world.pass(2 * 3_600);
    let (status, answer) = desk.ask(json!({"amount": "50.00"}));
    assert_eq!((status, &answer["payment"]["money"]["minor"]), (200, &json!(5_000)), "later it changes again");
    desk.settle();
    desk.world.pass(3 * 86_400);
    let rows = desk.world.db.query("SELECT attempt FROM intents");
    assert_eq!(rows.len(), 1, "what never led to money is gone after a day");
    desk.world.finish();
}
