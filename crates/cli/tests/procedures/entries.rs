//! Balance transactions: what each does to the accounts of the books, before and after the document it settles.

use serde_json::{Value, json};

use super::place::Place;
use super::story::{ids, movement, record};

pub fn play(place: &mut Place) {
    place.enter(0);
    place.books("EUR");
    place.rate("EUR", "2026-11-21", "0.78");
    dollars(place);
    exchanged(place);
    euros(place);
    small(place);
    fees(place);
    others(place);
    refusals(place);
    undone(place);
    locked(place);
}

/// A balance transaction of 22 November with what is usual, some of it replaced.
pub fn settled(id: &str, lines: Value, replaced: Value) -> Value {
    let mut m = json!({"key": format!("stripe:acct_1:{id}:settled"), "at": "2026-11-22 12:00:00", "company": null,
        "payment": id, "note": true, "flags": [], "currency": "USD", "ref": id, "lines": lines, "rest": "clearing",
        "document": null});
    m.as_object_mut().unwrap().extend(replaced.as_object().unwrap().clone());
    m
}

pub fn line(role: &str, amount: &str, currency: &str) -> Value {
    json!({"role": role, "amount": amount, "currency": currency, "partner": null, "label": format!("Stripe {role}")})
}

/// The receipt that it settles.
fn of(id: &str) -> Value {
    json!({"document": format!("stripe:acct_1:{id}:succeeded")})
}

pub fn enter(place: &mut Place, title: &str, movements: &[Value]) {
    place.run(title, "record_entry", &json!({"movements": movements}));
    place.look(&format!("{title}: the accounts"));
}

fn pay(place: &mut Place, id: &str, amount: &str, currency: &str, invoice: i64) {
    let mut rest = ids(&[invoice]);
    rest["currency"] = json!(currency);
    record(place, &format!("{id} is paid"), &[movement(id, amount, rest)]);
    place.look(&format!("{id} is paid: the accounts"));
}

fn dollars(place: &mut Place) {
    let first = place.invoice("A", "Ada", "100", "USD");
    pay(place, "pi_usd", "100.00", "USD", first);
    let lines =
        json!([line("balance", "96.80", "USD"), line("fees", "3.20", "USD"), line("clearing", "-100.00", "USD")]);
    let usual = settled("txn_usd", lines.clone(), of("pi_usd"));
    enter(place, "dollars", std::slice::from_ref(&usual));
    place.lines("dollars: its entry");
    enter(place, "dollars again", std::slice::from_ref(&usual));
    let second = place.invoice("B", "Ada", "100", "USD");
    let early = settled("txn_early", lines.clone(), of("pi_late"));
    enter(place, "before its receipt", std::slice::from_ref(&early));
    pay(place, "pi_late", "100.00", "USD", second);
    let twice = settled("txn_twice", lines.clone(), json!({}));
    enter(place, "the same key twice in one call", &[twice.clone(), twice]);
    let both = ["txn_n1", "txn_n2"].map(|id| settled(id, lines.clone(), json!({})));
    enter(place, "two in one call", &both);
}

fn exchanged(place: &mut Place) {
    let euro = place.invoice("in EUR", "Bob", "80", "EUR");
    pay(place, "pi_eur", "80.00", "EUR", euro);
    let lines =
        json!([line("balance", "98.13", "USD"), line("fees", "3.24", "USD"), line("clearing", "-80.00", "EUR")]);
    let words = json!({"document": "stripe:acct_1:pi_eur:succeeded", "rest": "conversion"});
    enter(place, "euros settled in dollars, at another day's rate", &[settled("txn_eur", lines.clone(), words)]);
    place.lines("euros settled in dollars: its entry");
    let words = json!({"document": "stripe:acct_1:pi_eur2:succeeded", "rest": "conversion"});
    enter(place, "euros settled in dollars before their receipt", &[settled("txn_eur2", lines, words)]);
    let other = place.invoice("in EUR too", "Bob", "80", "EUR");
    pay(place, "pi_eur2", "80.00", "EUR", other);
}

