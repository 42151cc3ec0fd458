//! The opening entries: what Stripe held before the first instant to book, drafted, brought up to date, and compared
//! when posted.

use crate::common::setup::VERSIONS;
use crate::common::{World, arguments};
use quittance::erp::odoo::setup::{ChangeKind, Report};
use quittance::stripe::client::Client;
use quittance::stripe::form::Form;
use quittance_cli::fail::CommandResult;
use quittance_cli::odoo::{setup, setup_client};
use quittance_cli::ports::block_on;
use quittance_sim::odoo::Version;
use quittance_sim::stripe::merchant::{Pay, Refund};
use serde_json::{Value, json};

fn run(world: &World, typed: &[&str]) -> CommandResult<(Report, Vec<String>)> {
    setup(&arguments(typed), &world.settings, world.http.clone())
}

fn call(world: &World, model: &str, method: &str, ids: Option<&[i64]>, args: Value) -> Value {
    let client = setup_client(&arguments(&[]), &world.settings, world.http.clone()).unwrap();
    let session = block_on(client.open()).unwrap();
    block_on(client.call(session, model, method, ids, args.as_object().unwrap().clone())).unwrap()
}

/// Account code, amount, currency, value.
type Lines = Vec<(String, String, String, String)>;

/// The entry of `quittance.{name}`, and its lines as account code, amount, currency and value in the company's own.
fn entry(world: &World, name: &str) -> Option<(Value, Lines)> {
    let domain = json!([["module", "=", "quittance"], ["name", "=", name]]);
    let data = call(world, "ir.model.data", "search_read", None, json!({"domain": domain, "fields": ["res_id"]}));
    let id = data[0]["res_id"].as_i64()?;
    let fields = json!({"fields": ["state", "date", "ref", "journal_id"]});
    let head = call(world, "account.move", "read", Some(&[id]), fields)[0].clone();
    let asked = json!({"domain": [["move_id", "=", id]], "fields": ["account_id", "amount_currency", "currency_id", "balance"]});
    let rows = call(world, "account.move.line", "search_read", None, asked);
    let line = |row: &Value| {
        let account = call(
            world,
            "account.account",
            "read",
            Some(&[row["account_id"][0].as_i64().unwrap()]),
            json!({"fields": ["code"]}),
        );
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (text(&account[0]["code"]), text(&row["amount_currency"]), text(&row["currency_id"][1]), text(&row["balance"]))
    };
    Some((head, rows.as_array().unwrap().iter().map(line).collect()))
}

fn lines(of: &[(&str, &str, &str, &str)]) -> Lines {
    of.iter().map(|(a, b, c, d)| ((*a).into(), (*b).into(), (*c).into(), (*d).into())).collect()
}

/// A merchant who has been paid in dollars and, apart, in euros: 10.37 USD net of one charge less a refund of 1.00, and
/// euros that Stripe keeps as euros.
fn merchant(name: &str, version: Version) -> World {
    let world = World::of(name, version);
    world.stripe.borrow_mut().settings.settles = [("eur".to_owned(), "eur".to_owned())].into();
    world.odoo.borrow_mut().set_rate("EUR", 1, "0.8");
    let charge = world.stripe.borrow_mut().pay(&Pay::card(1099, "usd")).unwrap().charge;
    world.stripe.borrow_mut().pay(&Pay::card(5000, "eur")).unwrap();
    world.run_out();
    world.stripe.borrow_mut().refund(&Refund::part(&charge, 100)).unwrap();
    world.run_out();
    world
}

