//! Credit notes of refunds: how much of which invoice, taxes to the unit, what stays a draft, what a person made.

use serde_json::{Value, json};

use super::place::Place;
use super::refunds::{give_back, refund};
use super::story::{ids, movement, record};

pub fn play(place: &mut Place) {
    place.enter(0);
    // 19 has another default.
    place.company(json!({"tax_calculation_rounding_method": "round_per_line"}));
    let usual = place.usual_tax();
    let sales = [place.tax("Sales 15", "15", false, json!({})), place.tax("Sales 8.25", "8.25", false, json!({}))];
    let within = place.tax("Within 20", "20", true, json!({}));
    whole(place, sales[0]);
    parts(place, sales);
    included(place, within);
    mixed(place, sales, within);
    globally(place, sales, within);
    shares(place);
    by_hand(place);
    modes(place, sales[0]);
    euros(place, sales[0]);
    discounts(place, usual);
    pieces(place, sales[0]);
    failed(place);
    refused(place);
    second_company(place);
}

/// The credit note of a refund.
fn credited(id: &str, of: &str, amount: &str, replaced: Value) -> Value {
    let mut m = refund(
        id,
        of,
        amount,
        json!({"key": format!("stripe:acct_1:{id}:credit_note"), "kind": "credited",
        "mode": "post"}),
    );
    m.as_object_mut().unwrap().extend(replaced.as_object().unwrap().clone());
    m
}

fn credit(place: &mut Place, title: &str, movements: &[Value]) -> Value {
    place.run(title, "record_credit_note", &json!({"movements": movements}))
}

/// A refund with its credit note, and what stands in it.
fn both(place: &mut Place, title: &str, id: &str, of: &str, amount: &str, currency: &str) {
    let more = json!({"currency": currency});
    give_back(place, &format!("{title}: the refund"), &[refund(id, of, amount, more.clone())]);
    let answer = credit(place, title, &[credited(id, of, amount, more)]);
    for note in answer["results"][0]["notes"].as_array().into_iter().flatten() {
        place.document(&format!("{title}: in it"), note["id"].as_i64().unwrap());
    }
}

fn pay(place: &mut Place, id: &str, amount: &str, currency: &str, invoices: &[i64]) {
    let mut rest = ids(invoices);
    rest["currency"] = json!(currency);
    record(place, &format!("{id} is paid"), &[movement(id, amount, rest)]);
}

fn whole(place: &mut Place, tax: i64) {
    let a = place.sale("A", "Ada", "USD", &[("100", "2", &[tax]), ("50", "1", &[])], json!({}));
    pay(place, "pi_a", "280.00", "USD", &[a]);
    both(place, "the whole", "re_a", "pi_a", "280.00", "USD");
    credit(place, "the whole again", &[credited("re_a", "pi_a", "280.00", json!({}))]);
    place.owed("owed after the whole", "Ada");
}

fn parts(place: &mut Place, [tax, other]: [i64; 2]) {
    let a = place.sale("B", "Bob", "USD", &[("100", "1", &[tax]), ("33.33", "1", &[tax])], json!({}));
    pay(place, "pi_b", "153.33", "USD", &[a]);
    for (n, amount) in ["50.01", "17.77", "0.01", "85.54"].iter().enumerate() {
        both(place, &format!("part {n}"), &format!("re_b{n}"), "pi_b", amount, "USD");
    }
    let c = place.sale(
        "C",
        "Bob",
        "USD",
        &[("19.99", "3", &[tax, other]), ("7.77", "1", &[other]), ("5", "1", &[])],
        json!({}),
    );
    let total = place.total(c);
    pay(place, "pi_c", &total, "USD", &[c]);
    for (n, amount) in ["10.00", "33.33", "44.00"].iter().enumerate() {
        both(place, &format!("of several taxes {n}"), &format!("re_c{n}"), "pi_c", amount, "USD");
    }
    place.owed("owed after parts", "Bob");
}

fn included(place: &mut Place, within: i64) {
    let a = place.sale("D", "Cleo", "USD", &[("100", "1", &[within]), ("33.33", "1", &[within])], json!({}));
    pay(place, "pi_d", "133.33", "USD", &[a]);
    for (n, amount) in ["33.33", "0.02", "99.98"].iter().enumerate() {
        both(place, &format!("included {n}"), &format!("re_d{n}"), "pi_d", amount, "USD");
    }
}

