//! `quittance setup secrets`: what is stored, where, and that nothing is shown.

use std::rc::Rc;

use crate::common::{Line, Machine, Scratch, clock};
use quittance::erp::odoo::setup::{OwnerScope, Stripe};
use quittance::error::Code;
use quittance_cli::fail::CommandResult;
use quittance_cli::odoo;
use quittance_cli::secrets::{Arguments, setup};
use quittance_cli::settings::{Settings, parse};
use quittance_sim::odoo::{ADMIN_KEY, ADMIN_LOGIN, DATABASE, Odoo, Version};

const GOOD: [(&str, &str); 6] = [
    ("STRIPE_API_KEY", "sk_test_key"),
    ("ODOO_URL", "https://books.example.com"),
    ("ODOO_DB", DATABASE),
    ("ODOO_LOGIN", "clerk"),
    ("ODOO_API_KEY", "odoo-key"),
    ("BOOK_FROM", "1795000000"),
];
fn local() -> Arguments {
    Arguments { local: true, ..Arguments::default() }
}

fn odoo() -> Rc<Line<Odoo>> {
    Line::to(Odoo::provisioned(Version::V18, clock(), 1))
}

fn run(arguments: &Arguments, settings: &Settings, machine: &Machine) -> CommandResult<Vec<String>> {
    setup(arguments, settings, odoo(), machine)
}

#[test]
fn the_worker_gets_one_object_by_standard_input() {
    let machine = Machine::default();
    let more = [("MATCH_TOLERANCE", "0.05"), ("UNRELATED", "x")];
    let settings = Settings::from_pairs(GOOD.into_iter().chain(more));
    let lines = run(&Arguments::default(), &settings, &machine).unwrap();
    assert_eq!(*machine.lines.borrow(), ["node_modules/.bin/wrangler secret bulk"]);
    let sent: serde_json::Value = serde_json::from_str(&machine.inputs.borrow()[0]).unwrap();
    assert_eq!(sent["ODOO_API_KEY"], "odoo-key");
    assert_eq!(sent["MATCH_TOLERANCE"], "0.05");
    assert_eq!(sent.get("UNRELATED"), None);
    assert!(lines.iter().all(|line| !line.contains("odoo-key") && !line.contains("sk_test")), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("quittance setup stripe")), "the webhook secret is still missing");
}

#[test]
fn the_variables_file_keeps_what_it_had_and_is_private() {
    let file = Scratch::new("secrets-file");
    std::fs::write(&file.0, "# mine\nOTHER=1\nODOO_DB=before\n").unwrap();
    run(&local(), &Settings::from_pairs(GOOD).with_file(&file.0), &Machine::default()).unwrap();
    let text = file.text();
    assert!(text.starts_with("# mine\nOTHER=1\n"), "{text}");
    let got = parse(&text);
    assert!(GOOD.iter().all(|(name, value)| got[*name] == *value), "{text}");
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file.0).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
    run(&local(), &Settings::from_pairs(GOOD).with_file(&file.0), &Machine::default()).unwrap();
    assert_eq!(file.text(), text, "again changes nothing");
}

/// Cloudflare binds a name once: as a variable of wrangler.toml, or as a secret.
#[test]
fn what_wrangler_toml_sets_is_not_stored_again() {
    let file = Scratch::new("secrets-wrangler.toml");
    std::fs::write(&file.0, "name = \"q\"\n[vars]\nODOO_DB = \"odoo\"\n").unwrap();
    let arguments = Arguments { config: file.0.clone(), ..Arguments::default() };
    let machine = Machine::default();
    let lines = run(&arguments, &Settings::from_pairs(GOOD), &machine).unwrap();
    assert!(!machine.inputs.borrow()[0].contains("ODOO_DB"));
    assert!(lines.iter().any(|line| line.starts_with("left         ODOO_DB")), "{lines:?}");
    let other = Settings::from_pairs(GOOD.into_iter().chain([("ODOO_DB", "another")]));
    let fail = run(&arguments, &other, &machine).unwrap_err();
    assert!(fail.to_string().contains("ODOO_DB has another value"), "{fail}");
    assert_eq!(machine.inputs.borrow().len(), 1);
}

#[test]
fn a_dry_run_stores_nothing() {
    let (file, machine) = (Scratch::new("secrets-dry"), Machine::default());
    let lines =
        run(&Arguments { dry_run: true, ..local() }, &Settings::from_pairs(GOOD).with_file(&file.0), &machine).unwrap();
    assert!(lines[0].starts_with("would store"), "{lines:?}");
    assert_eq!((file.text().as_str(), machine.lines.borrow().len()), ("", 0));
}

