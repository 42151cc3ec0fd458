//! What ends or breaks by itself is told of before: keys, secrets that are rolled, the endpoint at Stripe.

use quittance::config::Secret;
use quittance::http::Request;
use quittance::routes::WEBHOOK_PATH;
use quittance::stripe::endpoint::fingerprint;
use quittance::stripe::signature::sign;
use quittance_sim::Party;
use quittance_sim::odoo::{CLERK_LOGIN, Fault, INVOICING, Rule, Version, WORKER_GROUP};
use quittance_sim::stripe::fault::{ApiFault, Trouble};
use quittance_sim::world::{SECRET, STRIPE};
use serde_json::{Value, json};

use super::alerts::Scene;
use super::*;
use crate::common::*;

const DAY: i64 = 86_400;
const NEW: &str = "whsec_new_0123456789abcdef0123456789abcdef";

fn at(scene: &Scene) -> i64 {
    scene.world.clock.now()
}

#[test]
fn odoos_key_is_told_of_two_weeks_before_its_end_and_every_day_from_then_on() {
    for version in [Version::V18, Version::V19] {
        let scene = Scene::around(World::new(81, version));
        let end = at(&scene) + 16 * DAY;
        scene.world.odoo.borrow_mut().key_ends(CLERK_LOGIN, end);
        assert!(scene.quarter().is_empty(), "{version:?}: sixteen days are enough");
        scene.later(2 * DAY + 1);
        let told = scene.quarter();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("ODOO_API_KEY ends on 2026-12-07 19:00:00 UTC (in 14 days)"), "{told:?}");
        assert!(told[0].contains("Make a new API key"), "{told:?}");
        let asked = scene.hook.asked.borrow().len();
        scene.later(900);
        assert!(scene.quarter().is_empty(), "not every quarter of an hour");
        scene.later(DAY);
        assert!(scene.quarter()[0].contains("in 13 days"));
        assert!(scene.hook.asked.borrow().len() <= asked + 3, "asked once a day");
        scene.later(13 * DAY);
        assert!(scene.quarter()[0].contains("ODOO_API_KEY ended on"));
        scene.world.odoo.borrow_mut().key_ends(CLERK_LOGIN, end + 90 * DAY);
        scene.later(DAY);
        assert!(scene.quarter().is_empty());
        assert!(scene.world.db.query("SELECT * FROM alerts").is_empty(), "{version:?}");
        scene.world.finish();
    }
}

#[test]
fn another_key_is_looked_at_at_once_and_what_nobody_tells_is_not_told() {
    let mut scene = Scene::new(82);
    scene.world.odoo.borrow_mut().dial.add(Rule { times: Some(1), ..Rule::always(Fault::Down) });
    let end = at(&scene) + 3 * DAY;
    scene.world.odoo.borrow_mut().key_ends(CLERK_LOGIN, end);
    assert!(scene.quarter().is_empty(), "Odoo does not answer");
    assert_eq!(scene.quarter().len(), 1, "asked again in the next run");
    scene.world.odoo.borrow_mut().user("heir", "another_key_of_the_tests_01", &[INVOICING, WORKER_GROUP]);
    scene.world.set("ODOO_LOGIN", "heir");
    scene.world.set("ODOO_API_KEY", "another_key_of_the_tests_01");
    scene.later(900);
    assert!(scene.quarter().is_empty());
    assert!(scene.world.db.query("SELECT * FROM alerts").is_empty(), "the new one has no end");
    // Keys of Odoo 17 never end.
    let scene = Scene::around(World::new(83, Version::V17));
    scene.world.odoo.borrow_mut().key_ends(CLERK_LOGIN, at(&scene) + DAY);
    assert!(scene.quarter().is_empty());
}

#[test]
fn a_setting_that_cannot_be_used_is_alerted_and_named_by_health() {
    let mut scene = Scene::new(96);
    let named = |scene: &Scene| -> Value { get(&scene.world, "/health")["wrong_settings"].clone() };
    assert_eq!(named(&scene), json!([]));
    scene.world.set("ALERT_SILENCE", "1h");
    scene.world.set("RETENTION_DAYS", "forever");
    assert_eq!(named(&scene), json!(["RETENTION_DAYS", "ALERT_SILENCE"]));
    let told = scene.quarter();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].contains("RETENTION_DAYS is a whole number from 1 to 3650.") && told[0].contains("docs/SETTINGS.md")
    );
    scene.world.set("ALERT_SILENCE", "");
    scene.world.set("RETENTION_DAYS", "");
    assert!(scene.quarter().is_empty());
    assert!(scene.world.db.query("SELECT * FROM alerts").is_empty());
    scene.world.finish();
}

