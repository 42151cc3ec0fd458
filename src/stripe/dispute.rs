//! A dispute: opened, won or lost. Its money is told by its balance transactions.

use serde::Deserialize;

use super::balance::Txn;
use super::balance::amounts::{Says, presented};
use super::json::{Id, Ref, Text};
use super::map::{Reading, Scope};
use super::movement;
use super::whose::Whose;
use crate::error::Error;
use crate::money::{Currency, Money};
use crate::payment::{Detail, Dispute as Described, Kind, PaymentEvent, posting_key};

/// `du_…` or `dp_…`.
#[derive(Debug, Deserialize)]
pub struct Dispute<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(deserialize_with = "super::json::not_negative")]
    pub amount: i64,
    pub currency: Currency,
    pub created: i64,
    pub status: Text<'a>,
    pub reason: Option<Text<'a>>,
    pub charge: Option<Ref<'a, Id<'a>>>,
    pub payment_intent: Option<Ref<'a, Id<'a>>>,
    pub evidence_details: Option<EvidenceDetails>,
    /// Withdrawn and reinstated, whole.
    #[serde(default)]
    pub balance_transactions: Vec<Txn<'a>>,
}

#[derive(Debug, Deserialize)]
pub struct EvidenceDetails {
    pub due_by: Option<i64>,
}

/// The movements of a dispute as it stands now: opened, and how it was closed. An inquiry that came to nothing is won. A
/// dispute that was prevented, or is under appeal, is neither won nor lost.
pub fn read(scope: &Scope<'_>, dispute: &Dispute<'_>) -> Reading {
    let Some(whose) = dispute.whose() else { return Reading::Ignore("no_payment") };
    let closed = match dispute.status.as_str() {
        "won" | "warning_closed" => Some(Kind::DisputeWon),
        "lost" => Some(Kind::DisputeLost),
        _ => None,
    };
    // No field says when: the event of it does, and whoever was led here otherwise asks for that (`super::instant`).
    let moved = || dispute.balance_transactions.iter().map(|moved| moved.created).max().unwrap_or(dispute.created);
    let event = Some(scope.event.created).filter(|_| scope.event.kind == "charge.dispute.closed");
    let closed = closed.map(|kind| dispute.told(scope, &whose, kind, event.unwrap_or_else(moved)));
    Reading::Movements(std::iter::once(opened(scope, dispute, &whose)).chain(closed).collect())
}

/// The opening.
fn opened(scope: &Scope<'_>, dispute: &Dispute<'_>, whose: &Whose) -> PaymentEvent {
    dispute.told(scope, whose, Kind::DisputeOpened, dispute.created)
}

/// The document of a balance transaction of the dispute, and what must be in the books before it: the opening, and of
/// money that is given back what was taken. The document is the last.
pub fn moved(
    scope: &Scope<'_>,
    dispute: &Dispute<'_>,
    whose: &Whose,
    txn: &Txn<'_>,
) -> Result<Vec<PaymentEvent>, Error> {
    let mut movements = vec![opened(scope, dispute, whose)];
    if txn.amount > 0 {
        for taken in
            dispute.balance_transactions.iter().filter(|taken| taken.amount < 0 && taken.created <= txn.created)
        {
            movements.push(document(scope, dispute, whose, taken)?);
        }
    }
    movements.push(document(scope, dispute, whose, txn)?);
    Ok(movements)
}

fn document(scope: &Scope<'_>, dispute: &Dispute<'_>, whose: &Whose, txn: &Txn<'_>) -> Result<PaymentEvent, Error> {
    let kind = if txn.amount < 0 { Kind::DisputeWithdrawn } else { Kind::DisputeReinstated };
    let money = presented(txn, dispute.currency, Says::About(&[dispute.amount]))?;
    Ok(PaymentEvent {
        key: posting_key(scope.account, txn.id.as_str(), kind.transition()),
        money: Money::new(money.minor.saturating_abs(), money.currency),
        ..dispute.told(scope, whose, kind, txn.created)
    })
}

impl Dispute<'_> {
    /// Of which payment.
    pub fn whose(&self) -> Option<Whose> {
        Whose::of(self.payment_intent.as_ref().map(Ref::id), self.charge.as_ref().map(Ref::id))
    }

    fn told(&self, scope: &Scope<'_>, whose: &Whose, kind: Kind, occurred: i64) -> PaymentEvent {
        let status = self.status.as_str();
        let detail = Described {
            id: self.id.as_str().to_owned(),
            receipt: whose.receipt(scope.account),
            status: status.to_owned(),
            inquiry: status.starts_with("warning_"),
            due_by: self.evidence_details.as_ref().and_then(|details| details.due_by),
        };
        PaymentEvent {
            charge: whose.charge.clone(),
            reason: self.reason.as_ref().map(|reason| reason.as_str().to_owned()),
            detail: Some(Detail::Dispute(detail)),
            ..movement::of(
                scope,
                kind,
                self.id.as_str(),
                &whose.payment,
                Money::new(self.amount, self.currency),
                occurred,
            )
        }
    }
}
