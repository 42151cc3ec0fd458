//! The webhook endpoints at the Worker's address, looked at with the key that sets up.

use quittance::error::Code;
use quittance::ports::Http;
use quittance::routes::WEBHOOK_PATH;
use quittance::stripe::client::Client;
use quittance::stripe::version::PINNED_VERSION;

use super::Finding;
use crate::ports::block_on;
use crate::settings::Settings;
use crate::stripe::SECRETS;
use crate::stripe::endpoint::{self, Endpoint, types};
use crate::stripe::known_secrets::KnownSecrets;

const WHAT: &str = "stripe endpoint";
const ADVICE: &str = "run `quittance setup stripe`";

/// A line for each endpoint at the address, and for each that is missing there.
pub fn examine(settings: &Settings, url: Option<&str>, http: &dyn Http) -> Vec<Finding> {
    let config = match crate::stripe::config(settings) {
        Ok(config) => config,
        Err(fail) => return vec![Finding::bad(WHAT, fail.to_string())],
    };
    let Some(url) = url else {
        return vec![Finding::note(WHAT, "not looked at: give the Worker's address with --url or WORKER_URL")];
    };
    match block_on(endpoint::list(&Client::new(http, &config))) {
        Ok(endpoints) => compare(settings, &endpoints, &format!("{url}{WEBHOOK_PATH}"), !config.accounts.is_empty()),
        // The Worker's key need not see endpoints.
        Err(error) if error.code == Code::StripeAuth => {
            vec![Finding::note(WHAT, "not looked at: the key may not read webhook endpoints; set STRIPE_SETUP_API_KEY")]
        }
        Err(error) => vec![Finding::error(WHAT, error)],
    }
}

fn compare(settings: &Settings, all: &[Endpoint], address: &str, connect: bool) -> Vec<Finding> {
    let here: Vec<&Endpoint> = all.iter().filter(|e| e.url == address).collect();
    let mut findings: Vec<Finding> = here.iter().map(|found| endpoint_finding(found)).collect();
    // One made by hand has no mark and counts as the account's.
    if !here.iter().any(|e| e.mark() != Some("connect")) {
        findings.push(Finding::bad(WHAT, format!("none delivers to {address}: {ADVICE}")));
    }
    if connect && !here.iter().any(|e| e.mark() == Some("connect")) {
        let detail = format!("none delivers the events of STRIPE_ACCOUNTS to {address}: {ADVICE}");
        findings.push(Finding::bad(WHAT, detail));
    }
    let (known, _) = KnownSecrets::read_secrets(settings, None);
    let lacking = known.without_secret(all, |e| e.url == address);
    // None known at all is a finding of its own.
    let lacking = lacking.into_iter().filter(|_| !known.is_empty());
    findings.extend(lacking.map(|e| {
        let detail =
            format!("the secret of {} is not in the {SECRETS} of this machine: does the Worker have it?", e.id);
        Finding::note(WHAT, detail)
    }));
    findings
}

fn endpoint_finding(found: &Endpoint) -> Finding {
    let id = &found.id;
    if found.status != "enabled" {
        return Finding::bad(WHAT, format!("{id} is {}: {ADVICE}", found.status));
    }
    if found.api_version.as_deref() != Some(PINNED_VERSION) {
        let theirs = found.api_version.as_deref().unwrap_or("the account's default");
        return Finding::bad(WHAT, format!("{id} has API version {theirs}, not {PINNED_VERSION}: {ADVICE}"));
    }
    if found.enabled_events != types() {
        return Finding::bad(WHAT, format!("{id} has other event types than this version reads: {ADVICE}"));
    }
    Finding::good(WHAT, format!("{id} delivers {} types in version {PINNED_VERSION}", types().len()))
}