#[test]
fn dates_that_only_people_know_are_told_and_one_that_cannot_be_read_as_well() {
    let mut scene = Scene::new(84);
    scene.world.set("EXPIRES", "STRIPE_API_KEY=2026-11-30,RPC_SECRET=2026-12-31,ODOO_API_KEY=2026-11-22");
    let told = scene.quarter();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("STRIPE_API_KEY ends on 2026-11-30 (in 9 days), as EXPIRES says."), "{told:?}");
    assert!(told[1].contains("ODOO_API_KEY ends on 2026-11-22 (tomorrow)"), "Odoo knows no end of it: {told:?}");
    scene.world.odoo.borrow_mut().key_ends(CLERK_LOGIN, at(&scene) + 60 * DAY);
    scene.later(DAY);
    assert!(scene.quarter().iter().all(|text| text.contains("STRIPE_API_KEY")), "Odoo knows better");
    scene.world.set("EXPIRES", "STRIPE_API_KEY=sk_live_of_nobody");
    let told = scene.quarter();
    let parts = ["EXPIRES is a list", "position 1", "deploy"];
    assert!(told.len() == 1 && parts.iter().all(|part| told[0].contains(part)), "{told:?}");
    assert!(!told[0].contains("sk_live"), "{told:?}");
    // Money is booked all the same.
    let id = invoice(&scene.world, "10.00", "USD");
    pay_invoice(&scene.world, id, 1_000, "usd");
    scene.world.pass(60);
    assert_eq!(residual(&scene.world, id), "0");
    scene.world.set("EXPIRES", "");
    assert!(scene.quarter().is_empty());
    assert!(scene.world.db.query("SELECT * FROM alerts").is_empty());
    scene.world.finish();
}

/// Posts an event that is signed by several secrets.
fn signed(scene: &Scene, id: &str, secrets: &[&str]) -> u16 {
    let body = json!({"id": id, "object": "event", "type": "account.updated", "created": at(scene), "livemode": false,
        "api_version": null, "data": {"object": {"id": "acct_x", "object": "account"}}});
    let body = body.to_string().into_bytes();
    let parts = secrets.iter().map(|secret| sign(&body, &Secret::new(*secret), at(scene)));
    let parts: Vec<String> = parts.map(|one| one.split_once(',').unwrap().1.to_owned()).collect();
    let header = format!("t={},{}", at(scene), parts.join(","));
    let request = Request::new("POST", format!("{WORKER}{WEBHOOK_PATH}")).with("stripe-signature", header).body(body);
    scene.world.request(&request).unwrap().status
}

#[test]
fn a_secret_that_is_being_rolled_and_not_known_here_is_told() {
    let mut scene = Scene::new(85);
    assert_eq!(signed(&scene, "evt_whole", &[SECRET]), 200);
    assert!(scene.world.db.query("SELECT * FROM observations").is_empty(), "nothing is written for it");
    assert!(scene.quarter().is_empty());
    assert_eq!(signed(&scene, "evt_rolled", &[NEW, SECRET]), 200);
    let told = scene.quarter();
    assert!(
        told.len() == 1 && told[0].contains("only one is known") && told[0].contains("STRIPE_WEBHOOK_SECRETS"),
        "{told:?}"
    );
    scene.later(3_600);
    assert_eq!(signed(&scene, "evt_still", &[NEW, SECRET]), 200);
    assert!(scene.quarter().is_empty(), "told once");
    // With both, or with the new one alone when the old one has ended, it is over.
    scene.world.set("STRIPE_WEBHOOK_SECRETS", &format!("{NEW},{SECRET}"));
    scene.later(3_600);
    assert_eq!(signed(&scene, "evt_both", &[NEW, SECRET]), 200);
    assert!(scene.quarter().is_empty());
    assert!(scene.world.db.query("SELECT * FROM alerts").is_empty());
    // Nobody gets it told by a signature that fits nothing.
    assert_eq!(signed(&scene, "evt_forged", &["whsec_of_nobody_0123456789abcdef"]), 400);
    assert!(scene.quarter().is_empty());
    scene.world.pass(60);
    scene.world.finish();
}

