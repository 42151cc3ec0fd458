//! What the commands need on the machine: installed here where that is possible, named in one sentence where not.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::run::{command, output, root, run};

const WASM: &str = "wasm32-unknown-unknown";

/// The standard library for wasm, through rustup where it is missing.
pub fn wasm_target() -> Result<()> {
    let sysroot = output(command(rustc()).args(["--print", "sysroot"]))?;
    if PathBuf::from(sysroot).join("lib/rustlib").join(WASM).is_dir() {
        return Ok(());
    }
    run("rustup target add wasm32-unknown-unknown", command("rustup").args(["target", "add", WASM]))
        .context("the Rust target wasm32-unknown-unknown is missing and rustup could not add it: install rustup from rustup.rs, or that target with your distribution's package")
}

/// The compiler that cargo itself uses, so that both look at one sysroot.
fn rustc() -> String {
    std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned())
}

/// The npm packages of package-lock.json, and the Node that runs them: gives the path of that Node.
pub fn node() -> Result<PathBuf> {
    let version = system_node()?;
    let lock = fs::read(root().join("package-lock.json")).context("package-lock.json is missing")?;
    let stamp = root().join("node_modules/.quittance-lock");
    if fs::read(&stamp).ok().as_ref() != Some(&lock) {
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        run("npm ci", command(npm).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))
            .context("npm could not install what package-lock.json names: npm (it comes with Node) and its registry must be reachable the first time")?;
        fs::write(&stamp, &lock).context("cannot write into node_modules")?;
    }
    let packaged = root().join("node_modules/.bin/node");
    if packaged.exists() {
        return Ok(packaged);
    }
    if version < (22, 12) {
        bail!(
            "Node {}.{} is too old here: install Node 22.12 or newer (on Linux on x64 and arm64 Node 20 is enough, as npm brings the newer one)",
            version.0,
            version.1
        );
    }
    Ok(PathBuf::from("node"))
}

/// (major, minor) of the Node on PATH, which runs npm.
fn system_node() -> Result<(u32, u32)> {
    let text = output(command("node").arg("--version"))
        .context("Node is missing: install Node 20 or newer on Linux, 22.12 or newer elsewhere (nodejs.org, or your package manager)")?;
    let version = parse_version(&text).with_context(|| format!("cannot read the version that node gives: {text}"))?;
    if version < (20, 0) {
        bail!("Node {text} is too old: install Node 20 or newer on Linux, 22.12 or newer elsewhere");
    }
    Ok(version)
}

/// `v22.12.0` gives (22, 12).
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::parse_version;

    #[test]
    fn reads_what_node_prints() {
        assert_eq!(parse_version("v20.20.2\n"), Some((20, 20)));
        assert_eq!(parse_version("v24.21.0"), Some((24, 21)));
        assert_eq!(parse_version("node: not found"), None);
    }
}
