//! The signing secrets that this machine knows, and of which endpoint each is. Stripe tells a secret once and the
//! Worker tells none, so an endpoint carries the fingerprint of its own.

use std::collections::BTreeSet;

use quittance::config::{SigningSecret, livemode, webhook};
use quittance::stripe::endpoint::fingerprint;

use super::SETUP_KEY;
use super::endpoint::Endpoint;
use crate::secrets::SecretStore;
use crate::settings::Settings;

/// Name of the signing secrets among the Worker's variables.
pub const SECRETS: &str = "STRIPE_WEBHOOK_SECRETS";

/// The known secrets, each once.
#[derive(Clone, Default)]
pub struct KnownSecrets(Vec<SigningSecret>);

impl KnownSecrets {
    /// The list that a new secret joins, and what is wrong with the list as set. The variables file keeps its own
    /// secrets beside those of the environment.
    pub fn read_secrets(settings: &Settings, store: Option<SecretStore>) -> (Self, Option<String>) {
        let text = match store {
            Some(SecretStore::Local) => settings.everywhere(SECRETS),
            _ => settings.get(SECRETS).map(str::to_owned),
        };
        let mode = ["STRIPE_API_KEY", SETUP_KEY].into_iter().filter_map(|name| livemode(settings.get(name)?)).next();
        let (secrets, wrong) = webhook::parse_secrets(text, mode);
        let mut known = Self::default();
        secrets.into_iter().for_each(|secret| known.push(secret));
        (known, webhook::complaint(&wrong))
    }

    fn push(&mut self, secret: SigningSecret) {
        if !self.0.contains(&secret) {
            self.0.push(secret);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of [`SECRETS`]: each with what it may sign.
    pub fn text(&self) -> String {
        self.0.iter().map(secret_text).collect::<Vec<_>>().join(",")
    }

    /// With a new secret in front; every other one stays.
    pub fn with(&self, new: SigningSecret) -> Self {
        let mut all = Self(vec![new]);
        self.0.iter().for_each(|secret| all.push(secret.clone()));
        all
    }

    /// Without the secret of a fingerprint; `None` when it is not there.
    pub fn without(&self, print: &str) -> Option<Self> {
        let stays = |known: &&SigningSecret| fingerprint(known.secret.reveal()) != print;
        let left: Vec<SigningSecret> = self.0.iter().filter(stays).cloned().collect();
        (left.len() < self.0.len()).then_some(Self(left))
    }

    /// Those of `all` endpoints that fit `of` and whose secret is not known. One without a fingerprint, made by hand
    /// or by an older version, counts as known when there is a secret left over for it.
    pub fn without_secret<'e>(&self, all: &'e [Endpoint], of: impl Fn(&Endpoint) -> bool) -> Vec<&'e Endpoint> {
        let prints: BTreeSet<String> = self.0.iter().map(|known| fingerprint(known.secret.reveal())).collect();
        let claimed: BTreeSet<&str> = all.iter().filter_map(Endpoint::fingerprint).collect();
        let spare = prints.iter().filter(|print| !claimed.contains(print.as_str())).count();
        let bare = all.iter().filter(|e| of(e) && e.fingerprint().is_none()).count();
        let lacks = |e: &Endpoint| e.fingerprint().map_or(bare > spare, |print| !prints.contains(print));
        all.iter().filter(|e| of(e) && lacks(e)).collect()
    }
}

/// As it stands in the list: `live:connect:whsec_…`.
pub fn secret_text(secret: &SigningSecret) -> String {
    format!("{}{}", secret.endpoint.prefix(), secret.secret.reveal())
}

/// The ids of endpoints, for a sentence.
pub fn ids(endpoints: &[&Endpoint]) -> String {
    endpoints.iter().map(|endpoint| endpoint.id.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(id: &str, secret: Option<&str>) -> Endpoint {
        let print = secret.map(|secret| serde_json::json!({"quittance_secret": fingerprint(secret)}));
        let json = serde_json::json!({"id": id, "url": "u", "status": "enabled", "api_version": null,
            "enabled_events": [], "metadata": print.unwrap_or_else(|| serde_json::json!({}))});
        serde_json::from_value(json).unwrap_or_else(|error| unreachable!("{error}"))
    }

    fn of(secret: &str) -> SigningSecret {
        let endpoint = webhook::EndpointScope { livemode: true, connect: secret == "b" };
        SigningSecret { secret: quittance::config::Secret::new(secret), endpoint }
    }

    #[test]
    fn which_endpoints_lack_their_secret() {
        let all = [endpoint("we_a", Some("A")), endpoint("we_b", Some("B")), endpoint("we_hand", None)];
        let lacking = |known: &[&str]| {
            let known = KnownSecrets(known.iter().map(|s| of(s)).collect());
            ids(&known.without_secret(&all, |_| true))
        };
        assert_eq!(lacking(&[]), "we_a, we_b, we_hand");
        assert_eq!(lacking(&["A", "B"]), "we_hand");
        assert_eq!(lacking(&["A", "C"]), "we_b");
        assert_eq!(lacking(&["A", "B", "C"]), "");
    }

    #[test]
    fn a_new_secret_drops_no_other() {
        let known = KnownSecrets(["a", "b", "c", "d"].map(of).to_vec()).with(of("e")).with(of("b"));
        assert_eq!(known.text(), "live:connect:b,live:e,live:a,live:c,live:d");
        let left = known.without(&fingerprint("a")).map(|k| k.text());
        assert_eq!(left.as_deref(), Some("live:connect:b,live:e,live:c,live:d"));
        assert!(known.without(&fingerprint("x")).is_none());
    }
}
