//! The records, each with what set-up holds it to.

use serde_json::{Value, json};

use super::super::admin::{Admin, id, text};
use super::super::options::ChangeKind;
use super::parameters::Mode;
use super::record::UiRecord;
use super::{texts, translations};
use crate::erp::odoo::discover::MODULE;
use crate::erp::odoo::error::{OdooError, OdooErrorKind};

pub const ASSET: &str = "ui_asset";
const SCRIPT: &str = "ui_script_";
const EMBED: &str = "ui_embed_";
/// Views that hold a button: out of use while the buttons are off.
pub const BUTTONS: [&str; 2] = ["ui_form", "ui_portal"];

/// Everything but the script: safe in each mode, so that a change of mode is one parameter.
pub async fn make_records(admin: &mut Admin<'_>, mode: Mode) -> Result<(), OdooError> {
    let group = reference(admin, "account", "group_account_invoice").await?;
    let form = reference(admin, "account", "view_move_form").await?;
    let portal = reference(admin, "account", "portal_invoice_page").await?;
    let on = json!(mode != Mode::Off);
    admin.ensure(&field(group)).await?;
    let dialog = admin.ensure(&frame()).await?;
    let action = admin.ensure(&action(admin.session.major, group)).await?;
    let button = texts::form_view(action);
    let view = admin.ensure(&extension("ui_form", "the button on the invoice form", "form", form, button, &on)).await?;
    translations::translate(admin, "ui_form", view, "Pay with Stripe").await?;
    translations::translate(admin, "ui_frame", dialog, "Close").await?;
    let embed = served_script(EMBED, texts::EMBED);
    admin.ensure(&embed).await?;
    let button = texts::portal_view();
    admin
        .ensure(&extension("ui_portal", "the button on the portal's invoice page", "qweb", portal, button, &on))
        .await?;
    forget_others(admin, EMBED, &embed.name).await
}

fn action(major: i64, group: i64) -> UiRecord {
    let groups = if major >= 19 { "group_ids" } else { "groups_id" };
    UiRecord {
        model: "ir.actions.server",
        name: "ui_open".into(),
        detail: "what the form's button runs, for the group Invoicing".into(),
        born: vec![("name", "Pay with Stripe".into()), ("model_id/id", "account.model_account_move".into())],
        held: vec![("state", json!("code")), ("code", json!(texts::open())), (groups, json!([group]))],
    }
}

fn extension(name: &str, detail: &str, kind: &str, of: i64, arch: String, on: &Value) -> UiRecord {
    let mut born = vec![("name", format!("{MODULE}.{name}")), ("type", kind.into()), ("mode", "extension".into())];
    born.push(match kind {
        "form" => ("model", "account.move".into()),
        _ => ("key", format!("{MODULE}.{name}")),
    });
    UiRecord {
        model: "ir.ui.view",
        name: name.into(),
        detail: detail.into(),
        born,
        held: vec![("inherit_id", json!(of)), ("arch", json!(arch)), ("active", on.clone())],
    }
}

/// Computed, not stored, and empty unless the dialog asks: it costs nothing where it is not used.
fn field(group: i64) -> UiRecord {
    UiRecord {
        model: "ir.model.fields",
        name: "ui_frame_field".into(),
        detail: "the field of mode frame".into(),
        born: vec![
            ("name", "x_quittance_frame".into()),
            ("model_id/id", "account.model_account_move".into()),
            ("field_description", "Pay with Stripe".into()),
            ("ttype", "text".into()),
            ("state", "manual".into()),
            ("store", "0".into()),
            ("readonly", "1".into()),
            ("copied", "0".into()),
        ],
        held: vec![("compute", json!(texts::frame_code())), ("groups", json!([group]))],
    }
}

fn frame() -> UiRecord {
    // Of all forms the last: nobody gets it without asking for it.
    let born = [("name", "quittance.ui_frame"), ("type", "form"), ("mode", "primary"), ("priority", "1000")];
    UiRecord {
        model: "ir.ui.view",
        name: "ui_frame".into(),
        detail: "the dialog of mode frame".into(),
        born: born
            .into_iter()
            .map(|(field, cell)| (field, cell.to_owned()))
            .chain([("model", "account.move".into())])
            .collect(),
        held: vec![("arch", json!(texts::frame_view()))],
    }
}

