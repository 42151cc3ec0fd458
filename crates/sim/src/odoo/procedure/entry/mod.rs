//! The procedure `record_entry`: balance transactions and disputes as journal entries, and notes.

mod announce;
mod close;
mod lines;
mod settle;
mod start;

use serde_json::{Value, json};

use super::rates::code_of;
use super::setup::Books;
use super::{Work, guarded, setup, tell, text};
use crate::odoo::Odoo;
use crate::odoo::books::{Head, Line};
use crate::odoo::call::object;
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::rights::Session;

use self::lines::Wish;

const MOVE: &str = "account.move";
const PAYMENT: &str = "account.payment";

/// One movement on its way to being an entry.
#[derive(Clone, Debug, Default)]
pub struct Item {
    pub movement: Value,
    pub key: String,
    pub books: Books,
    pub flags: Vec<String>,
    pub journal: i64,
    /// By the time zone of the books.
    pub day: String,
    pub lines: Vec<Wish>,
    /// Whose money it is about, on which receivable account, and the invoices that it paid.
    pub partner: Option<i64>,
    pub receivable: Option<i64>,
    pub invoices: Vec<i64>,
    /// The earlier booking that it is about.
    pub about: Option<(String, i64)>,
    /// The entry that it takes back.
    pub turned: Option<i64>,
    /// Whether Odoo computes the tax of the fees.
    pub taxed: bool,
    /// The entry.
    pub made: Option<i64>,
    /// What closes the dispute that it is about.
    pub closed: Vec<Item>,
}

impl Item {
    fn on(&self, name: &str) -> bool {
        self.movement.get(name).is_some_and(num::truthy)
    }
}

/// Books the movements of `input`, each key once; results in the order of the input.
pub fn record_entry(odoo: &mut Odoo, who: &Session, code: &str, input: &Value) -> Result<Value> {
    let setup = guarded(odoo, who)?;
    let movements = input.get("movements").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut work = Work { odoo, setup, results: Default::default() };
    let mut items = Vec::new();
    for movement in &movements {
        let key = text(movement, "key").to_owned();
        if work.results.contains_key(&key) {
            continue;
        }
        work.results.insert(key.clone(), Value::Null);
        if let Some(why) = work.misnamed(movement)? {
            work.answer(&key, "refused", "key_refused", &why);
        } else if work.odoo.store.tied(&format!("quittance.{key}")).is_some() {
            work.replay_entry(movement)?;
        } else {
            items.extend(work.start_entry(movement)?);
        }
    }
    items.sort_by_key(|item| (item.books.home, item.key.clone()));
    for item in &items {
        work.odoo.store.tie(&format!("quittance.{}", item.key), "res.company", item.books.home, true);
    }
    work.book_entries(&mut items)?;
    let made: Vec<usize> = (0..items.len()).filter(|at| items.get(*at).is_some_and(|i| i.made.is_some())).collect();
    work.settle(&mut items, &made)?;
    for item in &mut items {
        work.announce(item)?;
        work.finish_entry(item);
    }
    Ok(work.told(code, &movements))
}

