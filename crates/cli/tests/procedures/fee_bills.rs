//! Fees of the supplier: a month's draft bill, what late fees and a person make of it, and what it clears.

use serde_json::{Value, json};

use super::entries::{line, settled};
use super::place::Place;

pub fn play(place: &mut Place) {
    place.enter(0);
    place.books("EUR");
    for (currency, rate) in [("GBP", "0.5"), ("KWD", "0.3")] {
        place.rate(currency, "2020-01-01", rate);
    }
    place.rate("EUR", "2026-11-28", "0.78");
    posted(place);
    late(place);
    differs(place);
    given_back(place);
    euros(place);
    refused(place);
    undone(place);
    taxed(place);
    reverse_charge(place);
    many(place);
    locked(place);
}

/// A month's bill: what is wanted of it, some of that replaced.
fn bill(object: &str, lines: &[(&str, &str, bool)], replaced: Value) -> Value {
    let key = format!("stripe:acct_1:{object}:billed");
    let lines: Vec<Value> =
        lines.iter().map(|(label, amount, tax)| json!({"label": label, "amount": amount, "tax": tax})).collect();
    let mut m = json!({"key": key, "at": "2026-11-30 23:59:59", "company": null, "payment": object, "note": true,
        "flags": [], "bill": key, "date": "2026-11-30", "currency": "USD", "ref": format!("Stripe {object}"),
        "lines": lines, "state": "a", "fees": 3, "account": "acct_1", "clears": null});
    m.as_object_mut().unwrap().extend(replaced.as_object().unwrap().clone());
    m
}

/// The same bill, to be cleared of these balance transactions.
fn cleared(bill: &Value, transactions: &[&str]) -> Value {
    let mut m = bill.clone();
    m["key"] = json!(bill["bill"].as_str().unwrap().replace(":billed", ":cleared"));
    m["clears"] = json!(transactions);
    m
}

fn run(place: &mut Place, title: &str, movements: &[Value]) {
    place.run(title, "record_fee_bill", &json!({"movements": movements}));
}

/// Stripe kept so much in these balance transactions.
fn keep(place: &mut Place, currency: &str, fees: &[(&str, &str)]) {
    place.run("fees are kept", "record_entry", &kept(currency, fees));
}

fn kept(currency: &str, fees: &[(&str, &str)]) -> Value {
    let one = |(id, amount): &(&str, &str)| {
        let net = amount.strip_prefix('-').map_or_else(|| format!("-{amount}"), str::to_owned);
        let mut owed = line("payable", amount, currency);
        owed["partner"] = json!("stripe");
        settled(id, json!([line("balance", &net, currency), owed]), json!({"currency": currency, "rest": "payable"}))
    };
    let movements: Vec<Value> = fees.iter().map(one).collect();
    json!({"movements": movements})
}

fn posted(place: &mut Place) {
    keep(place, "USD", &[("txn_a1", "3.20"), ("txn_a2", "1.75"), ("txn_a3", "15.00")]);
    let sums = [("stripe_fee: Stripe processing fees", "4.95", false), ("stripe_fee: Dispute fee", "15.00", false)];
    let made = bill("fees_a", &sums, json!({}));
    let clears = cleared(&made, &["txn_a1", "txn_a2", "txn_a3", "txn_nowhere"]);
    run(place, "a draft bill", &[made.clone(), clears.clone()]);
    place.bill("a draft bill: its lines");
    place.todo("a draft bill: what is asked of a person");
    run(place, "the same again", &[made.clone(), clears.clone()]);
    place.bill("the same again: its lines");
    place.post_last();
    run(place, "it is posted", std::slice::from_ref(&clears));
    place.owed_to_stripe("it is posted: what is owed to Stripe");
    run(place, "cleared, and asked again", &[made, clears]);
}

fn late(place: &mut Place) {
    keep(place, "USD", &[("txn_b1", "3.20"), ("txn_b2", "1.80")]);
    let made = bill("fees_b", &[("stripe_fee", "3.20", false)], json!({}));
    run(place, "a bill without a late fee", std::slice::from_ref(&made));
    let more = bill("fees_b", &[("stripe_fee", "5.00", false)], json!({"state": "b"}));
    let clears = cleared(&more, &["txn_b1", "txn_b2"]);
    run(place, "a late fee", std::slice::from_ref(&clears));
    place.bill("a late fee: the lines");
    place.price_last("5.25");
    run(place, "the same, after a person has written another price", std::slice::from_ref(&clears));
    place.bill("a person's price stays");
    place.price_last("5.00");
    place.post_last();
    run(place, "late fees are posted", &[clears]);
    place.owed_to_stripe("late fees are posted: what is owed to Stripe");
    place.said("late fees: what the bill says");
}

