//! System parameters: the first instant to book, and the zone of each company.

use serde_json::{Value, json};

use super::admin::{Admin, text};
use super::company::Company;
use super::options::{Change, ChangeKind, SetupOptions};
use crate::erp::odoo::error::{OdooError, OdooErrorKind};
use crate::erp::odoo::transport::Client;

/// Where the first instant to book is kept between runs.
pub const BOOK_FROM: &str = "quittance.book_from";

/// The zone's key.
pub fn zone_key(company: i64) -> String {
    format!("quittance.zone_{company}")
}

/// The first instant to book that an earlier set-up stored.
pub async fn stored_book_from(client: &Client) -> Result<Option<i64>, OdooError> {
    Ok(read_parameter(client, BOOK_FROM).await?.and_then(|value| value.parse().ok()))
}

/// A system parameter, which a user of the group Settings may read.
pub async fn read_parameter(client: &Client, key: &str) -> Result<Option<String>, OdooError> {
    let session = client.open().await?;
    parameter(&Admin::new(client, session, true), key).await
}

pub(super) async fn parameter(admin: &Admin<'_>, key: &str) -> Result<Option<String>, OdooError> {
    let rows = admin.rows("ir.config_parameter", json!([["key", "=", key]]), &["value"], None).await?;
    Ok(rows.first().map(|row| text(row, "value").to_owned()).filter(|value| !value.is_empty()))
}

pub(super) async fn store_parameter(
    admin: &mut Admin<'_>,
    key: &str,
    wanted: &str,
    detail: String,
) -> Result<(), OdooError> {
    let act = match parameter(admin, key).await? {
        Some(stored) if stored == wanted => ChangeKind::Keep,
        Some(_) => ChangeKind::Update,
        None => ChangeKind::Create,
    };
    admin.changes.push(Change { act, name: key.to_owned(), detail });
    if act != ChangeKind::Keep && !admin.dry {
        let value = json!({"key": key, "value": wanted});
        admin.call("ir.config_parameter", "set_param", None, value, None).await?;
    }
    Ok(())
}

/// Settles the first instant to book.
pub async fn book_from(admin: &mut Admin<'_>, wish: &SetupOptions) -> Result<i64, OdooError> {
    let stored = parameter(admin, BOOK_FROM).await?.and_then(|value| value.parse().ok());
    let wanted = wish.book_from.or(stored).unwrap_or(wish.now);
    let detail = format!("money that Stripe received before {wanted} is left to the opening entry");
    store_parameter(admin, BOOK_FROM, &wanted.to_string(), detail).await?;
    Ok(wanted)
}

/// Settles the zone of a company; without one its days are UTC's.
pub async fn zone(admin: &mut Admin<'_>, wish: &SetupOptions, company: &Company) -> Result<(), OdooError> {
    let key = zone_key(company.id);
    let Some(wanted) = wish.zone.as_deref() else {
        if let Some(stored) = parameter(admin, &key).await? {
            admin.changes.push(Change { act: ChangeKind::Keep, name: key, detail: format!("days end in {stored}") });
        }
        return Ok(());
    };
    check_zone(admin, wanted).await?;
    store_parameter(admin, &key, wanted, format!("days end in {wanted}")).await
}

/// Odoo must know the zone, as it is Odoo that makes days of instants.
async fn check_zone(admin: &Admin<'_>, zone: &str) -> Result<(), OdooError> {
    let args = json!({"allfields": ["tz"], "attributes": ["selection"]});
    let fields = admin.call("res.partner", "fields_get", None, args, None).await?;
    let Some(zones) = fields.pointer("/tz/selection").and_then(Value::as_array) else { return Ok(()) };
    let is = |pair: &Value| pair.get(0).and_then(Value::as_str) == Some(zone);
    if zones.iter().any(is) {
        return Ok(());
    }
    let detail = format!("Odoo knows no time zone {zone}; give a name such as Europe/Paris.");
    Err(OdooError::new(OdooErrorKind::Refused, detail))
}
