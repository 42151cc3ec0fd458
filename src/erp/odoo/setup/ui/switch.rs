//! The buttons switched, looked at, and taken away.

use serde_json::{Value, json};

use super::super::admin::{Admin, id, text};
use super::super::options::{Change, ChangeKind};
use super::parameters::{MODE, Mode, PAY_URL, parameter, set};
use super::records;
use crate::erp::odoo::discover::MODULE;
use crate::erp::odoo::error::{OdooError, OdooErrorKind};
use crate::erp::odoo::transport::Client;

/// What Odoo has of the buttons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ButtonState {
    /// The form's button is there, whatever the mode.
    pub installed: bool,
    /// `None`: no mode is stored, or one that nobody knows.
    pub mode: Option<Mode>,
    pub pay_url: Option<String>,
    /// The script is this version's.
    pub script: bool,
    /// The database's own id, which links carry.
    pub database: Option<String>,
    /// Names of Odoo's own payment providers that are not disabled.
    pub providers: Vec<String>,
    /// Odoo's own button "Pay Now" stands on the portal's invoice page, with or without providers.
    pub pay_now: bool,
}

/// Odoo's setting "Invoice Online Payment".
const PAY_NOW: &str = "account_payment.enable_portal_payment";

/// Reads the state; changes nothing.
pub async fn button_state(client: &Client) -> Result<ButtonState, OdooError> {
    let session = client.open().await?;
    let admin = Admin::new(client, session, true);
    Ok(ButtonState {
        installed: admin.find_record("ui_open").await?.is_some(),
        mode: parameter(&admin, MODE).await?.as_deref().and_then(Mode::from_name),
        pay_url: parameter(&admin, PAY_URL).await?,
        script: records::script_is_ours(&admin).await?,
        database: parameter(&admin, "database.uuid").await?,
        providers: providers(&admin).await?,
        pay_now: parameter(&admin, PAY_NOW).await?.is_some_and(|value| value.eq_ignore_ascii_case("true")),
    })
}

async fn providers(admin: &Admin<'_>) -> Result<Vec<String>, OdooError> {
    const PROVIDER: &str = "payment.provider";
    if admin.rows("ir.model", json!([["model", "=", PROVIDER]]), &["model"], None).await?.is_empty() {
        return Ok(Vec::new());
    }
    let rows = admin.rows(PROVIDER, json!([["state", "in", ["enabled", "test"]]]), &["name"], None).await?;
    Ok(rows.iter().map(|row| text(row, "name").to_owned()).collect())
}

/// Changes the mode at once. To `off` also when much else is broken: it is how a backend is brought back.
pub async fn switch(client: &Client, mode: Mode) -> Result<Vec<Change>, OdooError> {
    let session = client.open().await?;
    let mut admin = Admin::new(client, session, false);
    set_asset_active(&mut admin, mode == Mode::Asset).await?;
    let stored = parameter(&admin, MODE).await?;
    if mode != Mode::Off && admin.find_record("ui_open").await?.is_none() {
        let detail = "The buttons are not in this database: run `quittance setup odoo` first.";
        return Err(OdooError::new(OdooErrorKind::Refused, detail));
    }
    for name in records::BUTTONS {
        set_active(&mut admin, "ir.ui.view", name, mode != Mode::Off).await?;
    }
    if stored.is_some() || mode != Mode::Off {
        set(&mut admin, MODE, mode.name(), stored.as_deref()).await?;
    }
    Ok(admin.changes)
}

/// Takes the script into the backend's assets, or out.
pub async fn set_asset_active(admin: &mut Admin<'_>, wanted: bool) -> Result<(), OdooError> {
    set_active(admin, "ir.asset", records::ASSET, wanted).await
}

async fn set_active(admin: &mut Admin<'_>, model: &str, name: &str, wanted: bool) -> Result<(), OdooError> {
    let Some(found) = admin.find_record(name).await? else { return Ok(()) };
    let rows = admin.rows(model, json!([["id", "=", found.id]]), &["active"], None).await?;
    let there = rows.first().and_then(|row| row.get("active")) == Some(&Value::Bool(true));
    let detail = if wanted { "in use" } else { "not in use" };
    admin.note(if there == wanted { ChangeKind::Keep } else { ChangeKind::Update }, name, detail);
    if there != wanted && !admin.dry {
        admin.write(model, found.id, json!({"active": wanted})).await?;
    }
    Ok(())
}

/// What refers to something goes before it.
const ORDER: [&str; 5] = ["ir.asset", "ir.ui.view", "ir.attachment", "ir.actions.server", "ir.model.fields"];

/// Takes everything away that `install` made; books and procedures stay.
pub async fn remove(client: &Client, dry: bool) -> Result<Vec<Change>, OdooError> {
    let session = client.open().await?;
    let mut admin = Admin::new(client, session, dry);
    for model in ORDER {
        let domain = json!([["module", "=", MODULE], ["name", "=like", "ui_%"], ["model", "=", model]]);
        for row in admin.rows("ir.model.data", domain, &["name", "res_id"], None).await? {
            let record = row.get("res_id").and_then(Value::as_i64).unwrap_or_default();
            unlink(&mut admin, model, text(&row, "name"), record, id(&row)).await?;
        }
    }
    for key in [MODE, PAY_URL] {
        let rows = admin.rows("ir.config_parameter", json!([["key", "=", key]]), &["value"], None).await?;
        for row in rows {
            let detail = text(&row, "value").to_owned();
            admin.changes.push(Change { act: ChangeKind::Remove, name: key.into(), detail });
            if !dry {
                admin.call("ir.config_parameter", "unlink", Some(&[id(&row)]), json!({}), None).await?;
            }
        }
    }
    Ok(admin.changes)
}

/// A record with its external id; the id alone when the record is gone.
async fn unlink(admin: &mut Admin<'_>, model: &str, name: &str, record: i64, row: i64) -> Result<(), OdooError> {
    admin.note(ChangeKind::Remove, name, model);
    if admin.dry {
        return Ok(());
    }
    let there = !admin.rows(model, json!([["id", "=", record]]), &["id"], None).await?.is_empty();
    let (model, id) = if there { (model, record) } else { ("ir.model.data", row) };
    admin.call(model, "unlink", Some(&[id]), json!({}), None).await.map(drop)
}
