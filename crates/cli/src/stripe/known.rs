//! The signing secrets that this machine knows, and of which endpoint each is. Stripe tells a secret once and the
//! Worker tells none, so an endpoint carries the fingerprint of its own.

use std::collections::BTreeSet;

use quittance::config::webhook;
use quittance::stripe::endpoint::fingerprint;

use super::endpoint::Endpoint;
use crate::secrets::Store;
use crate::settings::Settings;

/// Name of the signing secrets among the Worker's variables.
pub const SECRETS: &str = "STRIPE_WEBHOOK_SECRETS";

/// The known secrets, each once.
#[derive(Clone, Default)]
pub struct Known(Vec<String>);

impl Known {
    /// The list that a new secret joins, and what is wrong with the list as set. The variables file keeps its own
    /// secrets beside those of the environment.
    pub fn read(settings: &Settings, store: Option<Store>) -> (Self, Option<String>) {
        let text = match store {
            Some(Store::Local) => settings.everywhere(SECRETS),
            _ => settings.get(SECRETS).map(str::to_owned),
        };
        let (secrets, wrong) = webhook::read(text);
        let mut known = Self::default();
        secrets.iter().for_each(|secret| known.push(secret.reveal()));
        (known, webhook::complaint(&wrong))
    }

    fn push(&mut self, secret: &str) {
        if !self.0.iter().any(|known| known == secret) {
            self.0.push(secret.to_owned());
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of [`SECRETS`].
    pub fn text(&self) -> String {
        self.0.join(",")
    }

    /// With a new secret in front; every other one stays.
    pub fn with(&self, new: &str) -> Self {
        let mut all = Self(vec![new.to_owned()]);
        self.0.iter().for_each(|secret| all.push(secret));
        all
    }

    /// Without the secret of a fingerprint; `None` when it is not there.
    pub fn without(&self, print: &str) -> Option<Self> {
        let left: Vec<String> = self.0.iter().filter(|secret| fingerprint(secret) != print).cloned().collect();
        (left.len() < self.0.len()).then_some(Self(left))
    }

    /// Those of `all` endpoints that fit `of` and whose secret is not known. One without a fingerprint, made by hand
    /// or by an older version, counts as known when there is a secret left over for it.
    pub fn lacking<'e>(&self, all: &'e [Endpoint], of: impl Fn(&Endpoint) -> bool) -> Vec<&'e Endpoint> {
        let prints: BTreeSet<String> = self.0.iter().map(|secret| fingerprint(secret)).collect();
        let claimed: BTreeSet<&str> = all.iter().filter_map(Endpoint::print).collect();
        let spare = prints.iter().filter(|print| !claimed.contains(print.as_str())).count();
        let bare = all.iter().filter(|e| of(e) && e.print().is_none()).count();
        let lacks = |e: &Endpoint| e.print().map_or(bare > spare, |print| !prints.contains(print));
        all.iter().filter(|e| of(e) && lacks(e)).collect()
    }
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

    #[test]
    fn which_endpoints_lack_their_secret() {
        let all = [endpoint("we_a", Some("A")), endpoint("we_b", Some("B")), endpoint("we_hand", None)];
        let lacking = |known: &[&str]| {
            let known = Known(known.iter().map(|s| (*s).to_owned()).collect());
            ids(&known.lacking(&all, |_| true))
        };
        assert_eq!(lacking(&[]), "we_a, we_b, we_hand");
        assert_eq!(lacking(&["A", "B"]), "we_hand");
        assert_eq!(lacking(&["A", "C"]), "we_b");
        assert_eq!(lacking(&["A", "B", "C"]), "");
    }

    #[test]
    fn a_new_secret_drops_no_other() {
        let known = Known(["a", "b", "c", "d"].map(str::to_owned).to_vec()).with("e").with("b");
        assert_eq!(known.text(), "b,e,a,c,d");
        assert_eq!(known.without(&fingerprint("a")).map(|k| k.text()).as_deref(), Some("b,e,c,d"));
        assert!(known.without(&fingerprint("x")).is_none());
    }
}
