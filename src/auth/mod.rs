//! Who is let in as an operator: by the token, by Cloudflare Access, or by a session that began with the token.
//! docs/ADMIN.md tells it to whoever calls.

mod caller;
mod jwt;
mod keys;
pub mod session;

pub use self::caller::Caller;
use self::caller::{clean_name, is_same_text, is_token, unauthorized};
use crate::config::Config;
use crate::config::admin::digest;
use crate::error::{Code, Error};
use crate::http::Request;
use crate::ports::{Limit, Runtime};

/// Where a caller of the command line says who sits there.
const OPERATOR: &str = "x-quittance-operator";
/// Where Cloudflare Access puts its word.
const ACCESS: &str = "cf-access-jwt-assertion";
/// Where a page repeats what it was told, so that no other page can act for it.
pub const CSRF: &str = "x-csrf-token";
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