fn differs(place: &mut Place) {
    for (object, id, price) in [("fees_c", "txn_c", "2.90"), ("fees_d", "txn_d", "3.30")] {
        keep(place, "USD", &[(id, "3.10")]);
        let made = bill(object, &[("stripe_fee", "3.10", false)], json!({}));
        run(place, &format!("{object}: a bill"), std::slice::from_ref(&made));
        place.price_last(price);
        place.post_last();
        run(place, &format!("{object}: it is posted for {price}"), &[cleared(&made, &[id])]);
        place.owed_to_stripe(&format!("{object}: what is owed to Stripe"));
        place.said(&format!("{object}: what the bill says"));
    }
}

fn given_back(place: &mut Place) {
    keep(place, "USD", &[("txn_e1", "0.30"), ("txn_e2", "-15.00"), ("txn_e3", "-0.30")]);
    let sums = [("stripe_fee", "0.30", false), ("stripe_fee: Dispute fee", "-15.30", false)];
    let made = bill("fees_e", &sums, json!({}));
    run(place, "more given back than kept", std::slice::from_ref(&made));
    place.bill("more given back than kept: its lines");
    place.post_last();
    run(place, "more given back than kept is posted", &[cleared(&made, &["txn_e1", "txn_e2", "txn_e3"])]);
    place.owed_to_stripe("more given back than kept: what is owed to Stripe");
    keep(place, "USD", &[("txn_f1", "0.30"), ("txn_f2", "-0.30")]);
    let sums = [("stripe_fee", "0.30", false), ("stripe_fee: Dispute fee", "-0.30", false)];
    let made = bill("fees_f", &sums, json!({}));
    run(place, "as much given back as kept", std::slice::from_ref(&made));
    place.post_last();
    run(place, "as much given back as kept is posted", &[cleared(&made, &["txn_f1", "txn_f2"])]);
    place.owed_to_stripe("as much given back as kept: what is owed to Stripe");
}

fn euros(place: &mut Place) {
    keep(place, "EUR", &[("txn_g1", "3.21"), ("txn_g2", "1.77"), ("txn_g3", "0.35")]);
    let made = bill("fees_g", &[("stripe_fee", "5.33", false)], json!({"currency": "EUR"}));
    run(place, "in euros", std::slice::from_ref(&made));
    place.bill("in euros: its lines");
    place.post_last();
    run(place, "in euros it is posted, at another day's rate", &[cleared(&made, &["txn_g1", "txn_g2", "txn_g3"])]);
    place.owed_to_stripe("in euros: what is owed to Stripe");
}

fn refused(place: &mut Place) {
    let one = |object: &str, amount: &str, more: Value| bill(object, &[("stripe_fee", amount, false)], more);
    run(place, "clearing before there is a bill", &[cleared(&one("fees_h", "1.00", json!({})), &[])]);
    run(place, "a currency that is not active", &[one("fees_h", "1.00", json!({"currency": "CHF"}))]);
    run(place, "more places than the currency has", &[one("fees_h", "1.001", json!({}))]);
    run(place, "more places than Odoo's prices have", &[one("fees_h", "1.234", json!({"currency": "KWD"}))]);
    run(place, "a company of others", &[one("fees_h", "1.00", json!({"company": 999_999}))]);
    run(place, "as many places as Odoo's prices have", &[one("fees_h", "1.230", json!({"currency": "KWD"}))]);
    run(place, "nothing to do", &[]);
}

fn undone(place: &mut Place) {
    let made = bill("fees_i", &[("stripe_fee", "1.00", false)], json!({}));
    run(place, "a bill to be cancelled", std::slice::from_ref(&made));
    place.call("account.move", "button_cancel", Some(&[place.last_entry()]), json!({}));
    run(place, "the bill is cancelled", &[made.clone(), cleared(&made, &[])]);
    let made = bill("fees_j", &[("stripe_fee", "1.00", false)], json!({}));
    run(place, "a bill to be deleted", std::slice::from_ref(&made));
    place.call("account.move", "unlink", Some(&[place.last_entry()]), json!({}));
    run(place, "the bill is deleted", &[made.clone(), cleared(&made, &[])]);
    run(place, "the bill is deleted, and asked again", &[cleared(&made, &[])]);
}

