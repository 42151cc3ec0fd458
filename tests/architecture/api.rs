//! docs/api/openapi.yaml: it has the routes of src/routes and no others, and what the Worker answers keeps to its schemas.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;

use crate::common::*;
use crate::schema;
use crate::yaml;
use quittance::http::{Request, Response};
use quittance_sim::odoo::{Fault, Rule, Version};
use quittance_sim::stripe::merchant::Pay;
use quittance_sim::world::{WORKER, World};
use regex_lite::Regex;
use serde_json::{Value, json};

const TOKEN: &str = "admin-token-of-the-tests-01234567";

fn document() -> Value {
    yaml::parse(&fs::read_to_string("docs/api/openapi.yaml").unwrap())
}

/// `GET /admin/api/events/{}`: a name in braces is anything.
fn bare(method: &str, path: &str) -> String {
    format!("{} {}", method.to_uppercase(), Regex::new(r"\{\w+\}").unwrap().replace_all(path, "{}"))
}

/// The operations that the description has.
fn described(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| bare(method, path)))
        .collect()
}

/// The operations that the tables of paths have: strings beside a method, and slices of segments.
fn routed() -> BTreeSet<String> {
    let read = |file: &str| fs::read_to_string(format!("src/routes/{file}")).unwrap();
    let (routes, admin, pay) = (read("mod.rs"), read("admin/mod.rs"), read("pay.rs"));
    let mut found = BTreeSet::new();
    let mut add = |method: &str, path: &str| found.insert(bare(method, path));
    let beside = Regex::new(r#"\("(/[\w./-]*)", "([A-Z]+)""#).unwrap();
    for (text, prefix) in [(&routes, ""), (&admin, "/admin")] {
        for hit in beside.captures_iter(text) {
            add(&hit[2], &format!("{prefix}{}", &hit[1]));
        }
    }
    for hit in Regex::new(r#""(DELETE|PUT|PATCH)", "(/[\w-]+)""#).unwrap().captures_iter(&admin) {
        add(&hit[1], &format!("/admin{}", &hit[2]));
    }
    for hit in Regex::new(r#"path == "(/[\w-]+)""#).unwrap().captures_iter(&admin) {
        add("GET", &hit[1]);
    }
    assert!(admin.contains(r#"matches!(rest, "" | "/")"#), "the operator's page");
    add("GET", "/admin");
    assert!(routes.contains(r#"(WEBHOOK_PATH, "POST")"#) && routes.contains(r#"(pay::BEGIN, "POST")"#));
    add("POST", quittance::flow::receive::WEBHOOK_PATH);
    add("POST", pay.split("BEGIN: &str = \"").nth(1).unwrap().split('"').next().unwrap());
    let slices = Regex::new(r"(?m)^\s*\[([^\]]+)\](?: if [^=]+)? =>").unwrap();
    for (text, method, prefix) in [
        (&routes, "GET", ""),
        (&read("admin/queries.rs"), "GET", "/admin"),
        (&read("admin/actions.rs"), "POST", "/admin"),
    ] {
        for hit in slices.captures_iter(text) {
            let segment =
                |part: &str| part.strip_prefix('"').map_or("{}".into(), |name| name.trim_end_matches('"').to_owned());
            let path: Vec<String> = hit[1].split(", ").map(segment).collect();
            add(method, &format!("{prefix}/{}", path.join("/")));
        }
    }
    found
}

#[test]
fn the_description_has_the_routes_and_no_others() {
    let (described, routed) = (described(&document()), routed());
    assert!(routed.len() > 20, "{routed:#?}");
    assert_eq!(described, routed);
}

/// Every reference leads somewhere, and every schema is used.
#[test]
fn references_lead_to_their_components() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        for (name, inner) in value.as_object().into_iter().flatten() {
            if let ("$ref", Some(path)) = (name.as_str(), inner.as_str()) {
                found.insert(path.to_owned());
            }
            references(inner, found);
        }
        value.as_array().into_iter().flatten().for_each(|item| references(item, found));
    }
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for path in &found {
        assert!(document.pointer(&path[1..]).is_some(), "{path}");
    }
    for (kind, all) in document["components"].as_object().unwrap() {
        for name in all.as_object().unwrap().keys().filter(|_| kind != "securitySchemes") {
            assert!(found.contains(&format!("#/components/{kind}/{name}")), "nothing uses {kind}/{name}");
        }
    }
}

/// A Worker whose answers are held against the description.
struct Described {
    world: World,
    document: Value,
    /// Operations with a status that were seen.
    seen: RefCell<BTreeSet<String>>,
}

impl Described {
    fn new(seed: u64) -> Self {
        let mut world = World::new(seed, Version::V18);
        world.set("ADMIN_TOKEN", TOKEN);
        world.set("METRICS_TOKEN", "metrics-token-of-the-tests-012345");
        Self { world, document: document(), seen: RefCell::default() }
    }

    fn ask(&self, request: &Request) -> (u16, Value) {
        let response = self.world.request(request).unwrap();
        let body = self.check(request, &response);
        (response.status, body)
    }

    fn check(&self, request: &Request, response: &Response) -> Value {
        let segments = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
        let asked = segments(request.path());
        let fits = |path: &str| {
            let known = segments(path);
            known.len() == asked.len() && known.iter().zip(&asked).all(|(k, a)| k.starts_with('{') || k == a)
        };
        let paths = self.document["paths"].as_object().unwrap();
        // A name goes before anything.
        let path = paths.keys().filter(|path| fits(path)).min_by_key(|path| path.matches('{').count());
        let path = path.unwrap_or_else(|| panic!("{} is not described", request.path()));
        let operation = &paths[path][request.method.to_lowercase()];
        assert!(operation.is_object(), "{} {path} is not described", request.method);
        let what = format!("{} {}", bare(&request.method, path), response.status);
        let answer = self.follow(&operation["responses"][response.status.to_string()]);
        assert!(answer.is_object(), "{what} is not described: {}", String::from_utf8_lossy(&response.body));
        self.seen.borrow_mut().insert(what.clone());
        let schema = &answer["content"]["application/json"]["schema"];
        if schema.is_null() {
            return Value::Null;
        }
        let body = serde_json::from_slice(&response.body).unwrap();
        schema::check_in(&self.document, schema, &body).unwrap_or_else(|why| panic!("{what}: {why} in {body}"));
        body
    }

    fn follow<'a>(&'a self, value: &'a Value) -> &'a Value {
        value["$ref"].as_str().map_or(value, |path| self.document.pointer(&path[1..]).unwrap())
    }

    fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(&operator("GET", path));
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.ask(&operator("POST", path).body(body.to_string()))
    }
}

fn anybody(method: &str, path: &str) -> Request {
    Request::new(method, format!("{WORKER}{path}"))
}

fn operator(method: &str, path: &str) -> Request {
    anybody(method, path).with("authorization", format!("Bearer {TOKEN}"))
}

#[test]
fn what_payers_and_monitors_are_answered_is_described() {
    let mut api = Described::new(91);
    let invoice = invoice(&api.world, "100.00", "USD");
    let token = api.world.odoo.borrow_mut().token(invoice);
    let begin = |more: Value| {
        let mut body = json!({"invoice": invoice, "access_token": token});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        anybody("POST", "/api/payment-intents").body(body.to_string())
    };
    let status = || anybody("GET", &format!("/api/invoices/{invoice}/payment")).with("x-access-token", token.as_str());
    assert_eq!(api.ask(&status()).0, 404, "nobody began");
    let (_, open) = api.ask(&begin(json!({})));
    assert_eq!(open["state"], "open", "{open}");
    assert_eq!(api.ask(&status()).1["state"], "open");
    assert_eq!(api.ask(&begin(json!({"access_token": "wrong"}))).0, 404);
    assert_eq!(api.ask(&begin(json!({"amount": "1.00"}))).0, 422);
    assert_eq!(api.ask(&anybody("POST", "/api/payment-intents").body("no JSON")).0, 400);
    let confirm = format!(
        "{}/v1/payment_intents/{}/confirm",
        quittance_sim::world::STRIPE,
        open["payment"]["id"].as_str().unwrap()
    );
    let confirm =
        Request::new("POST", confirm).with("authorization", "Bearer sk_test_sim").body("payment_method=pm_card_visa");
    quittance_sim::Party::handle(&mut *api.world.stripe.borrow_mut(), &confirm);
    assert_eq!(api.ask(&begin(json!({}))).1["state"], "received");
    api.world.pass(120);
    assert_eq!(api.ask(&begin(json!({}))).1["state"], "paid");
    assert_eq!(api.ask(&status()).1["booked"]["name"].as_str().map(str::is_empty), Some(false));
    api.world.odoo.borrow_mut().dial.add(Rule::always(Fault::Down));
    let other = crate::common::invoice(&api.world, "5.00", "USD");
    let unknown = json!({"invoice": other, "access_token": "unknown"});
    assert_eq!(api.ask(&anybody("POST", "/api/payment-intents").body(unknown.to_string())).0, 503);
    api.world.odoo.borrow_mut().dial.clear();
    assert_eq!(api.ask(&anybody("GET", "/health")).1["status"], "ok");
    for path in [format!("/pay/{invoice}"), "/embed.js".to_owned(), "/admin".to_owned()] {
        assert_eq!(api.ask(&anybody("GET", &path)).0, 200, "{path}");
    }
    assert_eq!(api.ask(&anybody("GET", "/pay/logo/999999")).0, 404);
    assert_eq!(api.ask(&anybody("POST", "/webhooks/stripe").body("{}")).0, 400);
    for (token, status) in [("metrics-token-of-the-tests-012345", 200), ("wrong", 401)] {
        let request = anybody("GET", "/metrics").with("authorization", format!("Bearer {token}"));
        assert_eq!(api.ask(&request).0, status);
    }
    api.world.pass(900);
    api.world.finish();
}

#[test]
fn what_operators_are_answered_is_described() {
    let mut api = Described::new(92);
    api.get("/admin/api/health");
    let paid = invoice(&api.world, "100.00", "USD");
    pay_invoice(&api.world, paid, 10_000, "usd");
    pay(&api.world, &Pay { customer: None, ..Pay::card(700, "usd") });
    // Pounds are not active in this Odoo.
    let bad = pay(&api.world, &with(5_000, "gbp", vec![])).payment_intent;
    api.world.pass(120);
    let signed = api.ask(&anybody("POST", "/admin/session").body(json!({"token": TOKEN, "name": "alice"}).to_string()));
    assert_eq!(signed.0, 200, "{}", signed.1);
    assert_eq!(api.ask(&anybody("POST", "/admin/session").body(json!({"token": "wrong"}).to_string())).0, 401);
    assert_eq!(api.get("/admin/session")["via"], "token");
    assert_eq!(api.ask(&anybody("GET", "/admin/api/health")).0, 401);
    let events = api.get("/admin/api/events?limit=100");
    assert!(events["events"].as_array().unwrap().len() > 5);
    for event in events["events"].as_array().unwrap() {
        api.get(&format!("/admin/api/events/{}", event["id"].as_str().unwrap()));
    }
    assert_eq!(api.ask(&operator("GET", "/admin/api/events?limit=0")).0, 400);
    assert_eq!(api.ask(&operator("GET", "/admin/api/events/evt_none")).0, 404);
    let parked = api.get(&format!("/admin/api/events?state=parked&q={bad}"));
    let parked = parked["events"][0]["id"].as_str().unwrap().to_owned();
    for (action, reason, status) in
        [("ignore", "", 400), ("ignore", "not ours", 200), ("park", "again", 409), ("replay", "", 200)]
    {
        let (got, body) = api.post(&format!("/admin/api/events/{parked}/{action}"), &json!({"reason": reason}));
        assert_eq!(got, status, "{action}: {body}");
    }
    api.world.pass(60);
    let unallocated = api.get("/admin/api/unallocated");
    let key = unallocated["postings"][0]["key"].as_str().unwrap().to_owned();
    let open = invoice(&api.world, "5.00", "USD");
    let assign = json!({"key": key, "invoice": open.to_string(), "reason": "by phone"});
    assert_eq!(api.post("/admin/api/postings/assign", &assign).1["outcome"], "allocated");
    let nowhere = json!({"key": key, "invoice": "INV/1999/00001", "reason": "by phone"});
    assert_eq!(api.post("/admin/api/postings/assign", &nowhere).0, 422);
    assert_eq!(api.post("/admin/api/postings/dismiss", &json!({"key": key, "reason": "stays"})).0, 200);
    let row = json!({"id": "evt_lost", "account": null, "livemode": false, "type": "payment_intent.succeeded", "api_version": null,
        "created": 1_795_287_580, "object": "pi_lost", "subject": "pi_lost"});
    let recover = json!({"events": [row], "act": false, "reason": "look"});
    assert_eq!(api.post("/admin/api/recover", &recover).1["missing"], json!(["evt_lost"]));
    let now = quittance::ports::Clock::now(&api.world.clock);
    for body in [json!({"to": now - 60}), json!({"to": now - 60, "act": true, "reason": "a backup"})] {
        assert_eq!(api.post("/admin/api/erp/restore", &body).0, 200, "{body}");
    }
    assert_eq!(api.post("/admin/api/proof", &json!({"verdict": "equal", "summary": "1.00"})).0, 200);
    api.get("/admin/api/health");
    let partner = api.world.odoo.borrow().payer(paid);
    for path in ["export", "forget"] {
        let (status, body) =
            api.post(&format!("/admin/api/person/{path}"), &json!({"partner": partner, "reason": "asked"}));
        assert_eq!(status, 200, "{path}: {body}");
    }
    api.get("/admin/api/charts");
    assert!(api.get("/admin/api/audit")["audit"].as_array().unwrap().len() > 5);
    let (status, ended) = api.ask(&operator("DELETE", "/admin/session"));
    assert_eq!(status, 200, "{ended}");
    // Every operation of the operator's API was asked and answered well.
    let seen = api.seen.borrow().clone();
    let missed: Vec<String> = described(&api.document)
        .into_iter()
        .filter(|operation| operation.contains(" /admin/") && !operation.ends_with("/park"))
        .filter(|operation| !seen.contains(&format!("{operation} 200")))
        .collect();
    assert_eq!(missed, Vec::<String>::new());
    api.world.pass(900);
    api.world.finish();
}