#[test]
fn what_stripe_held_is_drafted_and_kept_up_to_date() {
    for version in VERSIONS {
        let world = merchant(&format!("opening-{version:?}"), version);
        let instant = (world.now() + 1).to_string();
        let typed = [
            "--settlement-currency",
            "EUR",
            "--book-from",
            &instant,
            "--opening-account",
            "400000",
            "--time-zone",
            "Pacific/Kiritimati",
        ];
        let dry: Vec<&str> = typed.iter().copied().chain(["--dry-run"]).collect();
        let foretold = run(&world, &dry).unwrap().1;
        assert!(foretold.iter().any(|line| line.starts_with("would make   quittance.opening_1_usd")), "{foretold:#?}");
        assert_eq!(entry(&world, "opening_1_usd"), None);
        let told = run(&world, &typed).unwrap().1;
        assert!(
            told.iter().any(|line| line.contains("2 balance transactions") && line.contains("sum to 9.37 USD")),
            "{told:#?}"
        );
        let (head, usd) = entry(&world, "opening_1_usd").unwrap();
        // Kiritimati is 14 hours ahead: the day there has begun.
        assert_eq!((&head["state"], &head["date"]), (&json!("draft"), &json!("2026-11-22")));
        assert_eq!(head["journal_id"][1], "Stripe");
        assert_eq!(usd, lines(&[("101405", "9.37", "USD", "9.37"), ("400000", "-9.37", "USD", "-9.37")]));
        let (_, eur) = entry(&world, "opening_1_eur").unwrap();
        let net = eur[0].1.clone();
        assert_eq!((eur[0].0.as_str(), eur[0].2.as_str()), ("101406", "EUR"));
        assert_eq!(eur[1], ("400000".into(), format!("-{net}"), "EUR".into(), format!("-{}", eur[0].3)));
        assert_ne!(eur[0].3, net, "in dollars at Odoo's rate");

        let again = run(&world, &typed).unwrap().0;
        assert!(again.changes.iter().all(|c| c.act == ChangeKind::Keep), "{again:?}");
        assert_eq!(again.notes, Vec::<String>::new());

        // A later instant: more was held.
        world.stripe.borrow_mut().pay(&Pay::card(2000, "usd")).unwrap();
        world.run_out();
        let instant = (world.now() + 1).to_string();
        let later = ["--book-from", &instant, "--opening-account", "121000"];
        let changed = run(&world, &later).unwrap().0;
        assert!(
            changed.changes.iter().any(|c| c.act == ChangeKind::Update && c.name == "quittance.opening_1_usd"),
            "{changed:?}"
        );
        let (_, usd) = entry(&world, "opening_1_usd").unwrap();
        assert_eq!(usd.len(), 2);
        assert_eq!((usd[1].0.as_str(), usd[0].1 != "9.37"), ("121000", true));

        // Posted: what differs is told, nothing is changed.
        let domain = json!([["module", "=", "quittance"], ["name", "=", "opening_1_usd"]]);
        let data = call(&world, "ir.model.data", "search_read", None, json!({"domain": domain, "fields": ["res_id"]}));
        call(&world, "account.move", "action_post", Some(&[data[0]["res_id"].as_i64().unwrap()]), json!({}));
        world.stripe.borrow_mut().pay(&Pay::card(3000, "usd")).unwrap();
        world.run_out();
        let instant = (world.now() + 1).to_string();
        let told = run(&world, &["--book-from", &instant, "--opening-account", "121000"]).unwrap().1;
        let note = told.iter().find(|line| line.starts_with("note") && line.contains("posted")).unwrap();
        assert!(note.contains(&format!("with {} USD", usd[0].1)) && note.contains("difference 2"), "{note}");
        assert_eq!(entry(&world, "opening_1_usd").unwrap().1, usd);
    }
}

/// More than one page, to the cent.
#[test]
fn every_page_is_walked() {
    let world = World::fresh("opening-pages");
    for amount in 0..130 {
        world.stripe.borrow_mut().pay(&Pay::card(1000 + amount, "usd")).unwrap();
    }
    world.run_out();
    let instant = (world.now() + 1).to_string();
    let told = run(&world, &["--book-from", &instant, "--opening-account", "400000"]).unwrap().1;
    assert!(told.iter().any(|line| line.contains("130 balance transactions")), "{told:#?}");
    let config = quittance::config::Config::stripe(&|name| world.settings.get(name).map(str::to_owned)).unwrap();
    let balance = block_on(Client::new(&*world.http, &config).get("/v1/balance", &Form::new())).unwrap();
    let held = balance.parse::<Value>().unwrap()["pending"][0]["amount"].as_i64().unwrap();
    let amount = format!("{}.{:02}", held / 100, held % 100);
    let shown = entry(&world, "opening_1_usd").unwrap().1[0].1.parse::<f64>().unwrap();
    assert_eq!(format!("{shown:.2}"), amount);
    // Nothing is before the first of all.
    let told = run(&world, &["--book-from", "1000", "--opening-account", "400000", "--dry-run"]).unwrap().1;
    assert!(
        told.iter().any(|line| line.contains("no balance transaction before 1970-01-01 00:16:40 UTC")),
        "{told:#?}"
    );
}

#[test]
fn what_keeps_an_opening_entry_from_being_made() {
    let mut world = merchant("opening-refused", Version::V18);
    let instant = (world.now() + 1).to_string();
    let refused = |world: &World, typed: &[&str]| {
        let typed: Vec<&str> = ["--book-from", &instant].into_iter().chain(typed.iter().copied()).collect();
        run(world, &typed).unwrap_err().to_string()
    };
    let told = refused(&world, &["--opening-account", "400000"]);
    assert!(told.contains("EUR: add --settlement-currency EUR"), "{told}");
    assert_eq!(entry(&world, "opening_1_usd"), None, "all or none");
    let told = refused(&world, &["--settlement-currency", "EUR", "--opening-account", "999000"]);
    assert!(told.contains("Account 999000 of company 1 does not exist"), "{told}");
    let told = refused(&world, &["--opening-account", "101405"]);
    assert!(told.contains("is the Stripe balance account itself"), "{told}");
    world.odoo.borrow_mut().drop_rates("EUR");
    world.odoo.borrow_mut().set_rate_of("2027-01-01", "EUR", 1, "0.8");
    let told = refused(&world, &["--opening-account", "400000"]);
    assert!(told.contains("has no rate of EUR of 2026-"), "a rate of a later day is none: {told}");
    assert_eq!(entry(&world, "opening_1_usd"), None, "all or none");
    world.odoo.borrow_mut().set_rate("EUR", 1, "0.8");
    let eur =
        call(&world, "res.currency", "search", None, json!({"domain": [["name", "=", "EUR"]]}))[0].as_i64().unwrap();
    call(&world, "res.currency", "write", Some(&[eur]), json!({"vals": {"rounding": 1}}));
    assert!(refused(&world, &["--opening-account", "400000"]).contains("Odoo cannot hold exactly"));
    world.settings.set("STRIPE_API_KEY", "");
    assert!(refused(&world, &["--opening-account", "400000"]).contains("STRIPE_API_KEY"));
}
