//! A look at the books of an Odoo, simulated or real, by the same calls.
#![allow(dead_code, reason = "the fields are Odoo's, whoever looks at them")]

use std::cell::RefCell;
use std::rc::Rc;

use quittance::config::Secret;
use quittance::erp::odoo::transport::{Client, Session};
use quittance_sim::world::ports::HttpPort;
use quittance_sim::{Clock, Party};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::common::now;

/// An administrator who reads.
pub struct Eyes {
    client: Client,
    session: Session,
}

/// A journal entry or invoice.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: i64,
    pub name: String,
    /// `entry`, `out_invoice`, `out_refund`, `in_invoice`.
    pub kind: String,
    pub state: String,
    pub date: String,
    /// Code of the journal.
    pub journal: String,
    pub reference: String,
    pub residual: Decimal,
    pub lines: Vec<Line>,
}

/// One line; debit above zero.
#[derive(Clone, Debug)]
pub struct Line {
    pub id: i64,
    pub entry: i64,
    pub account: i64,
    /// Name of the account.
    pub title: String,
    pub label: String,
    pub partner: Option<i64>,
    pub currency: String,
    pub amount: Decimal,
    /// In the company's currency.
    pub value: Decimal,
    pub open: Decimal,
    pub open_value: Decimal,
    pub reconciled: bool,
    /// The tax that made it.
    pub tax: bool,
}

impl Eyes {
    /// `odoo` answers at `url`. What strikes the product's own calls does not strike these.
    pub fn of(url: &str, db: &str, login: &str, key: &str, odoo: Rc<RefCell<dyn Party>>, clock: Clock) -> Self {
        let http =
            HttpPort { parties: vec![(url.to_owned(), odoo)], clock, dial: Rc::default(), delayed: Rc::default() };
        let client = Client {
            http: Rc::new(http),
            url: url.to_owned(),
            db: db.to_owned(),
            login: login.to_owned(),
            key: Secret::new(key),
            timeout: 60_000,
        };
        let session = now(client.open()).unwrap();
        Self { client, session }
    }

    pub fn call(&self, model: &str, method: &str, ids: Option<&[i64]>, args: Value) -> Value {
        self.answer(model, method, ids, args).unwrap_or_else(|e| panic!("{model}.{method}: {e:?}"))
    }

    /// The same where Odoo may refuse it.
    pub fn answer(
        &self,
        model: &str,
        method: &str,
        ids: Option<&[i64]>,
        args: Value,
    ) -> Result<Value, quittance::erp::odoo::error::OdooError> {
        let mut named = args.as_object().cloned().unwrap_or_default();
        named.insert("context".into(), json!({"lang": "en_US", "active_test": false}));
        now(self.client.call(self.session, model, method, ids, named))
    }

    pub fn rows(&self, model: &str, domain: Value, fields: &[&str]) -> Vec<Value> {
        let args = json!({"domain": domain, "fields": fields, "order": "id"});
        self.call(model, "search_read", None, args).as_array().cloned().unwrap()
    }

    /// The record that an external id `quittance.{name}` points at.
    pub fn named(&self, name: &str) -> Option<i64> {
        let rows = self.rows("ir.model.data", json!([["module", "=", "quittance"], ["name", "=", name]]), &["res_id"]);
        rows.first().and_then(|row| row["res_id"].as_i64())
    }

    /// The account of a role that set-up made; `balance` is the Stripe journal's own, `balance_eur` that of a further
    /// settlement currency.
    pub fn role(&self, company: i64, role: &str) -> Option<i64> {
        let Some(currency) = role.strip_prefix("balance") else {
            return self.named(&format!("account_{role}_{company}"));
        };
        let journal = self.named(&format!("journal_stripe_{company}{currency}"))?;
        let rows = self.rows("account.journal", json!([["id", "=", journal]]), &["default_account_id"]);
        rows.first().and_then(|row| row["default_account_id"][0].as_i64())
    }

