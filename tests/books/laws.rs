//! What must hold of the books at any moment, whatever happened.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::shop::{Shop, major};

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
    let odoo = shop.world.odoo.borrow();
    let nets = shop
        .world
        .db
        .query("SELECT currency, sum(net) AS net FROM transactions WHERE type IS NOT NULL GROUP BY currency");
    for row in nets {
        let currency = text(&row, "currency");
        let own = odoo.role(shop.company, &format!("balance_{}", currency.to_lowercase()));
        let account = own.or_else(|| odoo.role(shop.company, "balance")).unwrap();
        let net = major(row["net"].as_i64().unwrap(), &currency);
        assert_eq!(odoo.balance_of(account, &currency).0.normalize(), net, "the balance account in {currency}");
    }
    let clearing = odoo.role(shop.company, "clearing").unwrap();
    for (currency, amount) in in_flight(shop) {
        assert_eq!(odoo.balance_of(clearing, &currency).0.normalize(), amount.normalize(), "clearing in {currency}");
        let open: Decimal = odoo.open_lines(clearing).iter().filter(|l| l.currency == currency).map(|l| l.open).sum();
        assert_eq!(open.normalize(), amount.normalize(), "open on clearing in {currency}: {:#?}", odoo.told(clearing));
    }
}

/// At rest: every balance transaction of Stripe is in the ledger, and the sum of their nets is what `/v1/balance` says.
#[track_caller]
pub fn equals_stripe(shop: &Shop) {
    let stripe = shop.world.stripe.borrow();
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for txn in stripe.books(&stripe.home()).unwrap().rows("balance_transaction") {
        if txn["balance_type"] != "payments" {
            continue;
        }
        let id = txn["id"].as_str().unwrap();
        let rows =
            shop.world.db.query(&format!("SELECT net, type FROM transactions WHERE id = '{id}' AND type IS NOT NULL"));
        assert_eq!(rows.len(), 1, "{txn} is not booked: {:?}", shop.world.state(id));
        assert_eq!(rows[0]["net"], txn["net"], "{txn}");
        *sums.entry(txn["currency"].as_str().unwrap().to_uppercase()).or_default() += txn["net"].as_i64().unwrap();
    }
    for (currency, sum) in sums {
        assert_eq!(shop.moved(&balance_role(shop, &currency), &currency), major(sum, &currency), "Stripe's {currency}");
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
    for (currency, amount) in in_flight(shop) {
        assert_eq!(shop.moved("clearing", &currency), amount, "clearing in {currency}");
        if shop.simulated {
            assert_eq!(shop.eyes.open(shop.role("clearing"), &currency), amount, "open on clearing in {currency}");
        }
    }
}

/// By the ledger: what documents have put on clearing less what balance transactions have taken off, by currency.
fn in_flight(shop: &Shop) -> BTreeMap<String, Decimal> {
    let mut flight: BTreeMap<String, Decimal> = BTreeMap::new();
    let documents = "SELECT kind, minor, currency FROM postings WHERE outcome <> 'gone' AND kind <> 'settled'";
    for row in shop.world.db.query(documents) {
        let sign = match text(&row, "kind").as_str() {
            "paid" | "refund_failed" | "dispute_reinstated" => Decimal::ONE,
            "refunded" | "reversed" | "dispute_withdrawn" => -Decimal::ONE,
            _ => continue,
        };
        let currency = text(&row, "currency");
        *flight.entry(currency.clone()).or_default() += sign * major(row["minor"].as_i64().unwrap(), &currency);
    }
    let settled = "SELECT presented, presented_currency FROM transactions WHERE counter = 'clearing'";
    for row in shop.world.db.query(settled) {
        let currency = text(&row, "presented_currency");
        *flight.entry(currency.clone()).or_default() -= major(row["presented"].as_i64().unwrap(), &currency);
    }
    flight
}

/// The role of the account that a settlement currency is kept on: its own, or the Stripe journal's.
pub fn balance_role(shop: &Shop, currency: &str) -> String {
    let own = format!("balance_{}", currency.to_lowercase());
    if shop.eyes.role(shop.company, &own).is_some() { own } else { "balance".into() }
}

fn text(row: &Map<String, Value>, name: &str) -> String {
    row[name].as_str().unwrap_or_default().to_owned()
}
