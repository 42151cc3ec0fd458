//! `cargo xtask record-odoo`: what the procedures answer on a real Odoo, kept for the simulator to be held to.

use anyhow::{Result, bail};

use crate::run::{cargo, run};

/// What the environment must say; docs/odoo/TRYING.md tells what the database must have.
const NAMES: [&str; 6] =
    ["ODOO_URL", "ODOO_DB", "ODOO_LOGIN", "ODOO_API_KEY", "ODOO_SETUP_LOGIN", "ODOO_SETUP_API_KEY"];

/// Plays a story of `crates/cli/tests/procedures` there and writes what that version answers into `tests/fixtures/odoo/procedures/{story}.json`.
pub fn record(arguments: &[String]) -> Result<()> {
    let [story] = arguments else {
        bail!("name one story of crates/cli/tests/procedures: `cargo xtask record-odoo receipts`")
    };
    let missing: Vec<&str> = NAMES.into_iter().filter(|name| std::env::var_os(name).is_none()).collect();
    if !missing.is_empty() {
        bail!("set {} to name a database made for trials; the story leaves its records there", missing.join(", "));
    }
    let arguments =
        ["test", "--package=quittance-cli", "--test=procedures", "--", "--ignored", "--nocapture", "record"];
    run("record the procedures", cargo().args(arguments).env("STORY", story))
}
