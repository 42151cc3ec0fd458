//! What became of the credit notes of a period's refunds.

use quittance::erp::odoo::books::Entry;
use quittance::money::{Currency, Money};
use serde::Serialize;

use super::Days;
use crate::verify::compare::Sides;
use crate::verify::finding::{JournalEntryRef, amount};
use crate::verify::stripe::Transaction;

/// The credit note of a refund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CreditNote {
    /// `re_…`
    pub refund: String,
    pub day: String,
    /// The refund's gross in its settlement currency.
    #[serde(serialize_with = "amount")]
    pub amount: Money,
    pub currency: Currency,
    /// None: there is no credit note.
    pub entry: Option<JournalEntryRef>,
    /// `posted`, `draft`, `cancel`; `none`, or `deleted`.
    pub state: String,
}

/// The refunds of the period: those whose credit notes are asked for.
pub fn refunds<'a>(sides: &Sides<'a>, days: &Days) -> Vec<&'a Transaction> {
    let within = |day: &str| day >= days.from.as_str() && day <= days.to.as_str();
    let mut refunds: Vec<&Transaction> = sides
        .transactions
        .iter()
        .filter(|t| t.reporting_category == "refund" && t.source.is_some())
        .filter(|t| sides.entries.get(&t.id).is_some_and(|entry| within(&entry.intended)))
        .collect();
    refunds.sort_by_key(|t| (t.created, t.id.clone()));
    refunds
}

/// What became of a refund's credit note.
pub fn credit_note(refund: &Transaction, note: &Entry) -> CreditNote {
    let name = note.name.clone().zip(note.id);
    let entry = name.map(|(name, id)| JournalEntryRef { id, name, date: note.date.clone().unwrap_or_default() });
    let missing = if note.claim { "deleted" } else { "none" };
    CreditNote {
        refund: refund.source.clone().unwrap_or_default(),
        day: note.intended.clone(),
        amount: Money::new(refund.amount, refund.currency),
        currency: refund.currency,
        entry,
        state: note.state.clone().unwrap_or_else(|| missing.into()),
    }
}
