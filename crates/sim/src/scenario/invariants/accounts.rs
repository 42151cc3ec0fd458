//! What balance transactions put on each account, by what they are at Stripe. Nothing of this asks the ledger, and what is
//! expected of each type is read from the page beside Stripe's list, not from the product's table.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde_json::Value;

use super::balance::{equal, role};
use super::{InvariantResult, Violation, unless};
use crate::odoo::Odoo;
use crate::scenario::Scenario;
use crate::scenario::invoices::major;
use crate::stripe::Stripe;
use crate::world::World;

static EXPECTED: LazyLock<Value> = LazyLock::new(|| {
    let page = include_str!("../../../../../tests/fixtures/stripe/balance_transactions_expected.json");
    serde_json::from_str(page).unwrap_or_default()
});
/// Accounts, by their roles, on which nothing stands but what balance transactions have put there.
const ROLES: [&str; 5] = ["suspense", "reserves", "transit", "connected", "loan"];
/// What the opening entries carry over from before the cut-over, since Stripe releases it afterwards.
const CARRIED: [&str; 2] = ["reserves", "loan"];
const CURRENCIES: [&str; 3] = ["USD", "EUR", "GBP"];

/// Minor units by role and currency; debit above zero.
type Sums = BTreeMap<(String, String), i64>;

/// At rest each of these accounts holds what Stripe's balance transactions come to, in each settlement currency; so does what is
/// owed to Stripe with FEES=supplier, or the fees account.
pub(in crate::scenario) fn hold_what_stripe_says(scenario: &Scenario) -> InvariantResult {
    by_stripe(&scenario.world, &ROLES)?;
    let meant = meant(&scenario.world);
    let supplier = scenario.supplies();
    for currency in CURRENCIES {
        let kept = sum(&meant, "fees", currency);
        let (booked, on) =
            if supplier { (owed(scenario, currency).0, "owed") } else { (expense(scenario, currency)?, "expense") };
        equal("what Stripe kept is in the books", currency, booked, kept, || on.to_owned())?;
    }
    only_exchanges_on_conversion(scenario)
}

/// The same of some roles in any world: since its cut-over, and of what the opening entries carry over from before it.
pub fn by_stripe(world: &World, roles: &[&str]) -> InvariantResult {
    let meant = meant(world);
    let odoo = world.odoo.borrow();
    for role in roles {
        let Some(account) = odoo.role(1, role) else { continue };
        for currency in CURRENCIES {
            let told = || format!("on {role}: {:#?}", odoo.told(account));
            let invariant = "each account holds what Stripe's balance transactions come to";
            equal(invariant, currency, odoo.balance_of(account, currency).0, sum(&meant, role, currency), told)?;
        }
    }
    Ok(())
}

/// Conversion has the corrections that Stripe makes, to the unit, and the difference of rates of what was exchanged. That one
/// is what the other lines leave, which other invariants hold; nothing else stands there.
fn only_exchanges_on_conversion(scenario: &Scenario) -> InvariantResult {
    const LAW: &str = "conversion holds exchanges and their corrections";
    let account = role(&scenario.world, 1, "conversion")?;
    let (stripe, odoo) = (scenario.world.stripe.borrow(), scenario.world.odoo.borrow());
    let mut left: BTreeMap<&str, Decimal> = CURRENCIES.map(|code| (code, odoo.balance_of(account, code).0)).into();
    for (key, txn) in all(&stripe) {
        let stands = booked(&odoo, &key, account);
        let corrects = misfit(&stripe, &txn) == Some("conversion");
        for (currency, amount) in stands {
            let code = text(&txn, "currency").to_uppercase();
            let meant = if corrects && code == currency { -major(int(&txn, "amount"), &code) } else { Decimal::ZERO };
            if corrects || txn["exchange_rate"].is_null() {
                equal(LAW, &currency, amount, meant, || format!("{key} {txn}"))?;
            }
            if let Some(left) = left.get_mut(currency.as_str()) {
                *left -= amount;
            }
        }
    }
    for (currency, left) in left {
        equal(LAW, currency, left, Decimal::ZERO, || format!("more than transactions: {:#?}", odoo.told(account)))?;
    }
    Ok(())
}

