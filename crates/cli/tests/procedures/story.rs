//! What happens to invoices and money, in an order that touches every rung of the ladder and every answer.

use quittance::erp::odoo::numbers;
use serde_json::{Value, json};

use super::pages;
use super::place::Place;

/// A movement with what is usual, some of it replaced.
pub fn movement(key: &str, amount: &str, replaced: Value) -> Value {
    let mut m = json!({"key": format!("stripe:acct_1:{key}:succeeded"), "amount": amount, "currency": "USD",
        "at": "2026-11-20 12:00:00", "memo": key, "payment": key, "customer": null, "company": null, "flags": [],
        "no_match": false, "note": false, "transaction": false,
        "match": {"ids": [], "numbers": [], "texts": [], "tolerance": "0"}});
    for (name, value) in replaced.as_object().unwrap() {
        if let (Some(inner), Some(values)) = (m[name].as_object_mut(), value.as_object()) {
            inner.extend(values.clone());
        } else {
            m[name] = value.clone();
        }
    }
    candidates(&mut m["match"]);
    m
}

/// Numbers and texts as the product sends them.
fn candidates(wanted: &mut Value) {
    let list = |name: &str| serde_json::from_value::<Vec<String>>(wanted[name].clone()).unwrap();
    let (numbers, texts) = (list("numbers"), list("texts"));
    wanted["references"] = json!(numbers);
    wanted["numbers"] = numbers::candidates_of_numbers(&numbers);
    wanted["texts"] = numbers::candidates_of_texts(&texts);
}

pub fn ids(ids: &[i64]) -> Value {
    json!({"match": {"ids": ids}})
}

/// Receipts, and what the pay page reads of them.
pub fn play(place: &mut Place) {
    place.run("check", "check", &json!({}));
    amounts(place);
    marks(place);
    ladder(place);
    customer(place);
    cannot_be_paid(place);
    refused(place);
    currencies(place);
    undone(place);
    extras(place);
    companies(place);
    closed(place);
    pages::play(place);
}

pub fn record(place: &mut Place, title: &str, movements: &[Value]) {
    place.run(title, "record_payment", &json!({"movements": movements}));
}

fn amounts(place: &mut Place) {
    let a = place.invoice("A", "Ada", "100", "USD");
    let full = movement("pi_full", "100.00", ids(&[a]));
    record(place, "paid in full", std::slice::from_ref(&full));
    record(place, "the same again", &[full]);
    record(place, "an invoice that is paid", &[movement("pi_twice", "100.00", ids(&[a]))]);
    let b = place.invoice("B", "Ada", "100", "USD");
    record(place, "paid in part", &[movement("pi_part", "40.00", ids(&[b]))]);
    record(place, "more than the rest", &[movement("pi_over", "70.00", ids(&[b]))]);
    let late = place.invoice_due("late", "Ada", "50", "USD", "2026-11-10");
    let later = place.invoice_due("later", "Ada", "100", "USD", "2026-11-25");
    record(place, "two invoices, the older due first", &[movement("pi_two", "120.00", ids(&[later, late]))]);
    let c = place.invoice("C", "Ada", "30", "USD");
    let halves = [movement("pi_h1", "10.00", ids(&[c])), movement("pi_h2", "20.00", ids(&[c]))];
    record(place, "two movements of one invoice in one call", &halves);
    let e = place.invoice("E", "Ada", "25", "USD");
    let both = ["pi_e1", "pi_e2"].map(|key| movement(key, "25.00", ids(&[e])));
    record(place, "paid twice in one call", &both);
    let d = place.invoice("D", "Ada", "10", "USD");
    let same = movement("pi_same", "10.00", ids(&[d]));
    record(place, "one key twice in one call", &[same.clone(), same]);
}

/// The answer of a restored database stands still until the ledger has been told.
fn marks(place: &mut Place) {
    let a = place.invoice("marked", "Ada", "15", "USD");
    let paid = [movement("pi_mark", "15.00", ids(&[a]))];
    let known = place.mark;
    let asked = |place: &mut Place, title: &str, known: i64| {
        place.run(title, "record_payment", &json!({"movements": paid, "mark": known}));
    };
    asked(place, "the ledger has the mark of before", known);
    let known = place.mark + 1;
    asked(place, "the ledger has a higher mark", known);
    asked(place, "the same again, as if the answer had been lost", known);
    asked(place, "the ledger has none any more", 0);
}

