//! The forms that values have.

use super::Get;
use crate::error::{Code, Error};

/// https, or plain http on this machine only: a key must not travel in the open.
pub fn url(text: String, name: &str) -> Result<String, Error> {
    let text = text.trim_end_matches('/').to_owned();
    if local(&text) || (text.starts_with("https://") && text.len() > "https://".len()) {
        Ok(text)
    } else {
        Err(Error::new(Code::ConfigInvalid, format!("{name} starts with https:// (http:// only for 127.0.0.1).")))
    }
}

/// Plain http to this machine.
pub fn local(text: &str) -> bool {
    ["http://127.0.0.1", "http://localhost", "http://[::1]"]
        .iter()
        .any(|l| text.strip_prefix(l).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/'])))
}

pub fn flag(get: &Get, name: &str, default: bool) -> Result<bool, Error> {
    match get(name).as_deref() {
        None => Ok(default),
        Some("true" | "1" | "yes") => Ok(true),
        Some("false" | "0" | "no") => Ok(false),
        Some(_) => Err(Error::new(Code::ConfigInvalid, format!("{name} is `true` or `false`."))),
    }
}

/// Items separated by commas or white space.
pub fn list(text: Option<String>) -> Vec<String> {
    text.unwrap_or_default().split([',', ' ', '\n', '\t']).filter(|s| !s.is_empty()).map(str::to_owned).collect()
}
