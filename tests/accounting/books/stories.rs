//! One story for each block of docs/ACCOUNTING.md: what happens, and the entries that it makes.

use quittance_sim::stripe::balance::Entry;
use quittance_sim::stripe::dispute::DisputeStep;
use quittance_sim::stripe::merchant::{Dispute, Pay, Payout, Refund};
use quittance_sim::stripe::method::Method;
use quittance_sim::stripe::payout::PayoutStep;
use quittance_sim::stripe::refund::RefundEnd;

use serde_json::json;

use crate::books::entries::told;
use crate::books::shop::Shop;
use crate::books::taxed;

/// Plays a story; gives the entries to be shown.
pub type Story = fn(&mut Shop) -> String;

pub const STORIES: &[(&str, Story)] = &[
    ("settlement", settlement),
    ("settlement_exchanged", settlement_exchanged),
    ("settlement_abroad", settlement_abroad),
    ("fee_reverse_charge", fee_reverse_charge),
    ("fee_supplier", fee_supplier),
    ("refund", refund),
    ("refund_part", taxed::part),
    ("refund_overpaid", taxed::overpaid),
    ("refund_failed", refund_failed),
    ("late_failure", late_failure),
    ("discount", taxed::discount),
    ("discount_refund", taxed::discount_refund),
    ("discount_late_failure", taxed::discount_late_failure),
    ("cash_basis", taxed::cash_basis),
    ("cash_basis_refund", taxed::cash_basis_refund),
    ("cash_basis_dispute", taxed::cash_basis_dispute),
    ("dispute", dispute),
    ("dispute_won", dispute_won),
    ("dispute_lost", dispute_lost),
    ("dispute_lost_part", dispute_lost_part),
    ("dispute_written_off", dispute_written_off),
    ("payout", payout),
    ("payout_failed", payout_failed),
    ("reserve", reserve),
    ("unallocated", unallocated),
];

/// Entries that `what` makes, after everything before it has settled.
pub fn of(shop: &mut Shop, what: impl FnOnce(&mut Shop)) -> String {
    shop.settle();
    let after = shop.eyes.last();
    what(shop);
    shop.settle();
    told(shop, after)
}

fn settlement(shop: &mut Shop) -> String {
    of(shop, |shop| drop(shop.paid("100.00", "USD")))
}

fn settlement_exchanged(shop: &mut Shop) -> String {
    of(shop, |shop| drop(shop.paid("80.00", "EUR")))
}

fn settlement_abroad(shop: &mut Shop) -> String {
    {
        let mut stripe = shop.world.stripe.borrow_mut();
        stripe.settings.rates.insert("usd".into(), crate::books::shop::decimal("0.79"));
        stripe.settings.settles.insert("usd".into(), "eur".into());
    }
    of(shop, |shop| drop(shop.paid("100.00", "USD")))
}

/// A purchase tax of 20 % that the buyer owes and deducts.
fn fee_reverse_charge(shop: &mut Shop) -> String {
    let accounts = shop.eyes.rows("account.account", json!([["account_type", "=", "liability_current"]]), &["id"]);
    let account = &accounts[0]["id"];
    let side = || {
        json!([
            [0, 0, {"repartition_type": "base"}],
            [0, 0, {"repartition_type": "tax", "factor_percent": 100, "account_id": account}],
            [0, 0, {"repartition_type": "tax", "factor_percent": -100, "account_id": account}],
        ])
    };
    let vals = json!({"name": format!("20% reverse charge {}", shop.partner), "amount": 20, "type_tax_use": "purchase",
        "company_id": shop.company, "invoice_repartition_line_ids": side(), "refund_repartition_line_ids": side()});
    let tax = shop.make("account.tax", vals);
    let name = format!("tax_fees_{}", shop.company);
    let vals = json!({"module": "quittance", "name": name, "model": "account.tax", "res_id": tax, "noupdate": true});
    let row = shop.make("ir.model.data", vals);
    let told = of(shop, |shop| drop(shop.paid("100.00", "USD")));
    shop.eyes.call("ir.model.data", "unlink", Some(&[row]), json!({}));
    told
}

fn fee_supplier(shop: &mut Shop) -> String {
    shop.world.set("FEES", "supplier");
    of(shop, |shop| {
        shop.paid("100.00", "USD");
        shop.settle();
        crate::books::fees::complete(shop);
        crate::books::fees::post(shop);
        shop.world.pass(crate::books::fees::DAY + 60);
    })
}

