//! Records by model and id, with an undo list: what one call changed is kept whole or taken back whole.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::num;

/// One record, by column. Many2one holds an id or false, x2many a list of ids.
pub type Row = Map<String, Value>;

#[derive(Clone, Debug, Default)]
pub struct Store {
    tables: BTreeMap<String, BTreeMap<i64, Row>>,
    /// Like a Postgres sequence: not taken back by a roll-back.
    sequences: BTreeMap<String, i64>,
    /// (module, name) of each external id: the unique index of ir.model.data.
    xids: BTreeMap<(String, String), i64>,
    undo: Vec<(String, i64, Option<Row>)>,
    /// Journal entries made since the start, whatever became of them.
    made: u64,
}

/// Where a journal entry keeps the microsecond of its creation; no column of Odoo's.
pub const MICROSECOND: &str = "create_microsecond";

impl Store {
    pub fn insert(&mut self, model: &str, mut row: Row) -> i64 {
        let next = self.sequences.entry(model.to_owned()).or_insert(0);
        *next += 1;
        let id = *next;
        if model == "account.move" {
            self.made += 1;
            row.insert(MICROSECOND.to_owned(), format!("{:06}", self.made % 1_000_000).into());
        }
        let before = self.put(model, id, Some(row));
        self.undo.push((model.to_owned(), id, before));
        id
    }

    /// Becomes what a backup has. Time goes on: what is made now is made at another moment than what was lost.
    pub fn set_back(&mut self, backup: &Self) {
        *self = Self { made: self.made, ..backup.clone() };
    }

    /// The last number of a sequence of PostgreSQL's, which begins with 1; 0: none yet.
    pub fn last(&self, sequence: &str) -> i64 {
        self.sequences.get(sequence).copied().unwrap_or(0)
    }

    /// Takes so many of its numbers; gives the last of them.
    pub fn draw(&mut self, sequence: &str, many: i64) -> i64 {
        let last = self.sequences.entry(sequence.to_owned()).or_insert(0);
        *last += many;
        *last
    }

    pub fn get(&self, model: &str, id: i64) -> Option<&Row> {
        self.tables.get(model)?.get(&id)
    }

    /// One column of one record; null when there is none.
    pub fn value(&self, model: &str, id: i64, column: &str) -> Value {
        self.get(model, id).and_then(|row| row.get(column)).cloned().unwrap_or(Value::Null)
    }

    pub fn int(&self, model: &str, id: i64, column: &str) -> Option<i64> {
        num::int(self.get(model, id)?.get(column)?)
    }

    pub fn text(&self, model: &str, id: i64, column: &str) -> &str {
        self.get(model, id).and_then(|row| row.get(column)).and_then(Value::as_str).unwrap_or("")
    }

    pub fn list(&self, model: &str, id: i64, column: &str) -> Vec<i64> {
        let values = self.get(model, id).and_then(|row| row.get(column)).and_then(Value::as_array);
        values.map(|all| all.iter().filter_map(num::int).collect()).unwrap_or_default()
    }

    /// Ids in ascending order.
    pub fn ids(&self, model: &str) -> Vec<i64> {
        self.tables.get(model).map(|t| t.keys().copied().collect()).unwrap_or_default()
    }

    /// The first record whose column has this value.
    pub fn find(&self, model: &str, column: &str, value: &Value) -> Option<i64> {
        self.tables.get(model)?.iter().find(|(_, row)| row.get(column) == Some(value)).map(|(id, _)| *id)
    }

    /// Ids of the records whose column has this value.
    pub fn find_all(&self, model: &str, column: &str, value: &Value) -> Vec<i64> {
        let rows = self.tables.get(model).into_iter().flatten();
        rows.filter(|(_, row)| row.get(column) == Some(value)).map(|(id, _)| *id).collect()
    }

    pub fn set(&mut self, model: &str, id: i64, column: &str, value: Value) {
        let Some(mut row) = self.get(model, id).cloned() else { return };
        row.insert(column.to_owned(), value);
        let before = self.put(model, id, Some(row));
        self.undo.push((model.to_owned(), id, before));
    }

    pub fn remove(&mut self, model: &str, id: i64) {
        let before = self.put(model, id, None);
        self.undo.push((model.to_owned(), id, before));
    }

    /// Where the undo list stands: a savepoint.
    pub fn savepoint(&self) -> usize {
        self.undo.len()
    }

    pub fn rollback(&mut self, savepoint: usize) {
        while self.undo.len() > savepoint {
            if let Some((model, id, before)) = self.undo.pop() {
                self.put(&model, id, before);
            }
        }
    }

    pub fn commit(&mut self) {
        self.undo.clear();
    }

    fn put(&mut self, model: &str, id: i64, row: Option<Row>) -> Option<Row> {
        let name_of = |row: &Row| {
            let part = |column| row.get(column).and_then(Value::as_str).unwrap_or("").to_owned();
            (part("module"), part("name"))
        };
        let table = self.tables.entry(model.to_owned()).or_default();
        let before = match &row {
            Some(new) => table.insert(id, new.clone()),
            None => table.remove(&id),
        };
        if model == "ir.model.data" {
            before.as_ref().map(|old| self.xids.remove(&name_of(old)));
            row.as_ref().map(|new| self.xids.insert(name_of(new), id));
        }
        before
    }

    /// The row of ir.model.data with this external id.
    pub fn xid_row(&self, module: &str, name: &str) -> Option<i64> {
        self.xids.get(&(module.to_owned(), name.to_owned())).copied()
    }

    /// Names of a module's external ids that begin so, in their order.
    pub fn named<'a>(&'a self, module: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
        let from = (module.to_owned(), start.to_owned());
        let all = self.xids.range(from..).map(|((of, name), _)| (of.as_str(), name.as_str()));
        all.take_while(move |(of, name)| *of == module && name.starts_with(start)).map(|(_, name)| name)
    }

    /// What `module.name` points at: model and id. The record itself may be gone.
    pub fn xid(&self, full: &str) -> Option<(String, i64)> {
        let (module, name) = full.split_once('.')?;
        let row = self.xid_row(module, name)?;
        Some((self.text("ir.model.data", row, "model").to_owned(), self.int("ir.model.data", row, "res_id")?))
    }

    /// Points `module.name` at a record; a second time moves it.
    pub fn tie(&mut self, full: &str, model: &str, id: i64, noupdate: bool) {
        let (module, name) = full.split_once('.').unwrap_or(("__import__", full));
        if let Some(row) = self.xid_row(module, name) {
            self.set("ir.model.data", row, "model", json!(model));
            self.set("ir.model.data", row, "res_id", json!(id));
            return;
        }
        let row = json!({"module": module, "name": name, "model": model, "res_id": id, "noupdate": noupdate});
        if let Value::Object(row) = row {
            self.insert("ir.model.data", row);
        }
    }
}
