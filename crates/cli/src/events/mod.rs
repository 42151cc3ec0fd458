//! `quittance events`: what the ledger has of Stripe's events, and what an operator does about them.

mod show;

use std::rc::Rc;

use quittance::ports::Http;
use serde_json::{Value, json};

use crate::fail::{CommandError, CommandResult};
use crate::settings::Settings;
use crate::worker::{Worker, part};

/// Arguments of `quittance events`.
#[derive(clap::Args, Clone, Debug)]
pub struct Arguments {
    /// Print the Worker's JSON instead of a table.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

/// What is asked or done.
#[derive(clap::Subcommand, Clone, Debug)]
pub enum Command {
    /// Events, the newest first.
    List(List),
    /// One event with its attempts, postings, related events, and what operators did.
    Show {
        /// evt_…, or txn_… of a balance transaction.
        event: String,
    },
    /// Works events again from the beginning. Safe at any time.
    Replay(Replay),
    /// Puts an event aside: it counts as missing until it is replayed or ignored.
    Park(ActionArguments),
    /// Says that there is nothing to book of an event.
    Ignore(ActionArguments),
    /// Receipts that found no invoice, or not for all of their money.
    Unallocated,
    /// Gives a receipt its invoice: reconciles both in the ERP.
    Assign {
        /// The receipt's key, stripe:acct_…:pi_…:succeeded, or its pi_….
        receipt: String,
        /// The invoice's number, or its id.
        invoice: String,
        /// Why; kept in the audit.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Says that a receipt was allocated by hand, or stays the customer's credit.
    Dismiss {
        /// The receipt's key, or its pi_….
        receipt: String,
        #[arg(long)]
        reason: String,
    },
    /// Everything that operators did, the newest first.
    Audit,
    /// How the ledger stands.
    Health,
}

/// Which events.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct List {
    /// received, claimed, failed, waiting, parked, done, ignored, or open for the first four.
    #[arg(long)]
    pub state: Option<String>,
    /// A type, or its beginning: `charge.dispute.`
    #[arg(long, value_name = "TYPE")]
    pub r#type: Option<String>,
    /// An id of Stripe's, an invoice's number, or a customer's id: all events of the payments that it leads to.
    #[arg(long, value_name = "WORD")]
    pub find: Option<String>,
    /// At most so many.
    #[arg(long, default_value_t = 50)]
    pub limit: usize,
    /// Go on before this row, as the last line of the page before says.
    #[arg(long, value_name = "CURSOR")]
    pub before: Option<String>,
}

/// What is replayed.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Replay {
    /// evt_… or txn_…
    #[arg(required_unless_present = "code")]
    pub events: Vec<String>,
    /// All that is parked with this code.
    #[arg(long, value_name = "CODE", conflicts_with = "events")]
    pub code: Option<String>,
    /// Why; kept in the audit.
    #[arg(long, default_value = "")]
    pub reason: String,
}

/// What is done to an event, and why.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct ActionArguments {
    pub event: String,
    /// Why; kept in the audit.
    #[arg(long)]
    pub reason: String,
}

/// Runs the command; gives the lines to print.
pub fn run(arguments: &Arguments, settings: &Settings, http: Rc<dyn Http>) -> CommandResult<Vec<String>> {
    let worker = Worker::new(settings, http)?;
    let told = |value: &Value, lines: fn(&Value) -> Vec<String>| match arguments.json {
        true => vec![serde_json::to_string_pretty(value).unwrap_or_default()],
        false => lines(value),
    };
    Ok(match &arguments.command {
        Command::List(wanted) => told(&list(&worker, wanted)?, show::events),
        Command::Show { event } => told(&worker.get(&format!("events/{}", part(event)))?, show::story),
        Command::Replay(wanted) => told(&replay(&worker, wanted)?, show::action_lines),
        Command::Park(deed) => told(&post_action(&worker, "park", deed)?, show::action_lines),
        Command::Ignore(deed) => told(&post_action(&worker, "ignore", deed)?, show::action_lines),
        Command::Unallocated => told(&worker.get("unallocated")?, show::receipts),
        Command::Assign { receipt, invoice, reason } => {
            let body = json!({ "key": key(&worker, receipt)?, "invoice": invoice, "reason": reason });
            told(&worker.post("postings/assign", &body)?, show::assign_lines)
        }
        Command::Dismiss { receipt, reason } => {
            let body = json!({ "key": key(&worker, receipt)?, "reason": reason });
            told(&json!([worker.post("postings/dismiss", &body)?]), show::action_lines)
        }
        Command::Audit => told(&worker.get("audit?limit=100")?, show::audit),
        Command::Health => told(&worker.get("health")?, show::health),
    })
}

