//! The books that `quittance setup odoo` makes, on the simulated Odoo 17, 18 and 19: every role, further settlement
//! currencies, what exists and is named, upgrades, branches, and what cannot be.

use std::collections::BTreeSet;

use crate::common::setup::{Sim, VERSIONS, bare, call, changed, look, make, named, report, run};
use crate::common::{Line, Scratch, arguments, clock, mistyped};
use quittance::erp::odoo::setup::ChangeKind;
use quittance::erp::odoo::setup::roles::{ROLES, Role};
use quittance_cli::odoo::Arguments;
use quittance_sim::odoo::{Odoo, Version};
use serde_json::{Value, json};

/// An account that exists, of a type, reconcilable or not.
fn account(sim: &Sim, code: &str, kind: &str, reconcile: bool) -> i64 {
    make(sim, "account.account", json!({"name": "Own", "code": code, "account_type": kind, "reconcile": reconcile}))
}

fn refused(sim: &Sim, typed: &[&str]) -> String {
    run(sim, &arguments(typed), &[]).unwrap_err().to_string()
}

#[test]
fn every_role_is_made_as_it_should_be() {
    for version in VERSIONS {
        let sim = bare(version);
        run(&sim, &Arguments::default(), &[]).unwrap();
        let mut codes = BTreeSet::new();
        let made: Vec<&Role> = ROLES.iter().filter(|role| !role.optional).collect();
        assert_eq!(made.len(), 10);
        for role in made {
            let fields = ["code", "account_type", "reconcile", "non_trade", "currency_id", "name"];
            let row = look(&sim, &role.external(1), "account.account", &fields);
            assert_eq!(row["account_type"], role.kind, "{version:?} {row}");
            assert_eq!(row["reconcile"], role.reconcile, "{version:?} {row}");
            assert_eq!(row["non_trade"], role.non_trade, "{version:?} {row}");
            assert_eq!(row["currency_id"], false, "{version:?} {row}");
            assert!(codes.insert(row["code"].as_str().unwrap().to_owned()), "{row}");
        }
        let code = |name: &str| look(&sim, name, "account.account", &["code"])["code"].clone();
        // Beside Odoo's exchange losses and its exchange gains.
        assert_eq!((code("account_fees_1"), code("account_conversion_1")), (json!("641001"), json!("441001")));
        let stripe = look(&sim, "partner_stripe", "res.partner", &["name", "is_company"]);
        assert_eq!((&stripe["name"], &stripe["is_company"]), (&json!("Stripe"), &json!(true)));
        let transit = named(&sim, "account_transit_1").unwrap();
        let line = look(
            &sim,
            "model_payout_line_1",
            "account.reconcile.model.line",
            &["account_id", "amount_string", "model_id"],
        );
        assert_eq!((&line["account_id"][0], &line["amount_string"]), (&json!(transit), &json!("100")));
        assert_eq!(line["model_id"][0].as_i64(), named(&sim, "model_payout_1"));
    }
}

