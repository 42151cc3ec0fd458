//! The methods of every model: search, read, create, write, unlink and their kin.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

use super::Odoo;
use super::call::{Call, or_false};
use super::domain;
use super::error::{self, Result};
use super::num;
use super::rights::Session;
use super::store::{MICROSECOND, Row};

impl Odoo {
    /// Ids that a domain selects, sorted, cut to offset and limit.
    pub(super) fn search(&self, who: &Session, call: &Call) -> Result<Vec<i64>> {
        self.check(who, &call.model, "read")?;
        let wanted = call.list("domain");
        self.known_leaves(&call.model, wanted)?;
        let mut ids = Vec::new();
        for id in self.candidates(&call.model, wanted) {
            if self.matches(&call.model, id, wanted)?
                && self.in_company(who, &call.model, id)
                && self.listed(call, id, wanted)
            {
                ids.push(id);
            }
        }
        self.sort(&call.model, call.text("order"), &mut ids)?;
        let offset = num::int(call.argument("offset")).and_then(|o| usize::try_from(o).ok()).unwrap_or(0);
        let limit = num::int(call.argument("limit")).filter(|l| *l > 0).and_then(|l| usize::try_from(l).ok());
        Ok(ids.into_iter().skip(offset).take(limit.unwrap_or(usize::MAX)).collect())
    }

    /// Archived records stay hidden unless the domain or the context asks for them.
    fn listed(&self, call: &Call, id: i64, domain: &[Value]) -> bool {
        let asks = domain.iter().any(|t| t.get(0).and_then(Value::as_str) == Some("active"));
        let has = self.schema.model(&call.model).is_some_and(|m| m.fields.contains_key("active"));
        asks || !has || !call.active_test() || self.value(&call.model, id, "active") != json!(false)
    }

    /// The ids a leaf on `id` names, else all: a search by id must not read the table.
    fn candidates(&self, model: &str, domain: &[Value]) -> Vec<i64> {
        let plain = domain.iter().all(Value::is_array);
        for leaf in domain.iter().filter(|_| plain).filter_map(Value::as_array) {
            let [Value::String(field), Value::String(op), value] = leaf.as_slice() else { continue };
            if field == "id" && (op == "=" || op == "in") {
                let named = value.as_array().map_or_else(|| vec![value.clone()], Clone::clone);
                let known = |id: &i64| self.store.get(model, *id).is_some();
                return named.iter().filter_map(num::int).filter(known).collect();
            }
        }
        self.store.ids(model)
    }

    fn sort(&self, model: &str, order: &str, ids: &mut [i64]) -> Result<()> {
        let default = if matches!(model, "account.move" | "account.payment") { "date desc, id desc" } else { "id" };
        let order = if order.is_empty() { default } else { order };
        let mut keys = Vec::new();
        for part in order.split(',') {
            let mut words = part.split_whitespace();
            let name = words.next().unwrap_or("id");
            self.known_field(model, name)?;
            keys.push((name, words.next().is_some_and(|w| w.eq_ignore_ascii_case("desc"))));
        }
        ids.sort_by(|a, b| {
            for (name, descending) in &keys {
                let found = domain::order(&self.value(model, *a, name), &self.value(model, *b, name));
                let found = found.unwrap_or(Ordering::Equal);
                if found != Ordering::Equal {
                    return if *descending { found.reverse() } else { found };
                }
            }
            a.cmp(b)
        });
        Ok(())
    }

    /// Records as `read` shows them. A missing id is left out, without an error.
    pub(super) fn read(&self, who: &Session, model: &str, ids: &[i64], fields: &[Value]) -> Result<Vec<Value>> {
        self.check(who, model, "read")?;
        let all: Vec<String> = match self.schema.model(model) {
            Some(m) if fields.is_empty() => m.fields.keys().cloned().collect(),
            _ => fields.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        };
        let mut known = Vec::new();
        for name in &all {
            known.push((name, self.known_field(model, name)?));
        }
        let mut rows = Vec::new();
        for id in ids.iter().filter(|id| self.store.get(model, **id).is_some()) {
            if !self.in_company(who, model, *id) {
                return Err(error::access(format!(
                    "Due to security restrictions, you are not allowed to access '{model}' records."
                )));
            }
            let mut row = Map::from_iter([("id".to_owned(), json!(id))]);
            for (name, field) in &known {
                row.insert((*name).clone(), self.shown(model, *id, name, field));
            }
            rows.push(Value::Object(row));
        }
        Ok(rows)
    }

