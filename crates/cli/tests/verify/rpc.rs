//! The simulated Odoo's administrator.

use std::cell::RefCell;
use std::rc::Rc;

use quittance::http::Request;
use quittance_sim::Party;
use quittance_sim::odoo::{ADMIN_KEY, ADMIN_LOGIN, DATABASE, Odoo};
use serde_json::{Value, json};

pub struct Rpc {
    odoo: Rc<RefCell<Odoo>>,
    uid: i64,
}

impl Rpc {
    pub fn of(odoo: Rc<RefCell<Odoo>>) -> Self {
        let mut rpc = Self { odoo, uid: 0 };
        let who = json!([DATABASE, ADMIN_LOGIN, ADMIN_KEY, {}]);
        rpc.uid = rpc.service("common", "authenticate", who).as_i64().unwrap();
        rpc
    }

    fn service(&self, service: &str, method: &str, args: Value) -> Value {
        let params = json!({"service": service, "method": method, "args": args});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "call", "params": params}).to_string();
        let request = Request::new("POST", "http://127.0.0.1:8069/jsonrpc").with("content-type", "application/json");
        let answer = self.odoo.borrow_mut().handle(&request.body(body.into_bytes())).within(60_000).unwrap();
        let answer: Value = serde_json::from_slice(&answer.body).unwrap();
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    pub fn call(&self, model: &str, method: &str, args: Value) -> Value {
        self.service("object", "execute_kw", json!([DATABASE, self.uid, ADMIN_KEY, model, method, args, {}]))
    }

    /// A system parameter.
    pub fn set(&self, key: &str, value: &str) {
        self.call("ir.config_parameter", "create", json!([[{"key": key, "value": value}]]));
    }
}
