//! From a bound call to the method that answers it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Odoo;
use super::call::{Call, or_false};
use super::error::{self, Result};
use super::fault::Fault;
use super::num;
use super::rights::Session;

impl Odoo {
    /// Runs one call in one transaction: on an error nothing of it stays.
    pub(super) fn run(&mut self, uid: i64, call: &Call) -> Result<Option<Value>> {
        let session = self.session(uid, &call.context)?;
        let session = self.dial.bent(session);
        let result = match self.method(&session, call) {
            Ok(_) if self.dial.bends(Fault::Serialization) => Err(error::serialization()),
            result => result,
        };
        match result {
            Ok(_) => {
                self.calls.push(format!("{}.{}", call.model, call.method));
                self.store.commit();
            }
            Err(_) => self.store.rollback(0),
        }
        result
    }

    /// `None` is Python's None: JSON-RPC leaves `result` out, JSON-2 says null.
    fn method(&mut self, who: &Session, call: &Call) -> Result<Option<Value>> {
        let model = call.model.as_str();
        if self.schema.model(model).is_none() {
            return Err(error::user(format!("Object {model} doesn't exist")));
        }
        Ok(Some(match call.method.as_str() {
            "search" => json!(self.search(who, call)?),
            "search_count" => json!(self.search(who, call)?.len()),
            "search_read" => {
                let ids = self.search(who, call)?;
                json!(self.read(who, model, &ids, call.list("fields"))?)
            }
            "read" => json!(self.read(who, model, &call.ids, call.list("fields"))?),
            "create" => return self.create_many(who, call).map(Some),
            "write" => {
                let vals = call.argument("vals").as_object().cloned().unwrap_or_default();
                self.write(who, model, &call.ids, &vals)?;
                json!(true)
            }
            "unlink" => {
                self.unlink(who, model, &call.ids)?;
                json!(true)
            }
            "load" => self.load(who, call)?,
            "fields_get" => self.fields_get(call),
            "name_search" => {
                let named = |id: &i64| self.display_name(model, *id).contains(call.text("name"));
                let found = self.store.ids(model).into_iter().filter(named);
                found.map(|id| json!([id, self.display_name(model, id)])).collect()
            }
            "check_access_rights" | "has_access" | "check_access" => return self.may(who, call),
            "get_external_id" | "get_metadata" => self.external_ids(who, call)?,
            _ => return self.own_method(who, call),
        }))
    }

    fn create_many(&mut self, who: &Session, call: &Call) -> Result<Value> {
        let given = call.argument("vals_list");
        let mut ids = Vec::new();
        for vals in given.as_array().map_or_else(|| vec![given.clone()], Clone::clone) {
            let mut vals = vals.as_object().cloned().unwrap_or_default();
            if let (true, Some(ids)) = (call.model == "account.move.reversal", call.context.get("active_ids")) {
                vals.entry("move_ids").or_insert_with(|| json!([[6, 0, ids]]));
            }
            ids.push(self.create(who, &call.model, &vals)?);
        }
        // One dict over JSON-RPC gives one id; json2.rs makes a list of it.
        Ok(if given.is_array() { json!(ids) } else { json!(ids.first()) })
    }

    fn may(&self, who: &Session, call: &Call) -> Result<Option<Value>> {
        let checked = self.check(who, &call.model, call.text("operation"));
        let quiet = call.method == "has_access" || call.argument("raise_exception") == &json!(false);
        match checked {
            Err(_) if quiet => Ok(Some(json!(false))),
            Err(e) => Err(e),
            Ok(()) if call.method == "check_access" => Ok(None),
            Ok(()) => Ok(Some(json!(true))),
        }
    }

