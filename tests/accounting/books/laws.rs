//! What must hold of the books at any moment, whatever happened.

use std::collections::BTreeMap;

use quittance_sim::scenario::invariants::balance;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::books::shop::{Shop, major};

/// Fails with the first law that does not hold.
#[track_caller]
pub fn hold(shop: &Shop) {
    shop.checked();
    if shop.simulated {
        shop.world.odoo.borrow().assert_sound();
    }
    one_entry_each(shop);
    clearing_is_what_is_in_flight(shop);
}

/// The sums of the same laws, by looking into the simulated Odoo: for tests that ask after each of many steps.
#[track_caller]
pub fn hold_fast(shop: &Shop) {
    holds(balance::by_the_ledger(&shop.world, shop.company));
}

/// At rest: every balance transaction of Stripe is in the ledger, and the sum of their nets is what `/v1/balance` says.
#[track_caller]
pub fn equals_stripe(shop: &Shop) {
    if shop.simulated {
        return holds(balance::equals_stripe(&shop.world, shop.company));
    }
    for (currency, sum) in balance::stripes(&shop.world).unwrap_or_else(|broken| panic!("{broken:?}")) {
        assert_eq!(shop.moved(&balance_role(shop, &currency), &currency), major(sum, &currency), "Stripe's {currency}");
    }
}

#[track_caller]
fn holds(law: balance::InvariantResult) {
    if let Err(broken) = law {
        panic!("{}: {}", broken.invariant, broken.detail);
    }
}

/// Each balance transaction that the ledger has is one posted entry of its net, and the balance accounts hold nothing else.
#[track_caller]
fn one_entry_each(shop: &Shop) {
    let entries: BTreeMap<i64, _> = shop.eyes.entries(0).into_iter().map(|entry| (entry.id, entry)).collect();
    let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
    for row in shop.world.db.query(
        "SELECT t.id, t.currency, t.net, p.record FROM transactions t JOIN postings p \
         ON p.key = 'stripe:' || t.account || ':' || t.id || ':settled' WHERE t.type IS NOT NULL",
    ) {
        let currency = text(&row, "currency");
        let net = major(row["net"].as_i64().unwrap(), &currency);
        let entry = &entries[&row["record"].as_i64().unwrap()];
        assert_eq!(entry.state, "posted", "{row:?}");
        let account = shop.role(&balance_role(shop, &currency));
        let booked: Decimal = entry.lines.iter().filter(|l| l.account == account).map(|l| l.amount).sum();
        assert_eq!(booked, net, "{row:?} is booked as {entry:#?}");
        *sums.entry(currency).or_default() += net;
    }
    for (currency, sum) in sums {
        assert_eq!(shop.moved(&balance_role(shop, &currency), &currency), sum, "the balance account in {currency}");
    }
}

/// Documents put their amount on clearing, and balance transactions take it off: what stands there is the difference, in
/// each currency, and it is what is open.
#[track_caller]
fn clearing_is_what_is_in_flight(shop: &Shop) {
    for (currency, amount) in balance::in_flight(&shop.world) {
        assert_eq!(shop.moved("clearing", &currency), amount, "clearing in {currency}");
        if shop.simulated {
            assert_eq!(shop.eyes.open(shop.role("clearing"), &currency), amount, "open on clearing in {currency}");
        }
    }
}

/// The role of the account that a settlement currency is kept on: its own, or the Stripe journal's.
pub fn balance_role(shop: &Shop, currency: &str) -> String {
    let own = format!("balance_{}", currency.to_lowercase());
    if shop.eyes.role(shop.company, &own).is_some() { own } else { "balance".into() }
}

fn text(row: &Map<String, Value>, name: &str) -> String {
    row[name].as_str().unwrap_or_default().to_owned()
}
