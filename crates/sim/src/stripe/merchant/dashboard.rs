//! The dashboard's side of webhooks: endpoints, secrets, deliveries.

use crate::stripe::Stripe;
use crate::stripe::api::webhook_endpoints;
use crate::stripe::webhook::{Delivery, Dial};

impl Stripe {
    /// Adds an endpoint for all types, with secrets of the caller's, and gives its id. `connect` hears
    /// connected accounts; `thin` receives thin events.
    pub fn listen(&mut self, url: &str, secrets: &[&str], connect: bool, thin: bool) -> String {
        let scope = self.outside(None, None);
        let id = webhook_endpoints::add(self, &scope, url, &["*"]);
        let hook = self.post.hooks.entry(id.clone()).or_default();
        hook.secrets = secrets.iter().map(|secret| ((*secret).to_owned(), None)).collect();
        (hook.connect, hook.thin) = (connect, thin);
        id
    }

    /// Whether an endpoint is for connected accounts.
    pub fn is_connect(&self, endpoint: &str) -> bool {
        self.post.hears_connected(endpoint)
    }

    /// Gives an endpoint a new secret; the old ones sign beside it for `keep_ms` more.
    pub fn roll(&mut self, endpoint: &str, secret: &str, keep_ms: i64) {
        let until = self.clock.now_ms() + keep_ms;
        let hook = self.post.hooks.entry(endpoint.to_owned()).or_default();
        hook.secrets.iter_mut().for_each(|(_, end)| *end = Some(end.map_or(until, |end| end.min(until))));
        hook.secrets.push((secret.to_owned(), None));
    }

    /// What goes wrong with deliveries from now on.
    pub fn dial(&mut self) -> &mut Dial {
        &mut self.post.dial
    }

    pub fn deliveries(&self) -> &[Delivery] {
        self.post.deliveries()
    }

    /// Sends the event of a delivery once more; gives the new delivery's id.
    pub fn resend(&mut self, delivery: u64) -> Option<u64> {
        self.post.resend(delivery, self.clock.now_ms())
    }
}
