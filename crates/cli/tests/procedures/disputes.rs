//! Disputes: opened, withdrawn, won, lost in either way, in every order.

use serde_json::{Value, json};

use super::entries::{enter, line};
use super::place::Place;
use super::story::{ids, movement, record};

pub fn play(place: &mut Place) {
    place.enter(0);
    place.books("EUR");
    place.rate("EUR", "2026-11-21", "0.78");
    won(place);
    lost(place);
    written_off(place);
    early(place);
    strangers(place);
}

/// A movement of a dispute about a payment.
fn about(dispute: &str, what: &str, payment: &str, more: Value) -> Value {
    let object =
        if what == "withdrawn" || what == "reinstated" { format!("txn_{dispute}_{what}") } else { dispute.to_owned() };
    let mut m = json!({"key": format!("stripe:acct_1:{object}:{what}"), "at": "2026-11-22 12:00:00", "company": null,
        "payment": payment, "note": true, "flags": [], "ref": format!("{dispute} {what} {payment}"), "rest": "disputed",
        "dispute": format!("stripe:acct_1:{dispute}"), "receipt": format!("stripe:acct_1:{payment}:succeeded"),
        "match": {"ids": [], "numbers": []},
        "say": {"text": format!("Stripe dispute {dispute}: {what}"), "on": "invoices", "activity": null, "done": null}});
    let deep = |all: &mut Value, more: &Value| all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    deep(&mut m, &more);
    m
}

fn opened(dispute: &str, payment: &str) -> Value {
    let todo = json!({"summary": format!("Answer dispute {dispute} at Stripe"), "deadline": "2026-12-04 23:59:59"});
    let say =
        json!({"text": format!("Stripe dispute {dispute}: opened"), "on": "invoices", "activity": todo, "done": null});
    about(dispute, "opened", payment, json!({"say": say}))
}

fn of_payer(role: &str, amount: &str, currency: &str) -> Value {
    let mut line = line(role, amount, currency);
    line["partner"] = json!("payer");
    line
}

fn withdrawn(dispute: &str, payment: &str, amount: &str, currency: &str) -> Value {
    let lines = json!([of_payer("disputed", amount, currency), of_payer("clearing", &format!("-{amount}"), currency)]);
    about(dispute, "withdrawn", payment, json!({"lines": lines}))
}

fn reinstated(dispute: &str, payment: &str, amount: &str, currency: &str) -> Value {
    let lines = json!([of_payer("disputed", &format!("-{amount}"), currency), of_payer("clearing", amount, currency)]);
    about(dispute, "reinstated", payment, json!({"lines": lines}))
}

fn closed(dispute: &str, payment: &str) -> Value {
    let say =
        json!({"text": format!("Stripe dispute {dispute}: won"), "on": "invoices", "activity": null, "done": dispute});
    about(dispute, "won", payment, json!({"say": say, "reverses": format!("stripe:acct_1:{dispute}:lost")}))
}

fn gone(dispute: &str, payment: &str, amount: &str, currency: &str) -> Value {
    let lines =
        json!([of_payer("receivable", amount, currency), of_payer("disputed", &format!("-{amount}"), currency)]);
    let say =
        json!({"text": format!("Stripe dispute {dispute}: lost"), "on": "invoices", "activity": null, "done": dispute});
    about(
        dispute,
        "lost",
        payment,
        json!({"lines": lines, "say": say, "unless": format!("stripe:acct_1:{dispute}:won")}),
    )
}

/// A balance transaction of what was withdrawn or given back.
fn settles(dispute: &str, what: &str, amount: &str, currency: &str) -> Value {
    let turned = amount.strip_prefix('-').map_or(format!("-{amount}"), str::to_owned);
    let lines = json!([line("balance", &turned, currency), line("clearing", amount, currency)]);
    let document = format!("stripe:acct_1:txn_{dispute}_{what}:{what}");
    super::entries::settled(&format!("txn_{dispute}_{what}"), lines, json!({"document": document}))
}

fn paid(place: &mut Place, id: &str, invoice: i64, amount: &str, currency: &str) {
    let mut rest = ids(&[invoice]);
    rest["currency"] = json!(currency);
    record(place, &format!("{id} is paid"), &[movement(id, amount, rest)]);
}

