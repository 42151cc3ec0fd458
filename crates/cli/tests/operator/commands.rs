//! What each command shows and does.

use quittance_cli::events::{ActionArguments, Arguments, Command, List, Replay, run};
use quittance_cli::recover;
use quittance_sim::stripe::merchant::Pay;
use serde_json::Value;

use super::*;

fn events(desk: &OperatorBench, command: Command) -> Result<Vec<String>, String> {
    let arguments = Arguments { json: false, command };
    run(&arguments, &desk.settings(), desk.http()).map_err(|fail| fail.to_string())
}

fn list(desk: &OperatorBench, wanted: List) -> Vec<String> {
    events(desk, Command::List(List { limit: 50, ..wanted })).unwrap()
}

/// A receipt that found no invoice, and a payment that is refused.
fn trade(desk: &mut OperatorBench) -> (String, String) {
    let free = desk.world.stripe.borrow_mut().pay(&Pay::card(12_345, "usd")).unwrap();
    let bad = desk.world.stripe.borrow_mut().pay(&Pay::card(5_000, "gbp")).unwrap();
    desk.world.pass(120);
    (free.payment_intent, bad.payment_intent)
}

fn event_of(desk: &OperatorBench, payment: &str, kind: &str) -> String {
    let rows = desk.world.db.query(&format!("SELECT id FROM inbox WHERE subject = '{payment}' AND type = '{kind}'"));
    rows[0]["id"].as_str().unwrap().to_owned()
}

#[test]
fn events_are_listed_shown_and_replayed() {
    let mut desk = OperatorBench::open(1, Version::V18);
    let (free, bad) = trade(&mut desk);
    let lines = list(&desk, List { find: Some(free.clone()), ..List::default() });
    assert!(lines.iter().any(|line| line.contains("payment_intent.succeeded") && line.contains("done")), "{lines:#?}");
    assert!(
        lines.iter().any(|line| line.contains("paid 123.45 USD PSTRP") && line.contains("[unallocated]")),
        "{lines:#?}"
    );
    let parked = list(&desk, List { state: Some("parked".into()), ..List::default() });
    assert!(parked.iter().all(|line| line.contains("parked (currency_inactive)")), "{parked:#?}");
    assert_eq!(list(&desk, List { find: Some("pi_none".into()), ..List::default() }), ["There are none."]);
    let event = event_of(&desk, &bad, "payment_intent.succeeded");
    let story = events(&desk, Command::Show { event: event.clone() }).unwrap().join("\n");
    for part in [
        "because of currency_inactive",
        "what to do Activate the currency",
        "Attempts",
        "Other events of it",
        "Possible: quittance events replay|ignore",
    ] {
        assert!(story.contains(part), "{part}: {story}");
    }
    desk.world.odoo.borrow_mut().set_rate("GBP", 1, "0.75");
    desk.world.odoo.borrow_mut().settle_in(1, "GBP");
    let replay = Replay { code: Some("currency_inactive".into()), reason: "rate entered".into(), ..Replay::default() };
    let done = events(&desk, Command::Replay(replay.clone())).unwrap();
    assert_eq!(done.len(), parked.len());
    assert!(done.iter().all(|line| line.ends_with("is received now")), "{done:?}");
    desk.world.pass(300);
    assert_eq!(desk.world.state(&event).0, "done");
    assert_eq!(events(&desk, Command::Replay(replay)).unwrap_err(), "Nothing is parked with this code.");
    let audit = events(&desk, Command::Audit).unwrap();
    assert!(audit[0].contains("token:alice  replay") && audit[0].ends_with("because: rate entered"), "{audit:?}");
    let health = events(&desk, Command::Health).unwrap().join("\n");
    assert!(health.contains("unallocated 2") && health.contains("in test mode"), "{health}");
    desk.world.finish();
}

#[test]
fn events_are_parked_and_ignored_with_a_reason() {
    let mut desk = OperatorBench::open(2, Version::V18);
    let (free, bad) = trade(&mut desk);
    let event = event_of(&desk, &bad, "payment_intent.succeeded");
    let deed = |event: &str| ActionArguments { event: event.to_owned(), reason: "a test payment".into() };
    assert_eq!(events(&desk, Command::Ignore(deed(&event))).unwrap(), [format!("{event} is ignored now")]);
    let done = event_of(&desk, &free, "payment_intent.succeeded");
    let refused = events(&desk, Command::Park(deed(&done))).unwrap_err();
    assert!(refused.contains("An event that is done") && refused.contains("action_not_possible"), "{refused}");
    assert!(events(&desk, Command::Ignore(deed("evt_none"))).unwrap_err().contains("not_found"));
    desk.world.finish();
}

