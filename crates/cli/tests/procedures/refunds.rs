//! Refunds, refunds that fail, and receipts that were no money after all: what each does to invoices and credit.

use serde_json::{Value, json};

use super::place::Place;
use super::place::read::Special;
use super::story::{ids, last_payment, movement, record};

pub fn play(place: &mut Place) {
    place.enter(0);
    place.books("EUR");
    parts(place);
    credit(place);
    several(place);
    taken_back(place);
    discounts(place);
    currencies(place);
    before(place);
    undone(place);
    refused(place);
    told(place);
    settled(place);
    locked(place);
}

/// A refund of 21 November with what is usual, some of it replaced.
pub fn refund(id: &str, of: &str, amount: &str, replaced: Value) -> Value {
    let mut m = json!({"key": format!("stripe:acct_1:{id}:succeeded"), "kind": "refunded", "at": "2026-11-21 12:00:00",
        "company": null, "payment": of, "charge": null, "customer": null, "amount": amount, "currency": "USD",
        "receipt": format!("stripe:acct_1:{of}:succeeded"), "refund": id, "reason": "requested_by_customer",
        "memo": format!("{id} ({of})"), "note": false, "flags": []});
    m.as_object_mut().unwrap().extend(replaced.as_object().unwrap().clone());
    m
}

/// The same refund, come back.
fn failed(id: &str, of: &str, amount: &str) -> Value {
    let key = format!("stripe:acct_1:{id}:failed");
    let more = json!({"key": key, "kind": "refund_failed", "reason": "expired_or_canceled_card"});
    refund(id, of, amount, more)
}

/// A receipt taken back.
fn reversed(of: &str, amount: &str) -> Value {
    let key = format!("stripe:acct_1:{of}:reversed");
    refund("", of, amount, json!({"key": key, "kind": "reversed", "refund": null, "reason": null, "memo": of}))
}

pub fn give_back(place: &mut Place, title: &str, movements: &[Value]) {
    place.run(title, "record_refund", &json!({"movements": movements}));
}

fn in_euros(mut movement: Value) -> Value {
    movement["currency"] = json!("EUR");
    movement
}

fn parts(place: &mut Place) {
    let a = place.invoice("A", "Ada", "100", "USD");
    record(place, "A is paid", &[movement("pi_a", "100.00", ids(&[a]))]);
    let first = refund("re_a1", "pi_a", "30.00", json!({}));
    give_back(place, "a part", std::slice::from_ref(&first));
    let payment = place.payment(&last_payment(place));
    place.entry("its entry", payment);
    give_back(place, "a part again", std::slice::from_ref(&first));
    give_back(place, "the rest", &[refund("re_a2", "pi_a", "70.00", json!({}))]);
    give_back(place, "more than there was", &[refund("re_a3", "pi_a", "0.01", json!({}))]);
    place.owed("owed after parts", "Ada");
    give_back(place, "a part comes back", &[failed("re_a1", "pi_a", "30.00")]);
    give_back(place, "it comes back again", &[failed("re_a1", "pi_a", "30.00")]);
    place.owed("owed after a failure", "Ada");
    let both = ["re_a4", "re_a5"].map(|id| refund(id, "pi_a", "10.00", json!({})));
    give_back(place, "two in one call", &both);
    let again = [failed("re_a7", "pi_a", "5.00"), refund("re_a7", "pi_a", "5.00", json!({}))];
    give_back(place, "a refund that had failed before anybody asked", &again);
    place.owed("owed of nothing more", "Ada");
    let same = refund("re_a6", "pi_a", "1.00", json!({}));
    give_back(place, "one key twice in one call", &[same.clone(), same]);
}

fn credit(place: &mut Place) {
    let a = place.invoice("over", "Bob", "100", "USD");
    record(place, "paid too much", &[movement("pi_over", "130.00", ids(&[a]))]);
    give_back(place, "of what was too much", &[refund("re_o1", "pi_over", "20.00", json!({}))]);
    give_back(place, "more than what was too much", &[refund("re_o2", "pi_over", "50.00", json!({}))]);
    place.owed("owed of the over-payment", "Bob");
    give_back(place, "that comes back", &[failed("re_o2", "pi_over", "50.00")]);
    place.owed("owed when it came back", "Bob");
    record(place, "nobody's money", &[movement("pi_free", "40.00", json!({}))]);
    give_back(place, "of nobody's money", &[refund("re_f", "pi_free", "15.00", json!({}))]);
    give_back(place, "the rest of nobody's money", &[refund("re_f2", "pi_free", "25.00", json!({}))]);
}

fn several(place: &mut Place) {
    let late = place.invoice_due("late", "Cleo", "50", "USD", "2026-11-10");
    let later = place.invoice_due("later", "Cleo", "100", "USD", "2026-11-25");
    record(place, "two invoices", &[movement("pi_two", "120.00", ids(&[later, late]))]);
    give_back(place, "of two invoices", &[refund("re_two", "pi_two", "70.00", json!({}))]);
    let term = Some(place.term(&[(30, 0), (30, 10), (40, 30)], json!({})));
    let three = place.special(&Special { name: "in three parts", of: "Cleo", term, ..Special::PLAIN });
    record(place, "an instalment", &[movement("pi_inst", "30.00", ids(&[three]))]);
    give_back(place, "of an instalment", &[refund("re_inst", "pi_inst", "30.00", json!({}))]);
    place.owed("owed of two and of three", "Cleo");
}

