//! What `quittance doctor` says of the books in Odoo, on the simulated 17, 18 and 19.

use crate::common::setup::VERSIONS;
use crate::common::{World, arguments};
use quittance_cli::doctor::{self, FindingState};
use quittance_cli::odoo::{setup, setup_client};
use quittance_cli::ports::block_on;
use quittance_sim::odoo::Version;
use quittance_sim::stripe::merchant::Pay;
use serde_json::{Value, json};

fn world(name: &str, version: Version, typed: &[&str]) -> World {
    let mut world = World::of(name, version);
    let typed: Vec<&str> = ["--book-from", "1795000000"].into_iter().chain(typed.iter().copied()).collect();
    setup(&arguments(&typed), &world.settings, world.http.clone()).unwrap();
    world.settings.set("BOOK_FROM", "1795000000");
    world.settings.set("ODOO_COMPANY", "1");
    world
}

/// What is said of one thing.
fn said(world: &World, what: &str) -> Vec<(FindingState, String)> {
    let found = doctor::examine(&doctor::Arguments::default(), &world.settings, &world.http);
    found.into_iter().filter(|f| f.what == what).map(|f| (f.state, f.detail)).collect()
}

/// The one thing that is said, of this state and with these words.
fn is(world: &World, what: &str, state: FindingState, words: &[&str]) {
    let said = said(world, what);
    let fits = |(of, told): &(FindingState, String)| *of == state && words.iter().all(|word| told.contains(word));
    assert!(said.len() == 1 && fits(&said[0]), "{what}: {said:#?}");
}

fn call(world: &World, model: &str, method: &str, args: Value) -> Value {
    let client = setup_client(&arguments(&[]), &world.settings, world.http.clone()).unwrap();
    let session = block_on(client.open()).unwrap();
    let ids = args.get("ids").map(|ids| serde_json::from_value::<Vec<i64>>(ids.clone()).unwrap());
    let mut named = args.as_object().unwrap().clone();
    named.remove("ids");
    block_on(client.call(session, model, method, ids.as_deref(), named)).unwrap()
}

fn named(world: &World, name: &str) -> i64 {
    let domain = json!([["module", "=", "quittance"], ["name", "=", name]]);
    let rows = call(world, "ir.model.data", "search_read", json!({"domain": domain, "fields": ["res_id"]}));
    rows[0]["res_id"].as_i64().unwrap()
}

fn write(world: &World, model: &str, id: i64, values: Value) {
    call(world, model, "write", json!({"ids": [id], "vals": values}));
}

/// With the Worker's key alone: it may read what advice needs, and what it may not is left out.
#[test]
fn the_workers_rights_are_enough_for_most() {
    for version in VERSIONS {
        let mut world = world(&format!("books-worker-{version:?}"), version, &[]);
        world.settings.set("ODOO_SETUP_API_KEY", "");
        for what in [
            "odoo company",
            "odoo accounts",
            "odoo journals",
            "odoo foreign entries",
            "odoo rounding",
            "odoo settlement",
        ] {
            is(&world, what, FindingState::Good, &[]);
        }
        assert_eq!(said(&world, "odoo zone"), [], "only Settings may read it");
    }
}

#[test]
fn accounts_that_do_not_serve_any_more() {
    for version in VERSIONS {
        let world = world(&format!("books-accounts-{version:?}"), version, &[]);
        let transit = named(&world, "account_transit_1");
        write(&world, "account.account", transit, json!({"reconcile": false}));
        is(&world, "odoo books", FindingState::Bad, &["account_transit_1", "does not allow reconciliation"]);
        write(&world, "account.account", transit, json!({"reconcile": true, "account_type": "asset_fixed"}));
        is(&world, "odoo accounts", FindingState::Note, &["is of type asset_fixed"]);
        let eur = call(&world, "res.currency", "search", json!({"domain": [["name", "=", "EUR"]]}))[0].clone();
        write(&world, "account.account", transit, json!({"account_type": "asset_current", "currency_id": eur}));
        is(&world, "odoo books", FindingState::Bad, &["has a currency of its own"]);
        write(&world, "account.account", transit, json!({"currency_id": false}));
        let retired = if version == Version::V19 { json!({"active": false}) } else { json!({"deprecated": true}) };
        write(&world, "account.account", named(&world, "account_fees_1"), retired);
        is(&world, "odoo books", FindingState::Bad, &["account_fees_1", "archived"]);
    }
}

