//! `cargo xtask simulate`: many merchants' lives, each drawn from a seed, on all cores (docs/TESTING.md).

use std::process::Command;

use anyhow::Result;

use crate::aside::Aside;
use crate::run::{cargo, run};

/// Lives of the test command: some minutes of two cores. More are for whoever changes a flow.
const TESTED: [&str; 2] = ["--seeds", "2000"];

/// `arguments` are those of the program: `--seeds N`, `--from S`, `--minutes M`, `--all`, `--journal`.
pub fn simulate(arguments: &[String]) -> Result<()> {
    run("lives", lives().args(arguments))
}

/// The part of the test command, by itself.
pub fn tested() -> Result<()> {
    run("lives", lives().args(TESTED))
}

/// The same beside other parts, which mostly wait for a browser or a queue.
pub fn beside() -> Result<Aside> {
    Aside::begin("simulate", lives().args(TESTED))
}

/// Optimised, and with sums that do not wrap: the profile of that name in Cargo.toml.
fn lives() -> Command {
    let mut lives = cargo();
    lives.args(["run", "--quiet", "--profile", "simulate", "--package", "quittance-sim", "--features", "world"]);
    lives.args(["--bin", "quittance-lives", "--"]);
    lives
}
