//! Each rule of reading an event, by itself.

use quittance::error::Code;
use quittance::movement::{Movement, MovementKind, Record, Reference};
use quittance::stripe::event;
use quittance::stripe::map::{EVENT_TYPES, Pointer, Reading, Scope, Target, read_event};
use serde_json::json;

use crate::{ACCOUNT, CHARGE, CUSTOMER, INTENT, INVOICE, envelope, eur, fixture, matching, reading, with};

fn movement(reading: Reading) -> Movement {
    match reading {
        Reading::Movement(event) => event,
        other => panic!("no movement: {other:?}"),
    }
}

fn known(reading: Reading) -> Movement {
    match reading {
        Reading::Known(event) => event,
        other => panic!("not known: {other:?}"),
    }
}

fn moved_to(target: Target) -> Reading {
    Reading::Pointer(Pointer { moved: true, ..Pointer::to_target(target) })
}

#[test]
fn a_succeeded_payment_intent_is_a_movement_with_everything_known_of_it() {
    assert_eq!(
        movement(reading(&fixture("payment_intent.succeeded"))),
        Movement {
            key: format!("stripe:{ACCOUNT}:{INTENT}:succeeded"),
            kind: MovementKind::Paid,
            account: ACCOUNT.into(),
            livemode: false,
            payment: INTENT.into(),
            charge: Some("ch_3Qa7Books0Charge42".into()),
            method: Some("pm_1Qa7BooksVisa4242".into()),
            money: eur(115_000),
            occurred: 1_795_287_600,
            customer: Some(CUSTOMER.into()),
            reason: None,
            reference: Reference {
                database: Some("books".into()),
                records: vec![Record {
                    number: Some("INV/2026/00042".into()),
                    ..Record { model: "account.move".into(), id: 42, ..Record::default() }
                }],
                numbers: vec!["INV/2026/00042".into()],
                texts: vec!["Invoice INV/2026/00042".into(), "INV42".into()],
            },
            flags: vec![],
            detail: None,
        }
    );
}

/// Of the amount received, in the units of the currency, and never of the amount asked for.
#[test]
fn the_amount_is_what_was_received() {
    let event = with(with(fixture("payment_intent.succeeded"), "amount_received", 1_000), "currency", "jpy");
    assert_eq!(movement(reading(&event)).money.to_string(), "1000 JPY");
    let event = with(fixture("payment_intent.succeeded"), "amount_received", 0);
    assert_eq!(reading(&event), Reading::Ignore("nothing_received"));
}

#[test]
fn the_payer_may_be_an_account() {
    let event = with(with(fixture("payment_intent.succeeded"), "customer", json!(null)), "customer_account", "acct_9");
    assert_eq!(movement(reading(&event)).customer.as_deref(), Some("acct_9"));
}

#[test]
fn a_canceled_payment_intent_moves_only_what_it_had_received() {
    let event = movement(reading(&fixture("payment_intent.canceled_with_money")));
    assert_eq!((event.kind, event.money), (MovementKind::Paid, eur(40_000)));
    assert_eq!(event.key, format!("stripe:{ACCOUNT}:{INTENT}:succeeded"));

    let event = known(reading(&fixture("payment_intent.canceled")));
    assert_eq!((event.kind, event.reason.as_deref()), (MovementKind::Canceled, Some("abandoned")));
    assert_eq!((event.money, event.key), (eur(115_000), format!("stripe:{ACCOUNT}:{INTENT}:canceled")));
}

#[test]
fn states_without_money_are_known() {
    let failed = known(reading(&fixture("payment_intent.payment_failed")));
    assert_eq!((failed.kind, failed.reason.as_deref()), (MovementKind::Failed, Some("insufficient_funds")));
    assert_eq!(known(reading(&fixture("payment_intent.processing"))).kind, MovementKind::Processing);
    assert_eq!(known(reading(&fixture("payment_intent.requires_action"))).kind, MovementKind::RequiresAction);
    let part = known(reading(&fixture("payment_intent.partially_funded")));
    assert_eq!((part.kind, part.flags), (MovementKind::RequiresAction, vec!["partially_funded".to_owned()]));
}

