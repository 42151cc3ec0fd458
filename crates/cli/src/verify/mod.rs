//! `quittance verify`: the proof that the books equal Stripe. It asks both sides anew, reads only, and believes neither
//! the ledger nor what the Worker remembers. docs/VERIFY.md tells what is proved and how to read it.

pub mod arguments;
mod build;
pub mod compare;
pub mod finding;
pub mod gather;
mod ignored;
pub mod items;
mod ledger;
pub mod open_items;
pub mod period;
pub mod pool;
mod proof;
pub mod repair;
pub mod report;
pub mod section;
pub mod stripe;
pub mod table;
mod walk;

use std::path::Path;
use std::rc::Rc;

use quittance::ports::Http;

pub use self::arguments::Arguments;
pub use self::build::prove;
pub use self::pool::{Fork, Pool};

use self::report::{DIFFERS, EQUAL, NOT_PROVED, OPEN_ITEMS, Report, Verdict};
use crate::fail::{CommandError, CommandResult};
use crate::settings::Settings;
use crate::worker::Worker;

/// As much of the verdict as the Worker keeps.
const SUMMARY_CHARS_MAX: usize = 500;

/// What there is to print, and the exit code.
pub struct RenderedReport {
    pub lines: Vec<String>,
    pub exit: u8,
}

/// The report, or why there is none, for people or as JSON; kept in a file where that is wished.
pub fn render(outcome: &CommandResult<Report>, arguments: &Arguments) -> RenderedReport {
    let saved = match (outcome, &arguments.save) {
        (Ok(report), Some(file)) => save(report, file).map(Some),
        _ => Ok(None),
    };
    match (outcome, &saved) {
        (Err(fail), _) | (Ok(_), Err(fail)) => failed(&Verdict::not_proved(fail.to_string()), arguments.json),
        (Ok(report), Ok(saved)) => {
            let mut lines = if arguments.json { vec![pretty(&report.json())] } else { table::lines(report) };
            lines.extend(saved.clone().filter(|_| !arguments.json));
            RenderedReport { lines, exit: report.verdict.exit }
        }
    }
}

/// Tells the Worker's operators the verdict: in its health, on the page, and as an alert where the books differ.
pub fn report_to_worker(outcome: &CommandResult<Report>, settings: &Settings, http: Rc<dyn Http>) -> CommandResult<()> {
    let (exit, sentences) = match outcome {
        Ok(report) => (report.verdict.exit, report.verdict.sentences.join(" ")),
        Err(fail) => (NOT_PROVED, fail.to_string()),
    };
    let verdict = match exit {
        EQUAL => "equal",
        DIFFERS => "differs",
        OPEN_ITEMS => "open_items",
        _ => "not_proved",
    };
    let summary: String = sentences.chars().take(SUMMARY_CHARS_MAX).collect();
    // Of a past day it says nothing of what stands in the books now.
    let began = outcome.as_ref().ok().filter(|report| report.at.is_none()).map(|report| report.began);
    let body = serde_json::json!({ "verdict": verdict, "summary": summary, "began": began });
    Worker::new(settings, http)?.post("proof", &body).map(drop)
}

fn failed(verdict: &Verdict, json: bool) -> RenderedReport {
    let lines = match json {
        true => vec![pretty(&serde_json::json!({"form": report::FORM, "verdict": verdict}))],
        false => table::verdict(verdict),
    };
    RenderedReport { lines, exit: NOT_PROVED }
}

/// The line that names the file and the hash.
fn save(report: &Report, file: &Path) -> CommandResult<String> {
    let text = pretty(&report.json()) + "\n";
    let wrong = |error| CommandError::new(format!("{} cannot be written: {error}.", file.display()));
    std::fs::write(file, text).map_err(wrong)?;
    Ok(format!("saved as {} with sha256 {}", file.display(), report.hash()))
}

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
