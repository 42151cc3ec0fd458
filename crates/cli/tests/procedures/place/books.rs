//! The books of a company: their accounts and journals, what stands on them, rates, locks.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Place;

/// Roles of accounts, and whether their lines are matched.
const ROLES: [(&str, bool); 10] = [
    ("clearing", true),
    ("transit", true),
    ("disputed", true),
    ("suspense", true),
    ("fees", false),
    ("conversion", false),
    ("reserves", false),
    ("connected", false),
    ("loan", false),
    ("withheld", false),
];

impl Place {
    pub fn xid(&self, name: &str) -> Option<i64> {
        let domain = json!([["module", "=", "quittance"], ["name", "=", name]]);
        let rows = self.call("ir.model.data", "search_read", None, json!({"domain": domain, "fields": ["res_id"]}));
        rows[0]["res_id"].as_i64()
    }

    /// Makes a record under an external id, unless it is there.
    fn provided(&self, model: &str, name: &str, values: &[(&str, String)]) -> i64 {
        if let Some(id) = self.xid(name) {
            return id;
        }
        let fields: Vec<&str> = std::iter::once("id").chain(values.iter().map(|(field, _)| *field)).collect();
        let row: Vec<String> =
            std::iter::once(format!("quittance.{name}")).chain(values.iter().map(|(_, value)| value.clone())).collect();
        let made = self.call(model, "load", None, json!({"fields": fields, "data": [row]}));
        made["ids"][0].as_i64().unwrap_or_else(|| panic!("{name}: {made}"))
    }

    /// A journal for a further settlement currency of the company where the administrator works.
    pub fn books(&self, further: &str) {
        let company = self.company;
        let currency = self.first("res.currency", json!([["name", "=", further]]));
        let values = [
            ("name", format!("Stripe {further}")),
            ("code", format!("ST{further}")),
            ("type", "bank".to_owned()),
            ("company_id/.id", company.to_string()),
            ("currency_id/.id", currency.to_string()),
        ];
        self.provided("account.journal", &format!("journal_stripe_{company}_{}", further.to_lowercase()), &values);
    }

    /// Activates a currency and gives it a rate from a day on: units for one of the company's.
    pub fn rate(&self, currency: &str, day: &str, rate: &str) {
        let domain = json!([["name", "=", currency]]);
        let rows = self.call("res.currency", "search_read", None, json!({"domain": domain, "fields": ["id"]}));
        let id = rows[0]["id"].as_i64().unwrap();
        self.call("res.currency", "write", Some(&[id]), json!({"vals": {"active": true}}));
        let rate: Value = serde_json::from_str(rate).unwrap();
        let values = json!({"name": day, "currency_id": id, "rate": rate, "company_id": self.company});
        self.call("res.currency.rate", "create", None, json!({"vals_list": [values]}));
    }

    /// The purchase tax of fees from now on: parts of it in percent, each to the account of this name.
    pub fn fee_tax(&self, name: &str, amount: i64, parts: &[(i64, &str)]) {
        let part = |(percent, account): &(i64, &str)| {
            let account = self.first("account.account", json!([["name", "=", account]]));
            json!([0, 0, {"repartition_type": "tax", "factor_percent": percent, "account_id": account}])
        };
        let mut lines = vec![json!([0, 0, {"repartition_type": "base"}])];
        lines.extend(parts.iter().map(part));
        let values = json!({"name": name, "amount": amount, "type_tax_use": "purchase", "amount_type": "percent",
            "invoice_repartition_line_ids": lines, "refund_repartition_line_ids": lines});
        let tax = self.call("account.tax", "create", None, json!({"vals_list": [values]}))[0].as_i64().unwrap();
        let named = format!("tax_fees_{}", self.company);
        let domain = json!([["module", "=", "quittance"], ["name", "=", named]]);
        let rows = self.call("ir.model.data", "search_read", None, json!({"domain": domain, "fields": ["res_id"]}));
        match rows[0]["id"].as_i64() {
            Some(id) => self.call("ir.model.data", "write", Some(&[id]), json!({"vals": {"res_id": tax}})),
            None => {
                let row = json!({"module": "quittance", "name": named, "model": "account.tax", "res_id": tax, "noupdate": true});
                self.call("ir.model.data", "create", None, json!({"vals_list": [row]}))
            }
        };
    }

    /// Sets a system parameter.
    pub fn parameter(&self, name: &str, value: &str) {
        self.call("ir.config_parameter", "set_param", None, json!({"key": name, "value": value}));
    }

    /// Makes the account on which money waits that no invoice claims.
    pub fn advances(&self) {
        let values = [
            ("name", "Stripe advances".to_owned()),
            ("code", "197790".to_owned()),
            ("account_type", "asset_receivable".to_owned()),
            ("reconcile", "1".to_owned()),
        ];
        self.provided("account.account", &format!("account_advances_{}", self.company), &values);
    }

    /// A branch of the first company, where both users may work; the administrator works there from now on.
    pub fn branch(&mut self) -> i64 {
        let branch =
            self.found_or_made("res.company", json!({"name": "Branch"}), json!({"parent_id": self.companies[0]}));
        for login in [&self.admin.login, &self.clerk.login] {
            let user = self.first("res.users", json!([["login", "=", login]]));
            self.call("res.users", "write", Some(&[user]), json!({"vals": {"company_ids": [[4, branch]]}}));
        }
        self.beside = Some(branch);
        self.company = branch;
        branch
    }

