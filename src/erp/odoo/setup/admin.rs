//! The few ORM calls that set-up makes, as a user of the group Settings.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::named_record::NamedRecord;
use super::options::{Change, ChangeKind};
use crate::erp::odoo::discover::MODULE;
use crate::erp::odoo::error::{OdooError, OdooErrorKind, first_line};
use crate::erp::odoo::transport::{Client, Session};

/// A set-up user at work. Nothing is written when `dry`; the changes are noted all the same.
pub struct Admin<'a> {
    pub client: &'a Client,
    pub session: Session,
    pub dry: bool,
    pub changes: Vec<Change>,
    /// What a person should know or do.
    pub notes: Vec<String>,
    /// The external ids of set-up, read once.
    pub(super) names: RefCell<Option<BTreeMap<String, NamedRecord>>>,
}

impl<'a> Admin<'a> {
    /// A dry one only looks.
    pub fn new(client: &'a Client, session: Session, dry: bool) -> Self {
        Self { client, session, dry, changes: Vec::new(), notes: Vec::new(), names: RefCell::default() }
    }

    /// Notes a change or that nothing had to change.
    pub fn note(&mut self, act: ChangeKind, name: &str, detail: impl Into<String>) {
        self.changes.push(Change { act, name: format!("{MODULE}.{name}"), detail: detail.into() });
    }

    /// Calls a method by named arguments; `company` becomes the one that defaults come from.
    pub async fn call(
        &self,
        model: &str,
        method: &str,
        ids: Option<&[i64]>,
        args: Value,
        company: Option<i64>,
    ) -> Result<Value, OdooError> {
        let mut named: Map<String, Value> = args.as_object().cloned().unwrap_or_default();
        let mut context = Map::from_iter([("lang".to_owned(), json!("en_US"))]);
        if let Some(company) = company {
            context.insert("allowed_company_ids".into(), json!([company]));
        }
        if method == "search_read" {
            // What is archived still holds its code and its external id.
            context.insert("active_test".into(), json!(false));
        }
        named.insert("context".into(), Value::Object(context));
        self.client.call(self.session, model, method, ids, named).await.map_err(|error| named_rights(error, model))
    }

    /// Rows of a model.
    pub async fn rows(
        &self,
        model: &str,
        domain: Value,
        fields: &[&str],
        company: Option<i64>,
    ) -> Result<Vec<Value>, OdooError> {
        let args = json!({"domain": domain, "fields": fields, "order": "id"});
        match self.call(model, "search_read", None, args, company).await? {
            Value::Array(rows) => Ok(rows),
            _ => Err(OdooError::new(OdooErrorKind::Protocol, format!("Reading {model} gave no list."))),
        }
    }

    /// Creates a record together with its external id, in one call and therefore one transaction. Its id, or 0 when
    /// nothing is written.
    pub async fn create(
        &mut self,
        model: &str,
        name: &str,
        values: &[(&str, String)],
        company: Option<i64>,
        detail: impl Into<String>,
    ) -> Result<i64, OdooError> {
        self.note(ChangeKind::Create, name, detail);
        if self.dry {
            return Ok(0);
        }
        let fields: Vec<&str> = std::iter::once("id").chain(values.iter().map(|(field, _)| *field)).collect();
        let row: Vec<String> =
            std::iter::once(format!("{MODULE}.{name}")).chain(values.iter().map(|(_, value)| value.clone())).collect();
        let answer = self.call(model, "load", None, json!({"fields": fields, "data": [row]}), company).await?;
        if let Some(id) = answer.pointer("/ids/0").and_then(Value::as_i64) {
            // Where its external id stands nobody asks in the run that made it.
            self.learn(name, Some(NamedRecord { model: model.to_owned(), id, row: 0 }));
            return Ok(id);
        }
        // `load` reports failures in its answer, without a name: {"ids": false, "messages": [{"message": …}]}.
        if !self.may_create(model).await? {
            return Err(rights(model));
        }
        let said = answer.pointer("/messages/0/message").and_then(Value::as_str).unwrap_or("no reason given");
        Err(OdooError::new(OdooErrorKind::Refused, format!("Creating {MODULE}.{name} ({model}): {}", first_line(said))))
    }

    /// Whether the user may create records of a model; the method's name differs between versions.
    async fn may_create(&self, model: &str) -> Result<bool, OdooError> {
        let answer = if self.session.major >= 18 {
            self.call(model, "has_access", Some(&[]), json!({"operation": "create"}), None).await?
        } else {
            let args = json!({"operation": "create", "raise_exception": false});
            self.call(model, "check_access_rights", None, args, None).await?
        };
        Ok(answer == Value::Bool(true))
    }

    /// Writes values into one record.
    pub async fn write(&self, model: &str, id: i64, values: Value) -> Result<(), OdooError> {
        self.call(model, "write", Some(&[id]), json!({"vals": values}), None).await.map(drop)
    }
}

/// What set-up needs; docs/odoo/SETUP.md says the same.
const GROUPS: &str = "Settings (base.group_system), Accounting Administrator (account.group_account_manager) and Contact Creation (base.group_partner_manager)";

/// AccessError names what one record takes; we name what set-up as a whole does.
fn named_rights(error: OdooError, model: &str) -> OdooError {
    if error.kind == OdooErrorKind::Rights { rights(model) } else { error }
}

fn rights(model: &str) -> OdooError {
    OdooError::new(OdooErrorKind::Rights, format!("Set-up may not touch {model}: its user needs the groups {GROUPS}."))
}

/// The id of a many2one value `[id, name]`; `None` for `false`.
pub fn one(row: &Value, field: &str) -> Option<i64> {
    row.get(field)?.get(0)?.as_i64()
}

/// Text of a field; Odoo says `false` for an empty one.
pub fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row.get(field).and_then(Value::as_str).unwrap_or("")
}

/// The id of a row.
pub fn id(row: &Value) -> i64 {
    row.get("id").and_then(Value::as_i64).unwrap_or_default()
}
