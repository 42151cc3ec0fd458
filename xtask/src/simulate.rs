//! `cargo xtask simulate`: many merchants' lives, each drawn from a seed, on all cores (docs/TESTING.md).

use anyhow::Result;

use crate::run::{cargo, run};

/// Lives of the test command: a minute or two of two cores, its build apart. Thousands are for whoever changes a flow.
const TESTED: &str = "500";

/// `arguments` are those of the program: `--seeds N`, `--from S`, `--minutes M`, `--all`, `--journal`.
pub fn simulate(arguments: &[String]) -> Result<()> {
    let mut lives = cargo();
    // Optimised, and with sums that do not wrap: the profile of that name in Cargo.toml.
    lives.args(["run", "--quiet", "--profile", "simulate", "--package", "quittance-sim", "--features", "world"]);
    run("lives", lives.args(["--bin", "quittance-lives", "--"]).args(arguments))
}

/// The part of the test command.
pub fn tested() -> Result<()> {
    simulate(&["--seeds", TESTED].map(str::to_owned))
}
