//! `load`: rows of text with external ids, the way to provision that can be run again.

use serde_json::{Value, json};

use super::Odoo;
use super::call::Call;
use super::error::{self, Result};
use super::num;
use super::rights::Session;
use super::schema::FieldKind;
use super::store::Row;
use super::version::Version;

impl Odoo {
    /// `{ids, messages, nextrow}`; when a row fails, ids is false, a message says why, and nothing is kept.
    /// A row whose external id exists is updated, unless that id is `noupdate` and the context's mode is
    /// `update`: then it is left as it is, which makes a true get-or-create. Lines of lines are not imitated.
    pub(super) fn load(&mut self, who: &Session, call: &Call) -> Result<Value> {
        let columns: Vec<String> =
            call.list("fields").iter().filter_map(Value::as_str).map(|c| c.replace("/.id", ".id")).collect();
        for column in columns.iter().filter(|c| !matches!(c.as_str(), "id" | ".id")) {
            let name = column.trim_end_matches(".id").split('/').next().unwrap_or_default();
            if self.field(&call.model, name).is_none() {
                return Err(match self.version {
                    Version::V17 => error::key_error(name),
                    _ => error::value(format!("Invalid field name '{name}'")),
                });
            }
        }
        let savepoint = self.store.savepoint();
        let mut ids = Vec::new();
        for (at, data) in call.list("data").iter().enumerate() {
            match self.load_row(who, call, &columns, data) {
                Ok(id) => ids.push(id),
                Err((field, problem)) => {
                    self.store.rollback(savepoint);
                    let mut message = super::call::object(json!({"rows": {"from": at, "to": at}, "type": "error",
                        "record": at, "message": problem.message}));
                    if let Some(field) = field {
                        message.insert("field".into(), json!(field));
                        message.insert("field_name".into(), json!(field));
                    }
                    return Ok(json!({"ids": false, "messages": [message], "nextrow": 0}));
                }
            }
        }
        Ok(json!({"ids": ids, "messages": [], "nextrow": 0}))
    }

    fn load_row(
        &mut self,
        who: &Session,
        call: &Call,
        columns: &[String],
        data: &Value,
    ) -> std::result::Result<i64, (Option<String>, error::Error)> {
        let (mut xid, mut own, mut vals) = (String::new(), None, Row::new());
        for (column, cell) in columns.iter().zip(data.as_array().into_iter().flatten()) {
            match column.as_str() {
                "id" => xid = cell.as_str().unwrap_or("").to_owned(),
                ".id" => own = num::int(cell),
                _ => {
                    let (name, value) = self.cell(&call.model, column, cell).map_err(|e| (Some(column.clone()), e))?;
                    vals.insert(name, value);
                }
            }
        }
        if !xid.is_empty() && !xid.contains('.') {
            xid = format!("__import__.{xid}");
        }
        self.load_one(who, call, &xid, own, &vals).map_err(|e| (None, e))
    }

    fn load_one(&mut self, who: &Session, call: &Call, xid: &str, own: Option<i64>, vals: &Row) -> Result<i64> {
        let updating = call.context.get("mode").is_some_and(|m| m == "update");
        let noupdate = call.context.get("noupdate").is_some_and(num::truthy);
        let known = self.store.xid(xid).filter(|(model, id)| self.store.get(model, *id).is_some());
        if let Some((model, id)) = known {
            if model != call.model {
                return Err(error::validation(format!("External ID {xid} belongs to {model}")));
            }
            let row = xid.split_once('.').and_then(|(module, name)| self.store.xid_row(module, name));
            let fixed = row.is_some_and(|row| num::truthy(&self.store.value("ir.model.data", row, "noupdate")));
            if !(updating && fixed) {
                self.write(who, &call.model, &[id], vals)?;
            }
            return Ok(id);
        }
        let id = match own {
            Some(id) => {
                self.write(who, &call.model, &[id], vals)?;
                id
            }
            None => self.create(who, &call.model, vals)?,
        };
        if !xid.is_empty() {
            self.store.tie(xid, &call.model, id, noupdate);
            if call.model == "res.groups" {
                self.store.set("res.groups", id, "xml_id", json!(xid));
            }
        }
        Ok(id)
    }

    /// One cell: `name`, `many2one` by name, `many2one/id` by external id, `many2one/.id` by number.
    fn cell(&self, model: &str, column: &str, cell: &Value) -> Result<(String, Value)> {
        let text = cell.as_str().map_or_else(|| cell.to_string(), str::to_owned);
        if let Some(name) = column.strip_suffix(".id") {
            if self.known_field(model, name)?.kind == FieldKind::Many2many {
                let ids: Vec<i64> = text.split(',').filter_map(|id| id.trim().parse().ok()).collect();
                return Ok((name.to_owned(), json!([[6, 0, ids]])));
            }
            return Ok((name.to_owned(), num::int(cell).map_or(Value::Null, |n| json!(n))));
        }
        if let Some(name) = column.strip_suffix("/id") {
            let field = self.known_field(model, name)?;
            let mut ids = Vec::new();
            for one in text.split(',').map(str::trim).filter(|t| !t.is_empty()) {
                let found = self.store.xid(one).filter(|(_, id)| self.store.get(&field.relation, *id).is_some());
                let (_, id) = found.ok_or_else(|| {
                    error::value(format!("No matching record found for external id '{one}' in field '{name}'"))
                })?;
                ids.push(id);
            }
            let value = if field.kind == FieldKind::Many2one { json!(ids.first()) } else { json!([[6, 0, ids]]) };
            return Ok((name.to_owned(), value));
        }
        let field = self.known_field(model, column)?;
        let value = match field.kind {
            FieldKind::Many2one if !text.is_empty() => {
                let found = self.store.find(&field.relation, "name", &json!(text));
                json!(found.ok_or_else(|| {
                    error::value(format!("No matching record found for name '{text}' in field '{column}'"))
                })?)
            }
            FieldKind::Float | FieldKind::Int if !text.is_empty() && num::decimal(cell).is_none() => {
                return Err(error::value(format!("'{text}' does not seem to be a number for field '{column}'")));
            }
            FieldKind::Text if !self.selectable(model, column, &text) => {
                return Err(error::value(format!("Value '{text}' not found in selection field '{column}'")));
            }
            FieldKind::Bool => json!(matches!(text.to_lowercase().as_str(), "1" | "true" | "yes")),
            _ => cell.clone(),
        };
        Ok((column.to_owned(), value))
    }
}
