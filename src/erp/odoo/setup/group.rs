//! The group of the Worker's user, which alone may call the procedures: whoever else keeps books in Odoo does so in Odoo.

use serde_json::{Value, json};

use super::admin::{Admin, id, text};
use super::options::ChangeKind;
use crate::erp::odoo::error::{OdooError, OdooErrorKind};

/// The external id without its module; `procedures/_head.py` asks for it.
pub const GROUP: &str = "group_worker";
const MODEL: &str = "res.groups";
const USERS: &str = "res.users";

/// Makes the group and puts the Worker's user into it. Its id, 0 where it would be made in a dry run.
pub async fn worker(admin: &mut Admin<'_>, login: &str) -> Result<i64, OdooError> {
    let there = admin.find_record(GROUP).await?;
    let group = match &there {
        Some(found) => {
            admin.note(ChangeKind::Keep, GROUP, "the group whose members may run the procedures");
            found.id
        }
        None => {
            let values = [("name", "Quittance Worker".to_owned())];
            let detail = "the group whose members may run the procedures";
            admin.create(MODEL, GROUP, &values, None, detail).await?
        }
    };
    let field = field(admin);
    let users = admin.rows(USERS, json!([["login", "=", login]]), &[field], None).await?;
    let Some(user) = users.first() else {
        return Err(OdooError::new(OdooErrorKind::Refused, format!("Odoo has no user {login}.")));
    };
    let groups = user.get(field).and_then(Value::as_array).into_iter().flatten();
    if group == 0 || !groups.filter_map(Value::as_i64).any(|one| one == group) {
        if there.is_some() {
            admin.note(ChangeKind::Update, GROUP, format!("its member {login}"));
        }
        if !admin.dry {
            admin.write(USERS, id(user), json!({ field: [[4, group]] })).await?;
        }
    }
    others(admin, group, login).await?;
    Ok(group)
}

/// Another Worker's user, or one of whom somebody has forgotten.
async fn others(admin: &mut Admin<'_>, group: i64, login: &str) -> Result<(), OdooError> {
    let domain = json!([[field(admin), "in", [group]], ["login", "!=", login]]);
    let rows = if group == 0 { Vec::new() } else { admin.rows(USERS, domain, &["login"], None).await? };
    let others: Vec<&str> = rows.iter().map(|row| text(row, "login")).collect();
    if !others.is_empty() {
        let others = others.join(", ");
        admin
            .notes
            .push(format!("the group Quittance Worker also has {others}: take out whoever is not a Worker's user"));
    }
    Ok(())
}

/// 19 renamed it, on users and on actions.
pub fn field(admin: &Admin<'_>) -> &'static str {
    if admin.session.major >= 19 { "group_ids" } else { "groups_id" }
}
