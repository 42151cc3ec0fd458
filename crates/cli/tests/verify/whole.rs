//! The whole way: arguments, both parties, report and exit code.

use quittance_cli::verify::finding::Cause;
use quittance_cli::verify::report::{DIFFERS, EQUAL, NOT_PROVED, OPEN_ITEMS, Report};
use quittance_cli::verify::{Arguments, render};
use quittance_sim::odoo::Version;
use serde_json::{Value, json};

use crate::common::{Machine, Scratch};
use crate::trade::Trade;

fn causes(report: &Report) -> Vec<(Cause, String)> {
    let findings = report.sections.iter().flat_map(|section| &section.findings);
    findings.map(|f| (f.cause, f.amount.to_decimal().to_string())).collect()
}

/// A few charges, a refund, a fee, a payout, over three days; booked.
fn traded(version: Version) -> Trade {
    let trade = Trade::begin(version);
    for n in 1..=5 {
        trade.moves("charge", "charge", n * 1_000, 59);
        trade.pass(7);
    }
    trade.moves("refund", "refund", -1_000, 0);
    trade.moves("stripe_fee", "fee", -250, 0);
    trade.pass(24);
    trade.moves("payout", "payout", -6_000, 0);
    trade.book();
    trade
}

#[test]
fn equal_books_of_every_version() {
    for version in Version::ALL {
        let trade = traded(version);
        let report = trade.now();
        // Everything stands against suspense here, which is a reason to look.
        assert_eq!(report.verdict.exit, OPEN_ITEMS, "{:?}", report.verdict);
        assert_eq!(report.sections.len(), 1);
        let section = &report.sections[0];
        assert!(section.holds(), "{section:?}");
        assert_eq!((section.movements, section.equal), (8, 8));
        assert_eq!(section.stripe(), 15_000 - 5 * 59 - 1_000 - 250 - 6_000);
        assert_eq!(section.balance.map(|(a, p)| a + p), Some(section.books()));
        assert_eq!(report.read.movements, 8);
    }
}

#[test]
fn nothing_happened_yet() {
    let report = Trade::begin(Version::V18).now();
    assert_eq!(report.verdict.exit, EQUAL, "{:?}", report.verdict);
    assert!(report.sections.is_empty());
}

#[test]
fn each_difference_by_what_was_done_in_odoo() {
    let trade = traded(Version::V19);
    let ids: Vec<String> = trade.transactions().iter().map(|t| t["id"].as_str().unwrap().to_owned()).collect();
    let entry = |n: usize| trade.entry_of(&ids[n]).unwrap();
    let (draft, cancelled, deleted) = (entry(0), entry(1), entry(2));
    for id in [draft, cancelled, deleted] {
        trade.rpc("account.move", "button_draft", json!([[id]]));
    }
    trade.rpc("account.move", "button_cancel", json!([[cancelled]]));
    trade.rpc("account.move", "unlink", json!([[deleted]]));
    trade.entry(777, "2026-11-02", "suspense", "by hand");
    let late = trade.moves("charge", "charge", 4_200, 0);
    let report = trade.now();
    assert_eq!(report.verdict.exit, DIFFERS);
    let want = [
        (Cause::NotPosted, "-42.00"),
        (Cause::Deleted, "-29.41"),
        (Cause::Draft, "-9.41"),
        (Cause::Cancelled, "-19.41"),
        (Cause::Foreign, "7.77"),
    ];
    assert_eq!(causes(&report), want.map(|(cause, amount)| (cause, amount.to_owned())));
    assert_eq!(report.sections[0].unexplained, 0);
    assert_eq!(report.sections[0].findings[0].transaction.as_deref(), Some(late.as_str()));
    assert_eq!(report.sections[0].findings[4].detail, "by hand, by admin");
}

