//! `quittance doctor`: looks at everything a booking needs, changes nothing, and says of each finding what to do.

mod books;
mod clock;
mod endpoint;
mod odoo;
mod pay;
mod stripe;
mod worker;

use std::rc::Rc;

use quittance::config::settings::STRIPE_WEBHOOK_SECRETS;
use quittance::config::{Config, ErpConfig};
use quittance::error::Error;
use quittance::ports::Http;

use crate::fail::{CommandError, CommandResult};
use crate::settings::Settings;

/// Arguments of `quittance doctor`.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Arguments {
    /// The Worker's address; else WORKER_URL. Without one the deployed Worker is not looked at.
    #[arg(long)]
    pub url: Option<String>,
}

/// How one thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingState {
    Good,
    /// Works, but a person should know.
    Note,
    Bad,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub state: FindingState,
    /// `odoo procedures`, `stripe clock`, …
    pub what: &'static str,
    /// What was found, and what to do when it is not good.
    pub detail: String,
}

impl Finding {
    fn good(what: &'static str, detail: impl Into<String>) -> Self {
        Self { state: FindingState::Good, what, detail: detail.into() }
    }
    fn note(what: &'static str, detail: impl Into<String>) -> Self {
        Self { state: FindingState::Note, what, detail: detail.into() }
    }
    fn bad(what: &'static str, detail: impl Into<String>) -> Self {
        Self { state: FindingState::Bad, what, detail: detail.into() }
    }
    fn error(what: &'static str, error: impl Into<Error>) -> Self {
        Self::bad(what, CommandError::from(error.into()).to_string())
    }
}

/// Examines settings, Stripe, the ERP and the Worker.
pub fn examine(arguments: &Arguments, settings: &Settings, http: &Rc<dyn Http>) -> Vec<Finding> {
    let config = Config::read(&|name| settings.get(name).map(str::to_owned));
    let delivery = match &config.delivery {
        Ok(delivery) => delivery,
        Err(_) => return wrong_settings(&config, settings).chain([stripe::secrets(&config)]).collect(),
    };
    let mut findings: Vec<Finding> = wrong_settings(&config, settings).collect();
    if findings.is_empty() {
        findings.push(Finding::good("settings", "complete"));
    }
    let url = arguments.url.as_deref().or_else(|| settings.get("WORKER_URL")).map(|u| u.trim_end_matches('/'));
    findings.extend(stripe::examine(&delivery.stripe, &**http));
    findings.push(stripe::secrets(&config));
    findings.extend(clock::examine(&delivery.stripe, url, &**http));
    findings.extend(endpoint::examine(settings, url, &**http));
    match &delivery.erp {
        ErpConfig::Odoo(odoo) => findings.extend(odoo::examine(odoo, &delivery.matching, settings, http)),
        ErpConfig::Rpc(rpc) => findings.push(worker::rpc(rpc, http)),
    }
    findings.extend(pay::examine(&config.pay, delivery, url, &**http));
    match url {
        Some(url) => findings.extend(worker::examine(url, &**http)),
        None => findings.push(Finding::note("worker", "not looked at: give its address with --url or WORKER_URL")),
    }
    findings
}

/// Each value that cannot be used (of the signing secrets [`stripe::secrets`] speaks), and each name that none of ours is.
fn wrong_settings(config: &Config, settings: &Settings) -> impl Iterator<Item = Finding> {
    let wrong = config.wrong_settings().into_iter().filter(|wrong| wrong.name != STRIPE_WEBHOOK_SECRETS.name);
    let unknown = settings.unknown().into_iter().map(|sentence| Finding::note("settings", sentence));
    wrong.map(|wrong| Finding::error("settings", wrong.error)).chain(unknown)
}

/// One line each.
pub fn render(findings: &[Finding]) -> Vec<String> {
    let word = |state| match state {
        FindingState::Good => "ok",
        FindingState::Note => "note",
        FindingState::Bad => "FAIL",
    };
    findings.iter().map(|f| format!("{:<5} {:<22} {}", word(f.state), f.what, f.detail)).collect()
}

/// An error when anything is bad.
pub fn verdict(findings: &[Finding]) -> CommandResult<()> {
    match findings.iter().filter(|f| f.state == FindingState::Bad).count() {
        0 => Ok(()),
        bad => Err(CommandError::new(format!("{bad} of {} checks failed.", findings.len()))),
    }
}
