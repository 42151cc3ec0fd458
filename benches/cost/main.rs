//! `cargo xtask bench cost`: what Cloudflare bills for a payment, a refund, a dispute, a payout and a day without any. The
//! product runs here in one process; the statements that it sent are written to a file, which `cost.mjs` runs again on
//! workerd's D1, because only that counts rows as Cloudflare bills them.

use std::fs;

use anyhow::{Context, Result};
use quittance::ports::{Arg, Stmt};
use quittance_sim::d1::MIGRATIONS;
use quittance_sim::odoo::{DATABASE, Invoice, Version};
use quittance_sim::stripe::merchant::{Dispute, Paid, Pay, Payout, Refund};
use quittance_sim::world::World;
use serde_json::{Value, json};

/// Seconds between two things that happen: far enough apart that nothing is worked together, which costs most.
const APART: i64 = 40;
const DAY: i64 = 86_400;

fn main() -> Result<()> {
    let out = std::env::var("QUITTANCE_COST").context("`cargo xtask bench cost` runs this")?;
    let mut world = World::new(1, Version::V18);
    *world.db.kept.borrow_mut() = Some(Vec::new());
    world.stripe.borrow_mut().settings.payouts.automatic = false;
    // The first event asks whose the key is and which Odoo answers.
    pay(&mut world, 1)?;
    world.cron_sleeps = true;
    let mut phases = Vec::new();
    let mut paid = Vec::new();
    measure(&mut world, &mut phases, "card payment", 100, |world| pay(world, 100).map(|all| paid = all))?;
    let mut left = paid.iter().map(|paid| paid.payment_intent.clone());
    let some: Vec<String> = left.by_ref().take(20).collect();
    measure(&mut world, &mut phases, "refund", 20, |world| {
        each(world, &some, |world, id| world.stripe.borrow_mut().refund(&Refund::all(id)).map(drop).ok())
    })?;
    let some: Vec<String> = left.take(10).collect();
    measure(&mut world, &mut phases, "dispute, opened and withdrawn", 10, |world| {
        each(world, &some, |world, id| world.stripe.borrow_mut().dispute(&Dispute::of(id)).map(drop).ok())
    })?;
    world.pass(3 * DAY);
    measure(&mut world, &mut phases, "payout, not itemised", 10, |world| {
        let ten: Vec<String> = (0..10).map(|n| n.to_string()).collect();
        each(world, &ten, |world, _| world.stripe.borrow_mut().payout(&Payout::of(1_000, "usd")).map(drop).ok())
    })?;
    world.pass(3 * DAY);
    world.cron_sleeps = false;
    measure(&mut world, &mut phases, "day without an event", 1, |world| {
        world.pass(DAY);
        Ok(())
    })?;
    fs::write(out, json!({"migrations": MIGRATIONS, "phases": phases}).to_string())?;
    world.finish();
    Ok(())
}

/// Calls of the ports so far: HTTP requests that the product made, and what it sent to the queue.
fn calls(world: &World, port: &str) -> usize {
    world.dial.names.borrow().iter().filter(|name| **name == port).count()
}

fn measure(
    world: &mut World,
    phases: &mut Vec<Value>,
    what: &str,
    count: usize,
    run: impl FnOnce(&mut World) -> Result<()>,
) -> Result<()> {
    // What happened between two phases makes the ledger what it is, and counts for neither.
    phases.push(json!({"what": null, "batches": kept(world)}));
    let count_of = |world: &World| {
        let [fetches, hints] = ["http", "queue"].map(|port| calls(world, port));
        (world.stripe.borrow().deliveries().len(), fetches, hints)
    };
    let before = count_of(world);
    run(world)?;
    let after = count_of(world);
    phases.push(json!({"what": what, "count": count, "webhooks": after.0 - before.0, "fetches": after.1 - before.1,
        "hints": after.2 - before.2, "batches": kept(world)}));
    Ok(())
}

/// The batches since the last look.
fn kept(world: &World) -> Value {
    let batches = world.db.kept.borrow_mut().replace(Vec::new()).unwrap_or_default();
    batches.iter().map(|batch| batch.iter().map(told).collect::<Value>()).collect()
}

fn told(stmt: &Stmt) -> Value {
    let arg = |arg: &Arg| match arg {
        Arg::Null => Value::Null,
        Arg::Int(number) => (*number).into(),
        Arg::Text(text) => text.as_str().into(),
    };
    json!([stmt.sql, stmt.args.iter().map(arg).collect::<Value>()])
}

/// Invoices of 100 USD, each paid by card.
fn pay(world: &mut World, count: usize) -> Result<Vec<Paid>> {
    let mut all = Vec::new();
    for _ in 0..count {
        let (id, number) = {
            let mut odoo = world.odoo.borrow_mut();
            let id = odoo.invoice(&Invoice::of("100.00", "USD"));
            (id, odoo.number(id))
        };
        let metadata = [
            ("odoo_db", DATABASE.to_owned()),
            ("odoo_model", "account.move".into()),
            ("odoo_id", id.to_string()),
            ("odoo_ref", number),
        ];
        let metadata = metadata.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
        let paid = world.stripe.borrow_mut().pay(&Pay { metadata, ..Pay::card(10_000, "usd") });
        all.push(paid.map_err(|error| anyhow::anyhow!("{error:?}"))?);
        world.pass(APART);
    }
    Ok(all)
}

fn each(world: &mut World, ids: &[String], run: impl Fn(&World, &str) -> Option<()>) -> Result<()> {
    for id in ids {
        run(world, id).context("Stripe refused")?;
        world.pass(APART);
    }
    Ok(())
}
