//! The one field that Quittance adds to a model of Odoo's: the contact's Stripe customer.

use serde_json::json;

use super::admin::{Admin, id};
use super::options::ChangeKind;
use crate::erp::odoo::error::OdooError;

/// `x_` is Odoo's demand. `read_invoice` and `link_customer` look for it by this name.
pub const CUSTOMER: &str = "x_quittance_customer";
const NAME: &str = "field_partner_customer";

/// Makes the field, or takes the one that is there.
pub async fn customer(admin: &mut Admin<'_>) -> Result<(), OdooError> {
    if admin.find_record(NAME).await?.is_some() {
        admin.note(ChangeKind::Keep, NAME, "the contact's field for its Stripe customer");
        return Ok(());
    }
    let there = json!([["model", "=", "res.partner"], ["name", "=", CUSTOMER]]);
    if let Some(found) = admin.rows("ir.model.fields", there, &["name"], None).await?.first() {
        return admin.map("ir.model.fields", NAME, id(found), "the contact's field for its Stripe customer").await;
    }
    let values = [
        ("model_id/id", "base.model_res_partner".to_owned()),
        ("name", CUSTOMER.to_owned()),
        ("field_description", "Stripe customer".to_owned()),
        ("ttype", "char".to_owned()),
        ("state", "manual".to_owned()),
        ("index", "True".to_owned()),
        ("copied", "False".to_owned()),
    ];
    let detail = format!("field {CUSTOMER} of contacts");
    admin.create("ir.model.fields", NAME, &values, None, detail).await.map(drop)
}