/// An installation of the release that knew only receipts.
#[test]
fn a_role_without_an_account_is_named() {
    let world = world("books-missing", Version::V18, &[]);
    let domain = json!([["module", "=", "quittance"], ["name", "=", "account_disputed_1"]]);
    let data = call(&world, "ir.model.data", "search", json!({"domain": domain}));
    call(&world, "ir.model.data", "unlink", json!({"ids": data}));
    is(&world, "odoo accounts", FindingState::Bad, &["disputed has no account", "`quittance setup odoo`"]);
}

#[test]
fn journals_have_no_feed_and_no_other_currency() {
    for version in VERSIONS {
        let world = world(&format!("books-journals-{version:?}"), version, &["--settlement-currency", "EUR"]);
        is(&world, "odoo journals", FindingState::Good, &["STRP", "STEUR"]);
        let (own, euro) = (named(&world, "journal_stripe_1"), named(&world, "journal_stripe_1_eur"));
        write(&world, "account.journal", own, json!({"bank_statements_source": "online_sync"}));
        is(&world, "odoo journals", FindingState::Note, &["STRP takes bank statements (online_sync)"]);
        write(&world, "account.journal", own, json!({"bank_statements_source": "undefined"}));
        world.odoo.borrow_mut().bank_line(euro, "2026-11-20", "STRIPE", "10");
        is(&world, "odoo journals", FindingState::Note, &["STEUR has 1 bank statement lines"]);
        is(&world, "odoo secured entries", FindingState::Note, &["STRP, STEUR", "Posted Entries with Hash"]);
        write(&world, "account.journal", own, json!({"restrict_mode_hash_table": true}));
        is(&world, "odoo secured entries", FindingState::Note, &["in STEUR can"]);
        write(&world, "account.journal", euro, json!({"restrict_mode_hash_table": true}));
        is(&world, "odoo secured entries", FindingState::Good, &[]);
    }
}

/// Ours by key are not foreign: a receipt, and the opening entry.
#[test]
fn entries_that_are_not_ours_are_told() {
    for version in VERSIONS {
        let world = world(&format!("books-foreign-{version:?}"), version, &[]);
        let journal = named(&world, "journal_stripe_1");
        let row = call(&world, "account.journal", "read", json!({"ids": [journal], "fields": ["default_account_id"]}));
        let balance = row[0]["default_account_id"][0].as_i64().unwrap();
        let entry = |journal: i64, date: &str| {
            let line = |account: i64, amount: &str| json!([0, 0, {"account_id": account, "balance": amount.parse::<f64>().unwrap()}]);
            let values = json!({"move_type": "entry", "journal_id": journal, "date": date,
                "line_ids": [line(balance, "5"), line(named(&world, "account_fees_1"), "-5")]});
            let id = call(&world, "account.move", "create", json!({"vals_list": [values]}))[0].as_i64().unwrap();
            call(&world, "account.move", "action_post", json!({"ids": [id]}));
            id
        };
        let ours = entry(journal, "2026-11-21");
        let key = json!({"module": "quittance", "name": "stripe:acct_1:txn_1:settled__record", "model": "account.move", "res_id": ours});
        call(&world, "ir.model.data", "create", json!({"vals_list": [key]}));
        entry(journal, "2026-10-01");
        is(&world, "odoo foreign entries", FindingState::Good, &[]);

        let misc =
            call(&world, "account.journal", "search", json!({"domain": [["code", "=", "MISC"]]}))[0].as_i64().unwrap();
        entry(misc, "2026-11-21");
        is(&world, "odoo foreign entries", FindingState::Note, &["1 lines of other journals", "MISC/2026/"]);
        entry(journal, "2026-11-21");
        let told = said(&world, "odoo foreign entries");
        assert!(
            told.len() == 2 && told[0].1.contains("1 in the Stripe journals are not Quittance's (STRP/2026/"),
            "{told:?}"
        );
    }
}