#[test]
fn an_opening_must_be_what_stripe_had() {
    let trade = Trade::begin(Version::V18);
    let opening = trade.draft(12_345, "2026-10-31", "suspense", "opening");
    trade.tie("opening_1_usd", opening);
    trade.set_cut_over(1);
    trade.moves("charge", "charge", 12_345, 0);
    trade.pass(2);
    trade.moves("charge", "charge", 500, 0);
    trade.book_since_cut_over();
    assert_eq!(causes(&trade.now()), [(Cause::OpeningDraft, "-123.45".to_owned())]);
    trade.rpc("account.move", "action_post", json!([[opening]]));
    let report = trade.now();
    assert!(report.sections[0].holds(), "{:?}", report.sections);
    assert_eq!(report.sections[0].opening, 12_345);
}

#[test]
fn a_past_day_and_a_moved_date() {
    let trade = traded(Version::V17);
    let first = trade.transactions()[0]["id"].as_str().unwrap().to_owned();
    let at = |day: &str| trade.prove(&Arguments { at: Some(day.into()), ..Arguments::default() });
    let report = at("2026-11-01").unwrap();
    assert_eq!(report.sections[0].movements, 4, "0:00, 7:00, 14:00, 21:00");
    assert!(report.sections[0].holds() && report.sections[0].balance.is_none());
    trade.redate(&first, "2026-11-02");
    let report = at("2026-11-01").unwrap();
    assert_eq!(causes(&report), [(Cause::DateMoved, "-9.41".to_owned())]);
    assert!(report.sections[0].holds());
    assert_eq!(report.sections[0].timing.len(), 1);
    assert!(trade.now().sections[0].holds(), "now all of it is there");
    assert!(at("2026-10-01").is_err_and(|fail| fail.sentence.contains("cut-over")));
    assert!(at("2026-11-31").is_err());
}

#[test]
fn an_entry_dated_long_before_its_day() {
    let trade = Trade::begin(Version::V18);
    trade.moves("charge", "charge", 1_000, 0);
    trade.pass(24 * 20);
    let late = trade.moves("charge", "charge", 2_000, 0);
    trade.book();
    trade.redate(&late, "2026-11-02");
    let report = trade.prove(&Arguments { at: Some("2026-11-05".into()), ..Arguments::default() }).unwrap();
    assert_eq!(causes(&report), [(Cause::DateMoved, "20.00".to_owned())]);
    assert!(report.sections[0].holds());
}

#[test]
fn days_are_those_of_the_companys_zone() {
    let trade = Trade::begin(Version::V18);
    trade.set("quittance.zone_1", "America/New_York");
    trade.pass(3);
    trade.moves("charge", "charge", 1_000, 0);
    let entry = trade.entry(1_000, "2026-10-31", "suspense", "x");
    let id = trade.transactions()[0]["id"].as_str().unwrap().to_owned();
    trade.claim(&id, entry);
    trade.pass(24);
    let report = trade.prove(&Arguments { at: Some("2026-10-31".into()), ..Arguments::default() }).unwrap();
    assert_eq!(report.zone, "America/New_York");
    assert_eq!(report.sections[0].movements, 1);
    assert!(report.sections[0].holds() && report.sections[0].timing.is_empty(), "{:?}", report.sections);
}

#[test]
fn what_moves_meanwhile_is_caught_up_with_or_owned_up_to() {
    let trade = traded(Version::V18);
    let one = json!({"type": "charge", "reporting_category": "charge", "amount": 100});
    // Once, between the looks: the walk is caught up with, and the new one is simply not posted yet.
    trade.meanwhile.borrow_mut().push(one.clone());
    let report = trade.now();
    assert_eq!(causes(&report), [(Cause::NotPosted, "-1.00".to_owned())]);
    assert_eq!(report.verdict.exit, DIFFERS);
    trade.book();
    // At every look.
    trade.meanwhile.borrow_mut().extend(std::iter::repeat_n(one, 20));
    let report = trade.now();
    assert_eq!(report.verdict.exit, NOT_PROVED);
    assert!(report.verdict.sentences[0].contains("try again"), "{:?}", report.verdict);
}

