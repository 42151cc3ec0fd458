//! `cargo xtask fuzz` and the part `fuzz` of the tests: what strangers can send, thrown at the code that reads it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::background::BackgroundJob;
use crate::run::{cargo, command, output, root, run, scratch};
use crate::watch;

/// What each target gets of the tests' time, in seconds.
const SHORT: &str = "5";
/// And of the long tests', in seconds.
const LONG: &str = "300";
/// Minutes of a target under libFuzzer when nothing else is asked.
const MINUTES: u64 = 10;
const CARGO_FUZZ: &str = "0.13.2";
const TARGETS: [&str; 6] = ["signature", "event", "mapping", "money", "odoo", "query"];

/// Every target for a moment, without libFuzzer: on the pinned compiler, with nothing to install.
pub fn short() -> Result<()> {
    watch::run("the targets of fuzz/, some seconds each", &mut example(&[SHORT])?)
}

/// The same for longer.
pub fn long() -> Result<()> {
    watch::run("the targets of fuzz/, minutes each", &mut example(&[LONG])?)
}

/// The same beside other parts.
pub fn beside() -> Result<BackgroundJob> {
    BackgroundJob::begin("fuzz", &example(&[SHORT])?)
}

/// `cargo xtask fuzz [--minutes M] [target …]`: under libFuzzer, one target after the other.
pub fn fuzz(arguments: &[String]) -> Result<()> {
    let (minutes, names) = match arguments {
        [flag, minutes, names @ ..] if flag == "--minutes" => {
            (minutes.parse().context("--minutes takes a number")?, names)
        }
        names => (MINUTES, names),
    };
    if let Some(unknown) = names.iter().find(|name| !TARGETS.contains(&name.as_str())) {
        bail!("there is no target `{unknown}`; there are: {}", TARGETS.join(", "));
    }
    let corpus = scratch()?.join("fuzz/corpus");
    run("the seeds, from the tests' fixtures", &mut example(&["--write", &corpus.to_string_lossy()])?)?;
    let program = cargo_fuzz()?;
    for target in TARGETS.iter().filter(|target| names.is_empty() || names.iter().any(|name| name == *target)) {
        under_libfuzzer(&program, target, minutes)?;
    }
    Ok(())
}

/// The product forbids unsafe code, so there is nothing for a sanitizer to see; without one no nightly compiler is needed.
fn under_libfuzzer(program: &PathBuf, target: &str, minutes: u64) -> Result<()> {
    let (corpus, artifacts) = (scratch()?.join("fuzz/corpus").join(target), scratch()?.join("fuzz/artifacts"));
    std::fs::create_dir_all(&artifacts).with_context(|| format!("cannot create {}", artifacts.display()))?;
    let mut fuzz = command(program);
    fuzz.args(["fuzz", "run", "--sanitizer", "none", "--target-dir"]).arg(scratch()?.join("fuzz/target"));
    fuzz.arg(target).arg(corpus).arg("--").arg(format!("-max_total_time={}", minutes * 60));
    fuzz.args(["-timeout=10", "-rss_limit_mb=1024", "-max_len=16384", "-print_final_stats=1"]);
    fuzz.arg(format!("-artifact_prefix={}/", artifacts.display()));
    run(&format!("libFuzzer on {target} for {minutes} minutes"), &mut fuzz)
}

/// The program of cargo-fuzz: the user's own, or one installed beside the builds.
fn cargo_fuzz() -> Result<PathBuf> {
    if output(Command::new("cargo-fuzz").arg("--version")).is_ok() {
        return Ok("cargo-fuzz".into());
    }
    let tools = scratch()?.join("tools");
    let mut install = cargo();
    install.args(["install", "cargo-fuzz", "--locked", "--version", CARGO_FUZZ, "--root"]).arg(&tools);
    run(&format!("cargo installs cargo-fuzz {CARGO_FUZZ}"), &mut install)
        .context("cargo-fuzz could not be installed: crates.io must be reachable the first time")?;
    Ok(tools.join("bin/cargo-fuzz"))
}

/// The program in fuzz/ that needs no libFuzzer.
fn example(arguments: &[&str]) -> Result<Command> {
    let mut short = cargo();
    short.current_dir(root().join("fuzz")).args(["run", "--quiet", "--locked", "--no-default-features"]);
    short.args(["--example", "short", "--target-dir"]).arg(scratch()?.join("fuzz/target")).arg("--").args(arguments);
    Ok(short)
}
