//! `quittance recover`: what Stripe has and the ledger lacks, or what the ERP has lost, shown first, and mended when that is wished.
//! With an empty ledger it rebuilds it: the ERP knows the keys of what is booked.

mod lists;
mod restore;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::rc::Rc;

use quittance::config::Config;
use quittance::date;
use quittance::ports::{Clock, Http};
use serde_json::{Value, json};

use self::lists::InboxRow;
use crate::calendar::{self, utc};
use crate::fail::{CommandError, CommandResult};
use crate::settings::Settings;
use crate::terminal;
use crate::worker::Worker;

/// Events in one call: the Worker's most.
const CHUNK: usize = 500;
/// Ids shown.
const SHOWN: usize = 20;

/// Arguments of `quittance recover`.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Arguments {
    /// From this day (YYYY-MM-DD, UTC), instant (2026-11-01T00:00:00Z) or second since 1970 on. Default: BOOK_FROM.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// The ERP was set back to this day, instant or second, by restoring a backup: everything that the ledger calls booked since
    /// then, and in the hour before, is asked for again.
    #[arg(long, value_name = "WHEN", conflicts_with = "since")]
    pub erp_restored_to: Option<String>,
    /// Do it without a question.
    #[arg(long)]
    pub act: bool,
    /// Print JSON instead of a table; changes something only with --act.
    #[arg(long)]
    pub json: bool,
    /// Why; kept in the audit.
    #[arg(long, default_value = "")]
    pub reason: String,
}

/// Runs the command; gives the lines to print. `ask` puts a question to the person at the terminal.
pub fn run(
    arguments: &Arguments,
    settings: &Settings,
    http: Rc<dyn Http>,
    clock: &dyn Clock,
    ask: &mut dyn FnMut(&[String]) -> bool,
) -> CommandResult<Vec<String>> {
    let worker = Worker::new(settings, http.clone())?;
    if let Some(when) = &arguments.erp_restored_to {
        return restore::run(arguments, &worker, instant(when, "--erp-restored-to")?, ask);
    }
    let stripe = Config::stripe(&|name| settings.get(name).map(str::to_owned))?;
    let since = since(arguments, settings)?;
    let rows = lists::read_lists(&*http, &stripe, since, clock.now())?;
    let missing = missing(&worker, &rows)?;
    let shown = summary(&rows, &missing, since);
    if missing.is_empty() || !(arguments.act || (!arguments.json && ask(&shown))) {
        return Ok(match arguments.json {
            true => vec![pretty(&rows, &missing, since, 0)],
            false if missing.is_empty() => shown,
            false => shown.into_iter().chain(["Nothing was changed; --act stores them.".into()]).collect(),
        });
    }
    let mut stored = 0;
    for chunk in missing.chunks(CHUNK) {
        let events: Vec<&Value> = chunk.iter().map(|row| &row.0).collect();
        let said = worker.post("recover", &json!({ "events": events, "act": true, "reason": arguments.reason }))?;
        stored += said.get("stored").and_then(Value::as_array).map_or(0, Vec::len);
    }
    Ok(match arguments.json {
        true => vec![pretty(&rows, &missing, since, stored)],
        false => {
            let told = if arguments.act { shown } else { Vec::new() };
            let last = format!(
                "Stored {stored}. The Worker works them now: `quittance events list --state open` shows what is left, `quittance verify` proves the books."
            );
            told.into_iter().chain([last]).collect()
        }
    })
}

/// Asks at the terminal; nobody there is a no.
pub fn question(lines: &[String]) -> bool {
    if !std::io::stdin().is_terminal() {
        return false;
    }
    lines.iter().for_each(|line| terminal::out(line));
    terminal::ask("Go on? [y/N] ");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).is_ok() && matches!(line.trim(), "y" | "Y" | "yes")
}

fn since(arguments: &Arguments, settings: &Settings) -> CommandResult<i64> {
    let book_from: i64 = settings.get("BOOK_FROM").and_then(|text| text.parse().ok()).unwrap_or(0);
    match arguments.since.as_deref() {
        Some(text) => instant(text, "--since"),
        None if book_from > 0 => Ok(book_from),
        None => Err(CommandError::new("From when on? Give --since, or set BOOK_FROM.")),
    }
}

/// A day, an instant or seconds, as an argument has it.
fn instant(text: &str, name: &str) -> CommandResult<i64> {
    let mut parts = text.splitn(3, '-').map(|part| part.parse().ok());
    let day = || date::days(parts.next()??, parts.next()??, parts.next()??).map(|day| day * 86_400);
    text.parse().ok().or_else(|| calendar::instant(text)).or_else(day).ok_or_else(|| {
        CommandError::new(format!(
            "{name} is a day (2026-11-01), an instant (2026-11-01T00:00:00Z) or seconds since 1970."
        ))
    })
}

/// Those that the ledger lacks.
fn missing<'a>(worker: &Worker, rows: &'a [InboxRow]) -> CommandResult<Vec<&'a InboxRow>> {
    let mut found = Vec::new();
    for chunk in rows.chunks(CHUNK) {
        let events: Vec<&Value> = chunk.iter().map(|row| &row.0).collect();
        let said = worker.post("recover", &json!({ "events": events, "act": false }))?;
        let ids: Vec<&str> =
            said.get("missing").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        found.extend(chunk.iter().filter(|row| ids.contains(&row.id())));
    }
    Ok(found)
}

fn summary(rows: &[InboxRow], missing: &[&InboxRow], since: i64) -> Vec<String> {
    let mut lines =
        vec![format!("Stripe lists {} since {}; the ledger lacks {}.", rows.len(), utc(since), missing.len())];
    let mut kinds: BTreeMap<&str, (usize, i64, i64)> = BTreeMap::new();
    for row in missing {
        let (count, first, last) = kinds.entry(row.kind()).or_insert((0, i64::MAX, i64::MIN));
        (*count, *first, *last) = (*count + 1, row.created().min(*first), row.created().max(*last));
    }
    lines.extend(
        kinds
            .iter()
            .map(|(kind, (count, first, last))| format!("  {count:>6}  {kind:<40} {} to {}", utc(*first), utc(*last))),
    );
    let ids = missing.iter().take(SHOWN).map(|row| format!("    {}  {}  of {}", row.id(), row.kind(), row.subject()));
    lines.extend(ids);
    if missing.len() > SHOWN {
        lines.push(format!("    and {} more: --json lists them", missing.len() - SHOWN));
    }
    lines
}

fn pretty(rows: &[InboxRow], missing: &[&InboxRow], since: i64, stored: usize) -> String {
    let missing: Vec<&Value> = missing.iter().map(|row| &row.0).collect();
    let told = json!({ "since": since, "listed": rows.len(), "missing": missing, "stored": stored });
    serde_json::to_string_pretty(&told).unwrap_or_default()
}
