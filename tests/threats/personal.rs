//! What the ledger keeps of people: what it needs, as long as it needs it. Every world looks for more when it ends
//! (`quittance_sim::world::personal`); docs/PRIVACY.md has each column.

use quittance::http::Request;
use quittance_sim::Party;
use quittance_sim::odoo::{Invoice, Version};
use quittance_sim::stripe::merchant::Pay;
use quittance_sim::world::{SECRET, STRIPE, WORKER, World};
use serde_json::{Value, json};

use crate::common::{invoice, pay, residual, with};
use crate::{LIVE, deliver, event};

const DAY: i64 = 86_400;

fn count(world: &World, what: &str) -> i64 {
    world.db.query(&format!("SELECT count(*) AS n FROM {what}"))[0]["n"].as_i64().unwrap()
}

fn begin(world: &World, invoice: i64) -> Value {
    let token = world.odoo.borrow_mut().token(invoice);
    let asked = json!({"invoice": invoice, "access_token": token}).to_string();
    let answer = world.request(&Request::new("POST", format!("{WORKER}/api/payment-intents")).body(asked)).unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}

/// Another mode, an account that is not listed: known at the door, so that not even the first write has a body.
#[test]
fn strangers_events_leave_no_body_and_no_payer() {
    let mut world = World::new(1, Version::V18);
    let endpoints = format!("{} live:{LIVE}", quittance_sim::world::signing(&[SECRET]));
    world.set("STRIPE_WEBHOOK_SECRETS", &endpoints);
    let payer =
        json!({"id": "pi_1", "object": "payment_intent", "receipt_email": "ada@example.com", "status": "succeeded"});
    let mut live = event(&world, "evt_live", "payment_intent.succeeded", &payer);
    live["livemode"] = json!(true);
    let mut other = event(&world, "evt_other", "payment_intent.succeeded", &payer);
    other["account"] = json!("acct_stranger");
    for body in [live, other] {
        assert_eq!(deliver(&world, &body.to_string()), 200);
        assert_eq!(count(&world, "inbox WHERE body IS NOT NULL"), 0);
    }
    world.pass(60);
    let codes = world.db.query("SELECT code FROM inbox ORDER BY id");
    assert_eq!(
        codes.iter().filter_map(|row| row["code"].as_str()).collect::<Vec<_>>(),
        ["other_mode", "other_account"]
    );
    world.finish();
}

/// Declined cards, types that are not read, what an operator leaves out: the verdict takes the body away.
#[test]
fn what_will_not_be_booked_keeps_no_body() {
    let mut world = World::new(1, Version::V18);
    let begun = begin(&world, invoice(&world, "100.00", "USD"));
    let path = format!("{STRIPE}/v1/payment_intents/{}/confirm", begun["payment"]["id"].as_str().unwrap());
    let confirm = Request::new("POST", path)
        .with("authorization", "Bearer sk_test_sim")
        .body("payment_method=pm_card_chargeDeclined");
    world.stripe.borrow_mut().handle(&confirm);
    let customer = json!({"id": "cus_1", "object": "customer", "email": "ada@example.com", "name": "Ada Lovelace"});
    deliver(&world, &event(&world, "evt_customer", "customer.created", &customer).to_string());
    assert_eq!(count(&world, "inbox WHERE body LIKE '%ada@example.com%'"), 1, "until somebody has read it");
    world.pass(60);
    let states = "SELECT group_concat(DISTINCT code) AS codes FROM (SELECT code FROM inbox WHERE state = 'ignored' ORDER BY code)";
    let codes = world.db.query(states)[0]["codes"].as_str().unwrap().to_owned();
    assert!(codes.contains("payment_failed") && codes.contains("unsupported"), "{codes}");
    assert_eq!(count(&world, "inbox WHERE state = 'ignored' AND body IS NOT NULL"), 0);
    world.finish();
}

/// The PaymentIntent is open while its event is at the door: who reads the ledger then could confirm it.
#[test]
fn no_client_secret_of_an_open_payment_is_stored() {
    let mut world = World::new(1, Version::V18);
    let secret = "pi_1_secret_aB3dE5";
    for (n, object) in [
        json!({"id": "pi_1", "object": "payment_intent", "client_secret": secret, "status": "requires_action"}),
        json!({"id": "ch_1", "payment_intent": {"id": "pi_1", "client_secret": secret}}),
        json!({"id": "cs_1", "metadata": {"note": json!({"client_secret": secret}).to_string()}}),
    ]
    .iter()
    .enumerate()
    {
        for (form, body) in [
            event(&world, &format!("evt_{n}"), "payment_intent.succeeded", object).to_string(),
            serde_json::to_string_pretty(&event(&world, &format!("evt_p{n}"), "charge.succeeded", object)).unwrap(),
        ]
        .iter()
        .enumerate()
        {
            assert_eq!(deliver(&world, body), 200);
            let kept = world.db.query("SELECT body FROM inbox ORDER BY rowid DESC LIMIT 1")[0]["body"].clone();
            let kept = kept.as_str().unwrap();
            assert!(!kept.contains("aB3dE5"), "{n} {form}: {kept}");
            let all: Value = serde_json::from_str(kept).unwrap();
            assert_eq!(all["data"]["object"]["id"], object["id"], "the rest is as it came");
        }
    }
    // No such payments are at Stripe.
    world.disable_drop_check();
}

