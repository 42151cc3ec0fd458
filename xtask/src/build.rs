//! The Worker: cargo builds the wasm, wasm-bindgen (as a library, pinned in Cargo.lock) writes its
//! JavaScript, binaryen makes it small. Wrangler bundles the result with `src/glue/entry.mjs`.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::need;
use crate::run::{command, output, root, run};

/// Wasm features that every workerd of the last years has, and that rustc's own wasm already uses.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Leaves `core.js` and `core_bg.wasm` in `build/`; does nothing when the wasm did not change.
pub fn build() -> Result<()> {
    need::wasm_target()?;
    let node = need::node()?;
    let wasm = compile()?;
    let dir = root().join("build");
    let stamp = dir.join(".source");
    let source = fingerprint(&wasm)?;
    if fs::read_to_string(&stamp).is_ok_and(|old| old == source) {
        println!("▸ build/ is up to date");
        return Ok(());
    }
    let started = Instant::now();
    println!("▸ wasm-bindgen and wasm-opt");
    bindgen(&wasm, &dir)?;
    shrink(&node, &dir.join("core_bg.wasm"))?;
    fs::write(&stamp, source)?;
    let size = fs::metadata(dir.join("core_bg.wasm"))?.len();
    println!("  core_bg.wasm: {} KB, {:.1} s", size / 1000, started.elapsed().as_secs_f32());
    Ok(())
}

/// The raw wasm, made by cargo.
fn compile() -> Result<PathBuf> {
    run(
        "cargo builds the Worker for wasm32-unknown-unknown",
        command(env!("CARGO")).args([
            "rustc",
            "--package=quittance",
            "--lib",
            "--crate-type=cdylib",
            "--release",
            "--target=wasm32-unknown-unknown",
        ]),
    )?;
    Ok(target_dir()?.join("wasm32-unknown-unknown/release/quittance.wasm"))
}

/// Cargo's target directory, which a user may have moved.
fn target_dir() -> Result<PathBuf> {
    let text = output(command(env!("CARGO")).args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let value: serde_json::Value = serde_json::from_str(&text).context("cargo metadata is not JSON")?;
    let dir =
        value.get("target_directory").and_then(|d| d.as_str()).context("cargo metadata names no target directory")?;
    Ok(PathBuf::from(dir))
}

/// Changes when the wasm or what is done to it here changed.
fn fingerprint(wasm: &Path) -> Result<String> {
    let meta = fs::metadata(wasm).with_context(|| format!("{} is missing", wasm.display()))?;
    let mut hasher = DefaultHasher::new();
    include_str!("build.rs").hash(&mut hasher);
    fs::read(root().join("package-lock.json")).unwrap_or_default().hash(&mut hasher);
    Ok(format!("{} {:?} {:x}\n", meta.len(), meta.modified()?, hasher.finish()))
}

/// Writes the JavaScript beside the wasm, without names, producers or the wasm's debug sections.
fn bindgen(wasm: &Path, dir: &Path) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir).with_context(|| format!("cannot empty {}", dir.display()))?;
    }
    Bindgen::new()
        .input_path(wasm)
        .out_name("core")
        .web(true)?
        .reset_state_function(true)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(dir)
        .context("wasm-bindgen could not read the Worker: is Cargo.lock's wasm-bindgen the version of wasm-bindgen-cli-support?")
}

/// Runs binaryen's wasm-opt in place, for size.
fn shrink(node: &Path, wasm: &Path) -> Result<()> {
    let opt = root().join("node_modules/binaryen/bin/wasm-opt");
    output(command(node).arg(opt).args(FEATURES).args(["-Os", "--strip-debug", "-o"]).arg(wasm).arg(wasm))
        .context("wasm-opt failed")?;
    Ok(())
}
