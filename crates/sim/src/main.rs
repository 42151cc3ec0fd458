//! A simulated party on a local port, for the demo and for tests in other languages.

use std::io::Read;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use quittance_sim::odoo::{Odoo, Version};
use quittance_sim::stripe::{Key, Settings, Stripe};
use quittance_sim::{Clock, tcp};

const USAGE: &str = "usage:
  quittance-sim stripe [--listen 127.0.0.1:12111] [--key sk_test_sim]... [--webhook URL --secret whsec_...]
                       [--settle-ms 2000] [--clear-ms 60000]
  quittance-sim odoo   [--listen 127.0.0.1:8069] [--version 17|18|19] [--fresh]
Both take --seed NUMBER, and --until-stdin-ends to stop with the process that started them.";

/// What the command line says; each party reads its own.
struct Arguments {
    party: String,
    listen: Option<String>,
    until_stdin_ends: bool,
    settings: Settings,
    keys: Vec<Key>,
    webhook: Option<String>,
    secret: Option<String>,
    version: Version,
    fresh: bool,
}

fn main() -> ExitCode {
    match parse_arguments(std::env::args().skip(1)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("quittance-sim: {why}\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

fn parse_arguments(mut args: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut asked = Arguments {
        party: args.next().ok_or("say which party")?,
        listen: None,
        until_stdin_ends: false,
        settings: Settings::default(),
        keys: Vec::new(),
        webhook: None,
        secret: None,
        version: Version::V19,
        fresh: false,
    };
    while let Some(name) = args.next() {
        match name.as_str() {
            "--until-stdin-ends" => asked.until_stdin_ends = true,
            "--fresh" => asked.fresh = true,
            _ => asked.take_argument(&name, args.next().ok_or_else(|| format!("{name} wants a value"))?)?,
        }
    }
    Ok(asked)
}

impl Arguments {
    fn take_argument(&mut self, name: &str, value: String) -> Result<(), String> {
        let number = || value.parse().map_err(|_| format!("{name} wants a number"));
        match name {
            "--listen" => self.listen = Some(value),
            "--seed" => self.settings.seed = value.parse().map_err(|_| format!("{name} wants a number"))?,
            "--settle-ms" => self.settings.settle_after_ms = number()?,
            "--clear-ms" => self.settings.clear_after_ms = number()?,
            "--key" => self.keys.push(Key::full(&value)),
            "--webhook" => self.webhook = Some(value),
            "--secret" => self.secret = Some(value),
            "--version" => {
                self.version = match value.as_str() {
                    "17" => Version::V17,
                    "18" => Version::V18,
                    "19" => Version::V19,
                    _ => return Err("--version is 17, 18 or 19".into()),
                }
            }
            _ => return Err(format!("{name} is not known")),
        }
        Ok(())
    }

    fn stripe(mut self) -> Result<Stripe, String> {
        if !self.keys.is_empty() {
            self.settings.keys = self.keys;
        }
        let mut stripe = Stripe::new(self.settings, Clock::real());
        match (&self.webhook, &self.secret) {
            (Some(url), Some(secret)) => drop(stripe.listen(url, &[secret], false, false)),
            (None, None) => (),
            _ => return Err("--webhook and --secret go together".into()),
        }
        Ok(stripe)
    }
}

/// Serves until the process is ended, or its standard input when so asked.
fn run(asked: Arguments) -> Result<(), String> {
    let (party, until_stdin_ends) = (asked.party.clone(), asked.until_stdin_ends);
    let listen = asked.listen.clone();
    let (usual, shared): (&str, tcp::Shared) = match party.as_str() {
        "stripe" => ("127.0.0.1:12111", Arc::new(Mutex::new(asked.stripe()?))),
        "odoo" => {
            let make = if asked.fresh { Odoo::fresh } else { Odoo::provisioned };
            ("127.0.0.1:8069", Arc::new(Mutex::new(make(asked.version, Clock::real(), asked.settings.seed))))
        }
        other => return Err(format!("{other} is no party")),
    };
    let listen = listen.unwrap_or_else(|| usual.to_owned());
    let handle = tcp::serve(&listen, shared).map_err(|why| format!("{listen}: {why}"))?;
    println!("{party} listens on {}", handle.url());
    if until_stdin_ends {
        let _ended = std::io::stdin().read_to_end(&mut Vec::new());
        handle.stop();
        return Ok(());
    }
    loop {
        std::thread::park_timeout(Duration::from_secs(3600));
    }
}