    /// The journal of exchange differences.
    pub fn exchange_journal(&self) -> i64 {
        let args = json!({"fields": ["currency_exchange_journal_id"]});
        let row = self.call("res.company", "read", Some(&[self.company]), args);
        row[0]["currency_exchange_journal_id"][0].as_i64().unwrap()
    }

    /// Writes on the company where the administrator works.
    pub fn company(&self, values: Value) {
        self.call("res.company", "write", Some(&[self.company]), json!({"vals": values}));
    }

    /// Keeps what stands on those accounts of the books that have changed: balance of each, and its open lines.
    pub fn look(&mut self, title: &str) {
        let mut told: BTreeMap<String, Value> = BTreeMap::new();
        for (role, matched) in ROLES {
            if let Some(account) = self.xid(&format!("account_{role}_{}", self.company)) {
                told.extend(self.standing(account, matched).map(|standing| (role.to_owned(), standing)));
            }
        }
        if let Some(account) = self.xid(&format!("account_advances_{}", self.company)) {
            told.extend(self.standing(account, true).map(|standing| ("advances".to_owned(), standing)));
        }
        let domain = json!([["company_id", "=", self.company], ["type", "=", "bank"], ["code", "like", "ST"]]);
        let fields = json!(["code", "default_account_id"]);
        let journals = self.call("account.journal", "search_read", None, json!({"domain": domain, "fields": fields}));
        for journal in journals.as_array().unwrap() {
            let account = journal["default_account_id"][0].as_i64().unwrap();
            let name = format!("balance {}", journal["code"].as_str().unwrap());
            told.extend(self.standing(account, false).map(|standing| (name, standing)));
        }
        let changed: BTreeMap<_, _> = told.iter().filter(|(name, now)| self.seen.get(*name) != Some(*now)).collect();
        self.told.push(json!({"told": title, "answer": changed}));
        self.seen = told;
    }

    fn standing(&self, account: i64, matched: bool) -> Option<Value> {
        let domain = json!([["account_id", "=", account], ["parent_state", "=", "posted"]]);
        let fields = json!([
            "balance",
            "amount_currency",
            "currency_id",
            "amount_residual",
            "amount_residual_currency",
            "reconciled"
        ]);
        let args = json!({"domain": domain, "fields": fields, "order": "id"});
        let lines = self.call("account.move.line", "search_read", None, args);
        let lines = lines.as_array().unwrap();
        let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
        let mut open: Vec<String> = Vec::new();
        for line in lines {
            let currency = line["currency_id"][1].as_str().unwrap().to_owned();
            *sums.entry("value".into()).or_default() += decimal(&line["balance"]);
            *sums.entry(currency.clone()).or_default() += decimal(&line["amount_currency"]);
            if matched && line["reconciled"] == json!(false) {
                let (amount, value) = (decimal(&line["amount_residual_currency"]), decimal(&line["amount_residual"]));
                open.push(format!("{} {currency} = {}", amount.normalize(), value.normalize()));
            }
        }
        let sums: BTreeMap<String, String> =
            sums.into_iter().map(|(of, sum)| (of, sum.normalize().to_string())).collect();
        open.sort();
        (!lines.is_empty()).then(|| if matched { json!({"sums": sums, "open": open}) } else { json!({"sums": sums}) })
    }

    /// Keeps the lines of the entry that the story met last.
    pub fn lines(&mut self, title: &str) {
        let entry = self.last_entry();
        let domain = json!([["move_id", "=", entry]]);
        let fields =
            json!(["account_id", "name", "balance", "amount_currency", "currency_id", "partner_id", "tax_line_id"]);
        let args = json!({"domain": domain, "fields": fields, "order": "id"});
        let lines = self.call("account.move.line", "search_read", None, args);
        let mut told = Vec::new();
        for line in lines.as_array().unwrap() {
            let account = line["account_id"][0].as_i64().unwrap();
            let account = self.call("account.account", "read", Some(&[account]), json!({"fields": ["name"]}));
            let partner = line["partner_id"][1].as_str();
            // Numbers go on from what the database had.
            let words = line["name"].as_str().unwrap_or("").split(' ');
            let label = words.map(|w| if w.starts_with("INV/") { "INV" } else { w }).collect::<Vec<_>>().join(" ");
            told.push(json!([
                account[0]["name"],
                label,
                line["balance"],
                line["amount_currency"],
                line["currency_id"][1],
                partner
            ]));
        }
        told.sort_by_key(Value::to_string);
        self.told.push(json!({"told": title, "answer": told}));
    }

    /// Keeps the open activities of an invoice.
    pub fn activities(&mut self, title: &str, invoice: i64) {
        let domain = json!([["res_model", "=", "account.move"], ["res_id", "=", invoice], ["active", "=", true]]);
        let args = json!({"domain": domain, "fields": ["summary", "date_deadline"], "order": "id"});
        let mut rows = self.call("mail.activity", "search_read", None, args);
        for row in rows.as_array_mut().unwrap() {
            row["id"] = json!(null);
        }
        self.told.push(json!({"told": title, "answer": rows}));
    }
}

fn decimal(value: &Value) -> Decimal {
    value.to_string().parse().unwrap()
}
