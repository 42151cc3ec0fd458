//! Odoo's own payment providers: refused beside us on the same Stripe account, and the record of our own.

use serde_json::{Value, json};

use super::admin::{Admin, one, text};
use super::company::Company;
use super::options::{ChangeKind, SetupOptions};
use crate::erp::odoo::error::{OdooError, OdooErrorKind};

const PROVIDER: &str = "payment.provider";

/// Two hands must not book the same money. Odoo's provider says its mode (`enabled` is live) but not its account, which
/// the caller asks Stripe for where it can.
pub async fn refuse_odoo_stripe(
    admin: &Admin<'_>,
    wish: &SetupOptions,
    companies: &[Company],
) -> Result<(), OdooError> {
    if wish.other_account || !has_providers(admin).await? {
        return Ok(());
    }
    let states = match wish.livemode {
        Some(true) => json!(["enabled"]),
        Some(false) => json!(["test"]),
        None => json!(["enabled", "test"]),
    };
    let family: Vec<i64> = companies.iter().flat_map(|c| c.branches.iter().copied().chain([c.id])).collect();
    let domain = json!([
        ["code", "=", "stripe"],
        ["state", "in", states],
        ["company_id", "in", family],
        ["id", "not in", wish.other_providers],
    ]);
    let rows = admin.rows(PROVIDER, domain, &["name", "company_id", "state"], None).await?;
    let Some(row) = rows.first() else { return Ok(()) };
    let (name, state) = (text(row, "name"), text(row, "state"));
    let company = one(row, "company_id").unwrap_or_default();
    Err(OdooError::new(
        OdooErrorKind::Refused,
        format!(
            "Odoo's own payment provider {name} of company {company} is in state {state} and would book the same money: disable it, or say --other-stripe-account if it serves another Stripe account."
        ),
    ))
}

/// A provider record without code: payment.transaction records hang on it, and Odoo's Refund button stays away.
pub async fn provider(admin: &mut Admin<'_>, company: i64) -> Result<(), OdooError> {
    let name = format!("provider_{company}");
    if !has_providers(admin).await? {
        return Err(OdooError::new(
            OdooErrorKind::Refused,
            "Payment transactions need the module account_payment; install it, or leave --transaction away.",
        ));
    }
    if admin.find_record(&name).await?.is_some() {
        admin.note(ChangeKind::Keep, &name, "our own provider record");
        return Ok(());
    }
    let values = [
        ("name", "Stripe (Quittance)".to_owned()),
        ("code", "none".to_owned()),
        ("state", "disabled".to_owned()),
        ("company_id/.id", company.to_string()),
    ];
    admin.create(PROVIDER, &name, &values, Some(company), "a provider record for payment transactions").await.map(drop)
}

async fn has_providers(admin: &Admin<'_>) -> Result<bool, OdooError> {
    let rows: Vec<Value> = admin.rows("ir.model", json!([["model", "=", PROVIDER]]), &["model"], None).await?;
    Ok(!rows.is_empty())
}
