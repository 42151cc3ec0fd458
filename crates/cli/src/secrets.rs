//! `quittance setup secrets`: the Worker's variables, to Cloudflare or into the variables file of this machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use quittance::config::Config;
use quittance::config::settings::{BOOK_FROM, of_the_worker};
use quittance::erp::odoo::setup::stored_book_from;
use quittance::ports::Http;
use std::rc::Rc;

use crate::fail::{CommandError, CommandResult};
use crate::odoo;
use crate::ports::block_on;
use crate::run::WRANGLER;
use crate::settings::{Settings, quoted_value};
use crate::stripe::SECRETS;

/// Where secrets are kept.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretStore {
    /// The variables file of this machine (.dev.vars).
    Local,
    /// The deployed Worker, through wrangler.
    Worker,
}

impl SecretStore {
    pub fn place(self) -> &'static str {
        match self {
            Self::Local => "in the variables file",
            Self::Worker => "in the Worker",
        }
    }
}

/// Runs a program; its standard output, or why it failed. `input` goes to its standard input: secrets are never
/// among `arguments`, which others on the machine can read.
pub trait Run {
    fn run(&self, program: &str, arguments: &[&str], input: Option<&str>) -> CommandResult<String>;
}

/// Arguments of `quittance setup secrets`.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Arguments {
    /// Write the variables file of this machine instead of the deployed Worker.
    #[arg(long)]
    pub local: bool,
    /// Show which names would be stored, and store nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// The configuration file, whose [vars] are not stored a second time.
    #[arg(long, default_value = "wrangler.toml")]
    pub config: PathBuf,
}

/// What the Worker cannot do without, with what to ask for; secrets are typed without echo.
const STRIPE: (&str, &str) = ("STRIPE_API_KEY", "Stripe API key, sk_… or rk_…");
const ODOO: [(&str, &str); 3] = [
    ("ODOO_URL", "Odoo's address, https://…"),
    ("ODOO_DB", "name of the Odoo database"),
    ("ODOO_LOGIN", "login of the Worker's Odoo user"),
];
const ODOO_KEY: (&str, &str) = ("ODOO_API_KEY", "API key of the Worker's Odoo user");
const RPC: (&str, &str) = ("RPC_URL", "address that takes payments.apply, https://…");
const RPC_KEY: (&str, &str) = ("RPC_SECRET", "secret shared with the ERP, at least 32 characters");
/// Runs the command; gives the lines to print, which name variables and never show one.
pub fn setup(
    arguments: &Arguments,
    settings: &Settings,
    http: Rc<dyn Http>,
    run: &dyn Run,
) -> CommandResult<Vec<String>> {
    let mut values = collect(settings)?;
    if !values.contains_key("BOOK_FROM") {
        values.insert("BOOK_FROM".into(), book_from(settings, http.clone())?);
    }
    refuse_wrong(&values, |_| true)?;
    let mut lines: Vec<String> = settings.unknown().iter().map(|unknown| format!("unknown      {unknown}")).collect();
    // The Worker's list is overwritten as a whole: one that lacks a secret in use would shut out its endpoint.
    let lacking = if arguments.local { None } else { crate::stripe::missing_secrets(settings, &*http) };
    if let (Some(ids), true) = (lacking, values.contains_key(SECRETS)) {
        values.remove(SECRETS);
        lines.push(format!(
            "left         {SECRETS} as the Worker has it: the one here lacks the secret of endpoint {ids}"
        ));
    } else if !values.contains_key(SECRETS) {
        lines.push(format!("missing      {SECRETS}: `quittance setup stripe` makes one"));
    }
    let store_in = if arguments.local { SecretStore::Local } else { SecretStore::Worker };
    let bound = if arguments.local { BTreeMap::new() } else { bound_in_wrangler(&arguments.config)? };
    if let Some((name, _)) = values.iter().find(|(name, value)| bound.get(*name).is_some_and(|there| there != *value)) {
        let file = arguments.config.display();
        return Err(CommandError::new(format!(
            "{name} has another value under [vars] in {file}: change it there, or take it out there."
        )));
    }
    let (left, stored): (Vec<_>, Vec<_>) = values.into_iter().partition(|(name, _)| bound.contains_key(name));
    if !arguments.dry_run {
        store(&stored, store_in, settings.file(), run)?;
    }
    let word = if arguments.dry_run { "would store" } else { "stored" };
    let stored = stored.iter().map(|(name, _)| format!("{word:<12} {name}"));
    let left = left
        .iter()
        .map(|(name, _)| format!("left         {name}: {} sets it under [vars]", arguments.config.display()));
    Ok(stored.chain(left).chain(lines).collect())
}

