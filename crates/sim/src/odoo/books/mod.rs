//! The accounting engine: entries, their numbers and days, matching, exchange differences, reversals.
//!
//! What `python`, which runs the procedures, does with it:
//! * [`Odoo::new_entry`] drafts an entry from a [`Head`] and [`Line`]s, [`Odoo::post`] posts it (and may move its day
//!   out of a locked period: read `date` back);
//! * [`Odoo::reconcile`] matches lines of one account, [`Odoo::unreconcile`] takes that back;
//! * [`Odoo::reverse`] mirrors posted entries;
//! * [`Odoo::new_document`] drafts an invoice or a credit note, [`Odoo::copy_document`] one like another;
//! * [`Odoo::lines_on`] finds an entry's lines on an account.
//!
//! An error leaves what was done before it: take a savepoint of the store first, and roll back to it.

mod bill;
mod cash_basis;
mod cash_basis_remainder;
mod consistency;
mod credit;
mod currency;
mod dates;
mod entry;
mod exchange;
mod line;
mod matching;
mod number;
mod partial;
mod plan;
mod post;
mod residual;
mod reverse;
mod rewrite;
mod tax;
#[cfg(test)]
mod tests;
mod unmatch;
mod view;

pub(in crate::odoo) use self::tax::Price;
pub use self::view::{EntryView, LineView};

use rust_decimal::Decimal;

use super::store::Row;

/// What an entry says about itself. Company and currency follow from the journal unless `more` names them.
#[derive(Clone, Debug, Default)]
pub(in crate::odoo) struct Head {
    pub journal: i64,
    /// `YYYY-MM-DD`.
    pub date: String,
    pub reference: String,
    /// Of all lines that name none.
    pub partner: Option<i64>,
    /// Other columns of account.move.
    pub more: Row,
}

/// One line of an entry to make, debit above zero.
#[derive(Clone, Debug, Default)]
pub(in crate::odoo) struct Line {
    pub account: i64,
    pub label: String,
    /// `None`: the company's.
    pub currency: Option<i64>,
    /// In `currency`.
    pub amount: Option<Decimal>,
    /// In the company's currency; `None`: by the rate of the entry's day.
    pub value: Option<Decimal>,
    pub partner: Option<i64>,
    /// Other columns of account.move.line.
    pub more: Row,
}

impl Line {
    /// An amount whose value follows from the rate of the entry's day.
    pub fn of(account: i64, label: &str, amount: Decimal, currency: i64) -> Self {
        Self { account, label: label.to_owned(), currency: Some(currency), amount: Some(amount), ..Self::default() }
    }

    /// An amount with its value in the company's currency.
    pub fn valued(account: i64, label: &str, amount: Decimal, currency: i64, value: Decimal) -> Self {
        Self { value: Some(value), ..Self::of(account, label, amount, currency) }
    }
}
