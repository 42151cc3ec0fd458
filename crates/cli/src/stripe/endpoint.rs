//! Webhook endpoints: what there is, compared with what there shall be.

use quittance::error::Error;
use quittance::stripe::client::Client;
use quittance::stripe::endpoint::{FINGERPRINT_KEY, MARK_KEY, fingerprint};
use quittance::stripe::form::{Form, segment};
use quittance::stripe::map::EVENT_TYPES;
use quittance::stripe::version::PINNED_VERSION;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

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

impl Endpoint {
    /// The fingerprint of its secret, when set-up made it.
    pub fn fingerprint(&self) -> Option<&str> {
        self.metadata.get(FINGERPRINT_KEY).map(String::as_str)
    }

    /// Made or taken over by set-up: `account` or `connect`.
    pub fn mark(&self) -> Option<&str> {
        self.metadata.get(MARK_KEY).map(String::as_str)
    }
}

/// What there shall be: one endpoint at `url`, for the account itself or for those connected to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedEndpoint {
    pub url: String,
    pub connect: bool,
    /// Make a new one even if a good one exists, for its secret.
    pub renew: bool,
    /// Remove ours at other addresses: the Worker moved.
    pub replace: bool,
}

/// What to do, in this order: make or change one, then remove the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub first: FirstStep,
    /// Ours that another version left behind, or another address when the Worker moved.
    pub remove: Vec<Endpoint>,
    /// Ours at other addresses, which may be another Worker's, or made by hand beside ours.
    pub leave: Vec<Endpoint>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FirstStep {
    Keep(Endpoint),
    /// Same address and version, but other event types, switched off, or made by hand.
    Change(Endpoint),
    Make,
}

impl WantedEndpoint {
    fn kind(&self) -> &'static str {
        if self.connect { "connect" } else { "account" }
    }

    /// Version and address of an endpoint cannot be changed into ours without a new secret; its types can.
    pub fn plan(&self, endpoints: &[Endpoint]) -> Plan {
        let marked = endpoints.iter().filter(|e| e.mark() == Some(self.kind()));
        let (mut here, elsewhere): (Vec<&Endpoint>, Vec<&Endpoint>) = marked.partition(|e| e.url == self.url);
        // One made by hand is taken over when there is none of ours; beside ours it may be for connected accounts.
        let by_hand = endpoints.iter().filter(|e| e.mark().is_none() && e.url == self.url && !self.connect);
        let mut leave: Vec<&Endpoint> = Vec::new();
        if here.is_empty() {
            here.extend(by_hand)
        } else {
            leave.extend(by_hand)
        }
        let good = here.iter().copied().find(|e| e.api_version.as_deref() == Some(PINNED_VERSION));
        let good = good.filter(|_| !self.renew);
        let first = match good.cloned() {
            None => FirstStep::Make,
            Some(good) if good.enabled_events == types() && good.status == "enabled" && good.mark().is_some() => {
                FirstStep::Keep(good)
            }
            Some(good) => FirstStep::Change(good),
        };
        let mut remove: Vec<&Endpoint> = here.into_iter().filter(|e| good.is_none_or(|good| good.id != e.id)).collect();
        if self.replace {
            remove.extend(elsewhere)
        } else {
            leave.extend(elsewhere)
        }
        let own = |list: Vec<&Endpoint>| list.into_iter().cloned().collect();
        Plan { first, remove: own(remove), leave: own(leave) }
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
struct CreatedEndpoint {
    id: String,
    secret: String,
}

/// All endpoints of the key's account and mode.
pub async fn list(stripe: &Client<'_>) -> Result<Vec<Endpoint>, Error> {
    let body = stripe.list("/v1/webhook_endpoints", &Form::new()).await?;
    Ok(body.parse::<List>()?.data)
}

/// Makes one: its id and its signing secret, which Stripe shows this once.
pub async fn make(
    stripe: &Client<'_>,
    wanted: &WantedEndpoint,
    token: &dyn Fn() -> String,
) -> Result<(String, String), Error> {
    let form = Form::new()
        .with("url", &wanted.url)
        .with("api_version", PINNED_VERSION)
        .with("connect", if wanted.connect { "true" } else { "false" })
        .with("description", "Quittance")
        .with(&format!("metadata[{MARK_KEY}]"), wanted.kind())
        .with_each("enabled_events", EVENT_TYPES.iter().copied());
    let made: CreatedEndpoint = stripe.post("/v1/webhook_endpoints", &form, &token()).await?.parse()?;
    let print = Form::new().with(&format!("metadata[{FINGERPRINT_KEY}]"), &fingerprint(&made.secret));
    if let Err(error) = stripe.post(&path(&made.id), &print, &token()).await {
        // Nobody has its secret yet.
        let left = remove(stripe, &made.id).await.err();
        let left = left.map(|_| format!(" Remove endpoint {} in Stripe's dashboard.", made.id)).unwrap_or_default();
        return Err(Error::new(error.code, format!("{}{left}", error.detail)));
    }
    Ok((made.id, made.secret))
}

/// Gives an endpoint our types and our mark, and switches it on.
pub async fn change(
    stripe: &Client<'_>,
    wanted: &WantedEndpoint,
    id: &str,
    idempotency_key: &str,
) -> Result<(), Error> {
    let form = Form::new().with("disabled", "false").with(&format!("metadata[{MARK_KEY}]"), wanted.kind());
    let form = form.with_each("enabled_events", EVENT_TYPES.iter().copied());
    stripe.post(&path(id), &form, idempotency_key).await.map(drop)
}

/// Removes an endpoint.
pub async fn remove(stripe: &Client<'_>, id: &str) -> Result<(), Error> {
    stripe.delete(&path(id)).await.map(drop)
}

fn path(id: &str) -> String {
    format!("/v1/webhook_endpoints/{}", segment(id))
}
