//! The signing secrets of webhook endpoints, and what each may sign. `STRIPE_WEBHOOK_SECRETS` is a list of
//! `[live:|test:][connect:]whsec_…`: the mode of the secret's endpoint, and `connect:` where that one delivers the events of
//! connected accounts. Without a mode it is the mode of `STRIPE_API_KEY`, and test where that key tells none.

use std::collections::BTreeSet;

use super::secret::Secret;
use super::values::list;

const PREFIX: &str = "whsec_";
/// Stripe's have 32 characters after the prefix, those of its command line 64.
const CHARS_MIN: usize = 24;
/// Twenty-four hexadecimal digits by chance have fewer different ones about three times in 1,000,000,000.
const DISTINCT_CHARS_MIN: usize = 6;

/// A signing secret with the endpoint that it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningSecret {
    pub secret: Secret,
    pub endpoint: EndpointScope,
}

/// What a webhook endpoint delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndpointScope {
    pub livemode: bool,
    /// The events of connected accounts, and only those; else the events of the endpoint's own account, and only those.
    pub connect: bool,
}

impl EndpointScope {
    /// Whether such an endpoint delivers an event of this mode, which names an account (`connected`) or does not. Stripe
    /// also sends the test events of accounts connected in live mode to live Connect endpoints; their ledger is a live one,
    /// which books none of them, so `ledger` (the mode of `STRIPE_API_KEY`) must be live.
    pub fn delivers(self, livemode: bool, connected: bool, ledger: Option<bool>) -> bool {
        let test_of_live = self.livemode && self.connect && !livemode && ledger == Some(true);
        self.connect == connected && (self.livemode == livemode || test_of_live)
    }

    /// As it stands before its secret: `live:connect:`.
    pub fn prefix(self) -> String {
        let mode = if self.livemode { "live:" } else { "test:" };
        format!("{mode}{}", if self.connect { "connect:" } else { "" })
    }
}

/// The secrets of a list that can be used, and the positions, counted from 1, of those that cannot. `ledger` is the mode of
/// `STRIPE_API_KEY`, where it has one.
pub fn parse_secrets(text: Option<String>, ledger: Option<bool>) -> (Vec<SigningSecret>, Vec<usize>) {
    let mut secrets: Vec<SigningSecret> = Vec::new();
    let mut wrong = Vec::new();
    for (item, at) in list(text).iter().zip(1..) {
        match parse_secret(item, ledger).filter(|one| !secrets.iter().any(|known| contradicts(known, one))) {
            Some(one) => secrets.push(one),
            None => wrong.push(at),
        }
    }
    (secrets, wrong)
}

/// An endpoint has one mode, and so has its secret. One of either kind may be listed as both: a destination of Stripe's v2
/// API can deliver both.
fn contradicts(known: &SigningSecret, one: &SigningSecret) -> bool {
    known.secret == one.secret && known.endpoint.livemode != one.endpoint.livemode
}

fn parse_secret(item: &str, ledger: Option<bool>) -> Option<SigningSecret> {
    let (livemode, rest) = match (item.strip_prefix("live:"), item.strip_prefix("test:")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => (ledger == Some(true), item),
    };
    let (connect, secret) = rest.strip_prefix("connect:").map_or((false, rest), |rest| (true, rest));
    is_usable(secret)
        .then(|| SigningSecret { secret: Secret::new(secret), endpoint: EndpointScope { livemode, connect } })
}

/// `whsec_` and at least 24 characters that are not an ellipsis or one of a handful repeated.
fn is_usable(secret: &str) -> bool {
    secret.strip_prefix(PREFIX).is_some_and(|rest| {
        rest.len() >= CHARS_MIN
            && rest.bytes().all(|byte| byte.is_ascii_graphic())
            && !rest.contains("...")
            && rest.bytes().collect::<BTreeSet<_>>().len() >= DISTINCT_CHARS_MIN
    })
}

