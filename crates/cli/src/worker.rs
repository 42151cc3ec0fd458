//! The Worker's own API for operators (docs/ADMIN.md), as the commands ask it.

use std::rc::Rc;

use quittance::config::Secret;
use quittance::http::{Request, escape};
use quittance::ports::Http;
use serde_json::Value;

use crate::fail::{CommandError, CommandResult};
use crate::odoo_ui;
use crate::ports::{block_on, pause};
use crate::settings::Settings;

/// One request waits at most this long, in milliseconds: assigning asks the ERP, which may take a minute.
const TIMEOUT: u32 = 90_000;
/// How often it waits where too much was asked, and how long, in milliseconds.
const PATIENCE: usize = 3;
const WAIT: u64 = 20_000;

/// The Worker at WORKER_URL, asked with ADMIN_TOKEN.
pub struct Worker {
    origin: String,
    token: Secret,
    who: String,
    http: Rc<dyn Http>,
}

impl Worker {
    /// From the settings; asks for what is missing where a person sits.
    pub fn new(settings: &Settings, http: Rc<dyn Http>) -> CommandResult<Self> {
        let url = settings.required("WORKER_URL", None, "the Worker's address, https://…")?;
        let origin = odoo_ui::origin(&url, "WORKER_URL")?;
        let token = settings.secret("ADMIN_TOKEN", "the Worker's token for operators, at least 32 characters")?;
        let who = settings.get("QUITTANCE_OPERATOR").or_else(|| settings.get("USER")).unwrap_or("operator").to_owned();
        Ok(Self { origin, token, who, http })
    }

    /// `GET /admin/api/{path}`.
    pub fn get(&self, path: &str) -> CommandResult<Value> {
        self.ask("GET", path, Vec::new())
    }

    /// `POST /admin/api/{path}`.
    pub fn post(&self, path: &str, body: &Value) -> CommandResult<Value> {
        self.ask("POST", path, body.to_string().into_bytes())
    }

    fn ask(&self, method: &str, path: &str, body: Vec<u8>) -> CommandResult<Value> {
        let request = Request::new(method, format!("{}/admin/api/{path}", self.origin))
            .with("authorization", format!("Bearer {}", self.token.reveal()))
            .with("x-quittance-operator", self.who.as_str())
            .with("content-type", "application/json")
            .body(body);
        for _ in 0..PATIENCE {
            let answer = block_on(self.http.send(request.clone(), TIMEOUT));
            let answer =
                answer.map_err(|fault| CommandError::new(format!("{} does not answer: {fault:?}.", self.origin)))?;
            let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            match answer.status {
                200 => return Ok(said),
                429 => pause(WAIT),
                status => return Err(self.refused(status, &said)),
            }
        }
        Err(CommandError::new("The Worker was asked too often; try again in a minute."))
    }

    fn refused(&self, status: u16, said: &Value) -> CommandError {
        let text = |name: &str| said.pointer(&format!("/error/{name}")).and_then(Value::as_str);
        let sentence = match (status, text("code")) {
            (401, _) => {
                "The Worker does not take this ADMIN_TOKEN; it must be the one that `quittance setup secrets` stored."
                    .into()
            }
            (404, _) if text("detail").is_none() => {
                format!(
                    "{} has no API for operators: set ADMIN_TOKEN (at least 32 characters) there, and deploy this version.",
                    self.origin
                )
            }
            (_, Some(code)) => format!("{} [{code}]", text("detail").or(text("message")).unwrap_or_default()),
            (_, None) => format!("{} answered HTTP {status}, which is not the API for operators.", self.origin),
        };
        CommandError::new(sentence)
    }
}

/// A text as a part of a path or a query.
pub fn part(text: &str) -> String {
    escape(text)
}
