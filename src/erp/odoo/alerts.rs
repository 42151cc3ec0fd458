//! Input and answer of `show_alerts`.

use serde_json::{Value, json};

use crate::date;
use crate::erp::alert::Notices;

/// The procedure's input.
pub fn show_alerts_input(notices: &Notices) -> Value {
    let open = notices.open.iter();
    let open: Vec<Value> =
        open.map(|n| json!({"id": n.id, "summary": n.title, "what": n.what, "todo": n.todo})).collect();
    json!({"at": date::instant(notices.at), "user": notices.user, "alerts": open, "over": notices.over})
}

/// Whether the user was found who is to be asked.
pub fn is_user_known(value: &Value) -> bool {
    value.get("found").and_then(Value::as_bool).unwrap_or(true)
}
