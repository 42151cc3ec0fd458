//! Webhook endpoints: what there is, compared with what there shall be.

use quittance::error::Error;
use quittance::stripe::client::Client;
use quittance::stripe::form::{Form, segment};
use quittance::stripe::map::EVENT_TYPES;
use quittance::stripe::version::PINNED_VERSION;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The metadata by which an endpoint is known as ours: `account` or `connect`.
const MARK: &str = "quittance";
/// Stripe's most endpoints of one account is 16; its largest page 100.
const PAGE: &str = "100";

/// An endpoint as Stripe lists it; without its secret, which only creation shows.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Endpoint {
    pub id: String,
    pub url: String,
    pub status: String,
    pub api_version: Option<String>,
    pub enabled_events: BTreeSet<String>,
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

/// What there shall be: one endpoint at `url`, for the account itself or for those connected to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub url: String,
    pub connect: bool,
    /// Make a new one even if a good one exists, for its secret.
    pub renew: bool,
}

/// What to do, in this order: make or change one, then remove the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub first: First,
    /// Ids of ours that another version or address left behind.
    pub remove: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First {
    Keep(String),
    /// Same address and version, but other event types, switched off, or made by hand.
    Change(String),
    Make,
}

impl Wanted {
    fn mark(&self) -> &'static str {
        if self.connect { "connect" } else { "account" }
    }

    /// One of ours carries our mark; one made by hand is taken over when it has our address.
    fn is_ours(&self, endpoint: &Endpoint) -> bool {
        match endpoint.metadata.get(MARK) {
            Some(mark) => mark == self.mark(),
            None => !self.connect && endpoint.url == self.url,
        }
    }

    /// Version and address of an endpoint cannot be changed into ours without a new secret; its types can.
    pub fn plan(&self, endpoints: &[Endpoint]) -> Plan {
        let ours: Vec<&Endpoint> = endpoints.iter().filter(|e| self.is_ours(e)).collect();
        let good = ours.iter().find(|e| e.url == self.url && e.api_version.as_deref() == Some(PINNED_VERSION));
        let good = good.filter(|_| !self.renew);
        let others = ours.iter().filter(|e| good.is_none_or(|good| good.id != e.id));
        let first = match good {
            None => First::Make,
            Some(good)
                if good.enabled_events == types() && good.status == "enabled" && good.metadata.contains_key(MARK) =>
            {
                First::Keep(good.id.clone())
            }
            Some(good) => First::Change(good.id.clone()),
        };
        Plan { first, remove: others.map(|e| e.id.clone()).collect() }
    }
}

/// Exactly the event types that this version reads.
pub fn types() -> BTreeSet<String> {
    EVENT_TYPES.iter().map(|t| (*t).to_owned()).collect()
}

#[derive(Deserialize)]
struct List {
    data: Vec<Endpoint>,
}

#[derive(Deserialize)]
struct Made {
    id: String,
    secret: String,
}

/// All endpoints of the key's account and mode.
pub async fn list(stripe: &Client<'_>) -> Result<Vec<Endpoint>, Error> {
    let body = stripe.get("/v1/webhook_endpoints", &Form::new().with("limit", PAGE)).await?;
    Ok(body.read::<List>()?.data)
}

/// Makes one: its id and its signing secret, which Stripe shows this once.
pub async fn make(stripe: &Client<'_>, wanted: &Wanted, idempotency_key: &str) -> Result<(String, String), Error> {
    let form = Form::new()
        .with("url", &wanted.url)
        .with("api_version", PINNED_VERSION)
        .with("connect", if wanted.connect { "true" } else { "false" })
        .with("description", "Quittance")
        .with(&format!("metadata[{MARK}]"), wanted.mark())
        .with_each("enabled_events", EVENT_TYPES.iter().copied());
    let made: Made = stripe.post("/v1/webhook_endpoints", &form, idempotency_key).await?.read()?;
    Ok((made.id, made.secret))
}

/// Gives an endpoint our types and our mark, and switches it on.
pub async fn change(stripe: &Client<'_>, wanted: &Wanted, id: &str, idempotency_key: &str) -> Result<(), Error> {
    let form = Form::new().with("disabled", "false").with(&format!("metadata[{MARK}]"), wanted.mark());
    let form = form.with_each("enabled_events", EVENT_TYPES.iter().copied());
    stripe.post(&format!("/v1/webhook_endpoints/{}", segment(id)), &form, idempotency_key).await.map(drop)
}

/// Removes an endpoint.
pub async fn remove(stripe: &Client<'_>, id: &str) -> Result<(), Error> {
    stripe.delete(&format!("/v1/webhook_endpoints/{}", segment(id))).await.map(drop)
}