    /// When a journal entry was made, to the microsecond, as PostgreSQL has it and no answer of Odoo's own.
    pub fn created_at(&self, id: i64) -> String {
        let text = |column: &str| self.store.text("account.move", id, column);
        format!("{}.{}", text("create_date"), text(MICROSECOND))
    }

    /// A new record with its defaults, then what the model does by itself.
    pub(super) fn create(&mut self, who: &Session, model: &str, vals: &Row) -> Result<i64> {
        self.check(who, model, "create")?;
        let mut row = Row::new();
        for (name, field) in self.schema.model(model).into_iter().flat_map(|m| &m.fields) {
            if let Some(default) = &field.default {
                row.insert(name.clone(), default.clone());
            }
        }
        let now = json!(super::calendar::datetime(self.clock.now_ms()));
        for (name, value) in [("create_date", now.clone()), ("write_date", now)] {
            row.insert(name.to_owned(), value);
        }
        row.insert("create_uid".to_owned(), json!(who.uid));
        row.insert("write_uid".to_owned(), json!(who.uid));
        for (name, value) in vals {
            let clean = self.cleaned(model, name, value, &[])?;
            row.insert(name.clone(), clean);
        }
        self.prepare(who, model, &mut row)?;
        self.demand(model, &row)?;
        self.unique(model, None, &row)?;
        let id = self.store.insert(model, row);
        self.created(who, model, id, vals)?;
        Ok(id)
    }

    pub(super) fn write(&mut self, who: &Session, model: &str, ids: &[i64], vals: &Row) -> Result<()> {
        self.check(who, model, "write")?;
        for id in ids {
            let Some(mut row) = self.store.get(model, *id).cloned() else {
                return Err(error::missing(model, *id, who.uid));
            };
            let lines = vals.get("line_ids").filter(|_| model == "account.move");
            for (name, value) in vals.iter().filter(|(name, _)| lines.is_none() || *name != "line_ids") {
                let clean = self.cleaned(model, name, value, &self.store.list(model, *id, name))?;
                row.insert(name.clone(), clean.clone());
                self.store.set(model, *id, name, clean);
            }
            self.demand(model, &row)?;
            self.unique(model, Some(*id), &row)?;
            self.written(model, *id, vals)?;
            if let Some(lines) = lines {
                self.rewrite_lines(*id, lines)?;
            }
            self.touch(model, *id);
        }
        Ok(())
    }

    /// Moves `write_date`, in whole seconds.
    pub(super) fn touch(&mut self, model: &str, id: i64) {
        self.store.set(model, id, "write_date", json!(super::calendar::datetime(self.clock.now_ms())));
    }

    /// Deletes records together with their external ids.
    pub(super) fn unlink(&mut self, who: &Session, model: &str, ids: &[i64]) -> Result<()> {
        self.check(who, model, "unlink")?;
        for id in ids {
            if self.store.get(model, *id).is_none() {
                return Err(error::missing(model, *id, who.uid));
            }
            self.before_unlink(model, *id)?;
            self.store.remove(model, *id);
            for row in self.store.find_all("ir.model.data", "res_id", &json!(id)) {
                if self.store.text("ir.model.data", row, "model") == model {
                    self.store.remove("ir.model.data", row);
                }
            }
        }
        Ok(())
    }

    pub(super) fn fields_get(&self, call: &Call) -> Value {
        let wanted = call.list("allfields");
        let attributes = call.list("attributes");
        let mut all = Map::new();
        for (name, field) in self.schema.model(&call.model).into_iter().flat_map(|m| &m.fields) {
            if !wanted.is_empty() && !wanted.iter().any(|w| w == name) {
                continue;
            }
            let mut about = super::call::object(json!({"name": name, "type": field.ttype, "string": name,
                "required": field.required, "readonly": false, "store": true}));
            if !field.relation.is_empty() {
                about.insert("relation".into(), json!(field.relation));
            }
            about.retain(|key, _| attributes.is_empty() || attributes.iter().any(|a| a == key));
            all.insert(name.clone(), Value::Object(about));
        }
        for row in self.store.find_all("ir.model.fields", "model", &json!(call.model)) {
            let name = self.store.text("ir.model.fields", row, "name").to_owned();
            if wanted.is_empty() || wanted.iter().any(|w| *w == name) {
                let label = or_false(Some(self.store.value("ir.model.fields", row, "field_description")));
                let ttype = self.store.value("ir.model.fields", row, "ttype");
                all.insert(name.clone(), json!({"name": name, "type": ttype, "string": label}));
            }
        }
        Value::Object(all)
    }
}
