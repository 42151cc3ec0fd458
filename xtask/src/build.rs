//! The Worker: cargo builds the wasm, wasm-bindgen (as a library, pinned in Cargo.lock) writes its
//! JavaScript, binaryen makes it small. Wrangler bundles the result with `src/glue/entry.mjs`.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::dependencies;
use crate::run::{cargo, command, output, root, run};

/// Wasm features that every workerd of the last years has, and that rustc's own wasm already uses.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// For size after gzip, as measured on this Worker. The first bytes of the memory are the far end of the stack, so
/// that no address wraps round to them; a function inlined into its only caller makes both less like others.
const SMALL: [&str; 4] = ["-Os", "--strip-debug", "--low-memory-unused", "--one-caller-inline-max-function-size=20"];

/// Leaves `core.js` and `core_bg.wasm` in `build/`; does nothing when the wasm did not change.
pub fn build() -> Result<()> {
    dependencies::wasm_target()?;
    let node = dependencies::node()?;
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
        cargo().args([
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
pub fn target_dir() -> Result<PathBuf> {
    let text = output(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
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
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name("core")
        .web(true)?
        .reset_state_function(true)
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true);
    let mut output = bindgen.generate_output().context(
        "wasm-bindgen could not read the Worker: is Cargo.lock's wasm-bindgen the version of wasm-bindgen-cli-support?",
    )?;
    let module = output.wasm_mut();
    let made: Vec<String> = module.imports.iter().map(|import| import.name.clone()).collect();
    let exports: Vec<_> = module.exports.iter().map(|export| (export.id(), export.name.clone())).collect();
    let names: Vec<&str> = exports.iter().map(|(_, name)| name.as_str()).collect();
    let unmade = unmade(&names, &made);
    for (id, name) in &exports {
        if unmade.iter().any(|class| belongs(name, class)) {
            module.exports.delete(*id);
        }
    }
    output.emit(dir).context("wasm-bindgen could not write its output")?;
    loosen(&dir.join("core.js"))
}

/// Says what the bundler cannot know: that the JavaScript of a class nobody uses may go.
fn loosen(script: &Path) -> Result<()> {
    let text = fs::read_to_string(script)?;
    let lines = text.lines().filter(|line| !line.starts_with("if (Symbol.dispose) "));
    let text = lines.collect::<Vec<_>>().join("\n");
    let text = text.replace(": new FinalizationRegistry(", ": /* @__PURE__ */ new FinalizationRegistry(");
    Ok(fs::write(script, text)?)
}

/// Classes of libraries that nothing here ever makes an instance of: wasm-bindgen exports all their methods, and an
/// export keeps its code alive. An instance comes from the import `__wbg_{class}_new…` or an exported constructor.
fn unmade(exports: &[&str], imports: &[String]) -> Vec<String> {
    let classes = exports.iter().filter_map(|name| name.strip_prefix("__wbg_")?.strip_suffix("_free"));
    classes
        .filter(|class| !imports.iter().any(|import| import.starts_with(&format!("__wbg_{class}_new"))))
        .filter(|class| !exports.iter().any(|export| export.starts_with(&format!("{class}_new"))))
        .map(str::to_owned)
        .collect()
}

/// Whether an export is a method or field of the class.
fn belongs(export: &str, class: &str) -> bool {
    ["", "__wbg_", "__wbg_get_", "__wbg_set_"].iter().any(|prefix| {
        export.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(class)).is_some_and(|rest| rest.starts_with('_'))
    })
}

/// Runs binaryen's wasm-opt in place, for size.
fn shrink(node: &Path, wasm: &Path) -> Result<()> {
    let opt = root().join("node_modules/binaryen/bin/wasm-opt");
    output(command(node).arg(opt).args(FEATURES).args(SMALL).arg("-o").arg(wasm).arg(wasm))
        .context("wasm-opt failed")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{belongs, unmade};

    #[test]
    fn only_classes_without_a_maker_are_dropped() {
        let exports =
            ["__wbg_range_free", "__wbg_get_range_offset", "__wbg_made_free", "__wbg_own_free", "own_new", "handle"];
        let imports = ["__wbg_made_new".to_owned(), "__wbg_fetch_12ab".to_owned()];
        assert_eq!(unmade(&exports, &imports), ["range"]);
        let dropped: Vec<_> = exports.iter().filter(|export| belongs(export, "range")).collect();
        assert_eq!(dropped, [&"__wbg_range_free", &"__wbg_get_range_offset"]);
    }
}
