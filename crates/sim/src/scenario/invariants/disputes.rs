//! The disputed account, dispute by dispute, from what Stripe has moved of each.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;

use super::balance::{equal, role};
use super::{InvariantResult, unless};
use crate::odoo::{EntryView, Odoo};
use crate::scenario::Scenario;
use crate::scenario::invoices::major;

const LAW: &str = "of a closed dispute nothing is left on the disputed account";

/// At rest every balance transaction is booked. Then of a dispute that is closed nothing is left, of one that was never closed what
/// Stripe has of it, and nothing else stands on the account. Proposals to write off count as if they were posted.
pub fn nothing_is_left(scenario: &Scenario) -> InvariantResult {
    let odoo = scenario.world.odoo.borrow();
    let stripe = scenario.world.stripe.borrow();
    let account = role(&scenario.world, 1, "disputed")?;
    let entries: BTreeMap<i64, EntryView> = odoo.entries().into_iter().map(|entry| (entry.id, entry)).collect();
    let mut all: BTreeMap<String, Decimal> = ["USD", "EUR", "GBP"].map(|code| (code.to_owned(), Decimal::ZERO)).into();
    for place in stripe.places() {
        let Some(books) = stripe.books(&place) else { continue };
        let closed: Vec<&str> = books
            .rows("event")
            .iter()
            .filter(|event| event["type"] == "charge.dispute.closed")
            .filter_map(|event| event["data"]["object"]["id"].as_str())
            .collect();
        for dispute in books.rows("dispute") {
            let (id, currency) = (text(dispute, "id"), text(dispute, "currency").to_uppercase());
            let stands = dispute_balance(&odoo, &entries, &format!("stripe:{}:{id}", place.account), account);
            *all.entry(currency.clone()).or_default() += stands.posted;
            let moves = dispute["balance_transactions"].as_array().into_iter().flatten();
            let moves: Vec<i64> = moves
                .filter_map(|txn| {
                    let moved = stripe.contested(text(txn, "id"))?;
                    moved.certain.then_some(moved.minor)
                })
                .filter(|minor| *minor != 0)
                .collect();
            let out = -moves.iter().sum::<i64>();
            let comes_back = moves.last().is_some_and(|last| *last < 0);
            let left = match text(dispute, "status") {
                "lost" => 0,
                "won" | "warning_closed" => {
                    if comes_back {
                        out
                    } else {
                        0
                    }
                }
                // Lost once, and open again: the payer owes what was lost.
                _ if closed.contains(&id) => continue,
                _ => out,
            };
            let told = || format!("{id} {} {moves:?}", dispute["status"]);
            equal(LAW, &currency, stands.posted + stands.proposed, major(left, &currency), told)?;
        }
    }
    for (currency, sum) in all {
        let booked = odoo.balance_of(account, &currency).0;
        equal("only disputes stand on the disputed account", &currency, booked, sum, || {
            format!("{:#?}", odoo.told(account))
        })?;
    }
    Ok(())
}

/// What closing a dispute moves from the disputed account is owed by the payer again, or with DISPUTE_LOST=write_off proposed as a
/// loss, in a draft; nowhere else.
pub fn losses_are_where_they_belong(scenario: &Scenario) -> InvariantResult {
    let (odoo, stripe) = (scenario.world.odoo.borrow(), scenario.world.stripe.borrow());
    let disputed = role(&scenario.world, 1, "disputed")?;
    let losses = odoo.role(1, "losses").or(odoo.role(1, "fees"));
    let written_off = scenario.plan.vars.contains(&("DISPUTE_LOST", "write_off"));
    for place in stripe.places() {
        for dispute in stripe.books(&place).into_iter().flat_map(|books| books.rows("dispute")) {
            let name = format!("stripe:{}:{}__r", place.account, text(dispute, "id"));
            let all = (1..).map_while(|number| odoo.quittance(&format!("{name}{number}")));
            for entry in all.filter_map(|(_, id)| odoo.entry(id)) {
                let drafted = entry.state != "posted";
                let belongs = |account: i64| match written_off {
                    true => Some(account) == losses && drafted,
                    false => {
                        odoo.field_value("account.account", account, "account_type") == "asset_receivable" && !drafted
                    }
                };
                let wrong = entry.lines.iter().find(|line| line.account != disputed && !belongs(line.account));
                let told = wrong.map(|line| format!("{name}: {} {}, {}", line.title, line.amount, entry.state));
                unless("what a dispute lost is owed by its payer, or proposed as a loss", told)?;
            }
        }
    }
    Ok(())
}

/// What of a dispute stands on its account.
#[derive(Default)]
struct DisputeBalance {
    posted: Decimal,
    proposed: Decimal,
}

fn dispute_balance(odoo: &Odoo, entries: &BTreeMap<i64, EntryView>, dispute: &str, account: i64) -> DisputeBalance {
    let mut stands = DisputeBalance::default();
    let all = (1..).map_while(|number| odoo.quittance(&format!("{dispute}__e{number}")));
    for entry in all.filter_map(|(_, id)| entries.get(&id)) {
        let sum: Decimal = entry.lines.iter().filter(|line| line.account == account).map(|line| line.amount).sum();
        match entry.state.as_str() {
            "posted" => stands.posted += sum,
            "draft" => stands.proposed += sum,
            _ => {}
        }
    }
    stands
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
