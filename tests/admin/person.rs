//! One payer: what is held of him is exported whole, and forgotten but for what the books need.

use std::collections::BTreeMap;

use quittance_sim::Party;
use quittance_sim::odoo::Invoice;
use quittance_sim::stripe::merchant::{Pay, Refund};
use quittance_sim::world::STRIPE;
use quittance_sim::world::port_faults::Mishap;
use serde_json::{Value, json};

use super::*;
use crate::common::*;

/// A payer of two payments, one by the page and one by another way, and of one that is parked.
struct Payer {
    partner: i64,
    customer: String,
    payments: Vec<String>,
}

fn begin(world: &World, invoice: i64) -> Value {
    let token = world.odoo.borrow_mut().token(invoice);
    let asked = json!({"invoice": invoice, "access_token": token}).to_string();
    ask(world, &request("POST", "/api/payment-intents").body(asked)).1
}

fn confirm(world: &World, payment: &str) {
    let request = Request::new("POST", format!("{STRIPE}/v1/payment_intents/{payment}/confirm"))
        .with("authorization", "Bearer sk_test_sim")
        .body("payment_method=pm_card_visa");
    world.stripe.borrow_mut().handle(&request);
}

fn bill(world: &World, name: &str) -> i64 {
    let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
    world.odoo.borrow_mut().invoice(&Invoice { partner: name, email: &email, ..Invoice::of("100.00", "USD") })
}

fn trade(world: &mut World, name: &str) -> Payer {
    let invoice = bill(world, name);
    let page = begin(world, invoice)["payment"]["id"].as_str().unwrap().to_owned();
    confirm(world, &page);
    let partner = world.odoo.borrow().payer(invoice);
    let named = format!("SELECT customer FROM customers WHERE partner = {partner}");
    let customer = world.db.query(&named)[0]["customer"].as_str().unwrap().to_owned();
    let other = bill(world, name);
    let number = world.odoo.borrow().number(other);
    let pay_by = |amount, currency: &str| Pay {
        customer: Some(customer.clone()),
        description: Some(number.clone()),
        ..Pay::card(amount, currency)
    };
    let linked = pay(world, &pay_by(10_000, "usd")).payment_intent;
    let parked = pay(world, &pay_by(5_000, "gbp")).payment_intent;
    world.pass(120);
    Payer { partner, customer, payments: vec![page, linked, parked] }
}

/// Every row of the ledger that names one of these texts anywhere, by table.
fn naming(world: &World, texts: &[&str]) -> BTreeMap<String, Vec<Value>> {
    let mut found = BTreeMap::new();
    for table in world.db.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'") {
        let table = table["name"].as_str().unwrap().to_owned();
        let rows = world.db.query(&format!("SELECT * FROM \"{table}\"")).into_iter().map(Value::Object);
        let rows: Vec<Value> = rows.filter(|row| texts.iter().any(|text| row.to_string().contains(text))).collect();
        if !rows.is_empty() {
            found.insert(table, rows);
        }
    }
    found
}

fn whole(world: &World, whom: Value) -> BTreeMap<String, Vec<Value>> {
    let (mut all, mut after) = (BTreeMap::<String, Vec<Value>>::new(), String::new());
    loop {
        let mut asked = whom.clone();
        asked["reason"] = json!("she asked");
        asked["after"] = json!(after);
        let (status, page) = act(world, "/admin/api/person/export", asked);
        assert_eq!(status, 200, "{page}");
        let rows = page["rows"].as_array().unwrap().clone();
        all.entry(page["table"].as_str().unwrap().to_owned()).or_default().extend(rows);
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => return all,
        }
    }
}

fn forget(world: &World, whom: Value) -> Value {
    let mut asked = whom;
    asked["reason"] = json!("she asked");
    let (status, done) = act(world, "/admin/api/person/forget", asked);
    assert_eq!(status, 200, "{done}");
    done
}

