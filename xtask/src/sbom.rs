//! `cargo xtask sbom [FILE]`: what the Worker is made of, as CycloneDX 1.6 JSON.
//!
//! Made of what cargo and package-lock.json say. cargo-cyclonedx would write a file for each crate of the workspace, tests
//! included, and knows nothing of npm; the document itself is small.

mod crates;
mod npm;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::run::{root, scratch};

/// One thing that the product is made of, or with.
struct Component {
    /// The reference that others name it by: its purl.
    purl: String,
    name: String,
    version: String,
    licence: Option<String>,
    /// Algorithm and hex, as its registry publishes it.
    hash: Option<(&'static str, String)>,
    /// Part of what runs at Cloudflare; else it only builds or tests it.
    runs: bool,
    depends_on: Vec<String>,
}

/// Writes the document and says where.
pub fn sbom(arguments: &[String]) -> Result<()> {
    let path = match arguments {
        [] => scratch()?.join("quittance.cdx.json"),
        [path] => PathBuf::from(path),
        _ => bail!("cargo xtask sbom takes the name of one file"),
    };
    let (document, components) = document()?;
    std::fs::write(&path, format!("{document:#}\n")).with_context(|| format!("cannot write {}", path.display()))?;
    let run = components.iter().filter(|component| component.runs).count();
    println!("{}: {run} crates in the Worker, {} that build and test it", path.display(), components.len() - run);
    Ok(())
}

/// The whole document. The same sources give the same text: it holds no time and no chance.
fn document() -> Result<(Value, Vec<Component>)> {
    let (product, mut components) = crates::components(&read("Cargo.lock")?)?;
    let lock: Value = serde_json::from_str(&read("package-lock.json")?).context("package-lock.json is JSON")?;
    components.extend(npm::components(&lock)?);
    components.sort_by(|a, b| a.purl.cmp(&b.purl));
    components.dedup_by(|a, b| a.purl == b.purl);
    let mut depends: Vec<Value> = components.iter().map(edges).collect();
    depends.push(edges(&product));
    let document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": described(&product, "application") },
        "components": components.iter().map(|c| described(c, "library")).collect::<Vec<_>>(),
        "dependencies": depends,
    });
    Ok((document, components))
}

fn read(name: &str) -> Result<String> {
    std::fs::read_to_string(root().join(name)).with_context(|| format!("{name} is missing"))
}

fn edges(component: &Component) -> Value {
    json!({ "ref": component.purl, "dependsOn": component.depends_on })
}

fn described(component: &Component, kind: &str) -> Value {
    let mut all = json!({
        "type": kind,
        "bom-ref": component.purl,
        "name": component.name,
        "version": component.version,
        "purl": component.purl,
        "scope": if component.runs { "required" } else { "excluded" },
    });
    if let Some(all) = all.as_object_mut() {
        if let Some(licence) = &component.licence {
            all.insert("licenses".into(), json!([{ "expression": licence }]));
        }
        if let Some((algorithm, hex)) = &component.hash {
            all.insert("hashes".into(), json!([{ "alg": algorithm, "content": hex }]));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_document_names_what_runs_and_what_builds_it() {
        let (document, components) = document().unwrap();
        let of = |name: &str| components.iter().find(|component| component.name == name);
        for (name, runs) in
            [("serde_json", true), ("worker", true), ("hmac", true), ("syn", false), ("wrangler", false)]
        {
            let component = of(name).unwrap_or_else(|| panic!("{name} is not named"));
            assert_eq!(component.runs, runs, "{name}");
            assert!(component.licence.is_some() && component.hash.is_some(), "{name}");
        }
        for tests_only in ["rusqlite", "quittance-sim", "regex-lite", "borsh"] {
            assert!(of(tests_only).is_none(), "{tests_only} is no part of the Worker");
        }
        // Nothing is named twice, and every edge leads somewhere.
        let known: BTreeSet<&str> = components.iter().map(|component| component.purl.as_str()).collect();
        assert_eq!(known.len(), components.len());
        for component in &components {
            assert!(component.depends_on.iter().all(|to| known.contains(to.as_str())), "{}", component.purl);
            let length = match &component.hash {
                Some(("SHA-256", _)) => 64,
                _ => 128,
            };
            assert!(component.hash.as_ref().is_none_or(|(_, hex)| hex.len() == length), "{}", component.purl);
        }
        assert_eq!(document["metadata"]["component"]["name"], "quittance");
    }
}
