//! Activities: what somebody is asked to do about a record by a day.

use serde_json::json;

use super::Odoo;
use super::hooks::fill;
use super::num;
use super::rights::Session;
use super::store::Row;
use super::version::Version;

const ACTIVITY: &str = "mail.activity";

/// An activity as a reader of the record sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityView {
    pub id: i64,
    pub summary: String,
    pub note: String,
    /// `YYYY-MM-DD`.
    pub deadline: String,
    pub user: Option<i64>,
    /// Done, and kept; where Odoo keeps none it is gone.
    pub done: bool,
}

impl Odoo {
    pub(super) fn prepare_activity(&self, who: &Session, row: &mut Row) {
        if let Some(of) = row.get("res_model_id").and_then(num::int) {
            fill(row, "res_model", self.store.value("ir.model", of, "model"));
        }
        fill(row, "date_deadline", json!(self.today()));
        fill(row, "user_id", json!(who.uid));
        fill(row, "activity_type_id", json!(self.store.ids("mail.activity.type").first()));
    }

    /// Puts an activity on a record, for a user. No deadline: today.
    pub fn schedule(&mut self, user: i64, model: &str, id: i64, summary: &str, deadline: &str, note: &str) -> i64 {
        let of = self.store.find("ir.model", "model", &json!(model));
        let mut row = super::call::object(json!({"res_model_id": of, "res_model": model, "res_id": id,
            "summary": summary, "note": note, "active": true}));
        if !deadline.is_empty() {
            row.insert("date_deadline".into(), json!(deadline));
        }
        self.prepare_activity(&Session { uid: user, ..Session::default() }, &mut row);
        self.store.insert(ACTIVITY, row)
    }

    /// Somebody has done it. 19 keeps what is done.
    pub(super) fn activity_done(&mut self, id: i64) {
        if self.version == Version::V19 {
            self.store.set(ACTIVITY, id, "active", json!(false));
        } else {
            self.store.remove(ACTIVITY, id);
        }
    }

    /// Activities of a record, in the order in which they were made.
    pub fn activities(&self, model: &str, id: i64) -> Vec<ActivityView> {
        let of = |a: &i64| self.store.text(ACTIVITY, *a, "res_model") == model;
        let view = |a: i64| {
            let text = |column: &str| self.store.text(ACTIVITY, a, column).to_owned();
            ActivityView {
                id: a,
                summary: text("summary"),
                note: text("note"),
                deadline: text("date_deadline"),
                user: self.store.int(ACTIVITY, a, "user_id"),
                done: !num::truthy(&self.store.value(ACTIVITY, a, "active")),
            }
        };
        self.store.find_all(ACTIVITY, "res_id", &json!(id)).into_iter().filter(of).map(view).collect()
    }
}