#[test]
fn a_failure_names_the_most_exact_code() {
    let failed = |error| known(reading(&with(fixture("payment_intent.payment_failed"), "last_payment_error", error)));
    assert_eq!(failed(json!({"code": "expired_card", "message": "m"})).reason.as_deref(), Some("expired_card"));
    assert_eq!(failed(json!({"type": "api_error", "decline_code": null})).reason.as_deref(), Some("api_error"));
    assert_eq!(failed(json!({})).reason, None);
}

#[test]
fn manual_capture_books_nothing_before_capture_and_the_captured_amount_after() {
    let authorised = fixture("payment_intent.amount_capturable_updated");
    assert_eq!(reading(&authorised), Reading::Ignore("moves_no_money"));
    let mut authorised = authorised;
    authorised["type"] = json!("payment_intent.requires_action");
    assert_eq!(reading(&authorised), Reading::Ignore("not_captured"));
    assert_eq!(reading(&fixture("charge.succeeded_authorised")), Reading::Ignore("not_captured"));
    assert_eq!(reading(&fixture("charge.captured")), moved_to(Target::PaymentIntent(INTENT.into())));
    assert_eq!(movement(reading(&fixture("payment_intent.succeeded_captured_part"))).money, eur(90_000));
}

#[test]
fn a_charge_leads_to_its_payment_intent() {
    for name in ["charge.succeeded", "charge.updated"] {
        let pointer = reading(&fixture(name));
        assert_eq!(pointer, moved_to(Target::PaymentIntent(INTENT.into())), "{name}");
        let Reading::Pointer(pointer) = pointer else { unreachable!() };
        assert_eq!(pointer.payment(), Some(INTENT));
    }
    let failed = with(fixture("charge.updated"), "status", "failed");
    assert_eq!(reading(&failed), Reading::Ignore("moves_no_money"));
}

#[test]
fn a_charge_without_a_payment_intent_is_the_payment() {
    let event = movement(reading(&fixture("charge.succeeded_without_intent")));
    assert_eq!(event.key, format!("stripe:{ACCOUNT}:ch_1Qa7BooksAlone:succeeded"));
    assert_eq!((event.money, event.payment.as_str()), (eur(2_500), "ch_1Qa7BooksAlone"));
    assert_eq!(event.reference.numbers, ["INV/2026/00043"]);
    let updated = with(fixture("charge.updated"), "payment_intent", json!(null));
    assert_eq!(reading(&updated), moved_to(Target::Charge(CHARGE.into())), "an update does not say when money came");
}

#[test]
fn a_checkout_session_leads_to_what_paid_it_and_keeps_its_reference() {
    let reference = Reference { numbers: vec!["S00023".into()], ..Reference::default() };
    let pointer = |target| Reading::Pointer(Pointer { target, moved: true, reference: reference.clone() });
    assert_eq!(reading(&fixture("checkout.session.completed")), pointer(Target::PaymentIntent(INTENT.into())));
    assert_eq!(reading(&fixture("checkout.session.completed_subscription")), pointer(Target::Invoice(INVOICE.into())));
    for (name, reason) in [("_unpaid", "not_paid"), ("_setup", "no_payment")] {
        let event = fixture(&format!("checkout.session.completed{name}"));
        assert_eq!(reading(&event), Reading::Ignore(reason), "{name}");
    }
    let free = with(fixture("checkout.session.completed"), "payment_status", "no_payment_required");
    assert_eq!(reading(&free), Reading::Ignore("nothing_due"));
}

#[test]
fn an_invoice_leads_to_its_payments_unless_nothing_was_left_to_pay() {
    let Reading::Pointer(pointer) = reading(&fixture("invoice.paid")) else { panic!() };
    assert_eq!(
        (pointer.target.clone(), pointer.moved, pointer.payment()),
        (Target::Invoice(INVOICE.into()), true, None)
    );
    assert_eq!(pointer.reference.numbers, ["INV/2026/00042", "QTN-0017"]);
    assert_eq!(pointer.reference.texts, ["S00023"]);
    assert_eq!(reading(&fixture("invoice.paid_from_credit")), Reading::Ignore("credit_balance"));
    assert_eq!(reading(&with(fixture("invoice.paid"), "total", 0)), Reading::Ignore("nothing_due"));
}

