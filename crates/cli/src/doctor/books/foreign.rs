//! Posted entries that are not ours by key, in the Stripe journals or on the Stripe balance accounts: each makes Odoo's
//! balance differ from Stripe's.

use std::collections::BTreeSet;

use quittance::erp::odoo::error::OdooError;
use quittance::erp::odoo::setup::{id, one};
use serde_json::{Value, json};

use super::{CompanyBooks, Finding, name_list};
use crate::calendar;
use crate::ports::block_on;
use crate::settings::Settings;

/// As many as one question of Odoo holds; the newest are looked at.
const MOST: usize = 10_000;

pub fn examine(books: &CompanyBooks<'_>, settings: &Settings) -> Vec<Finding> {
    match foreign(books, settings) {
        Ok(findings) => findings,
        Err(error) => vec![Finding::error("odoo foreign entries", error)],
    }
}

fn foreign(books: &CompanyBooks<'_>, settings: &Settings) -> Result<Vec<Finding>, OdooError> {
    let since = settings.get("BOOK_FROM").and_then(|instant| instant.parse().ok()).unwrap_or(0);
    // A day earlier, as a zone may have another day at that instant; the opening entry is ours.
    let since = calendar::day(since - 86_400, "UTC").unwrap_or_default();
    let (journals, balances) = (books.journal_ids(), books.balances());
    let inside = json!([["journal_id", "in", journals], ["state", "=", "posted"], ["date", ">=", since]]);
    let inside = newest(books, "account.move", inside, &["name"])?;
    let lines = json!([
        ["account_id", "in", balances],
        ["journal_id", "not in", journals],
        ["parent_state", "=", "posted"],
        ["date", ">=", since]
    ]);
    let lines = newest(books, "account.move.line", lines, &["move_id", "move_name"])?;
    let outside: BTreeSet<i64> = lines.iter().filter_map(|line| one(line, "move_id")).collect();
    let ids: Vec<i64> = inside.iter().map(id).chain(outside).collect();
    let ours = ours(books, &ids)?;
    let inside: Vec<&Value> = inside.iter().filter(|row| !ours.contains(&id(row))).collect();
    let outside: Vec<&Value> =
        lines.iter().filter(|line| one(line, "move_id").is_some_and(|entry| !ours.contains(&entry))).collect();
    let mut findings = Vec::new();
    if !inside.is_empty() {
        let names = name_list(&inside, "name");
        let detail = format!(
            "{} in the Stripe journals are not Quittance's ({names}): keep these journals for it alone",
            inside.len()
        );
        findings.push(Finding::note("odoo foreign entries", detail));
    }
    if !outside.is_empty() {
        let names = name_list(&outside, "move_name");
        let detail = format!(
            "{} lines of other journals stand on the Stripe balance accounts ({names}): Odoo's balance differs from Stripe's by them",
            outside.len()
        );
        findings.push(Finding::note("odoo foreign entries", detail));
    }
    if findings.is_empty() {
        findings.push(Finding::good("odoo foreign entries", "none since the first instant to book"));
    }
    Ok(findings)
}

fn newest(books: &CompanyBooks<'_>, model: &str, domain: Value, fields: &[&str]) -> Result<Vec<Value>, OdooError> {
    let args = json!({"domain": domain, "fields": fields, "order": "id desc", "limit": MOST});
    let rows = block_on(books.eyes.call(model, "search_read", None, args, Some(books.company)))?;
    Ok(rows.as_array().cloned().unwrap_or_default())
}

/// The entries that have a key, or whose payment has one.
fn ours(books: &CompanyBooks<'_>, entries: &[i64]) -> Result<BTreeSet<i64>, OdooError> {
    let mut ours: BTreeSet<i64> = block_on(books.eyes.ours("account.move", entries))?.into_iter().collect();
    let rest: Vec<i64> = entries.iter().copied().filter(|entry| !ours.contains(entry)).collect();
    let payments = books.rows("account.payment", json!([["move_id", "in", rest]]), &["move_id"])?;
    let ids: Vec<i64> = payments.iter().map(id).collect();
    let known = block_on(books.eyes.ours("account.payment", &ids))?;
    ours.extend(
        payments.iter().filter(|payment| known.contains(&id(payment))).filter_map(|payment| one(payment, "move_id")),
    );
    Ok(ours)
}
