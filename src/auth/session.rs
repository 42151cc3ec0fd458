//! A browser's session: begun with the token, kept as a cookie that scripts cannot read, ended by its owner or its time.

use super::caller::{Caller, clean_name, is_token, unauthorized};
use crate::config::Config;
use crate::config::admin::digest;
use crate::error::Error;
use crate::http::Request;
use crate::ledger::operator::actions::{self, AuditEntry};
use crate::ledger::operator::sessions::{self, Session};
use crate::ports::Runtime;

const COOKIE: &str = "quittance_admin";
/// How long one lasts, in seconds.
const LIFETIME_S: i64 = 8 * 3_600;

/// A session that began.
pub struct NewSession {
    pub caller: Caller,
    /// The header `Set-Cookie`.
    pub cookie: String,
}

/// Begins a session for who has the token.
pub async fn begin(rt: &Runtime, config: &Config, token: &str, name: &str) -> Result<NewSession, Error> {
    if !is_token(config.admin.token.as_ref(), token) {
        return Err(unauthorized());
    }
    let now = rt.clock.now();
    let id = rt.entropy.token() + &rt.entropy.token();
    let session = Session { who: format!("token:{}", clean_name(name)), until: now + LIFETIME_S };
    let begun = sessions::begin(&*rt.db, &digest(&["session", &id]), &fingerprint(config), &session, now).await;
    begun?;
    let entry = AuditEntry { who: &session.who, reason: "", now };
    actions::write_audit(&*rt.db, &entry, "sign_in", "session", None, Some("begun")).await?;
    let cookie = format!("{COOKIE}={id}; Path=/admin; Max-Age={LIFETIME_S}; HttpOnly; Secure; SameSite=Strict");
    Ok(NewSession { caller: caller(session, &id), cookie })
}

/// The session that a request's cookie names.
pub async fn find_session(rt: &Runtime, config: &Config, request: &Request) -> Result<Caller, Error> {
    let Some(id) = cookie(request).filter(|_| config.admin.token.is_some()) else { return Err(unauthorized()) };
    let found =
        sessions::find_session(&*rt.db, &digest(&["session", id]), &fingerprint(config), rt.clock.now()).await?;
    found.map(|session| caller(session, id)).ok_or_else(unauthorized)
}

/// Ends it; gives the header that takes the cookie away.
pub async fn end(rt: &Runtime, caller: &Caller, request: &Request) -> Result<String, Error> {
    if let Some(id) = cookie(request).filter(|_| caller.via == "session") {
        sessions::end(&*rt.db, &digest(&["session", id])).await?;
        let entry = AuditEntry { who: &caller.who, reason: "", now: rt.clock.now() };
        actions::write_audit(&*rt.db, &entry, "sign_out", "session", None, Some("ended")).await?;
    }
    Ok(format!("{COOKIE}=; Path=/admin; Max-Age=0; HttpOnly; Secure; SameSite=Strict"))
}

fn caller(session: Session, id: &str) -> Caller {
    Caller { who: session.who, via: "session", csrf: Some(digest(&["csrf", id])), until: Some(session.until) }
}

/// A new token ends the sessions of the old one.
fn fingerprint(config: &Config) -> String {
    digest(&["token", config.admin.token.as_ref().map_or("", |token| token.reveal())])
}

fn cookie(request: &Request) -> Option<&str> {
    let pairs = request.header("cookie")?.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(name, _)| *name == COOKIE).map(|(_, value)| value).filter(|value| !value.is_empty())
}