/// A page, or as many as the limit needs: `{events, next}`.
fn list(worker: &Worker, wanted: &List) -> CommandResult<Value> {
    let (mut events, mut before) = (Vec::new(), wanted.before.clone());
    loop {
        let left = (wanted.limit - events.len()).min(100);
        let mut query = format!("events?limit={}", left.max(1));
        let parts = [("state", &wanted.state), ("type", &wanted.r#type), ("q", &wanted.find), ("before", &before)];
        for (name, value) in parts {
            if let Some(value) = value {
                query.push_str(&format!("&{name}={}", part(value)));
            }
        }
        let page = worker.get(&query)?;
        events.extend(page.get("events").and_then(Value::as_array).cloned().unwrap_or_default());
        before = page.get("next").and_then(Value::as_str).map(str::to_owned);
        if before.is_none() || events.len() >= wanted.limit {
            return Ok(json!({ "events": events, "next": before }));
        }
    }
}

fn replay(worker: &Worker, wanted: &Replay) -> CommandResult<Value> {
    let events = match &wanted.code {
        None => wanted.events.clone(),
        Some(code) => {
            let parked = List { state: Some("parked".into()), limit: usize::MAX, ..List::default() };
            let listed = list(worker, &parked)?;
            let of = |event: &&Value| event.get("code").and_then(Value::as_str) == Some(code);
            let all = listed.get("events").and_then(Value::as_array).into_iter().flatten();
            let ids = all.filter(of).filter_map(|event| event.get("id").and_then(Value::as_str));
            ids.map(str::to_owned).collect()
        }
    };
    if events.is_empty() {
        return Err(CommandError::new("Nothing is parked with this code."));
    }
    let done: Vec<Value> = events
        .iter()
        .map(|event| worker.post(&format!("events/{}/replay", part(event)), &json!({ "reason": wanted.reason })))
        .collect::<CommandResult<_>>()?;
    Ok(done.into())
}

fn post_action(worker: &Worker, action: &str, deed: &ActionArguments) -> CommandResult<Value> {
    let path = format!("events/{}/{action}", part(&deed.event));
    Ok(json!([worker.post(&path, &json!({ "reason": deed.reason }))?]))
}

/// The key of a receipt that is named by its payment.
fn key(worker: &Worker, receipt: &str) -> CommandResult<String> {
    if receipt.starts_with("stripe:") {
        return Ok(receipt.to_owned());
    }
    let listed = list(worker, &List { find: Some(receipt.to_owned()), limit: 100, ..List::default() })?;
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
    let events = listed.get("events").and_then(Value::as_array).into_iter().flatten();
    let postings = events.filter_map(|event| event.get("postings").and_then(Value::as_array)).flatten();
    let paid = postings.filter(|p| text(p, "kind") == "paid").map(|p| text(p, "key"));
    let keys: std::collections::BTreeSet<String> = paid.collect();
    match keys.len() {
        1 => Ok(keys.into_iter().next().unwrap_or_default()),
        0 => Err(CommandError::new(format!("The ledger has no receipt of {receipt}."))),
        _ => Err(CommandError::new(format!(
            "{receipt} leads to several receipts: give the key of one of {}.",
            keys.into_iter().collect::<Vec<_>>().join(", ")
        ))),
    }
}
