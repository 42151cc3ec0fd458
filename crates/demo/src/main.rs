//! `cargo xtask demo` and `cargo xtask dev`: the Worker in workerd, before a simulated Stripe and Odoo inside this process.
#![allow(
    clippy::disallowed_methods,
    reason = "a program for the developer's machine: it may wait and look at the clock"
)]

mod demo;
mod dev;
mod parties;
mod worker;

use std::process::ExitCode;

use anyhow::anyhow;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((name, rest)) if name == "demo" => demo::demo(rest),
        Some((name, rest)) if name == "dev" => dev::dev(rest),
        _ => Err(anyhow!("run it as `cargo xtask demo` or `cargo xtask dev`")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
