//! The procedure `record_credit_note`: the credit notes of a refund.

mod draft;
mod guard;
mod owed;
mod plan;
mod shares;
mod split;
mod tell;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::refund::refund_key;
use super::setup;
use super::{Work, guarded, text};
use crate::odoo::Odoo;
use crate::odoo::error::{self, Result};
use crate::odoo::rights::Session;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";
const PAYMENT: &str = "account.payment";
/// The beginning of what is refused with a code of its own.
const NO_INVOICE: &str = "quittance_refused:credit_note_without_invoice";
const DIFFERS: &str = "quittance_refused:credit_note_differs";
const CREDITED_ALREADY: &str = "quittance_refused:credited_already";

/// One movement on its way.
struct Item {
    movement: Value,
    key: String,
    flags: Vec<String>,
    /// The payment that booked the refund.
    refund: i64,
    company: i64,
    day: String,
    notes: Vec<i64>,
    /// Invoices that the receipt paid.
    moves: Vec<i64>,
    /// Of the refund's debit, in units of its currency.
    open: i64,
    /// Of that, what drafts stand for.
    asked: i64,
    /// What of it no invoice is left for.
    short: i64,
    /// A tax was moved by more than a unit.
    off: bool,
    /// Odoo reversed the invoice otherwise than it should have.
    odd: bool,
}

impl Item {
    fn flag(&mut self, flag: &str) {
        self.flags.push(flag.to_owned());
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|f| f == flag)
    }

    fn text(&self, name: &str) -> &str {
        text(&self.movement, name)
    }
}

/// Makes the credit notes of `input`, each key once; results in the order of the input.
pub fn record_credit_note(odoo: &mut Odoo, who: &Session, code: &str, input: &Value) -> Result<Value> {
    let setup = guarded(odoo, who)?;
    let movements = input.get("movements").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut work = Work { odoo, setup, results: BTreeMap::new() };
    let mut items = Vec::new();
    for movement in &movements {
        let key = text(movement, "key").to_owned();
        if work.results.contains_key(&key) {
            continue;
        }
        work.results.insert(key.clone(), Value::Null);
        if let Some(why) = work.misnamed(movement)? {
            work.refuse_note(&key, "key_refused", &why, "refused");
        } else if work.odoo.store.tied(&format!("quittance.{key}")).is_some() {
            let answer = work.replay_note(movement)?;
            work.results.insert(key, answer);
        } else {
            items.extend(work.start_note(movement)?);
        }
    }
    items.sort_by_key(|item| (item.company, item.text("receipt").to_owned(), item.key.clone()));
    for item in &items {
        work.odoo.store.tie(&format!("quittance.{}", item.key), "res.company", item.company, true);
    }
    for mut item in items {
        work.one_note(&mut item)?;
    }
    Ok(work.told(code, &movements))
}

impl Work<'_> {
    /// The item of a new movement, or none when it is refused.
    fn start_note(&mut self, movement: &Value) -> Result<Option<Item>> {
        let (key, refund) = (text(movement, "key").to_owned(), text(movement, "refund").to_owned());
        let booked = refund_key(&key);
        let row = self.odoo.store.tied(&format!("quittance.{booked}__record"));
        if row.is_none() {
            self.refuse_note(&key, "refund_not_booked", &format!("the refund {refund} is not booked"), "retry");
            return Ok(None);
        }
        let Some(payment) = self.payment_of(&booked).filter(|p| self.standing(*p)) else {
            let detail = format!("somebody took the booking of the refund {refund} away");
            self.refuse_note(&key, "refund_undone", &detail, "refused");
            return Ok(None);
        };
        let company = self.odoo.store.int(PAYMENT, payment, "company_id").unwrap_or_default();
        if !self.setup.companies.contains(&company) {
            let detail = format!("the refund belongs to company {company}, where the user may not work");
            self.refuse_note(&key, "wrong_company", &detail, "refused");
            return Ok(None);
        }
        let Some(books) = self.setup.ready.get(&company).cloned() else {
            return Err(error::user(format!("quittance:not_configured:journal_stripe_{company}")));
        };
        let day = setup::day(movement, &books)?;
        let flags = movement.get("flags").and_then(Value::as_array).into_iter().flatten();
        let flags = flags.filter_map(Value::as_str).map(str::to_owned).collect();
        let (movement, notes, moves) = (movement.clone(), Vec::new(), Vec::new());
        let (open, asked, short, off, odd) = (0, 0, 0, false, false);
        Ok(Some(Item {
            movement,
            key,
            flags,
            refund: payment,
            company,
            day,
            notes,
            moves,
            open,
            asked,
            short,
            off,
            odd,
        }))
    }

    /// One item in a savepoint; what a business rule of Odoo refuses is taken back and said.
    fn one_note(&mut self, item: &mut Item) -> Result<()> {
        let savepoint = self.odoo.store.savepoint();
        match self.book_note(item) {
            Ok(()) => self.finish_note(item),
            Err(e) if e.name.starts_with("odoo.exceptions.") && !e.message.starts_with("quittance:") => {
                self.odoo.store.rollback(savepoint);
                if let Some(row) = self.odoo.store.xid_row("quittance", &item.key) {
                    self.odoo.store.remove("ir.model.data", row);
                }
                if e.message == CREDITED_ALREADY {
                    let detail = format!("all that the receipt of {} paid is credited", item.text("refund"));
                    self.refuse_note(&item.key, "credit_note_without_invoice", &detail, "retry");
                } else if e.message == NO_INVOICE {
                    let detail = format!("no invoice stands against the refund {}", item.text("refund"));
                    self.refuse_note(&item.key, "credit_note_without_invoice", &detail, "refused");
                } else {
                    let code = if e.name.ends_with("AccessError") { "access_denied" } else { "user_error" };
                    self.refuse_note(&item.key, code, &e.message, "refused");
                }
            }
            Err(e) => return Err(e),
        }
        Ok(())
    }

    fn refuse_note(&mut self, key: &str, code: &str, detail: &str, status: &str) {
        let detail: String = detail.chars().take(200).collect();
        let result = json!({"key": key, "status": status, "code": code, "detail": detail, "flags": [], "notes": [],
            "invoices": []});
        self.results.insert(key.to_owned(), result);
    }
}
