//! `quittance export` and `quittance forget`: what the Worker's ledger holds of one payer (docs/PRIVACY.md).

use std::rc::Rc;

use quittance::ports::Http;
use serde_json::{Map, Value, json};

use crate::fail::CommandResult;
use crate::settings::Settings;
use crate::worker::Worker;

/// Whom it is about, and why.
#[derive(clap::Args, Clone, Debug, Default)]
#[group(id = "whom", required = true, multiple = false, args = ["partner", "customer"])]
pub struct Arguments {
    /// The commercial partner's id in Odoo.
    #[arg(long, value_name = "ID")]
    pub partner: Option<i64>,
    /// The customer's id at Stripe, cus_….
    #[arg(long, value_name = "CUS")]
    pub customer: Option<String>,
    /// Why; kept in the audit.
    #[arg(long)]
    pub reason: String,
}

impl Arguments {
    fn body(&self, after: &str) -> Value {
        json!({ "partner": self.partner, "customer": self.customer, "reason": self.reason, "after": after })
    }
}

/// Everything held, as one JSON text: tables with their rows as they stand in the ledger.
pub fn export(arguments: &Arguments, settings: &Settings, http: Rc<dyn Http>) -> CommandResult<Vec<String>> {
    let worker = Worker::new(settings, http)?;
    let (mut tables, mut whom) = (Map::new(), Map::new());
    let mut after = String::new();
    loop {
        let page = worker.post("person/export", &arguments.body(&after))?;
        for name in ["partners", "customers"] {
            whom.insert(name.into(), page.get(name).cloned().unwrap_or_default());
        }
        let table = page.get("table").and_then(Value::as_str).unwrap_or_default();
        let rows = page.get("rows").and_then(Value::as_array).cloned().unwrap_or_default();
        let all = tables.entry(table).or_insert_with(|| json!([]));
        all.as_array_mut().into_iter().for_each(|all| all.extend(rows.iter().cloned()));
        match page.get("next").and_then(Value::as_str) {
            Some(next) => after = next.to_owned(),
            None => break,
        }
    }
    let all = json!({ "partners": whom.get("partners"), "customers": whom.get("customers"), "tables": tables });
    Ok(vec![serde_json::to_string_pretty(&all).unwrap_or_default()])
}

/// Forgets; says what is left and why.
pub fn forget(arguments: &Arguments, settings: &Settings, http: Rc<dyn Http>) -> CommandResult<Vec<String>> {
    let worker = Worker::new(settings, http)?;
    let mut forgotten = 0;
    let kept = loop {
        let done = worker.post("person/forget", &arguments.body(""))?;
        let list = |name: &str| done.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        forgotten += list("payments").len();
        if done.get("more").and_then(Value::as_bool) != Some(true) {
            break list("kept");
        }
    };
    let mut lines = vec![
        format!("Forgotten. Of {forgotten} payments the books' part is left: keys, amounts, documents, ids of events."),
        "What Odoo and Stripe hold of them is theirs to show and to delete.".to_owned(),
    ];
    if !kept.is_empty() {
        let names: Vec<&str> = kept.iter().filter_map(Value::as_str).collect();
        lines.push(format!(
            "Kept for now, since they are under way, parked, or money without an invoice: {}. Settle them, then run this again.",
            names.join(", ")
        ));
    }
    Ok(lines)
}
