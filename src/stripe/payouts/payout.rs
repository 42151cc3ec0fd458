//! A payout as Stripe has it, and what its events ask for.

use serde::Deserialize;

use crate::money::{Currency, Money};
use crate::movement::{Detail, Movement, MovementKind, Payout as PayoutDetail, posting_key};
use crate::stripe::balance::object::Txn;
use crate::stripe::json::{Id, Ref, Text};
use crate::stripe::reading::{Reading, Scope};
use crate::stripe::receipt;

/// `po_…`. A negative amount is taken from the bank.
#[derive(Debug, Deserialize)]
pub struct Payout<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(deserialize_with = "crate::stripe::json::amount")]
    pub amount: i64,
    pub currency: Currency,
    /// When it left the balance, seconds since 1970 UTC.
    pub created: i64,
    pub arrival_date: i64,
    /// `not_applicable` of manual and instant payouts, which Stripe does not itemise.
    pub reconciliation_status: Option<Text<'a>>,
    pub balance_transaction: Option<Ref<'a, Id<'a>>>,
    pub statement_descriptor: Option<Text<'a>>,
    pub trace_id: Option<Trace<'a>>,
}

/// The bank's reference, once it is known.
#[derive(Debug, Deserialize)]
pub struct Trace<'a> {
    #[serde(borrow)]
    pub value: Option<Text<'a>>,
}

impl Payout<'_> {
    /// Itself, if a balance transaction of its currency is of its size, and is the one that it names where it is its own.
    pub fn if_consistent(self, txn: &Txn<'_>) -> Option<Self> {
        let sized = txn.currency != self.currency || txn.amount.saturating_abs() == self.amount.saturating_abs();
        let named = self.balance_transaction.as_ref().is_none_or(|named| named.id() == txn.id.as_str());
        (sized && (named || txn.r#type.as_str() != "payout")).then_some(self)
    }

    /// Stripe says, or will say, what it is made of.
    pub fn has_parts(&self) -> bool {
        self.reconciliation_status.as_ref().is_some_and(|status| status.as_str() != "not_applicable")
    }

    /// In the middle vocabulary; `None` while it has no balance transaction. `itemised` is the most it may say.
    pub fn detail(&self, account: &str, itemised: bool, parts: usize) -> Option<PayoutDetail> {
        let settled = self.balance_transaction.as_ref()?.id();
        let text = |text: &Option<Text<'_>>| text.as_ref().and_then(Text::trimmed).map(str::to_owned);
        Some(PayoutDetail {
            id: self.id.as_str().to_owned(),
            itemised: itemised && self.has_parts(),
            settled: posting_key(account, settled, MovementKind::Settled.transition()),
            arrival: self.arrival_date,
            descriptor: text(&self.statement_descriptor),
            trace: self.trace_id.as_ref().and_then(|trace| text(&trace.value)),
            parts,
        })
    }
}

/// What an event of a payout asks for. Its money is told by its balance transactions, whatever the event says; when
/// Stripe has itemised it, its parts are read; a payout that Stripe does not itemise says so when it is paid.
pub fn payout_reading(scope: &Scope<'_>, payout: &Payout<'_>) -> Reading {
    match scope.event.kind.as_str() {
        "payout.reconciliation_completed" => Reading::PayoutParts { payout: payout.id.as_str().to_owned() },
        "payout.paid" if !payout.has_parts() => match reconciliation(scope, payout, 0) {
            Some(movement) => Reading::Movements(vec![movement]),
            None => Reading::Ignore("told_by_transaction"),
        },
        _ => Reading::Ignore("told_by_transaction"),
    }
}

/// The movement of a payout that is made of so many `parts`.
pub fn reconciliation(scope: &Scope<'_>, payout: &Payout<'_>, parts: usize) -> Option<Movement> {
    let (id, money) = (payout.id.as_str(), Money::new(payout.amount, payout.currency));
    Some(Movement {
        detail: Some(Detail::Payout(payout.detail(scope.account, true, parts)?)),
        ..receipt::bare_movement(scope, MovementKind::PayoutReconciled, id, id, money, payout.created)
    })
}
