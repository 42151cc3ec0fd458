//! Who may look and act as an operator, and who is told when something wants a person.

use sha2::{Digest, Sha256};

use super::expires::{self, Expiry};
use super::strength::is_strong;
use super::values::{endpoint, list, url};
use super::{Get, Secret};
use crate::error::Error;

/// Seconds without a webhook, while Stripe lists events, after which somebody is told.
const SILENCE: i64 = 3_600;

/// The operator's settings. Each is off where it is not set, or not of a form that can be used.
#[derive(Clone, Debug)]
pub struct Admin {
    /// `ADMIN_TOKEN`, at least 32 characters made by chance.
    pub token: Option<Secret>,
    /// `METRICS_TOKEN`, the same: reads `/metrics` and nothing else.
    pub metrics: Option<Secret>,
    /// `ACCESS_TEAM` and `ACCESS_AUDIENCE`.
    pub access: Option<Access>,
    /// `ALERT_URL`: where alerts are posted.
    pub alert_url: Option<String>,
    /// `ALERT_SECRET`: signs them.
    pub alert_secret: Option<Secret>,
    /// `ALERT_SILENCE`: seconds without a webhook while Stripe lists events. Default an hour.
    pub silence: i64,
    /// `EXPIRES`: dates on which secrets end. One that cannot be read is told as an alert, and stops nothing else.
    pub expires: Result<Vec<Expiry>, Error>,
    /// `ODOO_ALERTS`: alerts are also an activity in Odoo, for this user.
    pub activity: Option<Assignee>,
    /// `WORKER_URL`: this Worker's own address, by which an endpoint at Stripe is known that set-up did not make.
    pub address: Option<String>,
}

/// Who gets the activity of an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assignee {
    /// `true`: whoever made the Stripe journal, mostly by running set-up.
    Maker,
    /// The user with this login.
    Login(String),
}

/// Cloudflare Access in front of the Worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// `https://example.cloudflareaccess.com`: issuer of the JWTs, and where its keys are.
    pub team: String,
    /// Audience tags of the application.
    pub audiences: Vec<String>,
}

impl Admin {
    pub(super) fn read(get: &Get) -> Self {
        let token = |name: &str| get(name).filter(|text| is_strong(text)).map(Secret::new);
        let audiences = list(get("ACCESS_AUDIENCE"));
        let team = get("ACCESS_TEAM").and_then(|team| url(team, "ACCESS_TEAM").ok());
        Self {
            token: token("ADMIN_TOKEN"),
            metrics: token("METRICS_TOKEN"),
            access: team.filter(|_| !audiences.is_empty()).map(|team| Access { team, audiences }),
            alert_url: get("ALERT_URL").and_then(|to| endpoint(to, "ALERT_URL").ok()),
            alert_secret: get("ALERT_SECRET").map(Secret::new),
            expires: expires::read(get("EXPIRES")),
            activity: match get("ODOO_ALERTS").as_deref() {
                None | Some("false" | "0" | "no") => None,
                Some("true" | "1" | "yes") => Some(Assignee::Maker),
                Some(login) => Some(Assignee::Login(login.to_owned())),
            },
            address: get("WORKER_URL").and_then(|own| url(own, "WORKER_URL").ok()),
            silence: get("ALERT_SILENCE").and_then(|s| s.parse().ok()).filter(|s| *s > 0).unwrap_or(SILENCE),
        }
    }

    /// Nobody can get in: then there is nothing to see.
    pub fn is_off(&self) -> bool {
        self.token.is_none() && self.access.is_none()
    }

    /// The ways in, as the page is told: `token access`.
    pub fn ways(&self) -> &'static str {
        match (self.token.is_some(), self.access.is_some()) {
            (true, true) => "token access",
            (true, false) => "token",
            (false, true) => "access",
            (false, false) => "",
        }
    }
}

/// SHA-256 in hex: what is kept of a secret.
pub fn digest(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    hex::encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Admin {
        Admin::read(&|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn what_is_too_short_or_half_is_off() {
        assert!(read(&[]).is_off());
        assert!(read(&[("ADMIN_TOKEN", "N3kq0cXw1v8y7ZbR5tUeJ2mPqL9sDfG")]).is_off(), "31 characters");
        assert!(read(&[("ADMIN_TOKEN", "01234567890123456789012345678901")]).is_off(), "one that repeats itself");
        assert_eq!(read(&[("ADMIN_TOKEN", "N3kq0cXw1v8y7ZbR5tUeJ2mPqL9sDfGh")]).ways(), "token");
        let team = ("ACCESS_TEAM", "https://example.cloudflareaccess.com/");
        assert!(read(&[team]).is_off(), "an audience is needed");
        assert!(read(&[("ACCESS_TEAM", "http://example.com"), ("ACCESS_AUDIENCE", "a")]).is_off());
        let access = read(&[team, ("ACCESS_AUDIENCE", "one,two")]).access.unwrap();
        assert_eq!((access.team.as_str(), access.audiences.len()), ("https://example.cloudflareaccess.com", 2));
    }
}