    /// Entries made after the one with this id.
    pub fn entries(&self, after: i64) -> Vec<Entry> {
        let fields = ["name", "move_type", "state", "date", "journal_id", "ref", "amount_residual"];
        let rows = self.rows("account.move", json!([["id", ">", after]]), &fields);
        let journals = self.rows("account.journal", json!([]), &["code"]);
        let code = |id: &Value| journals.iter().find(|j| j["id"] == *id).map_or("", |j| text(j, "code"));
        let ids: Vec<i64> = rows.iter().map(id).collect();
        let mut lines = self.lines(json!([["move_id", "in", ids]]));
        rows.iter()
            .map(|row| Entry {
                id: id(row),
                name: text(row, "name").to_owned(),
                kind: text(row, "move_type").to_owned(),
                state: text(row, "state").to_owned(),
                date: text(row, "date").to_owned(),
                journal: code(&row["journal_id"][0]).to_owned(),
                reference: text(row, "ref").to_owned(),
                residual: number(&row["amount_residual"]),
                lines: lines.extract_if(.., |line| line.entry == id(row)).collect(),
            })
            .collect()
    }

    /// The newest entry's id.
    pub fn last(&self) -> i64 {
        let args = json!({"domain": [], "fields": ["id"], "order": "id desc", "limit": 1});
        self.call("account.move", "search_read", None, args)[0]["id"].as_i64().unwrap_or(0)
    }

    /// Posted lines of an account.
    pub fn posted(&self, account: i64) -> Vec<Line> {
        self.lines(json!([["account_id", "=", account], ["parent_state", "=", "posted"]]))
    }

    /// What posted lines of an account in one currency add up to.
    pub fn balance(&self, account: i64, currency: &str) -> Decimal {
        self.posted(account).iter().filter(|line| line.currency == currency).map(|line| line.amount).sum()
    }

    /// What stands open on an account in one currency.
    pub fn open(&self, account: i64, currency: &str) -> Decimal {
        self.posted(account).iter().filter(|line| line.currency == currency).map(|line| line.open).sum()
    }

    pub fn residual(&self, invoice: i64) -> Decimal {
        let rows = self.rows("account.move", json!([["id", "=", invoice]]), &["amount_residual"]);
        number(&rows[0]["amount_residual"])
    }

    fn lines(&self, domain: Value) -> Vec<Line> {
        let fields = [
            "move_id",
            "account_id",
            "name",
            "partner_id",
            "currency_id",
            "amount_currency",
            "balance",
            "amount_residual_currency",
            "amount_residual",
            "reconciled",
            "tax_line_id",
        ];
        let rows = self.rows("account.move.line", domain, &fields);
        let line = |row: &Value| {
            // `101405 Stripe clearing`
            let account = row["account_id"][1].as_str().unwrap_or_default();
            let title = account.split_once(' ').filter(|(code, _)| code.bytes().all(|b| b.is_ascii_digit()));
            Line {
                id: id(row),
                entry: row["move_id"][0].as_i64().unwrap(),
                account: row["account_id"][0].as_i64().unwrap(),
                title: title.map_or(account, |(_, title)| title).to_owned(),
                label: text(row, "name").to_owned(),
                partner: row["partner_id"][0].as_i64(),
                currency: row["currency_id"][1].as_str().unwrap_or_default().to_owned(),
                amount: number(&row["amount_currency"]),
                value: number(&row["balance"]),
                open: number(&row["amount_residual_currency"]),
                open_value: number(&row["amount_residual"]),
                reconciled: row["reconciled"] == true,
                tax: row["tax_line_id"] != false,
            }
        };
        rows.iter().map(line).collect()
    }
}

fn id(row: &Value) -> i64 {
    row["id"].as_i64().unwrap()
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_default()
}

/// Odoo's JSON numbers, read digit by digit.
pub fn number(value: &Value) -> Decimal {
    let text = value.to_string();
    text.parse::<Decimal>().or_else(|_| Decimal::from_scientific(&text)).unwrap_or_default().normalize()
}
