//! A dispute: opened, won or lost. Its money is told by its balance transactions.

use serde::Deserialize;

use super::balance::amounts::{SourceAmounts, presented_amount};
use super::balance::object::Txn;
use super::event_types::Target;
use super::json::{Id, Ref, Text};
use super::payment_id::PaymentId;
use super::reading::{Pointer, Reading, Scope};
use super::receipt;
use crate::money::{Currency, Money};
use crate::movement::{
    Counter, Detail, Dispute as DisputeDetail, DisputeClosing, DisputeMove, Movement, MovementKind, posting_key,
};

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

/// A correction of an exchange is at most one part in so many of what it corrects: Stripe's conversion fee is 1 or 2 %
/// (stripe.com/pricing), and a rate moves by less than the rest in the days between.
const CORRECTION_PERCENT: i64 = 20;

/// The movements of a dispute as it stands now: opened, and how it was closed. An inquiry that came to nothing is won. A
/// dispute that was prevented, or is under appeal, is neither won nor lost.
///
/// It may be closed again: an inquiry becomes a chargeback, what was won is lost. Of closings that follow each other the ledger
/// tells which was the last; another one gets the next number, and so does an opening after one.
pub fn dispute_movements(scope: &Scope<'_>, dispute: &Dispute<'_>) -> Reading {
    let Some(payment_id) = dispute.payment_id() else { return Reading::Ignore("no_payment") };
    let (count, last) = dispute.closings(scope);
    let now = dispute.detail(scope, &payment_id).closing();
    let asked = dispute.status.as_str().ends_with("needs_response");
    let (kind, number) = match now {
        DisputeClosing::Open => (MovementKind::DisputeOpened, if asked { count + 1 } else { 1 }),
        DisputeClosing::Won => (MovementKind::DisputeWon, count + usize::from(last != now)),
        DisputeClosing::Lost => (MovementKind::DisputeLost, count + usize::from(last != now)),
    };
    // No field says when: the event of it does, and whoever was led here otherwise asks for that (`super::instant`).
    let moved = || dispute.balance_transactions.iter().map(|moved| moved.created).max().unwrap_or(dispute.created);
    let event = Some(scope.event.created).filter(|_| scope.event.kind == "charge.dispute.closed");
    let occurred = if now == DisputeClosing::Open { scope.event.created } else { event.unwrap_or_else(moved) };
    let mut movement = dispute.movement(scope, &payment_id, kind, occurred);
    movement.key = posting_key(scope.account, dispute.id.as_str(), &transition(kind, number));
    let first = opening_movement(scope, dispute, &payment_id);
    let again = movement.key != first.key;
    Reading::Movements(std::iter::once(first).chain(again.then_some(movement)).collect())
}

/// The same of the object in an event. It may be older than what the ledger has, and a closing is the last word on money: then
/// Stripe is asked how the dispute stands now.
pub fn event_movements(scope: &Scope<'_>, dispute: &Dispute<'_>) -> Reading {
    match dispute_movements(scope, dispute) {
        Reading::Movements(only) if only.len() == 1 && dispute.closings(scope).0 == 0 => Reading::Movements(only),
        Reading::Movements(_) => Reading::Pointer(Pointer::to_target(Target::Dispute(dispute.id.as_str().to_owned()))),
        other => other,
    }
}

/// The last part of a key: of what happens to a dispute for the second time with its number.
fn transition(kind: MovementKind, number: usize) -> String {
    match number {
        ..=1 => kind.transition().to_owned(),
        more => format!("{}_{more}", kind.transition()),
    }
}

/// The opening.
fn opening_movement(scope: &Scope<'_>, dispute: &Dispute<'_>, payment_id: &PaymentId) -> Movement {
    dispute.movement(scope, payment_id, MovementKind::DisputeOpened, dispute.created)
}

/// The document of a balance transaction of the dispute, and what must be in the books before it: the opening, and of
/// money that is given back what was taken. The document is the last; it is `None` when its size is not certain.
pub fn transaction_documents(
    scope: &Scope<'_>,
    dispute: &Dispute<'_>,
    payment_id: &PaymentId,
    txn: &Txn<'_>,
) -> Vec<Movement> {
    let all = dispute.moves(Some(txn));
    let own = all.iter().position(|(one, _)| one.id.as_str() == txn.id.as_str()).unwrap_or(all.len());
    let before = all.iter().take(own).filter(|(one, _)| txn.amount > 0 && one.amount < 0);
    let documents = before.chain(all.get(own));
    let documents = documents.filter_map(|(one, money)| Some(document(scope, dispute, payment_id, one, (*money)?)));
    std::iter::once(opening_movement(scope, dispute, payment_id)).chain(documents).collect()
}

fn document(scope: &Scope<'_>, dispute: &Dispute<'_>, payment_id: &PaymentId, txn: &Txn<'_>, money: Money) -> Movement {
    let kind = if txn.amount < 0 { MovementKind::DisputeWithdrawn } else { MovementKind::DisputeReinstated };
    Movement {
        key: posting_key(scope.account, txn.id.as_str(), kind.transition()),
        money: Money::new(money.minor.saturating_abs(), money.currency),
        ..dispute.movement(scope, payment_id, kind, txn.created)
    }
}