#[test]
fn forms_go_when_stripe_has_answered_or_their_key_has_run_out() {
    let mut world = World::new(1, Version::V18);
    let wish = Invoice { partner: "Ada Lovelace", email: "ada@example.com", ..Invoice::of("100.00", "USD") };
    let id = world.odoo.borrow_mut().invoice(&wish);
    begin(&world, id);
    assert_eq!((count(&world, "customers WHERE body = ''"), count(&world, "customers")), (1, 1));
    assert_eq!((count(&world, "intents WHERE body = ''"), count(&world, "intents")), (1, 1));
    assert_eq!(count(&world, "intents WHERE shown LIKE '%example.com%'"), 0);
    // As a crash before Stripe's answer leaves them.
    world.db.query("UPDATE customers SET body = 'email=ada%40example.com', customer = NULL RETURNING key");
    world.db.query("UPDATE intents SET body = 'receipt_email=ada%40example.com', payment = NULL RETURNING key");
    world.pass(DAY - 3_600);
    assert_eq!(count(&world, "customers WHERE body <> ''"), 1, "its key is still good");
    world.pass(3_600 + 1_000);
    assert_eq!((count(&world, "customers WHERE body <> ''"), count(&world, "intents WHERE body <> ''")), (0, 0));
    assert_eq!(begin(&world, id)["state"], "open", "a new form takes its place");
    world.finish();
}

/// A person may take long; when he replays it, its object is asked for.
#[test]
fn a_parked_body_goes_with_its_retention_and_its_money_does_not() {
    let mut world = World::new(1, Version::V18);
    world.set("RETENTION_DAYS", "1");
    let paid = pay(&world, &with(5_000, "gbp", vec![])).payment_intent;
    world.pass(DAY - 600);
    let bodies = format!("inbox WHERE state = 'parked' AND subject = '{paid}' AND body IS NOT NULL");
    assert!(count(&world, &bodies) > 0);
    let told = format!("inbox WHERE state = 'parked' AND subject = '{paid}' AND detail IS NOT NULL");
    assert!(count(&world, &told) > 0);
    world.pass(1_900);
    assert_eq!((count(&world, &bodies), count(&world, &told)), (0, 0));
    assert!(count(&world, &format!("inbox WHERE state = 'parked' AND subject = '{paid}' AND code IS NOT NULL")) > 0);
    world.odoo.borrow_mut().set_rate("GBP", 1, "0.75");
    world.odoo.borrow_mut().settle_in(1, "GBP");
    let args = [paid.as_str().into(), quittance::ports::Clock::now(&world.clock).into()];
    world.db.run(&[quittance::ports::Stmt::new(include_str!("../../docs/replay.sql"), args)]).unwrap();
    world.pass(300);
    assert_eq!(crate::common::posting(&world, &paid)["outcome"], "created");
    world.finish();
}

/// Of a payment by the page and one by another way nothing that tells of the payer is left but the postings.
#[test]
fn after_the_retention_no_cell_tells_of_a_payer() {
    let mut world = World::new(1, Version::V18);
    world.set("RETENTION_DAYS", "1");
    let id = world.odoo.borrow_mut().invoice(&Invoice {
        partner: "Ada Lovelace",
        email: "ada@example.com",
        ..Invoice::of("100.00", "USD")
    });
    let begun = begin(&world, id);
    let path = format!("{STRIPE}/v1/payment_intents/{}/confirm", begun["payment"]["id"].as_str().unwrap());
    let confirm =
        Request::new("POST", path).with("authorization", "Bearer sk_test_sim").body("payment_method=pm_card_visa");
    world.stripe.borrow_mut().handle(&confirm);
    pay(&world, &Pay::card(700, "usd"));
    world.pass(60);
    assert_eq!(residual(&world, id), "0");
    assert!(count(&world, "inbox WHERE body IS NOT NULL") > 0);
    world.pass(DAY + 3_600);
    assert_eq!(count(&world, "inbox WHERE body IS NOT NULL"), 0);
    assert!(count(&world, "postings") > 0);
    world.finish();
}

/// An address or a name stands now and then where a number belongs.
#[test]
fn what_people_write_in_the_place_of_a_number_is_not_kept() {
    let mut world = World::new(1, Version::V18);
    for text in ["ada@example.com", "Ada Lovelace 7", "Lovelace", "INV/2026/09999", "RE-17_b"] {
        pay(&world, &with(500, "usd", vec![("invoice_number", text.into())]));
    }
    world.pass(120);
    let rows = world.db.query("SELECT word FROM search_terms WHERE word NOT LIKE 'cus_%' ORDER BY word");
    let words: Vec<&str> = rows.iter().filter_map(|row| row["word"].as_str()).collect();
    assert_eq!(words, ["INV/2026/09999", "RE-17_b"]);
    world.finish();
}
