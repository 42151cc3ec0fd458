//! What the stories do with bills of the supplier Stripe, and what they see of them.

use serde_json::{Value, json};

use super::Place;

impl Place {
    /// A person posts the bill that the story met last.
    pub fn post_last(&self) {
        self.call("account.move", "action_post", Some(&[self.last_entry()]), json!({}));
    }

    /// Runs a procedure as the clerk, and keeps nothing of what it says.
    pub fn quietly(&mut self, procedure: &str, input: &Value) {
        self.ask(procedure, input);
    }

    /// A person writes another price on the only line of that bill.
    pub fn price_last(&self, price: &str) {
        let bill = self.last_entry();
        let line = self.first("account.move.line", json!([["move_id", "=", bill], ["display_type", "=", "product"]]));
        let price: Value = serde_json::from_str(price).unwrap();
        let lines = json!([[1, line, {"price_unit": price}]]);
        self.call("account.move", "write", Some(&[bill]), json!({"vals": {"invoice_line_ids": lines}}));
    }

    /// Keeps the lines of the bill that the story met last: account, label, value and amount; of what is owed no label.
    pub fn bill(&mut self, title: &str) {
        let domain = json!([["move_id", "=", self.last_entry()]]);
        let fields = json!(["account_id", "name", "balance", "amount_currency", "currency_id", "display_type"]);
        let lines = self.call("account.move.line", "search_read", None, json!({"domain": domain, "fields": fields}));
        let mut told = Vec::new();
        for line in lines.as_array().unwrap() {
            let account = line["account_id"][0].as_i64().unwrap();
            let account = self.call("account.account", "read", Some(&[account]), json!({"fields": ["name"]}));
            let label = if line["display_type"] == json!("payment_term") { json!(null) } else { line["name"].clone() };
            told.push(json!([
                account[0]["name"],
                label,
                line["balance"],
                line["amount_currency"],
                line["currency_id"][1]
            ]));
        }
        told.sort_by_key(Value::to_string);
        self.told.push(json!({"told": title, "answer": told}));
    }

    /// Keeps what stands open with the supplier Stripe, by its amount.
    pub fn owed_to_stripe(&mut self, title: &str) {
        let partner = self.xid("partner_stripe").unwrap();
        let domain = json!([
            ["partner_id", "=", partner],
            ["account_type", "=", "liability_payable"],
            ["parent_state", "=", "posted"],
            ["company_id", "=", self.company]
        ]);
        let fields = json!(["amount_residual", "amount_residual_currency", "currency_id", "reconciled"]);
        let lines = self.call("account.move.line", "search_read", None, json!({"domain": domain, "fields": fields}));
        let lines = lines.as_array().unwrap();
        let mut open: Vec<Value> = lines.iter().filter(|l| l["reconciled"] == json!(false)).cloned().collect();
        for line in &mut open {
            line["id"] = json!(null);
            line["currency_id"] = line["currency_id"][1].clone();
        }
        open.sort_by_key(Value::to_string);
        self.told.push(json!({"told": title, "answer": {"lines": lines.len(), "open": open}}));
    }

    /// Keeps what the bill that the story met last asks of a person.
    pub fn todo(&mut self, title: &str) {
        let domain = json!([["res_model", "=", "account.move"], ["res_id", "=", self.last_entry()]]);
        let args = json!({"domain": domain, "fields": ["summary"], "order": "id"});
        let rows = self.call("mail.activity", "search_read", None, args);
        let all: Vec<Value> = rows.as_array().unwrap().iter().map(|row| row["summary"].clone()).collect();
        self.told.push(json!({"told": title, "answer": all}));
    }

    /// Keeps the notes of that bill.
    pub fn said(&mut self, title: &str) {
        self.notes(title, self.last_entry());
    }
}
