//! What stands open between a customer and the company, and payments that somebody registers by hand.

use serde_json::json;

use super::Place;

impl Place {
    /// Keeps the open lines of a customer: amount, currency, value in the company's currency.
    pub fn owed(&mut self, title: &str, of: &str) {
        let partner = self.partner(of);
        let domain = json!([
            ["partner_id", "=", partner],
            ["account_type", "=", "asset_receivable"],
            ["parent_state", "=", "posted"],
            ["reconciled", "=", false]
        ]);
        let fields = json!(["amount_residual_currency", "currency_id", "amount_residual"]);
        let rows = self.call("account.move.line", "search_read", None, json!({"domain": domain, "fields": fields}));
        let open = rows.as_array().unwrap().iter().map(|row| {
            let currency = row["currency_id"][1].as_str().unwrap();
            format!("{} {currency} = {}", row["amount_residual_currency"], row["amount_residual"])
        });
        let mut open: Vec<String> = open.collect();
        open.sort();
        self.told.push(json!({"told": title, "answer": open}));
    }

    /// Somebody pays an invoice in the bank journal, with these words.
    pub fn by_hand(&self, invoice: i64, memo: &str) {
        let rows =
            self.call("account.move", "read", Some(&[invoice]), json!({"fields": ["partner_id", "amount_residual"]}));
        let journal = self.first("account.journal", json!([["code", "=", "BNK1"], ["company_id", "=", self.company]]));
        let words = if self.major() == 17 { "ref" } else { "memo" };
        let mut values = json!({"payment_type": "inbound", "partner_type": "customer",
            "partner_id": rows[0]["partner_id"][0], "amount": rows[0]["amount_residual"], "journal_id": journal,
            "date": "2026-11-10"});
        values[words] = json!(memo);
        let payment = self.call("account.payment", "create", None, json!({"vals_list": [values]}))[0].as_i64().unwrap();
        self.call("account.payment", "action_post", Some(&[payment]), json!({}));
        let row = self.call("account.payment", "read", Some(&[payment]), json!({"fields": ["move_id"]}));
        let line = |entry: &serde_json::Value| {
            let of = json!([["move_id", "=", entry], ["account_type", "=", "asset_receivable"]]);
            self.first("account.move.line", of)
        };
        let lines = [line(&json!(invoice)), line(&row[0]["move_id"][0])];
        self.call("account.move.line", "reconcile", Some(&lines), json!({}));
    }
}
