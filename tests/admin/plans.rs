//! What operators ask costs no more the more events are kept.

use serde_json::json;

use super::*;
use crate::common::*;

#[test]
fn no_statement_of_an_operator_scans_a_table() {
    let mut world = world(51);
    let id = invoice(&world, "10.00", "USD");
    let paid = pay_invoice(&world, id, 1_000, "usd").payment_intent;
    pay(&world, &quittance_sim::stripe::merchant::Pay::card(700, "usd"));
    world.pass(60);
    world.db.seen.borrow_mut().clear();
    for path in [
        "/admin/api/health",
        "/admin/api/events",
        "/admin/api/events?state=open",
        "/admin/api/events?state=done&type=x",
        "/admin/api/unallocated",
        "/admin/api/charts",
        "/admin/api/audit",
    ] {
        get(&world, path);
    }
    let found = get(&world, &format!("/admin/api/events?q={paid}"));
    let event = found["events"][0]["id"].as_str().unwrap();
    get(&world, &format!("/admin/api/events/{event}"));
    for action in ["replay", "park", "ignore"] {
        act(&world, &format!("/admin/api/events/{event}/{action}"), json!({"reason": "x"}));
    }
    act(&world, "/admin/api/recover", json!({"events": []}));
    let key = get(&world, "/admin/api/unallocated")["postings"][0]["key"].clone();
    act(&world, "/admin/api/postings/assign", json!({"key": key, "invoice": id.to_string()}));
    act(&world, "/admin/api/postings/dismiss", json!({"key": key, "reason": "x"}));
    for table in ["customers", "intents", "search_terms", "inbox", "attempts", "postings", "transactions", "audit"] {
        let asked = json!({"partner": 1, "reason": "x", "after": format!("{table} 0")});
        assert_eq!(act(&world, "/admin/api/person/export", asked).0, 200);
    }
    act(&world, "/admin/api/person/forget", json!({"customer": "cus_1", "reason": "x"}));
    let seen = world.db.seen.borrow().clone();
    assert!(seen.len() > 15, "{}", seen.len());
    let mut scans = Vec::new();
    for sql in seen {
        for step in world.db.plan(sql).unwrap() {
            let name = step.strip_prefix("SCAN ").and_then(|rest| rest.split_whitespace().next()).unwrap_or("");
            let table = [
                "inbox",
                "postings",
                "attempts",
                "audit",
                "search_terms",
                "intents",
                "customers",
                "transactions",
                "i",
                "n",
                "t",
                "po",
                "other",
            ]
            .contains(&name);
            // Newest first, up to a LIMIT, by the row's own number; and of the newest the count up to one.
            let newest = sql.contains("rowid DESC LIMIT");
            if table && !newest {
                scans.push(format!("{step}: {sql}"));
            }
        }
    }
    assert!(scans.is_empty(), "{scans:#?}");
    world.pass(60);
    world.finish();
}
