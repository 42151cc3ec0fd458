//! Who may say what: names and keys that are not ours, other accounts and modes, bookings that are not the movement, and what
//! people change of the set-up.

use serde_json::{Value, json};

use super::entries::line;
use super::place::Place;
use super::refunds::{give_back, refund};
use super::story::{ids, last_payment, movement, record};

pub fn play(place: &mut Place) {
    place.enter(0);
    names(place);
    others(place);
    taken(place);
    compared(place);
    holes(place);
    twins(place);
    unusable(place);
}

/// What has not the form of our keys takes no name of ours.
fn names(place: &mut Place) {
    for key in
        ["journal_stripe_1", "stripe:acct_1:pi_1", "stripe:acct_1:pi_1:succeeded__record", "stripe:acct_1:pi 1:paid"]
    {
        record(place, &format!("a key {key}"), &[movement("pi_x", "5.00", json!({"key": key}))]);
    }
    let odd =
        json!({"document": "account_fees_1", "lines": [line("balance", "5.00", "USD"), line("fees", "-5.00", "USD")]});
    put(place, "a document of another name", &[entry("txn_odd", odd)]);
    place.run(
        "alerts of another account",
        "show_alerts",
        &json!({"at": "2026-11-20 12:00:00", "account": "acct_9",
        "alerts": [{"id": "parked", "summary": "a", "what": "b", "todo": "c"}], "over": []}),
    );
}

fn put(place: &mut Place, title: &str, movements: &[Value]) {
    place.run(title, "record_entry", &json!({ "movements": movements }));
}

fn entry(id: &str, more: Value) -> Value {
    let mut m = json!({"key": format!("stripe:acct_1:{id}:settled"), "at": "2026-11-21 12:00:00", "company": null, "currency": "USD",
        "ref": id, "rest": "fees", "document": null, "note": false, "flags": []});
    m.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    m
}

/// The company keeps the test books of acct_1.
fn others(place: &mut Place) {
    record(place, "of another account", &[movement("pi_o", "5.00", json!({"key": "stripe:acct_9:pi_o:succeeded"}))]);
    record(place, "of live mode", &[movement("pi_l", "5.00", json!({"livemode": true}))]);
    let both = [movement("pi_ours", "5.00", json!({})), movement("pi_l2", "5.00", json!({"livemode": true}))];
    record(place, "one of live mode in a list", &both);
    place.run("a page in live mode", "read_invoice", &json!({"invoices": [1], "date": "2026-11-20", "livemode": true}));
    place.run(
        "a link of another account",
        "link_customer",
        &json!({"links": [{"partner": 1, "account": "acct_9", "customer": "cus_1"}]}),
    );
}

/// Whoever keeps books in Odoo gives a payment of his own the name of a key that is not taken.
fn taken(place: &mut Place) {
    place.forge("pi_forged", "stripe:acct_1:pi_forged:succeeded", "1");
    record(place, "a key that a payment of 1.00 took", &[movement("pi_forged", "900.00", json!({}))]);
    record(place, "the same again", &[movement("pi_forged", "900.00", json!({}))]);
    record(place, "booked, to be deleted", &[movement("pi_del", "30.00", json!({}))]);
    let last = place.payment(&last_payment(place));
    for step in ["action_draft", "action_cancel", "unlink"] {
        place.call("account.payment", step, Some(&[last]), json!({}));
    }
    place.forge("pi_del", "stripe:acct_1:pi_del:succeeded__record", "1");
    record(place, "another payment stands in its place", &[movement("pi_del", "30.00", json!({}))]);
}

/// A key that is taken says what it has.
fn compared(place: &mut Place) {
    record(place, "20.00 under a key", &[movement("pi_20", "20.00", json!({}))]);
    record(place, "30.00 under it", &[movement("pi_20", "30.00", json!({}))]);
    record(place, "20.00 of another currency under it", &[movement("pi_20", "20.00", json!({"currency": "EUR"}))]);
    let (a, b) = (place.invoice("of one", "Ada", "20", "USD"), place.invoice("of another", "Bea", "20", "USD"));
    record(place, "paid by one", &[movement("pi_one", "20.00", ids(&[a]))]);
    record(place, "the same", &[movement("pi_one", "20.00", ids(&[a]))]);
    record(place, "and by another", &[movement("pi_one", "20.00", ids(&[b]))]);
    give_back(place, "refunded", &[refund("re_one", "pi_one", "8.00", json!({}))]);
    give_back(place, "another refund under its key", &[refund("re_one", "pi_one", "9.00", json!({}))]);
    let sums = |net: &str| {
        json!({"document": "stripe:acct_1:pi_20:succeeded", "lines": [line("balance", net, "USD"),
        line("fees", "1.00", "USD"), line("clearing", &format!("-{}.00", 1 + net.trim_end_matches(".00").parse::<i64>().unwrap()), "USD")]})
    };
    put(place, "a net of 19.00", &[entry("txn_net", sums("19.00"))]);
    put(place, "a net of 18.00 under its key", &[entry("txn_net", sums("18.00"))]);
}