fn mixed(place: &mut Place, [tax, other]: [i64; 2], within: i64) {
    let lines: [(&str, &str, &[i64]); 4] =
        [("12.34", "7", &[tax]), ("99.99", "1", &[within]), ("0.07", "1", &[tax, other]), ("-5", "1", &[within])];
    let a = place.sale("E", "Dan", "USD", &lines, json!({}));
    let total = place.total(a);
    pay(place, "pi_e", &total, "USD", &[a]);
    both(place, "a mixture", "re_e1", "pi_e", "60.00", "USD");
    let rest = format!("{:.2}", total.parse::<rust_decimal::Decimal>().unwrap() - rust_decimal::Decimal::from(60));
    both(place, "the rest of the mixture", "re_e2", "pi_e", &rest, "USD");
}

/// The whole document is rounded, not each line.
fn globally(place: &mut Place, [tax, _]: [i64; 2], within: i64) {
    place.company(json!({"tax_calculation_rounding_method": "round_globally"}));
    let a = place.sale(
        "F",
        "Eve",
        "USD",
        &[("33.33", "1", &[tax]), ("33.33", "1", &[tax]), ("9.99", "1", &[tax])],
        json!({}),
    );
    let total = place.total(a);
    pay(place, "pi_f", &total, "USD", &[a]);
    both(place, "rounded as a whole", "re_f1", "pi_f", "44.44", "USD");
    let b = place.sale("G", "Eve", "USD", &[("33.33", "1", &[within]), ("9.99", "3", &[within])], json!({}));
    let total = place.total(b);
    pay(place, "pi_g", &total, "USD", &[b]);
    both(place, "included, rounded as a whole", "re_g1", "pi_g", "20.00", "USD");
    place.company(json!({"tax_calculation_rounding_method": "round_per_line"}));
}

fn shares(place: &mut Place) {
    let late = place.invoice_due("late", "Fay", "50", "USD", "2026-11-10");
    let later = place.invoice_due("later", "Fay", "100", "USD", "2026-11-25");
    pay(place, "pi_two", "170.00", "USD", &[later, late]);
    both(place, "more than the newest", "re_two1", "pi_two", "140.00", "USD");
    both(place, "the rest of two", "re_two2", "pi_two", "30.00", "USD");
    let a = place.invoice("over", "Fay", "100", "USD");
    pay(place, "pi_over", "130.00", "USD", &[a]);
    both(place, "only what was too much", "re_over1", "pi_over", "20.00", "USD");
    both(place, "too much and more", "re_over2", "pi_over", "50.00", "USD");
    credit(place, "only what was too much, again", &[credited("re_over1", "pi_over", "20.00", json!({}))]);
    let b = place.invoice("an instalment", "Fay", "100", "USD");
    pay(place, "pi_inst", "30.00", "USD", &[b]);
    both(place, "of an instalment", "re_inst", "pi_inst", "30.00", "USD");
    record(place, "nobody's", &[movement("pi_free", "40.00", json!({}))]);
    both(place, "of nobody's", "re_free", "pi_free", "15.00", "USD");
    place.owed("owed after shares", "Fay");
}

fn by_hand(place: &mut Place) {
    let a = place.invoice("with a credit note", "Gil", "100", "USD");
    pay(place, "pi_h", "100.00", "USD", &[a]);
    give_back(place, "a refund of 30", &[refund("re_h1", "pi_h", "30.00", json!({}))]);
    let note = place.credit_note("by hand", a, "30", "goodwill");
    place.call("account.move", "action_post", Some(&[note]), json!({}));
    credit(place, "posted by hand", &[credited("re_h1", "pi_h", "30.00", json!({}))]);
    give_back(place, "a refund of 20", &[refund("re_h2", "pi_h", "20.00", json!({}))]);
    place.credit_note("drafted by hand", a, "25", "for re_h2");
    credit(place, "drafted by hand, of another amount", &[credited("re_h2", "pi_h", "20.00", json!({}))]);
    both(place, "more than is left", "re_h3", "pi_h", "50.00", "USD");
    place.owed("owed beside what was made by hand", "Gil");
}