fn taken_back(place: &mut Place) {
    let a = place.invoice("no money", "Dan", "100", "USD");
    record(place, "paid, it seems", &[movement("pi_no", "100.00", ids(&[a]))]);
    give_back(place, "taken back", &[reversed("pi_no", "100.00")]);
    give_back(place, "taken back again", &[reversed("pi_no", "100.00")]);
    record(place, "paid for good", &[movement("pi_yes", "100.00", ids(&[a]))]);
    let b = place.invoice("half", "Dan", "100", "USD");
    record(place, "paid, half of it", &[movement("pi_half", "100.00", ids(&[b]))]);
    give_back(place, "half taken back", &[reversed("pi_half", "40.00")]);
    let late = place.invoice_due("first", "Dan", "50", "USD", "2026-11-10");
    let later = place.invoice_due("second", "Dan", "100", "USD", "2026-11-25");
    record(place, "two at once", &[movement("pi_both", "150.00", ids(&[later, late]))]);
    give_back(place, "a part of two taken back", &[reversed("pi_both", "60.00")]);
    let c = place.invoice("refunded before", "Dan", "100", "USD");
    record(place, "paid and refunded", &[movement("pi_ref", "100.00", ids(&[c]))]);
    give_back(place, "refunded", &[refund("re_ref", "pi_ref", "30.00", json!({}))]);
    give_back(place, "then taken back", &[reversed("pi_ref", "70.00")]);
    record(place, "nobody's, it seems", &[movement("pi_nn", "40.00", json!({}))]);
    give_back(place, "nobody's, taken back", &[reversed("pi_nn", "40.00")]);
    place.owed("owed when all was taken back", "Dan");
}

fn discounts(place: &mut Place) {
    for (n, (how, amount)) in [("included", "112.70"), ("excluded", "113.00"), ("mixed", "112.70")].iter().enumerate() {
        let term = Some(place.discount(how));
        let wish = Special { name: how, of: "Eve", term, taxed: true, ..Special::PLAIN };
        let invoice = place.special(&wish);
        let key = format!("pi_disc{n}");
        let mut early = ids(&[invoice]);
        early["at"] = json!("2026-11-05 12:00:00");
        record(place, &format!("a discount taken, {how}"), &[movement(&key, amount, early)]);
        give_back(place, &format!("the discount with it, {how}"), &[reversed(&key, amount)]);
        let payment = place.payment(&last_payment(place));
        place.entry(&format!("its entry, {how}"), payment);
    }
    place.owed("owed without discounts", "Eve");
}

fn currencies(place: &mut Place) {
    let euro = place.invoice("in EUR", "Gil", "80", "EUR");
    record(place, "EUR for EUR", &[in_euros(movement("pi_eur", "80.00", ids(&[euro])))]);
    give_back(place, "EUR back", &[in_euros(refund("re_eur", "pi_eur", "30.00", json!({})))]);
    give_back(place, "EUR never came", &[in_euros(reversed("pi_eur", "50.00"))]);
    let other = place.invoice("other in EUR", "Gil", "80", "EUR");
    record(place, "USD for EUR", &[movement("pi_usd", "50.00", ids(&[other]))]);
    give_back(place, "USD of EUR back", &[refund("re_usd", "pi_usd", "20.00", json!({}))]);
    give_back(place, "USD of EUR never came", &[reversed("pi_usd", "30.00")]);
    let last = place.invoice("the last in EUR", "Gil", "90", "EUR");
    record(place, "EUR at another rate", &[in_euros(movement("pi_rate", "90.00", ids(&[last])))]);
    give_back(place, "EUR at another rate never came", &[in_euros(reversed("pi_rate", "90.00"))]);
    place.owed("owed in EUR and USD", "Gil");
}

fn before(place: &mut Place) {
    let a = place.invoice("of old", "Hal", "60", "USD");
    place.by_hand(a, "tx 7 - Hal - pi_old");
    give_back(place, "paid before", &[refund("re_old", "pi_old", "60.00", json!({}))]);
    let b = place.invoice("of old, by charge", "Hal", "60", "USD");
    place.by_hand(b, "tx 8 - Hal - ch_old");
    give_back(place, "by its charge", &[refund("re_old2", "pi_old2", "10.00", json!({"charge": "ch_old"}))]);
    let unknown = refund("re_none", "pi_none", "1.00", json!({"charge": "ch_none"}));
    give_back(place, "of nothing", std::slice::from_ref(&unknown));
    let c = place.invoice("twice of old", "Hal", "60", "USD");
    let d = place.invoice("twice of old, the other", "Hal", "60", "USD");
    place.by_hand(c, "pi_twins");
    place.by_hand(d, "pi_twins");
    give_back(place, "of one of two", &[refund("re_twins", "pi_twins", "1.00", json!({}))]);
    let good = place.invoice("beside", "Hal", "10", "USD");
    record(place, "beside it", &[movement("pi_beside", "10.00", ids(&[good]))]);
    give_back(place, "a refusal harms no other", &[unknown, refund("re_beside", "pi_beside", "10.00", json!({}))]);
}