/// A receipt has its key on the payment.
#[test]
fn a_receipt_is_ours_by_its_payment() {
    for version in VERSIONS {
        let world = world(&format!("books-receipt-{version:?}"), version, &[]);
        let journal = named(&world, "journal_stripe_1");
        let partner = call(&world, "res.partner", "create", json!({"vals_list": [{"name": "Ada"}]}))[0].clone();
        let values = json!({"payment_type": "inbound", "partner_type": "customer", "partner_id": partner, "amount": 60,
            "journal_id": journal, "date": "2026-11-21"});
        let payment = call(&world, "account.payment", "create", json!({"vals_list": [values]}))[0].as_i64().unwrap();
        call(&world, "account.payment", "action_post", json!({"ids": [payment]}));
        is(&world, "odoo foreign entries", FindingState::Note, &["1 in the Stripe journals"]);
        let key = json!({"module": "quittance", "name": "stripe:acct_1:pi_1:succeeded__record", "model": "account.payment", "res_id": payment});
        call(&world, "ir.model.data", "create", json!({"vals_list": [key]}));
        is(&world, "odoo foreign entries", FindingState::Good, &[]);
    }
}

#[test]
fn currencies_that_odoo_counts_more_coarsely() {
    let world = world("books-rounding", Version::V18, &[]);
    for code in ["ISK", "KWD", "JPY", "TWD"] {
        world.odoo.borrow_mut().set_rate(code, 1, "2");
    }
    is(&world, "odoo rounding", FindingState::Note, &["TWD in steps of 0.01, Odoo in 1"]);
    let franc = call(&world, "res.currency", "search", json!({"domain": [["name", "=", "USD"]]}))[0].as_i64().unwrap();
    write(&world, "res.currency", franc, json!({"rounding": 0.05}));
    assert_eq!(said(&world, "odoo rounding").len(), 2);
}

#[test]
fn a_currency_needs_a_rate_since_the_cut_over() {
    let world = world("books-rates", Version::V18, &[]);
    is(&world, "odoo rates", FindingState::Note, &["rates of EUR are none", "2026-11-18"]);
    world.odoo.borrow_mut().set_rate_of("2026-11-19", "EUR", 1, "0.8");
    is(&world, "odoo rates", FindingState::Note, &["EUR begin on 2026-11-19", "2026-11-18"]);
    setup(&arguments(&["--settlement-currency", "EUR"]), &world.settings, world.http.clone()).unwrap();
    is(&world, "odoo rates", FindingState::Bad, &["EUR begin on 2026-11-19"]);
    world.odoo.borrow_mut().set_rate_of("2026-11-18", "EUR", 1, "0.8");
    is(&world, "odoo rates", FindingState::Good, &[]);
    world.odoo.borrow_mut().set_rate_of("2026-11-20", "USD", 1, "1.1");
    is(&world, "odoo rates", FindingState::Bad, &["USD begin on 2026-11-20"]);
}

#[test]
fn a_currency_that_stripe_holds_needs_a_journal() {
    let world = world("books-settlement", Version::V18, &[]);
    world.stripe.borrow_mut().settings.settles = [("eur".to_owned(), "eur".to_owned())].into();
    is(&world, "odoo settlement", FindingState::Good, &["USD"]);
    world.stripe.borrow_mut().pay(&Pay::card(5000, "eur")).unwrap();
    world.run_out();
    is(&world, "odoo settlement", FindingState::Bad, &["no journal stands for EUR", "--settlement-currency EUR"]);
    setup(&arguments(&["--settlement-currency", "EUR"]), &world.settings, world.http.clone()).unwrap();
    is(&world, "odoo settlement", FindingState::Good, &["USD", "EUR"]);
}

