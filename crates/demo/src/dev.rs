//! `cargo xtask dev`: the product on this machine, kept running.

mod options;
mod welcome;

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use xtask::run::{cargo, run, scratch};
use xtask::{build, dependencies};

use crate::parties::{self, Served};
use crate::worker::Worker;
use options::{Options, RealOdoo};

const WORKER: u16 = 8787;
const STRIPE: u16 = 12111;
const ODOO: u16 = 8069;

/// The schedules of wrangler.toml with their periods: the local runtime fires none by itself.
const CRONS: [(&str, Duration); 2] =
    [("* * * * *", Duration::from_secs(60)), ("*/15 * * * *", Duration::from_secs(15 * 60))];

/// Runs until Ctrl-C.
pub fn dev(arguments: &[String]) -> Result<()> {
    let options = Options::read(arguments)?;
    let node = dependencies::node()?;
    build::build()?;
    let state = scratch()?.join("dev");
    if options.fresh && state.exists() {
        std::fs::remove_dir_all(&state)?;
    }
    let (stop, stopped) = channel();
    ctrlc::set_handler(move || {
        let _ = stop.send(());
    })
    .context("cannot catch Ctrl-C")?;

    let secret = parties::webhook_secret()?;
    let stripe = parties::stripe(STRIPE)?;
    let mut settings = parties::stripe_settings(stripe.url(), &secret);
    let simulated = match &options.odoo {
        Some(real) => {
            set_up(real, &settings)?;
            settings.extend(real.settings());
            None
        }
        None => {
            let odoo = parties::odoo(options.version, ODOO)?;
            settings.extend(parties::odoo_settings(odoo.url()));
            Some(odoo)
        }
    };
    println!("▸ the Worker starts in workerd");
    let mut worker = Worker::start(&node, &state, WORKER, &settings)?;
    stripe.look().listen(&format!("{}/webhooks/stripe", worker.url), &[&secret], false, false);
    welcome::show(&worker, &stripe, simulated.as_ref().map(Served::url), options.odoo.as_ref(), &secret);

    let mut due: Vec<(&str, Duration, Instant)> =
        CRONS.iter().map(|(schedule, period)| (*schedule, *period, Instant::now() + *period)).collect();
    while matches!(stopped.recv_timeout(Duration::from_millis(500)), Err(RecvTimeoutError::Timeout)) {
        if !worker.runs() {
            bail!("wrangler ended:\n{}", worker.last_lines());
        }
        for (schedule, period, at) in &mut due {
            if Instant::now() >= *at {
                *at += *period;
                // The Worker reloads after a change of its source; the next minute comes.
                let _ = worker.cron(schedule);
            }
        }
    }
    println!("\n▸ stopping");
    Ok(())
}

/// Provisions a real Odoo as `quittance setup odoo` does, for the books of the simulated Stripe; keys travel in the
/// environment.
fn set_up(odoo: &RealOdoo, stripe: &[(&'static str, String)]) -> Result<()> {
    let mut cli = cargo();
    cli.args(["run", "--quiet", "--package", "quittance-cli", "--", "setup", "odoo"]);
    cli.envs(odoo.settings()).envs(odoo.setup());
    cli.envs(stripe.iter().filter(|(name, _)| name.starts_with("STRIPE_API_")).map(|(name, value)| (*name, value)));
    run("quittance setup odoo", &mut cli)
}
