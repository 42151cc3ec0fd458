//! What the pay page asks: invoices of every kind, contacts and their Stripe customers, and discounts that are taken.

use serde_json::{Value, json};

use super::place::Place;
use super::place::read::Special;
use super::story::{ids, last_payment, movement, record};

const DAY: &str = "2026-11-20";

pub fn play(place: &mut Place) {
    place.enter(0);
    invoices(place);
    places(place);
    instalments(place);
    discounts_asked(place);
    discounts_taken(place);
    discounts_refused(place);
    links(place);
    stripes_ids(place);
    place.without_field();
    let bare = place.special(&Special { name: "without the field", ..Special::PLAIN });
    let pia = place.partner("Pia");
    place.link("the field is not there", &json!([{"partner": pia, "account": "acct_1", "customer": "cus_p2"}]));
    place.read("read without the field", &[bare], DAY);
}

fn invoices(place: &mut Place) {
    place.contact("Pia", json!({"email": "\"Pia, Payer\" <Pia@Example.com>", "lang": "en_US"}));
    let firm = place.contact("Firm", json!({"email": "no address", "is_company": true}));
    place.contact("Clerk of it", json!({"parent_id": firm}));
    let open = place.special(&Special { name: "page", ..Special::PLAIN });
    place.read("an open invoice without a link", &[open], DAY);
    place.call("account.move", "get_portal_url", Some(&[open]), json!({}));
    place.read("an open invoice with a link", &[open], DAY);
    record(place, "part of it", &[movement("pi_page1", "40.00", ids(&[open]))]);
    place.read("paid in part", &[open], DAY);
    record(place, "the rest of it", &[movement("pi_page2", "60.00", ids(&[open]))]);
    place.read("paid in full", &[open], DAY);
    let child = place.special(&Special { name: "of a firm", of: "Clerk of it", ..Special::PLAIN });
    let draft = place.draft("page draft", "Pia", "10", "USD", "2026-11-30");
    let cancelled = place.draft("page cancelled", "Pia", "10", "USD", "2026-11-30");
    place.call("account.move", "button_cancel", Some(&[cancelled]), json!({}));
    let closed = place.closed("page of a closed company");
    let all = [child, draft, cancelled, closed, 999_999_999, child];
    place.read("of a firm, a draft, a cancelled one, one of a closed company, none, the first again", &all, DAY);
    place.read("none", &[], DAY);
}

fn places(place: &mut Place) {
    let euro = place.special(&Special { name: "page EUR", amount: "80.5", currency: "EUR", ..Special::PLAIN });
    let yen = place.special(&Special { name: "page JPY", amount: "1000", currency: "JPY", ..Special::PLAIN });
    place.enter(1);
    let there = place.special(&Special { name: "page of the second", currency: "EUR", ..Special::PLAIN });
    place.enter(0);
    place.read("other currencies and companies", &[euro, yen, there], DAY);
}

fn instalments(place: &mut Place) {
    let term = Some(place.term(&[(30, 0), (30, 10), (40, 30)], json!({})));
    let parts = place.special(&Special { name: "in three parts", term, ..Special::PLAIN });
    for (title, day) in [
        ("the first part is due today", "2026-11-01"),
        ("the first part is overdue", "2026-11-05"),
        ("two parts are overdue", "2026-11-15"),
        ("all parts are overdue", "2026-12-15"),
    ] {
        place.read(title, &[parts], day);
    }
    record(place, "the first part", &[movement("pi_parts", "30.00", ids(&[parts]))]);
    place.read("the second part is next", &[parts], "2026-11-05");
    record(place, "half of the second part", &[movement("pi_parts2", "15.00", ids(&[parts]))]);
    place.read("half of the second part is overdue", &[parts], "2026-11-15");
    record(place, "the other half", &[movement("pi_parts3", "15.00", ids(&[parts]))]);
    place.read("one part is left", &[parts], "2026-11-15");
}

/// One invoice of each computation, taxed.
fn granted(place: &mut Place, name: &str) -> Vec<i64> {
    let one = |place: &mut Place, how: &str| {
        let term = Some(place.discount(how));
        place.special(&Special { name: &format!("{name} {how}"), term, taxed: true, ..Special::PLAIN })
    };
    ["included", "excluded", "mixed"].iter().map(|how| one(place, how)).collect()
}

fn discounts_asked(place: &mut Place) {
    let all = granted(place, "discount");
    place.read("the last day of a discount", &all, "2026-11-08");
    place.read("the day after", &all, "2026-11-09");
    record(place, "part of a discounted one", &[on("pi_cut", "50.00", "2026-11-05", ids(&all[..1]))]);
    place.read("no discount after a part", &all[..1], "2026-11-05");
}