fn taxed(place: &mut Place) {
    place.fee_tax("Fee tax 15%", 15, &[(100, "Tax Paid")]);
    for (title, fees, tax) in
        [("as Odoo reckons", "10.00", "1.50"), ("a cent off", "10.00", "1.51"), ("too far off", "10.00", "1.60")]
    {
        let object = format!("fees_{}", title.replace(' ', "_"));
        run(place, &format!("tax, {title}"), &[bill(&object, &sums_of(fees, tax), json!({}))]);
        place.bill(&format!("tax, {title}: its lines"));
    }
    keep(place, "USD", &[("txn_k1", "11.51"), ("txn_k2", "11.50")]);
    let made = bill("fees_k", &sums_of("10.00", "1.51"), json!({}));
    run(place, "taxed fees", std::slice::from_ref(&made));
    let more = bill("fees_k", &sums_of("20.00", "3.01"), json!({"state": "b"}));
    let clears = cleared(&more, &["txn_k1", "txn_k2"]);
    run(place, "taxed fees are more", std::slice::from_ref(&clears));
    place.bill("taxed fees are more: the lines");
    place.post_last();
    run(place, "taxed fees are posted", &[clears]);
    place.owed_to_stripe("taxed fees are posted: what is owed to Stripe");
    run(place, "taxed fees given back", &[bill("fees_l", &sums_of("-10.00", "-1.51"), json!({}))]);
    place.bill("taxed fees given back: the lines");
}

/// Odoo reckons both sides of the tax, and Stripe kept none.
fn reverse_charge(place: &mut Place) {
    place.fee_tax("Reverse charge 20%", 20, &[(100, "Tax Paid"), (-100, "Tax Received")]);
    keep(place, "EUR", &[("txn_p1", "3.33"), ("txn_p2", "1.21")]);
    let made = bill("fees_p", &[("stripe_fee", "4.54", false)], json!({"currency": "EUR"}));
    run(place, "reverse charge", std::slice::from_ref(&made));
    place.bill("reverse charge: the lines");
    place.post_last();
    run(place, "reverse charge is posted", &[cleared(&made, &["txn_p1", "txn_p2"])]);
    place.owed_to_stripe("reverse charge: what is owed to Stripe");
}

fn sums_of<'a>(fees: &'a str, tax: &'a str) -> [(&'a str, &'a str, bool); 2] {
    [("stripe_fee", fees, false), ("tax: VAT", tax, true)]
}

/// More lines than are matched in one call.
fn many(place: &mut Place) {
    let ids: Vec<String> = (0..230).map(|n| format!("txn_m{n}")).collect();
    for part in ids.chunks(50) {
        let fees: Vec<(&str, &str)> = part.iter().map(|id| (id.as_str(), "0.01")).collect();
        place.quietly("record_entry", &kept("USD", &fees));
    }
    let made = bill("fees_m", &[("stripe_fee", "2.30", false)], json!({}));
    run(place, "the bill of many", std::slice::from_ref(&made));
    place.bill("the bill of many: its lines");
    place.post_last();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let clears = cleared(&made, &ids);
    run(place, "the bill of many is cleared in part", std::slice::from_ref(&clears));
    run(place, "the bill of many is cleared", &[clears]);
    place.owed_to_stripe("the bill of many: what is owed to Stripe");
}

/// The month of the bill is closed before it is posted.
fn locked(place: &mut Place) {
    keep(place, "USD", &[("txn_n1", "4.00")]);
    place.company(json!({"fiscalyear_lock_date": "2026-10-31"}));
    let october = json!({"date": "2026-10-31", "at": "2026-10-31 23:59:59"});
    let made = bill("fees_n", &[("stripe_fee", "4.00", false)], october);
    run(place, "a bill of a closed month", std::slice::from_ref(&made));
    place.post_last();
    run(place, "the bill of a closed month is posted", &[cleared(&made, &["txn_n1"])]);
}