fn modes(place: &mut Place, tax: i64) {
    let a = place.sale("H", "Hal", "USD", &[("100", "1", &[tax])], json!({}));
    pay(place, "pi_m", "115.00", "USD", &[a]);
    for (id, mode) in [("re_m1", "none"), ("re_m2", "draft")] {
        give_back(place, &format!("{id} goes back"), &[refund(id, "pi_m", "15.00", json!({}))]);
        credit(place, mode, &[credited(id, "pi_m", "15.00", json!({"mode": mode}))]);
        credit(place, &format!("{mode} again"), &[credited(id, "pi_m", "15.00", json!({"mode": mode}))]);
    }
    let draft = place.last_entry();
    place.activities("what is asked for", draft);
    let noted = json!({"note": true});
    give_back(place, "re_m3 goes back", &[refund("re_m3", "pi_m", "11.50", json!({}))]);
    credit(place, "with a note", &[credited("re_m3", "pi_m", "11.50", noted)]);
    place.noted("the note", a);
}

fn euros(place: &mut Place, tax: i64) {
    place.rate("EUR", "2026-11-21", "0.9");
    let a = place.sale("I", "Ida", "EUR", &[("80", "1", &[tax]), ("33.33", "1", &[tax])], json!({}));
    pay(place, "pi_i", "130.33", "EUR", &[a]);
    both(place, "part in EUR", "re_i1", "pi_i", "33.33", "EUR");
    both(place, "rest in EUR", "re_i2", "pi_i", "97.00", "EUR");
    let b = place.sale("J", "Ida", "EUR", &[("80", "1", &[tax])], json!({}));
    pay(place, "pi_j", "92.00", "EUR", &[b]);
    both(place, "whole in EUR", "re_j", "pi_j", "92.00", "EUR");
    let c = place.sale("in JPY", "Ida", "JPY", &[("1000", "1", &[tax]), ("777", "1", &[])], json!({}));
    pay(place, "pi_y", "1927", "JPY", &[c]);
    both(place, "part in JPY", "re_y1", "pi_y", "500", "JPY");
    both(place, "rest in JPY", "re_y2", "pi_y", "1427", "JPY");
    place.owed("owed in other currencies", "Ida");
}

fn discounts(place: &mut Place, tax: i64) {
    for (n, (how, amount)) in [("included", "112.70"), ("excluded", "113.00"), ("mixed", "112.70")].iter().enumerate() {
        let term = json!({"invoice_payment_term_id": place.discount(how)});
        let a = place.sale(how, "Jo", "USD", &[("100", "1", &[tax])], term);
        let key = format!("pi_disc{n}");
        let mut early = ids(&[a]);
        early["at"] = json!("2026-11-05 12:00:00");
        record(place, &format!("a discount taken, {how}"), &[movement(&key, amount, early)]);
        both(place, &format!("what was paid, {how}"), &format!("re_disc{n}"), &key, amount, "USD");
    }
    let term = json!({"invoice_payment_term_id": place.discount("included")});
    let a = place.sale("in parts", "Jo", "USD", &[("100", "1", &[tax])], term);
    let mut early = ids(&[a]);
    early["at"] = json!("2026-11-05 12:00:00");
    record(place, "a discount taken, to go back in parts", &[movement("pi_dp", "112.70", early)]);
    both(place, "a part of what was paid", "re_dp1", "pi_dp", "40.00", "USD");
    both(place, "the rest of what was paid", "re_dp2", "pi_dp", "72.70", "USD");
    place.owed("owed after discounts", "Jo");
}

/// A tax by the piece.
fn pieces(place: &mut Place, tax: i64) {
    let fixed = json!({"amount_type": "fixed", "include_base_amount": true, "sequence": 0});
    let piece = place.tax("Piece 0.50", "0.5", false, fixed);
    let a = place.sale("K", "Kim", "USD", &[("10", "4", &[piece, tax])], json!({}));
    let total = place.total(a);
    pay(place, "pi_k", &total, "USD", &[a]);
    both(place, "by the piece", "re_k1", "pi_k", "24.15", "USD");
    both(place, "the rest by the piece", "re_k2", "pi_k", "24.15", "USD");
}