impl Dispute<'_> {
    /// Of which payment.
    pub fn payment_id(&self) -> Option<PaymentId> {
        PaymentId::from_ids(self.payment_intent.as_ref().map(Ref::id), self.charge.as_ref().map(Ref::id))
    }

    /// What a balance transaction of it moved, in its currency, with the transaction's sign; else where that stands.
    pub fn presented_amount(&self, txn: &Txn<'_>) -> Result<Money, Counter> {
        let all = self.moves(Some(txn));
        let own = all.iter().find(|(one, _)| one.id.as_str() == txn.id.as_str());
        if let Some((_, Some(money))) = own {
            return Ok(*money);
        }
        // Of what came before it, so that it stands where it does whenever it is read.
        let earlier = all.iter().take_while(|(one, _)| one.id.as_str() != txn.id.as_str());
        let sized = earlier.filter(|(one, money)| money.is_some() && one.currency == txn.currency);
        let most = sized.map(|(one, _)| one.amount.saturating_abs()).max().unwrap_or(0);
        let small = txn.amount.saturating_abs() <= most / CORRECTION_PERCENT;
        let exchanged = txn.currency != self.currency && txn.rate().is_none();
        Err(if small && exchanged { Counter::Conversion } else { Counter::Suspense })
    }

    /// Its balance transactions, the oldest first, and what each moved; of one whose size does not fit nothing. With `more`,
    /// where that is not among them. What is taken is some of what has not been taken yet, what is given back some of what is out;
    /// through an exchange all of it, since a part could only be guessed.
    fn moves<'t>(&'t self, more: Option<&'t Txn<'t>>) -> Vec<(&'t Txn<'t>, Option<Money>)> {
        let listed = |txn: &&Txn<'_>| self.balance_transactions.iter().any(|one| one.id.as_str() == txn.id.as_str());
        let mut all: Vec<&Txn<'_>> = self.balance_transactions.iter().collect();
        all.extend(more.filter(|txn| !listed(txn)));
        all.sort_by_key(|txn| txn.created);
        let mut out = 0_i64;
        let mut fit = |txn: &Txn<'_>| {
            let rest = if txn.amount < 0 { self.amount.saturating_sub(out) } else { out };
            // In its own currency the transaction says what it moved, be it more.
            let money = match txn.currency == self.currency {
                true => Some(Money::new(txn.amount, txn.currency)),
                false => presented_amount(txn, self.currency, SourceAmounts::Exactly(&[rest])),
            };
            let money = money.filter(|money| rest > 0 && money.minor != 0)?;
            out = out.saturating_sub(money.minor);
            Some(money)
        };
        all.into_iter().map(|txn| (txn, fit(txn))).collect()
    }

    /// How many times it was closed, as far as the ledger knows, and how the last time.
    fn closings(&self, scope: &Scope<'_>) -> (usize, DisputeClosing) {
        let known = |kind: MovementKind, number: usize| {
            scope.is_posted(&posting_key(scope.account, self.id.as_str(), &transition(kind, number)))
        };
        let at =
            |number: usize| match (known(MovementKind::DisputeLost, number), known(MovementKind::DisputeWon, number)) {
                (true, _) => Some(DisputeClosing::Lost),
                (false, true) => Some(DisputeClosing::Won),
                _ => None,
            };
        let all: Vec<DisputeClosing> = (1..).map_while(at).collect();
        (all.len(), all.last().copied().unwrap_or(DisputeClosing::Open))
    }

    fn detail(&self, scope: &Scope<'_>, payment_id: &PaymentId) -> DisputeDetail {
        let status = self.status.as_str();
        let moved = self.moves(None).into_iter().filter_map(|(txn, money)| {
            let earlier = scope.is_before_cutover(txn.created);
            Some(DisputeMove { transaction: txn.id.as_str().to_owned(), money: money?, earlier })
        });
        DisputeDetail {
            id: self.id.as_str().to_owned(),
            receipt: payment_id.receipt_key(scope.account),
            status: status.to_owned(),
            inquiry: status.starts_with("warning_"),
            due_by: self.evidence_details.as_ref().and_then(|details| details.due_by),
            moved: moved.collect(),
        }
    }

    fn movement(&self, scope: &Scope<'_>, payment_id: &PaymentId, kind: MovementKind, occurred: i64) -> Movement {
        let detail = self.detail(scope, payment_id);
        let out: i64 = detail.moved.iter().map(|one| -one.money.minor).sum();
        let minor = if kind == MovementKind::DisputeLost { out.max(0) } else { self.amount };
        Movement {
            charge: payment_id.charge.clone(),
            reason: self.reason.as_ref().map(|reason| reason.as_str().to_owned()),
            detail: Some(Detail::Dispute(detail)),
            ..receipt::bare_movement(
                scope,
                kind,
                self.id.as_str(),
                &payment_id.payment,
                Money::new(minor, self.currency),
                occurred,
            )
        }
    }
}
