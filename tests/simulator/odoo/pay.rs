//! What the pay page reads and writes: amounts asked for, contacts and their Stripe customers, discounts.

use quittance::erp::odoo::procedure::FORM;
use quittance_sim::odoo::{Invoice, Odoo, Version};
use serde_json::{Value, json};

use super::client::{action, book, call, for_id, movement, odoo, send};

fn run(odoo: &mut Odoo, procedure: &str, input: Value) -> Value {
    let id = action(odoo, &format!("proc_{procedure}"));
    call(odoo, "ir.actions.server", "run", &[id], json!({"context": {"quittance": called(input)}})).unwrap()
}

/// What every call says besides.
fn called(mut input: Value) -> Value {
    input["v"] = json!(FORM);
    input["livemode"] = json!(false);
    input
}

fn read(odoo: &mut Odoo, ids: &[i64]) -> Vec<Value> {
    let answer = run(odoo, "read_invoice", json!({"invoices": ids}));
    assert_eq!(answer["uuid"], odoo.uuid());
    answer["invoices"].as_array().unwrap().clone()
}

fn link(odoo: &mut Odoo, partner: i64, customer: &str) -> String {
    let link = json!({"partner": partner, "account": "acct_1", "customer": customer});
    let answer = run(odoo, "link_customer", json!({"links": [link]}));
    answer["links"][0]["status"].as_str().unwrap().to_owned()
}

/// Kind and amount of everything asked for.
fn asked(invoice: &Value) -> Vec<(String, String)> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    invoice["amounts"].as_array().unwrap().iter().map(|row| (text(row, "kind"), text(row, "amount"))).collect()
}

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(kind, amount)| ((*kind).to_owned(), (*amount).to_owned())).collect()
}

#[test]
fn a_page_reads_its_invoice_and_makes_no_token() {
    for version in Version::ALL {
        let mut odoo = odoo(version);
        let wish = Invoice { email: "Ada <Ada@Example.com>", lang: "fr_FR", ..Invoice::of("100.00", "USD") };
        let id = odoo.invoice(&wish);
        assert_eq!(read(&mut odoo, &[id])[0]["token"], Value::Null);
        let token = odoo.token(id);
        let one = &read(&mut odoo, &[id, 999])[..];
        let [one] = one else { panic!("{one:?}") };
        assert_eq!((&one["token"], &one["payer"]["email"]), (&json!(token), &json!("ada@example.com")));
        assert_eq!((&one["payer"]["lang"], &one["payer"]["customer"]), (&json!("fr_FR"), &Value::Null));
        odoo.pay_by_hand(id, "40.00");
        assert_eq!(asked(&read(&mut odoo, &[id])[0]), pairs(&[("residual", "60.00")]));
        odoo.change_email(odoo.payer(id), "nobody");
        odoo.cancel_invoice(id);
        let one = read(&mut odoo, &[id]).remove(0);
        assert_eq!((&one["payable"], &one["amounts"]), (&json!(false), &json!([])));
        assert_eq!(one["payer"]["email"], Value::Null);
    }
}

#[test]
fn an_invoice_of_other_books_is_not_paid() {
    let mut odoo = odoo(Version::V18);
    let second = odoo.company("Second Company", "USD");
    let id = odoo.invoice(&Invoice { company: second, ..Invoice::of("10", "USD") });
    odoo.set_up_company(second);
    assert_eq!(read(&mut odoo, &[id])[0]["payable"], false, "the user's own company has books of its own");
    let mut of = |company: i64| run(&mut odoo, "read_invoice", json!({"invoices": [id], "company": company}));
    assert_eq!(of(1)["invoices"], json!([]));
    assert_eq!(of(second)["invoices"][0]["payable"], true);
}

