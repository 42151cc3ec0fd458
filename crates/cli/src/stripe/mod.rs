//! `quittance setup stripe`: the webhook endpoint and the payment method domains.

mod apply;
pub mod domains;
pub mod endpoint;
pub mod known_secrets;

use quittance::config::{Config, Secret, Stripe, livemode};
use quittance::ports::Http;
use quittance::routes::WEBHOOK_PATH;
use quittance::stripe::client::Client;

use self::apply::EndpointChange;
use self::endpoint::{Endpoint, FirstStep, Plan, WantedEndpoint};
pub use self::known_secrets::SECRETS;
use self::known_secrets::{KnownSecrets, ids};
use crate::fail::{CommandError, CommandResult};
use crate::ports::block_on;
use crate::secrets::{self, SecretStore};
use crate::settings::Settings;

/// Arguments of `quittance setup stripe`.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Arguments {
    /// The Worker's address, https://…; else WORKER_URL.
    #[arg(long)]
    pub url: Option<String>,
    /// Where a new signing secret goes.
    #[arg(long, value_enum)]
    pub store: Option<SecretStore>,
    /// Print a new signing secret, once, instead of storing it.
    #[arg(long, conflicts_with = "store")]
    pub show: bool,
    /// Make a new endpoint although a good one exists: its secret was lost or leaked.
    #[arg(long)]
    pub renew: bool,
    /// Remove Quittance's endpoints at other addresses: the Worker moved, and no other Worker uses this account.
    #[arg(long)]
    pub replace: bool,
    /// Show what would change, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// Runs the command; gives the lines to print.
pub fn setup(
    arguments: &Arguments,
    settings: &mut Settings,
    http: &dyn Http,
    run: &dyn secrets::Run,
) -> CommandResult<Vec<String>> {
    let config = config(settings)?;
    let base = settings.required("WORKER_URL", arguments.url.as_deref(), "the Worker's address, https://…")?;
    let base = base.trim_end_matches('/').to_owned();
    if !base.starts_with("https://") && config.livemode() {
        return Err(CommandError::new(
            "Stripe delivers live events to https:// only; give the Worker's https address.",
        ));
    }
    let stripe = Client::new(http, &config);
    let endpoints = block_on(endpoint::list(&stripe))?;
    let url = format!("{base}{WEBHOOK_PATH}");
    let kinds: &[bool] = if config.accounts.is_empty() { &[false] } else { &[false, true] };
    let wanted = kinds.iter().map(|&connect| {
        let wanted = WantedEndpoint { url: url.clone(), connect, renew: arguments.renew, replace: arguments.replace };
        let plan = wanted.plan(&endpoints);
        (wanted, plan)
    });
    let plans: Vec<(WantedEndpoint, Plan)> = wanted.collect();
    let mut lines = allowed(arguments, settings, &url, &endpoints, &plans)?;
    if arguments.dry_run {
        lines.extend(plans.iter().flat_map(|(wanted, plan)| plan_lines(wanted, plan)));
    } else {
        let bring = EndpointChange { stripe: &stripe, run, livemode: config.livemode(), store: arguments.store };
        lines.extend(bring.all(settings, &plans)?);
    }
    lines.extend(domains::register_missing(arguments.dry_run, settings, &stripe, &base)?);
    Ok(lines)
}

