//! The buttons in Odoo: made by `quittance setup odoo`, switched by `quittance odoo-ui`, taken away by
//! `quittance remove odoo-ui`.

use std::rc::Rc;

use quittance::erp::odoo::setup::ui::{self, ButtonState, Mode, texts};
use quittance::erp::odoo::transport::Client;
use quittance::ports::Http;

use crate::fail::{CommandError, CommandResult};
use crate::odoo::{self, changes};
use crate::ports::block_on;
use crate::secrets::Run;
use crate::settings::Settings;

/// What `quittance odoo-ui` is told.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A dialog, by a script among the backend's assets.
    Asset,
    /// A dialog without a script in the backend.
    Frame,
    /// A new tab.
    Tab,
    /// No buttons, at once.
    Off,
    /// Says how it is, and changes nothing.
    Status,
}

/// Arguments of `quittance odoo-ui`.
#[derive(clap::Args, Clone, Debug)]
pub struct Arguments {
    pub choice: Choice,
}

/// Arguments of `quittance remove odoo-ui`.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Removal {
    /// Show what would be removed, and remove nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// The last part of `quittance setup odoo`: the lines to print.
pub fn install(
    client: &Client,
    arguments: &odoo::Arguments,
    settings: &Settings,
    run: &dyn Run,
) -> CommandResult<Vec<String>> {
    let wish = match button_options(arguments.pay_url.as_deref(), settings)? {
        Ok(wish) => wish,
        Err(why) => return Ok(vec![format!("left out     the buttons in Odoo: {why}")]),
    };
    let read = read_script(run);
    let wish = ui::ButtonOptions { dry: arguments.dry_run, script_read: read.is_ok(), ..wish };
    let report = block_on(ui::install(client, &wish))?;
    let mut lines = changes(&report.changes, wish.dry);
    if let (Err(fail), true) = (&read, report.mode != Mode::Asset) {
        let mode = report.mode.name();
        lines.push(format!(
            "not sent     the backend's script, which no JavaScript parser has read: the mode is {mode} ({fail})"
        ));
    }
    Ok(lines)
}

/// What set-up would make; or why it leaves the buttons out.
pub fn button_options(
    pay_url: Option<&str>,
    settings: &Settings,
) -> CommandResult<Result<ui::ButtonOptions, &'static str>> {
    let insist = pay_url.is_some();
    let Some(address) = pay_url.or_else(|| settings.get("WORKER_URL")) else {
        return Ok(Err("neither WORKER_URL nor --pay-url says where the pay page is"));
    };
    if !insist && settings.get("STRIPE_PUBLISHABLE_KEY").is_none() {
        return Ok(Err("STRIPE_PUBLISHABLE_KEY is not set, so there is no pay page to open"));
    }
    let name = if insist { "--pay-url" } else { "WORKER_URL" };
    Ok(Ok(ui::ButtonOptions { pay_url: origin(address, name)?, insist, ..ui::ButtonOptions::default() }))
}

/// An address without a path: https, or plain http on this machine.
pub fn origin(address: &str, name: &str) -> CommandResult<String> {
    let address = address.trim_end_matches('/');
    let plain = |c: char| c.is_ascii_alphanumeric() || ":.-_[]".contains(c);
    let https = address.strip_prefix("https://");
    let here = address.strip_prefix("http://").filter(|host| {
        let host = host.rsplit_once(':').map_or(*host, |(host, _)| host);
        matches!(host, "127.0.0.1" | "localhost")
    });
    match https.or(here) {
        Some(host) if !host.is_empty() && host.chars().all(plain) => Ok(address.to_owned()),
        _ => Err(CommandError::new(format!("{name} is an address like https://pay.example.com, without a path."))),
    }
}

/// Has node read its standard input as a browser reads a script, without running it. (`node --check` would let pass
/// what only Node's own modules may say.)
pub const READ: [&str; 2] = ["-e", "new (require('vm').Script)(require('fs').readFileSync(0, 'utf8'))"];

fn read_script(run: &dyn Run) -> CommandResult<()> {
    run.run("node", &READ, Some(texts::SCRIPT)).map(drop)
}

/// Runs `quittance odoo-ui`.
pub fn switch(
    arguments: &Arguments,
    settings: &Settings,
    http: Rc<dyn Http>,
    run: &dyn Run,
) -> CommandResult<Vec<String>> {
    let client = odoo::setup_client(&odoo::Arguments::default(), settings, http)?;
    let mode = match arguments.choice {
        Choice::Asset => return asset(&client, run),
        Choice::Frame => Mode::Frame,
        Choice::Tab => Mode::Tab,
        Choice::Off => Mode::Off,
        Choice::Status => return Ok(status(&block_on(ui::button_state(&client))?)),
    };
    let mut lines = changes(&block_on(ui::switch(&client, mode))?, false);
    lines.push("Pages that are open keep what they have until they are loaded anew.".into());
    Ok(lines)
}

/// Brings the script first, if it is not there.
fn asset(client: &Client, run: &dyn Run) -> CommandResult<Vec<String>> {
    let state = block_on(ui::button_state(client))?;
    let (true, Some(pay_url)) = (state.installed, state.pay_url) else {
        return Err(CommandError::new("The buttons are not in this database: run `quittance setup odoo` first."));
    };
    if !state.script {
        read_script(run).map_err(|fail| fail.while_("The backend's script is not sent before node has read it"))?;
    }
    let wish =
        ui::ButtonOptions { pay_url, mode: Some(Mode::Asset), script_read: true, ..ui::ButtonOptions::default() };
    let mut lines = changes(&block_on(ui::install(client, &wish))?.changes, false);
    lines.push("Pages that are open need to be loaded anew before the button works there.".into());
    Ok(lines)
}

fn status(state: &ButtonState) -> Vec<String> {
    let script = if state.script { "this version's" } else { "not this version's" };
    vec![
        format!("buttons      {}", if state.installed { "made" } else { "not made: run `quittance setup odoo`" }),
        format!("mode         {}", state.mode.map_or("none", Mode::name)),
        format!("pay page     {}", state.pay_url.as_deref().unwrap_or("none")),
        format!("script       {script}"),
    ]
}

/// Runs `quittance remove odoo-ui`.
pub fn remove(arguments: &Removal, settings: &Settings, http: Rc<dyn Http>) -> CommandResult<Vec<String>> {
    let client = odoo::setup_client(&odoo::Arguments::default(), settings, http)?;
    let removed = block_on(ui::remove(&client, arguments.dry_run))?;
    if removed.is_empty() {
        return Ok(vec!["There are no buttons in this database.".into()]);
    }
    Ok(changes(&removed, arguments.dry_run))
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn an_origin_has_no_path_and_travels_safely() {
        for good in ["https://pay.example.com", "https://pay.example.com/", "http://127.0.0.1:8787", "http://localhost"]
        {
            assert_eq!(origin(good, "X").unwrap(), good.trim_end_matches('/'));
        }
        for bad in
            ["", "pay.example.com", "http://pay.example.com", "https://", "https://a/b", "https://a'b", "https://a b"]
        {
            assert!(origin(bad, "X").unwrap_err().to_string().starts_with("X is"), "{bad}");
        }
    }
}
