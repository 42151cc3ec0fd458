//! `/json/2`, the transport of Odoo 19 and later: the key alone says who calls, arguments are named, and errors
//! have a status of their own beside the exception's name.

use serde_json::{Map, Value, json};

use super::error::{OdooError, OdooErrorKind};
use crate::http::{Request, Response};

/// A call of a model's method.
pub fn request(
    url: &str,
    db: &str,
    key: &str,
    model: &str,
    method: &str,
    ids: Option<&[i64]>,
    mut named: Map<String, Value>,
) -> Request {
    if let Some(ids) = ids {
        named.insert("ids".into(), json!(ids));
    }
    Request::new("POST", format!("{url}/json/2/{model}/{method}"))
        .with("authorization", format!("bearer {key}"))
        .with("x-odoo-database", db)
        .with("content-type", "application/json")
        .body(Value::Object(named).to_string())
}

/// The bare value of an answer.
pub fn result(response: &Response) -> Result<Value, OdooError> {
    let value = serde_json::from_slice::<Value>(&response.body).ok();
    match (response.status, value) {
        (200, Some(value)) => Ok(value),
        (200, None) => Err(OdooError::new(OdooErrorKind::Protocol, "The answer is not JSON; check ODOO_URL.")),
        (status, Some(body)) => {
            let text = |field: &str| body.get(field).and_then(Value::as_str);
            Err(match text("name") {
                Some(name) => OdooError::from_exception(name, text("message").unwrap_or("")),
                None => OdooError::from_status(status),
            })
        }
        // Odoo's page for "no database is selected": a wrong name, one that is filtered out, or PostgreSQL is down.
        // A missing record is JSON.
        (404, None) => Err(OdooError::from_exception("psycopg2.OperationalError", "")),
        (status, None) => Err(OdooError::from_status(status)),
    }
}
