//! The crates of the Worker. `cargo tree` says which they are, with the very features of the build; `cargo metadata` describes
//! them, but would count what the tests' features bring.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;

use super::Component;
use crate::run::{cargo, output};

const PRODUCT: &str = "quittance";
const WASM: &str = "wasm32-unknown-unknown";

/// The product and the crates that it is built from for wasm: those that are linked into it, and macros and build scripts with
/// what they need.
pub fn components(lock: &str) -> Result<(Component, Vec<Component>)> {
    let mut metadata = cargo();
    metadata.args(["metadata", "--format-version", "1", "--locked", "--filter-platform", WASM]);
    let metadata: Value = serde_json::from_str(&output(&mut metadata)?).context("cargo metadata gives JSON")?;
    let (linked, all) = (tree("normal,no-proc-macro")?, tree("normal,build")?);
    let (purls, checksums) = (purls(&metadata), checksums(lock));
    let mut components = Vec::new();
    let mut product = None;
    for package in list(metadata.get("packages")) {
        let purl = purl(text(package, "name"), text(package, "version"));
        if !all.contains(&purl) {
            continue;
        }
        let component = Component {
            hash: checksums.get(&purl).map(|hex| ("SHA-256", hex.clone())),
            // Older crates write a slash where SPDX has OR.
            licence: package.get("license").and_then(Value::as_str).map(|licence| licence.replace('/', " OR ")),
            name: text(package, "name").to_owned(),
            version: text(package, "version").to_owned(),
            runs: linked.contains(&purl),
            depends_on: edges(&metadata, text(package, "id"), &purls, &all),
            purl,
        };
        match component.name.as_str() {
            PRODUCT => product = Some(component),
            _ => components.push(component),
        }
    }
    Ok((product.context("cargo does not describe the product")?, components))
}

/// The purls of what `cargo tree` names along edges of these kinds.
fn tree(kinds: &str) -> Result<BTreeSet<String>> {
    let mut tree = cargo();
    tree.args(["tree", "--locked", "--package", PRODUCT, "--target", WASM, "--edges", kinds]);
    let named = output(tree.args(["--prefix", "none", "--format", "{p}"]))?;
    let one = |line: &str| {
        let (name, rest) = line.split_once(" v")?;
        Some(purl(name, rest.split(' ').next()?))
    };
    Ok(named.lines().filter_map(one).collect())
}

/// What a package needs of those that are known; not what only its tests need.
fn edges(metadata: &Value, id: &str, purls: &BTreeMap<&str, String>, known: &BTreeSet<String>) -> Vec<String> {
    let nodes = list(metadata.pointer("/resolve/nodes"));
    let node = nodes.iter().find(|node| text(node, "id") == id);
    let needed = |dep: &&&Value| list(dep.get("dep_kinds")).iter().any(|kind| text(kind, "kind") != "dev");
    let deps = list(node.and_then(|node| node.get("deps")));
    let found: BTreeSet<String> =
        deps.iter().filter(needed).filter_map(|dep| purls.get(text(dep, "pkg")).cloned()).collect();
    found.intersection(known).cloned().collect()
}

fn purls(metadata: &Value) -> BTreeMap<&str, String> {
    let packages = list(metadata.get("packages"));
    packages.into_iter().map(|p| (text(p, "id"), purl(text(p, "name"), text(p, "version")))).collect()
}

fn purl(name: &str, version: &str) -> String {
    format!("pkg:cargo/{name}@{}", version.replace('+', "%2B"))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn list(value: Option<&Value>) -> Vec<&Value> {
    value.and_then(Value::as_array).into_iter().flatten().collect()
}

/// Of Cargo.lock, by purl.
fn checksums(lock: &str) -> BTreeMap<String, String> {
    let field = |block: &str, name: &str| {
        let start = format!("{name} = \"");
        Some(block.lines().find_map(|line| line.strip_prefix(&start))?.trim_end_matches('"').to_owned())
    };
    let of = |block: &str| Some((purl(&field(block, "name")?, &field(block, "version")?), field(block, "checksum")?));
    lock.split("[[package]]").filter_map(of).collect()
}