/// What is wrong with a list, without showing any of it; `None` when all of it can be used.
pub fn complaint(wrong: &[usize]) -> Option<String> {
    let positions = wrong.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    (!wrong.is_empty()).then(|| {
        format!(
            "STRIPE_WEBHOOK_SECRETS, position {positions}: not a signing secret (`live:` or `test:`, for connected accounts `connect:`, then whsec_ and at least {CHARS_MIN} characters; no secret has two modes); copy the whole of it from the endpoint in Stripe's dashboard, or take it out."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "whsec_0123456789abcdef01234567";
    const B: &str = "whsec_0123456789abcdef01234567ff";

    #[test]
    fn placeholders_are_no_secrets() {
        let text = format!(
            "whsec_...,{A} whsec_0123456789abcdef0123456\nwhsec_0123456789abcdef...0123456789abcdef,\
             whsec_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,sk_test_0123456789abcdef0123456789,whsec_0123456789abcdef…0123456789,{B}"
        );
        let (secrets, wrong) = parse_secrets(Some(text), Some(false));
        let known: Vec<&str> = secrets.iter().map(|one| one.secret.reveal()).collect();
        assert_eq!(known, [A, B]);
        assert_eq!(wrong, [1, 3, 4, 5, 6, 7]);
        let told = complaint(&wrong).unwrap_or_default();
        assert!(told.contains("position 1, 3, 4, 5, 6, 7:") && !told.contains("0123"), "{told}");
        assert_eq!((parse_secrets(None, None).1, complaint(&[])), (vec![], None));
    }

    #[test]
    fn a_secret_says_which_endpoint_it_is_of() {
        let endpoint =
            |item: &str, ledger| parse_secret(&item.replace('A', A), ledger).map(|one| one.endpoint.prefix());
        for (item, live_ledger, test_ledger, no_key) in [
            ("A", Some("live:"), Some("test:"), Some("test:")),
            ("connect:A", Some("live:connect:"), Some("test:connect:"), Some("test:connect:")),
            ("live:A", Some("live:"), Some("live:"), Some("live:")),
            ("test:connect:A", Some("test:connect:"), Some("test:connect:"), Some("test:connect:")),
            ("connect:live:A", None, None, None),
            ("live:test:A", None, None, None),
            ("LIVE:A", None, None, None),
            ("live: A", None, None, None),
        ] {
            for (ledger, expected) in [(Some(true), live_ledger), (Some(false), test_ledger), (None, no_key)] {
                assert_eq!(endpoint(item, ledger).as_deref(), expected, "{item} {ledger:?}");
            }
        }
        // One secret in two modes is a mistake of whoever wrote the list, which nobody can guess.
        assert_eq!(parse_secrets(Some(format!("live:{A},live:connect:{A},test:{A},test:{B}")), None).1, [3]);
    }

    #[test]
    fn what_an_endpoint_delivers() {
        let (live, test) = (Some(true), Some(false));
        for (prefix, livemode, connected, ledger, delivers) in [
            ("live:", true, false, live, true),
            ("live:", false, false, live, false),
            ("live:", true, true, live, false),
            ("live:", true, false, None, true),
            ("test:", false, false, test, true),
            ("test:", true, false, test, false),
            ("test:", true, false, live, false),
            ("test:connect:", false, true, test, true),
            ("test:connect:", false, false, test, false),
            ("test:connect:", true, true, live, false),
            ("live:connect:", true, true, live, true),
            ("live:connect:", true, false, live, false),
            ("live:connect:", false, true, live, true),
            ("live:connect:", false, true, test, false),
            ("live:connect:", false, true, None, false),
            ("live:connect:", false, false, live, false),
        ] {
            let endpoint = parse_secret(&format!("{prefix}{A}"), None).unwrap().endpoint;
            let given = endpoint.delivers(livemode, connected, ledger);
            assert_eq!(given, delivers, "{prefix} live {livemode} connected {connected} ledger {ledger:?}");
        }
    }
}
