//! What must hold, whatever happened.

pub mod accounts;
pub mod balance;
mod cost;
pub mod dates;
mod disputes;
pub(super) mod inbox;
pub(super) mod marks;
mod movements;
pub(super) mod page;
mod payers;
mod rates;

use super::Scenario;

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub invariant: &'static str,
    pub detail: String,
}

impl Violation {
    pub fn new(invariant: &'static str, detail: impl Into<String>) -> Self {
        Self { invariant, detail: detail.into() }
    }
}

/// Whether an invariant holds.
pub type InvariantResult = Result<(), Violation>;

/// Fails with `invariant` when `broken` says what is wrong.
fn unless(invariant: &'static str, broken: Option<String>) -> InvariantResult {
    broken.map_or(Ok(()), |detail| Err(Violation::new(invariant, detail)))
}

/// After every step, in the midst of trouble.
pub(super) fn check_always(scenario: &mut Scenario) -> InvariantResult {
    inbox::stored_before_2xx(&scenario.world)?;
    inbox::reachable(&scenario.world)?;
    inbox::lost_leases_change_nothing(&scenario.world)?;
    inbox::reasons(scenario)?;
    marks::alarmed(&scenario.world, false, false)?;
    movements::the_ledger_tells_the_truth(scenario)
}

/// When all trouble is over and time has passed.
pub(super) fn check_quiescent(scenario: &mut Scenario) -> InvariantResult {
    check_always(scenario)?;
    inbox::nothing_left(&scenario.world)?;
    inbox::every_event_came(&scenario.world)?;
    // Whoever deletes a payment leaves a gap.
    let gap = |why: &String| !scenario.undone.is_empty() && why.contains("have a gap");
    let unsound = scenario.world.odoo.borrow().unsound().filter(|why| !gap(why));
    unless("the books are sound", unsound)?;
    movements::each_once(scenario)?;
    movements::stripe_has_it(scenario)?;
    balance::equals_stripe(&scenario.world, 1)?;
    movements::clearing_is_in_flight(scenario)?;
    accounts::hold_what_stripe_says(scenario)?;
    dates::days(scenario)?;
    disputes::nothing_is_left(scenario)?;
    disputes::losses_are_where_they_belong(scenario)?;
    page::invoices(scenario)?;
    page::connected_accounts_pay_none(scenario)?;
    page::one_intent_each(scenario)?;
    payers::receipts_are_of_who_paid(scenario)?;
    payers::customers_are_of_their_contacts(scenario)?;
    let kept = crate::world::personal::held_of_people(&scenario.world);
    unless("the ledger keeps nothing of people that it need not", kept)?;
    cost::calls_bounded(scenario)
}
