//! The pay page's shell and the script that embeds it: files of `public/` with what only the Worker knows, its settings.
//! Neither depends on the invoice: a stranger sees what everybody sees.

use crate::config::Config;
use crate::http::Response;

const SHELL: &str = include_str!("../../public/pay.html");
const EMBED: &str = include_str!("../../public/embed.js");

/// Where Stripe's scripts, frames and API are. Source: docs.stripe.com/security/guide, content security policy.
struct Hosts<'a> {
    scripts: String,
    frames: String,
    api: &'a str,
    /// Stripe.js of the pinned train.
    url: String,
}

impl<'a> Hosts<'a> {
    /// Stripe's own, or the simulated one's where STRIPE_API_BASE is on this machine.
    fn from_config(config: &'a Config) -> Self {
        match config.delivery.as_ref().map(|delivery| &delivery.stripe) {
            Ok(stripe) if stripe.simulated() => Self {
                scripts: stripe.base.clone(),
                frames: stripe.base.clone(),
                api: &stripe.base,
                url: format!("{}/endive/stripe.js", stripe.base),
            },
            _ => Self {
                scripts: "https://js.stripe.com https://*.js.stripe.com".into(),
                frames: "https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com".into(),
                api: "https://api.stripe.com",
                url: "https://js.stripe.com/endive/stripe.js".into(),
            },
        }
    }
}

/// `GET /pay/{invoice}`.
pub fn shell(config: &Config) -> Response {
    let hosts = Hosts::from_config(config);
    let origins = origins(config);
    let ancestors = if origins.is_empty() { "'none'".to_owned() } else { origins.join(" ") };
    let policy = format!(
        "default-src 'none'; script-src 'self' {}; style-src 'self'; img-src 'self' data:; connect-src 'self' {}; \
         frame-src {}; frame-ancestors {ancestors}; base-uri 'none'; form-action 'none'",
        hosts.scripts, hosts.api, hosts.frames
    );
    let body = SHELL.replace("{{STRIPE_JS}}", &hosts.url).replace("{{EMBED_ORIGINS}}", &origins.join(" "));
    text("text/html; charset=utf-8", body)
        .with("content-security-policy", policy)
        .with("referrer-policy", "strict-origin")
        .with("x-content-type-options", "nosniff")
        .with("cache-control", "no-store")
}

/// `GET /embed.js`. Any page may read it: a browser compares it with the hash that a page names only then.
pub fn embed(config: &Config) -> Response {
    text("text/javascript; charset=utf-8", embed_script(origins(config)))
        .with("cache-control", "public, max-age=300")
        .with("cross-origin-resource-policy", "cross-origin")
        .with("access-control-allow-origin", "*")
        .with("x-content-type-options", "nosniff")
}

/// The script with the origins whose pages may open the dialog.
pub fn embed_script(origins: &[String]) -> String {
    EMBED.replacen("/*EMBED_ORIGINS*/ []", &serde_json::json!(origins).to_string(), 1)
}

fn origins(config: &Config) -> &[String] {
    config.pay.as_ref().map_or(&[], |pay| &pay.embed_origins)
}

fn text(media_type: &str, body: String) -> Response {
    Response { status: 200, headers: vec![("content-type".into(), media_type.into())], body: body.into_bytes() }
}
