//! The accounts of all roles: there, of a type that serves, not archived; and the tax of fees.

use quittance::erp::odoo::setup::roles::{ADVANCES, ROLES, Role};
use quittance::erp::odoo::setup::{reason_unfit, text};
use serde_json::{Value, json};

use super::{CompanyBooks, Finding};
use crate::settings::Settings;

const WHAT: &str = "odoo accounts";

pub fn examine(books: &CompanyBooks<'_>, settings: &Settings) -> Vec<Finding> {
    let mut findings: Vec<Finding> = ROLES.iter().filter_map(|role| account(books, role)).collect();
    if findings.is_empty() {
        findings.push(Finding::good(WHAT, "every role has one that serves"));
    }
    findings.extend(tax(books, settings));
    findings
}

/// What is wrong with the account of a role.
fn account(books: &CompanyBooks<'_>, role: &Role) -> Option<Finding> {
    let id = books.find_record(&role.external(books.company));
    if id.is_none() && role.optional {
        return None;
    }
    let Some(id) = id else {
        let detail = format!("{} has no account, for {}: run `quittance setup odoo`", role.name, role.holds);
        return Some(Finding::bad(WHAT, detail));
    };
    let retired = if books.eyes.session.major >= 19 { "active" } else { "deprecated" };
    let fields = ["code", "account_type", "reconcile", "currency_id", retired];
    let rows = books.rows("account.account", json!([["id", "=", id]]), &fields).ok()?;
    let row = rows.first()?;
    let code = text(row, "code");
    let off = row.get(retired) == Some(&Value::Bool(retired == "deprecated"));
    if off {
        return Some(Finding::bad(
            WHAT,
            format!("{code} ({}) is archived or deprecated: entries on it are refused", role.name),
        ));
    }
    let why = reason_unfit(role, row)?;
    // An unusual type is only unusual; but Odoo refuses payments to an account that is no receivable, lines of other
    // currencies, and matching where it is not allowed.
    let unmatched = role.reconcile && row.get("reconcile") != Some(&Value::Bool(true));
    let forced = row.get("currency_id").is_some_and(Value::is_array);
    let detail = format!("{code} ({}) {why}", role.name);
    let refused = unmatched || forced || *role == ADVANCES;
    Some(if refused { Finding::bad(WHAT, detail) } else { Finding::note(WHAT, detail) })
}

/// A tax that nothing will carry.
fn tax(books: &CompanyBooks<'_>, settings: &Settings) -> Option<Finding> {
    books.find_record(&format!("tax_fees_{}", books.company))?;
    (settings.get("FEES") == Some("supplier")).then(|| {
        let detail = "is set, but with FEES=supplier the vendor bills carry the tax: `quittance setup odoo --fee-tax none` takes it away";
        Finding::note("odoo fee tax", detail)
    })
}