fn euros(place: &mut Place) {
    let euro = place.invoice("kept in EUR", "Cleo", "80", "EUR");
    pay(place, "pi_kept", "80.00", "EUR", euro);
    let lines =
        json!([line("balance", "77.44", "EUR"), line("fees", "2.56", "EUR"), line("clearing", "-80.00", "EUR")]);
    let mut words = of("pi_kept");
    words["currency"] = json!("EUR");
    enter(place, "euros settled in euros", &[settled("txn_kept", lines, words)]);
    let dollar = place.invoice("USD to EUR", "Cleo", "100", "USD");
    pay(place, "pi_usd_eur", "100.00", "USD", dollar);
    let lines =
        json!([line("balance", "76.50", "EUR"), line("fees", "2.50", "EUR"), line("clearing", "-100.00", "USD")]);
    let mut words = of("pi_usd_eur");
    words["currency"] = json!("EUR");
    enter(place, "dollars settled in euros", &[settled("txn_usd_eur", lines, words)]);
    let pound = place.invoice("GBP to EUR", "Cleo", "50", "GBP");
    pay(place, "pi_gbp", "50.00", "GBP", pound);
    let lines =
        json!([line("balance", "76.11", "EUR"), line("fees", "1.37", "EUR"), line("clearing", "-50.00", "GBP")]);
    let mut words = of("pi_gbp");
    words["currency"] = json!("EUR");
    enter(place, "pounds settled in euros", &[settled("txn_gbp", lines, words)]);
    let lines = json!([line("balance", "-10.01", "EUR"), line("transit", "10.01", "EUR")]);
    enter(place, "a payout in euros", &[settled("txn_po_eur", lines, json!({"currency": "EUR", "rest": "transit"}))]);
}

fn small(place: &mut Place) {
    let yen = place.invoice("in JPY", "Dan", "1000", "JPY");
    pay(place, "pi_jpy", "1000", "JPY", yen);
    let lines = json!([line("balance", "6.11", "USD"), line("fees", "0.52", "USD"), line("clearing", "-1000", "JPY")]);
    enter(place, "yen", &[settled("txn_jpy", lines, of("pi_jpy"))]);
    let dinar = place.invoice("in KWD", "Dan", "1.23", "KWD");
    pay(place, "pi_kwd", "1.230", "KWD", dinar);
    let lines = json!([line("balance", "3.70", "USD"), line("fees", "0.42", "USD"), line("clearing", "-1.230", "KWD")]);
    enter(place, "dinars", &[settled("txn_kwd", lines, of("pi_kwd"))]);
}

fn fees(place: &mut Place) {
    let mut supplier = line("payable", "3.20", "USD");
    supplier["partner"] = json!("stripe");
    let lines = json!([line("balance", "96.80", "USD"), supplier, line("clearing", "-100.00", "USD")]);
    enter(place, "fees of the supplier", &[settled("txn_supplier", lines, json!({}))]);
    let lines = json!([
        line("balance", "91.00", "USD"),
        line("fees", "3.00", "USD"),
        line("withheld", "4.00", "USD"),
        line("suspense", "2.00", "USD"),
        line("clearing", "-100.00", "USD")
    ]);
    enter(place, "withheld tax and an unknown fee", &[settled("txn_kinds", lines, json!({}))]);
    let lines = json!([line("balance", "0.30", "USD"), line("fees", "-0.30", "USD")]);
    enter(place, "a fee given back", &[settled("txn_back", lines, json!({"rest": "fees"}))]);
    let mut taxed = line("fees", "3.00", "USD");
    taxed["taxed"] = json!(true);
    let mut tax = line("fees", "0.57", "USD");
    tax["tax"] = json!(true);
    let lines = json!([line("balance", "96.43", "USD"), taxed, tax, line("clearing", "-100.00", "USD")]);
    enter(place, "a taxed fee where the books have no tax", &[settled("txn_taxed", lines, json!({}))]);
}

