//! `cargo xtask pictures`: the README's pictures, taken by the browser tests.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::run::{command, root, run, scratch};
use crate::{browser, dependencies, test};

/// What a picture may weigh: the README is read on phones, too.
const BYTES_MAX: u64 = 150 * 1024;

/// Takes the operator's page; and the pay page over an invoice of the real Odoo that the environment names.
pub fn pictures() -> Result<()> {
    let node = dependencies::node()?;
    let chromium = browser::chromium(&node)?;
    fs::create_dir_all(scratch()?.join("browser"))?;
    run(
        "the operator's page",
        command(&node).args(["--test", "tests/browser/pictures/*.mjs"]).env("QUITTANCE_CHROMIUM", &chromium),
    )?;
    keep("operator.png", "operator.png")?;
    if std::env::var_os("ODOO_URL").is_none() || std::env::var_os("ODOO_PASSWORD").is_none() {
        println!("▸ no ODOO_URL and ODOO_PASSWORD: the pay page over an invoice stays as it is");
        return Ok(());
    }
    let mut clerk = command(&node);
    clerk.args(["--test", "--test-name-pattern", "a clerk pays", "tests/browser/real_odoo.mjs"]);
    clerk.env("QUITTANCE_CHROMIUM", &chromium).env("QUITTANCE_WORKER", test::worker(&node)?);
    run("the pay page over an invoice", &mut clerk)?;
    let taken = ["19", "18", "17"].map(|major| format!("odoo-{major}-form.png"));
    let taken = taken.iter().find(|name| taken_at(name).is_ok_and(|path| path.exists()));
    keep(taken.context("the test left no picture")?, "pay-dialog.png")
}

fn taken_at(name: &str) -> Result<PathBuf> {
    Ok(scratch()?.join("browser").join(name))
}

/// Copies a picture to docs/pictures, unless it is too large.
fn keep(taken: &str, name: &str) -> Result<()> {
    let (from, to) = (taken_at(taken)?, root().join("docs/pictures").join(name));
    let size = fs::metadata(&from)?.len();
    if size > BYTES_MAX {
        bail!("{} has {size} bytes, more than {BYTES_MAX}", from.display());
    }
    fs::copy(&from, &to)?;
    println!("▸ {} ({size} bytes): look at it before you commit it", to.display());
    Ok(())
}
