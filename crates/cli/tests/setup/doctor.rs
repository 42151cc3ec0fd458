//! `quittance doctor` against simulated Stripe, Odoo and a Worker: all well, and every finding that is not.

use crate::common::{Machine, World, arguments};
use quittance::stripe::client::Client;
use quittance::stripe::form::Form;
use quittance_cli::doctor::{Arguments, Finding, FindingState, examine, verdict};
use quittance_cli::ports::block_on;
use quittance_cli::secrets::SecretStore;
use quittance_cli::{odoo, odoo_ui, stripe};
use quittance_sim::odoo::{CLERK_LOGIN, Fault, Rule};

/// A world in which everything is set up and well, without a pay page.
fn world(name: &str) -> World {
    made(World::fresh(name))
}

/// The same with a pay page and its buttons.
fn with_page(name: &str) -> World {
    let mut world = World::fresh(name);
    world.settings.set("STRIPE_PUBLISHABLE_KEY", "pk_test_sim");
    world.settings.set("EMBED_ORIGINS", "http://127.0.0.1:8069");
    let client = odoo::setup_client(&odoo::Arguments::default(), &world.settings, world.http.clone()).unwrap();
    let session = block_on(client.open()).unwrap();
    let off = serde_json::json!({"key": "account_payment.enable_portal_payment", "value": "False"});
    let off = off.as_object().unwrap().clone();
    block_on(client.call(session, "ir.config_parameter", "set_param", None, off)).unwrap();
    let world = made(world);
    world.odoo.borrow_mut().set_rate("EUR", 1, "0.8");
    secure(&world);
    world
}

/// Posted entries of the Stripe journal cannot be changed.
fn secure(world: &World) {
    let client = odoo::setup_client(&odoo::Arguments::default(), &world.settings, world.http.clone()).unwrap();
    let session = block_on(client.open()).unwrap();
    let call = |method: &str, ids: Option<&[i64]>, args: serde_json::Value| {
        block_on(client.call(session, "account.journal", method, ids, args.as_object().unwrap().clone())).unwrap()
    };
    let found = call("search", None, serde_json::json!({"domain": [["code", "=", "STRP"]]}));
    let values = serde_json::json!({"vals": {"restrict_mode_hash_table": true}});
    call("write", Some(&[found[0].as_i64().unwrap()]), values);
}

fn made(mut world: World) -> World {
    let arguments = arguments(&["--time-zone", "UTC", "--book-from", "1795000000"]);
    odoo::setup_all(&arguments, &world.settings, world.http.clone(), &Machine::default()).unwrap();
    let store = stripe::Arguments { store: Some(SecretStore::Local), ..stripe::Arguments::default() };
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
    let bad = look(world).into_iter().filter(|f| f.state == FindingState::Bad);
    bad.map(|f| format!("{}: {}", f.what, f.detail)).collect()
}

