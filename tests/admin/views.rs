//! What is seen: health, lists, stories, charts, metrics.

use quittance_sim::stripe::merchant::Pay;
use quittance_sim::stripe::merchant::Refund;
use serde_json::{Value, json};

use super::*;
use crate::common::*;

/// A paid invoice, an unallocated receipt of a customer, a payment that is refused.
fn trade(world: &mut World) -> (i64, String, String) {
    let id = invoice(world, "100.00", "USD");
    let paid = pay_invoice(world, id, 10_000, "usd").payment_intent;
    pay(world, &Pay { customer: None, ..Pay::card(700, "usd") });
    let bad = pay(world, &with(5_000, "gbp", vec![])).payment_intent;
    world.pass(120);
    (id, paid, bad)
}

fn ids(list: &Value) -> Vec<String> {
    list["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn health_at_a_glance() {
    let mut world = world(11);
    let empty = get(&world, "/admin/api/health");
    assert_eq!(
        (&empty["account"], &empty["last_webhook"], &empty["books"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(empty["counts"]["parked"], 0);
    trade(&mut world);
    let health = get(&world, "/admin/api/health");
    let at = quittance::ports::Clock::now(&world.clock);
    assert_eq!(health["now"], json!(at));
    assert!(health["last_webhook"].as_i64().unwrap() > at - 130 && health["last_posting"].as_i64().unwrap() > at - 130);
    let parked = world.db.query("SELECT count(*) AS n FROM inbox WHERE state = 'parked'")[0]["n"].clone();
    assert!(parked != json!(0));
    assert_eq!(health["counts"]["parked"], parked);
    assert_eq!(health["counts"]["unallocated"], 1);
    assert_eq!((&health["livemode"], &health["delivery"]["paused"]), (&json!(false), &json!(false)));
    world.pass(900);
    let health = get(&world, "/admin/api/health");
    assert_eq!(health["recovery"][0]["under_way"], false);
    assert!(health["completeness"][0]["complete_to"].as_i64().unwrap() >= at);
    act(&world, "/admin/api/proof", json!({"verdict": "differs", "summary": "USD 1.00"}));
    assert_eq!(get(&world, "/admin/api/health")["books"]["verdict"], "differs");
    // Nobody works: what is due waits.
    world.odoo.borrow_mut().dial.add(quittance_sim::odoo::Rule::always(quittance_sim::odoo::Fault::Down));
    let id = invoice(&world, "5.00", "USD");
    pay_invoice(&world, id, 500, "usd");
    world.pass(100);
    let health = get(&world, "/admin/api/health");
    assert!(health["lag"].as_i64().unwrap() >= 30, "{health}");
    assert_eq!((&health["delivery"]["paused"], &health["delivery"]["code"]), (&json!(true), &json!("erp_unreachable")));
    world.odoo.borrow_mut().dial.clear();
    world.pass(1_200);
    assert_eq!(get(&world, "/admin/api/health")["delivery"]["paused"], false);
    world.finish();
}

#[test]
fn lists_by_state_and_type_and_page_by_page() {
    let mut world = world(12);
    trade(&mut world);
    let all = world.db.query("SELECT id FROM inbox ORDER BY rowid DESC");
    let all: Vec<&str> = all.iter().map(|row| row["id"].as_str().unwrap()).collect();
    let mut seen = Vec::new();
    let mut next = String::new();
    loop {
        let page = get(&world, &format!("/admin/api/events?limit=3{next}"));
        seen.extend(ids(&page));
        match page["next"].as_str() {
            Some(cursor) => next = format!("&before={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, all);
    for state in ["done", "parked", "ignored", "failed", "waiting"] {
        let listed = get(&world, &format!("/admin/api/events?state={state}&limit=100"));
        let there = world.db.query(&format!("SELECT id FROM inbox WHERE state = '{state}'")).len();
        assert_eq!(ids(&listed).len(), there, "{state}");
        assert!(listed["events"].as_array().unwrap().iter().all(|event| event["state"] == state));
    }
    let listed = get(&world, "/admin/api/events?type=payment_intent.&state=parked");
    assert!(!ids(&listed).is_empty());
    assert!(
        listed["events"].as_array().unwrap().iter().all(|e| e["type"].as_str().unwrap().starts_with("payment_intent."))
    );
    assert!(ids(&get(&world, "/admin/api/events?state=open")).len() <= 100);
    let done = get(&world, "/admin/api/events?state=done&type=payment_intent.succeeded");
    assert_eq!(done["events"][0]["postings"][0]["kind"], "paid");
    assert_eq!(done["events"][0]["postings"][0]["currency"], "usd");
    for wrong in ["state=lost", "limit=0", "limit=101", "before=x", "colour=red", "q=%zz"] {
        let (status, body) = ask(&world, &with_token(request("GET", &format!("/admin/api/events?{wrong}"))));
        assert_eq!((status, code(&body)), (400, "request_invalid"), "{wrong}");
    }
    world.finish();
}

#[test]
fn a_word_leads_to_all_events_of_its_payments() {
    let mut world = world(13);
    let customer = {
        let asked = Request::new("POST", format!("{}/v1/customers", quittance_sim::world::STRIPE))
            .with("authorization", "Bearer sk_test_sim")
            .with("idempotency-key", "one")
            .body("name=Ada");
        let answer = quittance_sim::Party::handle(&mut *world.stripe.borrow_mut(), &asked);
        let quittance_sim::Reply::Answer { response, .. } = answer else { panic!("no customer") };
        read(&response)["id"].as_str().unwrap().to_owned()
    };
    let id = invoice(&world, "100.00", "USD");
    let paid = pay(&world, &Pay { customer: Some(customer.clone()), ..with(10_000, "usd", ours(&world, id)) });
    let number = world.odoo.borrow().number(id);
    let other = pay(&world, &Pay::card(700, "usd"));
    let bad = pay(&world, &Pay { description: Some("for INV/1999/00001".into()), ..with(5_000, "gbp", vec![]) });
    world.pass(60);
    let refund = world.stripe.borrow_mut().refund(&Refund::part(&paid.charge, 1_000)).unwrap();
    world.pass(300);
    let of = |subject: &str| {
        let rows = world.db.query(&format!("SELECT id FROM inbox WHERE subject = '{subject}' ORDER BY rowid DESC"));
        rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let mine = of(&paid.payment_intent);
    assert!(mine.len() > 3, "{mine:?}");
    let slashed = number.replace('/', "%2F");
    let transaction = mine.iter().find(|id| id.starts_with("txn_")).unwrap().clone();
    for word in [&paid.payment_intent, &slashed, &slashed.to_lowercase(), &mine[0], &refund, &transaction] {
        assert_eq!(ids(&get(&world, &format!("/admin/api/events?limit=100&q={word}"))), mine, "{word}");
    }
    // A customer's own events as well.
    let of_customer = ids(&get(&world, &format!("/admin/api/events?limit=100&q={customer}")));
    assert!(mine.iter().all(|id| of_customer.contains(id)) && of_customer.len() == mine.len() + of(&customer).len());
    assert_eq!(ids(&get(&world, &format!("/admin/api/events?q={}", other.payment_intent))), of(&other.payment_intent));
    let found = ids(&get(&world, "/admin/api/events?q=INV%2F1999%2F00001"));
    assert!(!found.is_empty() && found.iter().all(|id| of(&bad.payment_intent).contains(id)), "{found:?}");
    for nothing in ["pi_nothing", "%25", "'; DROP TABLE inbox; --", "INV%2F2"] {
        assert!(ids(&get(&world, &format!("/admin/api/events?q={nothing}"))).is_empty(), "{nothing}");
    }
    let parked = ids(&get(&world, &format!("/admin/api/events?state=parked&q={}", bad.payment_intent)));
    assert!(!parked.is_empty());
    world.finish();
}

#[test]
fn one_events_story() {
    let mut world = world(14);
    let (_, paid, bad) = trade(&mut world);
    let done = ids(&get(&world, &format!("/admin/api/events?q={paid}&type=payment_intent.succeeded")));
    let story = get(&world, &format!("/admin/api/events/{}", done[0]));
    assert_eq!(story["event"]["state"], "done");
    assert_eq!(story["actions"], json!(["replay"]));
    assert_eq!((&story["advice"], &story["attempts"]), (&Value::Null, &json!([])));
    assert!(story["postings"].as_array().unwrap().len() >= 2, "{story:#}");
    assert_eq!(story["postings"][0]["documents"][0]["residual"], "0.00");
    assert!(story["related"].as_array().unwrap().iter().all(|event| event["id"] != done[0].as_str()));
    let parked = ids(&get(&world, &format!("/admin/api/events?q={bad}&type=payment_intent.succeeded")));
    let story = get(&world, &format!("/admin/api/events/{}", parked[0]));
    assert_eq!(story["actions"], json!(["replay", "ignore"]));
    assert!(story["advice"].as_str().unwrap().starts_with("Activate the currency"));
    assert_eq!(story["attempts"][0]["state"], "parked");
    assert_eq!(story["attempts"][0]["code"], "currency_inactive");
    assert_eq!(ask(&world, &with_token(request("GET", "/admin/api/events/evt_nothing"))).0, 404);
    world.finish();
}

#[test]
fn charts_of_the_last_day() {
    let mut world = world(15);
    trade(&mut world);
    world.pass(2 * 3_600);
    let id = invoice(&world, "1.00", "USD");
    pay_invoice(&world, id, 100, "usd");
    world.pass(60);
    let charts = get(&world, "/admin/api/charts");
    let hours = charts["hours"].as_array().unwrap();
    assert_eq!(charts["complete"], true);
    assert!(hours.len() >= 2, "{charts:#}");
    let sum = |name: &str| hours.iter().map(|hour| hour[name].as_i64().unwrap()).sum::<i64>();
    let rows = world.db.query("SELECT count(*) FILTER (WHERE form <> 'pulled') AS came, count(*) FILTER (WHERE form = 'pulled') AS pulled FROM inbox");
    assert_eq!((json!(sum("events")), json!(sum("pulled"))), (rows[0]["came"].clone(), rows[0]["pulled"].clone()));
    assert_eq!(sum("postings"), 3, "receipts");
    let last = hours.last().unwrap();
    assert!(
        last["median"].as_i64().unwrap() <= last["p95"].as_i64().unwrap()
            && last["p95"].as_i64() <= last["most"].as_i64()
    );
    world.finish();
}

#[test]
fn metrics_as_prometheus_reads_them() {
    let mut world = world(16);
    world.set("METRICS_TOKEN", "metrics-token-of-the-tests-012345");
    trade(&mut world);
    world.pass(900);
    let scrape = |token: &str| {
        let answer =
            world.request(&request("GET", "/metrics").with("authorization", format!("Bearer {token}"))).unwrap();
        (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
    };
    let (status, text) = scrape("metrics-token-of-the-tests-012345");
    assert_eq!(status, 200);
    assert_eq!(scrape(TOKEN).1, text);
    assert_eq!(scrape("wrong").0, 401);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        let bare = name.split('{').next().unwrap();
        assert!(text.contains(&format!("# TYPE {bare} ")) && value.parse::<i64>().is_ok(), "{line}");
    }
    let page = std::fs::read_to_string("docs/ADMIN.md").unwrap();
    for name in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")).filter_map(|line| line.split(' ').next()) {
        assert!(page.contains(&format!("`{name}`")), "docs/ADMIN.md does not list {name}");
    }
    assert!(text.contains("quittance_unallocated_receipts 1\n"), "{text}");
    assert!(text.contains("quittance_open_events{state=\"parked\"}"));
    // It opens nothing else.
    let asked = request("GET", "/admin/api/health").with("authorization", "Bearer metrics-token-of-the-tests-012345");
    assert_eq!(ask(&world, &asked).0, 401);
    world.finish();
}
