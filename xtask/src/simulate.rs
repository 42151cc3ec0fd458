//! `cargo xtask simulate`: many random scenarios, each drawn from a seed, on all cores (docs/TESTING.md).

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::background::BackgroundJob;
use crate::build::target_dir;
use crate::run::{cargo, command, run};

/// Lives of the test command: three minutes of two cores. More are for whoever changes a flow.
const TESTED: [&str; 2] = ["--seeds", "1000"];
/// Those of the long tests come after them: an hour of two cores.
const LONG: [&str; 4] = ["--seeds", "20000", "--from", "1000"];

/// `arguments` are those of the program: `--seeds N`, `--from S`, `--minutes M`, `--all`, `--journal`.
pub fn simulate(arguments: &[String]) -> Result<()> {
    run("scenarios", scenarios()?.args(arguments))
}

/// The part of the test command, by itself.
pub fn tested() -> Result<()> {
    run("scenarios", scenarios()?.args(TESTED))
}

/// The part of the long tests.
pub fn long() -> Result<()> {
    run("scenarios", scenarios()?.args(LONG))
}

/// The same beside other parts, which mostly wait for a browser or a queue.
pub fn beside() -> Result<BackgroundJob> {
    BackgroundJob::begin("simulate", scenarios()?.args(TESTED))
}

/// What builds the programs of `crates/sim` as the tests are built, with all checks of sums and assertions: a profile of its own
/// scenarios a fifth faster, and its build takes as long as two thousand scenarios. Beside a test cargo chooses the features that
/// `cargo test` has, so that nothing is built twice.
pub const BUILD: [&str; 12] = [
    "build",
    "--workspace",
    "--features",
    "quittance-sim/world",
    "--bin",
    "quittance-scenarios",
    "--bin",
    "quittance-sim",
    "--bin",
    "quittance-demo",
    "--test",
    "tcp",
];

/// One of these programs, built.
pub fn program(name: &str) -> Result<PathBuf> {
    run("cargo builds the simulators", cargo().args(BUILD))?;
    Ok(target_dir()?.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

fn scenarios() -> Result<Command> {
    Ok(command(program("quittance-scenarios")?))
}
