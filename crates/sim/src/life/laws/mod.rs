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

/// A law that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub law: &'static str,
    pub detail: String,
}

impl Violation {
    pub fn new(law: &'static str, detail: impl Into<String>) -> Self {
        Self { law, detail: detail.into() }
    }
}

/// Whether a law holds.
pub type InvariantResult = Result<(), Violation>;

/// Fails with `law` when `broken` says what is wrong.
fn unless(law: &'static str, broken: Option<String>) -> InvariantResult {
    broken.map_or(Ok(()), |detail| Err(Violation::new(law, detail)))
}

/// After every step, in the midst of trouble.
pub(super) fn check_always(life: &mut Scenario) -> InvariantResult {
    inbox::stored_before_2xx(&life.world)?;
    inbox::reachable(&life.world)?;
    inbox::lost_leases_change_nothing(&life.world)?;
    inbox::reasons(life)?;
    marks::alarmed(&life.world, false, false)?;
    movements::the_ledger_tells_the_truth(life)
}

/// When all trouble is over and time has passed.
pub(super) fn check_quiescent(life: &mut Scenario) -> InvariantResult {
    check_always(life)?;
    inbox::nothing_left(&life.world)?;
    inbox::every_event_came(&life.world)?;
    // Whoever deletes a payment leaves a gap.
    let gap = |why: &String| !life.undone.is_empty() && why.contains("have a gap");
    let unsound = life.world.odoo.borrow().unsound().filter(|why| !gap(why));
    unless("the books are sound", unsound)?;
    movements::each_once(life)?;
    movements::stripe_has_it(life)?;
    balance::equals_stripe(&life.world, 1)?;
    movements::clearing_is_in_flight(life)?;
    accounts::hold_what_stripe_says(life)?;
    dates::days(life)?;
    disputes::nothing_is_left(life)?;
    disputes::losses_are_where_they_belong(life)?;
    page::invoices(life)?;
    page::connected_accounts_pay_none(life)?;
    page::one_intent_each(life)?;
    payers::receipts_are_of_who_paid(life)?;
    payers::customers_are_of_their_contacts(life)?;
    let kept = crate::world::personal::held_of_people(&life.world);
    unless("the ledger keeps nothing of people that it need not", kept)?;
    cost::calls_bounded(life)
}
