//! `cargo xtask release [FOLDER]`: what is given to people who have no Rust. The folder deploys with `npm install` and
//! `npx wrangler deploy`, and has the command `quittance` for this platform.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::build::{self, target_dir};
use crate::run::{cargo, command, output, root, run, scratch};
use crate::{dependencies, sbom};

const VERSION: &str = env!("CARGO_PKG_VERSION");
/// What the Worker is deployed from, beside wrangler.toml.
const SOURCES: [&str; 4] = ["src/glue", "build", "public", "migrations"];
const PAPERS: [&str; 5] = ["README.md", "LICENSE-APACHE", "LICENSE-MIT", ".dev.vars.example", "docs/DEPLOY.md"];
const PROGRAM: &str = if cfg!(windows) { "quittance.exe" } else { "quittance" };

pub fn release(arguments: &[String]) -> Result<()> {
    let folder = match arguments {
        [] => scratch()?.join("release").join(format!("quittance-{VERSION}")),
        [folder] => PathBuf::from(folder),
        _ => bail!("cargo xtask release takes the name of one folder"),
    };
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    build::build()?;
    for name in SOURCES {
        copied(&root().join(name), &folder.join(name), &|path| path.extension().is_some_and(|end| end == "rs"))?;
    }
    for name in PAPERS {
        copied(&root().join(name), &folder.join(Path::new(name).file_name().unwrap_or_default()), &|_| false)?;
    }
    write(&folder, "wrangler.toml", &without_build(&read("wrangler.toml")?)?)?;
    write(&folder, "package.json", &package(&read("package.json")?)?)?;
    write(&folder, "RELEASE_NOTES.md", &notes(&read("CHANGELOG.md")?, VERSION)?)?;
    run("cargo builds the command", cargo().args(["build", "--release", "--package", "quittance-cli"]))?;
    copied(&target_dir()?.join("release").join(PROGRAM), &folder.join(PROGRAM), &|_| false)?;
    sbom::sbom(&[folder.join("quittance.cdx.json").to_string_lossy().into_owned()])?;
    write(&folder, "SHA256SUMS", &sums(&folder)?)?;
    println!("{} has everything", folder.display());
    Ok(())
}

/// The part `release` of the tests: the folder is all that a machine without Rust needs.
pub fn tested() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("quittance-release-{}", std::process::id()));
    release(&[folder.to_string_lossy().into_owned()])?;
    let checked = deployable(&folder);
    fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    checked
}

fn deployable(folder: &Path) -> Result<()> {
    // Where no package of npm's brings it, dependencies::node gives its bare name.
    let node = PathBuf::from(output(command(dependencies::node()?).args(["-p", "process.execPath"]))?);
    let path = node.parent().map(|dir| dir.to_string_lossy().into_owned()).unwrap_or_default();
    // Node and what npm brought are on the path, cargo is not.
    let alone = |program: &Path| {
        let mut command = command(program);
        command.current_dir(folder).env_clear().env("PATH", &path).env("HOME", folder).env("CI", "1");
        // Without it no program starts on Windows.
        command.envs(std::env::var_os("SystemRoot").map(|root| ("SystemRoot", root)));
        command
    };
    let said = output(alone(&folder.join(PROGRAM)).arg("--version"))?;
    if said != format!("quittance {VERSION}") {
        bail!("the command says it is `{said}`");
    }
    let wrangler = root().join("node_modules/wrangler/bin/wrangler.js");
    let bundle = folder.join("bundle");
    let mut deploy = alone(&node);
    deploy.arg("--no-warnings").arg(wrangler).args(["deploy", "--dry-run", "--outdir"]).arg(&bundle);
    run("wrangler deploys what is in the folder (--dry-run)", deploy.env("WRANGLER_SEND_METRICS", "false"))?;
    if !bundle.join("entry.js").exists() {
        bail!("wrangler bundled no entry.js");
    }
    Ok(())
}

