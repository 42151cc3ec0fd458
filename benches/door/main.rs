//! `cargo xtask bench door`: our webhook door in real workerd, against a Worker that only inserts and one that uses
//! Stripe's package. Rounds are interleaved and each figure is a ratio within its round, so that whatever else the
//! machine does meets all three alike. docs/BENCHMARKS.md has the method.
#![allow(clippy::disallowed_methods, reason = "a measurement reads the machine's clock")]

mod load;
mod server;

use std::env;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result};

use load::{Events, Run};
use server::{Server, Setup, Variant, gzip_size};

/// What one variant did in one round.
struct Sample {
    run: Run,
    /// Milliseconds of workerd's CPU per request.
    cpu: f64,
}

fn main() -> Result<()> {
    let scratch = PathBuf::from(env::var_os("QUITTANCE_BENCH").context("run this through `cargo xtask bench door`")?);
    let setup = Setup {
        node: PathBuf::from(env::var_os("QUITTANCE_NODE").context("QUITTANCE_NODE names no Node")?),
        date: env::var("QUITTANCE_DATE").context("QUITTANCE_DATE names no compatibility date")?,
        state: state_dir()?,
    };
    let rounds = option("--rounds", 7);
    let scale = option("--requests", 2000);
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let variant = |name, entry, sql: &str| Variant { name, entry, dir: scratch.join(name), sql: root.join(sql) };
    let mut variants = vec![
        variant("ours", "entry.js", "migrations"),
        variant("floor", "floor.js", "benches/door/events.sql"),
        variant("stripe", "stripe.js", "benches/door/events.sql"),
    ];
    // Another bundle of the door, such as one made before a change.
    if let Some(dir) = argument("--against") {
        variants.push(Variant { dir: PathBuf::from(dir), ..variant("other", "entry.js", "migrations") });
    }
    let mut events = Events::new();

    row("", variants.iter().map(|v| v.name.to_owned()));
    row("---", variants.iter().map(|_| "---".to_owned()));
    let sizes = variants.iter().map(|v| gzip_size(&setup, &v.dir)).collect::<Result<Vec<_>>>()?;
    row("bundle, KB gzip", sizes.iter().map(|s| format!("{:.1}", *s as f64 / 1000.0)));
    starts(&setup, &variants, &mut events, option("--starts", rounds))?;

    let servers = variants.iter().map(|v| Server::start(&setup, v, &mut events)).collect::<Result<Vec<_>>>()?;
    for server in &servers {
        load::run(&mut events, server.port, 16, 500, None)?;
    }
    let chosen = argument("--connections").unwrap_or_else(|| "1,16,64".to_owned());
    let mut floor_rate = None;
    for connections in chosen.split(',').filter_map(|n| n.parse().ok()) {
        // One connection alone takes longer for as many.
        let requests = if connections == 1 { scale / 4 } else { scale };
        let samples = interleave(&servers, rounds, |server| sample(server, &mut events, connections, requests, None))?;
        let name = |what: &str| format!("{connections} connections: {what}");
        report(&name("requests/s"), &samples, |s| s.run.per_second());
        report(&name("p50, ms"), &samples, |s| s.run.percentile(50));
        report(&name("CPU s per 1,000"), &samples, |s| s.cpu);
        if connections == 16 {
            floor_rate = samples.get(1).map(|s| median(s.iter().map(|s| s.run.per_second()).collect()));
        }
    }
    // A load that even the floor carries easily.
    if let Some(rate) = floor_rate.map(|rate| rate / 2.0) {
        let name = |what: &str| format!("at {rate:.0} requests/s: {what}");
        let samples = interleave(&servers, rounds, |server| sample(server, &mut events, 16, scale, Some(rate)))?;
        report(&name("p50, ms"), &samples, |s| s.run.percentile(50));
        report(&name("p99, ms"), &samples, |s| s.run.percentile(99));
        report(&name("CPU s per 1,000"), &samples, |s| s.cpu);
    }
    for (variant, server) in variants.iter().zip(servers) {
        println!("{}: {} rows stored", variant.name, server.stop()?);
    }
    let _ = std::fs::remove_dir_all(&setup.state);
    Ok(())
}