/// Everybody's scenarios run on `Odoo::provisioned`: it must be what set-up makes.
#[test]
fn the_provisioned_simulator_is_what_set_up_makes() {
    let names = |sim: &Sim| -> BTreeSet<String> {
        let domain = json!({"domain": [["module", "=", "quittance"]], "fields": ["name"]});
        let rows = call(sim, "ir.model.data", "search_read", domain);
        rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    for version in VERSIONS {
        let (sim, made) = (Line::to(Odoo::provisioned(version, clock(), 1)), bare(version));
        sim.party.borrow_mut().settle_in(1, "EUR");
        let all = arguments(&["--settlement-currency", "eur", "--transaction"]);
        run(&made, &all, &[]).unwrap();
        assert_eq!(names(&sim), names(&made));
        for role in ROLES.iter().filter(|role| !role.optional) {
            let row = |sim: &Sim| {
                look(sim, &role.external(1), "account.account", &["name", "account_type", "reconcile", "non_trade"])
            };
            let (mut left, mut right) = (row(&sim), row(&made));
            (left["id"], right["id"]) = (Value::Null, Value::Null);
            assert_eq!(left, right);
        }
        let settled =
            |sim: &Sim| look(sim, "journal_stripe_1_eur", "account.journal", &["code", "name", "currency_id"]);
        assert_eq!(settled(&sim)["code"], settled(&made)["code"]);
        assert_eq!(settled(&sim)["currency_id"], settled(&made)["currency_id"]);
        let again = changed(&sim, &all);
        assert_eq!(again, ["quittance.book_from"], "set-up would change what the simulator has");
    }
}

#[test]
fn a_settlement_currency_gets_a_journal_of_its_own() {
    for version in VERSIONS {
        let sim = bare(version);
        let wish = arguments(&["--settlement-currency", "gbp", "--settlement-currency", "USD"]);
        let dry = Arguments { dry_run: true, ..wish.clone() };
        let foretold = run(&sim, &dry, &[]).unwrap();
        let active = || {
            let asked =
                json!({"domain": [["name", "=", "GBP"]], "fields": ["active"], "context": {"active_test": false}});
            call(&sim, "res.currency", "search_read", asked)[0]["active"].clone()
        };
        assert_eq!(active(), false, "a dry run activates nothing");
        let done = report(&sim, &wish, &[]).unwrap();
        assert_eq!(foretold, done.changes.iter().map(|c| (c.act, c.name.clone())).collect::<Vec<_>>());
        assert_eq!(active(), true);
        assert!(done.notes.iter().any(|note| note.contains("no rate of GBP")), "{:?}", done.notes);
        assert_eq!(named(&sim, "journal_stripe_1_usd"), None, "the company's own currency is the own journal's");
        let journal =
            look(&sim, "journal_stripe_1_gbp", "account.journal", &["code", "currency_id", "default_account_id"]);
        assert_eq!((&journal["code"], &journal["currency_id"][1]), (&json!("STGBP"), &json!("GBP")));
        let balance = json!({"ids": [journal["default_account_id"][0]], "fields": ["currency_id", "account_type"]});
        let balance = &call(&sim, "account.account", "read", balance)[0];
        assert_eq!((&balance["currency_id"][1], &balance["account_type"]), (&json!("GBP"), &json!("asset_cash")));
        let own = look(&sim, "journal_stripe_1", "account.journal", &["default_account_id"]);
        assert_ne!(own["default_account_id"], journal["default_account_id"]);
        let lines = json!({"domain": [["journal_id", "=", journal["id"]]], "fields": ["payment_account_id"]});
        let lines = call(&sim, "account.payment.method.line", "search_read", lines);
        let clearing = named(&sim, "account_clearing_1").unwrap();
        assert!(lines.as_array().unwrap().iter().all(|line| line["payment_account_id"][0] == clearing), "{lines}");
        // Known from then on, without the flag.
        let again = run(&sim, &Arguments::default(), &[]).unwrap();
        assert!(again.iter().all(|(act, _)| *act == ChangeKind::Keep), "{again:?}");
        assert!(again.iter().any(|(_, name)| name == "quittance.journal_stripe_1_gbp"));
        assert!(refused(&sim, &["--settlement-currency", "XYZ"]).contains("no currency XYZ"));
    }
}

#[test]
fn what_exists_can_be_named() {
    for version in VERSIONS {
        let sim = bare(version);
        let fees = account(&sim, "627100", "expense", false);
        let transit = account(&sim, "511200", "asset_current", true);
        let eur = call(&sim, "res.currency", "search", json!({"domain": [["name", "=", "EUR"]]}))[0].clone();
        let journal =
            make(&sim, "account.journal", json!({"name": "E", "code": "EUST", "type": "bank", "currency_id": eur}));
        let tax = json!({"name": "20% S", "amount": 20, "type_tax_use": "purchase", "company_id": 1});
        let tax = make(&sim, "account.tax", tax);
        let wish = arguments(&[
            "--account",
            "fees=627100",
            "--account",
            "transit=1:511200",
            "--journal",
            "EUR=EUST",
            "--fee-tax",
            "20% S",
            "--time-zone",
            "Europe/Paris",
        ]);
        run(&sim, &wish, &[]).unwrap();
        assert_eq!(named(&sim, "account_fees_1"), Some(fees));
        assert_eq!(named(&sim, "account_transit_1"), Some(transit));
        assert_eq!(named(&sim, "journal_stripe_1_eur"), Some(journal));
        assert_eq!(named(&sim, "tax_fees_1"), Some(tax));
        let zone = json!({"domain": [["key", "=", "quittance.zone_1"]], "fields": ["value"]});
        assert_eq!(call(&sim, "ir.config_parameter", "search_read", zone)[0]["value"], "Europe/Paris");
        assert_eq!(changed(&sim, &wish), Vec::<String>::new());
        assert_eq!(changed(&sim, &Arguments::default()), Vec::<String>::new(), "what was named stays");
        // Another one from now on, and the reconciliation model follows.
        let other = account(&sim, "511300", "asset_current", true);
        let told = changed(&sim, &arguments(&["--account", "transit=511300"]));
        assert_eq!(told, ["quittance.account_transit_1", "quittance.model_payout_line_1"]);
        assert_eq!(
            look(&sim, "model_payout_line_1", "account.reconcile.model.line", &["account_id"])["account_id"][0],
            other
        );
        let told = run(&sim, &arguments(&["--fee-tax", "none"]), &[]).unwrap();
        assert!(told.contains(&(ChangeKind::Remove, "quittance.tax_fees_1".into())), "{told:?}");
        assert_eq!(named(&sim, "tax_fees_1"), None);
        assert!(!call(&sim, "account.tax", "read", json!({"ids": [tax]})).as_array().unwrap().is_empty());
    }
}

/// Some accounts are only made when somebody wants them, and then stay.
#[test]
fn accounts_that_are_asked_for() {
    for version in VERSIONS {
        let sim = bare(version);
        run(&sim, &Arguments::default(), &[]).unwrap();
        assert_eq!((named(&sim, "account_advances_1"), named(&sim, "account_losses_1")), (None, None));
        let wish = arguments(&["--account", "advances=new", "--account", "losses=new"]);
        assert_eq!(changed(&sim, &wish), ["quittance.account_advances_1", "quittance.account_losses_1"]);
        let fields = ["code", "account_type", "reconcile", "non_trade"];
        let advances = look(&sim, "account_advances_1", "account.account", &fields);
        // Beside Odoo's receivable.
        assert_eq!((&advances["code"], &advances["account_type"]), (&json!("121001"), &json!("asset_receivable")));
        assert_eq!((&advances["reconcile"], &advances["non_trade"]), (&json!(true), &json!(true)));
        assert_eq!(changed(&sim, &wish), Vec::<String>::new());
        let again = run(&sim, &Arguments::default(), &[]).unwrap();
        assert!(again.contains(&(ChangeKind::Keep, "quittance.account_losses_1".into())), "{again:?}");
    }
}

/// What cannot serve is refused, with what to do.
#[test]
fn what_cannot_serve_is_refused() {
    for version in VERSIONS {
        let sim = bare(version);
        account(&sim, "190001", "asset_current", false);
        account(&sim, "190002", "asset_current", true);
        account(&sim, "190003", "asset_receivable", true);
        let eur = call(&sim, "res.currency", "search", json!({"domain": [["name", "=", "EUR"]]}))[0].clone();
        make(
            &sim,
            "account.account",
            json!({"name": "E", "code": "190004", "account_type": "asset_current", "reconcile": true, "currency_id": eur}),
        );
        make(&sim, "account.journal", json!({"name": "E", "code": "EUST", "type": "bank", "currency_id": eur}));
        for tax in ["10%", "10%", "5%"] {
            make(&sim, "account.tax", json!({"name": tax, "amount": 10, "type_tax_use": "purchase", "company_id": 1}));
        }
        let rows: [(&[&str], &str); 13] = [
            (&["--account", "transit=190009"], "does not exist"),
            (&["--account", "transit=190001"], "does not allow reconciliation, which transit needs"),
            (&["--account", "transit=190003"], "is of type asset_receivable; for transit it must be"),
            (&["--account", "transit=190004"], "has a currency of its own"),
            (&["--account", "advances=190002"], "must be asset_receivable"),
            (&["--account", "fees=190002"], "must be expense"),
            (&["--account", "transit=190002", "--account", "disputed=190002"], "cannot be both transit and disputed"),
            (&["--account", "transit=101403"], "Odoo's own account of outstanding"),
            (&["--journal", "EUST"], "is not in USD"),
            (&["--journal", "GBP=EUST"], "is not in GBP"),
            (&["--fee-tax", "10%"], "Several purchase taxes are named \"10%\": give the id"),
            (&["--fee-tax", "20%"], "has no purchase tax \"20%\"; it has \""),
            (&["--journal", "EUR=NOPE"], "no bank journal with the code NOPE"),
        ];
        for (typed, word) in rows {
            let told = refused(&sim, typed);
            assert!(told.contains(word), "{version:?} {typed:?}: {told}");
        }
        assert_eq!(named(&sim, "journal_stripe_1"), None, "refused before anything is made");
    }
    for (typed, word) in [
        (&["--account", "fee=1"][..], "there are clearing, transit"),
        (&["--account", "627100"], "ROLE=CODE"),
        (&["--account", "fees=x:1"], "COMPANY:CODE"),
        (&["--settlement-currency", "euro"], "three letters"),
        (&["--time-zone", "Paris"], "Europe/Paris"),
        (&["--book-from", "1795000000000"], "not milliseconds"),
        (&["--book-from", "2026-11-01"], "2026-11-01T00:00:00Z"),
    ] {
        assert!(mistyped(typed).contains(word), "{typed:?}: {}", mistyped(typed));
    }
}

/// The example of docs/odoo/SETUP.md, as it stands there.
#[test]
fn a_file_of_answers() {
    let page = include_str!("../../../../docs/odoo/SETUP.md");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let file = Scratch::new("answers.toml");
    std::fs::write(&file.0, example).unwrap();
    let path = file.0.to_str().unwrap().to_owned();
    let sim = bare(Version::V18);
    account(&sim, "627100", "expense", false);
    account(&sim, "511700", "asset_current", true);
    make(&sim, "account.tax", json!({"name": "20% S", "amount": 20, "type_tax_use": "purchase", "company_id": 1}));
    let wish = Arguments { opening_account: None, ..arguments(&["--answers", &path]).with_answers().unwrap() };
    assert_eq!(wish.book_from, Some(1_793_491_200));
    run(&sim, &Arguments { answers: None, ..wish }, &[]).unwrap();
    let code = |name: &str| look(&sim, name, "account.account", &["code"])["code"].clone();
    assert_eq!((code("account_fees_1"), code("account_clearing_1")), (json!("627100"), json!("511700")));
    assert!(named(&sim, "journal_stripe_1_eur").is_some() && named(&sim, "tax_fees_1").is_some());

    std::fs::write(&file.0, "[accounts]\nfee = '1'\n").unwrap();
    let told = refused(&sim, &["--answers", &path]);
    assert!(told.contains(&path) && told.contains("clearing, transit"), "{told}");
    assert!(refused(&sim, &["--answers", "/nowhere.toml"]).contains("/nowhere.toml cannot be read"));
}

/// What a release that knew only receipts left: journal and clearing account.
fn older(version: Version) -> Sim {
    let sim = bare(version);
    let load = |model: &str, name: &str, fields: &[&str], values: &[&str]| {
        let fields: Vec<&str> = std::iter::once("id").chain(fields.iter().copied()).collect();
        let name = format!("quittance.{name}");
        let row: Vec<&str> = std::iter::once(name.as_str()).chain(values.iter().copied()).collect();
        call(&sim, model, "load", json!({"fields": fields, "data": [row]}))["ids"][0].as_i64().unwrap()
    };
    load("res.partner", "partner_unallocated", &["name"], &["Stripe: payments to allocate"]);
    let journal = load("account.journal", "journal_stripe_1", &["name", "code", "type"], &["Stripe", "STRP", "bank"]);
    let fields = ["name", "code", "account_type", "reconcile"];
    let clearing =
        load("account.account", "account_clearing_1", &fields, &["Stripe clearing", "101499", "asset_current", "1"]);
    point(&sim, journal, clearing);
    sim
}

/// Payments of a journal are booked against an account.
fn point(sim: &Sim, journal: i64, account: i64) {
    let lines = call(sim, "account.payment.method.line", "search", json!({"domain": [["journal_id", "=", journal]]}));
    call(sim, "account.payment.method.line", "write", json!({"ids": lines, "vals": {"payment_account_id": account}}));
}

/// A receipt by hand in the Stripe journal; the account that holds it.
fn receipt(sim: &Sim, journal: i64) -> i64 {
    let partner = make(sim, "res.partner", json!({"name": "Ada"}));
    let values = json!({"payment_type": "inbound", "partner_type": "customer", "partner_id": partner, "amount": 60, "journal_id": journal});
    let payment = make(sim, "account.payment", values);
    call(sim, "account.payment", "action_post", json!({"ids": [payment]}));
    let lines = json!({"domain": [["journal_id", "=", journal], ["debit", ">", 0]], "fields": ["account_id"]});
    call(sim, "account.move.line", "search_read", lines)[0]["account_id"][0].as_i64().unwrap()
}

#[test]
fn an_older_installation_keeps_what_it_has() {
    for version in VERSIONS {
        let sim = older(version);
        let (journal, clearing) = (named(&sim, "journal_stripe_1").unwrap(), named(&sim, "account_clearing_1"));
        assert_eq!(Some(receipt(&sim, journal)), clearing);
        let told = run(&sim, &Arguments::default(), &[]).unwrap();
        assert!(told.iter().all(|(act, _)| *act != ChangeKind::Update && *act != ChangeKind::Remove), "{told:?}");
        assert_eq!((named(&sim, "journal_stripe_1"), named(&sim, "account_clearing_1")), (Some(journal), clearing));
        for role in ROLES.iter().filter(|role| !role.optional) {
            assert!(named(&sim, &role.external(1)).is_some(), "{}", role.name);
        }
        assert_eq!(changed(&sim, &Arguments::default()), Vec::<String>::new());
    }
}

/// The account that holds the receipts becomes the clearing account, and Stripe's balance a new one.
#[test]
fn receipts_on_the_balance_account_are_taken_for_clearing() {
    for version in VERSIONS {
        for known in [true, false] {
            let sim = older(version);
            let journal = named(&sim, "journal_stripe_1").unwrap();
            let balance = look(&sim, "journal_stripe_1", "account.journal", &["default_account_id"]);
            let balance = balance["default_account_id"][0].as_i64().unwrap();
            let data = json!({"domain": [["module", "=", "quittance"], ["name", "=", "account_clearing_1"]]});
            let data = call(&sim, "ir.model.data", "search", data);
            match known {
                true => call(&sim, "ir.model.data", "write", json!({"ids": data, "vals": {"res_id": balance}})),
                false => call(&sim, "ir.model.data", "unlink", json!({"ids": data})),
            };
            point(&sim, journal, balance);
            assert_eq!(receipt(&sim, journal), balance);
            let wish = Arguments::default();
            let foretold = run(&sim, &Arguments { dry_run: true, ..wish.clone() }, &[]).unwrap();
            let done = report(&sim, &wish, &[]).unwrap();
            assert_eq!(foretold, done.changes.iter().map(|c| (c.act, c.name.clone())).collect::<Vec<_>>());
            assert!(done.notes.iter().any(|note| note.contains("is now the clearing account")), "{:?}", done.notes);
            assert_eq!(named(&sim, "account_clearing_1"), Some(balance));
            let clearing = look(&sim, "account_clearing_1", "account.account", &["account_type", "reconcile", "name"]);
            assert_eq!((&clearing["account_type"], &clearing["reconcile"]), (&json!("asset_current"), &json!(true)));
            assert_eq!(clearing["name"], "Stripe clearing");
            let now = look(&sim, "journal_stripe_1", "account.journal", &["default_account_id"]);
            assert_eq!(now["default_account_id"][0].as_i64(), named(&sim, "account_balance_1"));
            assert_ne!(now["default_account_id"][0], balance);
            assert_eq!(receipt(&sim, journal), balance, "receipts go on to the same account");
            assert_eq!(changed(&sim, &wish), Vec::<String>::new());
        }
    }
}

#[test]
fn a_journal_with_bank_statements_is_not_taken_apart() {
    let sim = older(Version::V18);
    let journal = named(&sim, "journal_stripe_1").unwrap();
    let balance = look(&sim, "journal_stripe_1", "account.journal", &["default_account_id"]);
    let data = json!({"domain": [["module", "=", "quittance"], ["name", "=", "account_clearing_1"]]});
    let data = call(&sim, "ir.model.data", "search", data);
    call(&sim, "ir.model.data", "write", json!({"ids": data, "vals": {"res_id": balance["default_account_id"][0]}}));
    sim.party.borrow_mut().bank_line(journal, "2026-11-20", "STRIPE", "-10");
    let told = refused(&sim, &[]);
    assert!(told.contains("bank statement lines") && told.contains("--clearing-account"), "{told}");
    // With an account of their own the receipts that come are apart from it.
    account(&sim, "190002", "asset_current", true);
    run(&sim, &arguments(&["--clearing-account", "190002"]), &[]).unwrap();
}

#[test]
fn a_branch_is_set_up_as_its_root() {
    for version in VERSIONS {
        let sim = bare(version);
        let branch = sim.party.borrow_mut().company("Branch", "USD");
        call(&sim, "res.company", "write", json!({"ids": [branch], "vals": {"parent_id": 1}}));
        let wish = arguments(&["--company", &branch.to_string()]);
        let done = report(&sim, &wish, &[]).unwrap();
        assert_eq!(done.companies, [1]);
        assert!(done.notes.iter().any(|note| note.contains("ODOO_COMPANY=1")), "{:?}", done.notes);
        assert!(named(&sim, "journal_stripe_1").is_some());
        assert_eq!(named(&sim, &format!("journal_stripe_{branch}")), None);
        // Odoo's own provider in a branch is a second hand, too.
        let provider = json!({"name": "Stripe", "code": "stripe", "state": "enabled", "company_id": branch});
        make(&sim, "payment.provider", provider);
        assert!(refused(&sim, &[]).contains("disable it"));
    }
}

#[test]
fn a_second_root_is_another_workers() {
    for version in VERSIONS {
        let sim = bare(version);
        let other = sim.party.borrow_mut().company("Second", "EUR").to_string();
        let notes =
            |typed: &[&str], replaced: &[(&str, &str)]| report(&sim, &arguments(typed), replaced).unwrap().notes;
        assert_eq!(notes(&[], &[]), Vec::<String>::new());
        let told = notes(&["--company", &other], &[]);
        assert!(
            told.len() == 1 && told[0].contains("give each its own Worker") && told[0].contains("ODOO_COMPANY"),
            "{told:?}"
        );
        assert_eq!(notes(&[], &[("ODOO_COMPANY", &other)]), Vec::<String>::new());
    }
}