fn undone(place: &mut Place) {
    let a = place.invoice("undone", "Ida", "60", "USD");
    record(place, "paid, to be undone", &[movement("pi_undone", "60.00", ids(&[a]))]);
    let receipt = place.payment(&last_payment(place));
    give_back(place, "while it stands", &[refund("re_u1", "pi_undone", "10.00", json!({}))]);
    let gone = place.payment(&last_payment(place));
    place.call("account.payment", "action_draft", Some(&[receipt]), json!({}));
    give_back(place, "the receipt is a draft", &[refund("re_u2", "pi_undone", "10.00", json!({}))]);
    place.call("account.payment", "action_cancel", Some(&[receipt]), json!({}));
    give_back(place, "the receipt is cancelled", &[refund("re_u3", "pi_undone", "10.00", json!({}))]);
    place.call("account.payment", "unlink", Some(&[receipt]), json!({}));
    let known = json!({"customer": "acct_1:cus_nobody"});
    give_back(place, "the receipt is deleted", &[refund("re_u4", "pi_undone", "10.00", known)]);
    give_back(place, "its failure", &[failed("re_u4", "pi_undone", "10.00")]);
    give_back(place, "it never came", &[reversed("pi_undone", "60.00")]);
    place.call("account.payment", "action_draft", Some(&[gone]), json!({}));
    give_back(place, "the refund is a draft", &[refund("re_u1", "pi_undone", "10.00", json!({}))]);
    place.call("account.payment", "action_cancel", Some(&[gone]), json!({}));
    give_back(place, "the cancelled refund came back", &[failed("re_u1", "pi_undone", "10.00")]);
    place.call("account.payment", "unlink", Some(&[gone]), json!({}));
    give_back(place, "the refund is deleted", &[refund("re_u1", "pi_undone", "10.00", json!({}))]);
    place.owed("owed where all was undone", "Ida");
}

fn refused(place: &mut Place) {
    let a = place.invoice("to refuse", "Jo", "60", "USD");
    record(place, "paid, to refuse", &[movement("pi_r", "60.00", ids(&[a]))]);
    for (title, id, amount, more) in [
        ("a currency that is not active", "re_r1", "1.00", json!({"currency": "CHF"})),
        ("more places than the currency has", "re_r2", "1.001", json!({})),
        ("nothing", "re_r3", "0.00", json!({})),
        ("a company of others", "re_r4", "1.00", json!({"company": 999_999})),
    ] {
        give_back(place, title, &[refund(id, "pi_r", amount, more)]);
    }
    give_back(place, "an empty list", &[]);
}

fn told(place: &mut Place) {
    let a = place.invoice("with notes", "Kim", "60", "USD");
    record(place, "paid, with notes", &[movement("pi_n", "60.00", ids(&[a]))]);
    let note = json!({"note": true, "charge": "ch_n"});
    give_back(place, "with a note", &[refund("re_n", "pi_n", "20.00", note)]);
    let mut back = failed("re_n", "pi_n", "20.00");
    back["note"] = json!(true);
    give_back(place, "its failure, with a note", &[back]);
    let mut never = reversed("pi_n", "60.00");
    never["note"] = json!(true);
    give_back(place, "taken back, with a note", &[never]);
    place.notes("the notes", a);
}

/// Balance transactions before and after their documents.
fn settled(place: &mut Place) {
    let a = place.invoice("settled", "Lea", "60", "USD");
    record(place, "paid, to be settled", &[movement("pi_s", "60.00", ids(&[a]))]);
    let before =
        super::entries::settled("txn_s1", settling("-20.00"), json!({"document": "stripe:acct_1:re_s1:succeeded"}));
    super::entries::enter(place, "settled before its refund", &[before]);
    give_back(place, "a refund that was settled before", &[refund("re_s1", "pi_s", "20.00", json!({}))]);
    place.look("the accounts when both are there");
    give_back(place, "a refund to be settled", &[refund("re_s2", "pi_s", "10.00", json!({}))]);
    let after =
        super::entries::settled("txn_s2", settling("-10.00"), json!({"document": "stripe:acct_1:re_s2:succeeded"}));
    super::entries::enter(place, "settled after its refund", &[after]);
}

fn settling(net: &str) -> Value {
    let other = net.trim_start_matches('-');
    json!([super::entries::line("balance", net, "USD"), super::entries::line("clearing", other, "USD")])
}

fn locked(place: &mut Place) {
    let a = place.invoice("locked", "Mia", "60", "USD");
    record(place, "paid, to be locked", &[movement("pi_l", "60.00", ids(&[a]))]);
    place.company(json!({"fiscalyear_lock_date": "2026-09-30"}));
    let early = json!({"at": "2026-09-15 12:00:00"});
    give_back(place, "in a locked period", &[refund("re_l", "pi_l", "10.00", early)]);
    place.company(json!({"fiscalyear_lock_date": false}));
}