/// The script, its place among the backend's assets, and no script of another version.
pub async fn script(admin: &mut Admin<'_>, active: bool) -> Result<(), OdooError> {
    let (piece, url) = (served_script(SCRIPT, texts::BACKEND), texts::BACKEND.url());
    let name = piece.name.clone();
    admin.ensure(&piece).await?;
    let mended = admin.changes.last().is_some_and(|change| change.act == ChangeKind::Update);
    let piece = UiRecord {
        model: "ir.asset",
        name: ASSET.into(),
        detail: format!("the script among the backend's assets, {}", if active { "in use" } else { "not in use" }),
        born: vec![("name", "quittance.ui_asset".into()), ("bundle", "web.assets_backend".into())],
        held: vec![("path", json!(url)), ("active", json!(active))],
    };
    let asset = admin.ensure(&piece).await?;
    if mended && !admin.dry {
        // Odoo puts the bundle together anew only when an asset is written.
        admin.write("ir.asset", asset, json!({"path": url})).await?;
    }
    forget_others(admin, SCRIPT, &name).await
}

/// A script as an attachment that Odoo serves to everybody.
fn served_script(prefix: &str, script: texts::Script) -> UiRecord {
    UiRecord {
        model: "ir.attachment",
        name: format!("{prefix}{}", script.hash()),
        detail: format!("the {} script {}", script.what, script.hash()),
        born: vec![("name", format!("quittance_{}.js", script.what)), ("type", "binary".into())],
        held: vec![
            ("url", json!(script.url())),
            ("mimetype", json!("text/javascript")),
            ("public", json!(true)),
            ("datas", json!(script.base64())),
        ],
    }
}

/// Takes the scripts of other versions away.
async fn forget_others(admin: &mut Admin<'_>, prefix: &str, name: &str) -> Result<(), OdooError> {
    for (old, row) in scripts(admin, prefix).await?.into_iter().filter(|(old, _)| old != name) {
        admin.note(ChangeKind::Remove, &old, "the script of another version");
        if !admin.dry {
            admin.call("ir.attachment", "unlink", Some(&[row]), json!({}), None).await?;
        }
    }
    Ok(())
}

/// External ids and ids of every script of ours of one kind.
async fn scripts(admin: &Admin<'_>, prefix: &str) -> Result<Vec<(String, i64)>, OdooError> {
    let like = format!("{prefix}%");
    let domain = json!([["module", "=", MODULE], ["model", "=", "ir.attachment"], ["name", "=like", like]]);
    let rows = admin.rows("ir.model.data", domain, &["name", "res_id"], None).await?;
    let read = |row: &Value| Some((text(row, "name").to_owned(), row.get("res_id")?.as_i64()?));
    Ok(rows.iter().filter_map(read).collect())
}

/// The record of another module's external id.
async fn reference(admin: &Admin<'_>, module: &str, name: &str) -> Result<i64, OdooError> {
    let domain = json!([["module", "=", module], ["name", "=", name]]);
    let rows = admin.rows("ir.model.data", domain, &["res_id"], None).await?;
    rows.first().and_then(|row| row.get("res_id")).and_then(Value::as_i64).ok_or_else(|| {
        OdooError::new(OdooErrorKind::Refused, format!("Odoo has no {module}.{name}: is the app Invoicing installed?"))
    })
}

/// Whether Odoo's script and its place are those of this version: what `doctor` asks.
pub async fn script_is_ours(admin: &Admin<'_>) -> Result<bool, OdooError> {
    let name = format!("{SCRIPT}{}", texts::BACKEND.hash());
    let (Some(script), Some(asset)) = (admin.find_record(&name).await?, admin.find_record(ASSET).await?) else {
        return Ok(false);
    };
    let content = admin.rows("ir.attachment", json!([["id", "=", script.id]]), &["datas", "url"], None).await?;
    let place = admin.rows("ir.asset", json!([["id", "=", asset.id]]), &["path"], None).await?;
    let url = texts::BACKEND.url();
    Ok(content
        .iter()
        .any(|row| id(row) == script.id && text(row, "datas") == texts::BACKEND.base64() && text(row, "url") == url)
        && place.iter().any(|row| text(row, "path") == url))
}