#[test]
fn terms_say_what_is_asked_for() {
    let mut odoo = odoo(Version::V19);
    let parts = odoo.invoice(&Invoice { terms: "30@0 30@10 40@30", ..Invoice::of("100", "USD") });
    let less = odoo.invoice(&Invoice { terms: "-2@7", ..Invoice::of("50", "USD") });
    let all = read(&mut odoo, &[parts, less]);
    assert_eq!(asked(&all[0]), pairs(&[("next", "30.00"), ("residual", "100.00")]));
    assert_eq!(asked(&all[1]), pairs(&[("discounted", "49.00"), ("residual", "50.00")]));
    assert_eq!(all[1]["amounts"][0]["until"], "2026-11-28");
    odoo.pay_by_hand(parts, "30");
    odoo.pay_by_hand(less, "1");
    let all = read(&mut odoo, &[parts, less]);
    assert_eq!(asked(&all[0]), pairs(&[("next", "30.00"), ("residual", "70.00")]));
    assert_eq!(asked(&all[1]), pairs(&[("residual", "49.00")]), "no discount after a part");
}

#[test]
fn the_discounted_amount_settles_its_invoice() {
    for version in Version::ALL {
        let mut odoo = odoo(version);
        let id = odoo.invoice(&Invoice { terms: "-2@7", ..Invoice::of("50", "USD") });
        let mut paid = movement("pi_1", "49.00", for_id(id));
        paid["charge"] = json!("ch_1");
        let got = book(&mut odoo, vec![paid]).unwrap();
        assert_eq!((&got[0]["flags"], &got[0]["unallocated"]), (&json!([]), &json!("0.00")));
        assert_eq!(odoo.payment_state(id), "paid");
        assert_eq!(odoo.balance(1, "Stripe clearing").to_string(), "49.0");
        assert_eq!(odoo.balance(1, "Cash Discount Loss").to_string(), "1.0");
        assert_eq!(odoo.balance(1, "Account Receivable").to_string(), "0.0");
    }
}

#[test]
fn a_contact_and_its_customer_through_a_merge() {
    for version in Version::ALL {
        let mut odoo = odoo(version);
        let id = odoo.invoice(&Invoice::of("10", "USD"));
        let other = odoo.invoice(&Invoice { partner: "Ada P.", ..Invoice::of("20", "USD") });
        let (from, into) = (odoo.payer(id), odoo.payer(other));
        assert_eq!(link(&mut odoo, from, "cus_1"), "written");
        assert_eq!(link(&mut odoo, from, "cus_1' or 1=1"), "refused");
        odoo.merge_partners(from, into);
        assert_eq!(link(&mut odoo, from, "cus_2"), "gone");
        let one = read(&mut odoo, &[id]).remove(0);
        assert_eq!((&one["payer"]["commercial"], &one["payer"]["customer"]), (&json!(into), &json!("cus_1")));
        let known = json!({"customer": "acct_1:cus_1"});
        let got = book(&mut odoo, vec![movement("pi_1", "20.00", known)]).unwrap();
        assert_eq!(got[0]["matched_by"], "customer", "the external id moved along");
    }
}

#[test]
fn the_desk_over_http_knows_terms_contacts_and_payments() {
    let mut odoo = odoo(Version::V17);
    let ask = |odoo: &mut Odoo, path: &str, body: Value| -> Value {
        let request = quittance::http::Request::new("POST", format!("http://odoo{path}")).body(body.to_string());
        serde_json::from_slice(&send(odoo, &request).body).unwrap()
    };
    let wish = json!({"amount": "100", "terms": "50@0 50@5", "email": "a@example.com", "lang": "de_DE"});
    let made = ask(&mut odoo, "/_sim/invoice", wish);
    let id = made["id"].as_i64().unwrap();
    assert_eq!(asked(&read(&mut odoo, &[id])[0])[0].0, "next");
    assert_eq!(ask(&mut odoo, &format!("/_sim/invoices/{id}/pay"), json!({"amount": "30"}))["residual"], "70.00");
    ask(&mut odoo, &format!("/_sim/partners/{}", made["partner"]), json!({"email": "b@example.com"}));
    assert_eq!(read(&mut odoo, &[id])[0]["payer"]["email"], "b@example.com");
    let other = ask(&mut odoo, "/_sim/invoice", json!({"amount": "1", "partner": "Bob"}))["partner"].clone();
    ask(&mut odoo, &format!("/_sim/partners/{}/merge", made["partner"]), json!({"into": other}));
    assert_eq!(read(&mut odoo, &[id])[0]["payer"]["partner"], other);
}
