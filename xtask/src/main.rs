//! `cargo xtask`: the commands of this repository.
#![allow(
    clippy::disallowed_methods,
    reason = "a program for the developer's machine: it may wait and look at the clock"
)]

mod audit;
mod background;
mod bench;
mod browser;
mod demo;
mod fuzz;
mod lint;
mod mutate;
mod pictures;
mod record;
mod release;
mod sbom;
mod simulate;
mod test;
mod watch;

use std::process::ExitCode;

use anyhow::{Result, bail};
use xtask::{build, dependencies, run, wrangler};

const USAGE: &str = "\
cargo xtask build            the Worker's wasm and JavaScript into build/
cargo xtask test [part …]    lint, native, pages, workerd, browser, with simulate and fuzz beside them; by name also storm,
                             books, release, and long: what takes hours
cargo xtask simulate         a merchant's days with faults at every port, again and again, each from a seed (docs/TESTING.md)
    --seeds N --from S       so many scenarios, from this seed on; default 200 from 0
    --minutes M              for so long, however many that are
    --all --journal          goes on after a life that breaks a invariant; tells what happened in each
cargo xtask mutate [fault …]  deliberate faults in a copy of the product; a invariant or a test has to find each
cargo xtask lint             format and clippy, native and for wasm
cargo xtask demo             the main job before your eyes: simulated Stripe and Odoo, real workerd; then a link to pay
    --wait                   keeps running for that link, as it does by itself in a terminal
cargo xtask dev              the Worker on 127.0.0.1:8787, a simulated Stripe on :12111 and Odoo on :8069
    --fresh                  forgets the ledger of earlier runs
    --odoo-version 17|18|19  of the simulated Odoo
    --odoo-url URL --odoo-db NAME --odoo-login LOGIN --odoo-api-key KEY [--odoo-setup-api-key KEY]
                             a real Odoo instead, set up first; also as ODOO_URL, ODOO_DB, …
cargo xtask bench [kind]     map, delivery, cost, door, pay, burst, backlog, odoo (a real one, named as for record-odoo);
                             all when none is named
cargo xtask fuzz [--minutes M] [target …]
                             libFuzzer on the targets of fuzz/, 10 minutes each (docs/THREATS.md); needs a C++ compiler
cargo xtask pictures         the README's pictures anew, by the browser tests; the pay page's needs a real Odoo, named as for
                             record-odoo, and ODOO_PASSWORD
cargo xtask audit            licences, sources and advisories of all dependencies (cargo deny, npm audit)
cargo xtask release [FOLDER]  what deploys on a machine without Rust, the command `quittance` for this platform, SBOM, checksums
cargo xtask sbom [FILE]      what the Worker is made of, as CycloneDX JSON
cargo xtask record-odoo STORY
                             what the procedures answer on the real Odoo that ODOO_URL, ODOO_DB, … name (docs/odoo/TRYING.md)

Each command installs what it needs: the wasm target through rustup, the npm packages of package-lock.json.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let (name, rest) = match arguments.split_first() {
        Some((name, rest)) => (name.as_str(), rest),
        None => ("help", arguments),
    };
    match name {
        "audit" => audit::audit(),
        "release" => release::release(rest),
        "sbom" => sbom::sbom(rest),
        "bench" => bench::bench(rest),
        "build" => build::build(),
        "record-odoo" => record::record(rest),
        "mutate" => mutate::mutate(rest),
        "pictures" => pictures::pictures(),
        "simulate" => simulate::simulate(rest),
        "test" => test::test(rest),
        "fuzz" => fuzz::fuzz(rest),
        "lint" => lint::lint(),
        "demo" | "dev" => demo::show(arguments),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        other => bail!("there is no command `{other}`\n\n{USAGE}"),
    }
}