#[test]
fn the_first_instant_is_asked_of_odoo() {
    let sim = odoo();
    let keys = [("ODOO_SETUP_LOGIN", ADMIN_LOGIN), ("ODOO_SETUP_API_KEY", ADMIN_KEY)];
    let bare = Settings::from_pairs(GOOD.into_iter().chain(keys).filter(|(name, _)| *name != "BOOK_FROM"));
    let machine = Machine::default();
    let fail = setup(&Arguments::default(), &bare, sim.clone(), &machine).unwrap_err();
    assert!(fail.to_string().contains("quittance setup odoo"), "{fail}");
    let arguments = odoo::Arguments {
        book_from: Some(1_794_000_000),
        login: Some(ADMIN_LOGIN.into()),
        stripe: vec![(Stripe { account: "acct_1".into(), books: OwnerScope::Each }, false)],
        ..odoo::Arguments::default()
    };
    let set_up = Settings::from_pairs(
        GOOD.into_iter().chain(keys).filter(|(name, _)| *name != "ODOO_API_KEY" && *name != "ODOO_LOGIN"),
    );
    odoo::setup(&arguments, &set_up, sim.clone()).unwrap();
    setup(&Arguments::default(), &bare, sim, &machine).unwrap();
    assert!(machine.inputs.borrow()[0].contains("\"BOOK_FROM\":\"1794000000\""));
}

#[test]
fn any_erp_needs_its_address_and_secret_instead() {
    let rpc = [
        ("ERP", "rpc"),
        ("STRIPE_API_KEY", "sk_test_key"),
        ("RPC_URL", "https://erp.example.com"),
        ("RPC_SECRET", "a secret of more than thirty-two characters"),
        ("BOOK_FROM", "1795000000"),
    ];
    let machine = Machine::default();
    run(&Arguments::default(), &Settings::from_pairs(rpc), &machine).unwrap();
    assert!(machine.inputs.borrow()[0].contains("RPC_SECRET") && !machine.inputs.borrow()[0].contains("ODOO"));
    let short = rpc.into_iter().chain([("RPC_SECRET", "short")]);
    let fail = run(&Arguments::default(), &Settings::from_pairs(short), &machine).unwrap_err();
    assert_eq!(fail.code, Some(Code::ConfigInvalid), "{fail}");
}

/// Nothing is stored when anything is missing or wrong, and the sentence names it.
#[test]
fn wrong_inputs() {
    for (name, value, word) in [
        ("STRIPE_API_KEY", "", "STRIPE_API_KEY"),
        ("STRIPE_API_KEY", "pk_test_x", "publishable"),
        ("ODOO_URL", "http://books.example.com", "https://"),
        ("ODOO_API_KEY", " ", "ODOO_API_KEY"),
        ("BOOK_FROM", "yesterday", "BOOK_FROM"),
        ("BOOK_FROM", "", "quittance setup odoo"),
        ("BOOK_FROM", "1795000000000", "seconds (not milliseconds)"),
        ("BOOK_FROM", "4102444801", "seconds (not milliseconds)"),
        ("STRIPE_WEBHOOK_SECRETS", "whsec_...", "position 1"),
        ("MATCH_TOLERANCE", "-1", "MATCH_TOLERANCE"),
    ] {
        let machine = Machine::default();
        let fail = run(&Arguments::default(), &Settings::from_pairs(GOOD.into_iter().chain([(name, value)])), &machine)
            .unwrap_err();
        assert!(fail.to_string().contains(word), "{name}={value}: {fail}");
        assert_eq!(machine.lines.borrow().len(), 0);
    }
}

#[test]
fn an_operators_token_that_can_be_guessed_is_refused_and_not_shown() {
    for (token, good) in [
        ("short-and-secret", false),
        ("01234567890123456789012345678901", false),
        ("N3kq0cXw1v8y7ZbR5tUeJ2mPqL9sDfGh", true),
    ] {
        let settings = Settings::from_pairs(GOOD.into_iter().chain([("ADMIN_TOKEN", token)]));
        let dry = Arguments { dry_run: true, ..Arguments::default() };
        let told = run(&dry, &settings, &Machine::default());
        assert_eq!(told.is_ok(), good, "{told:?}");
        let text = told.map_or_else(|fail| fail.to_string(), |lines| lines.join("\n"));
        assert!(text.contains("ADMIN_TOKEN") && !text.contains(token), "{text}");
    }
}
