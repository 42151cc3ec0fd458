//! `cargo xtask mutate [name …]`: deliberate faults in a copy of the product, one at a time. Each has to be found by what
//! tests/mutations/faults.txt names for it: an invariant of the simulation within so many scenarios, or one test (docs/TESTING.md).

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::run::{cannot_start, cargo, command, root, run, scratch};

const FOLDER: &str = "tests/mutations";
/// The patches, in the order in which they are applied; all go into one build, where QUITTANCE_MUTANT names the fault that is
/// switched on. `switch` has what reads it.
const PATCHES: [&str; 12] = [
    "switch",
    "delivery",
    "data",
    "disputes",
    "doors",
    "money",
    "odoo",
    "procedures",
    "pay",
    "stripe",
    "verify",
    "kinds",
];

/// A line of faults.txt: `name scenarios 100 the invariant` or `name test package/binary the::test`, where the binary may be `lib`.
struct Fault<'a> {
    name: &'a str,
    finder: Finder<'a>,
}

enum Finder<'a> {
    /// At most so many scenarios, and the invariant that has to be violated.
    Scenarios(&'a str, &'a str),
    /// Package, binary and the whole name of a test.
    Test(&'a str, &'a str, &'a str),
}

pub fn mutate(names: &[String]) -> Result<()> {
    let list = std::fs::read_to_string(root().join(FOLDER).join("faults.txt")).context("faults.txt is missing")?;
    let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let all =
        lines.map(|line| fault(line).with_context(|| format!("faults.txt: {line}"))).collect::<Result<Vec<_>>>()?;
    if let Some(name) = names.iter().find(|name| all.iter().all(|fault| fault.name != **name)) {
        bail!("faults.txt has no fault {name}");
    }
    let asked: Vec<Fault<'_>> =
        all.into_iter().filter(|fault| names.is_empty() || names.iter().any(|name| name == fault.name)).collect();
    let copy = copied()?;
    let by_scenarios = asked.iter().any(|fault| matches!(fault.finder, Finder::Scenarios(..)));
    let scenarios = if by_scenarios { Some(built(&copy)?) } else { None };
    let mut unfound = Vec::new();
    for Fault { name, finder } in asked {
        let found = match (finder, &scenarios) {
            (Finder::Scenarios(most, invariant), Some(scenarios)) => breaks(scenarios, name, most, invariant)?,
            (Finder::Test(package, binary, test), _) => fails(&copy, name, package, binary, test)?,
            (Finder::Scenarios(..), None) => Err("the program is missing".to_owned()),
        };
        match found {
            Ok(by) => println!("{name}: found by {by}"),
            Err(why) => {
                println!("{name}: NOT FOUND: {why}");
                unfound.push(name);
            }
        }
    }
    if !unfound.is_empty() {
        bail!("not found: {}", unfound.join(", "));
    }
    Ok(())
}

/// Whether the faults can be put into the product as it is; a change of the lines that they touch wants the patch changed.
pub fn fits() -> Result<()> {
    apply(&root(), &["apply", "--check", "-"])
}

fn fault(line: &str) -> Result<Fault<'_>> {
    let mut words = line.splitn(4, ' ');
    let mut word = || words.next().context("a word is missing");
    let (name, sort, second, rest) = (word()?, word()?, word()?, word()?);
    let finder = match (sort, second.split_once('/')) {
        ("scenarios", _) => Finder::Scenarios(second, rest),
        ("test", Some((package, binary))) => Finder::Test(package, binary, rest),
        _ => bail!("neither scenarios nor a test"),
    };
    Ok(Fault { name, finder })
}

/// All patches as one: git checks a patch against what those before it made of a file only within one input.
fn apply(place: &Path, arguments: &[&str]) -> Result<()> {
    let mut all = Vec::new();
    for name in PATCHES {
        let path = root().join(FOLDER).join(format!("{name}.patch"));
        all.extend(std::fs::read(&path).with_context(|| format!("{} is missing", path.display()))?);
    }
    let mut git = command("git");
    let mut git = git.current_dir(place).args(arguments).stdin(Stdio::piped()).spawn().context("cannot start git")?;
    git.stdin.take().context("git has no input")?.write_all(&all)?;
    if !git.wait()?.success() {
        bail!("the deliberate faults of {FOLDER} no longer fit the product: mend the patches");
    }
    Ok(())
}

/// The last commit with the faults in it, below target/.
fn copied() -> Result<PathBuf> {
    let copy = scratch()?.join("faults");
    if copy.exists() {
        std::fs::remove_dir_all(&copy).with_context(|| format!("cannot remove {}", copy.display()))?;
    }
    run("git clone", command("git").args(["clone", "--quiet", "--shared", "."]).arg(&copy))?;
    apply(&copy, &["apply", "-"])?;
    Ok(copy)
}

fn cargo_in(copy: &Path) -> Command {
    let mut cargo = cargo();
    cargo.current_dir(copy).env("CARGO_TARGET_DIR", root().join("target"));
    cargo
}

/// The simulation with the faults in it.
fn built(copy: &Path) -> Result<PathBuf> {
    let mut build = cargo_in(copy);
    build.args(crate::simulate::BUILD);
    run("cargo builds the faults", &mut build)?;
    // The next build of the simulation itself writes to the same place.
    let scenarios = copy.join("scenarios");
    std::fs::copy(root().join("target/debug/quittance-scenarios"), &scenarios).context("cannot copy the program")?;
    Ok(scenarios)
}

/// Whether a scenario violates this invariant; other invariants that are violated first do not count.
fn breaks(scenarios: &Path, name: &str, most: &str, invariant: &str) -> Result<Result<String, String>> {
    let mut program = command(scenarios);
    program.args(["--seeds", most, "--all"]).env("QUITTANCE_MUTANT", name);
    let mut child = program.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().context("cannot start the program")?;
    let lines = BufReader::new(child.stdout.take().context("the program has no output")?).lines();
    let mut others = 0;
    let mut found = None;
    for line in lines.map_while(Result::ok) {
        let mut parts = line.split(" | ");
        match (parts.next().and_then(|first| first.strip_prefix("seed ")), parts.next()) {
            (Some(seed), Some(broken)) if broken == invariant => {
                found = Some(format!("the invariant \"{invariant}\" in the scenario of seed {seed}"));
                break;
            }
            (Some(_), Some(_)) => others += 1,
            _ => {}
        }
    }
    drop(child.kill());
    child.wait()?;
    Ok(found.ok_or(format!("{most} scenarios did not violate \"{invariant}\", and {others} violated other invariants")))
}

/// Whether the test passes as the product is and fails with the fault.
fn fails(copy: &Path, name: &str, package: &str, binary: &str, test: &str) -> Result<Result<String, String>> {
    let result = |fault: &str| -> Result<String> {
        let mut cargo = cargo_in(copy);
        cargo.args(["test", "--quiet", "--package", package]);
        match binary {
            "lib" => cargo.arg("--lib"),
            _ => cargo.args(["--test", binary]),
        };
        cargo.args(["--", "--exact", test]).env("QUITTANCE_MUTANT", fault);
        let out = cargo.output().with_context(|| cannot_start(&cargo))?;
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    };
    if !result("")?.contains("ok. 1 passed") {
        return Ok(Err(format!("{binary} {test} does not pass as the product is")));
    }
    let found = result(name)?.contains("0 passed; 1 failed");
    Ok(if found { Ok(format!("{binary} {test}")) } else { Err(format!("{binary} {test} passes")) })
}
