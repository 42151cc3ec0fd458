//! The procedure `check`: is everything there that booking needs?

use serde_json::{Value, json};

use super::setup::{self, ROLES};
use super::{FORM, guarded, text};
use crate::odoo::Odoo;
use crate::odoo::action::hash;
use crate::odoo::error::Result;
use crate::odoo::rights::Session;
use crate::odoo::version::Version;

/// Reads only.
pub fn check(odoo: &Odoo, who: &Session, code: &str, input: &Value) -> Result<Value> {
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
    let books = setup.ready.get(&setup.company);
    let companies: Vec<i64> = setup.ready.keys().copied().collect();
    // Accounts that entries of some kind would want; without one only these entries wait.
    let mut missing = Vec::new();
    for role in ROLES.into_iter().filter(|role| !matches!(*role, "advances" | "losses")) {
        missing.extend(books.filter(|b| !b.accounts.contains_key(role)).map(|b| format!("{role}_{}", b.home)));
    }
    Ok(json!({"v": FORM, "hash": hash(code), "version": odoo.version.serie(), "db": odoo.db, "company": who.company,
        "companies": companies, "journal": books.map(|b| b.journal), "clearing": books.map(|b| b.clearing),
        "zone": books.map(|b| b.zone.clone()), "missing": missing, "problems": problems,
        "key": key(odoo, who, text(input, "key"))}))
}

/// The caller's key that begins so; keys of 17 have no end.
fn key(odoo: &Odoo, who: &Session, start: &str) -> Value {
    if start.is_empty() {
        return Value::Null;
    }
    let known = odoo.store.text("res.users", who.uid, "api_key").starts_with(start);
    let ends = odoo.store.int("res.users", who.uid, "api_key_ends").filter(|_| known && odoo.version != Version::V17);
    json!({"known": known, "ends": ends})
}
