//! `cargo xtask test`: everything that must hold, part by part.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::background::BackgroundJob;
use crate::run::{cargo, command, root, run, scratch};
use crate::{browser, build, demo, dependencies, fuzz, lint, release, simulate, watch, wrangler};

type TestPart = (&'static str, fn() -> Result<()>);

const PARTS: [TestPart; 5] =
    [("lint", lint::lint), ("native", native), ("pages", pages), ("workerd", workerd), ("browser", browser)];

/// Only by name: what takes long, what `native` runs among others, and what otherwise runs beside others.
const BY_NAME: [TestPart; 6] = [
    ("simulate", simulate::tested),
    ("fuzz", fuzz::short),
    ("books", books),
    ("storm", storm),
    ("release", release::tested),
    ("long", long),
];

/// Runs the named parts, or all, and then also fuzz and simulate beside them; stops at the first that fails.
pub fn test(names: &[String]) -> Result<()> {
    let all = || PARTS.iter().chain(&BY_NAME);
    for name in names {
        if !all().any(|(part, _)| part == name) {
            let known: Vec<&str> = all().map(|(part, _)| *part).collect();
            bail!("there is no part `{name}`; there are: {}", known.join(", "));
        }
    }
    let mut beside = Vec::new();
    for (part, work) in all() {
        let meant =
            if names.is_empty() { PARTS.iter().any(|(of, _)| of == part) } else { names.contains(&(*part).into()) };
        if meant {
            println!("── {part}");
            let began = Instant::now();
            work()?;
            let counts = watch::counts().unwrap_or_else(|| "done".to_owned());
            println!("── {part}: {counts}, {:.0} s", began.elapsed().as_secs_f32());
        }
        // What comes after it leaves the processors half idle.
        if names.is_empty() && *part == "native" {
            beside = vec![fuzz::beside()?, simulate::beside()?];
        }
    }
    beside.into_iter().try_for_each(BackgroundJob::end)
}

/// Rust tests on SQLite and the simulators, in this process's own architecture.
fn native() -> Result<()> {
    watch::run("cargo test", cargo().args(["test", "--workspace", "--no-fail-fast"]))
}

/// Every movement of money as entries of Odoo 17, 18 and 19, simulated; on the Odoo that the environment names, too.
fn books() -> Result<()> {
    run("cargo test of the books", cargo().args(["test", "--test", "accounting", "--test", "odoo_recordings"]))?;
    let tests = ["procedures", "verify", "setup"].map(|name| ["--test", name]);
    run("cargo test of the procedures", cargo().args(["test", "-p", "quittance-cli"]).args(tests.as_flattened()))?;
    if std::env::var_os("ODOO_URL").is_none() {
        println!("▸ no ODOO_URL: nothing runs against a real Odoo");
        return Ok(());
    }
    let quiet = ["--", "--ignored", "--nocapture", "--test-threads=1"];
    run("cargo test of the books on a real Odoo", cargo().args(["test", "--test", "accounting"]).args(quiet))
}

/// The modules of the pages and the double of Stripe.js: their types, their size, and what can be tested without a browser.
fn pages() -> Result<()> {
    let node = dependencies::node()?;
    let tsc = root().join("node_modules/typescript/bin/tsc");
    // tests/page looks after the types of public/.
    run("tsc -p tests/types", command(&node).arg(tsc).args(["-p", "tests/types"]))?;
    watch::run("node --test tests/page", command(&node).args(["--test", "tests/page/*.mjs"]))
}

/// The bundled Worker in real workerd, with local D1, KV and Queue.
fn workerd() -> Result<()> {
    let node = dependencies::node()?;
    let worker = worker(&node)?;
    // What a newcomer types first; it checks each of its steps.
    demo::tested()?;
    in_workerd(&node, worker, "tests/workerd/*.mjs")
}

/// Ten thousand events of which one in five goes wrong, and what else takes longer than a change may take.
fn storm() -> Result<()> {
    let node = dependencies::node()?;
    in_workerd(&node, worker(&node)?, "tests/workerd/long/*.mjs")
}

/// What takes hours: once a week, and by whoever changes a flow.
fn long() -> Result<()> {
    release::tested()?;
    storm()?;
    simulate::long()?;
    fuzz::long()
}

fn in_workerd(node: &Path, worker: &Path, files: &str) -> Result<()> {
    let mut tests = command(node);
    tests
        .args(["--test", files])
        .env("QUITTANCE_WORKER", worker)
        .env("QUITTANCE_SIM", simulate::program("quittance-sim")?);
    watch::run(&format!("node --test {files}"), &mut tests)
}

/// The pages in a real Chromium, before the bundled Worker and the simulated parties.
fn browser() -> Result<()> {
    let node = dependencies::node()?;
    let chromium = browser::chromium(&node)?;
    let worker = worker(&node)?;
    let pictures = scratch()?.join("browser");
    if pictures.exists() {
        std::fs::remove_dir_all(pictures)?;
    }
    println!("▸ the browser is {}", chromium.display());
    let mut tests = command(&node);
    // Most of a test is waiting for a queue or a page: two files at a time, each with a Worker and a browser of its own.
    tests.args(["--test", "--test-concurrency=2", "tests/browser/*.mjs"]);
    tests
        .env("QUITTANCE_WORKER", worker)
        .env("QUITTANCE_CHROMIUM", chromium)
        .env("QUITTANCE_SIM", simulate::program("quittance-sim")?);
    watch::run("node --test tests/browser", &mut tests)
}

/// Where the bundled Worker is; it is built once for all parts.
pub fn worker(node: &Path) -> Result<&'static Path> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    if let Some(built) = BUILT.get() {
        return Ok(built);
    }
    build::build()?;
    wrangler::bundle(node)?;
    Ok(BUILT.get_or_init(|| root().join("target/quittance/worker")))
}