#[test]
fn an_invoice_payment_leads_to_its_payment_unless_stripe_never_held_it() {
    assert_eq!(reading(&fixture("invoice_payment.paid")), moved_to(Target::PaymentIntent(INTENT.into())));
    assert_eq!(reading(&fixture("invoice_payment.paid_outside")), Reading::Ignore("out_of_band"));
    assert_eq!(reading(&with(fixture("invoice_payment.paid"), "status", "open")), Reading::Ignore("not_paid"));
    let by_charge = with(fixture("invoice_payment.paid"), "payment", json!({"type": "charge", "charge": CHARGE}));
    assert_eq!(reading(&by_charge), moved_to(Target::Charge(CHARGE.into())));
}

#[test]
fn types_of_later_versions_are_unsupported_and_those_without_money_ignored() {
    for kind in ["transfer.created", "refund.lost", "charge.dispute.x", "charge", "payout", "plan.created", "x"] {
        let mut event = fixture("charge.succeeded");
        event["type"] = json!(kind);
        assert_eq!(reading(&event), Reading::Unsupported, "{kind}");
    }
    let mut event = fixture("payment_intent.requires_action");
    event["data"]["object"]["status"] = json!("requires_a_status_of_2031");
    assert_eq!(reading(&event), Reading::Unsupported);
    // Of refunds their own events tell; the charge's say the sum.
    for kind in ["payment_intent.created", "charge.refunded", "charge.refund.updated", "topup.created"] {
        event["type"] = json!(kind);
        assert_eq!(reading(&event), Reading::Ignore("moves_no_money"), "{kind}");
    }
}

#[test]
fn without_an_object_of_our_api_version_every_read_type_leads_to_its_object() {
    let target = |kind: &str| match kind.split('.').next().unwrap() {
        "payment_intent" => Target::PaymentIntent("x_1".into()),
        "charge" if kind.starts_with("charge.dispute.") => Target::Dispute("x_1".into()),
        "charge" if kind == "charge.failed" => Target::Failure("x_1".into()),
        "charge" => Target::Charge("x_1".into()),
        "checkout" => Target::CheckoutSession("x_1".into()),
        "invoice" => Target::Invoice("x_1".into()),
        "invoice_payment" => Target::InvoicePayment("x_1".into()),
        "refund" => Target::Refund("x_1".into()),
        "payout" => Target::Payout("x_1".into()),
        other => panic!("{other}"),
    };
    for kind in EVENT_TYPES {
        let mut event = fixture("thin.payment_intent.succeeded");
        event["type"] = json!(format!("v1.{kind}"));
        event["related_object"]["id"] = json!("x_1");
        let expected = match kind.starts_with("topup.") {
            // Nothing more is to be known of it.
            true => Reading::Ignore("told_by_transaction"),
            false => Reading::Pointer(Pointer::to_target(target(kind))),
        };
        assert_eq!(reading(&event), expected, "{kind}");
    }
    for version in [json!("2026-03-25.dahlia"), json!("2020-08-27"), json!(null)] {
        let mut event = fixture("payment_intent.succeeded");
        event["api_version"] = version;
        assert_eq!(reading(&event), Reading::Pointer(Pointer::to_target(Target::PaymentIntent(INTENT.into()))));
    }
    let to_intent = Reading::Pointer(Pointer::to_target(Target::PaymentIntent(INTENT.into())));
    for name in ["charge.succeeded", "checkout.session.completed", "invoice_payment.paid"] {
        let (event, matching) = (envelope(&fixture(name)), matching());
        let scope = Scope::new(&event, ACCOUNT, &matching);
        assert_eq!(read_event(&scope, None).unwrap(), to_intent, "the envelope of {name} knows the PaymentIntent");
    }
    // What is more than the receipt is not found at the PaymentIntent, nor done with the receipt.
    for (name, target) in [
        ("refund.created", Target::Refund("re_3Qa7Books0Refund42".into())),
        ("charge.dispute.created", Target::Dispute("du_1Qa7BooksDispute42".into())),
        ("charge.failed_late", Target::Failure("py_3Qa7Books0Debit042".into())),
    ] {
        let (event, matching) = (envelope(&fixture(name)), matching());
        assert!(event.subject.starts_with("pi_"), "{name}");
        let scope = Scope::new(&event, ACCOUNT, &matching);
        let Reading::Pointer(pointer) = read_event(&scope, None).unwrap() else { panic!("{name}") };
        assert_eq!((pointer.payment(), &pointer.target), (None, &target), "{name}");
    }
    let mut event = fixture("payment_intent.succeeded");
    event["api_version"] = json!("2026-12-16.endive");
    movement(reading(&event));
    let (event, matching) = (envelope(&event), matching());
    let scope = Scope::new(&event, ACCOUNT, &matching);
    assert_eq!(read_event(&scope, None).unwrap(), to_intent);
}

