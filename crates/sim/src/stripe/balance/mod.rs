//! The balance: the one place where balance transactions are made, what charges put on it, and what it comes to at a
//! moment.

mod availability;
mod charge;
mod entry;
mod exchange;
mod fees;
mod sum;

use serde_json::Value;

use super::Stripe;
use super::books::Scope;
use super::object::Fields;
use super::objects::balance_transaction;
pub(super) use availability::Availability;
pub use entry::{Entry, FeeDetail};
pub(super) use fees::per_mille;
pub(super) use sum::Amounts;

/// The kind of a balance transaction.
pub(super) const TXN: &str = "balance_transaction";

impl Stripe {
    /// Makes a balance transaction and gives its id.
    pub(super) fn enter(&mut self, scope: &Scope, entry: &Entry) -> String {
        let prefix = if entry.kind == "charge" || entry.kind == "refund" { "txn_3" } else { "txn_1" };
        let id = self.id(prefix, 23);
        let made = balance_transaction::of(&id, self.now(), entry);
        if made.text("status") == "pending" {
            self.ripening.add(made.int("available_on"), &scope.place, &id);
        }
        if entry.balance_type == "payments" {
            self.plan_payout(scope, made.int("available_on"));
        }
        self.books_mut(&scope.place).put(made);
        id
    }

    /// A balance transaction as it stands now; null for an unknown id.
    pub(super) fn entered(&self, scope: &Scope, id: &str) -> Value {
        self.get(scope, TXN, id).cloned().unwrap_or_default()
    }
}
