//! `cargo xtask lint`: format and clippy, also for wasm, where native clippy does not look.

use anyhow::Result;

use crate::need;
use crate::run::{cargo, run};

pub fn lint() -> Result<()> {
    need::wasm_target()?;
    run("cargo fmt", cargo().args(["fmt", "--all", "--check"]))?;
    run("cargo clippy", cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    run(
        "cargo clippy for wasm",
        cargo().args(["clippy", "--lib", "--target", "wasm32-unknown-unknown", "--", "-D", "warnings"]),
    )
}