/// A movement on a day.
pub fn on(key: &str, amount: &str, day: &str, mut rest: Value) -> Value {
    rest["at"] = json!(format!("{day} 12:00:00"));
    movement(key, amount, rest)
}

fn discounts_taken(place: &mut Place) {
    let all = granted(place, "taken");
    for (at, (amount, how)) in [("112.70", "included"), ("113.00", "excluded"), ("112.70", "mixed")].iter().enumerate()
    {
        let paid = on(&format!("pi_taken{at}"), amount, "2026-11-08", ids(&all[at..=at]));
        record(place, &format!("a discount taken, {how}"), std::slice::from_ref(&paid));
        let payment = place.payment(&last_payment(place));
        place.entry(&format!("its entry, {how}"), payment);
        record(place, &format!("the same again, {how}"), &[paid]);
    }
    let term = Some(place.discount("included"));
    let euro = place.special(&Special { name: "taken EUR", amount: "80", currency: "EUR", term, ..Special::PLAIN });
    let mut rest = json!({"match": {"numbers": [place.number(euro)]}});
    rest["currency"] = json!("EUR");
    record(place, "a discount taken in EUR, by number", &[on("pi_taken_eur", "78.40", "2026-11-02", rest)]);
    let payment = place.payment(&last_payment(place));
    place.entry("its entry in EUR", payment);
    let twice = place.special(&Special { name: "taken twice", term, ..Special::PLAIN });
    let both = ["pi_tw1", "pi_tw2"].map(|key| on(key, "98.00", "2026-11-02", ids(&[twice])));
    record(place, "a discount taken twice in one call", &both);
}

fn discounts_refused(place: &mut Place) {
    let term = Some(place.discount("included"));
    let mut fresh = |name: &str| place.special(&Special { name, term, ..Special::PLAIN });
    let [late, less, text, dollars, part, two] =
        ["late", "less", "named in a text", "paid in EUR", "after a part", "one of two"].map(&mut fresh);
    record(place, "a day too late", &[on("pi_late", "98.00", "2026-11-09", ids(&[late]))]);
    record(place, "a cent less", &[on("pi_less", "97.99", "2026-11-02", ids(&[less]))]);
    let words = json!({"match": {"texts": [format!("for {}", place.number(text))]}});
    record(place, "only named in a text", &[on("pi_words", "98.00", "2026-11-02", words)]);
    let mut rest = ids(&[dollars]);
    rest["currency"] = json!("EUR");
    record(place, "in another currency", &[on("pi_euros", "78.40", "2026-11-02", rest)]);
    let parts = [("pi_p1", "10.00"), ("pi_p2", "98.00")].map(|(key, sum)| on(key, sum, "2026-11-02", ids(&[part])));
    record(place, "after a part in the same call", &parts);
    let beside = place.special(&Special { name: "beside it", ..Special::PLAIN });
    record(place, "one of two invoices", &[on("pi_two_d", "98.00", "2026-11-02", ids(&[two, beside]))]);
}

fn links(place: &mut Place) {
    let (pia, quinn) = (place.partner("Pia"), place.partner("Quinn"));
    let link = |partner: i64, customer: &str| json!({"partner": partner, "account": "acct_1", "customer": customer});
    place.link(
        "linked, and two that cannot be",
        &json!([
        link(quinn, "cus_q"), link(999_999_999, "cus_gone"), link(pia, "cus_p' or true"), {"partner": pia,
        "account": "1", "customer": "cus_p"}]),
    );
    let theirs = place.special(&Special { name: "of a linked one", of: "Quinn", amount: "91", ..Special::PLAIN });
    place.read("a linked contact", &[theirs], DAY);
    place.link("another customer from now on", &json!([link(quinn, "cus_q2"), link(quinn, "cus_q2")]));
    place.read("with another customer", &[theirs], DAY);
    record(place, "known by the link", &[movement("pi_linked", "91.00", json!({"customer": "acct_1:cus_q2"}))]);
}

fn stripes_ids(place: &mut Place) {
    let paid = place.special(&Special { name: "with ids", amount: "5", ..Special::PLAIN });
    let mut rest = ids(&[paid]);
    let more =
        json!({"memo": "pi_ids (ch_1, pm_1)", "charge": "ch_1", "method": "pm_1", "note": true, "transaction": true});
    rest.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record(place, "with Stripe's ids", &[movement("pi_ids", "5.00", rest)]);
    let payment = place.payment(&last_payment(place));
    place.entry("its memo and notes", payment);
}
