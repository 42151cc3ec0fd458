//! Set-up and one booking in a real Odoo, when the environment names one (ODOO_URL, ODOO_DB, ODOO_LOGIN,
//! ODOO_API_KEY, ODOO_SETUP_LOGIN, ODOO_SETUP_API_KEY; a database made for trials). Without them there is nothing
//! to try, and the test says so.

use std::path::Path;
use std::rc::Rc;

use crate::common::{Switch, World, arguments};
use quittance::config::{Config, Odoo};
use quittance::erp::odoo::procedure;
use quittance::erp::odoo::setup::{ChangeKind, Report};
use quittance::erp::odoo::transport::Client;
use quittance::erp::odoo::{OdooErp, Owner};
use quittance::erp::{Answer, Books};
use quittance::money::Money;
use quittance::movement::{Movement, MovementKind, Record, Reference};
use quittance::ports::{Clock, Http};
use quittance_cli::odoo::{Arguments, matching, setup, setup_client};
use quittance_cli::ports::{Network, NoCache, SystemClock, block_on};
use quittance_cli::settings::Settings;
use quittance_sim::stripe::merchant::{Dispute, Pay, Payout};
use quittance_sim::stripe::method::Method;
use serde_json::{Value, json};

#[test]
fn set_up_then_book_then_book_again() {
    let settings = Settings::read(Path::new("/nonexistent")).unwrap();
    if settings.get("ODOO_SETUP_API_KEY").is_none() {
        eprintln!("skipped: the environment names no Odoo (ODOO_URL, …, ODOO_SETUP_API_KEY)");
        return;
    }
    let http = Rc::new(Network::default());
    // Another test may have set up the same database for its simulated Stripe.
    let arguments = arguments(&["--stripe-account", "acct_try:test", "--change-stripe-account"]);
    let (first, _) = setup(&arguments, &settings, http.clone()).unwrap();
    let (again, _) = setup(&arguments, &settings, http.clone()).unwrap();
    assert!(again.changes.iter().all(|c| c.act == ChangeKind::Keep), "{again:?}");
    assert_eq!(first.book_from, again.book_from);

    let admin = setup_client(&arguments, &settings, http.clone()).unwrap();
    let odoo: Odoo = Config::odoo(&|name| settings.get(name).map(str::to_owned)).unwrap();
    let (id, number) = invoice(&admin, first.companies[0]);
    let erp = OdooErp::new(&odoo, &matching(), Owner::default(), http, Rc::new(NoCache));
    let hashes = block_on(erp.hashes()).unwrap();
    assert_eq!(hashes, procedure::ALL.map(|p| (p.name, p.hash.to_owned())));
    let event = paid(&odoo.db, id);
    for duplicate in [false, true] {
        let answers = block_on(erp.apply(std::slice::from_ref(&event))).unwrap();
        let Answer::Booked(booking) = &answers[0] else { panic!("{answers:?}") };
        assert_eq!(booking.duplicate, duplicate, "{booking:?}");
        assert_eq!(booking.model, "account.payment");
        assert_eq!(booking.documents[0].name, number);
        assert_eq!(booking.documents[0].residual, "0.00");
        eprintln!("{} {booking:?}", first.major);
    }
}

/// The whole books with an opening entry in two currencies, from a simulated Stripe. Odoo needs a rate of EUR.
#[test]
fn set_up_the_books_and_open_them() {
    let mut settings = Settings::read(Path::new("/nonexistent")).unwrap();
    if settings.get("ODOO_SETUP_API_KEY").is_none() {
        eprintln!("skipped: the environment names no Odoo (ODOO_URL, …, ODOO_SETUP_API_KEY)");
        return;
    }
    settings.set("STRIPE_API_KEY", "sk_test_sim");
    let world = World::fresh("real-opening");
    world.stripe.borrow_mut().settings.settles = [("eur".to_owned(), "eur".to_owned())].into();
    world.stripe.borrow_mut().pay(&Pay::card(1099, "usd")).unwrap();
    world.stripe.borrow_mut().pay(&Pay::card(5000, "eur")).unwrap();
    world.run_out();
    let http = beside(&world);
    let admin = setup_client(&Arguments::default(), &settings, http.clone()).unwrap();
    let session = block_on(admin.open()).unwrap();
    let call = |model: &str, method: &str, ids: Option<&[i64]>, args: Value| {
        block_on(admin.call(session, model, method, ids, args.as_object().unwrap().clone())).unwrap()
    };
    let equity = equity(&admin);
    let instant = (world.now() + 1).to_string();
    let mut typed = vec!["--settlement-currency", "EUR", "--book-from", &instant, "--opening-account", &equity];
    typed.extend(["--time-zone", "UTC", "--change-stripe-account"]);
    let (first, told) = setup(&arguments(&typed), &settings, http.clone()).unwrap();
    eprintln!("{}", told.join("\n"));
    let (again, _) = setup(&arguments(&typed), &settings, http).unwrap();
    assert!(again.changes.iter().all(|c| c.act == ChangeKind::Keep), "{again:?}");
    let company = first.companies[0];
    for (currency, amount) in [("usd", 10.37), ("eur", 48.25)] {
        let name = format!("opening_{company}_{currency}");
        let found =
            call("ir.model.data", "check_object_reference", None, json!({"module": "quittance", "xml_id": name}));
        let fields =
            json!({"domain": [["move_id", "=", found[1]]], "fields": ["amount_currency", "balance", "currency_id"]});
        let lines = call("account.move.line", "search_read", None, fields);
        eprintln!("{} {lines}", first.major);
        let held = lines.as_array().unwrap().iter().find(|line| line["amount_currency"].as_f64() == Some(amount));
        assert!(held.is_some_and(|line| line["balance"].as_f64().unwrap() > 0.0), "{lines}");
    }
}

