//! `quittance setup odoo` against the simulated Odoo 17, 18 and 19: from nothing, again, dry, upgraded, mapped, and
//! with every wrong input.

use crate::common::setup::{VERSIONS, bare, call, named, of_stripe, run, settings};
use crate::common::{Line, arguments, clock};
use quittance::erp::odoo::setup::{BOOK_FROM, ChangeKind};
use quittance::error::Code;
use quittance_cli::odoo::{Arguments, setup};
use quittance_sim::odoo::{CLERK_KEY, CLERK_LOGIN, Fault, Odoo, Rule, Version};
use serde_json::json;

#[test]
fn from_nothing_and_then_again() {
    for version in VERSIONS {
        let sim = bare(version);
        let made = run(&sim, &Arguments::default(), &[]).unwrap();
        assert!(made.iter().all(|(act, _)| *act != ChangeKind::Keep), "{made:?}");
        for name in [
            "journal_stripe_1",
            "account_clearing_1",
            "partner_unallocated",
            "sequence_mark_1",
            "proc_record_payment",
            "proc_check",
        ] {
            assert!(named(&sim, name).is_some(), "{version:?} {name}");
        }
        let clearing = named(&sim, "account_clearing_1").unwrap();
        let journal = named(&sim, "journal_stripe_1").unwrap();
        let lines = json!({"domain": [["journal_id", "=", journal]], "fields": ["payment_account_id", "payment_type"]});
        let lines = call(&sim, "account.payment.method.line", "search_read", lines);
        assert!(lines.as_array().unwrap().len() >= 2);
        assert!(lines.as_array().unwrap().iter().all(|line| line["payment_account_id"][0] == clearing), "{lines}");
        let again = run(&sim, &Arguments::default(), &[]).unwrap();
        assert!(again.iter().all(|(act, _)| *act == ChangeKind::Keep), "{again:?}");
    }
}

#[test]
fn a_dry_run_names_the_changes_and_writes_nothing() {
    for version in VERSIONS {
        let sim = bare(version);
        let dry = Arguments { dry_run: true, ..Arguments::default() };
        let wanted = run(&sim, &dry, &[]).unwrap();
        for name in ["journal_stripe_1", "account_clearing_1", "proc_check"] {
            assert_eq!(named(&sim, name), None);
        }
        assert_eq!(wanted, run(&sim, &Arguments::default(), &[]).unwrap(), "it makes what it said");
    }
}

/// A field made by hand, or by an installation whose external ids were lost, is taken as it is.
#[test]
fn a_field_that_is_there_is_taken() {
    for version in VERSIONS {
        let sim = bare(version);
        let model = call(&sim, "ir.model", "search", json!({"domain": [["model", "=", "res.partner"]]}))[0].clone();
        let values = json!({"model_id": model, "name": "x_quittance_customer", "field_description": "Stripe",
            "ttype": "char", "state": "manual"});
        let field = call(&sim, "ir.model.fields", "create", json!({"vals_list": [values]}))[0].as_i64();
        run(&sim, &Arguments::default(), &[]).unwrap();
        assert_eq!(named(&sim, "field_partner_customer"), field);
        call(&sim, "ir.model.fields", "unlink", json!({"ids": [field]}));
        let again = run(&sim, &Arguments::default(), &[]).unwrap();
        let made: Vec<_> = again.into_iter().filter(|(act, _)| *act != ChangeKind::Keep).collect();
        assert_eq!(made, [(ChangeKind::Create, "quittance.field_partner_customer".to_owned())]);
    }
}

/// The mark's sequence that was deleted, or that is of a kind which a roll-back takes back, has another in its place.
#[test]
fn a_sequence_that_cannot_serve_is_made_anew() {
    for version in VERSIONS {
        let sim = bare(version);
        run(&sim, &Arguments::default(), &[]).unwrap();
        let first = named(&sim, "sequence_mark_1").unwrap();
        call(&sim, "ir.sequence", "write", json!({"ids": [first], "vals": {"implementation": "no_gap"}}));
        let changed = |sim| -> Vec<(ChangeKind, String)> {
            let all = run(sim, &Arguments::default(), &[]).unwrap();
            all.into_iter().filter(|(act, _)| *act != ChangeKind::Keep).collect()
        };
        let name = || "quittance.sequence_mark_1".to_owned();
        assert_eq!(changed(&sim), [(ChangeKind::Remove, name()), (ChangeKind::Create, name())], "{version:?}");
        let second = named(&sim, "sequence_mark_1").unwrap();
        assert_ne!(first, second);
        call(&sim, "ir.sequence", "unlink", json!({"ids": [second]}));
        assert_eq!(changed(&sim), [(ChangeKind::Create, name())], "{version:?}");
        assert_eq!(changed(&sim), [], "{version:?}");
    }
}