fn won(place: &mut Place) {
    let invoice = place.invoice("A", "Ada", "100", "USD");
    paid(place, "pi_won", invoice, "100.00", "USD");
    enter(place, "opened", &[opened("du_won", "pi_won")]);
    place.activities("opened: the activities", invoice);
    enter(place, "withdrawn", &[withdrawn("du_won", "pi_won", "100.00", "USD")]);
    place.lines("withdrawn: its entry");
    enter(place, "withdrawn: its balance transaction", &[settles("du_won", "withdrawn", "100.00", "USD")]);
    enter(place, "won", &[closed("du_won", "pi_won")]);
    place.activities("won: the activities", invoice);
    place.notes("won: the notes", invoice);
    enter(place, "reinstated: its balance transaction", &[settles("du_won", "reinstated", "-100.00", "USD")]);
    enter(place, "reinstated", &[reinstated("du_won", "pi_won", "100.00", "USD")]);
    let late = gone("du_won", "pi_won", "100.00", "USD");
    enter(place, "lost after it was won", std::slice::from_ref(&late));
    enter(place, "lost after it was won, again", &[late]);
}

fn lost(place: &mut Place) {
    let invoice = place.invoice("B", "Bob", "80", "EUR");
    paid(place, "pi_lost", invoice, "80.00", "EUR");
    enter(place, "withdrawn in EUR", &[withdrawn("du_lost", "pi_lost", "80.00", "EUR")]);
    enter(place, "lost", &[gone("du_lost", "pi_lost", "80.00", "EUR")]);
    place.lines("lost: its entry");
    enter(place, "won after it was lost", &[closed("du_lost", "pi_lost")]);
    place.lines("won after it was lost: its entry");
    enter(place, "reinstated in EUR", &[reinstated("du_lost", "pi_lost", "80.00", "EUR")]);
}

fn written_off(place: &mut Place) {
    let taxed = super::place::read::Special {
        name: "taxed",
        of: "Cleo",
        amount: "100",
        taxed: true,
        ..super::place::read::Special::PLAIN
    };
    let invoice = place.special(&taxed);
    paid(place, "pi_off", invoice, "115.00", "USD");
    enter(place, "withdrawn from a taxed invoice", &[withdrawn("du_off", "pi_off", "115.00", "USD")]);
    let mut loss = of_payer("losses", "115.00", "USD");
    loss["split"] = json!(true);
    let lines = json!([loss, of_payer("disputed", "-115.00", "USD")]);
    let draft = about("du_off", "lost", "pi_off", json!({"lines": lines, "draft": true}));
    enter(place, "a write-off", std::slice::from_ref(&draft));
    place.lines("a write-off: its entry");
    enter(place, "the write-off again", std::slice::from_ref(&draft));
    enter(place, "won while the write-off is a draft", &[closed("du_off", "pi_off")]);
    let entry = place.last_entry();
    place.call("account.move", "action_post", Some(&[entry]), json!({}));
    enter(place, "the write-off was posted", &[draft]);
}

fn early(place: &mut Place) {
    let invoice = place.invoice("C", "Dan", "30", "USD");
    paid(place, "pi_early", invoice, "30.00", "USD");
    enter(place, "lost before it is withdrawn", &[gone("du_early", "pi_early", "30.00", "USD")]);
    enter(place, "then withdrawn", &[withdrawn("du_early", "pi_early", "30.00", "USD")]);
    record(place, "a payment that nobody claims", &[movement("pi_free", "9.00", json!({}))]);
    enter(place, "its dispute is opened", &[opened("du_free", "pi_free")]);
    enter(place, "its dispute is withdrawn", &[withdrawn("du_free", "pi_free", "9.00", "USD")]);
    enter(place, "its dispute is lost", &[gone("du_free", "pi_free", "9.00", "USD")]);
}

fn strangers(place: &mut Place) {
    record(place, "a payment that is deleted", &[movement("pi_gone", "6.00", json!({}))]);
    let payment = place.payment(&super::story::last_payment(place));
    place.call("account.payment", "action_draft", Some(&[payment]), json!({}));
    place.call("account.payment", "unlink", Some(&[payment]), json!({}));
    enter(place, "its money is disputed all the same", &[withdrawn("du_gone", "pi_gone", "6.00", "USD")]);
    enter(place, "of a payment that is not in the books", &[withdrawn("du_none", "pi_none", "1.00", "USD")]);
    let invoice = place.invoice("before the cut-over", "Eve", "70", "USD");
    let mut known = withdrawn("du_before", "pi_before", "70.00", "USD");
    known["match"]["ids"] = json!([invoice]);
    enter(place, "of a payment from before the cut-over", &[known]);
    let mut lost = gone("du_before", "pi_before", "70.00", "USD");
    lost["match"]["ids"] = json!([invoice]);
    enter(place, "and lost", &[lost]);
    let paid = place.invoice("paid by hand before the cut-over", "Flo", "40", "USD");
    place.by_hand(paid, "Flo - ch_hand");
    let mut by_charge = withdrawn("du_hand", "pi_hand", "40.00", "USD");
    by_charge["charge"] = json!("ch_hand");
    enter(place, "of a payment that somebody booked by hand", &[by_charge]);
    place.lines("of a payment that somebody booked by hand: its entry");
}
