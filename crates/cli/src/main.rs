//! `quittance`: sets the bridge up, deploys it and looks after it.

use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;

use clap::{Parser, Subcommand};
use quittance::ports::Http;
use quittance_cli::deploy::World;
use quittance_cli::fail::CommandResult;
use quittance_cli::ports::{Network, SystemClock};
use quittance_cli::run::Shell;
use quittance_cli::settings::Settings;
use quittance_cli::{
    deploy, doctor, events, odoo, odoo_ui, pay_link, person, recover, secrets, stripe, terminal, verify,
};

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
    /// Brings the Worker to Cloudflare, from nothing to live, then sets up and looks. Safe to run again.
    Deploy(deploy::Arguments),
    /// Chooses how the button on Odoo's invoice form opens the pay page, or switches the buttons off.
    OdooUi(odoo_ui::Arguments),
    /// Takes away what set-up made.
    #[command(subcommand)]
    Remove(Remove),
    /// Prints the link to an invoice's pay page.
    PayLink(pay_link::Arguments),
    /// Looks at keys, rights, versions, procedures, the books, the endpoint and the Worker. Changes nothing.
    Doctor(doctor::Arguments),
    /// Proves that the books equal Stripe, or lists what differs and why. Reads only.
    Verify(verify::Arguments),
    /// Looks at events and receipts in the Worker's ledger, and acts on them.
    Events(events::Arguments),
    /// Shows what Stripe has and the ledger lacks, and has the Worker book it.
    Recover(recover::Arguments),
    /// Prints what the ledger holds of one payer, as JSON.
    Export(person::Arguments),
    /// Forgets one payer, but for what the books must keep.
    Forget(person::Arguments),
}

#[derive(Subcommand)]
enum Setup {
    /// Makes the journals, the accounts, the procedures and the buttons in an Odoo database, and the opening entries.
    Odoo(Box<odoo::Arguments>),
    /// Makes or corrects the webhook endpoint, and registers the hosts of payment pages.
    Stripe(stripe::Arguments),
    /// Stores the Worker's settings and secrets in Cloudflare, or in the variables file.
    Secrets(secrets::Arguments),
}

#[derive(Subcommand)]
enum Remove {
    /// The buttons in Odoo with all that belongs to them; books and procedures stay.
    OdooUi(odoo_ui::Removal),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage_exit(&error),
    };
    if let Command::Verify(wanted) = &arguments.command {
        return proof_exit(wanted, &arguments.vars);
    }
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fail) => {
            terminal::err(&format!("quittance: {fail}"));
            ExitCode::FAILURE
        }
    }
}

/// clap's own exit code of a wrong argument would say "equal with open items" of `verify`.
fn usage_exit(error: &clap::Error) -> ExitCode {
    let _nobody_reads = error.print();
    let verify = std::env::args().any(|argument| argument == "verify");
    match (error.use_stderr(), verify) {
        (false, _) => ExitCode::SUCCESS,
        (true, true) => ExitCode::from(verify::report::NOT_PROVED),
        (true, false) => ExitCode::from(2),
    }
}

/// The exit code is the verdict's.
fn proof_exit(wanted: &verify::Arguments, vars: &std::path::Path) -> ExitCode {
    let network = || -> Rc<dyn Http> { Rc::new(Network::default()) };
    let lanes = verify::Pool { http: network(), fork: Some(network) };
    let settings = Settings::read(vars);
    let proved = settings.clone().and_then(|settings| verify::prove(wanted, &settings, lanes, &Shell, &SystemClock));
    if let (true, Ok(settings)) = (wanted.report, &settings)
        && let Err(fail) = verify::report_to_worker(&proved, settings, network())
    {
        terminal::err(&format!("quittance: the Worker was not told: {fail}"));
    }
    let told = verify::render(&proved, wanted);
    told.lines.iter().for_each(|line| terminal::out(line));
    ExitCode::from(told.exit)
}

fn run(arguments: &Arguments) -> CommandResult<()> {
    let mut settings = Settings::read(&arguments.vars)?;
    let http: Rc<dyn Http> = Rc::new(Network::default());
    let say = terminal::out;
    let lines = match &arguments.command {
        Command::Setup(Setup::Odoo(wanted)) => odoo::setup_all(wanted, &settings, http, &Shell)?.1,
        Command::Setup(Setup::Stripe(wanted)) => stripe::setup(wanted, &mut settings, &*http, &Shell)?,
        Command::Setup(Setup::Secrets(wanted)) => secrets::setup(wanted, &settings, http, &Shell)?,
        Command::OdooUi(wanted) => odoo_ui::switch(wanted, &settings, http, &Shell)?,
        Command::Remove(Remove::OdooUi(wanted)) => odoo_ui::remove(wanted, &settings, http)?,
        Command::PayLink(wanted) => pay_link::find(wanted, &settings, http)?,
        Command::Deploy(wanted) => {
            let mut world = World { settings: &mut settings, http, run: &Shell, say: &mut { say } };
            return deploy::deploy(wanted, &mut world);
        }
        Command::Doctor(wanted) => {
            let findings = doctor::examine(wanted, &settings, &http);
            doctor::render(&findings).iter().for_each(|line| say(line));
            return doctor::verdict(&findings);
        }
        Command::Events(wanted) => events::run(wanted, &settings, http)?,
        Command::Export(whom) => person::export(whom, &settings, http)?,
        Command::Forget(whom) => person::forget(whom, &settings, http)?,
        Command::Recover(wanted) => recover::run(wanted, &settings, http, &SystemClock, &mut recover::question)?,
        // Its exit code is its own: main has it.
        Command::Verify(_) => Vec::new(),
    };
    lines.iter().for_each(|line| say(line));
    Ok(())
}
