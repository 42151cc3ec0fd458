//! `quittance-sim stripe`: the simulated Stripe on a local port, for the demo and for tests in other languages.

use std::io::Read;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use quittance_sim::stripe::{Key, Settings, Stripe};
use quittance_sim::{Clock, tcp};

const USAGE: &str = "usage: quittance-sim stripe [--listen 127.0.0.1:12111] [--seed 1] [--key sk_test_sim]... \
    [--webhook URL --secret whsec_...] [--settle-ms 2000] [--clear-ms 60000] [--until-stdin-ends]";

/// What the command line says.
struct Asked {
    listen: String,
    settings: Settings,
    webhook: Option<String>,
    secret: Option<String>,
    until_stdin_ends: bool,
}

fn main() -> ExitCode {
    match read(std::env::args().skip(1)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("quittance-sim: {why}\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

fn read(mut args: impl Iterator<Item = String>) -> Result<Asked, String> {
    if args.next().as_deref() != Some("stripe") {
        return Err("say which party".into());
    }
    let listen = "127.0.0.1:12111".to_owned();
    let mut asked =
        Asked { listen, settings: Settings::default(), webhook: None, secret: None, until_stdin_ends: false };
    let mut keys = Vec::new();
    while let Some(name) = args.next() {
        if name == "--until-stdin-ends" {
            asked.until_stdin_ends = true;
            continue;
        }
        let value = args.next().ok_or_else(|| format!("{name} wants a value"))?;
        let number = || value.parse().map_err(|_| format!("{name} wants a number"));
        match name.as_str() {
            "--listen" => asked.listen = value,
            "--seed" => asked.settings.seed = value.parse().map_err(|_| format!("{name} wants a number"))?,
            "--settle-ms" => asked.settings.settle_after_ms = number()?,
            "--clear-ms" => asked.settings.clear_after_ms = number()?,
            "--key" => keys.push(Key::full(&value)),
            "--webhook" => asked.webhook = Some(value),
            "--secret" => asked.secret = Some(value),
            _ => return Err(format!("{name} is not known")),
        }
    }
    if !keys.is_empty() {
        asked.settings.keys = keys;
    }
    Ok(asked)
}

/// Serves until the process is ended, or its standard input when so asked.
fn run(asked: Asked) -> Result<(), String> {
    let mut stripe = Stripe::new(asked.settings, Clock::real());
    match (&asked.webhook, &asked.secret) {
        (Some(url), Some(secret)) => drop(stripe.listen(url, &[secret], false, false)),
        (None, None) => (),
        _ => return Err("--webhook and --secret go together".into()),
    }
    let served = tcp::serve(&asked.listen, Arc::new(Mutex::new(stripe)));
    let handle = served.map_err(|why| format!("{}: {why}", asked.listen))?;
    println!("stripe listens on {}", handle.url());
    if asked.until_stdin_ends {
        let _ended = std::io::stdin().read_to_end(&mut Vec::new());
        handle.stop();
        return Ok(());
    }
    loop {
        std::thread::park_timeout(Duration::from_secs(3600));
    }
}
