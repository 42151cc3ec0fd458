//! The reconciliation model that gives a bank line of a payout the in-transit account as its counterpart. Applying it
//! is Enterprise's; Community only keeps it.

use serde_json::json;

use super::admin::Admin;
use super::company::Company;
use super::options::ChangeKind;
use crate::erp::odoo::error::OdooError;

const MODEL: &str = "account.reconcile.model";
/// Banks print Stripe's name on the line of a payout. Case does not matter to Odoo.
const LABEL: &str = "stripe";

/// Makes the model and its line. What somebody changed in them stays; only the account is kept right.
pub async fn payouts(admin: &mut Admin<'_>, company: &Company, transit: i64) -> Result<(), OdooError> {
    let name = format!("model_payout_{}", company.id);
    let model = match admin.find_record(&name).await? {
        Some(found) => {
            admin.note(ChangeKind::Keep, &name, "the reconciliation model of payouts");
            found.id
        }
        None => {
            let mut values = vec![
                ("name", "Stripe payout".to_owned()),
                ("sequence", "5".to_owned()),
                ("match_label", "contains".to_owned()),
                ("match_label_param", LABEL.to_owned()),
                ("company_id/.id", company.id.to_string()),
            ];
            // 19 knows by its conditions that a model may be proposed.
            if admin.session.major < 19 {
                values.push(("rule_type", "writeoff_suggestion".to_owned()));
            }
            let detail = format!("reconciliation model: bank lines with \"{LABEL}\" go to the in-transit account");
            admin.create(MODEL, &name, &values, Some(company.id), detail).await?
        }
    };
    line(admin, company, model, transit).await
}

async fn line(admin: &mut Admin<'_>, company: &Company, model: i64, transit: i64) -> Result<(), OdooError> {
    let name = format!("model_payout_line_{}", company.id);
    let values = [
        ("model_id/.id", model.to_string()),
        ("account_id/.id", transit.to_string()),
        ("amount_type", "percentage".to_owned()),
        ("amount_string", "100".to_owned()),
        ("label", "Stripe payout".to_owned()),
    ];
    const LINE: &str = "account.reconcile.model.line";
    let Some(found) = admin.find_record(&name).await? else {
        let detail = "its line: the whole amount to the in-transit account";
        return admin.create(LINE, &name, &values, Some(company.id), detail).await.map(drop);
    };
    let rows = admin.rows(LINE, json!([["id", "=", found.id]]), &["account_id"], Some(company.id)).await?;
    if rows.first().and_then(|row| super::admin::one(row, "account_id")) == Some(transit) {
        admin.note(ChangeKind::Keep, &name, "its line: the whole amount to the in-transit account");
        return Ok(());
    }
    admin.note(ChangeKind::Update, &name, "its line leads to the in-transit account of now");
    match admin.dry {
        true => Ok(()),
        false => admin.write(LINE, found.id, json!({"account_id": transit})).await,
    }
}