#[test]
fn all_is_well_after_set_up() {
    let world = with_page("doctor-well");
    let findings = look(&world);
    assert!(findings.iter().all(|f| f.state == FindingState::Good), "{findings:#?}");
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
        "odoo key",
        "odoo procedures",
        "odoo set-up",
        "odoo company",
        "odoo accounts",
        "odoo journals",
        "odoo secured entries",
        "odoo foreign entries",
        "odoo rounding",
        "odoo settlement",
        "odoo zone",
        "pay settings",
        "pay permissions",
        "pay customer search",
        "pay page",
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
    let rows: [(&str, Spoil, &str); 18] = [
        ("settings", |w| w.settings.set("STRIPE_API_KEY", "pk_test_x"), "settings: "),
        ("key", |w| w.settings.set("STRIPE_API_KEY", "sk_test_unknown"), "stripe key: "),
        (
            "permission",
            |w| w.settings.set("STRIPE_API_KEY", "rk_test_poor"),
            "lacks rak_balance_transaction_read, rak_charge_read, rak_checkout_session_read, rak_dispute_read, \
             rak_invoice_read, rak_payout_read, rak_refund_read: ",
        ),
        ("clock", |w| *w.ahead.borrow_mut() = 400, "set this machine's clock"),
        ("worker clock", |w| *w.worker_ahead.borrow_mut() = Some(-400), "worker clock: 400 s from Stripe's"),
        ("instant", |w| w.settings.set("BOOK_FROM", "1795000000000"), "seconds (not milliseconds)"),
        ("secret", |w| w.settings.set(stripe::SECRETS, ""), "stripe secret: "),
        ("placeholder", |w| w.settings.set(stripe::SECRETS, "whsec_..."), "stripe secret: STRIPE_WEBHOOK_SECRETS, pos"),
        ("no connect", |w| w.settings.set("STRIPE_ACCOUNTS", "acct_a"), "none delivers the events of STRIPE_ACCOUNTS"),
        ("endpoint", |w| w.settings.set("WORKER_URL", "https://other.example.com"), "none delivers to https://other"),
        ("odoo key", |w| w.settings.set("ODOO_API_KEY", "odd-key"), "[erp_auth]"),
        (
            "odoo key's end",
            |w| w.odoo.borrow_mut().key_ends(CLERK_LOGIN, 1),
            "odoo key: ends on 1970-01-01 00:00:01 UTC",
        ),
        ("dates", |w| w.settings.set("EXPIRES", "RPC_SECRET=soon"), "settings: EXPIRES is a list of NAME=YYYY-MM-DD"),
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
    let notes = look(world).into_iter().filter(|f| f.state == FindingState::Note);
    notes.map(|f| format!("{}: {}", f.what, f.detail)).collect()
}

/// With Connect two endpoints have one address: the second is looked at, too.
#[test]
fn every_endpoint_at_the_address_is_looked_at() {
    let mut world = world("doctor-connect");
    world.settings.set("STRIPE_ACCOUNTS", "acct_a");
    let store = stripe::Arguments { store: Some(SecretStore::Local), ..stripe::Arguments::default() };
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
    let mut world = with_page("doctor-elsewhere");
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

/// Buttons are a finding when there is a pay page; whose they are, where they lead, and what stands beside them.
#[test]
fn the_buttons_in_odoo() {
    let mut world = world("doctor-buttons");
    world.settings.set("STRIPE_PUBLISHABLE_KEY", "pk_test_x");
    let buttons = |world: &World| -> Vec<(FindingState, String)> {
        let found = look(world).into_iter().filter(|f| f.what == "odoo buttons");
        found.map(|f| (f.state, f.detail)).collect()
    };
    let is =
        |found: &(FindingState, String), state: FindingState, word: &str| found.0 == state && found.1.contains(word);
    let found = buttons(&world);
    assert!(found.len() == 1 && is(&found[0], FindingState::Note, "quittance setup odoo"), "{found:?}");

    let arguments = odoo::Arguments::default();
    odoo::setup_all(&arguments, &world.settings, world.http.clone(), &Machine::default()).unwrap();
    let found = buttons(&world);
    assert!(is(&found[0], FindingState::Good, "mode asset"), "{found:?}");
    assert!(found.len() == 2 && is(&found[1], FindingState::Note, "Pay Now"), "{found:?}");

    world.settings.set("WORKER_URL", "https://elsewhere.example.com");
    let found = buttons(&world);
    assert!(found.iter().any(|f| is(f, FindingState::Note, "--pay-url https://elsewhere.example.com")), "{found:?}");

    let client = odoo::setup_client(&arguments, &world.settings, world.http.clone()).unwrap();
    let session = block_on(client.open()).unwrap();
    let call = |model: &str, method: &str, ids: Option<&[i64]>, args: serde_json::Value| {
        block_on(client.call(session, model, method, ids, args.as_object().unwrap().clone())).unwrap()
    };
    let of_script = serde_json::json!({"domain": [["mimetype", "=", "text/javascript"]], "fields": ["url"]});
    let scripts = call("ir.attachment", "search_read", None, of_script);
    // The other one is embed.js, for the portal.
    let is_backends = |row: &&serde_json::Value| !row["url"].as_str().unwrap().contains("embed");
    let script = scripts.as_array().unwrap().iter().find(is_backends).unwrap()["id"].as_i64().unwrap();
    call("ir.attachment", "write", Some(&[script]), serde_json::json!({"vals": {"datas": "KCgo"}}));
    let found = buttons(&world);
    assert!(is(&found[0], FindingState::Bad, "quittance.ui_script_"), "{found:?}");

    let off = odoo_ui::Arguments { choice: odoo_ui::Choice::Off };
    odoo_ui::switch(&off, &world.settings, world.http.clone(), &Machine::default()).unwrap();
    let found = buttons(&world);
    assert!(is(&found[0], FindingState::Note, "switched off"), "{found:?}");
}

/// The pay page is a choice, and each of its conditions is named.
#[test]
fn the_pay_page() {
    let mut world = with_page("doctor-pay");
    let of = |world: &World, what: &str| look(world).into_iter().find(|f| f.what == what);
    world.settings.set("EMBED_ORIGINS", "https://elsewhere.example");
    let settings = of(&world, "pay settings").unwrap();
    assert_eq!(settings.state, FindingState::Note);
    assert!(settings.detail.contains("EMBED_ORIGINS lacks the origin of http://127.0.0.1:8069"), "{settings:?}");
    let page = of(&world, "pay page").unwrap();
    assert!(page.state == FindingState::Bad && page.detail.contains("https://elsewhere.example"), "{page:?}");

    world.settings.set("STRIPE_API_KEY", "rk_test_poor");
    let poor = of(&world, "pay permissions").unwrap();
    assert_eq!(poor.state, FindingState::Bad);
    assert!(poor.detail.contains("rak_payment_intent_write, rak_customer_write"), "{poor:?}");
    assert!(!poor.detail.contains("session"), "saved cards are not asked for");
    world.settings.set("PAY_SAVED_CARDS", "true");
    assert!(of(&world, "pay permissions").unwrap().detail.contains("rak_customer_session_write"));

    // The same answer as where the account's country has no search.
    let search = of(&world, "pay customer search").unwrap();
    assert!(search.state == FindingState::Note && search.detail.contains("payers pay without it"), "{search:?}");

    world.settings.set("STRIPE_PUBLISHABLE_KEY", "pk_live_sim");
    assert!(of(&world, "pay settings").unwrap().detail.contains("different modes"));
    world.settings.set("STRIPE_PUBLISHABLE_KEY", "");
    let none = of(&world, "pay settings").unwrap();
    assert!(none.state == FindingState::Note && none.detail.contains("no pay page"), "{none:?}");
    assert_eq!(of(&world, "pay page"), None);
}

/// What the doctor asks to learn of permissions makes nothing.
#[test]
fn looking_at_the_pay_page_makes_nothing() {
    let world = with_page("doctor-pay-nothing");
    look(&world);
    let config = quittance::config::Config::stripe(&|name| world.settings.get(name).map(str::to_owned)).unwrap();
    let client = Client::new(&*world.http, &config);
    for path in ["/v1/payment_intents", "/v1/customers"] {
        let list: serde_json::Value = block_on(client.get(path, &Form::new())).unwrap().parse().unwrap();
        assert_eq!(list["data"], serde_json::json!([]), "{path}");
    }
}