/// What there is to store, [`BOOK_FROM`](book_from) aside; asks for what is missing where a person can be asked.
pub fn collect(settings: &Settings) -> CommandResult<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    let mut open = |(name, what): (&str, &str)| -> CommandResult<()> {
        values.insert(name.to_owned(), settings.required(name, None, what)?);
        Ok(())
    };
    let rpc = settings.get("ERP") == Some("rpc");
    let (names, keys) = if rpc { (&[RPC][..], [STRIPE, RPC_KEY]) } else { (&ODOO[..], [STRIPE, ODOO_KEY]) };
    names.iter().try_for_each(|pair| open(*pair))?;
    for (name, what) in keys {
        values.insert(name.to_owned(), settings.secret(name, what)?.reveal().to_owned());
    }
    let of_the_other: Vec<&str> = if rpc { ODOO.iter().chain([&ODOO_KEY]) } else { [RPC].iter().chain([&RPC_KEY]) }
        .map(|(name, _)| *name)
        .collect();
    for setting in of_the_worker().filter(|setting| !of_the_other.contains(&setting.name)) {
        if let Some(value) = settings.get(setting.name) {
            values.insert(setting.name.to_owned(), value.to_owned());
        }
    }
    // The cut-over is looked up afterwards.
    refuse_wrong(&values, |name| name != BOOK_FROM.name)?;
    Ok(values)
}

/// The first wrong setting, as an error, of those whose name `counts`.
fn refuse_wrong(values: &BTreeMap<String, String>, counts: impl Fn(&str) -> bool) -> CommandResult<()> {
    let config = Config::read(&|name| values.get(name).cloned());
    match config.wrong_settings().into_iter().find(|wrong| counts(&wrong.name)) {
        Some(wrong) => Err(wrong.error.into()),
        None => Ok(()),
    }
}

/// The instant that `setup odoo` stored.
fn book_from(settings: &Settings, http: Rc<dyn Http>) -> CommandResult<String> {
    let advice = "BOOK_FROM is not set: run `quittance setup odoo`, which chooses it, then give what it prints.";
    if settings.get("ERP") == Some("rpc") || settings.get("ODOO_SETUP_API_KEY").is_none() {
        return Err(CommandError::new(advice));
    }
    let client = odoo::setup_client(&odoo::Arguments::default(), settings, http)?;
    block_on(stored_book_from(&client))?.map(|instant| instant.to_string()).ok_or_else(|| CommandError::new(advice))
}

/// Stores variables; those already there under other names stay.
pub fn store(values: &[(String, String)], to: SecretStore, file: &Path, run: &dyn Run) -> CommandResult<()> {
    match to {
        SecretStore::Local => write_file(values, file),
        SecretStore::Worker => {
            let object: BTreeMap<&str, &str> = values.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            let input = serde_json::to_string(&object).map_err(|error| CommandError::new(error.to_string()))?;
            run.run(WRANGLER, &["secret", "bulk"], Some(&input)).map(drop)
        }
    }
}

/// Replaces the lines of these names, keeps every other line, and lets nobody else read the file.
fn write_file(values: &[(String, String)], file: &Path) -> CommandResult<()> {
    let fail = |error: std::io::Error| CommandError::new(format!("{} cannot be written: {error}.", file.display()));
    let before = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(fail(error)),
    };
    let name_of = |line: &str| line.split_once('=').map(|(name, _)| name.trim().to_owned());
    let kept = before.lines().filter(|line| name_of(line).is_none_or(|name| !values.iter().any(|(n, _)| *n == name)));
    let mut lines: Vec<String> = kept.map(str::to_owned).collect();
    for (name, value) in values {
        lines.push(format!("{name}={}", quoted_value(value)?));
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut opened = options.open(file).map_err(fail)?;
    #[cfg(unix)]
    opened.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(fail)?;
    std::io::Write::write_all(&mut opened, (lines.join("\n") + "\n").as_bytes()).map_err(fail)
}

/// What stands under `[vars]`: Cloudflare binds a name once, as a variable or as a secret.
fn bound_in_wrangler(file: &Path) -> CommandResult<BTreeMap<String, String>> {
    let Ok(text) = std::fs::read_to_string(file) else { return Ok(BTreeMap::new()) };
    let table: toml::Table =
        text.parse().map_err(|error| CommandError::new(format!("{} is not TOML: {error}", file.display())))?;
    let vars = table.get("vars").and_then(toml::Value::as_table).into_iter().flatten();
    let text = |value: &toml::Value| match value {
        toml::Value::String(text) => text.clone(),
        other => serde_json::to_string(other).unwrap_or_default(),
    };
    Ok(vars.map(|(name, value)| (name.clone(), text(value))).collect())
}