fn ladder(place: &mut Place) {
    let a = place.invoice("by number", "Bob", "11", "USD");
    let b = place.invoice("by text", "Bob", "12", "USD");
    let c = place.invoice("by reference", "Bob", "13", "USD");
    place.call("account.move", "write", Some(&[c]), json!({"vals": {"payment_reference": "REF-13"}}));
    let (number, words) = (place.number(a), format!("Your order 7: invoice {}, thanks.", place.number(b)));
    record(place, "by its number", &[movement("pi_number", "11.00", json!({"match": {"numbers": [number]}}))]);
    record(place, "by a text", &[movement("pi_text", "12.00", json!({"match": {"texts": [words]}}))]);
    record(place, "by its reference", &[movement("pi_ref", "13.00", json!({"match": {"numbers": ["REF-13"]}}))]);
    let nothing = json!({"match": {"numbers": ["INV/1999/9"], "texts": ["order 17 of 2026"]}});
    record(place, "a number of nothing", &[movement("pi_none", "5.00", nothing)]);
    let gone = json!({"match": {"ids": [999_999_999], "numbers": [place.number(b)]}});
    record(place, "an id of nothing, then a number", &[movement("pi_gone", "5.00", gone)]);
    identities(place);
    let strange = json!({"match": {"ids": [a]}, "no_match": true, "flags": ["foreign_database"]});
    record(place, "not to be matched", &[movement("pi_foreign", "5.00", strange)]);
}

/// Ids that were another's, as after a restore: number or contact are not what the metadata has beside the id.
fn identities(place: &mut Place) {
    let a = place.invoice("has a lost id", "Bob", "61", "USD");
    let b = place.invoice("entered again", "Ada", "62", "USD");
    let (bob, ada) = (place.partner("Bob"), place.partner("Ada"));
    let (first, second) = (place.number(a), place.number(b));
    let of = |key: &str, amount: &str, number: Option<&String>, partner: Option<i64>| {
        let names = number.map(|number| numbers::names(number));
        let wish = json!({"ids": [a], "numbers": number.iter().collect::<Vec<_>>(),
            "identity": [{"id": a, "numbers": names, "partner": partner}]});
        movement(key, amount, json!({"match": wish}))
    };
    let lost = "INV/2026/09999".to_owned();
    record(place, "its number is another", &[of("pi_id1", "1.00", Some(&lost), None)]);
    record(place, "its contact is another", &[of("pi_id2", "2.00", Some(&first), Some(ada))]);
    record(place, "its contact is gone", &[of("pi_id3", "3.00", Some(&first), Some(999_999_999))]);
    record(place, "the number is another invoice's now", &[of("pi_id4", "4.00", Some(&second), Some(ada))]);
    record(place, "the number is another contact's now", &[of("pi_id5", "5.00", Some(&second), Some(bob))]);
    let same = [of("pi_id6", "6.00", Some(&first), Some(bob)), of("pi_id7", "7.00", None, Some(bob))];
    record(place, "number and contact are its own", &same);
    record(place, "the same again", &same);
    let both = json!({"match": {"ids": [a, b], "identity": [{"id": a, "numbers": [lost], "partner": null}]}});
    record(place, "one of two is another", &[movement("pi_id8", "8.00", both)]);
    let page = place.ask("read_invoice", &json!({"invoices": [a]}));
    let made = |key: &str, amount: &str, created: &Value| {
        let mut one = of(key, amount, Some(&first), Some(bob));
        one["match"]["identity"][0]["created"] = created.clone();
        one
    };
    record(place, "it was made when the metadata says", &[made("pi_id9", "1.50", &page["invoices"][0]["created"])]);
    record(place, "it was made at another moment", &[made("pi_id10", "2.50", &json!("2026-11-20 10:11:12.123456"))]);
    let mut wrong = of("pi_id1", "1.00", Some(&lost), None);
    wrong["customer"] = json!("acct_1:cus_lost");
    record(place, "a replay does not compare contacts with it", &[wrong]);
}

