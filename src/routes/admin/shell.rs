//! The operator's page: the same for everybody who asks.

use super::answers::with_security_headers;
use crate::config::Config;
use crate::http::Response;

const SHELL: &str = include_str!("../../../public/admin.html");
/// Scripts, styles, images and connections of its own origin; shown in no frame; no text ever becomes markup.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// `GET /admin`.
pub fn page(config: &Config) -> Response {
    let body = SHELL.replace("{{WAYS}}", config.admin.login_ways());
    let headers = vec![("content-type".into(), "text/html; charset=utf-8".into())];
    with_security_headers(Response { status: 200, headers, body: body.into_bytes() })
        .with("content-security-policy", POLICY)
        .with("referrer-policy", "no-referrer")
        .with("x-frame-options", "DENY")
}