impl Work<'_> {
    /// Makes the entries; what a business rule of Odoo refuses is taken back and said, and harms no other.
    fn book_entries(&mut self, items: &mut Vec<Item>) -> Result<()> {
        let mut kept = Vec::new();
        for mut item in std::mem::take(items) {
            if item.lines.is_empty() && !item.on("close") {
                kept.push(item);
                continue;
            }
            let savepoint = self.odoo.store.savepoint();
            let mut booked = self.book_entry(&mut item);
            if booked.as_ref().is_err_and(|e| e.message.contains("quittance: fee_tax_differs")) {
                self.odoo.store.rollback(savepoint);
                item.taxed = false;
                item.flags.push("fee_tax_differs".into());
                booked = self.book_entry(&mut item);
            }
            match booked {
                Ok(()) => kept.push(item),
                Err(e) if e.name.starts_with("odoo.exceptions.") => {
                    self.odoo.store.rollback(savepoint);
                    self.unclaim(&item.key);
                    self.answer(&item.key, "refused", code_of(&e), &e.message);
                }
                Err(e) => return Err(e),
            }
        }
        *items = kept;
        Ok(())
    }

    /// Its entry, and what closes the dispute that it is about.
    fn book_entry(&mut self, item: &mut Item) -> Result<()> {
        item.made = None;
        if !item.lines.is_empty() {
            self.enter(item)?;
            let made = item.made.unwrap_or_default();
            self.odoo.store.tie(&format!("quittance.{}__record", item.key), MOVE, made, true);
        }
        self.close(item)?;
        if let (None, Some(made)) = (item.made, item.closed.first().and_then(|first| first.made)) {
            item.made = Some(made);
            self.odoo.store.tie(&format!("quittance.{}__record", item.key), MOVE, made, true);
        }
        Ok(())
    }

    fn enter(&mut self, item: &mut Item) -> Result<()> {
        let made = if item.turned.is_some() { Vec::new() } else { self.compose(item) };
        let lines = match item.turned {
            Some(turned) => self.mirrored(turned),
            None => made.iter().map(|made| made.line.clone()).collect(),
        };
        let head = Head {
            journal: item.journal,
            date: item.day.clone(),
            reference: text(&item.movement, "ref").to_owned(),
            more: object(json!({"company_id": item.books.home})),
            ..Head::default()
        };
        let entry = self.odoo.new_entry(&head, &lines)?;
        self.apply_tax(item, entry, &made)?;
        if item.turned.is_none() {
            self.check_values(&self.odoo.store.list(MOVE, entry, "line_ids"), item.books.home, &[&item.day])?;
        }
        if !item.on("draft") {
            self.odoo.post(entry)?;
        }
        item.made = Some(entry);
        for (name, mark) in [("document", "__t"), ("dispute", "__e")] {
            let of = text(&item.movement, name);
            if !of.is_empty() {
                self.add_to(&format!("{of}{mark}"), entry);
            }
        }
        Ok(())
    }

    /// The lines of an earlier entry with their signs turned.
    fn mirrored(&self, entry: i64) -> Vec<Line> {
        let s = &self.odoo.store;
        let one = |line: i64| {
            let int = |column: &str| s.int("account.move.line", line, column);
            let amount = |column: &str| -self.odoo.amount("account.move.line", line, column);
            let label = s.text("account.move.line", line, "name");
            let (account, currency) = (int("account_id").unwrap_or_default(), int("currency_id").unwrap_or_default());
            let due = json!({"date_maturity": s.value("account.move.line", line, "date_maturity")});
            Line {
                partner: int("partner_id"),
                more: object(due),
                ..Line::valued(account, label, amount("amount_currency"), currency, amount("balance"))
            }
        };
        s.list(MOVE, entry, "line_ids").into_iter().map(one).collect()
    }

    /// Ties an entry under the next number of a name.
    fn add_to(&mut self, name: &str, entry: i64) {
        let next = self.odoo.store.numbered(name).last().map_or(0, |(number, _)| *number) + 1;
        self.odoo.store.tie(&format!("quittance.{name}{next}"), MOVE, entry, true);
    }

    fn finish_entry(&mut self, item: &mut Item) {
        let record = item.made.map(|made| (MOVE.to_owned(), made)).or_else(|| self.targets(item).into_iter().next());
        let mut answer = object(
            json!({"key": item.key, "status": "created", "model": null, "id": null, "name": null, "date": null}),
        );
        if let Some((model, id)) = &record {
            answer.extend(self.record(model, *id));
            if item.made.is_none() {
                self.odoo.store.tie(&format!("quittance.{}__record", item.key), model, *id, true);
            }
        }
        if item.made.is_some_and(|made| self.odoo.store.text(MOVE, made, "date") != item.day) {
            item.flags.push("date_moved".into());
        }
        let invoices: Vec<Value> = item.invoices.iter().map(|id| tell::invoice(self.odoo, *id)).collect();
        answer.extend(object(json!({"intended": item.day, "flags": item.flags, "invoices": invoices})));
        self.results.insert(item.key.clone(), answer.into());
    }

    pub(super) fn record(&self, model: &str, id: i64) -> crate::odoo::store::Row {
        let s = &self.odoo.store;
        object(json!({"model": model, "id": id, "name": s.text(model, id, "name"), "state": s.text(model, id, "state"),
            "date": s.text(model, id, "date")}))
    }

    /// What an entry has on the accounts by which it is known, by role and currency.
    fn entry_sums(&self, movement: &Value, entry: i64) -> Vec<Value> {
        const LINE: &str = "account.move.line";
        let s = &self.odoo.store;
        let books = self.setup.books(movement).ok();
        let home = books.map(|books| books.home).unwrap_or_default();
        let code = text(movement, "currency").to_lowercase();
        let further = s.tied(&format!("quittance.journal_stripe_{home}_{code}")).map(|(_, id)| id);
        let journal = further.or(books.map(|books| books.journal)).unwrap_or_default();
        let role = |name: &str| books.and_then(|books| books.accounts.get(name).copied());
        let balance = s.int("account.journal", journal, "default_account_id");
        let mut told = Vec::new();
        for (name, account) in [("balance", balance), ("clearing", role("clearing")), ("disputed", role("disputed"))] {
            let mut sums: Vec<(i64, rust_decimal::Decimal)> = Vec::new();
            for line in s.list(MOVE, entry, "line_ids") {
                if account.is_some() && s.int(LINE, line, "account_id") == account {
                    let (currency, amount) =
                        (s.int(LINE, line, "currency_id"), self.odoo.amount(LINE, line, "amount_currency"));
                    let currency = currency.unwrap_or_default();
                    match sums.iter_mut().find(|(of, _)| *of == currency) {
                        Some((_, sum)) => *sum += amount,
                        None => sums.push((currency, amount)),
                    }
                }
            }
            told.extend(sums.into_iter().map(|(currency, sum)| {
                json!({"role": name, "amount": num::fixed(sum, self.odoo.places(currency)),
                    "currency": s.text("res.currency", currency, "name")})
            }));
        }
        told
    }

    /// The key is taken: what became of its booking. What could not be reconciled then is tried again, and a dispute that was
    /// closed meanwhile is closed with it.
    fn replay_entry(&mut self, movement: &Value) -> Result<()> {
        let key = text(movement, "key").to_owned();
        let row = self.odoo.store.tied(&format!("quittance.{key}__record"));
        let found = row.filter(|(model, id)| self.odoo.store.get(model, *id).is_some());
        let mut answer = object(json!({"key": key, "status": "gone", "flags": [], "invoices": []}));
        if let Some((model, id)) = found {
            let books = self.setup.books(movement).ok().cloned();
            // What closed nothing made no entry: its id is of an invoice or a payment.
            let made = model == MOVE && self.odoo.store.text(MOVE, id, "move_type") == "entry";
            let state = self.odoo.store.text(&model, id, "state").to_owned();
            let lines = movement.get("lines").is_some_and(num::truthy);
            let mut item = Item { movement: movement.clone(), key: key.clone(), taxed: true, ..Item::default() };
            let closes = item.on("close") && (!made || state == "posted");
            let day = books.as_ref().map(|books| setup::day(movement, books)).transpose()?;
            if let (Some(books), true) = (&books, (made && lines) || closes) {
                item.books = books.clone();
                item.journal = books.journal;
                item.day = day.clone().unwrap_or_default();
                item.made = Some(id).filter(|_| made);
                if closes {
                    self.find_receipt(&mut item);
                    item.partner = item.partner.or_else(|| setup::record(self.odoo, "partner_unallocated"));
                    self.close(&mut item)?;
                }
                let mut one = [item];
                self.settle(&mut one, &[0])?;
                [item] = one;
            }
            answer.extend(self.record(&model, id));
            let proposed = !lines && movement.pointer("/close/draft").is_some_and(num::truthy);
            let mut flags = item.flags;
            match state.as_str() {
                _ if !made || proposed || !(lines || movement.get("close").is_some_and(num::truthy)) => {}
                "posted" => {}
                "draft" => flags.push("entry_draft".into()),
                _ => flags.push("entry_cancelled".into()),
            }
            let lines = match lines {
                _ if made => Some(self.entry_sums(movement, id)),
                true => Some(Vec::new()),
                false => None,
            };
            answer.extend(object(json!({"status": "duplicate", "intended": day, "flags": flags, "lines": lines})));
        }
        self.results.insert(key, answer.into());
        Ok(())
    }

    pub(super) fn answer(&mut self, key: &str, status: &str, code: &str, detail: &str) {
        let detail: String = detail.chars().take(200).collect();
        let result = json!({"key": key, "status": status, "code": code, "detail": detail, "flags": [], "invoices": []});
        self.results.insert(key.to_owned(), result);
    }

    pub(super) fn unclaim(&mut self, key: &str) {
        if let Some(row) = self.odoo.store.xid_row("quittance", key) {
            self.odoo.store.remove("ir.model.data", row);
        }
    }
}