fn customer(place: &mut Place) {
    let first = place.invoice("first of a customer", "Cleo", "21", "USD");
    let cus = |rest: Value| {
        let mut all = json!({"customer": "acct_1:cus_1"});
        all.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        all
    };
    record(place, "an unknown customer", &[movement("pi_new", "21.50", cus(json!({})))]);
    record(place, "a customer learned", &[movement("pi_learn", "21.00", cus(ids(&[first])))]);
    place.invoice("open of a customer", "Cleo", "22", "USD");
    record(place, "by the amount", &[movement("pi_amount", "22.00", cus(json!({})))]);
    place.invoice("near", "Cleo", "23", "USD");
    record(place, "near, without tolerance", &[movement("pi_near", "22.95", cus(json!({})))]);
    let near = cus(json!({"match": {"tolerance": "0.05"}}));
    record(place, "near, within tolerance", &[movement("pi_tolerance", "22.95", near)]);
    place.invoice("twin", "Cleo", "24", "USD");
    place.invoice("other twin", "Cleo", "24", "USD");
    record(place, "two of this amount", &[movement("pi_twins", "24.00", cus(json!({})))]);
}

fn cannot_be_paid(place: &mut Place) {
    let draft = place.draft("draft", "Dan", "31", "USD", "2026-11-30");
    record(place, "a draft", &[movement("pi_draft", "31.00", ids(&[draft]))]);
    let cancelled = place.draft("cancelled", "Dan", "32", "USD", "2026-11-30");
    place.call("account.move", "button_cancel", Some(&[cancelled]), json!({}));
    record(place, "a cancelled invoice", &[movement("pi_cancelled", "32.00", ids(&[cancelled]))]);
    record(place, "an invoice that is not there", &[movement("pi_nothing", "33.00", ids(&[999_999_999]))]);
    let ours = place.invoice("ours", "Dan", "34", "USD");
    let others = place.invoice("of another", "Eve", "35", "USD");
    record(place, "invoices of two customers", &[movement("pi_mixed", "69.00", ids(&[ours, others]))]);
    record(place, "one good and one draft", &[movement("pi_half", "40.00", ids(&[draft, others]))]);
}

fn refused(place: &mut Place) {
    record(place, "a currency that is not active", &[movement("pi_chf", "1.00", json!({"currency": "CHF"}))]);
    record(place, "more places than the currency has", &[movement("pi_mill", "1.001", json!({}))]);
    record(place, "a fraction of a yen", &[movement("pi_yen", "1.5", json!({"currency": "JPY"}))]);
    record(place, "nothing", &[movement("pi_zero", "0.00", json!({}))]);
    record(place, "less than nothing", &[movement("pi_minus", "-1.00", json!({}))]);
    record(place, "a company of others", &[movement("pi_company", "1.00", json!({"company": 999_999}))]);
    let good = place.invoice("beside a refusal", "Fay", "41", "USD");
    let both = [movement("pi_bad", "0.001", json!({})), movement("pi_good", "41.00", ids(&[good]))];
    record(place, "a refusal harms no other", &both);
}

fn currencies(place: &mut Place) {
    let euro = place.invoice("in EUR", "Gil", "80", "EUR");
    let eur = |rest: Value| {
        let mut all = rest;
        all["currency"] = json!("EUR");
        all
    };
    record(place, "EUR for EUR", &[movement("pi_eur", "30.00", eur(ids(&[euro])))]);
    record(place, "USD for EUR", &[movement("pi_usd", "50.00", ids(&[euro]))]);
    let dollar = place.invoice("in USD", "Gil", "100", "USD");
    record(place, "EUR for USD", &[movement("pi_eur2", "40.00", eur(ids(&[dollar])))]);
    let yen = place.invoice("in JPY", "Gil", "1000", "JPY");
    let mut jpy = ids(&[yen]);
    jpy["currency"] = json!("JPY");
    record(place, "JPY for JPY", &[movement("pi_jpy", "400", jpy)]);
}

fn undone(place: &mut Place) {
    let a = place.invoice("undone", "Hal", "51", "USD");
    let paid = movement("pi_undone", "51.00", ids(&[a]));
    record(place, "paid, to be undone", std::slice::from_ref(&paid));
    let last = place.payment(&last_payment(place));
    place.call("account.payment", "action_draft", Some(&[last]), json!({}));
    record(place, "the payment is a draft again", std::slice::from_ref(&paid));
    place.call("account.payment", "action_cancel", Some(&[last]), json!({}));
    record(place, "the payment is cancelled", std::slice::from_ref(&paid));
    place.call("account.payment", "unlink", Some(&[last]), json!({}));
    record(place, "the payment is deleted", &[paid]);
    let again = movement("pi_again", "51.00", ids(&[a]));
    record(place, "paid, to be cancelled at once", std::slice::from_ref(&again));
    let last = place.payment(&last_payment(place));
    place.call("account.payment", "action_cancel", Some(&[last]), json!({}));
    record(place, "the posted payment is cancelled", &[again]);
    let b = place.invoice("reset", "Hal", "52", "USD");
    let paid = movement("pi_reset", "52.00", ids(&[b]));
    record(place, "paid, then the invoice is reset", std::slice::from_ref(&paid));
    place.call("account.move", "button_draft", Some(&[b]), json!({}));
    record(place, "the paid invoice is a draft", &[paid]);
}

