//! `cargo xtask demo`: the main job, before a person's eyes. A simulated Stripe and Odoo, everything else real.

mod link;
mod script;
mod show;

use std::time::Instant;

use anyhow::{Result, bail};
use quittance_sim::odoo::{Invoice, Version};
use quittance_sim::stripe::webhook::State;
use xtask::run::scratch;
use xtask::{build, dependencies};

use crate::parties::{self, Served};
use crate::worker::{Worker, free_port};
use link::Wait;
use script::Script;
use show::{done, heading, invoice, line, step};

/// `cargo xtask demo [--wait]`: an error says what did not hold.
pub fn demo(arguments: &[String]) -> Result<()> {
    let wait = match arguments {
        [] => Wait::InTerminal,
        [wait] if wait == "--wait" => Wait::Always,
        _ => bail!("cargo xtask demo takes --wait and nothing else"),
    };
    let node = dependencies::node()?;
    build::build()?;
    let began = Instant::now();
    let state = scratch()?.join("demo");
    if state.exists() {
        std::fs::remove_dir_all(&state)?;
    }
    let secret = parties::webhook_secret()?;
    let stripe = parties::stripe(0)?;
    let odoo = parties::odoo(Version::V19, 0)?;
    let mut settings = parties::stripe_settings(stripe.url(), &secret);
    settings.extend(parties::odoo_settings(odoo.url()));
    println!("▸ the Worker starts in workerd, with an empty D1 that has just been migrated");
    let worker = Worker::start(&node, &state, free_port()?, &settings)?;
    println!("  workerd: {:.1} s", began.elapsed().as_secs_f32());
    stripe.look().listen(&format!("{}/webhooks/stripe", worker.url), &[&secret], false, false);

    heading("On stage");
    line("Stripe", &format!("{}  (simulated)", stripe.url()));
    line("Odoo 19", &format!("{}  (simulated)", odoo.url()));
    line("Quittance", &format!("{}  (workerd; D1, KV and Queue on this machine)", worker.url));
    let number = odoo.look().invoice(&Invoice::of("1150.00", "USD"));
    let script = Script { stripe, odoo, worker, invoice: number };
    play(&script)?;
    println!("\nIt works. The whole took {:.0} s after the build.", began.elapsed().as_secs_f32());
    link::offer(&script, wait)?;
    done();
    Ok(())
}

fn play(script: &Script) -> Result<()> {
    heading("The invoice in Odoo, before");
    invoice(&script.odoo, script.invoice);

    heading("What happens");
    let paid = script.pay()?;
    step(paid.began, &format!("The customer pays 1,150.00 USD at Stripe: {}", paid.intent));
    let (delivery, status) = script.delivered(&paid.intent)?;
    step(
        paid.began,
        &format!("Stripe posts {}, signed; Quittance stores it in D1 and answers {status}", delivery.kind),
    );
    let payment = script.booked_payment()?;
    step(
        paid.began,
        &format!("the Queue hands it on; Odoo books {} in one call and reconciles the invoice", payment.name),
    );

    let began = Instant::now();
    script.resend(&delivery)?;
    step(began, "Stripe sends the same event again: 200, and nothing is booked twice");
    let began = Instant::now();
    let code = script.forge()?;
    step(began, &format!("somebody forges an event without the secret: refused, {code}"));

    heading("The ledger in D1");
    script.ledger()?.iter().for_each(|row| println!("   {row}"));

    heading("The invoice in Odoo, after");
    invoice(&script.odoo, script.invoice);
    line("paid by", &format!("{}, memo {}", payment.name, payment.memo));
    Ok(())
}

/// Whether a delivery came to its end.
fn ended(state: State) -> bool {
    matches!(state, State::Delivered | State::GivenUp)
}

/// The parties of a script.
type Odoo = Served<quittance_sim::odoo::Odoo>;
type Stripe = Served<quittance_sim::stripe::Stripe>;
