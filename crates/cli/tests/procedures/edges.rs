//! What lies at the edges of the books: reconciling that Odoo refuses, days by another time zone, advances, branches.

use serde_json::{Value, json};

use super::entries::{enter, line, settled};
use super::place::Place;
use super::story::{ids, movement, record};

pub fn play(place: &mut Place) {
    place.enter(0);
    place.books("EUR");
    place.rate("EUR", "2026-11-21", "0.78");
    unreconciled(place);
    netted(place);
    zones(place);
    branches(place);
    advances(place);
    super::rates::play(place);
    super::foreign::play(place);
}

fn euros(id: &str) -> Value {
    let lines = json!([line("balance", "100.00", "USD"), line("clearing", "-80.00", "EUR")]);
    settled(&format!("txn_{id}"), lines, json!({"document": format!("stripe:acct_1:{id}:succeeded")}))
}

fn unreconciled(place: &mut Place) {
    let invoice = place.invoice("A", "Ada", "80", "EUR");
    let mut rest = ids(&[invoice]);
    rest["currency"] = json!("EUR");
    record(place, "paid in EUR", &[movement("pi_a", "80.00", rest)]);
    let journal = place.exchange_journal();
    place.company(json!({"currency_exchange_journal_id": false}));
    enter(place, "no journal for exchange differences", &[euros("pi_a")]);
    enter(place, "the same again", &[euros("pi_a")]);
    place.company(json!({"currency_exchange_journal_id": journal}));
    enter(place, "the same when there is one", &[euros("pi_a")]);
}

/// A debit that never paid: it came to the balance and went, and its receipt was never booked.
fn netted(place: &mut Place) {
    let went = |id: &str, lines: Value, words: Value| settled(&format!("txn_{id}_back"), lines, words);
    let lines =
        json!([line("balance", "-101.50", "USD"), line("fees", "1.50", "USD"), line("clearing", "80.00", "EUR")]);
    enter(place, "a debit is on the balance", &[euros("pi_never")]);
    let of = |id: &str, at: &str| json!({"document": format!("stripe:acct_1:{id}:succeeded"), "at": at, "rest": "conversion"});
    let part = json!([line("balance", "-25.00", "USD"), line("clearing", "20.00", "EUR")]);
    enter(
        place,
        "a debit is on the balance, and a part goes",
        &[euros("pi_part"), went("pi_part", part, of("pi_part", "2026-11-23 12:00:00"))],
    );
    enter(
        place,
        "and goes, at another day's rate",
        &[went("pi_never", lines.clone(), of("pi_never", "2026-11-20 12:00:00"))],
    );
    let at = "2026-11-22 12:00:00";
    enter(place, "both in one call", &[euros("pi_both"), went("pi_both", lines, of("pi_both", at))]);
    let mut late = movement("pi_never", "80.00", json!({}));
    late["currency"] = json!("EUR");
    record(place, "its receipt after all", &[late]);
    place.look("its receipt after all: the accounts");
}

fn zones(place: &mut Place) {
    let lines = || json!([line("balance", "1.00", "USD"), line("clearing", "-1.00", "USD")]);
    let late = |id: &str| settled(id, lines(), json!({"at": "2026-11-22 23:30:00"}));
    let company = place.enter(0);
    let zone = format!("quittance.zone_{company}");
    enter(place, "late in UTC", &[late("txn_utc")]);
    place.parameter(&zone, "Europe/Berlin");
    enter(place, "late in UTC, the next day in Berlin", &[late("txn_berlin")]);
    place.parameter(&zone, "America/New_York");
    let mut early = movement("pi_early", "3.00", json!({}));
    early["at"] = json!("2026-11-22 04:59:59");
    record(place, "early in UTC, the day before in New York", &[early]);
    place.parameter(&zone, "Mars/Olympus");
    enter(place, "in no zone at all", &[late("txn_mars")]);
    place.parameter(&zone, "UTC");
}

fn branches(place: &mut Place) {
    let branch = place.branch();
    let invoice = place.invoice("of a branch", "Bob", "70", "USD");
    place.enter(0);
    record(place, "a branch's invoice is paid", &[movement("pi_branch", "70.00", ids(&[invoice]))]);
    place.look("a branch's invoice is paid: the accounts");
    let lines =
        json!([line("balance", "68.00", "USD"), line("fees", "2.00", "USD"), line("clearing", "-70.00", "USD")]);
    let words = json!({"document": "stripe:acct_1:pi_branch:succeeded", "company": branch});
    enter(place, "and settled, the branch given", &[settled("txn_branch", lines, words)]);
    let here = place.invoice("of the company", "Bob", "30", "USD");
    let both = json!({"match": {"ids": [invoice, here]}, "company": branch});
    record(place, "one that is paid and one above", &[movement("pi_above", "40.00", both)]);
}

fn advances(place: &mut Place) {
    place.advances();
    record(place, "nobody's money waits on advances", &[movement("pi_free", "9.00", json!({}))]);
    let invoice = place.invoice("B", "Cleo", "50", "USD");
    record(place, "more than an invoice", &[movement("pi_more", "60.00", ids(&[invoice]))]);
    record(place, "an invoice that is paid", &[movement("pi_twice", "50.00", ids(&[invoice]))]);
    place.look("money on advances: the accounts");
}
