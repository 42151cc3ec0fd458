//! Who is let in as an operator: by the token, by Cloudflare Access, or by a session that began with the token.
//! docs/ADMIN.md tells it to whoever calls.

mod jwt;
mod keys;
pub mod session;

use sha2::{Digest, Sha256};

use crate::config::admin::digest;
use crate::config::{Config, Secret};
use crate::error::{Code, Error};
use crate::hmac::is_equal;
use crate::http::Request;
use crate::ports::{Limit, Runtime};

/// Where a caller of the command line says who sits there.
const OPERATOR: &str = "x-quittance-operator";
/// Where Cloudflare Access puts its word.
const ACCESS: &str = "cf-access-jwt-assertion";
/// Where a page repeats what it was told, so that no other page can act for it.
pub const CSRF: &str = "x-csrf-token";
/// The longest name of an operator.
const NAME_CHARS_MAX: usize = 40;
/// The longest e-mail address.
const IDENTITY_CHARS_MAX: usize = 254;

/// Somebody who is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// As the audit has it: `token:alice`, `access:alice@example.com`.
    pub who: String,
    /// `token`, `access` or `session`.
    pub via: &'static str,
    /// What an action has to repeat; `None` where no browser sends credentials by itself.
    pub csrf: Option<String>,
    /// When it ends, in seconds; `None` for the bare token.
    pub until: Option<i64>,
}

/// Lets a request in, or says why not. Every refusal of a credential looks the same. `client` is whom limits count.
pub async fn admit(rt: &Runtime, config: &Config, request: &Request, client: &str) -> Result<Caller, Error> {
    if let Some(bearer) = bearer(request) {
        return match is_token(config.admin.token.as_ref(), bearer) {
            true => Ok(Caller {
                who: format!("token:{}", clean_name(request.header(OPERATOR).unwrap_or(""))),
                via: "token",
                csrf: None,
                until: None,
            }),
            false => {
                count_guess(rt, client).await;
                Err(unauthorized())
            }
        };
    }
    // A browser says where a request comes from; what came by itself from another site is nobody's wish.
    if request.header("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(unauthorized());
    }
    if let (Some(access), Some(jwt)) = (&config.admin.access, request.header(ACCESS)) {
        let claims = jwt::verify(rt, access, jwt).await.ok_or_else(unauthorized)?;
        return Ok(Caller {
            who: format!("access:{}", claims.who),
            via: "access",
            csrf: Some(digest(&["csrf", jwt])),
            until: Some(claims.exp),
        });
    }
    session::find_session(rt, config, request).await
}

/// What a wrong token costs its client of the requests that he has in a minute: 300 (wrangler.toml) for ten, as of attempts
/// to sign in. Whoever guesses more often is refused whatever he has, until the minute is over.
const GUESSES_PER_REQUEST: usize = 30;

/// Counts a wrong token; the request itself is counted already.
pub async fn count_guess(rt: &Runtime, client: &str) {
    for _ in 1..GUESSES_PER_REQUEST {
        rt.limits.allow(Limit::AdminClient, client).await;
    }
}

/// What changes anything by a credential that browsers send by themselves repeats the CSRF token.
pub fn check_csrf(caller: &Caller, request: &Request) -> Result<(), Error> {
    match &caller.csrf {
        Some(csrf) if !is_same_text(request.header(CSRF).unwrap_or(""), csrf) => Err(Error::of(Code::CsrfInvalid)),
        _ => Ok(()),
    }
}

/// Whether a scraper may read the metrics; `None` when nobody may.
pub fn may_scrape(config: &Config, request: &Request) -> Option<bool> {
    let tokens = [config.admin.metrics.as_ref(), config.admin.token.as_ref()];
    tokens.iter().any(Option::is_some).then(|| {
        let bearer = bearer(request).unwrap_or("");
        // Both are compared, whichever fits.
        tokens.map(|token| is_token(token, bearer)).contains(&true)
    })
}

fn bearer(request: &Request) -> Option<&str> {
    request.header("authorization")?.strip_prefix("Bearer ").map(str::trim)
}

fn is_token(token: Option<&Secret>, given: &str) -> bool {
    token.is_some_and(|token| is_same_text(given, token.reveal()))
}

/// Equality that takes as long wherever the two differ, and tells no length.
fn is_same_text(a: &str, b: &str) -> bool {
    is_equal(&Sha256::digest(a.as_bytes()).into(), &Sha256::digest(b.as_bytes()).into())
}

/// A name as it may stand in the audit.
fn clean_name(text: &str) -> String {
    let name: String =
        text.trim().chars().filter(|c| c.is_alphanumeric() || ".-_@ ".contains(*c)).take(NAME_CHARS_MAX).collect();
    if name.is_empty() { "operator".into() } else { name }
}

/// What an identity provider vouches for, as it is, but for what no line of text can hold.
fn clean_identity(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(IDENTITY_CHARS_MAX).collect()
}

fn unauthorized() -> Error {
    Error::of(Code::AdminUnauthorized)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        assert_eq!(clean_name(" alice@example.com "), "alice@example.com");
        assert_eq!(clean_name("<b>\n\"x\""), "bx");
        assert_eq!(clean_name(""), "operator");
        assert_eq!(clean_name(&"a".repeat(99)).len(), 40);
    }
}
