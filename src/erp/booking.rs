//! What the ERP answers of a movement, and of a receipt that is assigned.

use crate::error::Error;

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