/// A debit that had begun, a payment that is not on the balance yet, a dispute and a payout: each is drafted once, goes at an
/// instant before it, and the receipt of the debit meets its entry. Needs a database of its own.
#[test]
fn what_is_under_way_at_the_cut_over() {
    let mut settings = Settings::read(Path::new("/nonexistent")).unwrap();
    if settings.get("ODOO_SETUP_API_KEY").is_none() {
        eprintln!("skipped: the environment names no Odoo (ODOO_URL, …, ODOO_SETUP_API_KEY)");
        return;
    }
    settings.set("STRIPE_API_KEY", "sk_test_sim");
    let world = World::fresh("real-cut-over");
    let http = beside(&world);
    let before = (world.now() - 2 * 86_400).to_string();
    let card = |amount: i64| world.stripe.borrow_mut().pay(&Pay::card(amount, "usd")).unwrap();
    world.stripe.borrow_mut().settings.payouts.automatic = false;
    let contested = card(2_000).payment_intent;
    card(30_000);
    world.run_out();
    // Until the money is available.
    world.clock.advance_to(world.clock.now_ms() + 4 * 86_400_000);
    world.run_out();
    let debit = {
        let mut stripe = world.stripe.borrow_mut();
        stripe.settings.clear_after_ms = 5 * 86_400_000;
        stripe.settings.settle_after_ms = 6 * 3_600_000;
        stripe.payout(&Payout::of(10_000, "usd")).unwrap();
        stripe.dispute(&Dispute::of(&contested)).unwrap();
        stripe.pay(&Pay { method: Method::Delayed, ..Pay::card(12_345, "usd") }).unwrap().payment_intent
    };
    card(4_000);
    let instant = (world.now() + 1).to_string();
    let admin = setup_client(&Arguments::default(), &settings, http.clone()).unwrap();
    let equity = equity(&admin);
    let set_up = |instant: &str| {
        let typed = ["--book-from", instant, "--opening-account", &equity, "--change-stripe-account"];
        let (report, told) = setup(&arguments(&typed), &settings, http.clone()).unwrap();
        eprintln!("{}", told.join("\n"));
        report
    };
    let kept = |report: &Report| report.changes.iter().all(|change| change.act == ChangeKind::Keep);
    let session = block_on(admin.open()).unwrap();
    let call = |model: &str, method: &str, ids: Option<&[i64]>, args: Value| {
        block_on(admin.call(session, model, method, ids, args.as_object().unwrap().clone())).unwrap()
    };
    let named = || {
        let domain = json!([["module", "=", "quittance"], ["name", "=like", "flight_%"]]);
        let rows = call("ir.model.data", "search_read", None, json!({"domain": domain, "fields": ["res_id"]}));
        rows.as_array().unwrap().iter().map(|row| row["res_id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let first = set_up(&instant);
    let company = first.companies[0];
    assert!(kept(&set_up(&instant)));
    assert_eq!(named().len(), 4);
    set_up(&before);
    assert_eq!(named().len(), 0);
    set_up(&instant);
    let entries = named();
    let lines = json!({"domain": [["move_id", "in", entries]], "fields": ["account_id", "amount_currency", "name"]});
    let lines = call("account.move.line", "search_read", None, lines);
    let mut amounts: Vec<String> =
        lines.as_array().unwrap().iter().map(|line| line["amount_currency"].to_string()).collect();
    amounts.sort();
    let all = ["-100.0", "-123.45", "-20.0", "-40.0", "100.0", "123.45", "20.0", "40.0"];
    assert_eq!(amounts, all, "{lines}");
    call("account.move", "action_post", Some(&entries), json!({}));
    let again = set_up(&instant);
    assert!(kept(&again), "{again:?}");

    let odoo: Odoo = Config::odoo(&|name| settings.get(name).map(str::to_owned)).unwrap();
    let account = world.stripe.borrow().settings.account.clone();
    let mut event = paid(&odoo.db, invoice(&admin, company).0);
    event.key = format!("stripe:{account}:{debit}:succeeded");
    (event.account, event.payment) = (account, debit);
    let erp = OdooErp::new(&odoo, &matching(), Owner::default(), http.clone(), Rc::new(NoCache));
    let answers = block_on(erp.apply(std::slice::from_ref(&event))).unwrap();
    let Answer::Booked(booking) = &answers[0] else { panic!("{answers:?}") };
    assert_eq!(booking.documents[0].residual, "0.00");
    let asked = json!({"domain": [["move_id", "in", entries], ["amount_currency", "=", -123.45]],
        "fields": ["account_id", "amount_residual", "reconciled"]});
    let met = call("account.move.line", "search_read", None, asked);
    eprintln!("{} {met}", first.major);
    assert!(met.as_array().unwrap().iter().any(|line| line["reconciled"] == true), "{met}");
}

/// The simulated Stripe and the real Odoo on one network.
fn beside(world: &World) -> Rc<dyn Http> {
    let (stripe, real) = (world.http.clone(), Network::default());
    Rc::new(Switch(vec![
        ("https://api.stripe.com", Box::new(move |request, timeout| block_on(stripe.send(request, timeout)))),
        ("http", Box::new(move |request, timeout| block_on(real.send(request, timeout)))),
    ]))
}

/// Code of an account for opening entries.
fn equity(admin: &Client) -> String {
    let session = block_on(admin.open()).unwrap();
    let asked = json!({"domain": [["account_type", "=", "equity"]], "fields": ["code"], "limit": 1});
    let asked = asked.as_object().unwrap().clone();
    let rows = block_on(admin.call(session, "account.account", "search_read", None, asked)).unwrap();
    rows[0]["code"].as_str().unwrap().to_owned()
}

fn paid(db: &str, invoice: i64) -> Movement {
    let payment = format!("pi_try{}", SystemClock.now_ms());
    Movement {
        key: format!("stripe:acct_try:{payment}:succeeded"),
        kind: MovementKind::Paid,
        account: "acct_try".into(),
        livemode: false,
        payment,
        charge: None,
        method: None,
        money: Money::new(12_345, "USD".parse().unwrap()),
        occurred: SystemClock.now(),
        customer: None,
        reason: None,
        reference: Reference {
            database: Some(db.into()),
            records: vec![Record { model: "account.move".into(), id: invoice, ..Record::default() }],
            ..Reference::default()
        },
        flags: vec![],
        detail: None,
    }
}

/// A posted invoice of 123.45 USD: its id and number.
fn invoice(admin: &Client, company: i64) -> (i64, String) {
    let session = block_on(admin.open()).unwrap();
    let call = |model: &str, method: &str, ids: Option<&[i64]>, mut args: Value| {
        args["context"] = json!({"allowed_company_ids": [company]});
        block_on(admin.call(session, model, method, ids, args.as_object().unwrap().clone())).unwrap()
    };
    let partner = call("res.partner", "create", None, json!({"vals_list": [{"name": "A customer"}]}))[0].clone();
    let usd = call("res.currency", "search_read", None, json!({"domain": [["name", "=", "USD"]], "fields": ["id"]}));
    let line = json!([0, 0, {"name": "Work", "quantity": 1, "price_unit": 123.45, "tax_ids": [[6, 0, []]]}]);
    let values = json!({"move_type": "out_invoice", "partner_id": partner, "currency_id": usd[0]["id"],
        "invoice_date": "2026-11-21", "invoice_line_ids": [line]});
    let id = call("account.move", "create", None, json!({"vals_list": [values]}))[0].as_i64().unwrap();
    call("account.move", "action_post", Some(&[id]), json!({}));
    let read = call("account.move", "read", Some(&[id]), json!({"fields": ["name"]}));
    (id, read[0]["name"].as_str().unwrap().to_owned())
}
