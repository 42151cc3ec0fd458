//! `cargo xtask bench delivery`: events from the ledger into a simulated Odoo, in this process. docs/BENCHMARKS.md has
//! the method and what it leaves out.
#![allow(clippy::disallowed_methods, reason = "a measurement reads the machine's clock")]

mod backlog;
mod bench;

use std::time::{Duration, Instant};

use anyhow::Result;

use bench::{Bench, Cost, Ids};

/// Of the simulated Odoo, whatever it is asked.
const ANSWER: Duration = Duration::from_millis(50);
/// Hints in one message batch (wrangler.toml).
const BATCH: usize = 20;

fn main() -> Result<()> {
    if std::env::args().any(|argument| argument == "backlog") {
        return backlog::backlog();
    }
    println!(
        "| an Odoo that answers in {} ms, one consumer | one event a batch | {BATCH} a batch |\n|---|---|---|",
        ANSWER.as_millis()
    );
    let (alone, together) = (rate(1, 60)?, rate(BATCH, 600)?);
    for (name, of) in LINES {
        println!("| {name} | {} | {} |", of(&alone), of(&together));
    }
    growth("ids that begin with their time", Ids::Timed)?;
    growth("ids without any order", Ids::Random)?;
    backlog::backlog()
}

/// What a number of events took.
struct Taken {
    events: usize,
    wall: Duration,
    cost: Cost,
}

impl Taken {
    fn each(&self, what: usize) -> String {
        format!("{:.2}", what as f64 / self.events as f64)
    }
}

type Line = (&'static str, fn(&Taken) -> String);

const LINES: [Line; 6] = [
    ("events per second", |t| format!("{:.1}", t.events as f64 / t.wall.as_secs_f64())),
    ("ERP calls per event", |t| t.each(t.cost.erp_calls)),
    ("Stripe calls per event", |t| t.each(t.cost.stripe_calls)),
    ("D1 round trips per event", |t| t.each(t.cost.trips)),
    ("D1 statements per event", |t| t.each(t.cost.statements)),
    ("CPU per event, µs (flows and SQLite, not the parties)", |t| {
        format!("{:.0}", t.cost.cpu.as_secs_f64() * 1e6 / t.events as f64)
    }),
];

/// Delivers by the real clock.
fn rate(batch: usize, events: usize) -> Result<Taken> {
    let mut bench = Bench::new(ANSWER, Ids::Timed)?;
    // The first delivery asks whose the key is and which Odoo answers.
    let first = bench.store(batch)?;
    bench.deliver(&first)?;
    let mut taken = Taken { events, wall: Duration::ZERO, cost: Cost::default() };
    for _ in 0..events / batch {
        let ids = bench.store(batch)?;
        let began = Instant::now();
        taken.cost += bench.deliver(&ids)?;
        taken.wall += began.elapsed();
    }
    bench.finish();
    Ok(taken)
}

/// The same events on a small ledger and on a large one, in turns.
fn growth(name: &str, ids: Ids) -> Result<()> {
    const ROUNDS: usize = 41;
    println!("\n| rows in inbox and in postings; {name} | 1,000 | 1,000,000 | ratio |\n|---|---|---|---|");
    let mut small = Bench::new(Duration::ZERO, ids)?;
    let mut large = Bench::new(Duration::ZERO, ids)?;
    small.fill(1_000)?;
    large.fill(1_000_000)?;
    let mut costs: Vec<(Cost, Cost)> = Vec::new();
    for round in 0..=ROUNDS {
        let mut cost = [Cost::default(), Cost::default()];
        let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        for at in order {
            let bench = if at == 0 { &mut small } else { &mut large };
            let (ids, stored) = bench.measured_store(BATCH)?;
            let delivered = bench.deliver(&ids)?;
            if let Some(cost) = cost.get_mut(at) {
                *cost += stored;
                *cost += delivered;
            }
        }
        // The first round asks whose the key is.
        if round > 0 {
            costs.push((cost[0], cost[1]));
        }
    }
    let line = |name: &str, of: fn(&Cost) -> f64| {
        let middle = |mut values: Vec<f64>| {
            values.sort_unstable_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or_default()
        };
        let small = middle(costs.iter().map(|(small, _)| of(small) / BATCH as f64).collect());
        let large = middle(costs.iter().map(|(_, large)| of(large) / BATCH as f64).collect());
        let ratio = middle(costs.iter().map(|(small, large)| of(large) / of(small)).collect());
        println!("| {name} | {small:.1} | {large:.1} | {ratio:.2} |");
    };
    line("CPU per event, µs (store, claim, read, settle; not the parties)", |c| c.cpu.as_secs_f64() * 1e6);
    line("of it in SQLite, µs", |c| c.sqlite.as_secs_f64() * 1e6);
    line("steps of SQLite's machine per event", |c| c.steps as f64);
    line("D1 statements per event", |c| c.statements as f64);
    small.finish();
    large.finish();
    Ok(())
}
