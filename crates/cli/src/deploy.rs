//! `quittance deploy`: from nothing to a live Worker by a fixed list of wrangler commands. Every step looks first
//! whether it is done, so that running it again is safe.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use quittance::ports::Http;
use serde_json::Value;

use crate::fail::{CommandError, CommandResult};
use crate::run::{WRANGLER, line};
use crate::secrets::{self, Run, SecretStore};
use crate::settings::Settings;
use crate::{doctor, odoo, stripe};

/// Arguments of `quittance deploy`.
#[derive(clap::Args, Clone, Debug)]
pub struct Arguments {
    /// The Worker's address when it is not the one that wrangler prints; else WORKER_URL.
    #[arg(long)]
    pub url: Option<String>,
    /// The configuration file.
    #[arg(long, default_value = "wrangler.toml")]
    pub config: PathBuf,
    /// Print the commands and run none.
    #[arg(long)]
    pub dry_run: bool,
}

pub const DATABASE: &str = "quittance";
const CACHE: &str = "quittance-cache";
const QUEUES: [&str; 2] = ["quittance-events", "quittance-dead"];
/// What wrangler.toml has before the first deployment.
const NO_DATABASE: &str = "00000000-0000-0000-0000-000000000000";
const NO_CACHE: &str = "00000000000000000000000000000000";

/// Everything a deployment works with.
pub struct World<'a> {
    pub settings: &'a mut Settings,
    pub http: Rc<dyn Http>,
    pub run: &'a dyn Run,
    /// Says a line at once: a deployment takes minutes.
    pub say: &'a mut dyn FnMut(&str),
}

/// Runs the whole list. The last step is the doctor's; its findings decide how the command ends.
pub fn deploy(arguments: &Arguments, world: &mut World<'_>) -> CommandResult<()> {
    if arguments.dry_run {
        steps().iter().for_each(|step| (world.say)(step));
        return Ok(());
    }
    if !world.settings.ask {
        // Nobody can be asked later: say now what the last steps would miss.
        secrets::collect(world.settings)?;
    }
    if !Path::new("node_modules/.bin").exists() {
        world.run.run("npm", &["ci", "--no-audit", "--no-fund"], None)?;
    }
    check_login(world.run)?;
    resources(arguments, world)?;
    wrangler(world.run, &["d1", "migrations", "apply", DATABASE, "--remote"])?;
    let said = wrangler(world.run, &["deploy"])?;
    let url = arguments
        .url
        .clone()
        .or_else(|| world.settings.get("WORKER_URL").map(str::to_owned))
        .or_else(|| address(&said));
    let url = url.ok_or_else(|| CommandError::new("wrangler printed no address: give the Worker's with --url."))?;
    (world.say)(&format!("live         {url}"));
    world.settings.set("WORKER_URL", &url);
    set_up(arguments, world)
}

/// The commands in order, as `--dry-run` shows them.
fn steps() -> Vec<String> {
    let wrangler = |words: &str| format!("{WRANGLER} {words}");
    let mut steps = vec!["npm ci --no-audit --no-fund            (when node_modules is missing)".to_owned()];
    steps.push(wrangler("whoami"));
    steps.push(wrangler(&format!("d1 create {DATABASE}           (its id goes into wrangler.toml)")));
    steps.push(wrangler(&format!("kv namespace create {CACHE}    (its id goes into wrangler.toml)")));
    steps.extend(QUEUES.map(|queue| wrangler(&format!("queues create {queue}"))));
    steps.push(wrangler(&format!("d1 migrations apply {DATABASE} --remote")));
    steps.push(wrangler("deploy"));
    steps.extend(
        ["setup odoo", "setup secrets", "setup stripe --store worker", "doctor"].map(|s| format!("quittance {s}")),
    );
    steps
}

fn wrangler(run: &dyn Run, words: &[&str]) -> CommandResult<String> {
    run.run(WRANGLER, words, None)
}

/// `whoami` succeeds for a stranger, too; it says so in words.
fn check_login(run: &dyn Run) -> CommandResult<()> {
    let said = wrangler(run, &["whoami"])?;
    if said.contains("not authenticated") {
        return Err(CommandError::new(
            "wrangler is not signed in: run `node_modules/.bin/wrangler login`, or set CLOUDFLARE_API_TOKEN.",
        ));
    }
    Ok(())
}

