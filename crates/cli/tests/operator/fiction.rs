//! Receipts of money that Stripe does not have: signed by whoever has a secret, and booked without a question to Stripe, since they
//! carry our own metadata. The proof finds each.

use quittance_cli::verify::finding::Cause;
use quittance_cli::verify::report::{DIFFERS, EQUAL};
use quittance_sim::odoo::Invoice;
use quittance_sim::stripe::merchant::{Pay, Refund};
use quittance_sim::stripe::method::Method;
use serde_json::json;

use super::*;

impl OperatorBench {
    /// A success of a PaymentIntent, signed with the endpoint's own secret.
    fn forge(&self, intent: &str, minor: i64) {
        let id = self.world.odoo.borrow_mut().invoice(&Invoice::of("104.12", "USD"));
        let now = self.world.clock.now_ms() / 1_000;
        let metadata = json!({"odoo_db": quittance_sim::odoo::DATABASE, "odoo_model": "account.move", "odoo_id": id.to_string(),
            "odoo_ref": self.world.odoo.borrow().number(id)});
        let object = json!({"id": intent, "object": "payment_intent", "amount": minor, "amount_received": minor, "currency": "usd",
            "status": "succeeded", "livemode": false, "created": now, "metadata": metadata});
        let event = json!({"id": format!("evt_{intent}"), "object": "event", "type": "payment_intent.succeeded", "livemode": false,
            "created": now, "api_version": "2026-10-28.endive", "data": {"object": object}});
        let body = event.to_string();
        let secret = quittance::config::Secret::new(quittance_sim::world::SECRET);
        let request = quittance::http::Request::new("POST", format!("{WORKER}/webhooks/stripe"))
            .with("stripe-signature", quittance::stripe::signature::sign(body.as_bytes(), &secret, now))
            .body(body);
        assert_eq!(self.world.request(&request).map(|answer| answer.status), Some(200));
    }
}

/// A payment that names a database of IGNORED_DATABASES is never booked: a named difference, and no fault.
#[test]
fn what_ignored_databases_have_is_a_named_difference() {
    let mut desk = OperatorBench::open(82, Version::V18);
    crate::lost::set_book_from(&desk);
    desk.world.set("IGNORED_DATABASES", "shop_a, shop_b");
    let metadata = [("odoo_db".to_owned(), "shop_b".to_owned())].into();
    let paid = desk.world.stripe.borrow_mut().pay(&Pay { metadata, ..Pay::card(7_000, "usd") }).unwrap();
    desk.world.stripe.borrow_mut().pay(&Pay::card(2_000, "usd")).unwrap();
    desk.world.pass(20 * 60);
    desk.world.stripe.borrow_mut().refund(&Refund::part(&paid.charge, 1_000)).unwrap();
    desk.world.pass(20 * 60);
    let report = desk.prove();
    assert_eq!(report.verdict.exit, EQUAL, "{:?}", report.verdict);
    let named: Vec<_> =
        report.sections[0].findings.iter().map(|finding| (finding.cause, finding.detail.as_str())).collect();
    assert_eq!(named, [(Cause::IgnoredDatabase, "shop_b"); 2]);
    assert!(report.verdict.sentences.iter().any(|s| s.starts_with("But for 2 movements of")), "{:?}", report.verdict);
    desk.world.set("IGNORED_DATABASES", "");
    assert_eq!(desk.prove().verdict.exit, DIFFERS, "without the setting they are missing");
    desk.world.pass(3_600);
    assert_eq!(desk.prove().verdict.exit, EQUAL);
    desk.world.finish();
}

/// A live event at the endpoint of a test key changes nothing of the proof.
#[test]
fn a_live_event_changes_nothing_of_the_books() {
    let mut desk = OperatorBench::open(83, Version::V18);
    crate::lost::set_book_from(&desk);
    desk.world.stripe.borrow_mut().pay(&Pay { livemode: Some(true), ..Pay::card(7_000, "usd") }).unwrap();
    desk.world.stripe.borrow_mut().pay(&Pay::card(2_000, "usd")).unwrap();
    desk.world.pass(2 * 3_600);
    assert_eq!(desk.world.odoo.borrow().payments().len(), 1);
    let report = desk.prove();
    assert_eq!((report.verdict.exit, report.livemode, report.read.movements), (EQUAL, false, 1));
    desk.world.finish();
}

#[test]
fn receipts_that_stripe_does_not_know_are_found_by_the_proof() {
    for version in Version::ALL {
        let mut desk = OperatorBench::open(81, version);
        crate::lost::set_book_from(&desk);
        desk.world.stripe.borrow_mut().settings.settle_after_ms = 3_600_000;
        desk.world.stripe.borrow_mut().pay(&Pay::card(2_000, "usd")).unwrap();
        desk.world.pass(60);
        assert_eq!(
            desk.prove().verdict.exit,
            EQUAL,
            "{version:?}: a receipt that has not settled is Stripe's all the same"
        );
        for n in 0..10 {
            desk.forge(&format!("pi_forged{n}"), 10_412);
        }
        let unpaid = desk
            .world
            .stripe
            .borrow_mut()
            .pay(&Pay { method: Method::Declined("insufficient_funds".into()), ..Pay::card(5_000, "usd") });
        let unpaid = unpaid.unwrap().payment_intent;
        desk.forge(&unpaid, 5_000);
        desk.world.pass(60);
        let report = desk.prove();
        assert_eq!(report.verdict.exit, DIFFERS, "{version:?}: {:?}", report.verdict);
        assert_eq!(report.unknown.len(), 11, "{:?}", report.unknown);
        let said = |why: &str| report.unknown.iter().filter(|one| one.why == why).count();
        assert_eq!((said("unknown to Stripe"), said("nothing received at Stripe")), (10, 1));
        assert!(report.verdict.sentences[0].starts_with("11 open items are booked under our keys"));
        desk.world.finish();
    }
}
