//! The crash between every two steps: each call of a port is lost, or kills the Worker, before its effect and after it.
//! Whatever happens, afterwards every movement is in the books once, and nothing is left to do.

use quittance_sim::odoo::Version;
use quittance_sim::stripe::dispute::DisputeStep;
use quittance_sim::stripe::merchant::{Dispute, Payout, Refund};
use quittance_sim::world::port_faults::Mishap;

use crate::books::laws;
use crate::books::shop::Shop;

/// Two hours: more than the second-longest wait of the schedule, and every lease.
const LONG: i64 = 2 * 3_600;

/// What is there before, and what then happens.
struct Case {
    before: fn(&mut Shop) -> String,
    happens: fn(&mut Shop, &str),
    /// Kinds of the movements that must be in the books, apart from the receipt and its settlement.
    booked: &'static [&'static str],
}

fn every(case: &Case, mishaps: &[Mishap]) {
    let calls = run(case, None);
    assert!(calls > 8, "{calls}");
    for at in 0..calls {
        for mishap in mishaps {
            run(case, Some((at, *mishap)));
        }
    }
}

/// Gives how many calls the first minutes made.
fn run(case: &Case, strike: Option<(usize, Mishap)>) -> usize {
    let mut shop = Shop::of(Version::V18);
    let about = (case.before)(&mut shop);
    shop.world.pass(90);
    let first = shop.world.dial.calls();
    if let Some((at, mishap)) = strike {
        shop.world.dial.set(at, mishap);
    }
    (case.happens)(&mut shop, &about);
    shop.world.pass(90);
    let calls = shop.world.dial.calls() - first;
    let name = strike.and_then(|(at, _)| shop.world.dial.names.borrow().get(first + at).copied());
    shop.world.pass(LONG);
    let what = format!("{strike:?} {name:?}");
    assert!(shop.world.dial.spent(), "{what} never struck");
    laws::hold(&shop);
    laws::equals_stripe(&shop);
    let open = shop.world.db.query("SELECT id, state, code FROM inbox WHERE state NOT IN ('done', 'ignored')");
    assert!(open.is_empty(), "{what}: {open:?}");
    for kind in case.booked {
        let rows = shop.world.db.query(&format!("SELECT key FROM postings WHERE kind = '{kind}'"));
        assert_eq!(rows.len(), 1, "{what}: {kind} {rows:?}");
    }
    shop.world.finish();
    calls
}

fn paid(shop: &mut Shop) -> String {
    shop.paid("100.00", "USD").1.payment_intent
}

const AFTER: [Mishap; 2] = [Mishap::FailAfter, Mishap::DieAfter];

#[test]
fn a_refund() {
    let happens =
        |shop: &mut Shop, payment: &str| drop(shop.world.stripe.borrow_mut().refund(&Refund::all(payment)).unwrap());
    every(&Case { before: paid, happens, booked: &["refunded", "credited"] }, &AFTER);
}

#[test]
fn a_refund_right_after_its_payment() {
    let happens = |shop: &mut Shop, _: &str| {
        let payment = paid(shop);
        drop(shop.world.stripe.borrow_mut().refund(&Refund::part(&payment, 4_000)).unwrap());
    };
    every(&Case { before: |_| String::new(), happens, booked: &["paid", "refunded", "credited"] }, &AFTER);
}

#[test]
fn a_dispute() {
    let happens =
        |shop: &mut Shop, payment: &str| drop(shop.world.stripe.borrow_mut().dispute(&Dispute::of(payment)).unwrap());
    every(&Case { before: paid, happens, booked: &["dispute_opened", "dispute_withdrawn"] }, &AFTER);
}

#[test]
fn a_dispute_that_is_won() {
    let before = |shop: &mut Shop| {
        let payment = paid(shop);
        shop.world.pass(60);
        shop.world.stripe.borrow_mut().dispute(&Dispute::of(&payment)).unwrap()
    };
    let happens = |shop: &mut Shop, dispute: &str| {
        shop.world.stripe.borrow_mut().move_dispute(dispute, DisputeStep::Win).unwrap()
    };
    every(&Case { before, happens, booked: &["dispute_withdrawn", "dispute_reinstated", "dispute_won"] }, &AFTER);
}

#[test]
fn a_payout() {
    let before = |shop: &mut Shop| {
        paid(shop);
        shop.days(3);
        String::new()
    };
    let happens =
        |shop: &mut Shop, _: &str| drop(shop.world.stripe.borrow_mut().payout(&Payout::of(5_000, "usd")).unwrap());
    every(&Case { before, happens, booked: &[] }, &AFTER);
}
