//! Journals and accounts: a bank journal makes its own account and its payment method lines.

use serde_json::{Value, json};

use super::Odoo;
use super::call::object;
use super::hooks::fill;
use super::num;
use super::rights::Session;
use super::store::Row;

impl Odoo {
    pub(super) fn prepare_account(&self, who: &Session, row: &mut Row) {
        if self.version.major() == 17 {
            fill(row, "company_id", json!(who.company));
        } else {
            fill(row, "company_ids", json!([who.company]));
        }
        fill(row, "reconcile", json!(row.get("account_type").is_some_and(|t| t == "asset_receivable")));
    }

    pub(super) fn prepare_journal(&mut self, who: &Session, row: &mut Row) {
        fill(row, "company_id", json!(who.company));
        let kind = row.get("type").and_then(Value::as_str).unwrap_or("").to_owned();
        fill(row, "refund_sequence", json!(matches!(kind.as_str(), "sale" | "purchase")));
        fill(row, "payment_sequence", json!(matches!(kind.as_str(), "bank" | "cash" | "credit")));
        if !row.get("type").is_some_and(|t| t == "bank" || t == "cash") {
            return;
        }
        let company = row.get("company_id").and_then(num::int).unwrap_or(who.company);
        if row.get("default_account_id").is_none_or(Value::is_null) {
            let name = row.get("name").cloned().unwrap_or_default();
            let code = self.next_bank_code(company);
            let account = self.account(company, &code, name.as_str().unwrap_or("Bank"), "asset_cash", false);
            let currency = row.get("currency_id").cloned().unwrap_or_default();
            self.store.set("account.account", account, "currency_id", currency);
            row.insert("default_account_id".into(), json!(account));
        }
        let suspense = self.store.value("res.company", company, "account_journal_suspense_account_id");
        fill(row, "suspense_account_id", suspense);
    }

    pub(super) fn created_journal(&mut self, id: i64) {
        if !matches!(self.store.text("account.journal", id, "type"), "bank" | "cash") {
            return;
        }
        for method in self.store.find_all("account.payment.method", "code", &json!("manual")) {
            let name = self.store.value("account.payment.method", method, "name");
            let line = json!({"name": name, "payment_method_id": method, "journal_id": id, "sequence": 10});
            self.store.insert("account.payment.method.line", object(line));
        }
    }

    /// The lines of a new reconciliation model.
    pub(super) fn created_reconcile_model(&mut self, id: i64, vals: &Row) {
        let commands = vals.get("line_ids").and_then(Value::as_array).into_iter().flatten();
        let lines: Vec<Row> = commands.filter_map(|c| c.get(2).and_then(Value::as_object).cloned()).collect();
        let company = self.store.value("account.reconcile.model", id, "company_id");
        for mut line in lines {
            line.insert("model_id".into(), json!(id));
            line.insert("company_id".into(), company.clone());
            fill(&mut line, "amount_type", json!("percentage"));
            fill(&mut line, "amount_string", json!("100"));
            self.store.insert("account.reconcile.model.line", line);
        }
    }

    /// The next free code of the company's bank and cash accounts, `101404` after `101403`.
    fn next_bank_code(&self, company: i64) -> String {
        let taken: Vec<i64> = self
            .accounts_of(company)
            .iter()
            .filter_map(|a| self.store.text("account.account", *a, "code").parse().ok())
            .collect();
        (101_401..).find(|code| !taken.contains(code)).map_or_else(String::new, |code| code.to_string())
    }

    /// Accounts that a company may use: its own and those of the companies above it.
    pub(super) fn accounts_of(&self, company: i64) -> Vec<i64> {
        let companies = self.company_and_parents(company);
        let mine = |id: &i64| {
            self.store.int("account.account", *id, "company_id").is_some_and(|c| companies.contains(&c))
                || self.store.list("account.account", *id, "company_ids").iter().any(|c| companies.contains(c))
        };
        self.store.ids("account.account").into_iter().filter(mine).collect()
    }

    /// An account made directly, by set-up of the database.
    pub(super) fn account(&mut self, company: i64, code: &str, name: &str, kind: &str, reconcile: bool) -> i64 {
        let mut row =
            object(json!({"code": code, "name": name, "account_type": kind, "reconcile": reconcile, "active": true}));
        if self.version.major() == 17 {
            row.insert("company_id".into(), json!(company));
        } else {
            row.insert("company_ids".into(), json!([company]));
        }
        self.store.insert("account.account", row)
    }

    /// The company's account of a type, the lowest code first.
    pub(super) fn account_of_type(&self, company: i64, kind: &str) -> Option<i64> {
        let of_kind = |id: &i64| self.store.text("account.account", *id, "account_type") == kind;
        let mut found: Vec<i64> = self.accounts_of(company).into_iter().filter(of_kind).collect();
        found.sort_by(|a, b| {
            self.store.text("account.account", *a, "code").cmp(self.store.text("account.account", *b, "code"))
        });
        found.first().copied()
    }

    /// The company's account with this name.
    pub(super) fn account_named(&self, company: i64, name: &str) -> Option<i64> {
        self.accounts_of(company).into_iter().find(|id| self.store.text("account.account", *id, "name") == name)
    }

    /// The company's journal with this code, or of this type.
    pub(super) fn journal_of(&self, company: i64, code_or_type: &str) -> Option<i64> {
        let of = |c: i64| self.store.find_all("account.journal", "company_id", &json!(c));
        let all = self.company_and_parents(company).into_iter().flat_map(of);
        let is = |id: &i64| {
            self.store.text("account.journal", *id, "code") == code_or_type
                || self.store.text("account.journal", *id, "type") == code_or_type
        };
        all.into_iter().find(is)
    }
}
