//! What the buttons know of Odoo's system parameters: the pay page's origin and their mode.

use serde_json::json;

use crate::erp::odoo::error::OdooError;
use crate::erp::odoo::setup::admin::{Admin, text};
use crate::erp::odoo::setup::options::{Change, ChangeKind};

/// System parameter: the pay page's origin. Without it no button shows.
pub const PAY_URL: &str = "quittance.pay_url";
/// System parameter: the [`Mode`].
pub const MODE: &str = "quittance.odoo_ui";

/// How the button of the backend form opens the pay page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In a dialog, by a script among the backend's assets.
    Asset,
    /// In a dialog, by a computed field: no script of ours in the backend.
    Frame,
    /// In a new tab.
    Tab,
    /// Not at all, and no button on the portal either.
    Off,
}

impl Mode {
    pub fn name(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Frame => "frame",
            Self::Tab => "tab",
            Self::Off => "off",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Asset, Self::Frame, Self::Tab, Self::Off].into_iter().find(|mode| mode.name() == name)
    }
}

/// A system parameter that is there and not empty.
pub async fn parameter(admin: &Admin<'_>, key: &str) -> Result<Option<String>, OdooError> {
    let rows = admin.rows("ir.config_parameter", json!([["key", "=", key]]), &["value"], None).await?;
    Ok(rows.first().map(|row| text(row, "value").trim().to_owned()).filter(|value| !value.is_empty()))
}

/// Stores one, unless Odoo has it so.
pub async fn set(admin: &mut Admin<'_>, key: &str, value: &str, stored: Option<&str>) -> Result<(), OdooError> {
    let act = match stored {
        Some(stored) if stored == value => ChangeKind::Keep,
        Some(_) => ChangeKind::Update,
        None => ChangeKind::Create,
    };
    admin.changes.push(Change { act, name: key.into(), detail: value.into() });
    if act != ChangeKind::Keep && !admin.dry {
        admin.call("ir.config_parameter", "set_param", None, json!({"key": key, "value": value}), None).await?;
    }
    Ok(())
}