fn others(place: &mut Place) {
    for (id, role, amount) in [
        ("txn_po", "transit", "50.00"),
        ("txn_topup", "transit", "-20.00"),
        ("txn_reserve", "reserves", "5.00"),
        ("txn_transfer", "connected", "7.00"),
        ("txn_loan", "loan", "-30.00"),
        ("txn_unknown", "suspense", "1.00"),
    ] {
        let turned = amount.strip_prefix('-').map_or(format!("-{amount}"), str::to_owned);
        let lines = json!([line("balance", &turned, "USD"), line(role, amount, "USD")]);
        enter(place, &format!("{id} against {role}"), &[settled(id, lines, json!({"rest": role}))]);
    }
    let nothing = json!([line("balance", "0.00", "USD")]);
    enter(place, "a balance transaction of nothing", &[settled("txn_zero", nothing, json!({}))]);
    place.lines("a balance transaction of nothing: its entry");
    let lines = json!([line("balance", "50.00", "USD"), line("transit", "-50.00", "USD")]);
    let words = json!({"document": "stripe:acct_1:txn_po:settled", "rest": "transit"});
    enter(place, "the payout failed", &[settled("txn_po_failed", lines, words)]);
    let lines = json!([line("balance", "8.00", "USD"), line("transit", "-8.00", "USD")]);
    let words = json!({"document": "stripe:acct_1:txn_po2:settled", "rest": "transit"});
    enter(place, "a payout failed that is not in the books", &[settled("txn_po2_failed", lines, words)]);
    let lines = json!([line("balance", "-8.00", "USD"), line("transit", "8.00", "USD")]);
    enter(place, "then it is, and both meet", &[settled("txn_po2", lines, json!({"rest": "transit"}))]);
    let note = |receipt: &str| {
        json!({"key": format!("{}:reconciled", receipt.trim_end_matches(":settled")), "at": "2026-11-24 12:00:00", "company": null, "payment": "po_1",
            "note": true, "flags": [], "receipt": receipt,
            "say": {"text": "Stripe payout po_1: made of 3 balance transactions", "on": "entry"}})
    };
    enter(place, "what a payout is made of", &[note("stripe:acct_1:txn_po:settled")]);
    enter(place, "what an unknown payout is made of", &[note("stripe:acct_1:txn_none:settled")]);
}

fn refusals(place: &mut Place) {
    let usual = json!([line("balance", "1.00", "USD"), line("clearing", "-1.00", "USD")]);
    let pounds = settled("txn_pounds", usual.clone(), json!({"currency": "GBP"}));
    enter(place, "a settlement currency without a journal", &[pounds]);
    let uneven = json!([line("balance", "1.00", "USD"), line("clearing", "-1.01", "USD")]);
    enter(place, "uneven lines", &[settled("txn_uneven", uneven, json!({}))]);
    let mill = json!([line("balance", "1.001", "USD"), line("clearing", "-1.001", "USD")]);
    enter(place, "more places than the currency has", &[settled("txn_mill", mill, json!({}))]);
    let francs = json!([line("balance", "1.00", "USD"), line("clearing", "-1.00", "CHF")]);
    enter(place, "a currency that is not active", &[settled("txn_chf", francs, json!({}))]);
    let nowhere = json!([line("balance", "1.00", "USD"), line("nowhere", "-1.00", "USD")]);
    enter(place, "a role without an account", &[settled("txn_nowhere", nowhere, json!({}))]);
    enter(place, "a company of others", &[settled("txn_others", usual.clone(), json!({"company": 999_999}))]);
    let bad = json!([line("balance", "0.001", "USD"), line("clearing", "-0.001", "USD")]);
    let both = [settled("txn_bad", bad, json!({})), settled("txn_good", usual, json!({}))];
    enter(place, "a refusal harms no other", &both);
}

fn undone(place: &mut Place) {
    let lines = json!([line("balance", "2.00", "USD"), line("clearing", "-2.00", "USD")]);
    let one = settled("txn_undone", lines, json!({}));
    enter(place, "booked, to be undone", std::slice::from_ref(&one));
    let entry = place.last_entry();
    place.call("account.move", "button_draft", Some(&[entry]), json!({}));
    enter(place, "the entry is a draft", std::slice::from_ref(&one));
    place.call("account.move", "button_cancel", Some(&[entry]), json!({}));
    enter(place, "the entry is cancelled", std::slice::from_ref(&one));
    place.call("account.move", "button_draft", Some(&[entry]), json!({}));
    place.call("account.move", "unlink", Some(&[entry]), json!({}));
    enter(place, "the entry is deleted", &[one]);
}

fn locked(place: &mut Place) {
    place.rate("EUR", "2026-10-10", "0.9");
    place.company(json!({"fiscalyear_lock_date": "2026-10-31"}));
    let lines = json!([line("balance", "3.00", "USD"), line("clearing", "-3.00", "USD")]);
    enter(place, "in a locked period", &[settled("txn_locked", lines, json!({"at": "2026-10-15 12:00:00"}))]);
    let euro = place.invoice("to be settled in a locked period", "Eve", "80", "EUR");
    let mut rest = ids(&[euro]);
    rest["currency"] = json!("EUR");
    rest["at"] = json!("2026-10-08 12:00:00");
    record(place, "a receipt in a locked period", &[movement("pi_locked", "80.00", rest)]);
    let lines = json!([line("balance", "100.00", "USD"), line("clearing", "-80.00", "EUR")]);
    let words = json!({"at": "2026-10-15 12:00:00", "document": "stripe:acct_1:pi_locked:succeeded"});
    enter(place, "settled there, with an exchange difference", &[settled("txn_locked_eur", lines, words)]);
}
