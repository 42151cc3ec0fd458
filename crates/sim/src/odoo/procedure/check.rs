//! The procedure `check`: is everything there that booking needs?

use serde_json::{Value, json};

use super::setup::{self, ROLES};
use super::{FORM, guarded, text};
use crate::odoo::Odoo;
use crate::odoo::action::hash;
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::rights::{Session, WORKER};
use crate::odoo::version::Version;

/// Reads only.
pub fn check(odoo: &Odoo, who: &Session, code: &str, input: &Value) -> Result<Value> {
    let setup = guarded(odoo, who)?;
    let mut problems = Vec::new();
    for company in setup.companies.iter().filter(|c| !setup.ready.contains_key(c)) {
        if let Some(fault) = setup.faults.get(company) {
            problems.push(fault.clone());
            continue;
        }
        let named = |what: &str| odoo.store.tied(&format!("quittance.{what}_{company}")).is_some();
        if named("journal_stripe") || named("account_clearing") {
            problems.push(format!("clearing_not_on_payment_method:{company}"));
        }
    }
    if setup.ready.is_empty() && problems.is_empty() {
        problems.push("not_configured".to_owned());
    }
    if setup::record(odoo, "partner_unallocated").is_none() {
        problems.push("partner_unallocated_missing".to_owned());
    }
    let own = input.get("company").and_then(num::int).filter(|c| setup.companies.contains(c)).unwrap_or(setup.company);
    let books = setup.ready.get(&own);
    if let Some(books) = books {
        let mode = json!(books.owner.mode == "live");
        let mode = input.get("livemode").filter(|mode| !mode.is_null()).unwrap_or(&mode);
        if let Err(error) = books.owner.held(books.home, text(input, "account"), Some(mode)) {
            problems.push(error.message.replace("quittance:", "").replace("not_configured:", ""));
        }
    }
    let companies: Vec<i64> = setup.ready.keys().copied().collect();
    // Accounts that entries of some kind would want; without one only these entries wait.
    let mut missing = Vec::new();
    for role in ROLES.into_iter().filter(|role| !matches!(*role, "advances" | "losses")) {
        missing.extend(books.filter(|b| !b.accounts.contains_key(role)).map(|b| format!("{role}_{}", b.home)));
    }
    Ok(json!({"v": FORM, "hash": hash(code), "version": odoo.version.serie(), "db": odoo.db, "company": who.company,
        "companies": companies, "journal": books.map(|b| b.journal), "clearing": books.map(|b| b.clearing),
        "zone": books.map(|b| b.zone.clone()), "missing": missing, "problems": problems,
        "key": key(odoo, who, text(input, "key")), "opened": opened(odoo),
        "stripe": books.map(|b| json!({"mode": b.owner.mode, "accounts": b.owner.accounts}))}))
}

/// Procedures that others may call than the members of the one group.
fn opened(odoo: &Odoo) -> Vec<String> {
    let s = &odoo.store;
    let group = s.xid(WORKER).map(|(_, id)| id);
    let open = |name: &&str| {
        let action = s.xid(&format!("quittance.{name}")).map(|(_, id)| id).unwrap_or_default();
        s.list("ir.actions.server", action, odoo.version.groups_field()) != Vec::from_iter(group)
    };
    s.named("quittance", "proc_").filter(open).map(str::to_owned).collect()
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
