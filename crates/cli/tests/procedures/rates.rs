//! Money of a day before the first rate of its currency is not booked at another day's rate, nor one to one.

use serde_json::json;

use super::entries::{enter, line, settled};
use super::place::Place;
use super::refunds::{give_back, refund};
use super::story::{movement, record};

pub fn play(place: &mut Place) {
    place.enter(0);
    place.books("CHF");
    place.rate("CHF", "2026-11-25", "0.9");
    let francs =
        |key: &str, day: &str| movement(key, "90.00", json!({"currency": "CHF", "at": format!("{day} 12:00:00")}));
    let early = francs("pi_franc", "2026-11-20");
    record(place, "the day before the first rate", &[francs("pi_eve", "2026-11-24"), francs("pi_first", "2026-11-25")]);
    record(place, "a rate of a later day alone", std::slice::from_ref(&early));
    let entry = |id: &str| {
        let lines =
            json!([line("balance", "87.00", "CHF"), line("fees", "3.00", "CHF"), line("clearing", "-90.00", "CHF")]);
        settled(id, lines, json!({"currency": "CHF", "document": "stripe:acct_1:pi_franc:succeeded"}))
    };
    enter(place, "its balance transaction", &[entry("txn_franc")]);
    let back = refund("re_franc", "pi_first", "30.00", json!({"currency": "CHF", "at": "2026-11-22 12:00:00"}));
    give_back(place, "a refund of that day", std::slice::from_ref(&back));
    place.rate("CHF", "2026-11-10", "0.75");
    record(place, "when there is one of an earlier day", &[early]);
    enter(place, "its balance transaction then", &[entry("txn_franc")]);
    place.lines("its balance transaction: its entry");
    give_back(place, "a refund of that day then", &[back]);
    place.look("the accounts");
}