/// Whatever row names the customer or a payment of hers is in it, in whichever way she is named; nothing of anybody else.
#[test]
fn an_export_has_every_row_that_names_the_person() {
    let mut world = world(41);
    let ada = trade(&mut world, "Ada Lovelace");
    let bob = trade(&mut world, "Bob Babbage");
    let names: Vec<&str> = ada.payments.iter().chain([&ada.customer]).map(String::as_str).collect();
    // What stands for her events stands for her as well.
    let events: Vec<String> =
        naming(&world, &names)["inbox"].iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    let names: Vec<&str> = names.into_iter().chain(events.iter().map(String::as_str)).collect();
    let held = naming(&world, &names);
    for table in ["customers", "intents", "search_terms", "inbox", "attempts", "postings", "transactions"] {
        assert!(held.contains_key(table), "no row of {table} names her: {:?}", held.keys());
    }
    let by_customer = whole(&world, json!({"customer": ada.customer}));
    for whom in [json!({"partner": ada.partner}), json!({"customer": ada.customer})] {
        let exported = whole(&world, whom.clone());
        for (table, rows) in &held {
            for row in rows {
                assert!(
                    exported.get(table).is_some_and(|all| all.contains(row)),
                    "{whom}: not exported of {table}: {row}"
                );
            }
        }
        let text = json!(exported).to_string();
        assert!(bob.payments.iter().chain([&bob.customer]).all(|id| !text.contains(id.as_str())), "{whom}: another's");
    }
    assert!(by_customer["inbox"].iter().any(|row| row["body"].as_str().is_some_and(|body| body.contains("ada"))));
    let audit = get(&world, "/admin/api/audit");
    assert_eq!(audit["audit"][0]["action"], "export");
    assert_eq!(audit["audit"][0]["reason"], "she asked");
    world.finish();
}

/// What is left is what the books are made of: ids, amounts, documents. Money goes on to arrive, and so does she.
#[test]
fn what_is_forgotten_is_gone_but_for_the_books() {
    let mut world = world(42);
    let ada = trade(&mut world, "Ada Lovelace");
    let bob = trade(&mut world, "Bob Babbage");
    world.odoo.borrow_mut().set_rate("GBP", 1, "0.75");
    world.odoo.borrow_mut().settle_in(1, "GBP");
    for row in world.db.query("SELECT id FROM inbox WHERE state = 'parked'") {
        let path = format!("/admin/api/events/{}/replay", row["id"].as_str().unwrap());
        assert_eq!(act(&world, &path, json!({"reason": ""})).0, 200);
    }
    world.pass(600);
    for receipt in get(&world, "/admin/api/unallocated")["postings"].as_array().unwrap() {
        let (key, reason) = (receipt["key"].clone(), "her credit");
        assert_eq!(act(&world, "/admin/api/postings/dismiss", json!({"key": key, "reason": reason})).0, 200);
    }
    let bobs: Vec<&str> = bob.payments.iter().chain([&bob.customer]).map(String::as_str).collect();
    let (of_bob, books) = (naming(&world, &bobs), world.db.query("SELECT * FROM postings ORDER BY key"));
    let done = forget(&world, json!({"partner": ada.partner}));
    assert_eq!((done["payments"].as_array().unwrap().len(), &done["kept"]), (3, &json!([])), "{done}");
    assert_eq!(naming(&world, &bobs), of_bob, "another's");
    assert_eq!(world.db.query("SELECT * FROM postings ORDER BY key"), books);
    assert_eq!(naming(&world, &[&ada.customer]).keys().collect::<Vec<_>>(), Vec::<&String>::new());
    let ids: Vec<&str> = ada.payments.iter().map(String::as_str).collect();
    let left = naming(&world, &ids);
    assert!(
        left.keys().all(|table| ["inbox", "postings", "transactions", "audit"].contains(&table.as_str())),
        "{:?}",
        left.keys()
    );
    assert!(left["inbox"].iter().all(|row| row["body"].is_null() && row["detail"].is_null()));
    assert!(left.get("audit").into_iter().flatten().all(|row| row["reason"] == ""));
    let again = forget(&world, json!({"partner": ada.partner}));
    assert_eq!((&again["payments"], &again["kept"]), (&json!([]), &json!([])));
    assert_eq!(whole(&world, json!({"partner": ada.partner})).values().map(Vec::len).sum::<usize>(), 0);
    // Her money and her next visit.
    world
        .stripe
        .borrow_mut()
        .refund(&Refund { payment: ada.payments[1].clone(), amount: Some(4_000), ..Refund::default() })
        .unwrap();
    world.pass(300);
    let refunded = format!("SELECT key FROM postings WHERE kind = 'refunded' AND payment = '{}'", ada.payments[1]);
    assert_eq!(world.db.query(&refunded).len(), 1, "the refund of a forgotten payment is booked");
    let next = bill(&world, "Ada Lovelace");
    let page = begin(&world, next);
    assert_eq!(page["state"], "open", "{page}");
    confirm(&world, page["payment"]["id"].as_str().unwrap());
    world.pass(120);
    assert_eq!(residual(&world, next), "0");
    let customers = format!("SELECT customer FROM customers WHERE partner = {}", ada.partner);
    assert_eq!(world.db.query(&customers)[0]["customer"], json!(ada.customer), "the same customer as before");
    world.finish();
}