fn refund(shop: &mut Shop) -> String {
    let (_, paid) = shop.paid("100.00", "USD");
    of(shop, |shop| drop(shop.world.stripe.borrow_mut().refund(&Refund::all(&paid.payment_intent)).unwrap()))
}

fn refund_failed(shop: &mut Shop) -> String {
    let (_, paid) = shop.paid("100.00", "USD");
    shop.settle();
    let pending = Refund { status: Some("pending".into()), ..Refund::all(&paid.payment_intent) };
    let refund = shop.world.stripe.borrow_mut().refund(&pending).unwrap();
    of(shop, |shop| {
        let failed = RefundEnd::Failed("lost_or_stolen_card".into());
        shop.world.stripe.borrow_mut().end_refund(&refund, &failed).unwrap();
    })
}

fn late_failure(shop: &mut Shop) -> String {
    let invoice = shop.invoice("100.00", "USD");
    let debit = Pay { method: Method::Delayed, ..Pay::card(0, "usd") };
    let paid = shop.pay(invoice, "100.00", "USD", debit);
    of(shop, |shop| {
        shop.world.stripe.borrow_mut().fail_late(&paid.payment_intent, "insufficient_funds").unwrap();
    })
}

/// A dispute about a payment that has settled.
fn disputed(shop: &mut Shop) -> String {
    let (_, paid) = shop.paid("100.00", "USD");
    shop.settle();
    shop.world.stripe.borrow_mut().dispute(&Dispute::of(&paid.payment_intent)).unwrap()
}

fn dispute(shop: &mut Shop) -> String {
    let (_, paid) = shop.paid("100.00", "USD");
    of(shop, |shop| drop(shop.world.stripe.borrow_mut().dispute(&Dispute::of(&paid.payment_intent)).unwrap()))
}

fn dispute_won(shop: &mut Shop) -> String {
    let dispute = disputed(shop);
    of(shop, |shop| shop.world.stripe.borrow_mut().move_dispute(&dispute, DisputeStep::Win).unwrap())
}

fn dispute_lost(shop: &mut Shop) -> String {
    let dispute = disputed(shop);
    of(shop, |shop| shop.world.stripe.borrow_mut().move_dispute(&dispute, DisputeStep::Lose).unwrap())
}

fn dispute_lost_part(shop: &mut Shop) -> String {
    let dispute = disputed(shop);
    shop.world.pass(60);
    of(shop, |shop| {
        let mut stripe = shop.world.stripe.borrow_mut();
        stripe.move_dispute(&dispute, DisputeStep::ReinstatePart).unwrap();
        stripe.move_dispute(&dispute, DisputeStep::Lose).unwrap();
    })
}

fn dispute_written_off(shop: &mut Shop) -> String {
    shop.world.set("DISPUTE_LOST", "write_off");
    dispute_lost(shop)
}

/// A hundred dollars are available.
fn available(shop: &mut Shop) {
    shop.paid("200.00", "USD");
    shop.days(3);
}

fn payout(shop: &mut Shop) -> String {
    available(shop);
    of(shop, |shop| drop(shop.world.stripe.borrow_mut().payout(&Payout::of(10_000, "usd")).unwrap()))
}

fn payout_failed(shop: &mut Shop) -> String {
    available(shop);
    let payout = shop.world.stripe.borrow_mut().payout(&Payout::of(10_000, "usd")).unwrap();
    of(shop, |shop| {
        let failed = PayoutStep::Fail("account_closed".into());
        shop.world.stripe.borrow_mut().move_payout(&payout, &failed).unwrap();
    })
}

fn reserve(shop: &mut Shop) -> String {
    of(shop, |shop| {
        let held = Entry {
            kind: "reserve_transaction".into(),
            reporting_category: "risk_reserved_funds".into(),
            amount: -2_500,
            currency: "usd".into(),
            ..Entry::default()
        };
        drop(shop.world.stripe.borrow_mut().enter_by_hand(&held));
    })
}

fn unallocated(shop: &mut Shop) -> String {
    of(shop, |shop| drop(shop.world.stripe.borrow_mut().pay(&Pay::card(4_200, "usd")).unwrap()))
}
