//! How fees, lost disputes and credit notes are booked.

use super::setting::{Get, Setting};
use super::settings;
use crate::error::Error;

/// `FEES`: what Stripe keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fees {
    /// An expense, with the purchase tax of the books.
    #[default]
    Expense,
    /// Paid to the supplier Stripe, whose monthly bill says what for.
    Supplier,
}

/// `DISPUTE_LOST`: what becomes of money that a payer's bank has kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DisputeLost {
    /// Owed by the payer again.
    #[default]
    Receivable,
    /// A draft that writes it off, with its tax shown.
    WriteOff,
}

/// `CREDIT_NOTE`: the document of a refund.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CreditNote {
    #[default]
    Post,
    Draft,
    None,
}

impl Fees {
    pub(super) fn read(get: &Get) -> Result<Self, Error> {
        one_of(get, &settings::FEES, &[("expense", Self::Expense), ("supplier", Self::Supplier)])
    }
}

impl DisputeLost {
    pub(super) fn read(get: &Get) -> Result<Self, Error> {
        one_of(get, &settings::DISPUTE_LOST, &[("receivable", Self::Receivable), ("write_off", Self::WriteOff)])
    }
}

impl CreditNote {
    pub(super) fn read(get: &Get) -> Result<Self, Error> {
        one_of(get, &settings::CREDIT_NOTE, &[("post", Self::Post), ("draft", Self::Draft), ("none", Self::None)])
    }
}

fn one_of<T: Copy + Default>(get: &Get, setting: &Setting, words: &[(&str, T)]) -> Result<T, Error> {
    let Some(text) = setting.text(get) else { return Ok(T::default()) };
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.ok_or_else(|| setting.wrong(&format!("is {}", setting.form)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_defaults_and_nonsense() {
        let said = |name: &'static str, word: &'static str| move |asked: &str| (asked == name).then(|| word.to_owned());
        assert_eq!(Fees::read(&|_| None), Ok(Fees::Expense));
        assert_eq!(Fees::read(&said("FEES", "supplier")), Ok(Fees::Supplier));
        assert_eq!(DisputeLost::read(&said("DISPUTE_LOST", "write_off")), Ok(DisputeLost::WriteOff));
        assert_eq!(CreditNote::read(&said("CREDIT_NOTE", "none")), Ok(CreditNote::None));
        let error = CreditNote::read(&said("CREDIT_NOTE", "yes")).unwrap_err();
        assert_eq!(error.detail, "CREDIT_NOTE is `post`, `draft` or `none`.");
    }
}
