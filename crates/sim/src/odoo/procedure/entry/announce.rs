//! What people are told: a note, and an activity that asks for something.

use serde_json::json;

use super::{Item, MOVE};
use crate::odoo::call::object;
use crate::odoo::error::Result;
use crate::odoo::procedure::zone;
use crate::odoo::procedure::{Work, text};

const ACTIVITY: &str = "mail.activity";

impl Work<'_> {
    /// Where notes and activities go: the entry, or the invoices, else what it is about.
    pub(super) fn targets(&self, item: &Item) -> Vec<(String, i64)> {
        let say = item.movement.get("say").cloned().unwrap_or_default();
        let made = || item.made.map(|made| (MOVE.to_owned(), made));
        if text(&say, "on") == "entry" {
            return made().or_else(|| item.about.clone()).into_iter().collect();
        }
        let invoices: Vec<(String, i64)> = item.invoices.iter().map(|id| (MOVE.to_owned(), *id)).collect();
        if invoices.is_empty() { item.about.clone().or_else(made).into_iter().collect() } else { invoices }
    }

    pub(super) fn announce(&mut self, item: &Item) -> Result<()> {
        let say = item.movement.get("say").cloned().unwrap_or_default();
        let targets = if say.is_object() { self.targets(item) } else { Vec::new() };
        let body = text(&say, "text");
        for (model, id) in targets.iter().filter(|_| item.on("note") && !body.is_empty()) {
            self.odoo.note(model, *id, body);
        }
        if !text(&say, "done").is_empty() {
            for (model, id) in &targets {
                self.close_activities(model, *id, text(&say, "done"));
            }
        }
        if let (Some(todo), Some((model, id))) = (say.get("activity").filter(|a| a.is_object()), targets.first()) {
            let deadline = zone::day(text(todo, "deadline"), &item.books.zone).unwrap_or_else(|| self.odoo.today());
            let row = json!({"res_model": model, "res_id": id, "summary": text(todo, "summary"), "note": body,
                "date_deadline": deadline, "active": true, "user_id": self.setup.uid});
            self.odoo.store.insert(ACTIVITY, object(row));
        }
        Ok(())
    }

    fn close_activities(&mut self, model: &str, id: i64, about: &str) {
        let s = &self.odoo.store;
        let of = |a: &i64| {
            s.text(ACTIVITY, *a, "res_model") == model
                && s.int(ACTIVITY, *a, "res_id") == Some(id)
                && s.text(ACTIVITY, *a, "summary").contains(about)
        };
        let all: Vec<i64> = s.ids(ACTIVITY).into_iter().filter(of).collect();
        for activity in all {
            self.odoo.activity_done(activity);
        }
    }
}
