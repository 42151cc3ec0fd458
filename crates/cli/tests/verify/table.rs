//! The report for people: nothing is wider than 100 columns, whatever is in it, and what matters stands there.

use quittance_cli::fail::CommandResult;
use quittance_cli::verify::report::Report;
use quittance_cli::verify::{Arguments, render};
use quittance_sim::odoo::Version;
use serde_json::json;

use crate::trade::Trade;

fn shown(outcome: &CommandResult<Report>) -> String {
    let told = render(outcome, &Arguments::default());
    // `cargo test -p quittance-cli --test verify table -- --nocapture` shows them.
    println!("{}\n\n{}\n", told.lines.join("\n"), "=".repeat(100));
    for line in &told.lines {
        assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
        assert_eq!(line.trim_end(), line, "white space at the end");
    }
    told.lines.join("\n")
}

/// A month with every kind of thing in it.
fn busy() -> Trade {
    let trade = Trade::begin(Version::V18);
    let opening = trade.entry(123_456_789, "2026-10-31", "suspense", "opening");
    trade.moves("charge", "charge", 123_456_789, 0);
    trade.pass(1);
    trade.set_cut_over(1);
    trade.tie("opening_1_usd", opening);
    for n in 1..=30_i64 {
        trade.moves("charge", "charge", 10_000 + n * 137, 320 + n);
        trade.pass(11);
        if n % 6 == 0 {
            trade.moves("refund", "refund", -n * 120, 0);
            trade.moves("payment_refund", "refund", -n * 11, 0);
        }
        if n % 10 == 0 {
            trade.moves("payout", "payout", -n * 3_000, 0);
            trade.moves("adjustment", "dispute", -10_000, 1_500);
            trade.moves("reserved_funds", "risk_reserved_funds", -500, 0);
        }
    }
    trade.moves("stripe_fee", "fee", -2_500, 0);
    trade.moves("stripe_fx_fee", "fee", -133, 0);
    trade.moves("climate_order_purchase", "climate_order_purchase", -700, 0);
    trade.book_since_cut_over();
    trade
}

#[test]
fn equal() {
    let trade = busy();
    let text = shown(&trade.prove(&Arguments::default()));
    assert!(text.contains("EQUAL WITH OPEN ITEMS (exit code 2)"), "{text}");
    assert!(text.contains("1,234,567.89"), "{text}");
}

#[test]
fn differing() {
    let trade = busy();
    let ids: Vec<String> = trade.transactions().iter().map(|t| t["id"].as_str().unwrap().to_owned()).collect();
    let draft = trade.entry_of(&ids[5]).unwrap();
    trade.rpc("account.move", "button_draft", json!([[draft]]));
    trade.entry(
        -777,
        "2026-11-03",
        "suspense",
        "Bank charges of October, by Łukasz, with words that go on and on and on and on",
    );
    for n in 0..25 {
        trade.moves("charge", "charge", 5_000 + n, 100);
    }
    let text = shown(&trade.prove(&Arguments::default()));
    assert!(text.contains("not yet posted (25)"), "{text}");
    assert!(text.contains("and 5 more"), "{text}");
    assert!(text.contains("DIFFERS (exit code 1)"), "{text}");
}

#[test]
fn a_month() {
    let trade = busy();
    let ids: Vec<String> = trade.transactions().iter().map(|t| t["id"].as_str().unwrap().to_owned()).collect();
    trade.redate(&ids[3], "2026-11-04");
    trade.pass(24 * 60);
    let arguments = Arguments { period: Some("2026-11".into()), movements: true, ..Arguments::default() };
    let text = shown(&trade.prove(&arguments));
    assert!(text.contains("booked on another day"), "{text}");
}

#[test]
fn a_past_day() {
    let trade = busy();
    let ids: Vec<String> = trade.transactions().iter().map(|t| t["id"].as_str().unwrap().to_owned()).collect();
    trade.redate(&ids[3], "2026-11-12");
    let text = shown(&trade.prove(&Arguments { at: Some("2026-11-06".into()), ..Arguments::default() }));
    assert!(text.contains("date moved"), "{text}");
}

#[test]
fn not_proved() {
    let text =
        shown(&Trade::begin(Version::V18).prove(&Arguments { at: Some("2026-11-31".into()), ..Arguments::default() }));
    assert!(text.starts_with("NOT PROVED (exit code 3)"), "{text}");
}