/// Makes an endpoint as set-up does.
fn endpoint(scene: &Scene, mark: &str, secret: &str) -> String {
    let form = format!(
        "url=https%3A%2F%2Fworker.example%2F{mark}&enabled_events[]=payout.paid&metadata[quittance]={mark}&metadata[quittance_secret]={}",
        fingerprint(secret)
    );
    stripe(scene, "POST", "", &form)["id"].as_str().unwrap().to_owned()
}

fn stripe(scene: &Scene, method: &str, id: &str, form: &str) -> Value {
    let url = format!("{STRIPE}/v1/webhook_endpoints{id}");
    let request = Request::new(method, url).with("authorization", "Bearer sk_test_sim").body(form);
    match scene.world.stripe.borrow_mut().handle(&request) {
        quittance_sim::Reply::Answer { response, .. } => read(&response),
        quittance_sim::Reply::Dropped => panic!("no answer"),
    }
}

#[test]
fn an_endpoint_that_is_disabled_or_gone_is_told() {
    let scene = Scene::new(86);
    let (ours, others) = (endpoint(&scene, "account", SECRET), endpoint(&scene, "account", NEW));
    let looked = || scene.hook.asked.borrow().iter().filter(|asked| asked.ends_with("/webhook_endpoints")).count();
    assert!(scene.quarter().is_empty());
    assert_eq!(looked(), 1);
    // No webhook for an hour: looked at once an hour.
    for _ in 0..8 {
        scene.later(900);
        assert!(scene.quarter().is_empty());
    }
    assert_eq!(looked(), 3);
    stripe(&scene, "POST", &format!("/{others}"), "disabled=true");
    scene.later(3_600);
    assert!(scene.quarter().is_empty(), "another Worker's is none of ours");
    stripe(&scene, "POST", &format!("/{ours}"), "disabled=true");
    scene.later(3_600);
    let told = scene.quarter();
    assert!(
        told.len() == 1 && told[0].contains(&format!("{ours} (https://worker.example/account) is disabled")),
        "{told:?}"
    );
    stripe(&scene, "POST", &format!("/{ours}"), "disabled=false");
    scene.later(900);
    assert!(scene.quarter().is_empty());
    assert!(scene.world.db.query("SELECT * FROM alerts").is_empty(), "it ends with the next run");
    stripe(&scene, "DELETE", &format!("/{ours}"), "");
    scene.later(3_600);
    let told = scene.quarter();
    assert!(told.len() == 1 && told[0].contains(&format!("no webhook endpoint {ours}")), "{told:?}");
    endpoint(&scene, "account", SECRET);
    scene.later(900);
    assert!(scene.quarter().is_empty());
    assert!(scene.world.db.query("SELECT * FROM alerts").is_empty(), "made anew");
    scene.world.finish();
}

#[test]
fn while_webhooks_come_the_endpoint_is_looked_at_once_a_day_and_without_permission_not_more() {
    let mut scene = Scene::new(87);
    let looked = |scene: &Scene| scene.hook.asked.borrow().iter().filter(|a| a.ends_with("/webhook_endpoints")).count();
    for number in 0..12 {
        signed(&scene, &format!("evt_{number}"), &[SECRET]);
        assert!(scene.quarter().is_empty());
        scene.later(900);
    }
    assert_eq!(looked(&scene), 1);
    scene.later(DAY);
    let fault = ApiFault { times: 2, ..ApiFault::next("/v1/webhook_endpoints", Trouble::Unavailable) };
    scene.world.stripe.borrow_mut().faults.add(fault);
    assert!(scene.quarter().is_empty() && scene.quarter().is_empty(), "Stripe does not answer: nothing is told");
    assert!(scene.quarter().is_empty());
    assert_eq!(looked(&scene), 4);
    // A restricted key that may not read endpoints.
    scene
        .world
        .stripe
        .borrow_mut()
        .settings
        .keys
        .push(quittance_sim::stripe::Key::restricted("rk_test_blind", &["accounts_kyc_basic_read"]));
    scene.world.set("STRIPE_API_KEY", "rk_test_blind");
    scene.later(DAY);
    for _ in 0..8 {
        assert!(scene.quarter().is_empty());
        scene.later(900);
    }
    assert_eq!(looked(&scene), 5);
    scene.world.pass(60);
    scene.world.finish();
}