fn failed(place: &mut Place) {
    let a = place.invoice("to fail", "Lea", "60", "USD");
    pay(place, "pi_l", "60.00", "USD", &[a]);
    both(place, "credited, then failed", "re_l", "pi_l", "20.00", "USD");
    let back = json!({"key": "stripe:acct_1:re_l:failed", "kind": "refund_failed", "reason": "declined"});
    give_back(place, "it came back", &[refund("re_l", "pi_l", "20.00", back)]);
    place.owed("still owed", "Lea");
    give_back(place, "another", &[refund("re_l2", "pi_l", "10.00", json!({}))]);
    let back = json!({"key": "stripe:acct_1:re_l2:failed", "kind": "refund_failed", "reason": "declined"});
    give_back(place, "the other came back first", &[refund("re_l2", "pi_l", "10.00", back)]);
    credit(place, "nothing to credit", &[credited("re_l2", "pi_l", "10.00", json!({}))]);
    both(place, "part of what is still owed", "re_l3", "pi_l", "5.00", "USD");
    both(place, "the rest of it and more", "re_l4", "pi_l", "25.00", "USD");
    place.owed("owed after all", "Lea");
    before_the_failure(place);
}

/// The next refund is heard of before the failure of the first.
fn before_the_failure(place: &mut Place) {
    let a = place.invoice("all back twice", "Leo", "60", "USD");
    pay(place, "pi_tw", "60.00", "USD", &[a]);
    give_back(place, "all back", &[refund("re_tw", "pi_tw", "60.00", json!({}))]);
    credit(place, "all back: a draft", &[credited("re_tw", "pi_tw", "60.00", json!({"mode": "draft"}))]);
    both(place, "all back again", "re_tw2", "pi_tw", "60.00", "USD");
    let back = json!({"key": "stripe:acct_1:re_tw:failed", "kind": "refund_failed", "reason": "declined"});
    give_back(place, "the first one failed", &[refund("re_tw", "pi_tw", "60.00", back)]);
    credit(place, "all back again, once more", &[credited("re_tw2", "pi_tw", "60.00", json!({}))]);
}

fn refused(place: &mut Place) {
    credit(place, "of no refund", &[credited("re_none", "pi_none", "1.00", json!({}))]);
    let a = place.invoice("to refuse", "Mia", "60", "USD");
    pay(place, "pi_r", "60.00", "USD", &[a]);
    give_back(place, "to be undone", &[refund("re_r", "pi_r", "10.00", json!({}))]);
    let payment = place.payment(&super::story::last_payment(place));
    place.call("account.payment", "action_draft", Some(&[payment]), json!({}));
    credit(place, "the refund is a draft", &[credited("re_r", "pi_r", "10.00", json!({}))]);
    let receipt = place.payment_with("pi_r");
    give_back(place, "of a receipt to be undone", &[refund("re_r2", "pi_r", "10.00", json!({}))]);
    place.call("account.payment", "action_draft", Some(&[receipt]), json!({}));
    credit(place, "no invoice stands against it", &[credited("re_r2", "pi_r", "10.00", json!({}))]);
    credit(place, "an empty list", &[]);
    let b = place.invoice("credited by a person", "Mia", "40", "USD");
    pay(place, "pi_cp", "40.00", "USD", &[b]);
    let note = place.credit_note("in full, and kept for another day", b, "40", "goodwill");
    place.call("account.move", "action_post", Some(&[note]), json!({}));
    give_back(place, "of an invoice that a person credited", &[refund("re_cp", "pi_cp", "15.00", json!({}))]);
    credit(place, "nothing is left of it", &[credited("re_cp", "pi_cp", "15.00", json!({}))]);
}

fn second_company(place: &mut Place) {
    let second = place.enter(1);
    let a = place.invoice("in the second company", "Nia", "72", "EUR");
    let mut rest = ids(&[a]);
    rest["currency"] = json!("EUR");
    rest["company"] = json!(second);
    record(place, "paid in the second company", &[movement("pi_co", "72.00", rest)]);
    let more = json!({"currency": "EUR", "company": second});
    give_back(place, "back in the second company", &[refund("re_co", "pi_co", "12.00", more.clone())]);
    credit(place, "credited in the second company", &[credited("re_co", "pi_co", "12.00", more)]);
    place.enter(0);
}
