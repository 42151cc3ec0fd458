//! What it may cost: calls to the ERP are bounded, and in a calm life no movement is sent twice.

use super::{InvariantResult, Violation};
use crate::life::Scenario;

const CALL: &str = "ir.actions.server.run";

pub fn calls_bounded(life: &Scenario) -> InvariantResult {
    let odoo = life.world.odoo.borrow();
    let calls = odoo.calls.iter().filter(|call| *call == CALL).count();
    let movements = odoo.keys().len();
    // After each restore everything since the backup is asked for again.
    let again = life.done.get("Odoo set back").copied().unwrap_or(0) * 4 * movements;
    let most = 40 + 4 * movements + again + 4 * life.world.dial.fault_rates.struck.get() + 20 * life.done.len();
    if calls > most {
        let detail = format!("{calls} calls of procedures for {movements} movements, at most {most}");
        return Err(Violation::new("calls to the ERP are bounded", detail));
    }
    let twice = life.world.logged("booked").into_iter().find(|line| line.fields["outcome"] == "duplicate");
    if let Some(line) = twice.filter(|_| life.plan.calm) {
        return Err(Violation::new("without trouble nothing is sent twice", line.fields.to_string()));
    }
    match life.world.logged("lease_lost").first().filter(|_| life.plan.calm) {
        Some(line) => Err(Violation::new("a lease outlasts its work", line.fields.to_string())),
        None => Ok(()),
    }
}
