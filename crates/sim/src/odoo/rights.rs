//! Who may do what: groups, and which of them each model needs (docs of Odoo: ir.model.access).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Odoo;
use super::error::{self, Result};
use super::store::Row;

pub const USER: &str = "base.group_user";
pub const SYSTEM: &str = "base.group_system";
pub const ACCESS: &str = "base.group_erp_manager";
pub const CONTACTS: &str = "base.group_partner_manager";
pub const READONLY: &str = "account.group_account_readonly";
pub const INVOICE: &str = "account.group_account_invoice";
pub const MANAGER: &str = "account.group_account_manager";
/// Of set-up: who may run the procedures.
pub const WORKER: &str = "quittance.group_worker";

/// Every group: external id, name as people read it, and the groups it brings with it.
pub const GROUPS: &[(&str, &str, &[&str])] = &[
    (USER, "User types/Internal User", &[]),
    (ACCESS, "Administration/Access Rights", &[USER]),
    (SYSTEM, "Administration/Settings", &[ACCESS]),
    (CONTACTS, "Extra Rights/Contact Creation", &[]),
    (READONLY, "Technical/Show Accounting Features - Readonly", &[]),
    (INVOICE, "Invoicing/Billing", &[USER]),
    (MANAGER, "Invoicing/Billing Administrator", &[INVOICE]),
];

/// Model, groups that may read, groups that may also create, write and delete.
const ACCESSES: &[(&str, &[&str], &[&str])] = &[
    ("account.move", &[READONLY, INVOICE], &[INVOICE]),
    ("account.move.line", &[READONLY, INVOICE], &[INVOICE]),
    ("account.partial.reconcile", &[READONLY, INVOICE], &[INVOICE]),
    ("account.full.reconcile", &[READONLY, INVOICE], &[INVOICE]),
    ("account.account.tag", &[USER], &[MANAGER]),
    ("account.payment", &[READONLY, INVOICE], &[INVOICE]),
    ("account.payment.method.line", &[USER], &[INVOICE]),
    ("account.journal", &[READONLY, INVOICE], &[MANAGER]),
    ("account.account", &[USER, READONLY], &[MANAGER]),
    ("account.tax", &[USER], &[MANAGER]),
    ("account.tax.repartition.line", &[USER], &[MANAGER]),
    ("account.move.reversal", &[INVOICE], &[INVOICE]),
    ("account.cash.rounding", &[USER], &[MANAGER]),
    ("account.fiscal.position", &[USER], &[MANAGER]),
    ("account.bank.statement.line", &[READONLY, INVOICE], &[]),
    ("account.payment.term", &[USER], &[MANAGER]),
    ("account.payment.term.line", &[USER], &[MANAGER]),
    ("res.partner", &[USER], &[CONTACTS]),
    ("res.currency", &[USER], &[SYSTEM]),
    ("res.currency.rate", &[USER], &[SYSTEM]),
    ("res.company", &[USER], &[ACCESS]),
    ("res.users", &[USER], &[ACCESS]),
    ("res.groups", &[USER], &[ACCESS]),
    ("res.country", &[USER], &[SYSTEM]),
    ("res.lang", &[USER], &[SYSTEM]),
    ("ir.sequence", &[USER], &[SYSTEM]),
    ("ir.model", &[ACCESS], &[ACCESS]),
    ("ir.model.fields", &[ACCESS], &[ACCESS]),
    ("ir.model.data", &[ACCESS], &[ACCESS]),
    ("payment.method", &[USER], &[SYSTEM]),
    ("payment.transaction", &[SYSTEM, INVOICE], &[SYSTEM]),
    ("mail.message", &[USER], &[USER]),
    ("mail.activity", &[USER], &[USER]),
    ("mail.activity.type", &[USER], &[SYSTEM]),
    ("account.reconcile.model", &[READONLY, INVOICE], &[MANAGER]),
    ("account.reconcile.model.line", &[READONLY, INVOICE], &[MANAGER]),
];

/// Who calls, with what they may do.
#[derive(Clone, Debug, Default)]
pub struct Session {
    pub uid: i64,
    /// External ids of the groups, those implied included.
    pub groups: BTreeSet<String>,
    pub company: i64,
    pub companies: Vec<i64>,
}

impl Session {
    pub fn has(&self, group: &str) -> bool {
        self.groups.contains(group)
    }
}

impl Odoo {
    /// The session of a user: their groups, and the companies that the context selects among theirs.
    pub(super) fn session(&self, uid: i64, context: &Row) -> Result<Session> {
        let field = self.version.groups_field();
        let mut groups = BTreeSet::new();
        let mut open = self.store.list("res.users", uid, field);
        while let Some(group) = open.pop() {
            if groups.insert(self.store.text("res.groups", group, "xml_id").to_owned()) {
                open.extend(self.store.list("res.groups", group, "implied_ids"));
            }
        }
        let mine = self.store.list("res.users", uid, "company_ids");
        let company = self.store.int("res.users", uid, "company_id").unwrap_or_default();
        let asked: Vec<i64> = match context.get("allowed_company_ids").and_then(Value::as_array) {
            Some(all) => all.iter().filter_map(super::num::int).collect(),
            None => Vec::new(),
        };
        if asked.iter().any(|c| !mine.contains(c)) {
            return Err(error::access("Access to unauthorized or invalid companies."));
        }
        let company = asked.first().copied().unwrap_or(company);
        Ok(Session { uid, groups, company, companies: if asked.is_empty() { mine } else { asked } })
    }

    /// Refuses an operation (`read`, `write`, `create`, `unlink`) on a model.
    pub(super) fn check(&self, session: &Session, model: &str, operation: &str) -> Result<()> {
        let found = ACCESSES.iter().find(|(name, _, _)| *name == model);
        let (read, write) = found.map_or((&[SYSTEM][..], &[SYSTEM][..]), |(_, r, w)| (*r, *w));
        let groups = if operation == "read" { read } else { write };
        let also_write = operation == "read" && write.iter().any(|g| session.has(g));
        if also_write || groups.iter().any(|g| session.has(g)) {
            return Ok(());
        }
        let verb = match operation {
            "read" => "access",
            "write" => "modify",
            "unlink" => "delete",
            other => other,
        };
        let label = self.schema.model(model).map_or("", |m| &m.label);
        let names: Vec<String> =
            GROUPS.iter().filter(|g| groups.contains(&g.0)).map(|g| format!("\t- {}", g.1)).collect();
        Err(error::access(format!(
            "You are not allowed to {verb} '{label}' ({model}) records.\n\nThis operation is allowed for the following \
             groups:\n{}\n\nContact your administrator to request access if necessary.",
            names.join("\n")
        )))
    }

    /// Whether a record belongs to one of the session's companies (or to none).
    pub(super) fn in_company(&self, session: &Session, model: &str, id: i64) -> bool {
        if model == "account.account" && self.version.major() > 17 {
            let visible = |c: &i64| session.companies.iter().any(|mine| self.company_and_parents(*mine).contains(c));
            return self.store.list(model, id, "company_ids").iter().any(visible);
        }
        if !matches!(
            model,
            "account.account" | "account.move" | "account.move.line" | "account.payment" | "account.journal"
        ) {
            return true;
        }
        let company = self.value(model, id, "company_id");
        let shared = matches!(model, "account.account" | "account.journal");
        let visible = |c: &i64| match shared {
            true => self.company_and_parents(*c).iter().any(|c| json!(c) == company),
            false => json!(c) == company,
        };
        company.is_null() || session.companies.iter().any(visible)
    }
}
