//! One record of the user interface: made when it is not there, put right when it is not as it should be.

use serde_json::{Map, Value, json};

use super::super::admin::{Admin, one, text};
use super::super::options::ChangeKind;
use crate::erp::odoo::error::OdooError;

/// What a record shall be.
pub struct UiRecord {
    pub model: &'static str,
    /// External id without `quittance.`.
    pub name: String,
    /// For the reader.
    pub detail: String,
    /// Columns for `load` that are set once.
    pub born: Vec<(&'static str, String)>,
    /// Fields that are held: as text, truth, id of a many2one, or list of ids.
    pub held: Vec<(&'static str, Value)>,
}

impl Admin<'_> {
    /// The record's id, 0 when it is only to be made.
    pub async fn ensure(&mut self, piece: &UiRecord) -> Result<i64, OdooError> {
        let Some(found) = self.find_record(&piece.name).await? else {
            let held = piece.held.iter().map(|(field, value)| column(field, value));
            let values: Vec<(&str, String)> = piece.born.iter().cloned().chain(held).collect();
            return self.create(piece.model, &piece.name, &values, None, piece.detail.clone()).await;
        };
        let fields: Vec<&str> = piece.held.iter().map(|(field, _)| *field).collect();
        let rows = self.rows(piece.model, json!([["id", "=", found.id]]), &fields, None).await?;
        let row = rows.first().unwrap_or(&Value::Null);
        let wrong: Vec<_> = piece.held.iter().filter(|(field, value)| !is_same(row, field, value)).collect();
        if wrong.is_empty() {
            self.note(ChangeKind::Keep, &piece.name, piece.detail.clone());
            return Ok(found.id);
        }
        self.note(ChangeKind::Update, &piece.name, piece.detail.clone());
        if !self.dry {
            let values: Map<String, Value> =
                wrong.iter().map(|(field, value)| ((*field).to_owned(), written_value(value))).collect();
            self.write(piece.model, found.id, Value::Object(values)).await?;
        }
        Ok(found.id)
    }
}

/// The column and cell of `load`.
fn column(field: &'static str, value: &Value) -> (&'static str, String) {
    let cell = match value {
        Value::String(text) => text.clone(),
        Value::Bool(truth) => i32::from(*truth).to_string(),
        Value::Array(ids) => ids.iter().map(Value::to_string).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    };
    let by_id = match (field, value) {
        ("groups", Value::Array(_)) => "groups/.id",
        ("groups_id", _) => "groups_id/.id",
        ("group_ids", _) => "group_ids/.id",
        ("inherit_id", _) => "inherit_id/.id",
        _ => field,
    };
    (by_id, cell)
}

fn is_same(row: &Value, field: &str, wanted: &Value) -> bool {
    match wanted {
        Value::String(wanted) => text(row, field).trim() == wanted.trim(),
        Value::Number(id) => one(row, field) == id.as_i64(),
        _ => row.get(field) == Some(wanted),
    }
}

fn written_value(value: &Value) -> Value {
    match value {
        Value::Array(ids) => json!([[6, 0, ids]]),
        other => other.clone(),
    }
}
