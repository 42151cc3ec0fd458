//! What an ERP can do, by who needs it: delivery books, the pay page reads invoices, alerts are shown.

use super::alert::Notices;
use super::booking::{Answer, AssignResult};
use super::fault::Fault;
use super::invoice::{CustomerLink, Invoices, Logo};
use super::mark::Marks;
use crate::error::Error;
use crate::movement::{Movement, MovementKind};
use crate::ports::Fut;

/// An ERP that books movements, each key once.
pub trait Books {
    /// Books a list of movements in one call. Answers stand in the order asked. Calling again with the same
    /// movements is always safe: the ERP knows the keys.
    ///
    /// Movements of one call are of one [`Books::batch_group`].
    fn apply<'a>(&'a self, movements: &'a [Movement]) -> Fut<'a, Result<Vec<Answer>, Fault>>;

    /// The marks of what [`Books::apply`] answered so far. An ERP without them has none.
    fn marks(&self) -> Marks {
        Marks::default()
    }

    /// Whether it books movements of this kind at all.
    fn supports(&self, kind: MovementKind) -> bool {
        let _ = kind;
        true
    }

    /// Which movements may share a call, and in which order calls are made: those of a lower group first, since what they
    /// make others build on.
    fn batch_group(&self, kind: MovementKind) -> u8 {
        let _ = kind;
        0
    }

    /// Reconciles what is free of a receipt (by its key) with what is open of an invoice (a number, or an id as digits): for
    /// an operator who knows what nobody could find out. Asking twice is safe.
    fn assign<'a>(&'a self, key: &'a str, invoice: &'a str) -> Fut<'a, Result<AssignResult, Error>>;

    /// Asks whether the ERP could book now: address, login, rights, procedures, journal. Books nothing.
    fn probe(&self) -> Fut<'_, Result<(), Fault>>;
}

/// An ERP whose customer invoices are paid on the pay page.
pub trait Invoicing {
    /// Reads invoices for the pay page in one call; ids that do not exist, or that the ERP's user may not read, are left
    /// out. An ERP without this ability answers [`crate::error::Code::PayNotConfigured`].
    fn invoices<'a>(&'a self, ids: &'a [i64]) -> Fut<'a, Result<Invoices, Fault>>;

    /// A company's logo; `None` when it has none.
    fn logo(&self, company: i64) -> Fut<'_, Result<Option<Logo>, Fault>>;

    /// Writes Stripe's customer ids into contacts, in one call. Contacts that are gone are passed over.
    fn link_customers<'a>(&'a self, links: &'a [CustomerLink]) -> Fut<'a, Result<(), Fault>>;
}

/// An ERP that shows its users what wants a person.
pub trait Notifier {
    /// When the key by which it is called ends, in seconds since 1970 UTC; `None`: never, or the ERP does not know.
    fn key_expiry(&self) -> Fut<'_, Result<Option<i64>, Fault>> {
        Box::pin(async { Ok(None) })
    }

    /// Shows its users what wants a person, each once, and closes what is over. Asking twice is safe. `false`: it knows no user
    /// of that name, and somebody else was asked. An ERP without this ability shows nothing.
    fn show_alerts<'a>(&'a self, notices: &'a Notices) -> Fut<'a, Result<bool, Fault>> {
        let _ = notices;
        Box::pin(async { Ok(true) })
    }
}

/// All of it.
pub trait Erp: Books + Invoicing + Notifier {}

impl<T: Books + Invoicing + Notifier> Erp for T {}