/// wrangler.toml without its `[build]`: there is nothing to build.
fn without_build(toml: &str) -> Result<String> {
    let start = toml.find("[build]\n").context("wrangler.toml has no [build]")?;
    let rest = toml.get(start + 1..).unwrap_or_default();
    let end = rest.find("\n\n").map(|at| start + 1 + at + 2).context("wrangler.toml ends with [build]")?;
    // The comment above it, too.
    let before = toml.get(..start).unwrap_or_default();
    let above = before.rfind("\n\n").map_or(start, |at| at + 2);
    Ok(format!("{}{}", before.get(..above).unwrap_or_default(), toml.get(end..).unwrap_or_default()))
}

/// A package.json that brings wrangler alone, in the version that everything was tried with.
fn package(ours: &str) -> Result<String> {
    let ours: serde_json::Value = serde_json::from_str(ours).context("package.json is not JSON")?;
    let wrangler = ours.pointer("/devDependencies/wrangler").context("package.json names no wrangler")?;
    let theirs = serde_json::json!({ "name": "quittance", "private": true, "version": VERSION, "type": "module",
        "license": ours.get("license"), "engines": ours.get("engines"), "dependencies": { "wrangler": wrangler } });
    Ok(format!("{theirs:#}\n"))
}

/// The part of the changelog about one version.
fn notes(changelog: &str, version: &str) -> Result<String> {
    let title = format!("## {version}");
    let start = changelog
        .match_indices(&title)
        .map(|(at, _)| at)
        .find(|at| changelog.get(at + title.len()..).is_some_and(|rest| rest.starts_with(['\n', ' '])))
        .with_context(|| format!("CHANGELOG.md has no section `{title}`"))?;
    let rest = changelog.get(start..).unwrap_or_default();
    let end = rest.get(3..).and_then(|after| after.find("\n## ")).map_or(rest.len(), |at| at + 4);
    Ok(format!("{}\n", rest.get(..end).unwrap_or_default().trim_end()))
}

/// As `sha256sum -c` reads them, of all files by name.
fn sums(folder: &Path) -> Result<String> {
    let mut files = Vec::new();
    listed(folder, &mut files)?;
    files.sort();
    let mut text = String::new();
    for file in files {
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        text.push_str(&format!("{}  {name}\n", hex::encode(Sha256::digest(bytes))));
    }
    Ok(text)
}

fn listed(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() { listed(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// A file, or a folder with all that is in it but what is `left_out`.
fn copied(from: &Path, to: &Path, left_out: &dyn Fn(&Path) -> bool) -> Result<()> {
    if left_out(from) {
        return Ok(());
    }
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copied(&entry.path(), &to.join(entry.file_name()), left_out)?;
        }
        return Ok(());
    }
    fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

fn read(name: &str) -> Result<String> {
    fs::read_to_string(root().join(name)).with_context(|| format!("{name} is missing"))
}

fn write(folder: &Path, name: &str, text: &str) -> Result<()> {
    fs::write(folder.join(name), text).with_context(|| format!("cannot write {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_build_is_left_out_with_its_comment() {
        let toml = "a = 1\n\n# Runs first.\n[build]\ncommand = \"x\"\n\n[b]\nc = 2\n";
        assert_eq!(without_build(toml).unwrap(), "a = 1\n\n[b]\nc = 2\n");
        assert!(!without_build(&read("wrangler.toml").unwrap()).unwrap().contains("cargo"));
    }

    #[test]
    fn notes_are_of_one_version() {
        let changelog = "# Changelog\n\n## 0.1.10\n\n- x\n\n## 0.1.1\n\n- a\n\n## 0.1.0\n\n- b\n";
        assert_eq!(notes(changelog, "0.1.1").unwrap(), "## 0.1.1\n\n- a\n");
        assert_eq!(notes(changelog, "0.1.0").unwrap(), "## 0.1.0\n\n- b\n");
        assert!(notes(changelog, "0.2.0").is_err());
        assert!(notes(&read("CHANGELOG.md").unwrap(), VERSION).unwrap().contains("### Added"));
    }
}
