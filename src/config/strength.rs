//! Which shared secrets are secrets: chosen by chance, and each for one purpose.

use std::collections::BTreeSet;

use super::setting::Get;
use super::settings;
use crate::error::{Code, Error};

/// Secrets below this can be guessed; the same length that a `whsec_` has after its prefix.
pub const CHARS_MIN: usize = 32;
/// What a wrong one is told.
pub const FORM: &str = "has at least 32 characters, made by chance: `openssl rand -base64 32` makes one";
/// The secrets of whoever operates: none of them is needed to book.
pub(super) const OPERATORS: [&str; 3] = ["ADMIN_TOKEN", "METRICS_TOKEN", "ALERT_SECRET"];
/// Thirty-two hexadecimal digits by chance have fewer different ones about four times in 100,000,000.
const DISTINCT_CHARS_MIN: usize = 8;

/// Whether a text can be what chance has made: long enough, of enough different characters, and not a shorter text repeated.
pub fn is_strong(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let different = characters.iter().collect::<BTreeSet<_>>().len();
    let repeats = |of: usize| characters.iter().zip(characters.iter().skip(of)).all(|(a, b)| a == b);
    characters.len() >= CHARS_MIN && different >= DISTINCT_CHARS_MIN && !(1..=characters.len() / 2).any(repeats)
}

/// The settings that two names have in common: the names in the order of the table, without any value. Whoever is given a
/// secret for one purpose would have it for another.
pub(super) fn reused_pair(get: &Get) -> Option<(String, String)> {
    const OTHERS: [&str; 3] = ["RPC_SECRET", "STRIPE_API_KEY", "ODOO_API_KEY"];
    let mut all: Vec<(String, String)> = Vec::new();
    let signing = settings::STRIPE_WEBHOOK_SECRETS.list(get);
    let signing: BTreeSet<&str> = signing.iter().filter_map(|item| item.rsplit(':').next()).collect();
    let named = OPERATORS.iter().chain(&OTHERS).filter_map(|name| Some((*name, get(name)?)));
    let signing = signing.into_iter().map(|secret| ("STRIPE_WEBHOOK_SECRETS", secret.to_owned()));
    for (name, secret) in named.chain(signing) {
        if let Some((first, _)) = all.iter().find(|(_, known)| *known == secret) {
            return Some((first.clone(), name.to_owned()));
        }
        all.push((name.to_owned(), secret));
    }
    None
}

/// The error of a secret that serves twice.
pub(super) fn reuse_error(first: &str, second: &str) -> Error {
    let detail =
        format!("{first} and {second} are the same: give each a secret of its own (`openssl rand -base64 32`).");
    Error::new(Code::ConfigInvalid, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_chance_did_not_make_is_no_secret() {
        for good in [
            "0f3c9a5d7e1b2846f0a1c3e5d7b9826455aa01ff",
            "N3kq0cXw1v8y7ZbR5tUeJ2mPqL9sDfGh",
            "a secret of more than thirty-two characters",
        ] {
            assert!(is_strong(good), "{good}");
        }
        for bad in [
            "",
            "0123456789012345678901234567890",
            &"a".repeat(32),
            &"ab".repeat(40),
            &"01234567".repeat(4),
            &"change-me-now-please!".repeat(2),
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabcdefg",
            "0123456789012345678901234567890123",
        ] {
            assert!(!is_strong(bad), "{bad}");
        }
    }

    #[test]
    fn one_secret_for_two_purposes_names_both() {
        let secret = "N3kq0cXw1v8y7ZbR5tUeJ2mPqL9sDfGh";
        let both = |one: &'static str, other: &'static str| {
            reused_pair(&move |name| match name {
                name if name == one || name == other => Some(secret.to_owned()),
                "STRIPE_WEBHOOK_SECRETS" => Some("test:whsec_a,test:connect:whsec_a".to_owned()),
                _ => None,
            })
        };
        for (one, other) in [
            ("ADMIN_TOKEN", "METRICS_TOKEN"),
            ("ADMIN_TOKEN", "ALERT_SECRET"),
            ("METRICS_TOKEN", "RPC_SECRET"),
            ("ADMIN_TOKEN", "ODOO_API_KEY"),
            ("RPC_SECRET", "STRIPE_WEBHOOK_SECRETS"),
        ] {
            assert_eq!(both(one, other), Some((one.to_owned(), other.to_owned())));
            let error = reuse_error(one, other);
            assert!(error.detail.contains(one) && error.detail.contains(other) && !error.detail.contains(secret));
        }
        assert_eq!(both("ADMIN_TOKEN", "ADMIN_TOKEN"), None);
    }
}
