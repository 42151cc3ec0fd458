//! What it may cost: calls to the ERP are bounded, and in a calm scenario no movement is sent twice.

use super::{InvariantResult, Violation};
use crate::scenario::Scenario;

const CALL: &str = "ir.actions.server.run";

pub fn calls_bounded(scenario: &Scenario) -> InvariantResult {
    let odoo = scenario.world.odoo.borrow();
    let calls = odoo.calls.iter().filter(|call| *call == CALL).count();
    let movements = odoo.keys().len();
    // After each restore everything since the backup is asked for again.
    let again = scenario.done.get("Odoo set back").copied().unwrap_or(0) * 4 * movements;
    let most = 40 + 4 * movements + again + 4 * scenario.world.dial.fault_rates.struck.get() + 20 * scenario.done.len();
    if calls > most {
        let detail = format!("{calls} calls of procedures for {movements} movements, at most {most}");
        return Err(Violation::new("calls to the ERP are bounded", detail));
    }
    let twice = scenario.world.logged("booked").into_iter().find(|line| line.fields["outcome"] == "duplicate");
    if let Some(line) = twice.filter(|_| scenario.plan.calm) {
        return Err(Violation::new("without trouble nothing is sent twice", line.fields.to_string()));
    }
    match scenario.world.logged("lease_lost").first().filter(|_| scenario.plan.calm) {
        Some(line) => Err(Violation::new("a lease outlasts its work", line.fields.to_string())),
        None => Ok(()),
    }
}
