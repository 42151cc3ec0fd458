//! `/jsonrpc`, the transport of Odoo 17 and 18. Every error of Odoo's is HTTP 200 with `error.data.name`; the
//! `error.code` beside it differs between versions and says nothing.

use serde_json::{Map, Value, json};

use super::error::{OdooError, OdooErrorKind};
use crate::http::{Request, Response};

/// A call of a service: `common`, `db` or `object`.
pub fn request(url: &str, service: &str, method: &str, args: Value) -> Request {
    let params = json!({"service": service, "method": method, "args": args});
    let body = json!({"jsonrpc": "2.0", "method": "call", "id": 1, "params": params});
    Request::new("POST", format!("{url}/jsonrpc")).with("content-type", "application/json").body(body.to_string())
}

/// The arguments of `object.execute_kw`. `ids` stand first. The values of create and write stand by position: 17 looks
/// for the former there, and models do not agree on the latter's name (`ir.model.data.write(values)`).
pub fn execute(
    who: (&str, i64, &str),
    model: &str,
    method: &str,
    ids: Option<&[i64]>,
    mut named: Map<String, Value>,
) -> Value {
    let (db, uid, key) = who;
    let values = ["vals_list", "vals"].into_iter().find_map(|name| named.remove(name));
    let positional: Vec<Value> = ids.map(|ids| json!(ids)).into_iter().chain(values).collect();
    json!([db, uid, key, model, method, positional, named])
}

/// The `result` of an answer.
pub fn result(response: &Response) -> Result<Value, OdooError> {
    let Ok(Value::Object(mut body)) = serde_json::from_slice(&response.body) else {
        return Err(match response.status {
            200 => OdooError::new(OdooErrorKind::Protocol, "The answer is not JSON-RPC; check ODOO_URL."),
            status => OdooError::from_status(status),
        });
    };
    if let Some(error) = body.get("error") {
        let text = |field: &str| error.pointer(&format!("/data/{field}")).and_then(Value::as_str);
        return Err(match text("name") {
            Some(name) => OdooError::from_exception(name, text("message").unwrap_or("")),
            None => OdooError::new(OdooErrorKind::Protocol, "The answer is an error without a name; check ODOO_URL."),
        });
    }
    match body.remove("result") {
        Some(value) => Ok(value),
        // A method that returns None has no result at all.
        None if body.contains_key("jsonrpc") => Ok(Value::Null),
        None => Err(OdooError::new(OdooErrorKind::Protocol, "The answer is not JSON-RPC; check ODOO_URL.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_by_position_and_all_else_by_name() {
        let who = ("db", 2, "key");
        let named = |value: Value| value.as_object().cloned().unwrap_or_default();
        let write = execute(who, "ir.model.data", "write", Some(&[7]), named(json!({"vals": {"a": 1}, "context": {}})));
        assert_eq!(write, json!(["db", 2, "key", "ir.model.data", "write", [[7], {"a": 1}], {"context": {}}]));
        let read = execute(who, "m", "search_read", None, named(json!({"domain": []})));
        assert_eq!(read, json!(["db", 2, "key", "m", "search_read", [], {"domain": []}]));
    }
}
