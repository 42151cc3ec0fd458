//! Receipts, the ladder, credit, currencies, and what people undo.

use quittance::erp::odoo::numbers;
use quittance_sim::odoo::{Invoice, Version};
use serde_json::{Value, json};

use super::client::{book, for_id, movement, odoo};

#[test]
fn a_receipt_pays_its_invoice_once_and_moves_clearing() {
    for version in Version::ALL {
        let mut odoo = odoo(version);
        let invoice = odoo.invoice(&Invoice::of("100.00", "USD"));
        let first = book(&mut odoo, vec![movement("pi_1", "40.00", for_id(invoice))]).unwrap();
        assert_eq!(first[0]["status"], "created", "{first:?}");
        assert_eq!(first[0]["matched_by"], "ids");
        assert_eq!(first[0]["invoices"][0]["residual"], "60.00");
        let again = book(&mut odoo, vec![movement("pi_1", "40.00", for_id(invoice))]).unwrap();
        assert_eq!(again[0]["status"], "duplicate");
        assert_eq!(again[0]["id"], first[0]["id"]);
        assert_eq!(odoo.residual(invoice).to_string(), "60.0");
        assert_eq!(odoo.payment_state(invoice), "partial");
        let over = book(&mut odoo, vec![movement("pi_2", "70.00", for_id(invoice))]).unwrap();
        assert_eq!(over[0]["flags"], json!(["over"]));
        assert_eq!(over[0]["unallocated"], "10.00");
        assert_eq!(odoo.payment_state(invoice), "paid");
        assert_eq!(odoo.payments().len(), 2);
        assert_eq!(odoo.balance(1, "Stripe clearing").to_string(), "110.0");
        assert_eq!(odoo.notes(invoice).len(), 2);
    }
}

#[test]
fn the_ladder_climbs_numbers_texts_and_the_known_customer() {
    let mut odoo = odoo(Version::V18);
    let (a, b) = (odoo.invoice(&Invoice::of("10", "USD")), odoo.invoice(&Invoice::of("20", "USD")));
    let c = odoo.invoice(&Invoice::of("30", "USD"));
    let want = |numbers: &[String], texts: &[String]| {
        json!({"customer": "acct_1:cus_1",
            "match": {"ids": [], "numbers": numbers::candidates_of_numbers(numbers), "texts": numbers::candidates_of_texts(texts), "references": numbers, "tolerance": "0"}})
    };
    let got = book(
        &mut odoo,
        vec![
            movement("pi_a", "10", want(&["INV/2026/00001".into()], &[])),
            movement("pi_b", "20", want(&[], &["Order 7, invoice INV/2026/00002.".into()])),
        ],
    )
    .unwrap();
    assert_eq!((&got[0]["matched_by"], &got[1]["matched_by"]), (&json!("numbers"), &json!("texts")));
    let got = book(&mut odoo, vec![movement("pi_c", "30", want(&[], &[]))]).unwrap();
    assert_eq!(got[0]["matched_by"], "customer");
    for id in [a, b, c] {
        assert_eq!(odoo.payment_state(id), "paid");
    }
    let got = book(&mut odoo, vec![movement("pi_d", "31", json!({}))]).unwrap();
    assert_eq!(got[0]["flags"], json!(["unallocated"]));
}

#[test]
fn payments_that_people_undo_are_told_and_not_redone() {
    for version in Version::ALL {
        let mut odoo = odoo(version);
        let invoice = odoo.invoice(&Invoice::of("50", "USD"));
        book(&mut odoo, vec![movement("pi_1", "50", for_id(invoice))]).unwrap();
        let payment = odoo.payments()[0].id;
        odoo.cancel_payment(payment);
        assert_eq!(odoo.payment_state(invoice), "not_paid");
        let got = book(&mut odoo, vec![movement("pi_1", "50", for_id(invoice))]).unwrap();
        assert_eq!(got[0]["flags"], json!(["payment_cancelled"]));
        odoo.delete_payment(payment);
        let got = book(&mut odoo, vec![movement("pi_1", "50", for_id(invoice))]).unwrap();
        assert_eq!(got[0]["status"], "gone");
        assert!(odoo.payments().is_empty());
    }
}

#[test]
fn money_for_what_cannot_be_paid_becomes_credit() {
    let mut odoo = odoo(Version::V19);
    let draft = odoo.invoice(&Invoice { draft: true, ..Invoice::of("10", "USD") });
    let gone = odoo.invoice(&Invoice::of("10", "USD"));
    odoo.cancel_invoice(gone);
    let got = book(
        &mut odoo,
        vec![
            movement("pi_1", "10", for_id(draft)),
            movement("pi_2", "10", for_id(gone)),
            movement("pi_3", "10", for_id(999)),
            movement("pi_4", "10.001", json!({})),
            movement("pi_5", "10", json!({"currency": "GBP"})),
        ],
    )
    .unwrap();
    let flags: Vec<&Value> = got.iter().map(|r| &r["flags"]).collect();
    assert_eq!(flags[0], &json!(["invoice_draft", "unallocated"]));
    assert_eq!(flags[1], &json!(["invoice_cancelled", "unallocated"]));
    assert_eq!(flags[2], &json!(["invoice_missing", "unallocated"]));
    assert_eq!(got[3]["code"], "amount_not_representable");
    assert_eq!(got[4]["code"], "currency_inactive");
    assert_eq!(odoo.payments().len(), 3);
}

#[test]
fn other_currencies_convert_at_the_rate_of_the_day() {
    let mut odoo = odoo(Version::V18);
    let invoice = odoo.invoice(&Invoice::of("80", "EUR"));
    let refused = book(&mut odoo, vec![movement("pi_0", "8", json!({"currency": "EUR"}))]).unwrap();
    assert_eq!(refused[0]["code"], "currency_rate_missing");
    odoo.set_rate("EUR", 1, "0.8");
    let invoice_eur = odoo.invoice(&Invoice::of("80", "EUR"));
    book(&mut odoo, vec![movement("pi_1", "50", for_id(invoice_eur))]).unwrap();
    assert_eq!(odoo.residual(invoice_eur).to_string(), "40.0");
    assert_eq!(odoo.residual(invoice).to_string(), "80.0");
}

#[test]
fn what_has_not_the_form_of_a_key_is_refused() {
    for version in Version::ALL {
        let mut odoo = odoo(version);
        let journal = odoo.external("quittance.journal_stripe_1");
        for key in [
            "journal_stripe_1",
            "account_fees_1",
            "stripe:acct_1:pi_1",
            "stripe:acct_1:pi_1:succeeded__record",
            "stripe:acct_1:pi 1:paid",
        ] {
            let got = book(&mut odoo, vec![movement("pi_1", "5", json!({"key": key}))]).unwrap();
            assert_eq!(
                (&got[0]["status"], &got[0]["code"]),
                (&json!("refused"), &json!("key_refused")),
                "{version:?} {key}"
            );
        }
        let odd = json!({"customer": "partner_unallocated"});
        let got = book(&mut odoo, vec![movement("pi_1", "5", odd)]).unwrap();
        assert_eq!(got[0]["code"], "key_refused");
        assert!(odoo.payments().is_empty());
        assert_eq!(odoo.external("quittance.journal_stripe_1"), journal, "no name of ours was taken");
    }
}