#[test]
fn what_a_booking_needs_must_be_there() {
    for member in ["id", "status", "livemode", "amount", "currency"] {
        let event = with(fixture("payment_intent.succeeded"), member, json!(["not this"]));
        // The envelope is stored before the object is understood.
        let stored = envelope(&fixture("payment_intent.succeeded"));
        let matching = matching();
        let scope = Scope::new(&stored, ACCOUNT, &matching);
        let error = read_event(&scope, Some(event.to_string().as_bytes())).unwrap_err();
        assert_eq!(error.code, Code::EventUnreadable, "{member}");
        assert!(!error.detail.contains("not this"), "{}", error.detail);
    }
}

/// Such numbers could overflow a sum, or stand in the books with the wrong sign.
#[test]
fn amounts_that_no_stripe_has_are_not_read() {
    for (name, field) in [
        ("payment_intent.succeeded", "amount"),
        ("payment_intent.succeeded", "amount_received"),
        ("charge.succeeded_without_intent", "amount_captured"),
        ("refund.failed", "amount"),
        ("charge.dispute.created", "amount"),
    ] {
        for wrong in [json!(-1), json!(i64::MAX), json!(1_i64 << 53)] {
            let event = with(fixture(name), field, wrong.clone()).to_string();
            let envelope = event::parse_event(event.as_bytes()).unwrap();
            let error = read_event(&Scope::new(&envelope, ACCOUNT, &matching()), Some(event.as_bytes())).unwrap_err();
            assert_eq!(error.code, Code::EventUnreadable, "{name} {field} {wrong}");
        }
    }
    for (amount, is_read) in [(json!(-1), true), (json!(i64::MIN), false)] {
        let event = with(fixture("payout.paid"), "amount", amount).to_string();
        let envelope = event::parse_event(event.as_bytes()).unwrap();
        let reading = self::read_event(&Scope::new(&envelope, ACCOUNT, &matching()), Some(event.as_bytes()));
        assert_eq!(reading.is_ok(), is_read, "a payout may be taken from the bank");
    }
}

#[test]
fn a_cut_body_is_an_error_wherever_it_is_cut() {
    for name in ["payment_intent.succeeded", "charge.updated", "checkout.session.completed", "invoice_payment.paid"] {
        let (event, matching) = (fixture(name), matching());
        let (stored, body) = (envelope(&event), event.to_string());
        let scope = Scope::new(&stored, ACCOUNT, &matching);
        for end in 0..body.len() {
            let error = read_event(&scope, Some(&body.as_bytes()[..end])).unwrap_err();
            assert_eq!(error.code, Code::EventUnreadable, "{name} at {end}");
        }
    }
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let body = [b"\xef\xbb\xbf".as_slice(), fixture("payment_intent.succeeded").to_string().as_bytes()].concat();
    let (event, matching) = (event::parse_event(&body).unwrap(), matching());
    let scope = Scope::new(&event, ACCOUNT, &matching);
    movement(read_event(&scope, Some(&body)).unwrap());
}

#[test]
fn text_with_escapes_is_read_as_text() {
    let event = with(fixture("payment_intent.succeeded"), "description", "FV \"Zażółć\"\n№ 7");
    let body = event.to_string().replace('ż', "\\u017c");
    let (stored, matching) = (envelope(&event), matching());
    let scope = Scope::new(&stored, ACCOUNT, &matching);
    let event = movement(read_event(&scope, Some(body.as_bytes())).unwrap());
    assert_eq!(event.reference.texts.first().unwrap(), "FV \"Zażółć\"\n№ 7");
}