#[test]
fn dates_and_the_opening_entry() {
    for version in VERSIONS {
        let mut world = world(&format!("books-dates-{version:?}"), version, &[]);
        is(&world, "odoo zone", FindingState::Note, &["midnight UTC", "--time-zone"]);
        setup(&arguments(&["--time-zone", "Europe/Paris"]), &world.settings, world.http.clone()).unwrap();
        is(&world, "odoo zone", FindingState::Good, &["Europe/Paris"]);
        assert_eq!(said(&world, "odoo lock dates"), []);
        write(&world, "res.company", 1, json!({"fiscalyear_lock_date": "2026-10-31"}));
        assert_eq!(said(&world, "odoo lock dates"), [], "before the cut-over");
        write(&world, "res.company", 1, json!({"fiscalyear_lock_date": "2026-11-30"}));
        is(&world, "odoo lock dates", FindingState::Note, &["fiscalyear_lock_date is 2026-11-30", "2026-11-18"]);
        assert_eq!(said(&world, "odoo cut-over"), []);
        world.settings.set("BOOK_FROM", "1795000001");
        is(&world, "odoo cut-over", FindingState::Note, &["1795000001", "1795000000"]);

        assert_eq!(said(&world, "odoo opening entry"), []);
        world.stripe.borrow_mut().pay(&Pay::card(5000, "usd")).unwrap();
        world.run_out();
        let instant = (world.now() + 1).to_string();
        let typed = ["--book-from", &instant, "--opening-account", "400000"];
        setup(&arguments(&typed), &world.settings, world.http.clone()).unwrap();
        is(&world, "odoo opening entry", FindingState::Note, &["of USD is draft", "post it"]);
        call(&world, "account.move", "action_post", json!({"ids": [named(&world, "opening_1_usd")]}));
        assert_eq!(said(&world, "odoo opening entry"), []);
    }
}

#[test]
fn a_fee_tax_beside_vendor_bills() {
    let mut world = world("books-tax", Version::V18, &[]);
    let tax = json!({"name": "20%", "amount": 20, "type_tax_use": "purchase", "company_id": 1});
    call(&world, "account.tax", "create", json!({"vals_list": [tax]}));
    setup(&arguments(&["--fee-tax", "20%"]), &world.settings, world.http.clone()).unwrap();
    assert_eq!(said(&world, "odoo fee tax"), []);
    world.settings.set("FEES", "supplier");
    is(&world, "odoo fee tax", FindingState::Note, &["FEES=supplier", "--fee-tax none"]);
}

#[test]
fn the_company_of_the_stripe_account() {
    let mut world = world("books-company", Version::V18, &[]);
    is(&world, "odoo company", FindingState::Good, &["1 is set up"]);
    let second = world.odoo.borrow_mut().company("Second", "EUR");
    let branch = world.odoo.borrow_mut().company("Branch", "USD");
    write(&world, "res.company", branch, json!({"parent_id": 1}));
    world.settings.set("ODOO_COMPANY", &branch.to_string());
    is(&world, "odoo company", FindingState::Bad, &["is a branch of company 1"]);
    world.settings.set("ODOO_COMPANY", &second.to_string());
    assert!(said(&world, "odoo books")[0].1.contains(&format!("not_configured:{second}")));
    world.settings.set("ODOO_COMPANY", "");
    is(&world, "odoo company", FindingState::Good, &["1 is the only one"]);
    let typed = ["--company", &second.to_string()];
    setup(&arguments(&typed), &world.settings, world.http.clone()).unwrap();
    is(&world, "odoo company", FindingState::Bad, &["set ODOO_COMPANY", "its own Worker"]);
}
