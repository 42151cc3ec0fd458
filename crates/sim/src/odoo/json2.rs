//! `/json/2/<model>/<method>` of Odoo 19: named arguments, bare values, errors by status and name.

use quittance::http::{Request, Response};
use serde_json::{Value, json};

use super::Odoo;
use super::call::Call;
use super::error::{self, Error, Result};
use super::fault::Fault;
use super::jsonrpc::{has_nul, is_json};
use super::store::Row;
use super::web;

impl Odoo {
    pub(super) fn json2(&mut self, request: &Request) -> Response {
        let db = request.header("x-odoo-database");
        let unreachable = self.dial.bends(Fault::DatabaseDown) || self.dial.bends(Fault::Html404);
        if unreachable || db.is_some_and(|db| db != self.db) {
            return web::html(404, "No database is selected and the requested URL was not found.");
        }
        if request.method == "POST" && !request.body.is_empty() && !is_json(request) {
            return web::html(415, "Request inferred type is compatible with ['http'].");
        }
        match self.json2_call(request) {
            Ok(value) => Response::json(200, &value.unwrap_or_default()),
            Err(e) => {
                let answer = Response::json(e.status, &e.data());
                if e.status == 401 { answer.with("www-authenticate", "Bearer") } else { answer }
            }
        }
    }

    fn json2_call(&mut self, request: &Request) -> Result<Option<Value>> {
        let uid = self.bearer(request)?;
        if request.method != "POST" {
            return Err(error::not_found("Did you mean POST /json/2/<model>/<method>?"));
        }
        let body: Value = if request.body.is_empty() {
            json!({})
        } else {
            serde_json::from_slice(&request.body).map_err(|e| unparsable(&e))?
        };
        let called = request.path().strip_prefix("/json/2/").unwrap_or("");
        let (model, method) = called.split_once('/').unwrap_or((called, ""));
        if self.schema.model(model).is_none() {
            return Err(error::not_found(format!("the model '{model}' does not exist")));
        }
        if has_nul(&body) {
            return Err(error::nul());
        }
        let body: Row = body.as_object().cloned().unwrap_or_default();
        let call = Call::by_name(model, method, &body, self.version)?;
        let result = self.run(uid, &call)?;
        // `create` of one dict gives a list here, and one id over /jsonrpc.
        Ok(match result {
            Some(id) if method == "create" && !id.is_array() => Some(json!([id])),
            other => other,
        })
    }

    fn bearer(&self, request: &Request) -> Result<i64> {
        let header = request.header("authorization").unwrap_or("");
        let (kind, key) = header.split_once(' ').unwrap_or(("", ""));
        if !kind.eq_ignore_ascii_case("bearer") {
            return Err(error::unauthorized(
                "User not authenticated, use an API Key with a Bearer Authorization header.",
            ));
        }
        self.key_of(key.trim()).ok_or_else(|| error::unauthorized("Invalid apikey"))
    }
}

fn unparsable(e: &serde_json::Error) -> Error {
    error::bad_request(format!("could not parse the body as json: {e}"))
}
