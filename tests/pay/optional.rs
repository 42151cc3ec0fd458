//! What is not needed to take the money may fail, be refused or be slow: the payer pays all the same.

use quittance_sim::odoo::{Invoice, Version};
use quittance_sim::stripe::fault::{ApiFault, Trouble};
use serde_json::{Value, json};

use crate::pay_page::PayPage;

/// Whatever a payer may be called and whatever his address is, as Odoo lets people write it.
const CONTACTS: [(&str, &str); 8] = [
    ("Jörg Müller", "jörg@example.com"),
    ("Ada Payer", "ada@example.com@example.com"),
    ("Ada Payer", "ada lovelace@example.com"),
    ("Ada Payer", "no address"),
    ("Ada Payer", "@example.com"),
    ("Ada Payer", "ada@exam ple.com"),
    ("", "ada@example.com"),
    ("🦀 \u{202e}Ada", "ada@bücher.example"),
];

fn with_contact(name: &str, email: &str) -> PayPage {
    let mut desk = PayPage::of(Version::V18, &Invoice { email: "ada@example.com", ..Invoice::of("100.00", "USD") });
    desk.world.set("PAY_RECEIPT_EMAIL", "true");
    let payer = desk.world.odoo.borrow().payer(desk.invoice);
    let mut odoo = desk.world.odoo.borrow_mut();
    odoo.poke("res.partner", payer, "name", json!(name));
    odoo.poke("res.partner", payer, "email", json!(email));
    drop(odoo);
    desk
}

/// Pays and reads that the books have it.
fn pays(mut desk: PayPage, what: &str) -> PayPage {
    let (status, answer) = desk.ask(json!({}));
    assert_eq!((status, &answer["state"]), (200, &json!("open")), "{what}: {answer}");
    let payment = answer["payment"]["id"].as_str().unwrap_or_default().to_owned();
    assert_eq!(desk.confirm(&payment, "pm_card_visa"), 200, "{what}");
    desk.settle();
    assert_eq!((desk.told().as_str(), desk.residual().as_str()), ("paid", "0"), "{what}");
    desk
}

fn always(desk: &PayPage, method: &str, path: &str, kind: Trouble) {
    let fault = ApiFault { method: method.into(), times: u32::MAX, ..ApiFault::next(path, kind) };
    desk.world.stripe.borrow_mut().faults.add(fault);
}

#[test]
fn whatever_stripe_refuses_of_a_contact_is_left_out() {
    let long = "a".repeat(300);
    let longest = format!("{}@example.com", "a".repeat(600));
    let all = CONTACTS.into_iter().chain([(long.as_str(), "ada@example.com"), ("Ada Payer", longest.as_str())]);
    for (name, email) in all {
        let desk = pays(with_contact(name, email), &format!("{name} {email}"));
        assert_eq!(desk.customers().len(), 1, "{name} {email}");
        desk.world.finish();
    }
}

/// What was left out is asked for once, and again when it changed in Odoo.
#[test]
fn a_refused_address_costs_one_more_call_once() {
    let desk = with_contact("Jörg Müller", "jörg@example.com");
    let first = desk.open();
    assert_eq!(desk.customers(), ["Jörg Müller -"]);
    let before = desk.seen();
    let desk = PayPage::in_world(desk.world, &Invoice { partner: "Jörg Müller", ..Invoice::of("55.00", "USD") });
    let second = desk.open();
    assert_eq!(desk.retrieve(&second)["customer"], desk.retrieve(&first)["customer"]);
    let calls = desk.seen_since(before).into_iter().filter(|call| call.contains("customer")).count();
    assert_eq!(calls, 0, "nothing of the contact has changed");
    let payer = desk.world.odoo.borrow().payer(desk.invoice);
    desk.world.odoo.borrow_mut().change_email(payer, "joerg@example.com");
    let mut desk = PayPage::in_world(desk.world, &Invoice { partner: "Jörg Müller", ..Invoice::of("56.00", "USD") });
    desk.open();
    assert_eq!(desk.customers(), ["Jörg Müller joerg@example.com"]);
    desk.settle();
    desk.world.finish();
}

/// Accounts in some countries have no customer search. It is asked once, told of, and asked again later.
#[test]
fn without_customer_search_everybody_pays() {
    let desk = PayPage::new();
    desk.world.stripe.borrow_mut().settings.search_missing = true;
    let mut desk = pays(desk, "search");
    assert_eq!(desk.customers().len(), 1);
    let searches = |desk: &PayPage| desk.seen_since(0).into_iter().filter(|call| call.ends_with("/search")).count();
    assert_eq!(searches(&desk), 1);
    desk = PayPage::in_world(desk.world, &Invoice { partner: "Grace Buyer", ..Invoice::of("55.00", "USD") });
    desk.open();
    assert_eq!((searches(&desk), desk.customers().len()), (1, 2), "remembered");
    desk.world.pass(3_600);
    let told = desk.world.db.query("SELECT what FROM alerts WHERE kind = 'pay_feature'");
    assert!(told.iter().any(|row| row["what"].as_str().is_some_and(|what| what.contains("search"))), "{told:?}");
    desk.world.finish();
}

