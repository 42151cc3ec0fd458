//! `cargo xtask demo` and `cargo xtask dev`: the program of crates/demo. The simulated parties, with the interpreter of the
//! procedures, are in that program alone, so that no other command waits for their build.

use std::process::{Command, Stdio};

use anyhow::Result;

use crate::build::target_dir;
use crate::run::{cargo, command, run};
use crate::{simulate, watch};

const PACKAGE: &str = "quittance-demo";

/// Hands this process over to that program. `arguments` begin with the command's own name.
pub fn show(arguments: &[String]) -> Result<()> {
    run("cargo builds the simulated Stripe and Odoo", cargo().args(["build", "--package", PACKAGE]))?;
    let program = target_dir()?.join("debug").join(format!("{PACKAGE}{}", std::env::consts::EXE_SUFFIX));
    hand_over(command(program).args(arguments))
}

/// The demonstration as a test, with the simulators that the other tests have.
pub fn tested() -> Result<()> {
    watch::run("the demonstration", command(simulate::program(PACKAGE)?).arg("demo").stdin(Stdio::null()))
}

/// Ctrl-C reaches one process only.
#[cfg(unix)]
fn hand_over(program: &mut Command) -> Result<()> {
    Err(std::os::unix::process::CommandExt::exec(program).into())
}

/// Ctrl-C reaches both; this one leaves it to the other.
#[cfg(windows)]
fn hand_over(program: &mut Command) -> Result<()> {
    ctrlc::set_handler(|| ())?;
    let status = program.status()?;
    anyhow::ensure!(status.success(), "{status}");
    Ok(())
}