#[test]
fn a_receipt_is_assigned_by_its_payment() {
    for version in Version::ALL {
        let mut desk = OperatorBench::open(3, version);
        let (free, _) = trade(&mut desk);
        let listed = events(&desk, Command::Unallocated).unwrap();
        assert!(listed.len() == 1 && listed[0].contains("123.45 USD") && listed[0].contains(&free), "{listed:?}");
        let invoice = desk.world.odoo.borrow_mut().invoice(&quittance_sim::odoo::Invoice::of("100.00", "USD"));
        let number = desk.world.odoo.borrow().number(invoice);
        let assign = |invoice: String| Command::Assign { receipt: free.clone(), invoice, reason: String::new() };
        let told = events(&desk, assign(number.clone())).unwrap();
        assert_eq!(
            told,
            ["Allocated 100.00; 23.45 of the receipt is free.".to_owned(), format!("  {number}, 0.00 USD left open")]
        );
        assert_eq!(desk.world.odoo.borrow().residual(invoice), rust_decimal::Decimal::ZERO);
        let refused = events(&desk, assign("INV/1".into())).unwrap_err();
        assert!(refused.contains("invoice_missing: no invoice of a customer is called so"), "{refused}");
        let dismiss = Command::Dismiss { receipt: free.clone(), reason: "credit for next time".into() };
        assert!(events(&desk, dismiss).unwrap()[0].ends_with("dismissed"));
        assert_eq!(events(&desk, Command::Unallocated).unwrap(), ["There are none."]);
        desk.world.finish();
    }
}

#[test]
fn what_the_worker_says_is_told_in_a_sentence() {
    let mut desk = OperatorBench::open(4, Version::V18);
    let mut settings = desk.settings();
    let health = |settings: &Settings, desk: &OperatorBench| {
        let arguments = Arguments { json: true, command: Command::Health };
        run(&arguments, settings, desk.http()).map_err(|fail| fail.to_string())
    };
    let json: Value = serde_json::from_str(&health(&settings, &desk).unwrap()[0]).unwrap();
    assert_eq!(json["counts"]["parked"], 0);
    settings.set("ADMIN_TOKEN", "another-token-that-is-long-enough-1");
    assert!(health(&settings, &desk).unwrap_err().contains("does not take this ADMIN_TOKEN"));
    desk.net.config.borrow_mut().admin.token = None;
    assert!(health(&settings, &desk).unwrap_err().contains("has no API for operators"));
    settings.set("WORKER_URL", "http://example.com");
    assert!(health(&settings, &desk).unwrap_err().contains("WORKER_URL is an address like https"));
    desk.world.pass(1);
    desk.world.finish();
}

#[test]
fn recover_shows_what_is_missing_before_it_acts() {
    let mut desk = OperatorBench::open(5, Version::V18);
    let (free, _) = trade(&mut desk);
    desk.world.pass(1_000);
    let lost = event_of(&desk, &free, "payment_intent.succeeded");
    let delete = |sql| desk.world.db.run(&[quittance::ports::Stmt::new(sql, [])]).unwrap();
    delete("DELETE FROM inbox WHERE type = 'payment_intent.succeeded'");
    let run = |act: bool, yes: bool| {
        let arguments = recover::Arguments { act, reason: "lost".into(), ..recover::Arguments::default() };
        let mut asked = Vec::new();
        let told =
            recover::run(&arguments, &desk.settings(), desk.http(), &desk.world.clock, &mut |lines: &[String]| {
                asked = lines.to_vec();
                yes
            });
        (told.unwrap(), asked)
    };
    let (told, asked) = run(false, false);
    assert!(asked[0].contains("the ledger lacks 2.") && asked[1].contains("payment_intent.succeeded"), "{asked:?}");
    assert_eq!(told.last().unwrap(), "Nothing was changed; --act stores them.");
    assert_eq!(desk.world.state(&lost).0, "");
    let (told, asked) = run(false, true);
    assert!(!asked.is_empty() && told[0].starts_with("Stored 2."), "{told:?}");
    let (told, asked) = run(true, false);
    assert!(asked.is_empty() && told[0].contains("the ledger lacks 0."), "{told:?}");
    desk.world.pass(60);
    assert_eq!(desk.world.state(&lost).0, "done");
    assert_eq!(desk.world.odoo.borrow().payments().len(), 1);
    for wrong in ["yesterday", "2026-13-01", ""] {
        let arguments = recover::Arguments { since: Some(wrong.into()), ..recover::Arguments::default() };
        let fail =
            recover::run(&arguments, &desk.settings(), desk.http(), &desk.world.clock, &mut |_: &[String]| false);
        assert!(fail.unwrap_err().to_string().contains("--since is a day"), "{wrong}");
    }
    desk.world.finish();
}
