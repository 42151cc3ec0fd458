//! Who may look and act as an operator, and who is told when something wants a person.

use sha2::{Digest, Sha256};

use super::expiry::{self, Expiry};
use super::secret::Secret;
use super::setting::{Get, Lenient, Setting};
use super::settings;
use super::strength::{self, is_strong};

/// The operator's settings. Each is off where it is not set; a value that cannot be used is alerted.
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
    /// `EXPIRES`: dates on which secrets end.
    pub expires: Vec<Expiry>,
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
    pub(super) fn read(lenient: &mut Lenient, get: &Get) -> Self {
        Self {
            token: token(lenient, get, &settings::ADMIN_TOKEN),
            metrics: token(lenient, get, &settings::METRICS_TOKEN),
            access: access(lenient, get),
            alert_url: lenient.value(settings::ALERT_URL.endpoint(get)).flatten(),
            alert_secret: settings::ALERT_SECRET.text(get).map(Secret::new),
            expires: lenient.value(expiry::parse_expiries(settings::EXPIRES.text(get))).unwrap_or_default(),
            activity: match settings::ODOO_ALERTS.text(get).as_deref() {
                None | Some("false" | "0" | "no") => None,
                Some("true" | "1" | "yes") => Some(Assignee::Maker),
                Some(login) => Some(Assignee::Login(login.to_owned())),
            },
            address: lenient.value(settings::WORKER_URL.url(get)).flatten(),
            silence: silence(lenient, get),
        }
    }

    /// Nobody can get in: then there is nothing to see.
    pub fn is_off(&self) -> bool {
        self.token.is_none() && self.access.is_none()
    }

    /// The ways in, as the page is told: `token access`.
    pub fn login_ways(&self) -> &'static str {
        match (self.token.is_some(), self.access.is_some()) {
            (true, true) => "token access",
            (true, false) => "token",
            (false, true) => "access",
            (false, false) => "",
        }
    }
}

/// Both settings or neither.
fn access(lenient: &mut Lenient, get: &Get) -> Option<Access> {
    let (team, audiences) = (settings::ACCESS_TEAM, settings::ACCESS_AUDIENCE.list(get));
    let address = lenient.value(team.url(get))?;
    match (address, audiences.is_empty()) {
        (Some(team), false) => Some(Access { team, audiences }),
        (None, true) => None,
        (Some(_), true) => lenient.value(Err(team.wrong("needs ACCESS_AUDIENCE, which is not set"))),
        (None, false) => {
            let audience = settings::ACCESS_AUDIENCE;
            lenient.value(Err(audience.wrong("needs ACCESS_TEAM, which is not set")))
        }
    }
}

fn token(lenient: &mut Lenient, get: &Get, setting: &Setting) -> Option<Secret> {
    let text = setting.text(get)?;
    let strong = if is_strong(&text) { Ok(Secret::new(text)) } else { Err(setting.wrong(strength::FORM)) };
    lenient.value(strong)
}

/// A week without any webhook is no pause that a business plans for.
const SILENCE_MAX: i64 = 7 * 86_400;

fn silence(lenient: &mut Lenient, get: &Get) -> i64 {
    let setting = settings::ALERT_SILENCE;
    let seconds = lenient.value(setting.number(get, 1, SILENCE_MAX));
    seconds.or_else(|| setting.default.parse().ok()).unwrap_or(SILENCE_MAX)
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

    fn both(pairs: &[(&str, &str)]) -> (Admin, Vec<String>) {
        let mut lenient = Lenient::default();
        let get = |name: &str| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        let admin = Admin::read(&mut lenient, &get);
        (admin, lenient.0.into_iter().map(|wrong| wrong.name).collect())
    }

    fn read(pairs: &[(&str, &str)]) -> Admin {
        both(pairs).0
    }

    #[test]
    fn a_wrong_value_is_named_and_switches_nothing_else_off() {
        let good = ("ADMIN_TOKEN", "N3kq0cXw1v8y7ZbR5tUeJ2mPqL9sDfGh");
        assert!(both(&[good]).1.is_empty());
        for (name, value) in [
            ("ALERT_URL", "hooks.slack.com/services/x"),
            ("ALERT_SILENCE", "1h"),
            ("ALERT_SILENCE", "0"),
            ("ACCESS_TEAM", "example.cloudflareaccess.com"),
            ("ACCESS_TEAM", "https://example.cloudflareaccess.com"),
            ("ACCESS_AUDIENCE", "tag"),
            ("METRICS_TOKEN", "short"),
            ("EXPIRES", "soon"),
            ("WORKER_URL", "quittance.example.workers.dev"),
        ] {
            let (admin, wrong) = both(&[good, (name, value)]);
            assert_eq!((admin.login_ways(), wrong), ("token", vec![name.to_owned()]), "{name}={value}");
            assert_eq!(admin.silence, 3_600);
        }
    }

    #[test]
    fn what_is_too_short_or_half_is_off() {
        assert!(read(&[]).is_off());
        assert!(read(&[("ADMIN_TOKEN", "N3kq0cXw1v8y7ZbR5tUeJ2mPqL9sDfG")]).is_off(), "31 characters");
        assert!(read(&[("ADMIN_TOKEN", "01234567890123456789012345678901")]).is_off(), "one that repeats itself");
        assert_eq!(read(&[("ADMIN_TOKEN", "N3kq0cXw1v8y7ZbR5tUeJ2mPqL9sDfGh")]).login_ways(), "token");
        let team = ("ACCESS_TEAM", "https://example.cloudflareaccess.com/");
        assert!(read(&[team]).is_off(), "an audience is needed");
        assert!(read(&[("ACCESS_TEAM", "http://example.com"), ("ACCESS_AUDIENCE", "a")]).is_off());
        let access = read(&[team, ("ACCESS_AUDIENCE", "one,two")]).access.unwrap();
        assert_eq!((access.team.as_str(), access.audiences.len()), ("https://example.cloudflareaccess.com", 2));
    }
}
