//! A customer invoice as the pay page needs it, in any ERP's words.

use rust_decimal::Decimal;

use super::fault::Fault;
use crate::config::Secret;
use crate::error::{Code, Error};
use crate::money::Currency;

/// An invoice that the ERP's user may read. Amounts are in major units of `currency`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    pub id: i64,
    /// `INV/2026/00001`.
    pub number: String,
    /// A posted customer invoice; nothing else is ever offered.
    pub payable: bool,
    /// The portal token that its link must carry; `None` when the ERP has none.
    pub token: Option<Secret>,
    /// When the ERP made the record, as it writes it (`2026-11-20 10:11:12.123456`). Two records of one id never have the same:
    /// an ERP that is set back to a backup gives lost ids to others.
    pub created: Option<String>,
    pub currency: Currency,
    pub total: Decimal,
    /// What is still open.
    pub residual: Decimal,
    /// What the ERP itself asks for now, the most fitting first; the last is always the residual. Empty when nothing is open.
    pub amounts: Vec<DueAmount>,
    /// `2026-11-20`.
    pub date: Option<String>,
    pub due: Option<String>,
    pub company: Company,
    pub payer: Payer,
    /// Ids of the ERP's payments that it is reconciled with.
    pub payments: Vec<i64>,
}

/// What the ERP answers about invoices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invoices {
    /// Of the database that answered: a copy has another.
    pub uuid: String,
    /// The Stripe accounts whose books they stand in; empty where the ERP does not tell.
    pub owners: Vec<String>,
    /// Those that exist and that the ERP's user may read.
    pub invoices: Vec<Invoice>,
}

impl Invoices {
    /// The same, unless they stand in the books of another Stripe account than this one.
    pub fn in_books_of(self, account: &str) -> Result<Self, Fault> {
        match self.owners.is_empty() || self.owners.iter().any(|owner| owner == account) {
            true => Ok(self),
            false => Err(Fault::Connection(Error::of(Code::OdooOtherAccount))),
        }
    }
}

/// A company's logo, as the ERP shows it to everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logo {
    /// `image/png`.
    pub media_type: String,
    pub bytes: Vec<u8>,
}

/// An amount that the ERP asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueAmount {
    pub kind: DueKind,
    pub amount: Decimal,
    /// Last day on which it is enough: of a discount its last day, of an instalment its due date.
    pub until: Option<String>,
}

/// Why just this amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueKind {
    /// All instalments that are past their due date.
    Overdue,
    /// The next instalment.
    Next,
    /// The total less the early-payment discount.
    Discounted,
    /// All that is open.
    Residual,
}

/// Whose invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    pub id: i64,
    pub name: String,
}

/// To whom it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payer {
    /// The invoice's partner.
    pub partner: i64,
    /// The partner that stands for the whole firm or household: Odoo's `commercial_partner_id`.
    pub commercial: i64,
    pub name: String,
    pub email: Option<String>,
    /// `fr_FR`.
    pub locale: Option<String>,
    /// The Stripe customer that the ERP's contact names, `cus_…`.
    pub customer: Option<String>,
    /// The commercial partner itself: what its Stripe customer is called.
    pub firm: Contact,
}

/// Name and address of a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    pub name: String,
    pub email: Option<String>,
}

/// A contact and the Stripe customer it is from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerLink {
    /// Commercial partner.
    pub partner: i64,
    /// `acct_…`.
    pub account: String,
    /// `cus_…`.
    pub customer: String,
}

impl DueKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Next => "next",
            Self::Discounted => "discounted",
            Self::Residual => "residual",
        }
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Overdue, Self::Next, Self::Discounted, Self::Residual].into_iter().find(|kind| kind.name() == name)
    }
}