/// The first of several entries is deleted: the others are found all the same.
fn holes(place: &mut Place) {
    record(place, "settled in parts", &[movement("pi_parts", "30.00", json!({}))]);
    let part = |id: &str, net: &str| {
        let lines = [line("balance", net, "USD"), line("clearing", &format!("-{net}"), "USD")];
        entry(id, json!({"document": "stripe:acct_1:pi_later:succeeded", "rest": "clearing", "lines": lines}))
    };
    put(place, "the first part", &[part("txn_p1", "10.00")]);
    let first = place.last_entry();
    put(place, "the second part", &[part("txn_p2", "20.00")]);
    for step in ["button_draft", "unlink"] {
        place.call("account.move", step, Some(&[first]), json!({}));
    }
    record(place, "the document of both", &[movement("pi_later", "20.00", json!({}))]);
    place.open_lines("what is open of it on clearing", "pi_later");
    put(place, "a third part", &[part("txn_p3", "5.00")]);
    record(place, "the document again", &[movement("pi_later", "20.00", json!({}))]);
}

/// Of three payments that name one, two are cancelled.
fn twins(place: &mut Place) {
    for n in 0..3 {
        let payment = place.booked_by_hand("pi_before", "40");
        if n < 2 {
            place.call("account.payment", "action_cancel", Some(&[payment]), json!({}));
        }
    }
    place.booked_by_hand("pi_before_long", "40");
    give_back(place, "a refund of what the one left names", &[refund("re_b", "pi_before", "4.00", json!({}))]);
}

/// The contacts that set-up made: each gone, or another company's.
fn contacts(place: &mut Place) {
    let second = place.enter(1);
    place.enter(0);
    for name in ["partner_stripe", "partner_platform", "partner_unallocated"] {
        let partner = place.named(name).unwrap();
        place.change("res.partner", partner, json!({"company_id": second}));
        record(place, &format!("{name} is of another company"), &[movement(name, "6.00", json!({}))]);
        place.enter(1);
        place.change("res.partner", partner, json!({"company_id": false}));
        place.enter(0);
        // Whoever deletes a contact takes its external id away with it.
        place.forget(name);
        record(place, &format!("{name} is gone"), &[movement(name, "6.00", json!({}))]);
        place.run(&format!("check: {name} is gone"), "check", &json!({}));
        place.name(name, "res.partner", partner);
        record(place, &format!("{name} is back"), &[movement(name, "6.00", json!({}))]);
    }
    let partner = place.named("partner_stripe").unwrap();
    place.change("res.partner", partner, json!({"active": false}));
    let fees = json!([line("balance", "-2.00", "USD"), line("fees", "2.00", "USD")]);
    put(place, "the contact for fees is archived", &[entry("txn_archived", json!({"lines": fees}))]);
    place.change("res.partner", partner, json!({"active": true}));
}

/// What people change of the set-up is no event's fault.
fn unusable(place: &mut Place) {
    let paid = || [movement("pi_usable", "6.00", json!({}))];
    let journal = place.named("journal_stripe_1").unwrap();
    place.change("account.journal", journal, json!({"active": false}));
    record(place, "the journal is archived", &paid());
    place.run("check: archived", "check", &json!({}));
    let archived = [refund("re_u", "pi_20", "1.00", json!({}))];
    give_back(place, "refunds in an archived journal", &archived);
    place.change("account.journal", journal, json!({"active": true}));
    record(place, "the journal is back", &paid());
    for (name, values, back) in [
        ("account_fees_1", place.archived(true), place.archived(false)),
        ("account_loan_1", json!({"currency_id": place.currency("EUR")}), json!({"currency_id": false})),
    ] {
        let account = place.named(name).unwrap();
        place.change("account.account", account, values);
        let told = place.run_quietly("record_payment", &json!({"movements": [movement(name, "6.00", json!({}))]}));
        place.tell(name, &json!(told["error"].as_str().unwrap_or("booked").split(": the account").next()));
        place.change("account.account", account, back);
    }
    record(place, "the accounts are back", &paid());
    contacts(place);
    let partner = place.named("partner_unallocated").unwrap();
    place.change("res.partner", partner, json!({"active": false}));
    record(place, "the contact for unallocated money is archived", &[movement("pi_nobody", "7.00", json!({}))]);
    place.change("res.partner", partner, json!({"active": true}));
}
