//! The cut-over: what Stripe did before it is left to the opening entry, and what follows from it afterwards is booked.

use quittance_sim::stripe::dispute::DisputeStep;
use quittance_sim::stripe::merchant::{Dispute, Pay, Payout};
use quittance_sim::stripe::method::Method;
use quittance_sim::stripe::payout::PayoutStep;
use serde_json::json;

use crate::books::shop::Shop;
use crate::common::VERSIONS;

/// Whatever has happened until now was before the cut-over. The opening entries are not drafted here: that is the command-line
/// program's, of which these tests know nothing. Histories with a cut-over in their midst and its real entries are in
/// crates/cli/tests/operator/cutover.rs, under the same laws.
pub fn cut_over(shop: &mut Shop) {
    shop.settle();
    let now = quittance::ports::Clock::now(&shop.world.clock);
    shop.world.pass(60);
    shop.world.set("BOOK_FROM", &now.to_string());
    shop.world.db.run(&[quittance::ports::Stmt::new("DELETE FROM postings", [])]).unwrap();
}

fn parked(shop: &Shop) -> Vec<serde_json::Map<String, serde_json::Value>> {
    shop.world.db.query("SELECT id, type, state, code, detail FROM inbox WHERE state NOT IN ('done', 'ignored')")
}

/// A shop in which nothing was booked before the cut-over: the invoice was paid by hand.
fn before(version: quittance_sim::odoo::Version) -> Shop {
    let mut shop = Shop::of(version);
    // Far ahead: nothing is booked until the cut-over is set.
    shop.world.set("BOOK_FROM", "4000000000");
    shop.settle();
    shop
}

#[test]
fn a_dispute_of_an_earlier_payment_finds_its_invoice() {
    for version in VERSIONS {
        let mut shop = before(version);
        let (invoice, paid) = shop.paid("100.00", "USD");
        cut_over(&mut shop);
        let dispute = shop.world.stripe.borrow_mut().dispute(&Dispute::of(&paid.payment_intent)).unwrap();
        shop.settle();
        shop.world.stripe.borrow_mut().move_dispute(&dispute, DisputeStep::Lose).unwrap();
        shop.settle();
        assert!(parked(&shop).is_empty(), "{version:?} {:#?}", parked(&shop));
        assert_eq!(shop.moved("disputed", "USD"), crate::books::shop::decimal("0"), "withdrawn, and lost");
        assert_eq!(shop.moved("clearing", "USD"), crate::books::shop::decimal("0"));
        let lines = shop.eyes.posted(shop.role("disputed"));
        assert!(lines.len() == 2 && lines.iter().all(|line| line.partner == Some(shop.partner)), "{lines:#?}");
        let notes = shop.world.odoo.borrow().notes(invoice);
        assert!(notes.iter().any(|note| note.contains(&dispute)), "{notes:?}");
        shop.world.finish();
    }
}

#[test]
fn a_payout_on_its_way_at_the_cut_over_is_not_asked_for() {
    let mut shop = before(quittance_sim::odoo::Version::V18);
    shop.paid("200.00", "USD");
    shop.days(3);
    let payout = shop.world.stripe.borrow_mut().payout(&Payout::of(10_000, "usd")).unwrap();
    cut_over(&mut shop);
    // A payout by hand says when it is paid that it is not itemised.
    let _arrived = shop.world.stripe.borrow_mut().move_payout(&payout, &PayoutStep::Arrive);
    shop.days(4);
    shop.settle();
    assert!(parked(&shop).is_empty(), "{:#?}", parked(&shop));
    let told = shop.world.db.query("SELECT code FROM inbox WHERE type = 'payout.paid'");
    assert!(told.iter().any(|row| row["code"] == "before_go_live"), "{told:?}");
    shop.world.finish();
}

/// Somebody has booked the payment before the cut-over, with Stripe's id in its memo.
pub fn booked_by_hand(shop: &Shop, payment: &str, amount: &str, version: quittance_sim::odoo::Version) {
    let journal = shop.eyes.rows("account.journal", json!([["code", "=", "BNK1"]]), &["id"])[0]["id"].clone();
    let vals = json!({"payment_type": "inbound", "partner_type": "customer", "partner_id": shop.partner, "journal_id": journal,
        "amount": number(amount), "date": "2026-11-20", version.memo_field(): format!("tx of {payment}")});
    let id = shop.make("account.payment", vals);
    shop.eyes.call("account.payment", "action_post", Some(&[id]), json!({}));
}

fn number(amount: &str) -> serde_json::Value {
    serde_json::from_str(amount).unwrap()
}

#[test]
fn an_earlier_debit_that_fails_is_taken_back_or_parked() {
    for version in VERSIONS {
        for known in [true, false] {
            let mut shop = before(version);
            let invoice = shop.invoice("100.00", "USD");
            let debit = Pay { method: Method::Delayed, ..Pay::card(0, "usd") };
            let paid = shop.pay(invoice, "100.00", "USD", debit);
            if known {
                booked_by_hand(&shop, &paid.payment_intent, "100.00", version);
            }
            cut_over(&mut shop);
            shop.world.stripe.borrow_mut().fail_late(&paid.payment_intent, "insufficient_funds").unwrap();
            shop.settle();
            shop.days(3);
            shop.settle();
            let told = shop.world.db.query("SELECT id, type, state, code, detail FROM inbox");
            let reversed = shop.world.db.query("SELECT key FROM postings WHERE kind = 'reversed'");
            if known {
                assert!(parked(&shop).is_empty(), "{version:?} {:#?}", parked(&shop));
                assert_eq!(reversed.len(), 1, "{version:?} {told:#?}");
                assert_eq!(shop.moved("clearing", "USD"), crate::books::shop::decimal("0"));
            } else {
                let why: Vec<_> = parked(&shop).iter().map(|row| row["code"].clone()).collect();
                let all = why.iter().all(|code| code == "refund_receipt_unknown");
                assert!(!why.is_empty() && all, "{version:?} {told:#?}");
            }
            shop.world.finish();
        }
    }
}
