//! The routes beside RPC: health and version. Everything else is a page that a client must not mistake for data.

use quittance::http::{Request, Response};
use serde_json::{Value, json};

use super::Odoo;
use super::fault::Fault;
use super::version::Version;

/// Every company's.
const LOGO: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 32" width="120" height="32"><rect width="32" height="32" rx="8" fill="#5b4b8a"/><path d="M9 17l5 5 9-12" fill="none" stroke="#fff" stroke-width="3"/><text x="40" y="22" font-family="sans-serif" font-size="16" fill="#5b4b8a">Example</text></svg>"##;

impl Odoo {
    pub(super) fn web(&self, request: &Request) -> Response {
        match (request.method.as_str(), request.path()) {
            ("GET", "/web/health") => {
                let asks = request.query().contains("db_server_status=1") && self.version > Version::V17;
                if asks && self.dial.bends(Fault::DatabaseDown) {
                    return plain_json(500, &json!({"status": "fail", "db_server_status": false}));
                }
                plain_json(200, &json!({"status": "pass"}))
            }
            ("GET", "/web/version" | "/json/version") if self.version == Version::V19 => {
                Response::json(200, &json!({"version_info": self.version_info(), "version": self.version.serie()}))
            }
            ("GET", "/logo.png") => Response {
                status: 200,
                headers: vec![("content-type".into(), "image/svg+xml; charset=utf-8".into())],
                body: LOGO.as_bytes().to_vec(),
            },
            _ => html(404, "The requested URL was not found on the server."),
        }
    }

    /// `[18, 0, 0, "final", 0, ""]`.
    pub(super) fn version_info(&self) -> Value {
        json!([self.version.major(), 0, 0, "final", 0, ""])
    }
}

/// An HTML page.
pub fn html(status: u16, says: &str) -> Response {
    let body = format!("<!doctype html>\n<html lang=en>\n<title>{status}</title>\n<p>{says}</p>\n");
    Response {
        status,
        headers: vec![("content-type".into(), "text/html; charset=utf-8".into())],
        body: body.into_bytes(),
    }
}

fn plain_json(status: u16, body: &Value) -> Response {
    let headers = vec![("content-type".into(), "application/json".into())];
    Response { status, headers, body: body.to_string().into_bytes() }
}