/// The matching ladder's inputs, by what the merchant wrote.
#[test]
fn metadata_becomes_records_only_beside_the_name_of_its_database() {
    let record = |model: &str, id| Record { model: model.into(), id, ..Record::default() };
    let invoice = |id| record("account.move", id);
    let called = |id, number: &str| Record { number: Some(number.into()), ..invoice(id) };
    for (metadata, database, records, numbers) in [
        (json!({"odoo_db": "b", "odoo_id": "7"}), Some("b"), vec![invoice(7)], vec![]),
        (
            json!({"odoo_db": "b", "odoo_id": " 7, 9,7", "odoo_ref": "INV/7, INV/9"}),
            Some("b"),
            vec![called(7, "INV/7"), called(9, "INV/9")],
            vec!["INV/7", "INV/9"],
        ),
        (
            json!({"odoo_db": "b", "odoo_id": "7,9", "odoo_ref": "INV/7", "odoo_partner_id": " 12"}),
            Some("b"),
            vec![Record { partner: Some(12), ..invoice(7) }, Record { partner: Some(12), ..invoice(9) }],
            vec!["INV/7"],
        ),
        (
            json!({"odoo_db": "b", "odoo_id": "7", "odoo_created": " 2026-11-20 10:11:12.123456 "}),
            Some("b"),
            vec![Record { created: Some("2026-11-20 10:11:12.123456".into()), ..invoice(7) }],
            vec![],
        ),
        (
            json!({"odoo_db": "b", "odoo_id": "7,9", "odoo_created": "2026-11-20 10:11:12.123456"}),
            Some("b"),
            vec![invoice(7), invoice(9)],
            vec![],
        ),
        (
            json!({"odoo_db": "b", "odoo_id": "7", "odoo_ref": "Thanks", "odoo_partner_id": "Ada"}),
            Some("b"),
            vec![invoice(7)],
            vec!["Thanks"],
        ),
        (
            json!({"odoo_db": "b", "odoo_id": "3", "odoo_model": "sale.order"}),
            Some("b"),
            vec![record("sale.order", 3)],
            vec![],
        ),
        (json!({"odoo_id": "7"}), None, vec![], vec!["7"]),
        (json!({"odoo_db": "b", "odoo_id": "-1,x"}), Some("b"), vec![], vec!["-1", "x"]),
        (json!({"odoo_invoice_id": "41"}), None, vec![], vec!["41"]),
        (json!({"odoo_db": "b", "odoo_invoice_id": "41"}), Some("b"), vec![], vec!["41"]),
        (json!({"order_ref": "INV/1", "invoice": "INV/2", "colour": "red"}), None, vec![], vec!["INV/2", "INV/1"]),
        (json!({"odoo_db": "", "odoo_id": "", "invoice": " "}), None, vec![], vec![]),
    ] {
        let event = with(fixture("payment_intent.succeeded"), "metadata", metadata.clone());
        let reference = movement(reading(&event)).reference;
        assert_eq!(reference.database.as_deref(), database, "{metadata}");
        assert_eq!((reference.records, reference.numbers), (records, numbers.into_iter().map(String::from).collect()));
    }
}

#[test]
fn what_the_merchant_calls_the_payment_is_a_number_and_its_words_are_texts() {
    let event = with(
        fixture("payment_intent.succeeded_foreign_start"),
        "payment_details",
        json!({"order_reference": "INV/9", "customer_reference": "PO 4711"}),
    );
    let reference = movement(reading(&event)).reference;
    assert_eq!((reference.numbers, reference.texts), (vec!["INV/9".to_owned()], vec!["PO 4711".to_owned()]));
}

#[test]
fn expanded_fields_are_read_like_ids() {
    let mut event =
        with(fixture("payment_intent.succeeded_foreign_start"), "customer", json!({"id": CUSTOMER, "x": [1]}));
    let mut charge = crate::object("charge.succeeded");
    charge["metadata"] = json!({"order_ref": "INV/5"});
    charge["balance_transaction"] = json!({"id": "txn_1", "created": 1_795_287_000, "net": 1});
    event = with(event, "latest_charge", charge);
    let event = movement(reading(&event));
    assert_eq!(event.customer.as_deref(), Some(CUSTOMER));
    assert_eq!(event.reference.numbers, ["INV/5"]);
    assert_eq!(event.occurred, 1_795_287_600, "the event of the success says when, in whatever form it comes");
}