/// What was captured in several parts through an exchange, and could not be told apart when it was read: minor units of the
/// payment's currency that stay on clearing while their transaction stands on suspense.
pub(super) fn unpresented(scenario: &Scenario) -> Vec<(String, i64)> {
    let (stripe, odoo) = (scenario.world.stripe.borrow(), scenario.world.odoo.borrow());
    let one = |(key, txn): (String, Value)| {
        let part = part_on_suspense(&stripe, &odoo, &key, &txn)?;
        let of_same = |charge: &&Value| text(charge, "id") == text(&txn, "source");
        let charge = stripe.everywhere("charge").into_iter().find(of_same)?;
        Some((text(charge, "currency").to_uppercase(), part))
    };
    all(&stripe).into_iter().filter_map(one).collect()
}

/// A part that was exchanged is told from the whole only as long as it is the whole. So it may stand on either account, wholly.
fn part_on_suspense(stripe: &Stripe, odoo: &Odoo, key: &str, txn: &Value) -> Option<i64> {
    let part = stripe.captured_part(text(txn, "id")).filter(|_| !txn["exchange_rate"].is_null())?;
    let code = text(txn, "currency").to_uppercase();
    let stands = booked(odoo, key, odoo.role(1, "suspense")?);
    (stands.get(&code) == Some(&-major(int(txn, "amount"), &code))).then_some(part)
}

/// Keys and objects of the payments balances' transactions, of every account.
fn all(stripe: &Stripe) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for place in stripe.places() {
        let rows = stripe.books(&place).into_iter().flat_map(|books| books.rows("balance_transaction"));
        let rows = rows.filter(|txn| txn["balance_type"] == "payments");
        all.extend(rows.map(|txn| (format!("stripe:{}:{}:settled", place.account, text(txn, "id")), txn.clone())));
    }
    all
}

/// What the posted entry of a key has on an account, by currency.
fn booked(odoo: &Odoo, key: &str, account: i64) -> BTreeMap<String, Decimal> {
    let mut sums = BTreeMap::new();
    let entry = odoo.quittance(&format!("{key}__record")).and_then(|(_, id)| odoo.entry(id));
    for line in entry.filter(|entry| entry.state == "posted").into_iter().flat_map(|entry| entry.lines) {
        if line.account == account {
            *sums.entry(line.currency).or_insert(Decimal::ZERO) += line.amount;
        }
    }
    sums
}

/// When the months are over and the clerk has posted the bills: all that Stripe kept is billed, once, and nothing of it is open.
pub(in crate::scenario) fn all_fees_are_billed(scenario: &Scenario) -> InvariantResult {
    let meant = meant(&scenario.world);
    for currency in CURRENCIES {
        let invariant = "what Stripe kept is billed once";
        equal(invariant, currency, expense(scenario, currency)?, sum(&meant, "fees", currency), || {
            format!("{:?}", bills(scenario))
        })?;
        let (owed, open) = owed(scenario, currency);
        let left =
            (open > 0 || !owed.is_zero()).then(|| format!("{currency} {owed}, {open} lines, {:?}", bills(scenario)));
        unless("nothing is owed to Stripe that is billed", left)?;
    }
    Ok(())
}

fn bills(scenario: &Scenario) -> Vec<String> {
    let rows = scenario
        .world
        .db
        .query("SELECT id || ' ' || state || ' ' || coalesce(code, '') AS row FROM inbox WHERE type = 'fee_bill'");
    rows.iter().map(|row| row.get("row").and_then(Value::as_str).unwrap_or_default().to_owned()).collect()
}

fn sum(sums: &Sums, role: &str, currency: &str) -> Decimal {
    major(sums.get(&(role.to_owned(), currency.to_owned())).copied().unwrap_or_default(), currency)
}

