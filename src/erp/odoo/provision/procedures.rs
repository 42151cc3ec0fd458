//! What all companies share: the partner for money that nobody claims, and the procedures.

use serde_json::{Value, json};

use super::Act;
use super::admin::{Admin, text};
use crate::erp::odoo::error::{Kind, OdooError};
use crate::erp::odoo::procedure::{ALL, Procedure};

/// Who may run the procedures, as an external id.
const GROUP: (&str, &str) = ("account", "group_account_invoice");

/// The contacts of the books: whose the unallocated receipts are, Stripe itself, and who takes application fees.
pub async fn partners(admin: &mut Admin<'_>) -> Result<(), OdooError> {
    let unallocated = "a contact for payments that match no invoice";
    partner(admin, "partner_unallocated", "Stripe: payments to allocate", "0", unallocated).await?;
    partner(admin, "partner_stripe", "Stripe", "1", "the contact that fees and payouts name").await?;
    partner(admin, "partner_platform", "Stripe platform", "1", "the contact that application fees name").await
}

async fn partner(admin: &mut Admin<'_>, name: &str, title: &str, firm: &str, detail: &str) -> Result<(), OdooError> {
    if admin.named(name).await?.is_some() {
        admin.note(Act::Keep, name, detail);
        return Ok(());
    }
    let values = [("name", title.to_owned()), ("is_company", firm.to_owned())];
    admin.create("res.partner", name, &values, None, detail).await.map(drop)
}

/// Installs or upgrades every procedure.
pub async fn install(admin: &mut Admin<'_>) -> Result<(), OdooError> {
    for procedure in &ALL {
        one(admin, procedure).await?;
    }
    Ok(())
}

async fn one(admin: &mut Admin<'_>, procedure: &Procedure) -> Result<(), OdooError> {
    let name = format!("proc_{}", procedure.name);
    let field = if admin.session.major >= 19 { "group_ids" } else { "groups_id" };
    match admin.named(&name).await? {
        Some(found) => compare(admin, procedure, &name, found.id, field).await,
        None => {
            let values = [
                ("name", format!("Quittance: {}", procedure.name.replace('_', " "))),
                ("model_id/id", "account.model_account_move".to_owned()),
                ("state", "code".to_owned()),
                ("code", procedure.code()),
                (
                    if field == "group_ids" { "group_ids/id" } else { "groups_id/id" },
                    format!("{}.{}", GROUP.0, GROUP.1),
                ),
            ];
            let detail = format!("procedure {}, for the group Invoicing", short(procedure.hash));
            admin.create("ir.actions.server", &name, &values, None, detail).await.map(drop)
        }
    }
}

/// An installed procedure is upgraded when its text or its group is not ours.
async fn compare(
    admin: &mut Admin<'_>,
    procedure: &Procedure,
    name: &str,
    action: i64,
    field: &str,
) -> Result<(), OdooError> {
    let rows = admin.rows("ir.actions.server", json!([["id", "=", action]]), &["code", "state", field], None).await?;
    let group = invoicing(admin).await?;
    let code = procedure.code();
    let same = rows.first().is_some_and(|row| {
        text(row, "code").trim_end() == code.trim_end()
            && text(row, "state") == "code"
            && row.get(field) == Some(&json!([group]))
    });
    if same {
        admin.note(Act::Keep, name, format!("procedure {}", short(procedure.hash)));
        return Ok(());
    }
    admin.note(Act::Update, name, format!("procedure {} from now on", short(procedure.hash)));
    if admin.dry {
        return Ok(());
    }
    let values = json!({"code": code, "state": "code", field: [[6, 0, [group]]]});
    admin.write("ir.actions.server", action, values).await
}

async fn invoicing(admin: &Admin<'_>) -> Result<i64, OdooError> {
    let domain = json!([["module", "=", GROUP.0], ["name", "=", GROUP.1]]);
    let rows = admin.rows("ir.model.data", domain, &["res_id"], None).await?;
    rows.first().and_then(|row| row.get("res_id")).and_then(Value::as_i64).ok_or_else(|| {
        OdooError::new(Kind::Refused, "The app Invoicing (module account) is not installed in this database.")
    })
}

/// Enough of a hash to tell texts apart by eye.
fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
