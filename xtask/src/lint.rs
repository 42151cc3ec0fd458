//! `cargo xtask lint`: format and lint of Rust, also for wasm, where native clippy does not look, of JavaScript and CSS, and of
//! the Python that Odoo runs; and whether the deliberate faults still fit the product.

use anyhow::Result;

use crate::run::{cargo, command, root, run};
use crate::{dependencies, mutate};

/// What keeps a Worker from panicking; a test that panics only fails.
const NOT_IN_TESTS: [&str; 8] =
    ["-A", "clippy::unwrap_used", "-A", "clippy::expect_used", "-A", "clippy::panic", "-A", "clippy::indexing_slicing"];

pub fn lint() -> Result<()> {
    dependencies::wasm_target()?;
    run("cargo fmt", cargo().args(["fmt", "--all", "--check"]))?;
    let node = dependencies::node()?;
    let biome = root().join("node_modules/@biomejs/biome/bin/biome");
    run("biome", command(&node).arg(biome).args(["ci", "--error-on-warnings"]))?;
    run("ruff", command(&node).arg("xtask/lint/python.mjs"))?;
    mutate::fits()?;
    let strict = ["--", "-D", "warnings"];
    run("cargo clippy", cargo().args(["clippy", "--workspace", "--lib", "--bins"]).args(strict))?;
    run("cargo clippy for wasm", cargo().args(["clippy", "--lib", "--target", "wasm32-unknown-unknown"]).args(strict))?;
    run(
        "cargo clippy of tests and benches",
        cargo().args(["clippy", "--workspace", "--tests", "--benches"]).args(strict).args(NOT_IN_TESTS),
    )
}
