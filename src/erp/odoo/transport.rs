//! Calls of Odoo's models, the same for every version and transport.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::error::{OdooError, OdooErrorKind};
use super::{json2, jsonrpc};
use crate::config::{Odoo, Secret};
use crate::http::{Request, Response};
use crate::ports::Http;

/// One call waits at most this long, in milliseconds: a contended row keeps Odoo busy for up to a minute.
pub const TIMEOUT_MS: u32 = 60_000;
/// The first major version with `/json/2`.
const JSON2_SINCE: i64 = 19;

/// Finding the way waits less: nothing is booked by it, and it must fit into the lease beside the booking itself.
pub const PROBE_TIMEOUT_MS: u32 = 10_000;

/// Who calls, and where.
#[derive(Clone)]
pub struct Client {
    pub http: Rc<dyn Http>,
    pub url: String,
    pub db: String,
    pub login: String,
    pub key: Secret,
    /// Longest wait for one call, in milliseconds.
    pub timeout: u32,
}

/// What calling needs to know of the server; found once and then remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Major version, 17 …
    pub major: i64,
    /// The user's id; 0 where the transport does not need it (`/json/2`).
    pub uid: i64,
}

impl Client {
    /// The user and database that the settings name.
    pub fn new(odoo: &Odoo, http: Rc<dyn Http>) -> Self {
        let (url, db, login, key) = (odoo.url.clone(), odoo.db.clone(), odoo.login.clone(), odoo.api_key.clone());
        Self { http, url, db, login, key, timeout: TIMEOUT_MS }
    }

    /// The same, in more of a hurry.
    pub fn with_timeout(&self, timeout: u32) -> Self {
        Self { timeout, ..self.clone() }
    }

    /// Asks for the version and logs in.
    pub async fn open(&self) -> Result<Session, OdooError> {
        let major = self.version().await?;
        if major >= JSON2_SINCE {
            return Ok(Session { major, uid: 0 });
        }
        let who = json!([self.db, self.login, self.key.reveal(), {}]);
        // A wrong login is `false`, not an error.
        match self.service("common", "authenticate", who).await?.as_i64() {
            Some(uid) => Ok(Session { major, uid }),
            None => Err(OdooError::from_exception("odoo.exceptions.AccessDenied", "")),
        }
    }

    /// The major version. `/jsonrpc` says it in 17, 18 and 19; what comes after may have `/json/version` alone.
    async fn version(&self) -> Result<i64, OdooError> {
        let response = self.send(jsonrpc::request(&self.url, "common", "version", json!([]))).await?;
        let answer = if response.status == 404 {
            let response = self.send(Request::new("GET", format!("{}/json/version", self.url))).await?;
            json2::result(&response).map_err(|_| OdooError::from_status(404))?
        } else {
            jsonrpc::result(&response)?
        };
        ["/server_version_info/0", "/version_info/0"].iter().find_map(|at| major(answer.pointer(at)?)).ok_or_else(
            || OdooError::new(OdooErrorKind::Protocol, "The server does not say Odoo's version; check ODOO_URL."),
        )
    }

    /// A call of one of `/jsonrpc`'s services.
    async fn service(&self, service: &str, method: &str, args: Value) -> Result<Value, OdooError> {
        jsonrpc::result(&self.send(jsonrpc::request(&self.url, service, method, args)).await?)
    }

    /// Calls a method of a model on records (`ids`) or on the model itself. `named` are its arguments by name.
    pub async fn call(
        &self,
        session: Session,
        model: &str,
        method: &str,
        ids: Option<&[i64]>,
        named: Map<String, Value>,
    ) -> Result<Value, OdooError> {
        let key = self.key.reveal();
        if session.major >= JSON2_SINCE {
            let request = json2::request(&self.url, &self.db, key, model, method, ids, named);
            return json2::result(&self.send(request).await?);
        }
        let args = jsonrpc::execute((&self.db, session.uid, key), model, method, ids, named);
        self.service("object", "execute_kw", args).await
    }

    async fn send(&self, mut request: Request) -> Result<Response, OdooError> {
        request.body = without_nul(request.body);
        Ok(self.http.send(request, self.timeout).await?)
    }
}

/// PostgreSQL takes no NUL in any text: Odoo answers such a call with a ValueError, and books nothing of it. Where one came
/// this far, U+FFFD goes in its place. `json` is as serde_json writes it, which escapes NUL.
fn without_nul(json: Vec<u8>) -> Vec<u8> {
    const NUL: &[u8] = br"\u0000";
    if !json.windows(NUL.len()).any(|at| at == NUL) {
        return json;
    }
    let mut clean = Vec::with_capacity(json.len());
    let mut rest = json.as_slice();
    while let Some((first, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(NUL) {
            clean.extend_from_slice(br"\ufffd");
            rest = after;
        } else if let ([b'\\', ..], Some((pair, after))) = (rest, rest.split_at_checked(2)) {
            clean.extend_from_slice(pair);
            rest = after;
        } else {
            clean.push(*first);
            rest = after;
        }
    }
    clean
}

/// `18`, or `"saas~18"` as Odoo Online writes it.
fn major(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.rsplit('~').next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_nul_is_sent() {
        for text in ["", "plain", "a\0b\0", "\\\0", "a literal \\u0000 stays", "\\\\\0\"\n"] {
            let sent = without_nul(json!({ text: [text] }).to_string().into_bytes());
            let read: Value = serde_json::from_slice(&sent).unwrap();
            let meant = text.replace('\0', "\u{fffd}");
            assert_eq!(read, json!({ meant.clone(): [meant] }), "{text:?}");
        }
    }
}
