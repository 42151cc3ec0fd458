//! The matching ladder and the money that matches nothing: real money is always booked.

use crate::common::*;
use quittance_sim::odoo::{Invoice, Version};
use quittance_sim::stripe::HALF;
use quittance_sim::stripe::merchant::{Bill, Checkout, Pay};
use quittance_sim::world::World;

#[test]
fn partial_instalments_and_over_payments() {
    for version in VERSIONS {
        let mut world = World::new(1, version);
        let id = invoice(&world, "100.00", "USD");
        for (amount, left) in [(4_000, "60"), (3_500, "25"), (3_000, "0")] {
            pay_invoice(&world, id, amount, "usd");
            world.pass(10);
            assert_eq!(residual(&world, id), left);
        }
        let last = world.odoo.borrow().payments()[2].clone();
        assert_eq!(last.unallocated.normalize().to_string(), "5");
        assert_eq!(flags(&world), ["over"]);
        world.finish();
    }
}

/// Half of an emoji, NUL and other control characters, over-long and other nonsense: wherever a payer or a merchant may
/// write, the money is booked, on its invoice where a number can be read, and so is what comes in the same call.
#[test]
fn no_text_of_a_payer_keeps_money_out() {
    for version in VERSIONS {
        let mut world = World::new(4, version);
        let foul =
            |number: &str| format!("Thanks {HALF}\u{0}{number}\u{0}\u{7}\u{1b}[31m {}", "\u{202e}é\u{0}".repeat(300));
        fn value(text: &str) -> String {
            text.chars().take(500).collect()
        }
        let writers: [fn(&mut Pay, String); 4] = [
            |pay, text| pay.description = Some(text),
            |pay, text| drop(pay.metadata.insert("odoo_ref".to_owned(), value(&text))),
            |pay, text| {
                pay.metadata.insert(text.chars().take(40).collect(), value(&text));
                pay.metadata.insert("odoo_ref".to_owned(), value(&text));
            },
            |pay, text| {
                pay.bare_charge = true;
                pay.description = Some(text);
            },
        ];
        for write in writers {
            let id = invoice(&world, "50.00", "USD");
            let beside = invoice(&world, "60.00", "USD");
            let mut pay = with(5_000, "usd", vec![]);
            let number = world.odoo.borrow().number(id);
            write(&mut pay, foul(&number));
            world.stripe.borrow_mut().pay(&pay).unwrap();
            pay_invoice(&world, beside, 6_000, "usd");
            world.pass(60);
            assert_eq!((residual(&world, id).as_str(), residual(&world, beside).as_str()), ("0", "0"), "{version:?}");
        }
        let parked = world.db.query("SELECT id, code, detail FROM inbox WHERE state IN ('parked', 'failed')");
        assert_eq!(parked, [], "{version:?}");
        world.finish();
    }
}

/// Odoo is set back to a backup and gives the lost invoice's id and number to another customer's: the payment of the lost one
/// is the payer's credit.
#[test]
fn an_id_that_odoo_gave_again_pays_nobody_elses_invoice() {
    for (version, names_contact) in VERSIONS.into_iter().flat_map(|v| [(v, true), (v, false)]) {
        let mut world = World::new(9, version);
        let of = |partner, amount| Invoice { partner, ..Invoice::of(amount, "USD") };
        let known = world.odoo.borrow_mut().invoice(&of("Ada", "1.00"));
        world.odoo.borrow_mut().invoice(&of("Bob", "2.00"));
        let backup = world.odoo.borrow().clone();
        let lost = world.odoo.borrow_mut().invoice(&of("Ada", "100.00"));
        let mut metadata = ours(&world, lost);
        if names_contact {
            let ada = world.odoo.borrow().field_value("account.move", known, "partner_id");
            metadata.push(("odoo_partner_id", ada.to_string()));
        }
        world.odoo.borrow_mut().set_back(&backup);
        let other = world.odoo.borrow_mut().invoice(&of("Bob", "100.00"));
        assert_eq!(other, lost, "{version:?}");
        if !names_contact {
            // Its number is another then.
            for column in ["name", "payment_reference"] {
                world.odoo.borrow_mut().poke("account.move", other, column, serde_json::json!("INV/2026/00077"));
            }
        }
        pay(&world, &with(10_000, "usd", metadata));
        world.pass(60);
        assert_eq!(residual(&world, other), "100", "{version:?} {names_contact}");
        assert_eq!(flags(&world), ["invoice_differs", "unallocated"], "{version:?} {names_contact}");
        world.finish();
    }
}