#[test]
fn an_edited_procedure_is_put_right() {
    for version in VERSIONS {
        let sim = bare(version);
        run(&sim, &Arguments::default(), &[]).unwrap();
        let action = named(&sim, "proc_check").unwrap();
        call(&sim, "ir.actions.server", "write", json!({"ids": [action], "vals": {"code": "action = {}"}}));
        let changed = run(&sim, &Arguments::default(), &[]).unwrap();
        let changed: Vec<_> = changed.into_iter().filter(|(act, _)| *act != ChangeKind::Keep).collect();
        assert_eq!(changed, [(ChangeKind::Update, "quittance.proc_check".to_owned())]);
    }
}

#[test]
fn the_first_instant_stays_unless_it_is_given() {
    let sim = bare(Version::V18);
    let book_from = |given| {
        let arguments = Arguments { book_from: given, ..Arguments::default() };
        setup(&of_stripe(&arguments), &settings(&[]), sim.clone()).unwrap().0.book_from
    };
    let first = book_from(None);
    assert_eq!(book_from(None), first);
    assert_eq!(book_from(Some(1_795_000_000)), 1_795_000_000);
    assert_eq!(book_from(None), 1_795_000_000, "an instant that was given is kept, too");
    let stored = json!({"domain": [["key", "=", BOOK_FROM]], "fields": ["value"]});
    assert_eq!(call(&sim, "ir.config_parameter", "search_read", stored)[0]["value"], "1795000000");
}

#[test]
fn a_journal_and_an_account_that_exist_can_be_used() {
    for version in VERSIONS {
        let sim = bare(version);
        let bank = json!({"vals_list": [{"name": "Card money", "code": "CARD", "type": "bank"}]});
        let bank = call(&sim, "account.journal", "create", bank)[0].as_i64();
        let account = |code: &str, reconcile: bool| json!({"name": "In flight", "code": code, "account_type": "asset_current", "reconcile": reconcile});
        let accounts = json!({"vals_list": [account("190001", true), account("190002", false)]});
        let accounts = call(&sim, "account.account", "create", accounts);
        let of = |journal: &str, clearing: &str| {
            arguments(&["--journal", journal, "--clearing-account", &format!("1:{clearing}")])
        };
        for (wrong, word) in [
            (of("NOPE", "190001"), "NOPE"),
            (of("CARD", "190009"), "does not exist"),
            (of("CARD", "190002"), "reconciliation"),
        ] {
            let fail = run(&sim, &wrong, &[]).unwrap_err();
            assert!(fail.to_string().contains(word), "{fail}");
        }
        run(&sim, &of("CARD", "190001"), &[]).unwrap();
        assert_eq!(named(&sim, "journal_stripe_1"), bank);
        assert_eq!(named(&sim, "account_clearing_1"), accounts[0].as_i64());
        let again = run(&sim, &of("CARD", "190001"), &[]).unwrap();
        assert!(again.iter().all(|(act, _)| *act == ChangeKind::Keep), "{again:?}");
    }
}

#[test]
fn a_journal_that_has_our_code_is_not_taken_over() {
    let sim = bare(Version::V18);
    let bank = json!({"vals_list": [{"name": "Old Stripe", "code": "STRP", "type": "bank"}]});
    call(&sim, "account.journal", "create", bank);
    let fail = run(&sim, &Arguments::default(), &[]).unwrap_err();
    assert!(fail.to_string().contains("--journal 1:STRP"), "{fail}");
}

#[test]
fn odoos_own_stripe_provider_is_a_second_hand() {
    for version in VERSIONS {
        let sim = bare(version);
        let provider =
            json!({"vals_list": [{"name": "Stripe", "code": "stripe", "state": "enabled", "company_id": 1}]});
        call(&sim, "payment.provider", "create", provider);
        let fail = run(&sim, &Arguments::default(), &[]).unwrap_err();
        assert!(fail.to_string().contains("disable it"), "{fail}");
        assert_eq!(named(&sim, "journal_stripe_1"), None, "refused before anything is made");
        let live = [("STRIPE_API_KEY", "sk_live_x")];
        assert!(run(&sim, &Arguments::default(), &live).is_err());
        run(&sim, &Arguments { dry_run: true, ..Arguments::default() }, &[("STRIPE_API_KEY", "sk_test_x")]).unwrap();
        run(&sim, &Arguments { other_stripe_account: true, ..Arguments::default() }, &[]).unwrap();
    }
}

/// A wrong input, its code, and a word that its sentence must have.
type Row = (&'static [(&'static str, &'static str)], Option<Code>, &'static str);

