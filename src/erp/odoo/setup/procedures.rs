//! What all companies share: the partner for money that nobody claims, and the procedures.

use serde_json::json;

use super::admin::{Admin, text};
use super::group;
use super::options::ChangeKind;
use crate::erp::odoo::discover::MODULE;
use crate::erp::odoo::error::OdooError;
use crate::erp::odoo::procedure::{ALL, Procedure};

/// The contacts of the books: whose the unallocated receipts are, Stripe itself, and who takes application fees.
pub async fn partners(admin: &mut Admin<'_>) -> Result<(), OdooError> {
    let unallocated = "a contact for payments that match no invoice";
    partner(admin, "partner_unallocated", "Stripe: payments to allocate", "0", unallocated).await?;
    partner(admin, "partner_stripe", "Stripe", "1", "the contact that fees and payouts name").await?;
    partner(admin, "partner_platform", "Stripe platform", "1", "the contact that application fees name").await
}

async fn partner(admin: &mut Admin<'_>, name: &str, title: &str, firm: &str, detail: &str) -> Result<(), OdooError> {
    if admin.find_record(name).await?.is_some() {
        admin.note(ChangeKind::Keep, name, detail);
        return Ok(());
    }
    let values = [("name", title.to_owned()), ("is_company", firm.to_owned())];
    admin.create("res.partner", name, &values, None, detail).await.map(drop)
}

/// Installs or upgrades every procedure, for the members of a group (its id).
pub async fn install(admin: &mut Admin<'_>, group: i64) -> Result<(), OdooError> {
    for procedure in &ALL {
        install_one(admin, procedure, group).await?;
    }
    Ok(())
}

async fn install_one(admin: &mut Admin<'_>, procedure: &Procedure, group: i64) -> Result<(), OdooError> {
    let name = format!("proc_{}", procedure.name);
    let field = group::field(admin);
    match admin.find_record(&name).await? {
        Some(found) => compare(admin, procedure, &name, found.id, group).await,
        None => {
            let values = [
                ("name", format!("Quittance: {}", procedure.name.replace('_', " "))),
                ("model_id/id", "account.model_account_move".to_owned()),
                ("state", "code".to_owned()),
                ("code", procedure.code()),
                (
                    if field == "group_ids" { "group_ids/id" } else { "groups_id/id" },
                    format!("{MODULE}.{}", group::GROUP),
                ),
            ];
            let detail = format!("procedure {}, for the group Quittance Worker", short(procedure.hash));
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
    group: i64,
) -> Result<(), OdooError> {
    let field = group::field(admin);
    let rows = admin.rows("ir.actions.server", json!([["id", "=", action]]), &["code", "state", field], None).await?;
    let code = procedure.code();
    let same = rows.first().is_some_and(|row| {
        text(row, "code").trim_end() == code.trim_end()
            && text(row, "state") == "code"
            && row.get(field) == Some(&json!([group]))
    });
    if same {
        admin.note(ChangeKind::Keep, name, format!("procedure {}", short(procedure.hash)));
        return Ok(());
    }
    admin.note(ChangeKind::Update, name, format!("procedure {} from now on", short(procedure.hash)));
    if admin.dry {
        return Ok(());
    }
    let values = json!({"code": code, "state": "code", field: [[6, 0, [group]]]});
    admin.write("ir.actions.server", action, values).await
}

/// Enough of a hash to tell texts apart by eye.
fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
