//! The ERP as the flows see it: it takes money movements and answers what it did with each.

pub mod alert;
pub mod invoice;
pub mod json_rpc;
pub mod mark;
pub mod odoo;

use std::rc::Rc;

use self::alert::Notices;
use self::invoice::{CustomerLink, Invoices, Logo};
use self::mark::Marks;
use crate::config::{Delivery, ErpConfig};
use crate::error::Error;
use crate::movement::{Movement, MovementKind};
use crate::ports::{Fut, Runtime};

/// The ERP that the settings name.
pub fn open(delivery: &Delivery, runtime: &Runtime) -> Rc<dyn Erp> {
    open_for(delivery, None, None, runtime)
}

/// The same for a ledger whose Stripe account is known, and the highest mark that it has.
pub fn open_for(delivery: &Delivery, account: Option<&str>, mark: Option<i64>, runtime: &Runtime) -> Rc<dyn Erp> {
    let http = runtime.http.clone();
    match &delivery.erp {
        ErpConfig::Odoo(odoo) => {
            let livemode = Some(delivery.stripe.livemode());
            let owner = odoo::Owner { account: account.map(str::to_owned), livemode, mark };
            Rc::new(odoo::OdooErp::new(odoo, &delivery.matching, owner, http, runtime.kv.clone()))
        }
        ErpConfig::Rpc(rpc) => Rc::new(json_rpc::RpcErp::new(rpc, mark, http, runtime.clock.clone())),
    }
}

/// An ERP that books movements, each key once.
pub trait Erp {
    /// Books a list of movements in one call. Answers stand in the order asked. Calling again with the same
    /// movements is always safe: the ERP knows the keys.
    ///
    /// Movements of one call are of one [`Erp::batch_group`].
    fn apply<'a>(&'a self, movements: &'a [Movement]) -> Fut<'a, Result<Vec<Answer>, Fault>>;

    /// The marks of what [`Erp::apply`] answered so far. An ERP without them has none.
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

    /// Reads invoices for the pay page in one call; ids that do not exist, or that the ERP's user may not read, are left
    /// out. An ERP without this ability answers [`crate::error::Code::PayNotConfigured`].
    fn invoices<'a>(&'a self, ids: &'a [i64]) -> Fut<'a, Result<Invoices, Fault>>;

    /// A company's logo; `None` when it has none.
    fn logo(&self, company: i64) -> Fut<'_, Result<Option<Logo>, Fault>>;

    /// Writes Stripe's customer ids into contacts, in one call. Contacts that are gone are passed over.
    fn link_customers<'a>(&'a self, links: &'a [CustomerLink]) -> Fut<'a, Result<(), Fault>>;
}

/// What the ERP made of one movement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// In the books, now or since an earlier call.
    Booked(Booking),
    /// Was in the books; a person deleted the record since. Not booked again.
    Gone,
    /// Refused for a reason of its own; repeating it changes nothing until a person acts.
    Refused(Error),
    /// This movement could not be done now; nothing of it was booked.
    Retry(Error),
}

/// A movement in the books.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Booking {
    /// The key was there already.
    pub duplicate: bool,
    /// The record: Odoo's `account.payment`, 41, `PSTRP/2026/00001`.
    pub model: String,
    pub id: i64,
    pub name: String,
    /// The day it stands on in the books, `YYYY-MM-DD`, where the ERP tells: a locked period may have moved it.
    pub date: Option<String>,
    /// The day it was meant for, by the company's own time zone.
    pub intended: Option<String>,
    /// What a person should look at: `over`, `unallocated`, `invoice_cancelled`, `payment_cancelled`, …
    pub flags: Vec<String>,
    /// The documents it paid, with what is left open on each (decimal string, document currency).
    pub documents: Vec<Document>,
}

/// A document (invoice) a movement was reconciled with.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Document {
    pub id: i64,
    pub name: String,
    pub residual: String,
    pub currency: String,
}

/// What became of allocating a receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssignResult {
    /// `allocated`, or `already` when nothing of it was free.
    pub outcome: String,
    /// By this call, and what is free of the receipt now: decimal strings of its currency.
    pub allocated: String,
    pub free: String,
    /// Every document that the receipt pays now.
    pub documents: Vec<Document>,
}

impl Fault {
    /// What there is to say of it to a person who waits.
    pub fn error(self) -> Error {
        match self {
            Self::TimedOut(error) | Self::Transient(error) | Self::Connection(error) => error,
        }
    }
}

/// The whole call failed: no movement has an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No answer within the time, so that some or all may be booked; or a list refused as a whole, which one of its
    /// movements may have caused. A list is halved before anything counts as an attempt.
    TimedOut(Error),
    /// The ERP could not serve this call now (a lock, a serialization failure). Counts as an attempt.
    Transient(Error),
    /// Address, login, rights, configuration: no event's fault. Delivery pauses.
    Connection(Error),
}