#[test]
fn wrong_inputs() {
    let rows: [Row; 10] = [
        (&[("ODOO_DB", "nodb")], Some(Code::ErpDatabaseMissing), "nodb"),
        (&[("ODOO_SETUP_API_KEY", "k-not-it")], Some(Code::ErpAuth), "ODOO_SETUP_API_KEY"),
        (&[("ODOO_API_KEY", "k-not-it")], Some(Code::ErpAuth), CLERK_LOGIN),
        (&[("ODOO_LOGIN", "nobody")], Some(Code::ErpRefused), "no user nobody"),
        (
            &[("ODOO_SETUP_LOGIN", CLERK_LOGIN), ("ODOO_SETUP_API_KEY", CLERK_KEY)],
            Some(Code::ErpRights),
            "base.group_system",
        ),
        (&[("ODOO_COMPANY", "77")], Some(Code::ErpRefused), "company 77"),
        (&[("ODOO_COMPANY", "first")], None, "ODOO_COMPANY"),
        (&[("ODOO_URL", "http://odoo.example.com")], Some(Code::ConfigInvalid), "https://"),
        (&[("ODOO_URL", "http://127.0.0.1:8069/web")], Some(Code::ErpProtocol), "ODOO_URL"),
        (&[("ODOO_SETUP_API_KEY", "")], None, "ODOO_SETUP_API_KEY"),
    ];
    for version in VERSIONS {
        let sim = bare(version);
        for (replaced, code, word) in rows {
            let fail = run(&sim, &Arguments::default(), replaced).unwrap_err();
            assert_eq!(fail.code, code, "{version:?} {replaced:?}: {fail}");
            assert!(fail.to_string().contains(word), "{fail}");
            assert!(!fail.to_string().contains("k-not-it"), "no key in a message: {fail}");
        }
    }
}

#[test]
fn an_odoo_that_is_down_is_named_with_its_address() {
    let sim = bare(Version::V18);
    sim.party.borrow_mut().dial.add(Rule::always(Fault::Down));
    let fail = run(&sim, &Arguments::default(), &[]).unwrap_err();
    assert_eq!(fail.code, Some(Code::ErpUnreachable));
    assert!(fail.to_string().contains("http://127.0.0.1:8069"), "{fail}");
}

/// A user of the Worker without the group Invoicing.
#[test]
fn too_few_rights_name_the_group() {
    for version in VERSIONS {
        let sim = Line::to(Odoo::fresh(version, clock(), 1));
        sim.party.borrow_mut().user("plain", "plain-key", &["base.group_user"]);
        let plain = [("ODOO_LOGIN", "plain"), ("ODOO_API_KEY", "plain-key")];
        let fail = run(&sim, &Arguments::default(), &plain).unwrap_err();
        assert_eq!(fail.code, Some(Code::ErpRights), "{fail}");
        assert!(fail.to_string().contains("account.group_account_invoice"), "{fail}");
    }
}

/// Whose books they are is stored once; another ledger's are not put in their place unaware.
#[test]
fn whose_books_they_are_is_stored_and_kept() {
    for version in VERSIONS {
        let sim = bare(version);
        let fail = setup(&Arguments::default(), &settings(&[]), sim.clone()).unwrap_err();
        assert!(fail.to_string().contains("--stripe-account"), "{fail}");
        assert_eq!(named(&sim, "journal_stripe_1"), None, "nothing is made before it is known");
        let stored = || {
            let asked = json!({"domain": [["key", "=", "quittance.stripe_1"]], "fields": ["value"]});
            call(&sim, "ir.config_parameter", "search_read", asked)[0]["value"].clone()
        };
        run(&sim, &arguments(&["--stripe-account", "acct_1:test"]), &[]).unwrap();
        assert_eq!(stored(), "test acct_1");
        for other in ["acct_9:test", "acct_1:live"] {
            let fail = run(&sim, &arguments(&["--stripe-account", other]), &[]).unwrap_err();
            assert!(fail.to_string().contains("keeps the test books of acct_1"), "{fail}");
        }
        setup(&Arguments::default(), &settings(&[]), sim.clone()).unwrap();
        assert_eq!(stored(), "test acct_1", "kept where nothing is said");
        run(&sim, &arguments(&["--stripe-account", "acct_1:test"]), &[("STRIPE_ACCOUNTS", "acct_2=1,acct_3")]).unwrap();
        assert_eq!(stored(), "test acct_1 acct_2", "a connected account that names its company");
        run(&sim, &arguments(&["--stripe-account", "acct_9:live", "--change-stripe-account"]), &[]).unwrap();
        assert_eq!(stored(), "live acct_9");
        let user = sim.party.borrow().user_named(CLERK_LOGIN).unwrap();
        let groups = if version == Version::V19 { "group_ids" } else { "groups_id" };
        let theirs = sim.party.borrow().field_value("res.users", user, groups);
        let group = named(&sim, "group_worker").unwrap();
        assert!(theirs.as_array().unwrap().contains(&json!(group)), "the Worker's user is in the group");
    }
}
