//! Disputes: opened, withdrawn, won, lost in either way, in every order.

use serde_json::{Value, json};

use super::entries::{enter, line};
use super::place::Place;
use super::story::{ids, movement, record};

pub fn play(place: &mut Place) {
    place.enter(0);
    place.look("EUR");
    place.rate("EUR", "2026-11-21", "0.78");
    won(place);
    lost(place);
    written_off(place);
    early(place);
    strangers(place);
    parts(place);
    waits(place);
    lost_answer(place);
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

fn is_described(role: &str, amount: &str, currency: &str) -> Value {
    let mut line = line(role, amount, currency);
    line["partner"] = json!("payer");
    line
}

fn withdrawn(dispute: &str, payment: &str, amount: &str, currency: &str) -> Value {
    let lines =
        json!([is_described("disputed", amount, currency), is_described("clearing", &format!("-{amount}"), currency)]);
    about(dispute, "withdrawn", payment, json!({"lines": lines}))
}

fn reinstated(dispute: &str, payment: &str, amount: &str, currency: &str) -> Value {
    let lines =
        json!([is_described("disputed", &format!("-{amount}"), currency), is_described("clearing", amount, currency)]);
    about(dispute, "reinstated", payment, json!({"lines": lines}))
}

/// What becomes of the money: `all` that is left goes where lost money goes; else what went there before comes back.
fn close(role: &str, all: bool) -> Value {
    let draft = role == "losses";
    json!({"all": all, "role": role, "draft": draft, "split": draft, "label": "Stripe dispute, what is left"})
}

fn ended(dispute: &str, what: &str, payment: &str, close: Value) -> Value {
    let text = format!("Stripe dispute {dispute}: {what}");
    about(
        dispute,
        what,
        payment,
        json!({"say": {"text": text, "on": "invoices", "activity": null, "done": dispute}, "close": close}),
    )
}

/// Won; the money is still to come back.
fn closed(dispute: &str, payment: &str) -> Value {
    ended(dispute, "won", payment, close("receivable", false))
}

fn gone(dispute: &str, payment: &str) -> Value {
    ended(dispute, "lost", payment, close("receivable", true))
}

/// A movement of money that is read after the dispute was closed.
fn after(mut movement: Value, close: Value) -> Value {
    movement["close"] = close;
    movement
}

/// Another withdrawal or reinstatement of the same dispute.
fn again(mut movement: Value, mark: &str) -> Value {
    let key = movement["key"].as_str().unwrap().replace("txn_", &format!("txn_{mark}_"));
    movement["key"] = json!(key);
    movement
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
    let late = gone("du_won", "pi_won");
    enter(place, "lost after all, with nothing out", std::slice::from_ref(&late));
    enter(place, "lost after all, again", &[late]);
    let taken = again(withdrawn("du_won", "pi_won", "100.00", "USD"), "second");
    enter(place, "withdrawn after it was lost again", &[after(taken, close("receivable", true))]);
    place.look("withdrawn after it was lost again: the books");
}

fn lost(place: &mut Place) {
    let invoice = place.invoice("B", "Bob", "80", "EUR");
    paid(place, "pi_lost", invoice, "80.00", "EUR");
    enter(place, "withdrawn in EUR", &[withdrawn("du_lost", "pi_lost", "80.00", "EUR")]);
    enter(place, "lost", &[gone("du_lost", "pi_lost")]);
    place.lines("lost: its entry");
    enter(place, "won after it was lost", &[closed("du_lost", "pi_lost")]);
    place.lines("won after it was lost: its entry");
    let back = reinstated("du_lost", "pi_lost", "80.00", "EUR");
    enter(place, "reinstated in EUR", &[after(back, close("receivable", true))]);
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
    let proposed = ended("du_off", "lost", "pi_off", close("losses", true));
    enter(place, "a write-off", std::slice::from_ref(&proposed));
    place.lines("a write-off: its entry");
    enter(place, "the write-off again", std::slice::from_ref(&proposed));
    let part = reinstated("du_off", "pi_off", "46.00", "USD");
    enter(place, "a part comes back while it is a draft", &[after(part, close("losses", true))]);
    let domain = json!([["state", "=", "draft"], ["move_type", "=", "entry"]]);
    let drafts = place.call("account.move", "search", None, json!({"domain": domain}));
    let drafts: Vec<i64> = drafts.as_array().unwrap().iter().filter_map(Value::as_i64).collect();
    place.call("account.move", "action_post", Some(&drafts), json!({}));
    place.look("what is proposed now is posted: the books");
    enter(place, "the write-off is posted", &[proposed]);
    enter(place, "won after it was written off", &[ended("du_off", "won", "pi_off", close("losses", false))]);
    place.lines("won after it was written off: its entry");
}

/// Parts, before and after the closing, in one currency and in another.
fn parts(place: &mut Place) {
    for (name, whole, back, rest, currency) in
        [("part", "100", "40.00", "60.00", "USD"), ("euros", "80", "30.00", "50.00", "EUR")]
    {
        let (dispute, payment) = (&format!("du_{name}"), &format!("pi_{name}"));
        let invoice = place.invoice(name, "Gil", whole, currency);
        let all = format!("{whole}.00");
        paid(place, payment, invoice, &all, currency);
        enter(place, &format!("{name}: withdrawn"), &[withdrawn(dispute, payment, &all, currency)]);
        enter(place, &format!("{name}: some of it comes back"), &[reinstated(dispute, payment, back, currency)]);
        enter(place, &format!("{name}: lost"), &[gone(dispute, payment)]);
        place.lines(&format!("{name}: lost: its entry"));
        let late = again(reinstated(dispute, payment, rest, currency), "late");
        let late = after(late, close("receivable", true));
        enter(place, &format!("{name}: the rest comes back"), std::slice::from_ref(&late));
        place.lines(&format!("{name}: the rest comes back: the last entry"));
        enter(place, &format!("{name}: the rest comes back, again"), &[late]);
        place.look(&format!("{name}: the books"));
    }
    let invoice = place.invoice("two withdrawals", "Hal", "90", "USD");
    paid(place, "pi_two", invoice, "90.00", "USD");
    let first = withdrawn("du_two", "pi_two", "50.00", "USD");
    let second = again(withdrawn("du_two", "pi_two", "40.00", "USD"), "second");
    let all = || close("receivable", true);
    enter(place, "two withdrawals, read when it is lost", &[after(first, all()), after(second, all())]);
    place.look("two withdrawals: the books");
}

/// It is closed once everything that Stripe lists is booked, whatever comes first; also what a person has deleted since.
fn waits(place: &mut Place) {
    let invoice = place.invoice("waits", "Jon", "60", "USD");
    paid(place, "pi_waits", invoice, "60.00", "USD");
    let mut lost = close("receivable", true);
    lost["after"] =
        json!(["stripe:acct_1:txn_du_waits_withdrawn:withdrawn", "stripe:acct_1:txn_du_waits_reinstated:reinstated"]);
    let taken = after(withdrawn("du_waits", "pi_waits", "60.00", "USD"), lost.clone());
    enter(place, "withdrawn, while something else is to come", &[taken]);
    enter(place, "lost, while something else is to come", &[ended("du_waits", "lost", "pi_waits", lost.clone())]);
    let back = after(reinstated("du_waits", "pi_waits", "20.00", "USD"), lost.clone());
    enter(place, "the last of it", &[back]);
    place.look("the last of it: the books");
    let mut won = lost;
    won["after"].as_array_mut().unwrap().push(json!("stripe:acct_1:txn_late_du_waits_reinstated:reinstated"));
    enter(place, "won, before the rest is booked", &[ended("du_waits", "won", "pi_waits", won.clone())]);
    let rest = again(reinstated("du_waits", "pi_waits", "40.00", "USD"), "late");
    enter(place, "and the rest", &[after(rest, won)]);
    place.look("and the rest: the books");
}

/// The answer to a movement was lost, and the dispute was closed before it was asked for again.
fn lost_answer(place: &mut Place) {
    let invoice = place.invoice("lost answer", "Ida", "25", "USD");
    paid(place, "pi_answer", invoice, "25.00", "USD");
    enter(place, "lost before anything was withdrawn", &[gone("du_answer", "pi_answer")]);
    let taken = withdrawn("du_answer", "pi_answer", "25.00", "USD");
    enter(place, "withdrawn, read before it was lost", std::slice::from_ref(&taken));
    enter(place, "the same again, read after", &[after(taken, close("receivable", true))]);
    place.look("the same again, read after: the books");
}

fn early(place: &mut Place) {
    let invoice = place.invoice("C", "Dan", "30", "USD");
    paid(place, "pi_early", invoice, "30.00", "USD");
    enter(place, "lost before it is withdrawn", &[gone("du_early", "pi_early")]);
    let taken = withdrawn("du_early", "pi_early", "30.00", "USD");
    enter(place, "then withdrawn", &[after(taken, close("receivable", true))]);
    record(place, "a payment that nobody claims", &[movement("pi_free", "9.00", json!({}))]);
    enter(place, "its dispute is opened", &[opened("du_free", "pi_free")]);
    enter(place, "its dispute is withdrawn", &[withdrawn("du_free", "pi_free", "9.00", "USD")]);
    enter(place, "its dispute is lost", &[gone("du_free", "pi_free")]);
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
    let mut lost = gone("du_before", "pi_before");
    lost["match"]["ids"] = json!([invoice]);
    enter(place, "and lost", &[lost]);
    let paid = place.invoice("paid by hand before the cut-over", "Flo", "40", "USD");
    place.by_hand(paid, "Flo - ch_hand");
    let mut by_charge = withdrawn("du_hand", "pi_hand", "40.00", "USD");
    by_charge["charge"] = json!("ch_hand");
    enter(place, "of a payment that somebody booked by hand", &[by_charge]);
    place.lines("of a payment that somebody booked by hand: its entry");
}