#[test]
fn an_invoice_paid_twice_at_once_leaves_credit() {
    let mut world = World::new(2, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 10_000, "usd");
    pay_invoice(&world, id, 10_000, "usd");
    world.pass(10);
    assert_eq!(residual(&world, id), "0");
    assert_eq!(world.odoo.borrow().payments().len(), 2);
    let credit: rust_decimal::Decimal = world.odoo.borrow().payments().iter().map(|p| p.unallocated).sum();
    assert_eq!(credit.normalize().to_string(), "100");
    assert!(flags(&world).contains(&"unallocated".to_owned()), "{:?}", flags(&world));
    world.finish();
}

#[test]
fn a_draft_cancelled_or_missing_invoice_is_never_paid() {
    for version in VERSIONS {
        let mut world = World::new(3, version);
        let draft = world.odoo.borrow_mut().invoice(&Invoice { draft: true, ..Invoice::of("100.00", "USD") });
        let cancelled = invoice(&world, "100.00", "USD");
        world.odoo.borrow_mut().cancel_invoice(cancelled);
        for id in [draft, cancelled, 999_999] {
            pay_invoice(&world, id, 10_000, "usd");
            world.pass(10);
        }
        assert_eq!(booked(&world), vec!["100 USD → []"; 3], "{version:?}");
        assert!(world.odoo.borrow().payments().iter().all(|p| p.unallocated.normalize().to_string() == "100"));
        assert_eq!(flags(&world).iter().filter(|f| *f == "unallocated").count(), 3);
        world.finish();
    }
}

#[test]
fn numbers_in_configured_metadata_find_the_invoice() {
    for name in ["odoo_invoice_id", "invoice_id", "invoice", "invoice_number", "order_ref"] {
        let mut world = World::new(4, Version::V18);
        let id = invoice(&world, "100.00", "USD");
        let number = world.odoo.borrow().number(id);
        pay(&world, &with(10_000, "usd", vec![(name, number)]));
        world.pass(10);
        assert_eq!(residual(&world, id), "0", "{name}");
        world.finish();
    }
}

#[test]
fn a_stripe_invoice_a_checkout_session_and_a_description_find_it_too() {
    let ways: [fn(&mut Pay, String); 3] = [
        |pay, number| pay.invoices = vec![Bill { number: Some(number), ..Bill::default() }],
        |pay, number| pay.checkout = Some(Checkout { client_reference_id: Some(number), ..Checkout::default() }),
        |pay, number| pay.description = Some(format!("Consulting, your invoice {number}, thank you")),
    ];
    for (at, way) in ways.into_iter().enumerate() {
        let mut world = World::new(5, Version::V19);
        let id = invoice(&world, "100.00", "USD");
        let mut wish = Pay::card(10_000, "usd");
        if at == 0 {
            // Every Stripe invoice has a customer.
            wish.customer = Some(customer(&world));
        }
        way(&mut wish, world.odoo.borrow().number(id));
        pay(&world, &wish);
        world.pass(60);
        assert_eq!(residual(&world, id), "0", "way {at}: {:#?}", world.log());
        assert_eq!(booked(&world).len(), 1);
        world.finish();
    }
}

