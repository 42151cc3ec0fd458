//! A caller who is let in, and what his credential is compared with.

use sha2::{Digest, Sha256};

use crate::config::Secret;
use crate::error::{Code, Error};
use crate::hmac::is_equal;

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

/// Whether what was given is this token; none is never it.
pub fn is_token(token: Option<&Secret>, given: &str) -> bool {
    token.is_some_and(|token| is_same_text(given, token.reveal()))
}

/// Equality that takes as long wherever the two differ, and tells no length.
pub fn is_same_text(a: &str, b: &str) -> bool {
    is_equal(&Sha256::digest(a.as_bytes()).into(), &Sha256::digest(b.as_bytes()).into())
}

/// A name as it may stand in the audit.
pub fn clean_name(text: &str) -> String {
    let name: String =
        text.trim().chars().filter(|c| c.is_alphanumeric() || ".-_@ ".contains(*c)).take(NAME_CHARS_MAX).collect();
    if name.is_empty() { "operator".into() } else { name }
}

/// What an identity provider vouches for, as it is, but for what no line of text can hold.
pub fn clean_identity(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(IDENTITY_CHARS_MAX).collect()
}

/// Every credential that does not hold is refused alike.
pub fn unauthorized() -> Error {
    Error::of(Code::AdminUnauthorized)
}
