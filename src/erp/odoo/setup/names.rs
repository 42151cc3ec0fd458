//! The external ids of set-up: `quittance.{name}` and the records they name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::admin::{Admin, id, text};
use super::named_record::NamedRecord;
use super::options::ChangeKind;
use crate::erp::odoo::discover::MODULE;
use crate::erp::odoo::error::OdooError;

impl Admin<'_> {
    /// The record of an external id `quittance.{name}`, `None` when there is none or the record is gone.
    pub async fn find_record(&self, name: &str) -> Result<Option<NamedRecord>, OdooError> {
        if self.names.borrow().is_none() {
            let names = self.find_records().await?;
            self.names.replace(Some(names));
        }
        Ok(self.names.borrow().as_ref().and_then(|names| names.get(name)).cloned())
    }

    /// All external ids whose records are there; those of bookings and customers, which may be many, left out.
    async fn find_records(&self) -> Result<BTreeMap<String, NamedRecord>, OdooError> {
        let domain = json!([["module", "=", MODULE], ["name", "not like", "stripe:"], ["name", "not like", "cus:"]]);
        let rows = self.rows("ir.model.data", domain, &["name", "model", "res_id"], None).await?;
        let mut names: BTreeMap<String, NamedRecord> =
            rows.iter().filter_map(|row| Some((text(row, "name").to_owned(), record_from_row(row)?))).collect();
        let models: BTreeSet<String> = names.values().map(|named| named.model.clone()).collect();
        for model in models {
            let ids: Vec<i64> = names.values().filter(|named| named.model == model).map(|named| named.id).collect();
            let rows = self.rows(&model, json!([["id", "in", ids]]), &["id"], None).await?;
            let there: BTreeSet<i64> = rows.iter().map(id).collect();
            names.retain(|_, named| named.model != model || there.contains(&named.id));
        }
        Ok(names)
    }

    /// Keeps what was read in step with what was written; `None`: the external id is gone.
    pub(super) fn learn(&self, name: &str, now: Option<NamedRecord>) {
        if let Some(names) = self.names.borrow_mut().as_mut() {
            match now {
                Some(now) => names.insert(name.to_owned(), now),
                None => names.remove(name),
            };
        }
    }

    /// The record of an external id `quittance.{name}` as any user may ask for it who may read the record itself: Odoo
    /// lets nobody but Settings users read `ir.model.data`, yet answers this question (17, 18 and 19).
    pub async fn reference(&self, name: &str) -> Option<i64> {
        let args = json!({"module": MODULE, "xml_id": name});
        let found = self.call("ir.model.data", "check_object_reference", None, args, None).await.ok()?;
        found.get(1).and_then(Value::as_i64)
    }

    /// Which of these records have an external id of ours, of any user's right.
    pub async fn ours(&self, model: &str, ids: &[i64]) -> Result<Vec<i64>, OdooError> {
        let named = self.call(model, "get_external_id", Some(ids), json!({}), None).await?;
        let ours = |name: &Value| name.as_str().is_some_and(|name| name.starts_with("quittance."));
        let rows = named.as_object().into_iter().flatten().filter(|(_, name)| ours(name));
        Ok(rows.filter_map(|(id, _)| id.parse().ok()).collect())
    }

    /// Points `quittance.{name}` at a record that exists.
    pub async fn map(&mut self, model: &str, name: &str, id: i64, detail: &str) -> Result<(), OdooError> {
        let found = self.find_record(name).await?;
        match &found {
            Some(named) if named.id == id && named.model == model => {
                self.note(ChangeKind::Keep, name, detail);
                return Ok(());
            }
            Some(_) => self.note(ChangeKind::Update, name, format!("points at {detail} from now on")),
            None => self.note(ChangeKind::Create, name, format!("points at {detail}")),
        }
        if self.dry {
            return Ok(());
        }
        let row = match found {
            Some(named) => {
                self.write("ir.model.data", named.row, json!({"model": model, "res_id": id})).await?;
                named.row
            }
            None => {
                let values = json!({"module": MODULE, "name": name, "model": model, "res_id": id, "noupdate": true});
                let made = self.call("ir.model.data", "create", None, json!({"vals_list": [values]}), None).await?;
                made.get(0).and_then(Value::as_i64).unwrap_or_default()
            }
        };
        self.learn(name, Some(NamedRecord { model: model.to_owned(), id, row }));
        Ok(())
    }

    /// Takes the external id away; its record stays.
    pub async fn unmap(&mut self, name: &str, detail: &str) -> Result<(), OdooError> {
        let Some(found) = self.find_record(name).await? else { return Ok(()) };
        self.note(ChangeKind::Remove, name, detail);
        if self.dry {
            return Ok(());
        }
        self.learn(name, None);
        self.call("ir.model.data", "unlink", Some(&[found.row]), json!({}), None).await.map(drop)
    }
}

fn record_from_row(row: &Value) -> Option<NamedRecord> {
    let model = row.get("model")?.as_str()?.to_owned();
    Some(NamedRecord { model, id: row.get("res_id")?.as_i64()?, row: row.get("id")?.as_i64()? })
}
