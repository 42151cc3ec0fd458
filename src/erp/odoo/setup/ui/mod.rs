//! The buttons in Odoo: on the portal's invoice page and in the backend's invoice form. Views, an action, a field and a
//! script with external ids `quittance.ui_*`, made over RPC, no module. docs/odoo/BUTTONS.md tells how they were tried.

mod parameters;
mod record;
mod records;
mod switch;
pub mod texts;
mod translations;

pub use self::parameters::{MODE, Mode, PAY_URL};
use self::parameters::{parameter, set};
pub use self::switch::{ButtonState, button_state, remove, switch};
use super::admin::Admin;
use super::options::{Change, ChangeKind};
use crate::erp::odoo::error::OdooError;
use crate::erp::odoo::transport::Client;

/// What the buttons are asked to be.
#[derive(Clone, Debug, Default)]
pub struct ButtonOptions {
    /// Show what would change and write nothing.
    pub dry: bool,
    /// Origin of the pay page; kept where Odoo has another, unless `insist`.
    pub pay_url: String,
    /// The origin was named for this run.
    pub insist: bool,
    /// `None` keeps the mode that Odoo has, at first [`Mode::Asset`].
    pub mode: Option<Mode>,
    /// A JavaScript parser has read [`texts::SCRIPT`]. Otherwise the script is not sent, and [`Mode::Frame`] stands in.
    pub script_read: bool,
}

/// What was done, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub mode: Mode,
    pub pay_url: String,
    pub changes: Vec<Change>,
}

/// Makes the buttons, or puts them right. `client` logs in as a user of the group Settings.
pub async fn install(client: &Client, wish: &ButtonOptions) -> Result<Report, OdooError> {
    let session = client.open().await?;
    let mut admin = Admin::new(client, session, wish.dry);
    let url = pay_url(&mut admin, wish).await?;
    let stored = parameter(&admin, MODE).await?;
    let wanted = wish.mode.or_else(|| stored.as_deref().and_then(Mode::from_name)).unwrap_or(Mode::Asset);
    // The script that Odoo has already was read when it was sent.
    let script = wish.script_read || records::script_is_ours(&admin).await?;
    let mode = if wanted == Mode::Asset && !script { Mode::Frame } else { wanted };
    records::make_records(&mut admin, mode).await?;
    if script {
        records::script(&mut admin, mode == Mode::Asset).await?;
    } else {
        switch::set_asset_active(&mut admin, false).await?;
    }
    // Last, so that no button asks for what is not there yet.
    set(&mut admin, MODE, mode.name(), stored.as_deref()).await?;
    Ok(Report { mode, pay_url: url, changes: admin.changes })
}

/// The origin that a person put there stays.
async fn pay_url(admin: &mut Admin<'_>, wish: &ButtonOptions) -> Result<String, OdooError> {
    let stored = parameter(admin, PAY_URL).await?;
    match &stored {
        Some(there) if *there != wish.pay_url && !wish.insist => {
            let detail = format!("{there} as Odoo has it; --pay-url {} would change it", wish.pay_url);
            admin.changes.push(Change { act: ChangeKind::Keep, name: PAY_URL.into(), detail });
            Ok(there.clone())
        }
        _ => {
            set(admin, PAY_URL, &wish.pay_url, stored.as_deref()).await?;
            Ok(wish.pay_url.clone())
        }
    }
}