#[test]
fn entries_of_unknown_and_early_transactions() {
    let trade = traded(Version::V18);
    let stranger = trade.entry(333, "2026-11-02", "suspense", "no such transaction");
    trade.claim("txn_unheard_of", stranger);
    assert_eq!(causes(&trade.now()), [(Cause::NotInStripe, "3.33".to_owned())]);
    trade.set_cut_over(1);
    let report = trade.now();
    // The first charge is before the cut-over now, and the opening has it neither.
    let early: Vec<_> = causes(&report).into_iter().filter(|(cause, _)| *cause == Cause::BeforeCutOver).collect();
    assert_eq!(early, [(Cause::BeforeCutOver, "9.41".to_owned())]);
    assert_eq!(report.sections[0].unexplained, 0);
}

/// Two that cancel each other change no sum: a charge and its refund from before the cut-over, and two that Stripe never had.
#[test]
fn strays_that_cancel_each_other_are_found() {
    for version in Version::ALL {
        let trade = Trade::begin(version);
        trade.moves("charge", "charge", 2_000, 0);
        trade.moves("refund", "refund", -2_000, 0);
        trade.pass(7);
        trade.moves("charge", "charge", 5_000, 59);
        trade.book();
        trade.set_cut_over(1);
        let report = trade.now();
        assert_eq!(report.verdict.exit, DIFFERS, "{:?}", report.verdict);
        let early = |amount: &str| (Cause::BeforeCutOver, amount.to_owned());
        let mut found = causes(&report);
        found.sort();
        assert_eq!(found, [early("-20.00"), early("20.00")]);
        assert!(report.verdict.sentences[0].starts_with("USD: the sums are equal, and yet 2 differences"));
        for (id, minor) in [("txn_forged1", 333), ("txn_forged2", -333)] {
            let entry = trade.entry(minor, "2026-11-02", "suspense", "forged");
            trade.claim(id, entry);
        }
        let found = causes(&trade.now());
        assert_eq!(found.iter().filter(|(cause, _)| *cause == Cause::NotInStripe).count(), 2, "{found:?}");
        // Of a past day the same.
        trade.pass(48);
        let report = trade.prove(&Arguments { at: Some("2026-11-02".into()), ..Arguments::default() }).unwrap();
        assert_eq!(causes(&report).len(), 4, "{:?}", causes(&report));
    }
}

#[test]
fn other_balances_have_rows_of_their_own() {
    let trade = traded(Version::V18);
    let held = json!({"type": "issuing_transaction", "reporting_category": "issuing_transaction", "amount": -700,
        "balance_type": "issuing"});
    trade.enter(&held);
    let report = trade.now();
    assert!(report.sections[0].holds(), "{:?}", report.sections);
    let other = &report.other_balances[0];
    assert_eq!((other.balance_type.as_str(), other.movements, other.nets.as_str()), ("issuing", 1, "-7.00"));
    assert_eq!(other.now.as_deref(), Some("-7.00"));
}

