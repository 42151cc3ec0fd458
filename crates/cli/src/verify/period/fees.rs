//! Fees by type, of a period and by the months of Stripe's invoices.

use std::collections::BTreeMap;

use quittance::date;
use quittance::money::{Currency, Money};
use serde::Serialize;

use super::{Days, group, payments};
use crate::verify::compare::Sides;
use crate::verify::finding::amount;
use crate::verify::stripe::Transaction;

/// Fees of one type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fees {
    /// `2026-10` in UTC, as Stripe's invoices are; empty where the whole period is meant.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub month: String,
    pub currency: Currency,
    /// Stripe's type, `stripe_fee`, `tax`.
    pub kind: String,
    /// Charged as balance transactions of their own, not with a movement.
    pub apart: bool,
    pub count: usize,
    #[serde(serialize_with = "amount")]
    pub amount: Money,
}

/// Fees by type of the transactions that `month` gives a month for, or an empty text.
pub(super) fn fees(sides: &Sides, currency: Currency, month: impl Fn(&Transaction) -> Option<String>) -> Vec<Fees> {
    let mut told: BTreeMap<(String, bool, String), (usize, i64)> = BTreeMap::new();
    for transaction in payments(sides, currency) {
        let Some(month) = month(transaction) else { continue };
        let mut add = |kind: &str, apart, amount| {
            let sum = told.entry((month.clone(), apart, kind.to_owned())).or_default();
            *sum = (sum.0 + 1, sum.1 + amount);
        };
        transaction.fee_details.iter().for_each(|fee| add(&fee.r#type, false, fee.amount));
        if matches!(group(&transaction.reporting_category), "fees" | "tax") {
            add(&transaction.r#type, true, -transaction.amount);
        }
    }
    let one = |((month, apart, kind), (count, sum))| {
        let amount = Money::new(sum, currency);
        Fees { month, currency, kind, apart, count, amount }
    };
    told.into_iter().map(one).collect()
}

/// Fees by UTC month, as Stripe invoices them, of the months that the period touches.
pub fn fee_months(sides: &Sides, currency: Currency, days: &Days) -> Vec<Fees> {
    let touched = days.from.get(..7).unwrap_or_default()..=days.to.get(..7).unwrap_or_default();
    fees(sides, currency, |transaction| {
        let month = date::iso(transaction.created).get(..7).unwrap_or_default().to_owned();
        touched.contains(&month.as_str()).then_some(month)
    })
}
