//! `cargo xtask simulate`: many merchants' lives, each drawn from a seed, on all cores (docs/TESTING.md).

use std::process::Command;

use anyhow::Result;

use crate::aside::Aside;
use crate::build::target_dir;
use crate::run::{cargo, command, run};

/// Lives of the test command: three minutes of two cores. More are for whoever changes a flow.
const TESTED: [&str; 2] = ["--seeds", "1000"];
/// Those of the long tests come after them: an hour of two cores.
const LONG: [&str; 4] = ["--seeds", "20000", "--from", "1000"];

/// `arguments` are those of the program: `--seeds N`, `--from S`, `--minutes M`, `--all`, `--journal`.
pub fn simulate(arguments: &[String]) -> Result<()> {
    run("lives", lives()?.args(arguments))
}

/// The part of the test command, by itself.
pub fn tested() -> Result<()> {
    run("lives", lives()?.args(TESTED))
}

/// The part of the long tests.
pub fn long() -> Result<()> {
    run("lives", lives()?.args(LONG))
}

/// The same beside other parts, which mostly wait for a browser or a queue.
pub fn beside() -> Result<Aside> {
    Aside::begin("simulate", lives()?.args(TESTED))
}

/// The program, built as the tests are, with all checks of sums and assertions: a profile of its own lives a fifth faster, and
/// its build takes as long as two thousand lives.
fn lives() -> Result<Command> {
    run("cargo builds the lives", cargo().args(["build", "--workspace", "--bin", "quittance-lives"]))?;
    Ok(command(target_dir()?.join("debug/quittance-lives")))
}
