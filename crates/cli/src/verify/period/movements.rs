//! Movement by movement.

use quittance::erp::odoo::books::{Entry, utc_text};
use quittance::money::{Currency, Money};
use serde::Serialize;

use super::held;
use crate::verify::compare::{Sides, SubUnitAmount};
use crate::verify::finding::{JournalEntryRef, amount};

/// One movement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Movement {
    pub day: String,
    /// UTC.
    pub created: String,
    pub transaction: String,
    pub category: String,
    pub kind: String,
    pub source: Option<String>,
    pub currency: Currency,
    #[serde(serialize_with = "amount")]
    pub gross: Money,
    #[serde(serialize_with = "amount")]
    pub fee: Money,
    #[serde(serialize_with = "amount")]
    pub net: Money,
    pub entry: Option<JournalEntryRef>,
    /// What its posted entry has on the balance account.
    #[serde(serialize_with = "amount")]
    pub books: Money,
}

/// Every movement whose day `within` takes, the oldest first.
pub fn movements(sides: &Sides, within: impl Fn(&str) -> bool) -> Result<Vec<Movement>, SubUnitAmount> {
    let mut told = Vec::new();
    let nothing = Entry::default();
    for transaction in sides.transactions {
        let entry = sides.entries.get(&transaction.id).unwrap_or(&nothing);
        if !within(&entry.intended) {
            continue;
        }
        let money = |minor| Money::new(minor, transaction.currency);
        let name = entry.name.clone().zip(entry.id);
        told.push(Movement {
            day: entry.intended.clone(),
            created: utc_text(transaction.created),
            transaction: transaction.id.clone(),
            category: transaction.reporting_category.clone(),
            kind: transaction.r#type.clone(),
            source: transaction.source.clone(),
            currency: transaction.currency,
            gross: money(transaction.amount),
            fee: money(transaction.fee),
            net: money(transaction.net),
            entry: name.map(|(name, id)| JournalEntryRef { id, name, date: entry.date.clone().unwrap_or_default() }),
            books: money(held(entry, transaction.currency)?),
        });
    }
    told.sort_by(|a, b| (&a.created, &a.transaction).cmp(&(&b.created, &b.transaction)));
    Ok(told)
}
