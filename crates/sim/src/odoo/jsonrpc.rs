//! `/jsonrpc`: HTTP 200 for everything that an application says, errors included.

use quittance::http::{Request, Response};
use serde_json::{Value, json};

use super::Odoo;
use super::call::Call;
use super::error::{self, Result};
use super::fault::Fault;
use super::num;
use super::web;

impl Odoo {
    pub(super) fn jsonrpc(&mut self, request: &Request) -> Response {
        if request.method != "POST" || !is_json(request) {
            return web::html(self.version.wrong_type_status(), "The content type does not fit the route.");
        }
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
            let mut page = web::html(400, "");
            page.body = b"Invalid JSON data".to_vec();
            return page;
        };
        let mut answer = json!({"jsonrpc": "2.0", "id": body.get("id")});
        let result = self.service(body.get("params").unwrap_or(&Value::Null));
        let member = match result {
            Ok(None) => return Response::json(200, &answer),
            Ok(Some(value)) => ("result", value),
            Err(e) => {
                let code = self.version.error_code();
                ("error", json!({"code": code, "message": "Odoo Server Error", "data": e.data()}))
            }
        };
        if let Some(fields) = answer.as_object_mut() {
            fields.insert(member.0.to_owned(), member.1);
        }
        Response::json(200, &answer)
    }

    fn service(&mut self, params: &Value) -> Result<Option<Value>> {
        let text = |name: &str| params.get(name).and_then(Value::as_str);
        let args = params.get("args").and_then(Value::as_array);
        let (Some(service), Some(method), Some(args)) = (text("service"), text("method"), args) else {
            return Err(error::type_error(
                "jsonrpc() missing 3 required positional arguments: 'service', 'method', and 'args'",
            ));
        };
        let at = |n: usize| args.get(n).cloned().unwrap_or_default();
        match (service, method) {
            ("common", "version") => Ok(Some(json!({"server_version": self.version.serie(),
                "server_version_info": self.version_info(), "server_serie": self.version.serie(),
                "protocol_version": 1}))),
            ("common", "authenticate" | "login") => {
                self.reach(&at(0))?;
                let uid = self.login(at(1).as_str().unwrap_or(""), at(2).as_str().unwrap_or(""));
                Ok(Some(uid.map_or(json!(false), |uid| json!(uid))))
            }
            ("object", "execute_kw") => {
                self.reach(&at(0))?;
                let uid = num::int(&at(1)).unwrap_or_default();
                if !self.accepts(uid, at(2).as_str().unwrap_or("")) {
                    return Err(error::denied());
                }
                if has_nul(&at(5)) || has_nul(&at(6)) {
                    return Err(error::nul());
                }
                self.execute(uid, at(3).as_str().unwrap_or(""), at(4).as_str().unwrap_or(""), &at(5), &at(6))
            }
            ("common" | "object" | "db", _) => Err(error::key_error(method)),
            _ => Err(error::key_error(service)),
        }
    }

    fn execute(&mut self, uid: i64, model: &str, method: &str, args: &Value, kwargs: &Value) -> Result<Option<Value>> {
        if self.schema.model(model).is_none() {
            return Err(error::user(format!("Object {model} doesn't exist")));
        }
        let args = args.as_array().map_or(&[][..], Vec::as_slice);
        let kwargs = kwargs.as_object().cloned().unwrap_or_default();
        let call = Call::positional(model, method, args, &kwargs, self.version)?;
        self.run(uid, &call)
    }

    /// The database must exist and answer.
    fn reach(&self, db: &Value) -> Result<()> {
        let named = db.as_str().unwrap_or("");
        if self.dial.bends(Fault::DatabaseDown) {
            return Err(error::database_down());
        }
        if named != self.db || self.dial.bends(Fault::Html404) {
            return Err(error::database_missing(named));
        }
        Ok(())
    }
}

/// Whether any text in it holds a NUL, which PostgreSQL refuses in whatever statement it would come to.
pub fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

pub fn is_json(request: &Request) -> bool {
    let kind = request.header("content-type").unwrap_or("");
    kind.split(';').next().is_some_and(|k| k.trim() == "application/json")
}

/// What a fault rule may name: the path, and `model.method` of the call.
pub fn label(request: &Request) -> String {
    let path = request.path();
    if let Some(called) = path.strip_prefix("/json/2/") {
        return format!("{path} {}", called.replace('/', "."));
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let text = |at: &str| body.pointer(at).and_then(Value::as_str).unwrap_or("").to_owned();
    match text("/params/service").as_str() {
        "object" => format!("{path} {}.{}", text("/params/args/3"), text("/params/args/4")),
        service => format!("{path} {service}.{}", text("/params/method")),
    }
}
