//! Branches: companies under another, which use its chart, journals, rates and settings.

use serde_json::{Value, json};

use super::Odoo;
use super::call::object;
use super::num;
use super::rights::Session;
use super::store::Row;

const COMPANY: &str = "res.company";

/// What a branch does not take from its parent.
const OWN: &[&str] = &[
    "name",
    "partner_id",
    "parent_id",
    "email",
    "fiscalyear_lock_date",
    "tax_lock_date",
    "sale_lock_date",
    "purchase_lock_date",
    "hard_lock_date",
    "create_date",
    "write_date",
];

impl Odoo {
    /// The company at the top of a company's branch tree.
    pub(super) fn root_company(&self, company: i64) -> i64 {
        self.store.int(COMPANY, company, "parent_id").map_or(company, |parent| self.root_company(parent))
    }

    /// A company and those above it, the nearest first.
    pub(super) fn company_and_parents(&self, company: i64) -> Vec<i64> {
        let mut all = vec![company];
        while let Some(parent) = all.last().and_then(|c| self.store.int(COMPANY, *c, "parent_id")) {
            all.push(parent);
        }
        all
    }

    /// The company of a new document: the journal's where the session works in it, else the session's first branch of it.
    pub(super) fn company_for(&self, who: &Session, journal: i64) -> i64 {
        let own = self.store.int("account.journal", journal, "company_id").unwrap_or(who.company);
        let branch = |c: &&i64| self.company_and_parents(**c).contains(&own);
        if who.companies.contains(&own) { own } else { who.companies.iter().find(branch).copied().unwrap_or(own) }
    }

    /// Fills what a new branch takes from its parent.
    pub(super) fn prepare_company(&self, row: &mut Row) {
        let Some(parent) = row.get("parent_id").and_then(num::int) else { return };
        let of_parent = self.store.get(COMPANY, parent).cloned().unwrap_or_default();
        for (column, value) in of_parent.into_iter().filter(|(column, _)| !OWN.contains(&column.as_str())) {
            super::hooks::fill(row, &column, value);
        }
    }

    /// Whoever makes a company may work in it.
    pub(super) fn created_company(&mut self, who: &Session, id: i64) {
        let mut all = self.store.list("res.users", who.uid, "company_ids");
        all.push(id);
        self.store.set("res.users", who.uid, "company_ids", json!(all));
    }

    /// A branch of a company, for tests; all users may work in it.
    pub fn branch(&mut self, parent: i64, name: &str) -> i64 {
        let partner = self.put("res.partner", json!({"name": name, "active": true, "is_company": true}));
        let mut row = object(json!({"name": name, "parent_id": parent, "partner_id": partner, "active": true}));
        self.prepare_company(&mut row);
        let id = self.store.insert(COMPANY, row);
        for user in self.store.ids("res.users") {
            let mut all = self.store.list("res.users", user, "company_ids");
            all.push(id);
            self.store.set("res.users", user, "company_ids", json!(all));
        }
        self.store.commit();
        id
    }

    /// Somebody closes the books of a company up to a day; empty opens them. `column`: `fiscalyear_lock_date`,
    /// `tax_lock_date`, `sale_lock_date`, `hard_lock_date`.
    pub fn lock_books(&mut self, company: i64, column: &str, until: &str) {
        let value = if until.is_empty() { Value::Null } else { json!(until) };
        self.poke(COMPANY, company, column, value);
    }
}
