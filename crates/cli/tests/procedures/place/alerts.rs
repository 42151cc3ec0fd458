//! Activities on the Stripe journal, as those see them whom they ask.

use serde_json::{Value, json};

use super::Place;

impl Place {
    pub fn clerks_key(&self) -> String {
        self.clerk.key.reveal().to_owned()
    }

    pub fn clerks_login(&self) -> String {
        self.clerk.login.clone()
    }

    /// Runs `show_alerts`, at noon of 21 November unless said.
    pub fn show(&mut self, title: &str, asked: &Value) {
        let mut input = json!({"at": "2026-11-21 12:00:00", "company": self.companies[0], "user": null,
            "alerts": [], "over": []});
        input.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
        self.run(title, "show_alerts", &input);
    }

    /// Keeps the open activities of a company's Stripe journal.
    pub fn alerts(&mut self, title: &str, which: usize) {
        let rows = self.on_journal(which, &["summary", "note", "date_deadline", "user_id"]);
        let plain = |row: &Value| {
            let clerk =
                row["user_id"][1].as_str() == Some(&self.clerk.login) || row["user_id"][0] == json!(self.clerk_id());
            json!({"summary": row["summary"], "note": row["note"], "deadline": row["date_deadline"],
                "user": if clerk { "clerk" } else { "administrator" }})
        };
        let told: Vec<Value> = rows.iter().map(plain).collect();
        self.told.push(json!({"told": title, "answer": told}));
    }

    fn clerk_id(&self) -> i64 {
        self.first("res.users", json!([["login", "=", self.clerk.login]]))
    }

    fn on_journal(&self, which: usize, fields: &[&str]) -> Vec<Value> {
        let name = format!("journal_stripe_{}", self.companies[which]);
        let domain = json!([["module", "=", "quittance"], ["name", "=", name]]);
        let found = self.call("ir.model.data", "search_read", None, json!({"domain": domain, "fields": ["res_id"]}));
        let domain =
            json!([["res_model", "=", "account.journal"], ["res_id", "=", found[0]["res_id"]], ["active", "=", true]]);
        let args = json!({"domain": domain, "fields": fields, "order": "id"});
        self.call("mail.activity", "search_read", None, args).as_array().unwrap().clone()
    }

    fn one(&self, summary: &str) -> i64 {
        let rows = self.on_journal(0, &["summary"]);
        rows.iter().find(|row| row["summary"] == json!(summary)).unwrap()["id"].as_i64().unwrap()
    }

    /// The administrator does what an activity asks for.
    pub fn do_activity(&self, summary: &str) {
        self.call("mail.activity", "action_feedback", Some(&[self.one(summary)]), json!({"feedback": "Done."}));
    }

    pub fn delete_activity(&self, summary: &str) {
        self.call("mail.activity", "unlink", Some(&[self.one(summary)]), json!({}));
    }
}