fn customer(world: &World) -> String {
    let request = quittance::http::Request::new("POST", format!("{}/v1/customers", quittance_sim::world::STRIPE))
        .with("authorization", "Bearer sk_test_sim")
        .with("content-type", "application/x-www-form-urlencoded")
        .body("email=ada@example.com");
    let reply = quittance_sim::Party::handle(&mut *world.stripe.borrow_mut(), &request);
    let body = reply.within(1_000).unwrap().body;
    serde_json::from_slice::<serde_json::Value>(&body).unwrap()["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_known_customer_with_one_open_invoice_of_this_amount() {
    let mut world = World::new(6, Version::V18);
    let cus = customer(&world);
    let first = invoice(&world, "100.00", "USD");
    pay(&world, &Pay { customer: Some(cus.clone()), ..with(10_000, "usd", ours(&world, first)) });
    world.pass(10);
    let second = invoice(&world, "77.00", "USD");
    pay(&world, &Pay { customer: Some(cus.clone()), ..Pay::card(7_700, "usd") });
    world.pass(10);
    assert_eq!(residual(&world, second), "0");
    // Two of one amount: a person decides.
    let twins = [invoice(&world, "55.00", "USD"), invoice(&world, "55.00", "USD")];
    pay(&world, &Pay { customer: Some(cus.clone()), ..Pay::card(5_500, "usd") });
    world.pass(10);
    assert!(twins.iter().all(|id| residual(&world, *id) == "55"));
    assert_eq!(world.odoo.borrow().payments()[2].unallocated.normalize().to_string(), "55");
    // A tolerance lets a cent pass.
    world.set("MATCH_TOLERANCE", "0.05");
    let near = invoice(&world, "33.00", "USD");
    pay(&world, &Pay { customer: Some(cus), ..Pay::card(3_299, "usd") });
    world.pass(10);
    assert_eq!(residual(&world, near), "0.01");
    world.finish();
}

#[test]
fn metadata_of_another_database_is_booked_unallocated_unless_settings_say_more() {
    for (setting, left, payments, flagged) in [
        (None, "100", 1, true),
        (Some("FORMER_DATABASES"), "0", 1, false),
        (Some("IGNORED_DATABASES"), "100", 0, false),
    ] {
        let mut world = World::new(7, Version::V18);
        if let Some(name) = setting {
            world.set(name, "other_db");
        }
        let id = invoice(&world, "100.00", "USD");
        let mut metadata = ours(&world, id);
        metadata[0].1 = "other_db".to_owned();
        pay(&world, &with(10_000, "usd", metadata));
        world.pass(10);
        assert_eq!((residual(&world, id).as_str(), booked(&world).len()), (left, payments), "{setting:?}");
        assert_eq!(flags(&world).contains(&"foreign_database".to_owned()), flagged);
        world.finish();
    }
}

#[test]
fn no_reference_at_all_is_customer_credit() {
    let mut world = World::new(8, Version::V18);
    let open = invoice(&world, "100.00", "USD");
    pay(&world, &Pay::card(10_000, "usd"));
    world.pass(10);
    assert_eq!((residual(&world, open).as_str(), booked(&world)), ("100", vec!["100 USD → []".to_owned()]));
    assert_eq!(flags(&world), ["unallocated"]);
    world.finish();
}

#[test]
fn currencies_by_stripes_exponents() {
    for (currency, minor, major) in [("JPY", 1_000, "1000"), ("KWD", 1_230, "1.230"), ("EUR", 1_099, "10.99")] {
        let mut world = World::new(9, Version::V19);
        world.odoo.borrow_mut().set_rate(currency, 1, "2");
        world.odoo.borrow_mut().settle_in(1, currency);
        let id = invoice(&world, major, currency);
        pay_invoice(&world, id, minor, &currency.to_lowercase());
        world.pass(10);
        assert_eq!(residual(&world, id), "0", "{currency}: {:?}", world.log());
        let payment = world.odoo.borrow().payments()[0].clone();
        assert_eq!((payment.amount, payment.currency.as_str()), (major.parse().unwrap(), currency));
        world.finish();
    }
}

#[test]
fn a_payment_in_another_currency_than_its_invoice_is_converted_by_the_erp() {
    let mut world = World::new(10, Version::V18);
    world.odoo.borrow_mut().set_rate("EUR", 1, "0.8");
    let id = invoice(&world, "80.00", "EUR");
    pay_invoice(&world, id, 5_000, "usd");
    world.pass(10);
    assert_eq!(residual(&world, id), "40");
    world.finish();
}

/// One Stripe account belongs to one company: money for another one's invoice is an advance in its own.
#[test]
fn an_invoice_of_another_company_stays_open() {
    let mut world = World::new(11, Version::V18);
    let other = world.odoo.borrow_mut().company("Other Inc", "USD");
    world.odoo.borrow_mut().set_up_company(other);
    let here = invoice(&world, "100.00", "USD");
    let there = world.odoo.borrow_mut().invoice(&Invoice { company: other, ..Invoice::of("50.00", "USD") });
    pay_invoice(&world, here, 10_000, "usd");
    pay_invoice(&world, there, 5_000, "usd");
    world.pass(10);
    assert_eq!((residual(&world, here).as_str(), residual(&world, there).as_str()), ("0", "50"));
    assert!(flags(&world).iter().any(|flag| flag == "invoice_other_company"), "{:?}", flags(&world));
    assert!(world.odoo.borrow().payments().iter().all(|p| p.company == 1));
    world.finish();
}
