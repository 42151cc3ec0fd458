//! `cargo xtask mutate [name …]`: deliberate faults in a copy of the product, one at a time. The simulation has to find each
//! of them within the lives that tests/mutations/faults.txt gives it (docs/TESTING.md).

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use crate::run::{cargo, command, root, run, scratch};

/// The faults, all in one build: QUITTANCE_MUTANT names the one that is switched on.
const PATCH: &str = "tests/mutations/faults.patch";
/// One a line: its name, and how many lives may be needed.
const FAULTS: &str = "tests/mutations/faults.txt";

pub fn mutate(names: &[String]) -> Result<()> {
    let list = std::fs::read_to_string(root().join(FAULTS)).with_context(|| format!("{FAULTS} is missing"))?;
    let faults: Vec<(&str, &str)> = list.lines().filter_map(|line| line.split_once(' ')).collect();
    if let Some(name) = names.iter().find(|name| !faults.iter().any(|(known, _)| known == name)) {
        bail!("{FAULTS} has no fault {name}");
    }
    let copy = copied()?;
    let mut build = cargo();
    build.current_dir(&copy).env("CARGO_TARGET_DIR", root().join("target"));
    build.args(["build", "--quiet", "--profile", "simulate", "--package", "quittance-sim", "--features", "world"]);
    run("cargo builds the faults", build.args(["--bin", "quittance-lives"]))?;
    // The next build of the simulation itself writes to the same place.
    let lives = copy.join("lives");
    std::fs::copy(root().join("target/simulate/quittance-lives"), &lives).context("cannot copy the program")?;
    let asked = |name: &str| names.is_empty() || names.iter().any(|n| n == name);
    let mut unfound = Vec::new();
    for (name, seeds) in faults.into_iter().filter(|(name, _)| asked(name)) {
        match found(&lives, name, seeds.trim())? {
            Some(law) => println!("{name}: {law}"),
            None => unfound.push(name),
        }
    }
    if !unfound.is_empty() {
        bail!("not found: {}", unfound.join(", "));
    }
    Ok(())
}

/// Whether the faults can be put into the product as it is; a change of the lines that they touch wants the patch changed.
pub fn fits() -> Result<()> {
    let patch = root().join(PATCH);
    run("git apply --check of the faults", command("git").args(["apply", "--check"]).arg(patch))
        .with_context(|| format!("the deliberate faults of {PATCH} no longer fit the product: mend the patch"))
}

/// The last commit with the faults in it, below target/.
fn copied() -> Result<std::path::PathBuf> {
    let copy = scratch()?.join("faults");
    if copy.exists() {
        std::fs::remove_dir_all(&copy).with_context(|| format!("cannot remove {}", copy.display()))?;
    }
    run("git clone", command("git").args(["clone", "--quiet", "--shared", "."]).arg(&copy))?;
    let patch = root().join(PATCH);
    run("git apply", command("git").current_dir(&copy).arg("apply").arg(patch))
        .context("the faults no longer fit the product: mend the patch")?;
    Ok(copy)
}

/// Which law a fault broke, and at which seed.
fn found(lives: &Path, name: &str, seeds: &str) -> Result<Option<String>> {
    let mut program = command(lives);
    program.args(["--seeds", seeds]).env("QUITTANCE_MUTANT", name).stderr(Stdio::null());
    let out = program.output().context("cannot start the program")?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let law = text.lines().find(|line| line.starts_with("seed ") && line.contains(" breaks the law: "));
    Ok(law.filter(|_| !out.status.success()).map(str::to_owned))
}
