//! What the books say of Stripe's movements: entries under keys, posted and spoiled, foreign ones, openings, open lines on
//! a past day.

use serde_json::{Value, json};

use super::place::Place;
use super::place::proof::line;
use super::story::{ids, movement, record};

const ACCOUNT: &str = "acct_1";

fn key(id: &str) -> String {
    format!("stripe:{ACCOUNT}:{id}:settled")
}

fn asked(more: Value) -> Value {
    let mut asked = json!({"v": quittance::erp::odoo::procedure::FORM, "account": ACCOUNT, "company": null, "keys": [],
        "at": null, "since": null, "totals": false, "after": null, "most": 50});
    asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    asked
}

fn keys(all: &[(&str, &str)]) -> Value {
    let one = |(id, instant): &(&str, &str)| json!([key(id), instant]);
    json!({"keys": all.iter().map(one).collect::<Vec<_>>()})
}

/// Plays everything.
pub fn play(place: &mut Place) {
    place
        .read_books("no account: only the hash", &json!({"v": quittance::erp::odoo::procedure::FORM, "movements": []}));
    place.books_begin("Europe/Berlin");
    place.read_books("nothing yet", &asked(json!({"totals": true, "after": ""})));
    entries(place);
    spoiled(place);
    strangers(place);
    open_lines(place);
    receipts(place);
    elsewhere(place);
}

fn entries(place: &mut Place) {
    let (balance, fees, clearing) = (place.role("balance"), place.role("fees"), place.role("clearing"));
    let one = place.entry_of("2026-11-10", &[line(balance, "96.80"), line(fees, "3.20"), line(clearing, "-100")]);
    place.book(&key("txn_1"), one);
    let (eur, cur) = (place.role("balance_eur"), place.currency("EUR"));
    let lines = [
        line(eur, "97.00").of(cur, "77.60"),
        line(fees, "3.00").of(cur, "2.40"),
        line(clearing, "-100").of(cur, "-80.00"),
    ];
    let two = place.entry_of("2026-11-11", &lines);
    place.book(&key("txn_2"), two);
    let transit = place.role("transit");
    let three = place.entry_of("2026-11-12", &[line(balance, "-50"), line(transit, "50")]);
    place.book(&key("txn_3"), three);
    // Instants on both sides of midnight in Berlin, in winter and in summer.
    let all = keys(&[
        ("txn_1", "2026-11-09 22:59:59"),
        ("txn_2", "2026-11-10 23:00:00"),
        ("txn_3", "2026-07-12 22:00:00"),
        ("txn_none", "2026-07-12 21:59:59"),
    ]);
    place.read_books("posted entries", &asked(all));
    place.read_books("their balances", &asked(json!({"totals": true, "since": "2026-11-12"})));
    place.read_books("on a past day", &asked(json!({"totals": true, "at": "2026-11-10", "since": "2026-11-10"})));
    place.read_books("by key", &asked(json!({"after": "", "most": 2})));
    place.read_books("by key, the rest", &asked(json!({"after": format!("{}__record", key("txn_2"))})));
}

fn spoiled(place: &mut Place) {
    let (balance, suspense) = (place.role("balance"), place.role("suspense"));
    let both = |amount: &str| [line(balance, amount), line(suspense, amount).turned()];
    for (id, done) in [("txn_4", "draft"), ("txn_5", "cancel"), ("txn_6", "unlink"), ("txn_7", "elsewhere")] {
        let entry = match done {
            "elsewhere" => place.entry_of("2026-11-13", &[line(suspense, "7"), line(suspense, "-7")]),
            _ => place.entry_of("2026-11-13", &both("11.11")),
        };
        place.book(&key(id), entry);
        if done != "elsewhere" {
            place.call("account.move", "button_draft", Some(&[entry]), json!({}));
        }
        match done {
            "cancel" => drop(place.call("account.move", "button_cancel", Some(&[entry]), json!({}))),
            "unlink" => drop(place.call("account.move", "unlink", Some(&[entry]), json!({}))),
            _ => {}
        }
    }
    let at = "2026-11-13 10:00:00";
    place.read_books("spoiled", &asked(keys(&[("txn_4", at), ("txn_5", at), ("txn_6", at), ("txn_7", at)])));
    place.read_books("what is left of them", &asked(json!({"totals": true})));
}

fn strangers(place: &mut Place) {
    let (balance, suspense, eur) = (place.role("balance"), place.role("suspense"), place.role("balance_eur"));
    place.entry_of("2026-11-14", &[line(balance, "5"), line(suspense, "-5")]);
    let several = [line(balance, "1.50"), line(balance, "2.50"), line(suspense, "-4")];
    place.entry_of("2026-11-15", &several);
    // A revaluation: value and no amount.
    let cur = place.currency("EUR");
    place.entry_of("2026-11-16", &[line(eur, "1.37").of(cur, "0"), line(suspense, "-1.37")]);
    let other = place.entry_of("2026-11-14", &[line(balance, "8"), line(suspense, "-8")]);
    place.book("stripe:acct_2:txn_9:settled", other);
    let opening = place.draft_of("2026-11-01", &[line(balance, "500"), line(suspense, "-500")]);
    place.name("opening_1_usd", "account.move", opening);
    place.read_books("foreign lines and a draft opening", &asked(json!({"totals": true})));
    place.read_books("no more than one", &asked(json!({"totals": true, "most": 1})));
    place.call("account.move", "action_post", Some(&[opening]), json!({}));
    place.read_books("the opening posted", &asked(json!({"totals": true, "at": "2026-11-30", "since": "2026-11-15"})));
}

fn open_lines(place: &mut Place) {
    let (transit, suspense) = (place.role("transit"), place.role("suspense"));
    let out = place.entry_of("2026-11-12", &[line(transit, "20"), line(suspense, "-20")]);
    let home = place.entry_of("2026-11-18", &[line(transit, "-12"), line(suspense, "12")]);
    place.reconcile(transit, &[out, home]);
    for day in ["2026-11-12", "2026-11-17", "2026-11-18"] {
        place.read_books(&format!("in transit on {day}"), &asked(json!({"totals": true, "at": day})));
    }
    place.read_books("in transit now", &asked(json!({"totals": true})));
}

fn receipts(place: &mut Place) {
    let invoice = place.invoice("paid", "Ada", "30", "USD");
    record(place, "a receipt", &[movement("pi_books", "30.00", ids(&[invoice]))]);
    let receipt = "stripe:acct_1:pi_books:succeeded";
    place.read_books("in clearing", &asked(json!({"totals": true, "keys": [[receipt, "2026-11-20 12:00:00"]]})));
}

fn elsewhere(place: &mut Place) {
    let second = place.enter(1);
    place.read_books("the second company", &asked(json!({"company": second, "totals": true})));
    place.read_books("a company of others", &asked(json!({"company": 999_999})));
    place.enter(0);
}
