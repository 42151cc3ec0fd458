//! `cargo xtask audit`: licences and sources of what the product depends on, and what is known against it. What needs a network
//! that is not there is said not to be checked, and fails nothing.

use std::path::PathBuf;
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run::{cargo, command, output, root, run, scratch};

const CARGO_DENY: &str = "0.20.2";

pub fn audit() -> Result<()> {
    let mut checked = true;
    match cargo_deny() {
        Ok(program) => {
            for workspace in ["Cargo.toml", "fuzz/Cargo.toml"] {
                run(
                    &format!("cargo deny, {workspace}"),
                    deny(&program, workspace).args(["licenses", "bans", "sources"]),
                )?;
            }
            checked &= advisories(&program)?;
        }
        Err(error) => {
            println!("  not checked: {error:#}");
            checked = false;
        }
    }
    checked &= npm()?;
    println!("{}", if checked { "nothing is known against what is used" } else { "what could be checked is in order" });
    Ok(())
}

fn deny(program: &PathBuf, workspace: &str) -> Command {
    let mut deny = command(program);
    deny.args(["--manifest-path", workspace, "--log-level", "error", "--all-features", "--config"]);
    deny.arg(root().join("deny.toml")).args(["check", "--hide-inclusion-graph"]);
    deny
}

/// The program of cargo-deny: the user's own, or one installed beside the builds.
fn cargo_deny() -> Result<PathBuf> {
    if output(Command::new("cargo-deny").arg("--version")).is_ok() {
        return Ok("cargo-deny".into());
    }
    let tools = scratch()?.join("tools");
    let program = tools.join("bin/cargo-deny");
    if !program.exists() {
        let mut install = cargo();
        install.args(["install", "cargo-deny", "--locked", "--version", CARGO_DENY, "--root"]).arg(&tools);
        run(&format!("cargo installs cargo-deny {CARGO_DENY}, which takes some minutes"), &mut install)
            .context("cargo-deny is not there and could not be installed from crates.io")?;
    }
    Ok(program)
}

/// Whether RustSec's list was there to be asked. What stands in it fails.
fn advisories(program: &PathBuf) -> Result<bool> {
    println!("▸ cargo deny, advisories");
    let done = deny(program, "Cargo.toml").arg("advisories").output().context("cannot start cargo-deny")?;
    let said = output_text(&done);
    match (done.status.success(), said.contains("failed to fetch advisory database")) {
        (true, _) => Ok(true),
        (false, true) => {
            println!("  not checked: RustSec's list of advisories cannot be reached from here");
            Ok(false)
        }
        (false, false) => bail!("cargo deny, advisories:\n{said}"),
    }
}

/// Whether npm's registry was there to be asked. Findings of level high and critical fail; these packages build and test, and
/// none of them runs in the Worker.
fn npm() -> Result<bool> {
    println!("▸ npm audit");
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let done = command(npm).args(["audit", "--json", "--package-lock-only"]).output();
    let Ok(done) = done else {
        println!("  not checked: npm is not there");
        return Ok(false);
    };
    let answer: Value = serde_json::from_slice(&done.stdout).unwrap_or_default();
    match findings(&answer) {
        None => {
            println!("  not checked: npm's registry gives no advisories here");
            Ok(false)
        }
        Some(found) if found.is_empty() => Ok(true),
        Some(found) => bail!("npm audit: {}", found.join(", ")),
    }
}

/// Names of packages with findings that fail; `None` when the answer is no audit.
fn findings(answer: &Value) -> Option<Vec<String>> {
    let all = answer.get("vulnerabilities")?.as_object()?;
    let severe = |one: &Value| matches!(one.get("severity").and_then(Value::as_str), Some("high" | "critical"));
    Some(all.iter().filter(|(_, one)| severe(one)).map(|(name, _)| name.clone()).collect())
}

fn output_text(done: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_audit_that_was_refused_is_not_a_clean_one() {
        assert_eq!(findings(&json!({"message": "405 Method Not Allowed", "error": {}})), None);
        assert_eq!(findings(&Value::Null), None);
        assert_eq!(findings(&json!({"auditReportVersion": 2, "vulnerabilities": {}})), Some(vec![]));
        let two = json!({"vulnerabilities": {"a": {"severity": "low"}, "b": {"severity": "critical"}}});
        assert_eq!(findings(&two), Some(vec!["b".to_owned()]));
    }
}
