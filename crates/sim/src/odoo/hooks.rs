//! What models do by themselves when a record is made or deleted.

use serde_json::{Value, json};

use super::Odoo;
use super::error::{self, Result};
use super::rights::Session;
use super::store::Row;

impl Odoo {
    /// Fills what was not given, before the record exists.
    pub(super) fn prepare(&mut self, who: &Session, model: &str, row: &mut Row) -> Result<()> {
        match model {
            "account.journal" => self.prepare_journal(who, row),
            "res.company" => self.prepare_company(row),
            "mail.activity" => self.prepare_activity(who, row),
            "account.account" => self.prepare_account(who, row),
            "account.move" => self.prepare_move(who, row),
            "account.payment" => self.prepare_payment(who, row)?,
            "account.payment.method.line" => {
                let method = row.get("payment_method_id").and_then(super::num::int).unwrap_or_default();
                fill(row, "name", self.store.value("account.payment.method", method, "name"));
            }
            "res.users" => {
                let name = row.get("name").or(row.get("login")).cloned().unwrap_or_default();
                let partner =
                    self.store.insert("res.partner", super::call::object(json!({"name": name, "active": true})));
                fill(row, "partner_id", json!(partner));
                fill(row, "company_id", json!(who.company));
                fill(row, "company_ids", json!([who.company]));
            }
            "ir.model.fields" => {
                let name = row.get("name").and_then(Value::as_str).unwrap_or("");
                if !name.starts_with("x_") {
                    return Err(error::validation("Custom fields must have a name that starts with 'x_'!"));
                }
                let of = row.get("model_id").and_then(super::num::int).unwrap_or_default();
                row.insert("model".into(), self.store.value("ir.model", of, "model"));
            }
            "ir.ui.view" => self.check_view(row)?,
            "ir.actions.server" => {
                let of = row.get("model_id").and_then(super::num::int).unwrap_or_default();
                row.insert("model_name".into(), self.store.value("ir.model", of, "model"));
            }
            "account.tax" | "account.reconcile.model" | "payment.provider" | "payment.transaction" => {
                fill(row, "company_id", json!(who.company))
            }
            _ => {}
        }
        Ok(())
    }

    /// What else comes to be with the record.
    pub(super) fn created(&mut self, who: &Session, model: &str, id: i64, vals: &Row) -> Result<()> {
        match model {
            "account.journal" => self.created_journal(id),
            "res.company" => self.created_company(who, id),
            "account.reconcile.model" => self.created_reconcile_model(id, vals),
            "account.move" => return self.created_move(who, id, vals),
            "account.payment.term" => self.created_term(id, vals),
            "account.tax" => self.created_tax(id, vals),
            _ => {}
        }
        Ok(())
    }

    /// What follows a change.
    pub(super) fn written(&mut self, model: &str, id: i64, vals: &Row) -> Result<()> {
        if model == "account.move" { self.written_move(id, vals) } else { Ok(()) }
    }

    pub(super) fn before_unlink(&mut self, model: &str, id: i64) -> Result<()> {
        let state = self.store.text(model, id, "state").to_owned();
        match model {
            "account.move" if state == "posted" => Err(error::user(
                "You can't delete a posted journal item. Don't play games with your accounting records; reset the journal entry to draft before deleting it.",
            )),
            "account.payment" if !matches!(state.as_str(), "draft" | "cancel" | "canceled") => {
                Err(error::user("You cannot delete a payment that is posted; reset it to draft first."))
            }
            "account.payment" => {
                if let Some(entry) = self.store.int(model, id, "move_id") {
                    self.drop_move(entry)?;
                }
                Ok(())
            }
            "account.move" => self.drop_lines(id),
            _ => Ok(()),
        }
    }
}

/// Sets a column that is absent or empty.
pub fn fill(row: &mut Row, column: &str, value: Value) {
    if row.get(column).is_none_or(Value::is_null) {
        row.insert(column.to_owned(), value);
    }
}