/// The database, the cache and the queues, each made when it is not there.
fn resources(arguments: &Arguments, world: &mut World<'_>) -> CommandResult<()> {
    let path = arguments.config.as_path();
    let before = std::fs::read_to_string(path)
        .map_err(|e| CommandError::new(format!("{} cannot be read: {e}.", path.display())))?;
    let mut text = before.clone();
    if text.contains(NO_DATABASE) {
        let list: &[&str] = &["d1", "list", "--json"];
        let id = find_or_create(world.run, list, ("name", DATABASE), "uuid", &["d1", "create", DATABASE])?;
        text = text.replace(NO_DATABASE, &id);
    }
    if text.contains(NO_CACHE) {
        let list: &[&str] = &["kv", "namespace", "list"];
        let id = find_or_create(world.run, list, ("title", CACHE), "id", &["kv", "namespace", "create", CACHE])?;
        text = text.replace(NO_CACHE, &id);
    }
    if text != before {
        std::fs::write(path, &text)
            .map_err(|e| CommandError::new(format!("{} cannot be written: {e}.", path.display())))?;
        (world.say)(&format!("changed      {}: the ids of database and cache", path.display()));
    }
    for queue in QUEUES {
        if wrangler(world.run, &["queues", "info", queue]).is_err() {
            wrangler(world.run, &["queues", "create", queue])?;
        }
    }
    Ok(())
}

/// The id of a named thing in wrangler's JSON list, after making it when it is not there.
fn find_or_create(run: &dyn Run, list: &[&str], named: (&str, &str), id: &str, make: &[&str]) -> CommandResult<String> {
    if let Some(found) = look_up(&wrangler(run, list)?, named, id) {
        return Ok(found);
    }
    wrangler(run, make)?;
    let said = wrangler(run, list)?;
    look_up(&said, named, id).ok_or_else(|| {
        CommandError::new(format!(
            "`{}` does not list {}; put its id into wrangler.toml.",
            line(WRANGLER, list),
            named.1
        ))
    })
}

fn look_up(said: &str, (field, name): (&str, &str), id: &str) -> Option<String> {
    // Warnings may stand before the list.
    let rows: Vec<Value> = serde_json::from_str(said.get(said.find('[')?..)?).ok()?;
    let row = rows.iter().find(|row| row.get(field).and_then(Value::as_str) == Some(name))?;
    row.get(id)?.as_str().map(str::to_owned)
}

/// The first address in what `wrangler deploy` prints.
fn address(said: &str) -> Option<String> {
    said.split_whitespace()
        .find(|word| word.starts_with("https://") && word.ends_with(".workers.dev"))
        .map(str::to_owned)
}

/// Odoo, secrets, Stripe, and a last look.
fn set_up(arguments: &Arguments, world: &mut World<'_>) -> CommandResult<()> {
    let rpc = world.settings.get("ERP") == Some("rpc");
    if !rpc && (world.settings.ask || world.settings.get("ODOO_SETUP_API_KEY").is_some()) {
        let (report, lines) =
            odoo::setup_all(&odoo::Arguments::default(), world.settings, world.http.clone(), world.run)?;
        lines.iter().for_each(|line| (world.say)(line));
        world.settings.set("BOOK_FROM", &report.book_from.to_string());
    } else if !rpc {
        (world.say)("left         Odoo as it is: ODOO_SETUP_API_KEY is not set");
    }
    let wanted = secrets::Arguments { config: arguments.config.clone(), ..secrets::Arguments::default() };
    let lines = secrets::setup(&wanted, world.settings, world.http.clone(), world.run)?;
    lines.iter().for_each(|line| (world.say)(line));
    let wanted = stripe::Arguments { store: Some(SecretStore::Worker), ..stripe::Arguments::default() };
    let lines = stripe::setup(&wanted, world.settings, &*world.http, world.run)?;
    lines.iter().for_each(|line| (world.say)(line));
    let findings = doctor::examine(&doctor::Arguments::default(), world.settings, &world.http);
    doctor::render(&findings).iter().for_each(|line| (world.say)(line));
    doctor::verdict(&findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_in_what_wrangler_prints() {
        let said = "warning: x\n[{\"uuid\":\"u-1\",\"name\":\"other\"},{\"uuid\":\"u-2\",\"name\":\"quittance\"}]";
        assert_eq!(look_up(said, ("name", DATABASE), "uuid").as_deref(), Some("u-2"));
        assert_eq!(look_up("[]", ("name", DATABASE), "uuid"), None);
        assert_eq!(look_up("no list", ("name", DATABASE), "uuid"), None);
    }

    #[test]
    fn the_address_in_what_deploy_prints() {
        let said = "Uploaded quittance (4 sec)\nDeployed quittance triggers (1 sec)\n  https://quittance.me.workers.dev\n  schedule: * * * * *";
        assert_eq!(address(said).as_deref(), Some("https://quittance.me.workers.dev"));
    }
}
