//! The procedure `check`: is everything there that booking needs?

use serde_json::{Value, json};

use super::guarded;
use super::setup;
use crate::odoo::Odoo;
use crate::odoo::action::hash;
use crate::odoo::error::Result;
use crate::odoo::rights::Session;

/// Reads only.
pub fn check(odoo: &Odoo, who: &Session, code: &str) -> Result<Value> {
    let setup = guarded(odoo, who)?;
    let mut problems = Vec::new();
    for company in setup.companies.iter().filter(|c| !setup.ready.contains_key(c)) {
        let named = |what: &str| odoo.store.xid(&format!("quittance.{what}_{company}")).is_some();
        if named("journal_stripe") || named("account_clearing") {
            problems.push(format!("clearing_not_on_payment_method:{company}"));
        }
    }
    if setup.ready.is_empty() {
        problems.push("not_configured".to_owned());
    }
    if setup::record(odoo, "partner_unallocated").is_none() {
        problems.push("partner_unallocated_missing".to_owned());
    }
    let first = setup.ready.get(&setup.first());
    let companies: Vec<i64> = setup.ready.keys().copied().collect();
    Ok(json!({"v": 1, "hash": hash(code), "version": odoo.version.serie(), "db": odoo.db, "company": who.company,
        "companies": companies, "journal": first.map(|b| b.journal), "clearing": first.map(|b| b.clearing),
        "problems": problems}))
}
