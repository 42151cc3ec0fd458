//! Wrangler, run by the Node that npm brought.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::run::{command, root, run, scratch};

/// A wrangler command in the root of the repository.
pub fn wrangler(node: &Path) -> Command {
    let mut command = command(node);
    command.arg("--no-warnings").arg(root().join("node_modules/wrangler/bin/wrangler.js"));
    command
}

/// Bundles the built Worker into `target/quittance/worker`, as a deployment would upload it.
pub fn bundle(node: &Path) -> Result<()> {
    let out = scratch()?.join("worker");
    // Files of an earlier bundle carry other names and would stay.
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    run(
        "wrangler bundles the Worker (deploy --dry-run)",
        wrangler(node).args(["deploy", "--dry-run", "--outdir"]).arg(out).env("CI", "1"),
    )
}