/// Databases in memory where the machine has such a folder: a disk's fsync would flatter whoever commits less often.
fn state_dir() -> Result<PathBuf> {
    let memory = PathBuf::from("/dev/shm");
    let base = if memory.is_dir() { memory } else { env::temp_dir() };
    let dir = base.join(format!("quittance-bench-{}", std::process::id()));
    std::fs::create_dir_all(&dir)?;
    Ok(dir)
}

fn starts(setup: &Setup, variants: &[Variant], events: &mut Events, rounds: usize) -> Result<()> {
    let mut times = vec![Vec::new(); variants.len()];
    for round in 0..=rounds {
        for (variant, times) in variants.iter().zip(&mut times) {
            let server = Server::start(setup, variant, events)?;
            // The first start makes the tables.
            if round > 0 {
                times.push(server.first_answer.as_secs_f64() * 1000.0);
            }
            server.stop()?;
        }
    }
    figures("start to first 200, ms", &times);
    Ok(())
}

fn sample(
    server: &Server,
    events: &mut Events,
    connections: usize,
    requests: usize,
    rate: Option<f64>,
) -> Result<Sample> {
    let before = server.cpu()?;
    let run = load::run(events, server.port, connections, requests, rate)?;
    // What is left in waitUntil is part of the cost.
    sleep(Duration::from_millis(30));
    let cpu = (server.cpu()? - before).as_secs_f64() * 1000.0 / run.requests as f64;
    Ok(Sample { run, cpu })
}

/// Each round asks every server once, each round beginning with another.
fn interleave(
    servers: &[Server],
    rounds: usize,
    mut work: impl FnMut(&Server) -> Result<Sample>,
) -> Result<Vec<Vec<Sample>>> {
    let mut samples: Vec<Vec<Sample>> = servers.iter().map(|_| Vec::new()).collect();
    for round in 0..rounds {
        for turn in 0..servers.len() {
            let at = (round + turn) % servers.len();
            if let (Some(server), Some(list)) = (servers.get(at), samples.get_mut(at)) {
                list.push(work(server)?);
            }
        }
    }
    Ok(samples)
}

fn report(name: &str, samples: &[Vec<Sample>], of: impl Fn(&Sample) -> f64) {
    let values: Vec<Vec<f64>> = samples.iter().map(|list| list.iter().map(&of).collect()).collect();
    figures(name, &values);
}

/// Medians, and the ratio of the first variant to each other one within the rounds: median (least to most).
fn figures(name: &str, values: &[Vec<f64>]) {
    let ours = values.first().cloned().unwrap_or_default();
    row(
        name,
        values.iter().enumerate().map(|(n, list)| {
            let middle = median(list.clone());
            let middle = if middle >= 100.0 { format!("{middle:.0}") } else { format!("{middle:.2}") };
            if n == 0 {
                return middle;
            }
            let mut ratios: Vec<f64> = ours.iter().zip(list).map(|(a, b)| a / b).collect();
            ratios.sort_unstable_by(f64::total_cmp);
            let (least, most) =
                (ratios.first().copied().unwrap_or_default(), ratios.last().copied().unwrap_or_default());
            format!("{middle}; ours is {:.2} of it ({least:.2} to {most:.2})", median(ratios))
        }),
    );
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn row(name: &str, cells: impl Iterator<Item = String>) {
    println!("| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
}

/// What follows `name` among the arguments.
fn argument(name: &str) -> Option<String> {
    env::args().skip_while(|a| a != name).nth(1)
}

fn option(name: &str, default: usize) -> usize {
    argument(name).and_then(|value| value.parse().ok()).unwrap_or(default)
}
