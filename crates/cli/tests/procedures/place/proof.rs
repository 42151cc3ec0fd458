//! Entries by hand, and what `read_books` says of them without what differs from run to run.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Place;

/// A line of an entry: account, value, and amount where the currency is another than the company's.
#[derive(Clone)]
pub struct Line {
    account: i64,
    value: String,
    foreign: Option<(i64, String)>,
}

pub fn line(account: i64, value: &str) -> Line {
    Line { account, value: value.into(), foreign: None }
}

impl Line {
    pub fn of(self, currency: i64, amount: &str) -> Self {
        Self { foreign: Some((currency, amount.into())), ..self }
    }

    /// The other side of it.
    pub fn turned(self) -> Self {
        let turned = self.value.strip_prefix('-').map_or_else(|| format!("-{}", self.value), str::to_owned);
        Self { value: turned, ..self }
    }

    fn values(&self) -> Value {
        let number = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let (debit, credit) = match self.value.strip_prefix('-') {
            Some(credit) => (json!(0), number(credit)),
            None => (number(&self.value), json!(0)),
        };
        let mut values = json!({"account_id": self.account, "name": "by hand", "debit": debit, "credit": credit});
        if let Some((currency, amount)) = &self.foreign {
            values["currency_id"] = json!(currency);
            values["amount_currency"] = number(amount);
        }
        json!([0, 0, values])
    }
}

impl Place {
    /// The zone, and the accounts and journals.
    pub fn books_begin(&mut self, zone: &str) {
        let zone = json!({"key": "quittance.zone_1", "value": zone});
        let key = json!([["key", "=", "quittance.zone_1"]]);
        let rows = self.call("ir.config_parameter", "search_read", None, json!({"domain": key, "fields": ["id"]}));
        match rows[0]["id"].as_i64() {
            Some(id) => self.call("ir.config_parameter", "write", Some(&[id]), json!({"vals": zone})),
            None => self.call("ir.config_parameter", "create", None, json!({"vals_list": [zone]})),
        };
        self.books("EUR");
    }

    pub fn currency(&self, code: &str) -> i64 {
        self.first("res.currency", json!([["name", "=", code]]))
    }

    pub fn named(&self, name: &str) -> Option<i64> {
        let domain = json!([["module", "=", "quittance"], ["name", "=", name]]);
        let rows = self.call("ir.model.data", "search_read", None, json!({"domain": domain, "fields": ["res_id"]}));
        rows[0]["res_id"].as_i64()
    }

    /// Gives a record an external id of ours.
    pub fn name(&self, name: &str, model: &str, id: i64) {
        let row = json!({"module": "quittance", "name": name, "model": model, "res_id": id, "noupdate": true});
        self.call("ir.model.data", "create", None, json!({"vals_list": [row]}));
    }

    /// The account of a role in the first company; `balance`, `balance_eur` are the journals' own.
    pub fn role(&self, role: &str) -> i64 {
        let Some(currency) = role.strip_prefix("balance") else {
            return self.named(&format!("account_{role}_1")).unwrap();
        };
        let journal = self.named(&format!("journal_stripe_1{currency}")).unwrap();
        let args = json!({"fields": ["default_account_id"]});
        self.call("account.journal", "read", Some(&[journal]), args)[0]["default_account_id"][0].as_i64().unwrap()
    }

    /// A draft entry in the Stripe journal.
    pub fn draft_of(&self, date: &str, lines: &[Line]) -> i64 {
        let lines: Vec<Value> = lines.iter().map(Line::values).collect();
        let journal = self.named("journal_stripe_1").unwrap();
        let values =
            json!({"move_type": "entry", "journal_id": journal, "date": date, "ref": "story", "line_ids": lines});
        self.call("account.move", "create", None, json!({"vals_list": [values]}))[0].as_i64().unwrap()
    }

    pub fn entry_of(&self, date: &str, lines: &[Line]) -> i64 {
        let entry = self.draft_of(date, lines);
        self.call("account.move", "action_post", Some(&[entry]), json!({}));
        entry
    }

