//! The purchase tax that lines of fees carry, when the user names one: its grids and reverse charge are Odoo's.

use serde_json::{Value, json};

use super::admin::{Admin, id, text};
use super::company::Company;
use super::options::{ChangeKind, SetupOptions};
use crate::erp::odoo::error::{OdooError, OdooErrorKind};

const MODEL: &str = "account.tax";

/// Maps the tax, takes the mapping away (`none`), or leaves what is there.
pub async fn fees(admin: &mut Admin<'_>, wish: &SetupOptions, company: &Company) -> Result<(), OdooError> {
    let name = format!("tax_fees_{}", company.id);
    match wish.fee_tax.as_deref() {
        None => {
            if admin.find_record(&name).await?.is_some() {
                admin.note(ChangeKind::Keep, &name, "the purchase tax of Stripe's fees");
            }
            Ok(())
        }
        Some("none") => admin.unmap(&name, "lines of fees carry no tax from now on").await,
        Some(wanted) => {
            let tax = find(admin, wanted, company).await?;
            let detail = format!("the purchase tax {} (id {}), for lines of fees", text(&tax, "name"), id(&tax));
            admin.map(MODEL, &name, id(&tax), &detail).await
        }
    }
}

async fn find(admin: &Admin<'_>, wanted: &str, company: &Company) -> Result<Value, OdooError> {
    let domain = json!([["type_tax_use", "=", "purchase"], ["company_id", "=", company.id], ["active", "=", true]]);
    let all = admin.rows(MODEL, domain, &["name"], Some(company.id)).await?;
    let fits = |row: &&Value| text(row, "name") == wanted || id(row).to_string() == wanted;
    let found: Vec<&Value> = all.iter().filter(fits).collect();
    let refuse = |detail: String| Err(OdooError::new(OdooErrorKind::Refused, detail));
    match found.as_slice() {
        [only] => Ok((*only).clone()),
        [] => {
            let known: Vec<String> = all.iter().map(|row| format!("{:?} ({})", text(row, "name"), id(row))).collect();
            refuse(format!("Company {} has no purchase tax {wanted:?}; it has {}.", company.id, known.join(", ")))
        }
        several => {
            let ids: Vec<String> = several.iter().map(|row| id(row).to_string()).collect();
            let ids = ids.join(", ");
            refuse(format!("Several purchase taxes are named {wanted:?}: give the id, one of {ids}."))
        }
    }
}
