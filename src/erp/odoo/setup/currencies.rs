//! Settlement currencies must be active in Odoo.

use serde_json::{Value, json};

use super::admin::{Admin, id};
use super::company::Company;
use super::options::{Change, ChangeKind};
use crate::erp::odoo::error::{OdooError, OdooErrorKind};

const MODEL: &str = "res.currency";

/// The id of a currency, which is activated when it is not. Notes when Odoo has no rate of it.
pub async fn activate(admin: &mut Admin<'_>, code: &str, company: &Company) -> Result<i64, OdooError> {
    let rows = admin.rows(MODEL, json!([["name", "=", code]]), &["active"], None).await?;
    let Some(row) = rows.first() else {
        let detail = format!("Odoo has no currency {code}; a settlement currency is its three letters, such as EUR.");
        return Err(OdooError::new(OdooErrorKind::Refused, detail));
    };
    let currency = id(row);
    if row.get("active") != Some(&Value::Bool(true)) {
        let detail = format!("currency {code} is active from now on");
        admin.changes.push(Change { act: ChangeKind::Update, name: format!("res.currency {code}"), detail });
        if !admin.dry {
            admin.write(MODEL, currency, json!({"active": true})).await?;
        }
    }
    let domain = json!([["currency_id", "=", currency], ["company_id", "in", [false, company.id]]]);
    if admin.rows("res.currency.rate", domain, &["rate"], Some(company.id)).await?.is_empty() {
        admin.notes.push(format!(
            "Odoo has no rate of {code} in company {}: enter one, until then nothing is booked in it",
            company.id
        ));
    }
    Ok(currency)
}