#[test]
fn what_the_ledger_has_parked() {
    let trade = traded(Version::V18);
    let id = trade.moves("charge", "charge", 900, 0);
    let rows = format!(r#"[{{"results": [{{"object": "{id}", "code": "currency_inactive"}}], "success": true}}]"#);
    let run = Machine::answering(&[("node_modules/.bin/wrangler d1 execute quittance --remote", Ok(rows.as_str()))]);
    let arguments = Arguments { ledger: Some(quittance_cli::secrets::SecretStore::Worker), ..Arguments::default() };
    let report = trade.prove_with(&arguments, &run).unwrap();
    let finding = &report.sections[0].findings[0];
    assert_eq!((finding.cause, finding.detail.as_str()), (Cause::Parked, "currency_inactive"));
}

#[test]
fn what_cannot_be_asked_is_not_proved() {
    let trade = traded(Version::V18);
    let exit = |trade: &Trade, arguments: &Arguments| {
        let outcome = trade.prove(arguments);
        let told = render(&outcome, arguments);
        (told.exit, told.lines.join(" "))
    };
    let (code, said) = exit(&trade, &Arguments { at: Some("yesterday".into()), ..Arguments::default() });
    assert!(code == NOT_PROVED && said.contains("2026-10-31"), "{said}");
    let (code, said) = exit(&trade, &Arguments { overdue: "fees=3".into(), ..Arguments::default() });
    assert!(code == NOT_PROVED && said.contains("role=days"), "{said}");
    trade.unset_cut_over();
    let (code, said) = exit(&trade, &Arguments::default());
    assert!(code == NOT_PROVED && said.contains("quittance setup odoo"), "{said}");
}

#[test]
fn json_carries_a_hash_that_can_be_recomputed() {
    let trade = traded(Version::V18);
    let file = Scratch::new("proof");
    let arguments = Arguments { json: true, movements: true, save: Some(file.0.clone()), ..Arguments::default() };
    let outcome = trade.prove(&arguments);
    let told = render(&outcome, &arguments);
    assert_eq!(told.exit, OPEN_ITEMS);
    let mut json: Value = serde_json::from_str(&told.lines.join("\n")).unwrap();
    assert_eq!(json, serde_json::from_str::<Value>(&file.text()).unwrap());
    let hash = json.as_object_mut().unwrap().remove("sha256").unwrap();
    use sha2::Digest;
    assert_eq!(hash, hex::encode(sha2::Sha256::digest(json.to_string())));
    assert_eq!(json["movements"].as_array().unwrap().len(), 8);
    assert_eq!(json["cut_over"]["utc"], "2026-11-01 00:00:00");
    assert_eq!(json["zone"], "UTC");
}

#[test]
fn a_month_lies_beside_stripes_report() {
    let trade = traded(Version::V18);
    trade.pass(24 * 40);
    let report = trade.prove(&Arguments { period: Some("2026-11".into()), ..Arguments::default() }).unwrap();
    let period = &report.periods[0];
    let line = |category: &str| period.lines.iter().find(|line| line.category == category).unwrap();
    let charges = line("charge");
    assert_eq!((charges.count, charges.gross.minor, charges.fees.minor), (5, 15_000, 295));
    assert_eq!((charges.net.minor, charges.books.minor), (14_705, 14_705));
    assert_eq!(line("payout").net.minor, -6_000);
    assert_eq!((period.opening.minor, period.closing.minor), (0, 7_455));
    assert_eq!((period.books_opening.minor, period.books_closing.minor), (0, 7_455));
    let sum: i64 = period.lines.iter().map(|line| line.net.minor).sum();
    assert_eq!(period.opening.minor + sum, period.closing.minor);
    let fees: Vec<(bool, i64)> = report.fee_months.iter().map(|fee| (fee.apart, fee.amount.minor)).collect();
    assert_eq!(fees, [(false, 295), (true, 250)]);
}

/// What it costs: pages of a hundred at Stripe, chunks of 2,500 keys in Odoo, and a handful of calls besides. MOVEMENTS says
/// how many are tried; docs/VERIFY.md has the figures of ten thousand.
#[test]
fn many_movements_cost_few_calls() {
    let trade = Trade::begin(Version::V18);
    let count: i64 = std::env::var("MOVEMENTS").map_or(2_600, |text| text.parse().unwrap());
    for n in 0..count {
        trade.moves("charge", "charge", 1_000 + n, 30);
        trade.clock.advance_to(trade.clock.now_ms() + 60_000);
    }
    trade.book_at_once();
    trade.calls.0.set(0);
    trade.calls.1.set(0);
    #[expect(clippy::disallowed_methods, reason = "told, not decided by")]
    let began = std::time::Instant::now();
    let report = trade.now();
    println!("{count} movements in {} ms", began.elapsed().as_millis());
    assert!(report.sections[0].holds(), "{:?}", report.verdict);
    let count = usize::try_from(count).unwrap();
    assert_eq!(report.sections[0].equal, count);
    let (odoo, stripe) = (trade.calls.0.get(), trade.calls.1.get());
    // Version, log-in, the actions' ids; the company; the chunks; the balances.
    assert_eq!(odoo, 3 + 1 + count.div_ceil(2_500) + 1, "calls of Odoo");
    // The account; balance and newest before and after; the pages.
    assert_eq!(stripe, 1 + 4 + count.div_ceil(100), "calls of Stripe");
}
