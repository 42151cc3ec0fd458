//! `quittance setup stripe`: the webhook endpoint and the payment method domains.

pub mod domains;
pub mod endpoint;

use quittance::config::{Config, Secret, Stripe};
use quittance::ports::{Entropy, Http};
use quittance::routes::WEBHOOK;
use quittance::stripe::client::Client;

use self::endpoint::{First, Plan, Wanted};
use crate::fail::{Fail, Outcome};
use crate::ports::{SystemEntropy, block_on};
use crate::secrets::{self, Store};
use crate::settings::Settings;

/// Name of the signing secrets among the Worker's variables.
pub const SECRETS: &str = "STRIPE_WEBHOOK_SECRETS";

/// Arguments of `quittance setup stripe`.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Arguments {
    /// The Worker's address, https://…; else WORKER_URL.
    #[arg(long)]
    pub url: Option<String>,
    /// Where a new signing secret goes.
    #[arg(long, value_enum)]
    pub store: Option<Store>,
    /// Print a new signing secret, once, instead of storing it.
    #[arg(long, conflicts_with = "store")]
    pub show: bool,
    /// Make a new endpoint although a good one exists: its secret was lost or leaked.
    #[arg(long)]
    pub renew: bool,
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
) -> Outcome<Vec<String>> {
    let config = config(settings)?;
    let base = settings.need("WORKER_URL", arguments.url.as_deref(), "the Worker's address, https://…")?;
    let base = base.trim_end_matches('/').to_owned();
    if !base.starts_with("https://") && config.livemode() {
        return Err(Fail::new("Stripe delivers live events to https:// only; give the Worker's https address."));
    }
    let stripe = Client::new(http, &config);
    let endpoints = block_on(endpoint::list(&stripe))?;
    let mut lines = Vec::new();
    let kinds: &[bool] = if config.accounts.is_empty() { &[false] } else { &[false, true] };
    for &connect in kinds {
        let wanted = Wanted { url: format!("{base}{WEBHOOK}"), connect, renew: arguments.renew };
        let plan = wanted.plan(&endpoints);
        if arguments.dry_run {
            lines.extend(foretold(&wanted, &plan));
        } else {
            lines.extend(act(arguments, settings, &stripe, run, &wanted, &plan)?);
        }
    }
    lines.extend(tell_domains(arguments.dry_run, settings, &stripe, &base)?);
    Ok(lines)
}

/// The Stripe part of the settings with the key that sets up: STRIPE_SETUP_API_KEY, so that the Worker's own key need
/// not have these permissions, else STRIPE_API_KEY, else a typed one.
pub fn config(settings: &Settings) -> Outcome<Stripe> {
    let key = match settings.get(SETUP_KEY) {
        Some(key) => Secret::new(key),
        None => settings.secret("STRIPE_API_KEY", "Stripe API key, sk_… or rk_…")?,
    };
    let var = |name: &str| match name {
        "STRIPE_API_KEY" => Some(key.reveal().to_owned()),
        name => settings.get(name).map(str::to_owned),
    };
    let config = Config::stripe(&var)?;
    let mode = |key: &str| key.contains("_live_");
    if settings.get("STRIPE_API_KEY").is_some_and(|key| mode(key) != config.livemode()) {
        return Err(Fail::new(format!("{SETUP_KEY} and STRIPE_API_KEY are of different modes, live and test.")));
    }
    Ok(config)
}

const SETUP_KEY: &str = "STRIPE_SETUP_API_KEY";

fn foretold(wanted: &Wanted, plan: &Plan) -> Vec<String> {
    let first = match &plan.first {
        First::Keep(id) => format!("as it is     endpoint {id} at {}", wanted.url),
        First::Change(id) => format!("would change endpoint {id}: event types and switch"),
        First::Make => format!("would make   an endpoint at {}", wanted.url),
    };
    let removed = plan.remove.iter().map(|id| format!("would remove endpoint {id}"));
    std::iter::once(first).chain(removed).collect()
}

fn act(
    arguments: &Arguments,
    settings: &mut Settings,
    stripe: &Client<'_>,
    run: &dyn secrets::Run,
    wanted: &Wanted,
    plan: &Plan,
) -> Outcome<Vec<String>> {
    let mut lines = Vec::new();
    match &plan.first {
        First::Keep(id) => {
            lines.push(format!("as it is     endpoint {id} at {}", wanted.url));
            if settings.get(SECRETS).is_none() {
                lines.push(format!("             its secret is not in {SECRETS}: copy it from Stripe's dashboard, or run again with --renew"));
            }
        }
        First::Change(id) => {
            block_on(endpoint::change(stripe, wanted, id, &SystemEntropy.token()))?;
            lines.push(format!("changed      endpoint {id}: event types and switch"));
        }
        First::Make => lines.extend(make(arguments, settings, stripe, run, wanted)?),
    }
    // The new one delivers by now, and its secret is stored.
    for id in &plan.remove {
        block_on(endpoint::remove(stripe, id))?;
        lines.push(format!("removed      endpoint {id}"));
    }
    Ok(lines)
}

/// Makes an endpoint and brings its secret home. When that fails the endpoint goes again, as nobody has its secret.
fn make(
    arguments: &Arguments,
    settings: &mut Settings,
    stripe: &Client<'_>,
    run: &dyn secrets::Run,
    wanted: &Wanted,
) -> Outcome<Vec<String>> {
    if arguments.store.is_none() && !arguments.show {
        return Err(Fail::new(
            "Say where the signing secret goes, as Stripe tells it once: --store local, --store worker, or --show.",
        ));
    }
    let (id, secret) = block_on(endpoint::make(stripe, wanted, &SystemEntropy.token()))?;
    let mut lines = vec![format!("made         endpoint {id} at {}", wanted.url)];
    let Some(store) = arguments.store else {
        lines.push(format!("its signing secret, shown this once: {secret}"));
        return Ok(lines);
    };
    let all = together(&secret, settings.get(SECRETS));
    if let Err(fail) = secrets::store(&[(SECRETS.to_owned(), all.clone())], store, settings.file(), run) {
        let gone = block_on(endpoint::remove(stripe, &id));
        let undone = if gone.is_ok() { "it was removed again" } else { "remove it in Stripe's dashboard" };
        return Err(fail.while_(&format!("The secret of endpoint {id} could not be stored ({undone})")));
    }
    settings.set(SECRETS, &all);
    lines.push(format!("stored       {SECRETS} ({})", store.place()));
    Ok(lines)
}

/// The new secret first; the one before stays for deliveries under way. Older ones go.
fn together(new: &str, old: Option<&str>) -> String {
    let old = old.unwrap_or("").split([',', ' ']).filter(|s| s.starts_with("whsec_") && *s != new);
    std::iter::once(new).chain(old.take(KEPT)).collect::<Vec<_>>().join(",")
}

/// One for the account and one for connected accounts.
const KEPT: usize = 2;

fn tell_domains(dry: bool, settings: &Settings, stripe: &Client<'_>, base: &str) -> Outcome<Vec<String>> {
    let hosts = domains::hosts([base].into_iter().chain(settings.get("ODOO_URL")));
    let missing = block_on(domains::missing(stripe, &hosts))?;
    let mut lines = Vec::new();
    for host in hosts {
        let new = missing.contains(&host);
        if new && !dry {
            block_on(domains::register(stripe, &host, &SystemEntropy.token()))?;
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