/// Whether a new secret may be stored: the Worker's list is overwritten as a whole, and must lack none that an
/// endpoint goes on signing with. Gives what a person should know of the list.
fn allowed(
    arguments: &Arguments,
    settings: &Settings,
    url: &str,
    endpoints: &[Endpoint],
    plans: &[(WantedEndpoint, Plan)],
) -> CommandResult<Vec<String>> {
    if !plans.iter().any(|(_, plan)| plan.first == FirstStep::Make) {
        return Ok(Vec::new());
    }
    if arguments.store.is_none() && !arguments.show && !arguments.dry_run {
        return Err(CommandError::new(
            "Say where the signing secret goes, as Stripe tells it once: --store local, --store worker, or --show.",
        ));
    }
    let (known, complaint) = KnownSecrets::read_secrets(settings, arguments.store);
    let goes = |e: &Endpoint| plans.iter().any(|(_, plan)| plan.remove.iter().any(|gone| gone.id == e.id));
    let lacking = known.without_secret(endpoints, |e| e.url == url && !goes(e));
    if arguments.store == Some(SecretStore::Worker) && !lacking.is_empty() {
        return Err(CommandError::new(format!(
            "Storing a new signing secret would take that of endpoint {} away from the Worker, as it is not known here: set {SECRETS} to all that are in use (Stripe's dashboard shows each at its endpoint), or give every endpoint a new one with --renew.",
            ids(&lacking)
        )));
    }
    Ok(complaint.map(|complaint| format!("left out     {complaint}")).into_iter().collect())
}

/// What the Worker's list of secrets would lack if it became the one known here; `None` when nothing is lacking, and
/// when Stripe or the Worker's address cannot be asked.
pub fn missing_secrets(settings: &Settings, http: &dyn Http) -> Option<String> {
    let url = format!("{}{WEBHOOK_PATH}", settings.get("WORKER_URL")?.trim_end_matches('/'));
    let config = config(settings).ok()?;
    let endpoints = block_on(endpoint::list(&Client::new(http, &config))).ok()?;
    let lacking = ids(&KnownSecrets::read_secrets(settings, Some(SecretStore::Worker))
        .0
        .without_secret(&endpoints, |e| e.url == url));
    Some(lacking).filter(|ids| !ids.is_empty())
}

/// The Stripe part of the settings with the key that sets up: STRIPE_SETUP_API_KEY, so that the Worker's own key need
/// not have these permissions, else STRIPE_API_KEY, else a typed one.
pub fn config(settings: &Settings) -> CommandResult<Stripe> {
    let key = match settings.get(SETUP_KEY) {
        Some(key) => Secret::new(key),
        None => settings.secret("STRIPE_API_KEY", "Stripe API key, sk_… or rk_…")?,
    };
    let var = |name: &str| match name {
        "STRIPE_API_KEY" => Some(key.reveal().to_owned()),
        name => settings.get(name).map(str::to_owned),
    };
    let config = Config::stripe(&var)?;
    if settings.get("STRIPE_API_KEY").and_then(livemode).is_some_and(|mode| mode != config.livemode()) {
        return Err(CommandError::new(format!(
            "{SETUP_KEY} and STRIPE_API_KEY are of different modes, live and test."
        )));
    }
    Ok(config)
}

const SETUP_KEY: &str = "STRIPE_SETUP_API_KEY";

fn plan_lines(wanted: &WantedEndpoint, plan: &Plan) -> Vec<String> {
    let first = match &plan.first {
        FirstStep::Keep(kept) => format!("as it is     endpoint {} at {}", kept.id, wanted.url),
        FirstStep::Change(found) => format!("would change endpoint {}: event types and switch", found.id),
        FirstStep::Make => format!("would make   an endpoint at {}", wanted.url),
    };
    let removed = plan.remove.iter().map(|gone| format!("would remove endpoint {} at {}", gone.id, gone.url));
    std::iter::once(first).chain(removed).chain(remaining_lines(wanted, plan)).collect()
}

/// What stays although it looks like ours.
fn remaining_lines(wanted: &WantedEndpoint, plan: &Plan) -> Vec<String> {
    let why = |endpoint: &Endpoint| match endpoint.url == wanted.url {
        true => "made by hand; remove it in Stripe's dashboard if nothing needs it",
        false => "another Worker's, or this one's before it moved: then --replace removes it",
    };
    plan.leave.iter().map(|e| format!("left         endpoint {} at {}: {}", e.id, e.url, why(e))).collect()
}
