//! A Chromium for the tests of the pay page: found, or installed where that can be.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::run::{command, output, root, run};

/// What names one; whoever sets it is taken at their word.
const VARIABLES: [&str; 2] = ["QUITTANCE_CHROMIUM", "CHROMIUM_PATH"];
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// The path of a Chromium that starts. `node` has playwright-core beside it.
pub fn chromium(node: &Path) -> Result<PathBuf> {
    for variable in VARIABLES {
        if let Some(named) = std::env::var_os(variable).filter(|named| !named.is_empty()) {
            let path = PathBuf::from(named);
            return if path.is_file() { Ok(path) } else { bail!("{variable} names no program: {}", path.display()) };
        }
    }
    if let Some(found) = find(node) {
        return Ok(found);
    }
    install(node);
    match find(node) {
        Some(found) => Ok(found),
        None => bail!(
            "no Chromium is here and none could be installed: install Chromium or Chrome, or name one in QUITTANCE_CHROMIUM"
        ),
    }
}

fn find(node: &Path) -> Option<PathBuf> {
    NAMES.iter().find_map(|name| on_path(name)).or_else(|| {
        let debians = PathBuf::from("/usr/bin/chromium");
        [debians].into_iter().chain(playwrights(node)).find(|path| path.is_file())
    })
}

fn on_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Where Playwright keeps the Chromium of its version, whether it is there or not.
fn playwrights(node: &Path) -> Option<PathBuf> {
    let script = "import { chromium } from 'playwright-core'; console.log(chromium.executablePath())";
    output(command(node).args(["--input-type=module", "--eval", script])).ok().map(PathBuf::from)
}

/// Debian's package for root, else Playwright's own build in the user's cache. What went wrong is on the screen.
fn install(node: &Path) {
    let root_user = output(command("id").arg("-u")).is_ok_and(|id| id == "0");
    if root_user && on_path("apt-get").is_some() {
        let done = run("apt-get update", command("apt-get").args(["-q", "update"])).and_then(|()| {
            let package = ["-q", "install", "-y", "--no-install-recommends", "chromium"];
            run("apt-get install chromium", command("apt-get").args(package).env("DEBIAN_FRONTEND", "noninteractive"))
        });
        if done.is_ok() {
            return;
        }
    }
    let cli = root().join("node_modules/playwright-core/cli.js");
    if let Err(error) = run("playwright-core install chromium", command(node).arg(cli).args(["install", "chromium"])) {
        eprintln!("{error:#}");
    }
}