/// What the payments balances' transactions put on each account.
fn meant(world: &World) -> Sums {
    let (stripe, odoo) = (world.stripe.borrow(), world.odoo.borrow());
    let cut_over: i64 = world.vars.get("BOOK_FROM").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut sums = Sums::new();
    let mut add = |role: &str, currency: &str, minor: i64| {
        *sums.entry((role.to_owned(), currency.to_uppercase())).or_default() += minor;
    };
    for (key, txn) in all(&stripe) {
        let (currency, amount) = (text(&txn, "currency"), int(&txn, "amount"));
        if int(&txn, "created") < cut_over {
            let role = expected(text(&txn, "type"), text(&txn, "reporting_category"));
            if CARRIED.contains(&role) {
                add(role, currency, -amount);
            }
            continue;
        }
        match expected(text(&txn, "type"), text(&txn, "reporting_category")) {
            "settles dispute" => {
                if let Some(role) = misfit(&stripe, &txn) {
                    add(role, currency, -amount);
                }
            }
            "settles receipt" if part_on_suspense(&stripe, &odoo, &key, &txn).is_some() => {
                add("suspense", currency, -amount);
            }
            settles if settles.starts_with("settles ") => {}
            role => add(role, currency, -amount),
        }
        for part in txn["fee_details"].as_array().into_iter().flatten() {
            let role = EXPECTED["fees"][text(part, "type")].as_str().unwrap_or("suspense");
            let role = if matches!(role, "stripe" | "tax") { "fees" } else { role };
            add(role, currency, int(part, "amount"));
        }
    }
    sums
}

/// Where a dispute's transaction stands that does not say how much of the dispute it moved: somebody has to look at it, unless
/// it only corrects an exchange whose size is known.
fn misfit(stripe: &Stripe, txn: &Value) -> Option<&'static str> {
    let moved = stripe.contested(text(txn, "id")).filter(|moved| !moved.certain)?;
    let of_same = |dispute: &&Value| text(dispute, "id") == text(txn, "source");
    let dispute = stripe.everywhere("dispute").into_iter().find(of_same)?;
    let rows = dispute["balance_transactions"].as_array().into_iter().flatten();
    // Of what came before it.
    let earlier = rows.take_while(|row| text(row, "id") != text(txn, "id"));
    let known = earlier.filter_map(|row| stripe.contested(text(row, "id"))).any(|one| one.certain && one.minor != 0);
    Some(if moved.minor == 0 && known { "conversion" } else { "suspense" })
}

fn expected(kind: &str, category: &str) -> &'static str {
    let row = match (kind, category) {
        ("refund" | "payment_refund", "partial_capture_reversal") => return "settles receipt",
        ("adjustment", category) => &EXPECTED["adjustments"][category],
        (kind, _) => &EXPECTED["types"][kind],
    };
    row.as_str().unwrap_or("suspense")
}

fn expense(scenario: &Scenario, currency: &str) -> Result<Decimal, Violation> {
    let account = role(&scenario.world, 1, "fees")?;
    Ok(scenario.world.odoo.borrow().balance_of(account, currency).0)
}

/// What is open on the payable account of the partner Stripe, a debit since Stripe has kept it already, and on how many lines.
fn owed(scenario: &Scenario, currency: &str) -> (Decimal, usize) {
    let odoo = scenario.world.odoo.borrow();
    let Some((_, partner)) = odoo.quittance("partner_stripe") else { return (Decimal::ZERO, 0) };
    let entries = odoo.entries().into_iter().filter(|entry| entry.state == "posted");
    let open: Vec<Decimal> = entries
        .flat_map(|entry| entry.lines)
        .filter(|line| {
            line.partner == Some(partner) && line.currency == currency && !line.reconciled && !line.open.is_zero()
        })
        .map(|line| line.open)
        .collect();
    (open.iter().sum(), open.len())
}

fn int(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap_or_default()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
