//! `cargo xtask bench`: measurements. docs/BENCHMARKS.md has the method and the last results.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run::{cargo, command, root, run, scratch};
use crate::wrangler::wrangler;
use crate::{build, dependencies, wrangler as worker};

type Measurement = (&'static str, fn(&[String]) -> Result<()>);

const KINDS: [Measurement; 8] = [
    ("map", map),
    ("delivery", delivery),
    ("cost", cost),
    ("door", door),
    ("pay", pay),
    ("burst", burst),
    ("backlog", backlog),
    ("odoo", odoo),
];

/// Runs the measurement named first, with the arguments after it, or all.
pub fn bench(arguments: &[String]) -> Result<()> {
    let Some((name, rest)) = arguments.split_first() else {
        return KINDS.iter().try_for_each(|(_, work)| work(&[]));
    };
    match KINDS.iter().find(|(kind, _)| kind == name) {
        Some((_, work)) => work(rest),
        None => {
            let known: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
            bail!("there is no measurement `{name}`; there are: {}", known.join(", "))
        }
    }
}

/// Verify, parse and map one event, natively.
fn map(rest: &[String]) -> Result<()> {
    cargo_bench("map", rest, |_| {})
}

/// Events to a simulated Odoo, natively.
fn delivery(rest: &[String]) -> Result<()> {
    cargo_bench("delivery", rest, |_| {})
}

/// What Cloudflare bills for: counted, so that a build for debugging says the same.
fn cost(_: &[String]) -> Result<()> {
    let (node, out) = (dependencies::node()?, scratch()?.join("cost.json"));
    let arguments = ["bench", "--profile=dev", "--package=quittance-bench", "--bench=cost"];
    run("cargo bench --bench cost", cargo().args(arguments).env("QUITTANCE_COST", &out))?;
    let script = root().join("benches/cost/cost.mjs");
    run("benches/cost on workerd's D1", command(&node).arg(script).arg(&out))
}

/// Payments in the real Odoo that the environment names; said and left out when it names none.
fn odoo(rest: &[String]) -> Result<()> {
    // Odoo is what takes the time: a build for debugging measures the same.
    let arguments = ["bench", "--profile=dev", "--package=quittance-bench", "--bench=odoo", "--"];
    run("cargo bench --bench odoo", cargo().args(arguments).args(rest))
}

/// The webhook door in workerd, against two Workers in JavaScript.
fn door(rest: &[String]) -> Result<()> {
    let node = dependencies::node()?;
    build::build()?;
    worker::bundle(&node)?;
    let dir = scratch()?.join("bench");
    let date = compatibility_date()?;
    for name in ["floor", "stripe"] {
        reference(&node, name, &date, &dir.join(name))?;
    }
    copy(&scratch()?.join("worker"), &dir.join("ours"))?;
    cargo_bench("door", rest, |command| {
        command.env("QUITTANCE_BENCH", &dir).env("QUITTANCE_NODE", &node).env("QUITTANCE_DATE", &date);
    })
}

/// What a payer waits for, in workerd; an argument is the number of rounds.
fn pay(rest: &[String]) -> Result<()> {
    in_workerd("pay", "pay", rest)
}

/// A burst of webhooks in workerd, and what its isolate holds; arguments are those of the script.
fn burst(rest: &[String]) -> Result<()> {
    in_workerd("burst", "burst", rest)
}

/// A hundred thousand events that wait in the inbox and in the queue, in workerd: some ten minutes.
fn backlog(rest: &[String]) -> Result<()> {
    in_workerd("burst", "backlog", rest)
}

/// A script that measures the bundled Worker between simulated parties.
fn in_workerd(folder: &str, name: &str, rest: &[String]) -> Result<()> {
    let node = dependencies::node()?;
    build::build()?;
    worker::bundle(&node)?;
    let parties = ["build", "--profile=bench", "--package=quittance-sim"];
    run("cargo builds the simulated parties", cargo().args(parties))?;
    let script = root().join("benches").join(folder).join(name).with_extension("mjs");
    let mut bench = command(&node);
    bench
        .arg(script)
        .args(rest)
        .env("QUITTANCE_WORKER", scratch()?.join("worker"))
        .env("QUITTANCE_SIM_PROFILE", "bench");
    run(&format!("benches/{name}"), &mut bench)
}

fn cargo_bench(name: &str, rest: &[String], prepare: impl Fn(&mut Command)) -> Result<()> {
    let mut bench = cargo();
    bench.args(["bench", "--package=quittance-bench", "--bench", name, "--"]).args(rest);
    prepare(&mut bench);
    run(&format!("cargo bench --bench {name}"), &mut bench)
}

/// Bundles one of the Workers that the door is compared with.
fn reference(node: &Path, name: &str, date: &str, out: &Path) -> Result<()> {
    let dir = root().join("benches/door");
    run(
        &format!("wrangler bundles {name}.mjs"),
        wrangler(node)
            .arg("deploy")
            .arg(dir.join(name).with_extension("mjs"))
            .arg("--config")
            .arg(dir.join("wrangler.toml"))
            .args(["--dry-run", "--compatibility-date", date, "--outdir"])
            .arg(out)
            .env("CI", "1"),
    )
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to)?;
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        std::fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// The Workers compared run under the compatibility date of ours.
fn compatibility_date() -> Result<String> {
    let text = std::fs::read_to_string(root().join("wrangler.toml"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("compatibility_date = "));
    line.map(|date| date.trim_matches('"').to_owned()).context("wrangler.toml names no compatibility_date")
}
