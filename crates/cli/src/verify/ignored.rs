//! Movements that are not booked because their payment names a database of IGNORED_DATABASES.

use std::collections::BTreeMap;

use quittance::error::{Code, Error};
use quittance::stripe::client::Client;
use quittance::stripe::form::{Form, segment};
use serde::Deserialize;

use super::finding::{Cause, Finding};
use super::gather::Parties;
use super::stripe::patiently;
use crate::ports::block_on;

/// Asked at once, and at most in all: each costs two calls to Stripe, which takes 25 reads a second.
const LANES: usize = 6;
const TRANSACTIONS_MAX: usize = 2_000;

/// What is read of a balance transaction, and of what stands behind it.
#[derive(Default, Deserialize)]
struct Object {
    source: Option<Box<Object>>,
    id: Option<String>,
    payment_intent: Option<String>,
    charge: Option<String>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

impl Parties {
    /// The ignored database of each balance transaction among what is not booked, by its id.
    pub fn ignored_databases<'f>(
        &self,
        findings: impl Iterator<Item = &'f Finding>,
        databases: &[String],
    ) -> Result<BTreeMap<String, String>, Error> {
        let missing = findings.filter(|finding| matches!(finding.cause, Cause::NotPosted | Cause::Parked));
        let ids: Vec<&str> =
            missing.filter_map(|finding| finding.transaction.as_deref()).take(TRANSACTIONS_MAX).collect();
        if databases.is_empty() || ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let who = &self.who;
        let told = self.lanes.each(LANES, &ids, |http, id| database(&who.client(&**http), id));
        let mut ignored = BTreeMap::new();
        for (id, database) in ids.iter().zip(told) {
            ignored.extend(database?.filter(|name| databases.contains(name)).map(|name| ((*id).to_owned(), name)));
        }
        Ok(ignored)
    }
}

/// The database that the payment behind a balance transaction names.
fn database(client: &Client<'_>, id: &str) -> Result<Option<String>, Error> {
    let path = format!("/v1/balance_transactions/{}", segment(id));
    let found = get(client, &path, &Form::new().with("expand[]", "source"))?;
    let Some(source) = found.source else { return Ok(None) };
    let payment = match (&source.payment_intent, &source.charge) {
        (Some(intent), _) => get(client, &format!("/v1/payment_intents/{}", segment(intent)), &Form::new())?,
        (None, Some(charge)) => get(client, &format!("/v1/charges/{}", segment(charge)), &Form::new())?,
        (None, None) if source.id.as_deref().is_some_and(|id| id.starts_with("ch_") || id.starts_with("py_")) => {
            *source
        }
        (None, None) => return Ok(None),
    };
    Ok(payment.metadata.get("odoo_db").cloned())
}

fn get(client: &Client<'_>, path: &str, query: &Form) -> Result<Object, Error> {
    match patiently(|| block_on(async { client.get(path, query).await?.parse() })) {
        Err(error) if error.code == Code::StripeObjectMissing => Ok(Object::default()),
        answer => answer,
    }
}
