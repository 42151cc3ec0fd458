//! The ERP was set back to an earlier state: the Worker asks it again for what the ledger calls booked since.

use serde_json::{Value, json};

use super::Arguments;
use crate::calendar::utc;
use crate::fail::{CommandError, CommandResult};
use crate::worker::Worker;

const PATH: &str = "erp/restore";
/// The Worker walks 500 postings a step: a ledger of ten million ends within so many.
const STEPS_MAX: usize = 20_000;

/// Shows what it is about, and has it asked for again, step by step; the Worker's clock goes on where this is broken off.
pub(super) fn run(
    arguments: &Arguments,
    worker: &Worker,
    to: i64,
    ask: &mut dyn FnMut(&[String]) -> bool,
) -> CommandResult<Vec<String>> {
    let told = worker.post(PATH, &json!({ "to": to }))?;
    let since = int(&told, "since");
    let mut shown = vec![format!(
        "The ledger calls {} booked since {}, an hour before {}: the ERP is asked again by their keys, and books what it has lost.",
        movements(int(&told, "booked")),
        utc(since),
        utc(to)
    )];
    if int(&told, "asked_again") > 0 {
        shown.push(format!("Asked for already, and not answered yet: {}.", movements(int(&told, "asked_again"))));
    }
    if !(arguments.act || (!arguments.json && ask(&shown))) {
        return Ok(match arguments.json {
            true => vec![pretty(&told)],
            false => shown.into_iter().chain(["Nothing was changed; --act does it.".into()]).collect(),
        });
    }
    let mut told = worker.post(PATH, &json!({ "to": to, "act": true, "reason": arguments.reason }))?;
    for _ in 0..STEPS_MAX {
        if told.get("under_way").and_then(Value::as_bool) != Some(true) {
            break;
        }
        told = worker.post(PATH, &json!({ "to": to, "act": true, "go_on": true }))?;
    }
    if told.get("under_way").and_then(Value::as_bool) == Some(true) {
        return Err(CommandError::new("The walk is long and goes on by the Worker's clock; look again later."));
    }
    if arguments.json {
        return Ok(vec![pretty(&told)]);
    }
    let last = format!(
        "{} asked for again now. The same command without --act says how many are left; then `quittance verify` proves the books.",
        movements(int(&told, "asked_again"))
    );
    Ok(if arguments.act { shown } else { Vec::new() }.into_iter().chain([last]).collect())
}

fn movements(count: i64) -> String {
    if count == 1 { "1 movement".into() } else { format!("{count} movements") }
}

fn int(told: &Value, name: &str) -> i64 {
    told.get(name).and_then(Value::as_i64).unwrap_or(0)
}

fn pretty(told: &Value) -> String {
    serde_json::to_string_pretty(told).unwrap_or_default()
}
