//! What may be written: kinds, mandatory fields, unique names.

use serde_json::{Value, json};

use super::Odoo;
use super::error::{self, Result};
use super::models::{SELECTIONS, UNIQUE};
use super::num;
use super::schema::FieldKind;
use super::store::Row;

impl Odoo {
    /// A value as it is stored. x2many commands (`[6,0,ids]`, `[4,id]`, `[3,id]`, `[5]`) become a list of ids;
    /// `[0,0,vals]` is left to the model that owns the lines.
    pub(super) fn cleaned(&self, model: &str, name: &str, value: &Value, current: &[i64]) -> Result<Value> {
        if model == "res.users" && name == "password" {
            return Ok(value.clone());
        }
        let field = self.known_field(model, name)?;
        if let Some(text) = value.as_str().filter(|text| !self.selectable(model, name, text)) {
            return Err(error::value(format!("Wrong value for {model}.{name}: '{text}'")));
        }
        Ok(match field.kind {
            FieldKind::Bool => json!(num::truthy(value)),
            FieldKind::Many2many | FieldKind::One2many => json!(commands(value, current)),
            FieldKind::Float => num::decimal(value).map_or(Value::Null, num::float),
            FieldKind::Int | FieldKind::Many2one => num::int(value).map_or(Value::Null, |n| json!(n)),
            _ if !num::truthy(value) => Value::Null,
            _ => value.clone(),
        })
    }

    /// Whether a selection field has this value; only the selections that set-up writes are known.
    pub(super) fn selectable(&self, model: &str, name: &str, text: &str) -> bool {
        let found = SELECTIONS.iter().find(|(m, f, _)| *m == model && *f == name);
        text.is_empty() || found.is_none_or(|(_, _, values)| values.contains(&text))
    }

    pub(super) fn demand(&self, model: &str, row: &Row) -> Result<()> {
        for (name, field) in self.schema.model(model).into_iter().flat_map(|m| &m.fields) {
            let empty = row.get(name).is_none_or(|v| v.is_null() || v == "");
            if field.required && empty {
                return Err(error::validation(format!(
                    "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n\
                     Model: {model}\nField: {name}\n"
                )));
            }
        }
        Ok(())
    }

    pub(super) fn unique(&self, model: &str, own: Option<i64>, row: &Row) -> Result<()> {
        for (_, columns, says) in UNIQUE.iter().filter(|(m, _, _)| *m == model) {
            let value = |column: &str| row.get(column).cloned().unwrap_or(Value::Null);
            let text = |column: &str| row.get(column).and_then(Value::as_str).unwrap_or_default();
            // These have an index; thousands are not read through for each new one.
            if model == "ir.model.data" && self.store.xid_row(text("module"), text("name")).is_none() {
                continue;
            }
            let same = |id: &i64| columns.iter().all(|c| self.store.value(model, *id, c) == value(c));
            if self.store.ids(model).iter().any(|id| Some(*id) != own && same(id)) {
                let keys: Vec<String> = columns.iter().map(|c| value(c).to_string().replace('"', "")).collect();
                return Err(error::validation(if says.ends_with("_index") {
                    format!(
                        "The operation cannot be completed: duplicate key value violates unique constraint \"{says}\"\n\
                         DETAIL:  Key ({})=({}) already exists.\n",
                        columns.join(", "),
                        keys.join(", ")
                    )
                } else {
                    (*says).to_owned()
                }));
            }
        }
        let company = if self.version.major() == 17 { "company_id" } else { "company_ids" };
        if model == "account.account" {
            let same = |id: &i64| {
                self.store.value(model, *id, "code") == row.get("code").cloned().unwrap_or_default()
                    && self.store.value(model, *id, company) == row.get(company).cloned().unwrap_or_default()
            };
            if self.store.ids(model).iter().any(|id| Some(*id) != own && same(id)) {
                return Err(error::validation(
                    "Account codes must be unique. You can't create accounts with these duplicate codes.",
                ));
            }
        }
        Ok(())
    }
}

fn commands(value: &Value, current: &[i64]) -> Vec<i64> {
    let mut ids = current.to_vec();
    for command in value.as_array().into_iter().flatten() {
        let at = |n: usize| command.get(n).and_then(num::int);
        match (command.as_array(), at(0)) {
            (None, _) => ids.extend(num::int(command)),
            (_, Some(6)) => {
                ids = command.get(2).and_then(Value::as_array).into_iter().flatten().filter_map(num::int).collect();
            }
            (_, Some(5)) => ids.clear(),
            (_, Some(4)) => ids.extend(at(1)),
            (_, Some(3 | 2)) => ids.retain(|id| Some(*id) != at(1)),
            _ => {}
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
    ids
}
