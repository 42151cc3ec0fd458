//! The labels of views in the languages that the database has. What dialogs say is chosen when they open (`open.py`).

use serde_json::{Map, Value, json};

use super::super::admin::{Admin, text};
use super::super::options::ChangeKind;
use crate::erp::odoo::error::OdooError;

/// English, language, translation.
const WORDS: [(&str, &str, &str); 6] = [
    ("Pay with Stripe", "fr", "Payer avec Stripe"),
    ("Pay with Stripe", "de", "Mit Stripe bezahlen"),
    ("Pay with Stripe", "es", "Pagar con Stripe"),
    ("Close", "fr", "Fermer"),
    ("Close", "de", "Schließen"),
    ("Close", "es", "Cerrar"),
];

const VIEW: &str = "ir.ui.view";

/// Translates one term of a view into every language in use that we speak.
pub async fn translate(admin: &mut Admin<'_>, name: &str, view: i64, term: &str) -> Result<(), OdooError> {
    let langs = admin.rows("res.lang", json!([["active", "=", true]]), &["code"], None).await?;
    let codes: Vec<&str> = langs.iter().map(|row| text(row, "code")).collect();
    let ours = WORDS.iter().filter(|(english, _, _)| *english == term);
    let wanted: Vec<(&str, &str)> = ours
        .flat_map(|(_, lang, word)| codes.iter().filter(|c| c.split('_').next() == Some(lang)).map(|c| (*c, *word)))
        .collect();
    let there =
        if view == 0 || wanted.is_empty() { Vec::new() } else { active_languages(admin, view, term, &wanted).await? };
    let missing: Vec<_> = wanted.into_iter().filter(|pair| !there.contains(pair)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let langs: Vec<&str> = missing.iter().map(|(code, _)| *code).collect();
    admin.note(ChangeKind::Update, name, format!("its labels in {}", langs.join(", ")));
    if admin.dry {
        return Ok(());
    }
    let pairs = missing.into_iter().map(|(code, word)| (code.to_owned(), json!({term: word})));
    let args = json!({"field_name": "arch_db", "translations": Map::from_iter(pairs)});
    admin.call(VIEW, "update_field_translations", Some(&[view]), args, None).await.map(drop)
}

/// Those of `wanted` that Odoo has.
async fn active_languages<'w>(
    admin: &Admin<'_>,
    view: i64,
    term: &str,
    wanted: &[(&'w str, &'w str)],
) -> Result<Vec<(&'w str, &'w str)>, OdooError> {
    let codes: Vec<&str> = wanted.iter().map(|(code, _)| *code).collect();
    let args = json!({"field_name": "arch_db", "langs": codes});
    let answer = admin.call(VIEW, "get_field_translations", Some(&[view]), args, None).await?;
    let rows = answer.get(0).and_then(Value::as_array).cloned().unwrap_or_default();
    let has = |code: &str, word: &str| {
        rows.iter().any(|row| text(row, "lang") == code && text(row, "source") == term && text(row, "value") == word)
    };
    Ok(wanted.iter().copied().filter(|(code, word)| has(code, word)).collect())
}
