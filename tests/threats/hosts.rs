//! Where requests go: to the two addresses of the settings, whatever an event calls an id.

use std::cell::RefCell;
use std::rc::Rc;

use quittance::http::{Request, Response};
use quittance::ports::{Fut, Http, HttpFault, Stmt};
use quittance::queue;
use quittance_sim::odoo::Version;
use quittance_sim::world::{ODOO, STRIPE, World};
use serde_json::{Value, json};

use crate::{deliver, event, fixture, through};

/// Remembers what is asked, and says that there is no such thing.
#[derive(Default)]
struct Witness(RefCell<Vec<Request>>);

impl Http for Witness {
    fn send(&self, request: Request, _: u32) -> Fut<'_, Result<Response, HttpFault>> {
        let account = request.path() == "/v1/account";
        self.0.borrow_mut().push(request);
        let body = match account {
            true => json!({"id": "acct_sim", "object": "account"}),
            false => json!({"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "no"}}),
        };
        Box::pin(async move { Ok(Response::json(if account { 200 } else { 404 }, &body)) })
    }
}

/// Every text of an event, in turn, is replaced by one that would lead elsewhere.
#[test]
fn no_text_of_an_event_chooses_a_host_a_path_or_an_account() {
    let (mut asked, mut n) = (0, 0);
    for name in [
        "payment_intent.succeeded",
        "charge.succeeded",
        "refund.created",
        "invoice.paid",
        "payout.paid",
        "charge.dispute.created",
        "checkout.session.completed",
        "invoice_payment.paid",
        "charge.updated",
    ] {
        let world = World::new(1, Version::V18);
        let witness = Rc::new(Witness::default());
        let rt = through(&world, witness.clone());
        for hostile in
            ["../../v1/accounts", "https://evil.example/", "x@evil.example", "x?y#z", "a/b\\c", "%2e%2e", "a\r\nx: y"]
        {
            let mut ids = Vec::new();
            for of in replaced(&fixture(name)["data"]["object"], hostile) {
                for account in [None, Some(hostile)] {
                    n += 1;
                    let mut event = event(&world, &format!("evt_{n}"), fixture(name)["type"].as_str().unwrap(), &of);
                    // Of another train: the object is fetched.
                    event["api_version"] = if n % 2 == 0 { json!("2020-08-27") } else { event["api_version"].clone() };
                    event["account"] = json!(account);
                    assert_eq!(deliver(&world, &event.to_string()), 200);
                    ids.push(format!("evt_{n}"));
                }
            }
            for id in ids {
                // Odoo's answer pauses delivery each time.
                run(&world, "UPDATE delivery SET paused_until = 0, failures = 0, probe = NULL");
                world.invoke(queue::consume(&rt, &world.config, &[id]));
            }
        }
        for request in witness.0.borrow().iter() {
            let rest = [STRIPE, ODOO].iter().find_map(|base| request.url.strip_prefix(*base)).unwrap_or("elsewhere");
            assert!(rest.starts_with('/'), "{name}: a request to {}", request.url);
            let path = request.path();
            assert!(!path.contains("..") && !path.contains("//"), "{name}: {path}");
            let known = ["/v1/", "/jsonrpc", "/json/"].iter().any(|start| path.starts_with(start));
            assert!(known && path.split('/').count() <= 4, "{name}: {path}");
            assert_eq!(request.header("stripe-account"), None, "an account that is none of ours");
            assert!(request.headers.iter().all(|(_, value)| !value.contains(['\r', '\n'])), "{name}");
        }
        asked += witness.0.borrow().len();
        drop_unfinished(world);
    }
    assert!(asked > 100, "only {asked} requests were made");
}

/// The object with one text after the other replaced, ids within objects included.
fn replaced(object: &Value, with: &str) -> Vec<Value> {
    let texts = object.as_object().unwrap().iter().filter(|(name, value)| {
        value.is_string()
            && [
                "id",
                "charge",
                "payment_intent",
                "latest_charge",
                "customer",
                "invoice",
                "balance_transaction",
                "subscription",
                "payment_method",
            ]
            .contains(&name.as_str())
    });
    texts
        .map(|(name, _)| {
            let mut other = object.clone();
            other[name] = json!(with);
            other
        })
        .collect()
}

/// Nothing of it can be finished: Stripe knows none of these.
fn drop_unfinished(world: World) {
    run(&world, "DELETE FROM inbox");
    run(&world, "DELETE FROM attempts");
    run(&world, "DELETE FROM leases");
    world.hints.borrow_mut().clear();
    world.finish();
}

fn run(world: &World, sql: &'static str) {
    world.db.run(&[Stmt::new(sql, [])]).unwrap();
}

/// A redirect is an answer like any other: the key is not carried on to where it points.
#[test]
fn a_redirect_is_not_followed() {
    struct Elsewhere(RefCell<Vec<String>>);
    impl Http for Elsewhere {
        fn send(&self, request: Request, _: u32) -> Fut<'_, Result<Response, HttpFault>> {
            self.0.borrow_mut().push(request.url);
            let answer = Response::json(302, &json!({})).with("location", "https://evil.example/");
            Box::pin(async move { Ok(answer) })
        }
    }
    let world = World::new(1, Version::V18);
    let http = Rc::new(Elsewhere(RefCell::default()));
    let rt = through(&world, http.clone());
    assert_eq!(deliver(&world, &fixture("payment_intent.succeeded").to_string()), 200);
    let id = fixture("payment_intent.succeeded")["id"].as_str().unwrap().to_owned();
    world.invoke(queue::consume(&rt, &world.config, &[id]));
    assert!(!http.0.borrow().is_empty() && http.0.borrow().iter().all(|url| !url.contains("evil")));
    drop_unfinished(world);
}
