//! Set-up and one booking in a real Odoo, when the environment names one (ODOO_URL, ODOO_DB, ODOO_LOGIN,
//! ODOO_API_KEY, ODOO_SETUP_LOGIN, ODOO_SETUP_API_KEY; a database made for trials). Without them there is nothing
//! to try, and the test says so.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::path::Path;
use std::rc::Rc;

use common::{Switch, World, arguments};
use quittance::config::{Config, Odoo};
use quittance::erp::odoo::procedure;
use quittance::erp::odoo::transport::Client;
use quittance::erp::odoo::{OdooErp, Owner};
use quittance::erp::{Answer, Erp};
use quittance::money::Money;
use quittance::payment::{Kind, PaymentEvent, Record, Reference};
use quittance::ports::{Clock, Http};
use quittance_cli::odoo::{Arguments, matching, setup, setup_client};
use quittance_cli::ports::{Network, NoCache, SystemClock, block_on};
use quittance_cli::settings::Settings;
use quittance_sim::stripe::merchant::Pay;
use serde_json::{Value, json};

#[test]
fn set_up_then_book_then_book_again() {
    let settings = Settings::read(Path::new("/nonexistent")).unwrap();
    if settings.get("ODOO_SETUP_API_KEY").is_none() {
        eprintln!("skipped: the environment names no Odoo (ODOO_URL, …, ODOO_SETUP_API_KEY)");
        return;
    }
    let http = Rc::new(Network::default());
    let arguments = Arguments::default();
    let (first, _) = setup(&arguments, &settings, http.clone()).unwrap();
    let (again, _) = setup(&arguments, &settings, http.clone()).unwrap();
    assert!(again.changes.iter().all(|c| c.act == quittance::erp::odoo::provision::Act::Keep), "{again:?}");
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

/// The whole books with an opening entry in two currencies, from a simulated Stripe.
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
    let (stripe, real) = (world.http.clone(), Network::default());
    let http: Rc<dyn Http> = Rc::new(Switch(vec![
        ("https://api.stripe.com", Box::new(move |request, timeout| block_on(stripe.send(request, timeout)))),
        ("http", Box::new(move |request, timeout| block_on(real.send(request, timeout)))),
    ]));
    let admin = setup_client(&Arguments::default(), &settings, http.clone()).unwrap();
    let session = block_on(admin.open()).unwrap();
    let call = |model: &str, method: &str, ids: Option<&[i64]>, args: Value| {
        block_on(admin.call(session, model, method, ids, args.as_object().unwrap().clone())).unwrap()
    };
    let equity = json!({"domain": [["account_type", "=", "equity"]], "fields": ["code"], "limit": 1});
    let equity = call("account.account", "search_read", None, equity)[0]["code"].as_str().unwrap().to_owned();
    let instant = (world.now() + 1).to_string();
    let typed =
        ["--settlement-currency", "EUR", "--book-from", &instant, "--opening-account", &equity, "--time-zone", "UTC"];
    let (first, told) = setup(&arguments(&typed), &settings, http.clone()).unwrap();
    eprintln!("{}", told.join("\n"));
    let (again, _) = setup(&arguments(&typed), &settings, http).unwrap();
    assert!(again.changes.iter().all(|c| c.act == quittance::erp::odoo::provision::Act::Keep), "{again:?}");
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

fn paid(db: &str, invoice: i64) -> PaymentEvent {
    let payment = format!("pi_try{}", SystemClock.now_ms());
    PaymentEvent {
        key: format!("stripe:acct_try:{payment}:succeeded"),
        kind: Kind::Paid,
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
            records: vec![Record { model: "account.move".into(), id: invoice }],
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
