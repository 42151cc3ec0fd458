//! Taxes: what they add to a price, how a document rounds them, and the lines that they make.

mod amounts;
mod distribution;
mod document;
mod entry;
mod lines;
mod price;
mod record;
mod rounding;

use rust_decimal::Decimal;

pub(super) use self::amounts::Detail;
pub(in crate::odoo) use self::price::Price;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TaxKind {
    Percent,
    /// So much a piece.
    Fixed,
    /// Percent of the price with the tax.
    Division,
}

/// Where a part of a tax goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub id: i64,
    /// 1 is the whole tax, -1 its reverse charge.
    pub factor: Decimal,
    /// `None`: the account of the line that is taxed.
    pub account: Option<i64>,
    pub tags: Vec<i64>,
}

/// A tax as it applies to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tax {
    pub id: i64,
    pub name: String,
    pub kind: TaxKind,
    pub rate: Decimal,
    /// Whether the price contains it.
    pub included: bool,
    /// Whether later taxes are counted on this one, too.
    pub feeds: bool,
    /// Whether it is counted on earlier taxes that feed.
    pub fed: bool,
    /// Due when the money comes, not when the invoice is posted.
    pub on_payment: bool,
    /// Where it waits until then.
    pub transition: Option<i64>,
    /// Grids of the base.
    pub base_tags: Vec<i64>,
    pub parts: Vec<Part>,
}

impl Tax {
    /// How much of it changes the total: nothing for a reverse charge.
    fn weight(&self) -> Decimal {
        self.parts.iter().map(|p| p.factor).sum()
    }
}

/// A taxed (or untaxed) line, before its taxes are counted.
#[derive(Clone, Debug)]
pub(super) struct Base {
    pub account: i64,
    pub partner: Option<i64>,
    /// Price times quantity, signed, not rounded, in the document's currency.
    pub price: Decimal,
    pub quantity: Decimal,
    /// Units of the document's currency for one of the company's.
    pub rate: Decimal,
    pub currency: i64,
    pub taxes: Vec<Tax>,
    /// Prices contain included taxes: not so on a journal entry.
    pub gross: bool,
    /// What of the base is taxed: less than 1 with a mixed early-payment discount.
    pub share: Decimal,
    pub detail: Detail,
}
