//! The mark: a step back of Odoo is alarmed as soon as something is booked, and never without one.

use super::{InvariantResult, unless};
use crate::scenario::Scenario;
use crate::world::World;

/// The ledger has a higher mark than Odoo.
pub fn went_back(scenario: &Scenario) -> bool {
    number(&scenario.world, "SELECT mark AS n FROM delivery") > scenario.world.odoo.borrow().last_mark(1)
}

/// The newest posting that the ledger has.
pub fn newest(world: &World) -> Option<i64> {
    number(world, "SELECT max(rowid) AS n FROM postings")
}

/// Whether the alarm stands where Odoo has lost what the ledger has (`lost`) and something was booked since, and nowhere else.
/// Where everything since was refused it may stand: a refusal has a mark as well.
pub fn alarmed(world: &World, lost: bool, booked: bool) -> InvariantResult {
    let since = number(world, "SELECT went_back AS n FROM delivery");
    let wrong = if lost { booked && since.is_none() } else { since.is_some() };
    let broken = wrong.then(|| format!("since {since:?}, lost {lost}, booked {booked}"));
    unless("a step back of Odoo is alarmed once something is booked, and nothing else is", broken)
}

fn number(world: &World, sql: &str) -> Option<i64> {
    world.db.query(sql).first()?.get("n")?.as_i64()
}
