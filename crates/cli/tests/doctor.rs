//! `quittance doctor` against simulated Stripe, Odoo and a Worker: all well, and every finding that is not.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Machine, World};
use quittance::stripe::client::Client;
use quittance::stripe::form::Form;
use quittance_cli::doctor::{Arguments, Finding, State, examine, verdict};
use quittance_cli::ports::block_on;
use quittance_cli::secrets::Store;
use quittance_cli::{odoo, stripe};
use quittance_sim::odoo::{Fault, Rule};

/// A world in which everything is set up and well.
fn world(name: &str) -> World {
    let mut world = World::fresh(name);
    odoo::setup(&odoo::Arguments::default(), &world.settings, world.http.clone()).unwrap();
    let store = stripe::Arguments { store: Some(Store::Local), ..stripe::Arguments::default() };
    let http = world.http.clone();
    stripe::setup(&store, &mut world.settings, &*http, &Machine::default()).unwrap();
    world.settings.set("BOOK_FROM", "1795000000");
    world
}

fn look(world: &World) -> Vec<Finding> {
    examine(&Arguments::default(), &world.settings, &world.http)
}

/// The findings that are bad, as `what: detail`.
fn bad(world: &World) -> Vec<String> {
    let bad = look(world).into_iter().filter(|f| f.state == State::Bad);
    bad.map(|f| format!("{}: {}", f.what, f.detail)).collect()
}

#[test]
fn all_is_well_after_set_up() {
    let world = world("doctor-well");
    let findings = look(&world);
    assert!(findings.iter().all(|f| f.state == State::Good), "{findings:#?}");
    for what in [
        "settings",
        "stripe key",
        "stripe permissions",
        "clock",
        "worker clock",
        "stripe secret",
        "stripe endpoint",
        "odoo connection",
        "odoo version",
        "odoo books",
        "odoo procedures",
        "odoo set-up",
        "worker health",
        "worker door",
    ] {
        assert!(findings.iter().any(|f| f.what == what), "{what}");
    }
    verdict(&findings).unwrap();
}

/// Each spoilt thing gives a line that names it and says what to do; nothing secret stands in it.
#[test]
fn what_is_not_well_is_named() {
    type Spoil = fn(&mut World);
    let rows: [(&str, Spoil, &str); 16] = [
        ("settings", |w| w.settings.set("STRIPE_API_KEY", "pk_test_x"), "settings: "),
        ("key", |w| w.settings.set("STRIPE_API_KEY", "sk_test_unknown"), "stripe key: "),
        (
            "permission",
            |w| w.settings.set("STRIPE_API_KEY", "rk_test_poor"),
            "lacks rak_balance_transaction_read, rak_charge_read, rak_checkout_session_read, rak_invoice_read: ",
        ),
        ("clock", |w| *w.ahead.borrow_mut() = 400, "set this machine's clock"),
        ("worker clock", |w| *w.worker_ahead.borrow_mut() = Some(-400), "worker clock: 400 s from Stripe's"),
        ("instant", |w| w.settings.set("BOOK_FROM", "1795000000000"), "seconds (not milliseconds)"),
        ("secret", |w| w.settings.set(stripe::SECRETS, ""), "stripe secret: "),
        ("placeholder", |w| w.settings.set(stripe::SECRETS, "whsec_..."), "stripe secret: STRIPE_WEBHOOK_SECRETS, pos"),
        ("no connect", |w| w.settings.set("STRIPE_ACCOUNTS", "acct_a"), "none delivers the events of STRIPE_ACCOUNTS"),
        ("endpoint", |w| w.settings.set("WORKER_URL", "https://other.example.com"), "none delivers to https://other"),
        ("odoo key", |w| w.settings.set("ODOO_API_KEY", "odd-key"), "[erp_auth]"),
        ("odoo down", |w| w.odoo.borrow_mut().dial.add(Rule::always(Fault::Down)), "[erp_unreachable]"),
        ("procedure", |w| w.odoo.borrow_mut().dial.add(Rule::always(Fault::ProcedureChanged)), "odoo procedures: "),
        (
            "no procedure",
            |w| w.odoo.borrow_mut().dial.add(Rule::always(Fault::ProcedureMissing)),
            "[erp_procedure_missing]",
        ),
        ("migrations", |w| *w.worker.borrow_mut() = (503, "ledger_unavailable"), "apply the migrations"),
        ("door", |w| *w.worker.borrow_mut() = (200, "webhook_secret_missing"), "setup stripe --store worker"),
    ];
    for (name, spoil, word) in rows {
        let mut world = world(&format!("doctor-{}", name.replace(' ', "-")));
        spoil(&mut world);
        let lines = bad(&world);
        assert!(lines.iter().any(|line| line.contains(word)), "{name}: {lines:#?}");
        assert!(lines.iter().all(|line| !line.contains("odd-key") && !line.contains("sk_test")), "{lines:#?}");
        assert!(verdict(&look(&world)).is_err());
    }
}

