//! What people do to names and to what set-up made.

use serde_json::{Value, json};

use super::Place;

impl Place {
    /// As the clerk: a posted payment of a customer under an external id of ours.
    pub fn forge(&mut self, memo: &str, name: &str, amount: &str) {
        let partner = self.partner("Mallory");
        let journal = self.first("account.journal", json!([["type", "=", "bank"], ["code", "!=", "STRP"]]));
        let fields =
            ["id", "payment_type", "partner_type", "partner_id/.id", "amount", "date", "journal_id/.id", self.memo()];
        let row = [
            format!("quittance.{name}"),
            "inbound".into(),
            "customer".into(),
            partner.to_string(),
            amount.into(),
            "2026-11-20".into(),
            journal.to_string(),
            memo.into(),
        ];
        let args = json!({"fields": fields, "data": [row]});
        let made = quittance_cli::ports::block_on(self.clerk.call(
            self.worker,
            "account.payment",
            "load",
            None,
            args.as_object().unwrap().clone(),
        ));
        let made = made.unwrap()["ids"][0].as_i64();
        self.call("account.payment", "action_post", Some(&[made.unwrap()]), json!({}));
    }

    /// A posted payment in the Stripe journal that names a payment of Stripe's; its id.
    pub fn booked_by_hand(&mut self, memo: &str, amount: &str) -> i64 {
        let partner = self.partner("Ada");
        let amount: Value = serde_json::from_str(amount).unwrap();
        let values = json!({"payment_type": "inbound", "partner_type": "customer", "partner_id": partner, "amount": amount,
            "date": "2026-11-01", "journal_id": self.named("journal_stripe_1").unwrap(), self.memo(): memo});
        let made = self.call("account.payment", "create", None, json!({"vals_list": [values]}))[0].as_i64().unwrap();
        self.call("account.payment", "action_post", Some(&[made]), json!({}));
        made
    }

    fn memo(&self) -> &'static str {
        if self.major() == 17 { "ref" } else { "memo" }
    }

    pub fn change(&self, model: &str, id: i64, values: Value) {
        self.call(model, "write", Some(&[id]), json!({"vals": values}));
    }

    /// Takes the external id of ours away that a deleted record takes with it.
    pub fn forget(&mut self, name: &str) {
        let row = self.first("ir.model.data", json!([["module", "=", "quittance"], ["name", "=", name]]));
        self.call("ir.model.data", "unlink", Some(&[row]), json!({}));
    }

    /// Values that take an account out of use, or bring it back.
    pub fn archived(&self, out: bool) -> Value {
        if self.major() >= 19 { json!({"active": !out}) } else { json!({"deprecated": out}) }
    }

    /// Runs a procedure as the clerk and keeps nothing.
    pub fn run_quietly(&mut self, procedure: &str, input: &Value) -> Value {
        self.ask(procedure, input)
    }

    /// Keeps what is open on the clearing account of the payments that name one of Stripe's.
    pub fn open_lines(&mut self, title: &str, memo: &str) {
        let payment = self.first("account.payment", json!([[self.memo(), "=", memo]]));
        let entry = self.call("account.payment", "read", Some(&[payment]), json!({"fields": ["move_id"]}));
        let clearing = self.named("account_clearing_1").unwrap();
        let domain = json!([["move_id", "=", entry[0]["move_id"][0]], ["account_id", "=", clearing]]);
        let args = json!({"domain": domain, "fields": ["amount_residual_currency", "reconciled"]});
        let rows = self.call("account.move.line", "search_read", None, args);
        let told: Vec<Value> = rows.as_array().unwrap().iter().map(|row| row["reconciled"].clone()).collect();
        self.tell(title, &json!(told));
    }
}
