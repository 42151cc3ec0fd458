//! The balance invariants, by looking into the simulated parties and the ledger.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

pub use super::InvariantResult;
use super::Violation;
use crate::scenario::invoices::major;
use crate::world::World;

const BALANCE: &str = "the balance account is the sum of nets";
const CLEARING: &str = "clearing is what is in flight";

/// At any moment, by the ledger: each balance account holds the nets of what is booked, and clearing holds, and has open,
/// what documents have put there less what balance transactions have taken off.
pub fn by_the_ledger(world: &World, company: i64) -> InvariantResult {
    let odoo = world.odoo.borrow();
    let nets =
        world.db.query("SELECT currency, sum(net) AS net FROM transactions WHERE type IS NOT NULL GROUP BY currency");
    for row in nets {
        let currency = text(&row, "currency");
        let net = major(int(&row, "net"), currency);
        let booked = odoo.balance_of(balance_account(world, company, currency)?, currency).0.normalize();
        equal(BALANCE, currency, booked, net, String::new)?;
    }
    let clearing = role(world, company, "clearing")?;
    for (currency, amount) in in_flight(world) {
        let told = || format!("{:#?}", odoo.told(clearing));
        equal(CLEARING, &currency, odoo.balance_of(clearing, &currency).0, amount, told)?;
        let open = odoo.open_lines(clearing).iter().filter(|l| l.currency == currency).map(|l| l.open).sum();
        equal("what is open on clearing is in flight", &currency, open, amount, told)?;
    }
    Ok(())
}

/// At rest: every balance transaction of Stripe's payments balance is in the ledger, and the sum of their nets is what
/// stands in Odoo.
pub fn equals_stripe(world: &World, company: i64) -> InvariantResult {
    let odoo = world.odoo.borrow();
    for (currency, sum) in stripes(world)? {
        let booked = odoo.balance_of(balance_account(world, company, &currency)?, &currency).0;
        equal("the balance account is Stripe's balance", &currency, booked, major(sum, &currency), String::new)?;
    }
    Ok(())
}

/// Nets of the balance transactions of all accounts' payments balances since the cut-over, which must all be in the ledger: minor
/// units by currency.
pub fn stripes(world: &World) -> Result<BTreeMap<String, i64>, Violation> {
    let stripe = world.stripe.borrow();
    let cut_over: i64 = world.vars.get("BOOK_FROM").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for txn in stripe.everywhere("balance_transaction") {
        if txn["balance_type"] != "payments" || txn["created"].as_i64().is_none_or(|created| created < cut_over) {
            continue;
        }
        let id = txn["id"].as_str().unwrap_or_default();
        let rows = world.db.about("SELECT net FROM transactions WHERE id = ?1 AND type IS NOT NULL", &[id.into()]);
        if rows.first().and_then(|row| row.get("net")) != Some(&txn["net"]) {
            let detail = format!("{id} {} {rows:?} {:?}", txn["net"], world.state(id));
            return Err(Violation::new("every balance transaction is booked", detail));
        }
        let currency = txn["currency"].as_str().unwrap_or_default().to_uppercase();
        *sums.entry(currency).or_default() += txn["net"].as_i64().unwrap_or_default();
    }
    Ok(sums)
}

/// By the ledger: what documents have put on clearing less what balance transactions have taken off, by currency.
pub fn in_flight(world: &World) -> BTreeMap<String, Decimal> {
    let mut flight: BTreeMap<String, Decimal> = BTreeMap::new();
    let documents = "SELECT kind, minor, currency FROM postings WHERE outcome <> 'gone' AND kind <> 'settled'";
    for row in world.db.query(documents) {
        let sign = match text(&row, "kind") {
            "paid" | "refund_failed" | "dispute_reinstated" => Decimal::ONE,
            "refunded" | "reversed" | "dispute_withdrawn" => -Decimal::ONE,
            _ => continue,
        };
        let currency = text(&row, "currency");
        *flight.entry(currency.to_owned()).or_default() += sign * major(int(&row, "minor"), currency);
    }
    let settled = "SELECT presented, presented_currency FROM transactions WHERE counter = 'clearing'";
    for row in world.db.query(settled) {
        let currency = text(&row, "presented_currency");
        *flight.entry(currency.to_owned()).or_default() -= major(int(&row, "presented"), currency);
    }
    flight
}

/// The account that a settlement currency is kept on: its own, or the Stripe journal's.
fn balance_account(world: &World, company: i64, currency: &str) -> Result<i64, Violation> {
    let own = world.odoo.borrow().role(company, &format!("balance_{}", currency.to_lowercase()));
    own.map_or_else(|| role(world, company, "balance"), Ok)
}

/// The account of a role.
pub(super) fn role(world: &World, company: i64, role: &str) -> Result<i64, Violation> {
    let found = world.odoo.borrow().role(company, role);
    found.ok_or_else(|| Violation::new("set-up is whole", format!("there is no account {role}")))
}

/// Whether two amounts are the same.
pub(super) fn equal(
    invariant: &'static str,
    currency: &str,
    stands: Decimal,
    meant: Decimal,
    more: impl FnOnce() -> String,
) -> InvariantResult {
    if stands == meant {
        return Ok(());
    }
    Err(Violation::new(invariant, format!("{currency}: {stands} stands there, it should be {meant} {}", more())))
}

fn text<'a>(row: &'a Map<String, Value>, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn int(row: &Map<String, Value>, name: &str) -> i64 {
    row.get(name).and_then(Value::as_i64).unwrap_or_default()
}
