//! The sequence that each booking draws a number from, so that a database that was set back shows: PostgreSQL keeps it apart
//! from what a transaction does, and a backup has it as it was.

use serde_json::json;

use super::admin::Admin;
use super::options::ChangeKind;
use crate::erp::odoo::error::OdooError;

const MODEL: &str = "ir.sequence";

/// Makes the sequence of a root company. One that cannot serve any more is left alone, and another takes its place: its marks
/// begin above all that were drawn before (`procedures/_record.py`).
pub async fn sequence(admin: &mut Admin<'_>, company: i64) -> Result<(), OdooError> {
    let name = format!("sequence_mark_{company}");
    let detail = "the mark of the bookings, by which a restored backup shows";
    if let Some(found) = admin.find_record(&name).await? {
        // Of another implementation it has no sequence of PostgreSQL's.
        let standard = json!([["id", "=", found.id], ["implementation", "=", "standard"]]);
        if found.model == MODEL && !admin.rows(MODEL, standard, &["name"], None).await?.is_empty() {
            admin.note(ChangeKind::Keep, &name, detail);
            return Ok(());
        }
        admin.unmap(&name, "it is no sequence, or one without gaps").await?;
    }
    let values = [("name", "Quittance: mark of the bookings".to_owned()), ("implementation", "standard".to_owned())];
    admin.create(MODEL, &name, &values, Some(company), detail).await.map(drop)
}
