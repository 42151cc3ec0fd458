//! `quittance`: sets the bridge up, deploys it and looks after it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;

use clap::{Parser, Subcommand};
use quittance_cli::fail::Outcome;
use quittance_cli::odoo;
use quittance_cli::ports::Network;
use quittance_cli::settings::Settings;

/// Stripe's money movements in the ERP's books, once, to the cent.
///
/// Secrets come from the environment, from the variables file, or from a prompt; never from arguments.
#[derive(Parser)]
#[command(name = "quittance", version)]
struct Arguments {
    /// File with NAME=value lines, read where the environment has no value.
    #[arg(long, global = true, default_value = ".dev.vars")]
    vars: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prepares Odoo, Stripe or the Worker's secrets. Safe to run again.
    #[command(subcommand)]
    Setup(Setup),
}

#[derive(Subcommand)]
enum Setup {
    /// Makes the journal, the accounts and the procedures in an Odoo database.
    Odoo(odoo::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(lines) => {
            lines.iter().for_each(|line| println!("{line}"));
            ExitCode::SUCCESS
        }
        Err(fail) => {
            eprintln!("quittance: {fail}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Outcome<Vec<String>> {
    let settings = Settings::read(&arguments.vars)?;
    let network = Rc::new(Network::default());
    match &arguments.command {
        Command::Setup(Setup::Odoo(wanted)) => odoo::setup(wanted, &settings, network).map(|(_, lines)| lines),
    }
}
