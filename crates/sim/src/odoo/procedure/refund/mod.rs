//! The procedure `record_refund`: money that goes back, comes back after all, or never was.

mod book;
mod lines;

pub(super) use self::lines::LINE;
mod tell;

pub(super) use self::lines::refund_key;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::rates::code_of;
use super::setup::{self, Books};
use super::{Work, guarded, text};
use crate::odoo::Odoo;
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::rights::Session;

const PAYMENT: &str = "account.payment";

/// One movement on its way.
struct Item {
    movement: Value,
    key: String,
    flags: Vec<String>,
    /// The payment that booked the receipt, if it is there.
    receipt: Option<i64>,
    company: i64,
    books: Books,
    currency: i64,
    amount: Decimal,
    day: String,
    /// Invoices that the receipt paid.
    moves: Vec<i64>,
}

impl Item {
    fn flag(&mut self, flag: &str) {
        self.flags.push(flag.to_owned());
    }

    fn text(&self, name: &str) -> &str {
        text(&self.movement, name)
    }
}

/// Books the movements of `input`, each key once; results in the order of the input.
pub fn record_refund(odoo: &mut Odoo, who: &Session, code: &str, input: &Value) -> Result<Value> {
    let setup = guarded(odoo, who)?;
    let movements = input.get("movements").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut work = Work { odoo, setup, results: BTreeMap::new() };
    let mut items = work.refund_items(&movements)?;
    items.sort_by_key(|item| {
        (item.company, item.text("receipt").to_owned(), item.text("kind") == "refund_failed", item.key.clone())
    });
    for item in &items {
        work.odoo.store.tie(&format!("quittance.{}", item.key), "res.company", item.company, true);
    }
    let mut booked = Vec::new();
    for mut item in items {
        if let Some(payment) = work.one_refund(&mut item)? {
            booked.push((item, payment));
        }
    }
    work.settle_refunds(&mut booked)?;
    for (mut item, payment) in booked {
        work.finish_refund(&mut item, payment);
    }
    Ok(work.told(code, &movements))
}