    fn external_ids(&self, who: &Session, call: &Call) -> Result<Value> {
        const DATA: &str = "ir.model.data";
        if call.method == "get_metadata" {
            self.check(who, &call.model, "read")?;
        }
        // Anybody may ask for external ids, also of records that do not exist.
        let rows = self.store.find_all(DATA, "model", &json!(call.model));
        let names: BTreeMap<Option<i64>, Value> = rows
            .into_iter()
            .rev()
            .map(|r| (self.store.int(DATA, r, "res_id"), self.value(DATA, r, "complete_name")))
            .collect();
        // A deleted action takes its external id along.
        let gone = call.model == "ir.actions.server" && self.dial.bends(super::Fault::ProcedureMissing);
        let of = |id: i64| names.get(&Some(id)).filter(|_| !gone).cloned().unwrap_or(json!(""));
        Ok(if call.method == "get_external_id" {
            Value::Object(call.ids.iter().map(|id| (id.to_string(), of(*id))).collect())
        } else {
            call.ids.iter().map(|id| json!({"id": id, "xmlid": or_false(Some(of(*id)).filter(num::truthy))})).collect()
        })
    }

    /// Methods that only one model has.
    fn own_method(&mut self, who: &Session, call: &Call) -> Result<Option<Value>> {
        let model = call.model.as_str();
        if call.method == "message_post" {
            return self.message_post(who, call).map(Some);
        }
        match model {
            "account.move" => self.move_method(who, call),
            "account.payment" => self.payment_method(who, call),
            "account.move.line" => {
                self.check(who, model, "write")?;
                match call.method.as_str() {
                    "reconcile" => self.reconcile(&call.ids)?,
                    _ => self.unreconcile(&call.ids)?,
                }
                Ok(None)
            }
            "account.move.reversal" => {
                self.check(who, model, "write")?;
                call.ids.first().map(|wizard| self.run_reversal(*wizard, &call.method)).transpose()
            }
            "mail.activity" => {
                call.ids.iter().for_each(|id| self.activity_done(*id));
                Ok(Some(json!(false)))
            }
            "ir.actions.server" => self.run_action(who, call),
            "ir.config_parameter" => self.parameter(who, call),
            "ir.model.data" => self.check_reference(call),
            "ir.ui.view" => self.translations(who, call),
            "res.users" if call.method == "has_group" => {
                let uid = call.ids.first().copied().unwrap_or(who.uid);
                let whose = if uid == who.uid { who.clone() } else { self.session(uid, &Default::default())? };
                Ok(Some(json!(whose.has(call.text("group_ext_id")))))
            }
            _ => {
                let tz = or_false(Some(self.store.value(model, who.uid, "tz")));
                let lang = self.store.value(model, who.uid, "lang");
                Ok(Some(json!({"lang": lang, "tz": tz, "uid": who.uid})))
            }
        }
    }

    fn parameter(&mut self, who: &Session, call: &Call) -> Result<Option<Value>> {
        const MODEL: &str = "ir.config_parameter";
        self.check(who, MODEL, if call.method == "get_param" { "read" } else { "write" })?;
        let found = self.store.find(MODEL, "key", &json!(call.text("key")));
        if call.method == "get_param" {
            let value = found.map(|id| self.store.value(MODEL, id, "value"));
            return Ok(Some(value.unwrap_or_else(|| or_false(Some(call.argument("default").clone())))));
        }
        let (key, value) = (json!(call.text("key")), call.argument("value").clone());
        let Some(id) = found else {
            self.store.insert(MODEL, super::call::object(json!({"key": key, "value": value})));
            return Ok(Some(json!(false)));
        };
        let before = self.store.value(MODEL, id, "value");
        self.store.set(MODEL, id, "value", value);
        Ok(Some(before))
    }

    fn check_reference(&self, call: &Call) -> Result<Option<Value>> {
        let full = format!("{}.{}", call.text("module"), call.text("xml_id"));
        let found = self.store.xid(&full).filter(|(model, id)| self.store.get(model, *id).is_some());
        let (model, id) = found.ok_or_else(|| error::value(format!("External ID not found in the system: {full}")))?;
        Ok(Some(json!([model, id])))
    }
}
