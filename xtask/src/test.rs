//! `cargo xtask test`: everything that must hold, part by part.

use anyhow::{Result, bail};

use crate::run::{cargo, command, root, run};
use crate::{build, demo, lint, need, wrangler};

type Part = (&'static str, fn() -> Result<()>);

const PARTS: [Part; 3] = [("lint", lint::lint), ("native", native), ("workerd", workerd)];

/// Runs the named parts, or all; stops at the first that fails.
pub fn test(names: &[String]) -> Result<()> {
    for name in names {
        if !PARTS.iter().any(|(part, _)| part == name) {
            let known: Vec<&str> = PARTS.iter().map(|(part, _)| *part).collect();
            bail!("there is no part `{name}`; there are: {}", known.join(", "));
        }
    }
    for (part, work) in PARTS {
        if names.is_empty() || names.iter().any(|name| name == part) {
            println!("── {part}");
            work()?;
        }
    }
    Ok(())
}

/// Rust tests on SQLite and the simulators, in this process's own architecture.
fn native() -> Result<()> {
    run("cargo test", cargo().args(["test", "--workspace", "--no-fail-fast"]))
}

/// The bundled Worker in real workerd, with local D1, KV and Queue.
fn workerd() -> Result<()> {
    let node = need::node()?;
    build::build()?;
    wrangler::bundle(&node)?;
    // What a newcomer types first; it checks each of its steps.
    demo::demo()?;
    run("cargo builds the simulated parties", cargo().args(["build", "--package", "quittance-sim"]))?;
    run(
        "node --test tests/workerd",
        command(&node)
            .args(["--test", "tests/workerd/*.mjs"])
            .env("QUITTANCE_WORKER", root().join("target/quittance/worker")),
    )
}