impl Work<'_> {
    fn refund_items(&mut self, movements: &[Value]) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        for movement in movements {
            let key = text(movement, "key").to_owned();
            if self.results.contains_key(&key) {
                continue;
            }
            self.results.insert(key.clone(), Value::Null);
            if let Some(why) = self.misnamed(movement)? {
                self.refuse_refund(&key, "key_refused", &why);
            } else if self.odoo.store.tied(&format!("quittance.{key}")).is_some() {
                let answer = self.replay_refund(movement)?;
                self.results.insert(key, answer);
            } else {
                items.extend(self.start_refund(movement)?);
            }
        }
        Ok(items)
    }

    /// The item of a new movement, or none when it is refused.
    fn start_refund(&mut self, movement: &Value) -> Result<Option<Item>> {
        let m = |name: &str| text(movement, name).to_owned();
        let (key, receipt) = (m("key"), m("receipt"));
        if let Some(company) = self.closed(movement) {
            self.refuse_refund(&key, "wrong_company", &format!("the user may not work in company {company}"));
            return Ok(None);
        }
        let mut flags: Vec<String> = Vec::new();
        let given = movement.get("flags").and_then(Value::as_array).into_iter().flatten();
        flags.extend(given.filter_map(Value::as_str).map(str::to_owned));
        let named = |end: &str| self.odoo.store.tied(&format!("quittance.{receipt}{end}")).is_some();
        let mut paid = self.payment_of(&receipt);
        if !named("") && !named("__record") {
            paid = self.by_reference(movement);
            if paid.is_none() {
                let detail = format!("no booking of {receipt}, and no payment in Odoo names {}", m("payment"));
                self.refuse_refund(&key, "refund_receipt_unknown", &detail);
                return Ok(None);
            }
            flags.push("receipt_by_reference".into());
        }
        let company = match paid {
            Some(paid) => self.odoo.store.int(PAYMENT, paid, "company_id").unwrap_or_default(),
            None => self.setup.books(movement)?.home,
        };
        if !self.setup.companies.contains(&company) {
            let detail = format!("the receipt belongs to company {company}, where the user may not work");
            self.refuse_refund(&key, "wrong_company", &detail);
            return Ok(None);
        }
        let Some(books) = self.setup.ready.get(&company).cloned() else {
            return Err(self.setup.not_configured(company));
        };
        match paid {
            None => flags.push("receipt_gone".into()),
            Some(paid) if !self.standing(paid) => {
                let draft = self.odoo.store.text(PAYMENT, paid, "state") == "draft";
                flags.push(if draft { "receipt_draft" } else { "receipt_cancelled" }.into());
            }
            Some(_) => {}
        }
        let day = setup::day(movement, &books)?;
        let Some((currency, amount)) = self.refund_worth(&key, movement, company, &day) else { return Ok(None) };
        let movement = movement.clone();
        let moves = Vec::new();
        Ok(Some(Item { movement, key, flags, receipt: paid, company, books, currency, amount, day, moves }))
    }

    /// Currency and amount; none when they are refused.
    fn refund_worth(&mut self, key: &str, movement: &Value, company: i64, day: &str) -> Option<(i64, Decimal)> {
        let (name, given) = (text(movement, "currency").to_owned(), text(movement, "amount").to_owned());
        let found = self.odoo.store.find("res.currency", "name", &json!(name));
        let Some(currency) = found.filter(|c| self.active(*c)) else {
            self.refuse_refund(key, "currency_inactive", &format!("activate currency {name} in Odoo"));
            return None;
        };
        if let Some(detail) = self.unrated(currency, company, day) {
            self.refuse_refund(key, "currency_rate_missing", &detail);
            return None;
        }
        let amount = setup::representable(self.odoo, &given, currency);
        if amount.is_none() {
            let detail = format!("currency {name} cannot hold {given} exactly");
            self.refuse_refund(key, "amount_not_representable", &detail);
        }
        Some((currency, amount?))
    }

    /// Books one item in a savepoint; what a business rule of Odoo refuses is taken back and said.
    fn one_refund(&mut self, item: &mut Item) -> Result<Option<i64>> {
        let savepoint = self.odoo.store.savepoint();
        match self.book_refund(item) {
            Ok(payment) => return Ok(Some(payment)),
            Err(e) if e.name.starts_with("odoo.exceptions.") && !e.message.starts_with("quittance:") => {
                self.odoo.store.rollback(savepoint);
                if let Some(row) = self.odoo.store.xid_row("quittance", &item.key) {
                    self.odoo.store.remove("ir.model.data", row);
                }
                self.refuse_refund(&item.key, code_of(&e), &e.message);
            }
            Err(e) => return Err(e),
        }
        Ok(None)
    }

    /// Matches the clearing lines with the entries that settled these movements before they came.
    fn settle_refunds(&mut self, booked: &mut [(Item, i64)]) -> Result<()> {
        let settled = |(at, (item, payment)): (usize, &(Item, i64))| {
            let entry = self.odoo.store.int(PAYMENT, *payment, "move_id")?;
            Some((at, self.settlement(&item.key, &[entry], item.books.clearing)?))
        };
        let groups = booked.iter().enumerate().filter_map(settled).collect();
        for at in self.match_groups(groups)? {
            if let Some((item, _)) = booked.get_mut(at) {
                item.flag("not_reconciled");
            }
        }
        Ok(())
    }

    pub(super) fn refuse_refund(&mut self, key: &str, code: &str, detail: &str) {
        let detail: String = detail.chars().take(200).collect();
        let result =
            json!({"key": key, "status": "refused", "code": code, "detail": detail, "flags": [], "invoices": []});
        self.results.insert(key.to_owned(), result);
    }
}

/// Whether a switch of a movement is on.
fn on(movement: &Value, name: &str) -> bool {
    movement.get(name).is_some_and(num::truthy)
}