pub fn last_payment(place: &Place) -> String {
    (1..).map(|n| format!("payment {n}")).take_while(|n| place.knows(n)).last().unwrap()
}

fn extras(place: &mut Place) {
    let a = place.invoice("with note and transaction", "Ida", "61", "USD");
    let mut all = ids(&[a]);
    all["note"] = json!(true);
    all["transaction"] = json!(true);
    record(place, "with note and transaction", &[movement("pi_extras", "61.00", all)]);
    let domain = json!([["provider_reference", "=", "pi_extras"]]);
    let fields = ["reference", "amount", "state", "is_post_processed", "operation"];
    let mut rows = place.call("payment.transaction", "search_read", None, json!({"domain": domain, "fields": fields}));
    for row in rows.as_array_mut().unwrap() {
        row["id"] = json!(null);
    }
    place.tell("its transaction", &rows);
    let b = place.invoice("with two notes", "Ida", "70", "USD");
    let noted = |key, amount| movement(key, amount, json!({"match": {"ids": [b]}, "note": true}));
    record(place, "two notes in one call", &[noted("pi_n1", "30.00"), noted("pi_n2", "40.00")]);
    for (title, invoice) in [("its note", a), ("their note", b)] {
        place.notes(title, invoice);
    }
}

fn companies(place: &mut Place) {
    let first = place.enter(0);
    let here = place.invoice("in the first company", "Jo", "71", "USD");
    let second = place.enter(1);
    let there = place.invoice("in the second company", "Jo", "72", "EUR");
    let eur = |rest: Value| {
        let mut all = rest;
        all["currency"] = json!("EUR");
        all
    };
    record(place, "the invoice says the company", &[movement("pi_co1", "12.00", eur(ids(&[there])))]);
    let mut wrong = eur(ids(&[there]));
    wrong["company"] = json!(first);
    let mut own = eur(ids(&[there]));
    own["company"] = json!(second);
    record(place, "its own company, given", &[movement("pi_co0", "12.00", own)]);
    record(place, "an invoice of the other company", &[movement("pi_co2", "60.00", wrong)]);
    let mut free = eur(json!({}));
    free["company"] = json!(second);
    record(place, "nobody's, in the second company", &[movement("pi_co3", "9.00", free)]);
    record(place, "USD in the company of EUR", &[movement("pi_co4", "25.00", ids(&[there]))]);
    let two = [movement("pi_co5", "35.00", eur(ids(&[there]))), movement("pi_co6", "71.00", ids(&[here]))];
    record(place, "both companies in one call", &two);
    place.run("check of both", "check", &json!({}));
}

fn closed(place: &mut Place) {
    record(place, "an empty list", &[]);
    let first = place.enter(0);
    let theirs = place.closed("in a closed company");
    let ours = place.invoice("beside it", "Kim", "81", "USD");
    record(place, "an invoice of a closed company", &[movement("pi_cl1", "5.00", ids(&[theirs]))]);
    let mut given = ids(&[theirs]);
    given["company"] = json!(first);
    record(place, "the same, the company given", &[movement("pi_cl2", "5.00", given)]);
    let mut given = ids(&[ours, theirs]);
    given["company"] = json!(first);
    record(place, "the second of a closed company, the company given", &[movement("pi_cl3", "11.00", given)]);
    record(place, "the second of a closed company", &[movement("pi_cl4", "20.00", ids(&[ours, theirs]))]);
    let list = [movement("pi_cl5", "5.00", ids(&[theirs, ours])), movement("pi_cl6", "50.00", ids(&[ours]))];
    record(place, "a closed one harms no other", &list);
    place.move_clerk(true);
    let own = [movement("pi_cl7", "5.00", json!({})), movement("pi_cl8", "5.00", json!({"company": first}))];
    record(place, "the user's own company is not set up, two others are", &own);
    place.move_clerk(false);
}
