//! Payouts of many parts.

use quittance_sim::odoo::Version;
use quittance_sim::stripe::balance::Entry;
use serde_json::json;

use crate::books::shop::Shop;

/// More than thirty pages of a hundred.
const PARTS: usize = 3_150;

#[test]
fn a_payout_of_many_parts_is_read_bit_by_bit() {
    let mut shop = Shop::of(Version::V18);
    shop.world.cron_sleeps = true;
    let payout = {
        let mut stripe = shop.world.stripe.borrow_mut();
        for _ in 0..PARTS {
            let (kind, reporting_category) = ("topup".to_owned(), "topup".to_owned());
            let (currency, balance_type) = ("usd".to_owned(), "payments".to_owned());
            let entry = Entry { kind, reporting_category, amount: 100, currency, balance_type, ..Entry::default() };
            stripe.enter_by_hand(&entry);
        }
        stripe.payout_now("usd").unwrap()
    };
    let told = |shop: &Shop| {
        let of = "SELECT state, code FROM inbox WHERE type = 'payout.reconciliation_completed'";
        shop.world.db.query(of).first().map(|row| (row["state"].clone(), row["code"].clone()))
    };
    let mut seen = Vec::new();
    for _ in 0..200 {
        shop.world.pass(1_800);
        seen.extend(told(&shop).filter(|now| seen.last() != Some(now)));
        if seen.last().is_some_and(|(state, _)| state == "done") {
            break;
        }
        // The crons sleep, so that nobody books the parts themselves; what waits is looked at all the same.
        shop.world.tick(quittance::cron::SWEEP);
        seen.extend(told(&shop).filter(|now| seen.last() != Some(now)));
    }
    assert_eq!(seen, [(json!("waiting"), json!("payout_reading")), (json!("done"), json!(null))]);
    let linked = shop.world.db.query(&format!("SELECT count(*) AS n FROM transactions WHERE payout = '{payout}'"));
    assert_eq!(linked[0]["n"], json!(PARTS));
    let note = shop.world.db.query("SELECT outcome FROM postings WHERE kind = 'payout_reconciled'");
    assert_eq!(note.len(), 1);
    shop.world.cron_sleeps = false;
    shop.world.finish();
}
