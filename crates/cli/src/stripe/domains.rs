//! Payment method domains: wallets show only on hosts that Stripe knows.

use std::collections::BTreeSet;

use quittance::error::Error;
use quittance::ports::Entropy;
use quittance::stripe::client::Client;
use quittance::stripe::form::Form;
use serde::Deserialize;

use crate::fail::CommandResult;
use crate::ports::{SystemEntropy, block_on};
use crate::settings::Settings;

#[derive(Deserialize)]
struct List {
    data: Vec<Domain>,
}

#[derive(Deserialize)]
struct Domain {
    domain_name: String,
}

/// The hosts of `urls` that Stripe could be told about: those on a name, not on an address of this machine.
pub fn hosts<'a>(urls: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let host = |url: &'a str| {
        let rest = url.strip_prefix("https://")?;
        let host = rest.split(['/', ':', '?']).next()?;
        (host.contains('.') && host.contains(|c: char| c.is_ascii_alphabetic())).then(|| host.to_owned())
    };
    urls.into_iter().filter_map(host).collect()
}

/// Those of `hosts` that are not registered.
pub async fn missing(stripe: &Client<'_>, hosts: &BTreeSet<String>) -> Result<Vec<String>, Error> {
    if hosts.is_empty() {
        return Ok(Vec::new());
    }
    let body = stripe.get("/v1/payment_method_domains", &Form::new().with("limit", "100")).await?;
    let known: BTreeSet<String> = body.parse::<List>()?.data.into_iter().map(|d| d.domain_name).collect();
    Ok(hosts.difference(&known).cloned().collect())
}

/// Registers one host.
pub async fn register(stripe: &Client<'_>, host: &str, idempotency_key: &str) -> Result<(), Error> {
    let form = Form::new().with("domain_name", host);
    stripe.post("/v1/payment_method_domains", &form, idempotency_key).await.map(drop)
}

/// Registers the hosts of Worker and Odoo that are not, unless `dry`; a line for each.
pub fn register_missing(dry: bool, settings: &Settings, stripe: &Client<'_>, base: &str) -> CommandResult<Vec<String>> {
    let hosts = hosts([base].into_iter().chain(settings.get("ODOO_URL")));
    let missing = block_on(missing(stripe, &hosts))?;
    let mut lines = Vec::new();
    for host in hosts {
        let new = missing.contains(&host);
        if new && !dry {
            block_on(register(stripe, &host, &SystemEntropy.token()))?;
        }
        let word = match (new, dry) {
            (false, _) => "as it is",
            (true, true) => "would make",
            (true, false) => "made",
        };
        lines.push(format!("{word:<12} payment method domain {host}"));
    }
    Ok(lines)
}
