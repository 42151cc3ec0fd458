//! What Odoo drafts as a credit note is looked at before it counts.

use quittance_sim::odoo::{Invoice, OddNote, Odoo, Version};
use serde_json::{Value, json};

use super::client::{book, for_id, movement, odoo, run};

const ODD: [OddNote; 5] = [OddNote::Sign, OddNote::Size, OddNote::Currency, OddNote::Lines, OddNote::Customer];

/// An invoice of 50.00 is paid and 50.00 or a part of it given back, where Odoo drafts credit notes so.
fn refunded(version: Version, amount: &str, odd: &[OddNote]) -> (Odoo, Value) {
    let mut odoo = odoo(version);
    odoo.set_rate("EUR", 1, "0.8");
    let invoice = odoo.invoice(&Invoice::of("50", "USD"));
    book(&mut odoo, vec![movement("pi_1", "50.00", for_id(invoice))]).unwrap();
    let of = |key: &str, more: Value| {
        let mut m = json!({"key": format!("stripe:acct_1:re_1:{key}"), "kind": "refunded", "at": "2026-11-21 12:00:00",
            "company": null, "payment": "pi_1", "charge": null, "customer": null, "amount": amount, "currency": "USD",
            "receipt": "stripe:acct_1:pi_1:succeeded", "refund": "re_1", "reason": null, "memo": "re_1", "note": false,
            "flags": [], "livemode": false});
        m.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        m
    };
    run(&mut odoo, "record_refund", vec![of("succeeded", json!({}))]).unwrap();
    odoo.odd_notes = odd.to_vec();
    let noted = of("credit_note", json!({"kind": "credited", "mode": "post"}));
    let told = run(&mut odoo, "record_credit_note", vec![noted]).unwrap();
    (odoo, told[0].clone())
}

#[test]
fn a_credit_note_that_odoo_drafts_rightly_is_posted() {
    for version in Version::ALL {
        for amount in ["50.00", "20.00"] {
            let (_, told) = refunded(version, amount, &[]);
            assert_eq!((&told["status"], &told["flags"]), (&json!("created"), &json!([])), "{version:?} {told}");
            assert_eq!(told["notes"][0]["state"], "posted");
        }
    }
}

/// Sign, size, currency, lines and customer: what differs is none of it. A whole invoice is credited by lines of ours then, as a
/// draft; where these differ too, the refund stays open on the customer's account.
#[test]
fn a_credit_note_that_odoo_drafts_wrongly_is_never_posted() {
    for (version, odd) in Version::ALL.into_iter().flat_map(|v| ODD.map(|odd| (v, odd))) {
        let (_, told) = refunded(version, "50.00", &[odd]);
        assert_eq!(told["flags"], json!(["credit_note_draft"]), "{version:?} {odd:?} {told}");
        assert_eq!((&told["notes"][0]["state"], &told["notes"][0]["total"]), (&json!("draft"), &json!("50.00")));
        // Twice the first line is evened out by the next draft, to the amount.
        for amount in ["50.00", "20.00"].into_iter().filter(|_| odd != OddNote::Size) {
            let (odoo, told) = refunded(version, amount, &[odd; 12]);
            assert_eq!(told["status"], "created", "{version:?} {odd:?} {told}");
            assert_eq!(told["flags"], json!(["credit_note_refused", "refund_open"]), "{version:?} {odd:?} {told}");
            assert_eq!((&told["notes"], &told["open"]), (&json!([]), &json!(amount)), "{version:?} {odd:?}");
            let left = odoo.invoices_like("out_refund");
            assert!(left.is_empty(), "{version:?} {odd:?}: nothing is left of the draft");
        }
    }
}