/// Each call that is not the PaymentIntent itself, with each way in which it may not be answered.
#[test]
fn no_convenience_keeps_anybody_from_paying() {
    let calls = [
        ("GET", "/v1/customers/search"),
        ("POST", "/v1/customers"),
        ("GET", "/v1/customers"),
        ("POST", "/v1/customer_sessions"),
        ("", "/v1/customer"),
    ];
    for (method, path) in calls {
        for kind in [
            Trouble::Refused(String::new()),
            Trouble::Refused("email".into()),
            Trouble::Refused("name".into()),
            Trouble::Refused("metadata".into()),
            Trouble::Refused("surprise".into()),
            Trouble::Forbidden("rak_customer_write".into()),
            Trouble::RateLimited("endpoint-rate".into()),
            Trouble::KeyInUse,
            Trouble::ServerError,
            Trouble::Unavailable,
            Trouble::DropBefore,
            Trouble::DropAfter,
            Trouble::Endless,
            Trouble::Slow(9_000),
            Trouble::Slow(60_000),
        ] {
            for linked in [false, true] {
                let what = format!("{method} {path} {kind:?} linked: {linked}");
                let mut desk = PayPage::new();
                desk.world.set("PAY_SAVED_CARDS", "true");
                if linked {
                    // The contact names a customer, and the ledger knows nothing of it.
                    desk.open();
                    desk.settle();
                    desk.world.db.query("DELETE FROM customers RETURNING key");
                    desk = PayPage::in_world(desk.world, &Invoice::of("55.00", "USD"));
                }
                always(&desk, method, path, kind.clone());
                desk = pays(desk, &what);
                desk.world.finish();
            }
        }
    }
}

/// Less than one call that the payment needs may take.
#[test]
fn slow_conveniences_are_cut() {
    let mut desk = PayPage::new();
    desk.world.set("PAY_SAVED_CARDS", "true");
    always(&desk, "", "/v1/customer", Trouble::Slow(60_000));
    let now = || quittance::ports::Clock::now_ms(&desk.world.clock);
    let began = now();
    desk.open();
    assert!(now() - began < 10_000, "{} ms", now() - began);
    desk.settle();
    desk.world.finish();
}

/// What the PaymentIntent carries besides the money is left out where Stripe refuses it, each form under a key of its own.
#[test]
fn what_stripe_refuses_of_a_payment_is_left_out() {
    for param in
        ["customer", "receipt_email", "statement_descriptor_suffix", "description", "metadata[odoo_ref]", "metadata"]
    {
        let mut desk = PayPage::new();
        desk.world.set("PAY_RECEIPT_EMAIL", "true");
        let fault =
            ApiFault { method: "POST".into(), ..ApiFault::next("/v1/payment_intents", Trouble::Refused(param.into())) };
        desk.world.stripe.borrow_mut().faults.add(fault);
        let payment = desk.open();
        let made = desk.retrieve(&payment);
        let field = param.split('[').next().unwrap();
        match field {
            "metadata" => assert_eq!(made["metadata"]["odoo_ref"], Value::Null),
            field => assert_eq!(made[field], Value::Null, "{param}"),
        }
        assert_eq!(made["metadata"]["odoo_id"], desk.invoice.to_string(), "what finds the invoice stays");
        let keys: Vec<String> = desk
            .world
            .stripe
            .borrow()
            .seen
            .iter()
            .filter(|s| s.path == "/v1/payment_intents" && s.method == "POST")
            .filter_map(|s| s.idempotency_key.clone())
            .collect();
        assert_eq!(keys.len(), 2, "{param}");
        assert_ne!(keys[0], keys[1], "another form, another key");
        assert_eq!(desk.open(), payment);
        let desk = pays(desk, param);
        desk.world.finish();
    }
}

/// A refusal of what is needed is told, after a bounded number of forms.
#[test]
fn what_is_needed_is_not_left_out() {
    for param in ["amount", "currency", "automatic_payment_methods", ""] {
        let desk = PayPage::new();
        always(&desk, "POST", "/v1/payment_intents", Trouble::Refused(param.into()));
        let (status, answer) = desk.ask(json!({}));
        assert_eq!(status, 503, "{param}: {answer}");
        let creations = desk.seen_since(0).iter().filter(|call| *call == "POST /v1/payment_intents").count();
        assert!(creations <= 2, "{param}: {creations}");
        desk.world.finish();
    }
}

/// A payment without a customer whose answer was lost is found again, and gets none beside it.
#[test]
fn a_lost_answer_without_a_customer_is_found() {
    let mut desk = PayPage::new();
    always(&desk, "", "/v1/customers", Trouble::Unavailable);
    let fault = ApiFault { method: "POST".into(), ..ApiFault::next("/v1/payment_intents", Trouble::DropAfter) };
    desk.world.stripe.borrow_mut().faults.add(fault);
    assert_eq!(desk.ask(json!({})).0, 503);
    desk.world.cron_sleeps = true;
    desk.world.pass(25 * 3_600);
    desk.open();
    assert_eq!(desk.intents().len(), 1);
    let desk = pays(desk, "found");
    desk.world.finish();
}