/// The hash that a procedure states survives an edit by hand; the stored text does not.
#[test]
fn a_procedure_edited_by_hand_is_found_with_the_set_up_key() {
    let world = world("doctor-edited");
    let client = odoo::setup_client(&odoo::Arguments::default(), &world.settings, world.http.clone()).unwrap();
    let session = block_on(client.open()).unwrap();
    let call = |model: &str, method: &str, ids: Option<&[i64]>, args: serde_json::Value| {
        block_on(client.call(session, model, method, ids, args.as_object().unwrap().clone())).unwrap()
    };
    let domain = serde_json::json!([["module", "=", "quittance"], ["name", "=", "proc_check"]]);
    let rows = call("ir.model.data", "search_read", None, serde_json::json!({"domain": domain, "fields": ["res_id"]}));
    let action = rows[0]["res_id"].as_i64().unwrap();
    let stored = call("ir.actions.server", "read", Some(&[action]), serde_json::json!({"fields": ["code"]}));
    let edited = format!("{}\n# by hand\n", stored[0]["code"].as_str().unwrap());
    call("ir.actions.server", "write", Some(&[action]), serde_json::json!({"vals": {"code": edited}}));
    let lines = bad(&world);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("odoo set-up: quittance.proc_check"), "{lines:?}");
}

/// An installation of an older version has fewer procedures: it books, but doctor is not content.
#[test]
fn a_procedure_that_an_older_version_lacked_is_named() {
    let world = world("doctor-older");
    let client = odoo::setup_client(&odoo::Arguments::default(), &world.settings, world.http.clone()).unwrap();
    let session = block_on(client.open()).unwrap();
    let call = |model: &str, method: &str, ids: Option<&[i64]>, args: serde_json::Value| {
        block_on(client.call(session, model, method, ids, args.as_object().unwrap().clone())).unwrap()
    };
    let domain = serde_json::json!([["module", "=", "quittance"], ["name", "=", "proc_read_invoice"]]);
    let rows = call("ir.model.data", "search_read", None, serde_json::json!({"domain": domain, "fields": ["res_id"]}));
    let action = rows[0]["res_id"].as_i64().unwrap();
    call("ir.actions.server", "unlink", Some(&[action]), serde_json::json!({}));
    let lines = bad(&world);
    let told = |line: &&String| line.contains("quittance.proc_read_invoice") && line.contains("`quittance setup odoo`");
    assert_eq!(lines.iter().filter(told).count(), lines.len(), "{lines:?}");
    assert!(!lines.is_empty());
}

fn notes(world: &World) -> Vec<String> {
    let notes = look(world).into_iter().filter(|f| f.state == State::Note);
    notes.map(|f| format!("{}: {}", f.what, f.detail)).collect()
}

/// With Connect two endpoints have one address: the second is looked at, too.
#[test]
fn every_endpoint_at_the_address_is_looked_at() {
    let mut world = world("doctor-connect");
    world.settings.set("STRIPE_ACCOUNTS", "acct_a");
    let store = stripe::Arguments { store: Some(Store::Local), ..stripe::Arguments::default() };
    let http = world.http.clone();
    stripe::setup(&store, &mut world.settings, &*http, &Machine::default()).unwrap();
    assert_eq!(bad(&world), Vec::<String>::new());
    let config = stripe::config(&world.settings).unwrap();
    let client = Client::new(&*http, &config);
    let endpoints = block_on(stripe::endpoint::list(&client)).unwrap();
    assert_eq!(endpoints.len(), 2);
    for endpoint in endpoints {
        let path = format!("/v1/webhook_endpoints/{}", endpoint.id);
        let switch = |off: &str| {
            let key = format!("{}-{off}", endpoint.id);
            block_on(client.post(&path, &Form::new().with("disabled", off), &key)).map(drop)
        };
        switch("true").unwrap();
        assert_eq!(
            bad(&world),
            [format!("stripe endpoint: {} is disabled: run `quittance setup stripe`", endpoint.id)]
        );
        switch("false").unwrap();
    }
}

/// The Worker may have it: this machine cannot know.
#[test]
fn an_endpoint_whose_secret_is_not_here_is_a_note() {
    let mut world = world("doctor-elsewhere");
    world.settings.set(stripe::SECRETS, "whsec_other_0123456789abcdef0123456789");
    assert_eq!(bad(&world), Vec::<String>::new());
    let notes = notes(&world);
    assert!(notes.len() == 1 && notes[0].contains("does the Worker have it?"), "{notes:?}");
}

#[test]
fn a_worker_without_a_date_is_a_note() {
    let world = world("doctor-no-date");
    *world.worker_ahead.borrow_mut() = None;
    assert!(notes(&world)[0].starts_with("worker clock: not compared"), "{:?}", notes(&world));
    // Both clocks are wrong by the same: only this machine's can be told to be.
    *world.worker_ahead.borrow_mut() = Some(400);
    *world.ahead.borrow_mut() = 400;
    assert_eq!(bad(&world).len(), 1, "{:?}", bad(&world));
}