/// Parked money counts as missing until somebody acts: it is not forgotten before that. A page that is open is given up.
#[test]
fn what_is_under_way_is_kept_and_what_is_only_open_is_given_up() {
    let mut world = world(43);
    let ada = trade(&mut world, "Ada Lovelace");
    let open = begin(&world, bill(&world, "Ada Lovelace"))["payment"]["id"].as_str().unwrap().to_owned();
    let done = forget(&world, json!({"customer": ada.customer}));
    let kept = done["kept"].as_array().unwrap();
    assert!(kept.contains(&json!(ada.payments[2])) && !kept.contains(&json!(open)), "{done}");
    let canceled =
        Request::new("GET", format!("{STRIPE}/v1/payment_intents/{open}")).with("authorization", "Bearer sk_test_sim");
    let answer = world.stripe.borrow_mut().handle(&canceled).within(1_000).unwrap();
    assert!(String::from_utf8_lossy(&answer.body).contains("\"canceled\""));
    let parked = format!("SELECT body FROM inbox WHERE subject = '{}' AND body IS NOT NULL", ada.payments[2]);
    assert!(!world.db.query(&parked).is_empty(), "what is parked is as it was");
    assert_eq!(world.db.query("SELECT 1 AS yes FROM customers").len(), 1, "and so is whose it is");
    world.pass(120);
    world.finish();
}

/// A crash before or after any call of a port, then the same request again.
#[test]
fn forgetting_goes_on_after_a_crash_between_any_two_steps() {
    let run = |strike: Option<(usize, Mishap)>| {
        let mut world = world(44);
        let invoice = bill(&world, "Ada Lovelace");
        let page = begin(&world, invoice)["payment"]["id"].as_str().unwrap().to_owned();
        confirm(&world, &page);
        world.pass(120);
        begin(&world, bill(&world, "Ada Lovelace"));
        let partner = world.odoo.borrow().payer(invoice);
        let asked = json!({"partner": partner, "reason": "she asked"}).to_string();
        let request = with_token(request("POST", "/admin/api/person/forget")).body(asked);
        let before = world.dial.calls();
        if let Some((at, mishap)) = strike {
            world.dial.set(at, mishap);
        }
        drop(world.request(&request));
        let calls = world.dial.calls() - before;
        world.clock.advance(2_000);
        let answer = world.request(&request).unwrap();
        assert_eq!((answer.status, &read(&answer)["kept"]), (200, &json!([])), "{strike:?}");
        for table in ["customers", "intents", "search_terms", "attempts"] {
            assert_eq!(world.db.query(&format!("SELECT 1 AS yes FROM {table}")).len(), 0, "{strike:?}: {table}");
        }
        assert_eq!(world.db.query("SELECT 1 AS yes FROM postings WHERE kind = 'paid'").len(), 1);
        world.pass(120);
        world.finish();
        calls
    };
    let calls = run(None);
    assert!(calls >= 5, "{calls}");
    for at in 0..calls {
        for mishap in Mishap::ALL {
            run(Some((at, mishap)));
        }
    }
}

#[test]
fn one_person_is_named_and_a_reason_given() {
    let world = world(45);
    for asked in [
        json!({"reason": "x"}),
        json!({"partner": 1, "customer": "cus_1", "reason": "x"}),
        json!({"partner": 0, "reason": "x"}),
        json!({"partner": "1", "reason": "x"}),
        json!({"customer": "pi_1", "reason": "x"}),
        json!({"partner": 1}),
        json!({"partner": 1, "reason": "x", "after": "sessions 0"}),
        json!({"partner": 1, "reason": "x", "after": "inbox x"}),
    ] {
        let (status, body) = act(&world, "/admin/api/person/export", asked.clone());
        assert_eq!((status, code(&body)), (400, "request_invalid"), "{asked}");
    }
    let (status, _) = act(&world, "/admin/api/person/forget", json!({"partner": 1}));
    assert_eq!(status, 400);
    let (status, _) =
        ask(&world, &request("POST", "/admin/api/person/forget").body("{\"partner\":1,\"reason\":\"x\"}"));
    assert_eq!(status, 401);
    assert_eq!(world.db.query("SELECT 1 AS yes FROM audit").len(), 0);
}