    /// What booking under a key leaves.
    pub fn book(&self, key: &str, entry: i64) {
        self.name(key, "res.company", self.companies[0]);
        self.name(&format!("{key}__record"), "account.move", entry);
    }

    /// Matches the lines of entries on an account.
    pub fn reconcile(&self, account: i64, entries: &[i64]) {
        let domain = json!([["move_id", "in", entries], ["account_id", "=", account]]);
        let rows = self.call("account.move.line", "search_read", None, json!({"domain": domain, "fields": ["id"]}));
        let lines: Vec<i64> = rows.as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()).collect();
        self.call("account.move.line", "reconcile", Some(&lines), json!({}));
    }

    /// What `read_books` says. Ids become numbers in the order in which they are met; numbers of entries their beginning;
    /// what set-up calls an account is left out.
    pub fn read_books(&mut self, title: &str, input: &Value) {
        let mut answer = self.ask("read_books", input);
        for told in ["hash", "today", "book_from"] {
            if answer.get(told).is_some() {
                answer[told] = json!(answer[told].as_str().is_some_and(|text| !text.is_empty()));
            }
        }
        let company = answer["company"]["id"].as_i64();
        if let Some(of) = answer["company"].as_object_mut() {
            of.insert("id".into(), json!(self.companies.iter().position(|c| Some(*c) == company)));
            of.remove("name");
        }
        let mut met = Met::default();
        for list in ["entries", "strays"] {
            met.list(&mut answer[list]);
        }
        if answer["totals"].is_object() {
            let totals = &mut answer["totals"];
            met.list(&mut totals["openings"]);
            met.list(&mut totals["foreign"]);
            for account in totals["balance"].as_array_mut().unwrap() {
                ["id", "code", "name"].iter().for_each(|member| drop(account.as_object_mut().unwrap().remove(*member)));
            }
            // Only the story's own accounts: which others there are is set-up's matter.
            let roles = totals["roles"].as_array_mut().unwrap();
            roles.retain(|role| ["clearing", "transit", "suspense", "fees"].iter().any(|r| role["role"] == *r));
            for role in roles {
                ["id", "code", "name"].iter().for_each(|member| drop(role.as_object_mut().unwrap().remove(*member)));
                met.list(&mut role["open"]);
            }
        }
        for list in ["entries", "strays", "totals"] {
            if answer[list].is_null() {
                answer.as_object_mut().unwrap().remove(list);
            }
        }
        self.told.push(json!({"told": title, "answer": answer}));
    }
}

/// Ids in the order in which they are met.
#[derive(Default)]
struct Met {
    entries: BTreeMap<i64, usize>,
    payments: BTreeMap<i64, usize>,
    lines: BTreeMap<i64, usize>,
}

impl Met {
    fn list(&mut self, records: &mut Value) {
        for record in records.as_array_mut().into_iter().flatten() {
            if let Some(id) = record["id"].as_i64() {
                let payment = record["model"] == "account.payment";
                let met = if payment { &mut self.payments } else { &mut self.entries };
                let count = met.len() + 1;
                let number = *met.entry(id).or_insert(count);
                record["id"] = json!(format!("{} {number}", if payment { "payment" } else { "entry" }));
            }
            if let Some(name) = record["name"].as_str() {
                record["name"] = json!(name.split('/').next());
            }
            // How Odoo words the lines of a payment is another story.
            if let Some(label) = record["label"].as_str().filter(|label| *label != "by hand") {
                record["label"] = json!(!label.is_empty());
            }
            if let Some(by) = record["by"].as_str() {
                record["by"] = json!(!by.is_empty());
            }
            if record["line"].is_i64() || record["line"].is_u64() {
                record["line"] = self.line(&record["line"].clone());
            }
            for line in record.get_mut("lines").and_then(Value::as_array_mut).into_iter().flatten() {
                *line = self.line(&line.clone());
            }
        }
    }

    fn line(&mut self, id: &Value) -> Value {
        let count = self.lines.len() + 1;
        json!(format!("line {}", self.lines.entry(id.as_i64().unwrap()).or_insert(count)))
    }
}
