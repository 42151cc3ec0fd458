//! What the procedures of `src/erp/odoo/procedures` do, imitated: the same input, ladder, bookings and answers.
//! The Python is the truth; recordings of it on real servers hold this to it.

mod alerts;
mod assign;
mod book;
mod books;
mod check;
mod credit_note;
mod entry;
mod fee_bill;
mod item;
mod ladder;
mod link;
mod mark;
mod names;
mod numbers;
mod owner;
mod rates;
mod read;
mod refund;
mod setup;
mod tell;
mod usable;
mod zone;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use self::item::Item;
use self::setup::Setup;
use super::Odoo;
use super::action::hash;
use super::error::{self, Result};
use super::num;
use super::rights::{INVOICE, Session, WORKER};

pub use self::alerts::show_alerts;
pub use self::assign::assign_receipt;
pub use self::books::read_books;
pub use self::check::check;
pub use self::credit_note::record_credit_note;
pub use self::entry::record_entry;
pub use self::fee_bill::record_fee_bill;
pub use self::link::link_customer;
pub use self::mark::next_mark;
pub use self::read::read_invoice;
pub use self::refund::record_refund;

/// Everything one call works with.
pub struct Work<'a> {
    pub odoo: &'a mut Odoo,
    pub setup: Setup,
    /// Results by key.
    pub results: BTreeMap<String, Value>,
}

/// Books the movements of `input`, each key once; results in the order of the input.
pub fn record_payment(odoo: &mut Odoo, who: &Session, code: &str, input: Value) -> Result<Value> {
    let setup = guarded(odoo, who)?;
    let movements = input.get("movements").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut work = Work { odoo, setup, results: BTreeMap::new() };
    let mut items = work.items(&movements)?;
    items.sort_by_key(|item| (item.company, item.moves.iter().min().copied().unwrap_or(0), item.key.clone()));
    for item in &items {
        work.odoo.store.tie(&format!("quittance.{}", item.key), "res.company", item.company, true);
    }
    for item in &mut items {
        work.sort_out(item)?;
    }
    work.book(items)?;
    Ok(work.told(code, &movements))
}

/// The head of every procedure: the groups again, and the form of the call.
pub fn admitted(who: &Session, input: &Value) -> Result<()> {
    if !who.has(WORKER) || !who.has(INVOICE) {
        let why = "quittance:group_required: the user needs the groups Invoicing and Quittance Worker";
        return Err(error::user(why));
    }
    match input.get("v").and_then(Value::as_i64) {
        Some(FORM) => Ok(()),
        form => {
            let form = form.map_or("None".to_owned(), |form| form.to_string());
            let why = format!("the call is of form {form}, the procedure of form {FORM}");
            Err(error::user(format!("quittance:other_form: {why}")))
        }
    }
}

/// What set-up left.
fn guarded(odoo: &Odoo, who: &Session) -> Result<Setup> {
    Setup::of(odoo, who)
}

impl Work<'_> {
    /// The answer: results in the order of the movements; the same key twice in one call is a duplicate of itself.
    fn told(&self, code: &str, movements: &[Value]) -> Value {
        let mut told: Vec<Value> = Vec::new();
        for movement in movements {
            let key = text(movement, "key");
            let mut result = self.results.get(key).cloned().unwrap_or_default();
            let again = told.iter().any(|one| text(one, "key") == key) && text(&result, "status") == "created";
            if let Some(fields) = result.as_object_mut().filter(|_| again) {
                fields.insert("status".into(), json!("duplicate"));
            }
            told.push(result);
        }
        json!({"v": FORM, "hash": hash(code), "results": told})
    }

    /// New movements that can be booked; replays and refusals go to the results at once.
    fn items(&mut self, movements: &[Value]) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        for movement in movements {
            let key = text(movement, "key").to_owned();
            if self.results.contains_key(&key) {
                continue;
            }
            self.results.insert(key.clone(), Value::Null);
            if let Some(why) = self.misnamed(movement)? {
                self.refuse(&key, "key_refused", &why);
            } else if self.odoo.store.tied(&format!("quittance.{key}")).is_some() {
                let answer = self.replay(movement)?;
                self.results.insert(key, answer);
            } else if let Some(item) = self.start(movement)? {
                items.extend(self.matched(item));
            }
        }
        Ok(items)
    }

    /// The item of a new movement, or none when it is refused.
    fn start(&mut self, movement: &Value) -> Result<Option<Item>> {
        let mut item = Item::of(movement);
        if let Some(company) = self.closed(movement) {
            self.refuse(&item.key, "wrong_company", &format!("the user may not work in company {company}"));
            return Ok(None);
        }
        item.books = self.setup.books(movement)?.clone();
        item.company = item.books.home;
        item.day = setup::day(movement, &item.books)?;
        let currency = text(movement, "currency");
        let found = self.odoo.store.find("res.currency", "name", &json!(currency));
        let Some(id) = found.filter(|c| self.active(*c)) else {
            self.refuse(&item.key, "currency_inactive", &format!("activate currency {currency} in Odoo"));
            return Ok(None);
        };
        item.currency = id;
        if let Some(detail) = self.unrated(id, item.company, &item.day) {
            self.refuse(&item.key, "currency_rate_missing", &detail);
            return Ok(None);
        }
        let given = text(movement, "amount");
        match setup::representable(self.odoo, given, id) {
            Some(amount) => item.amount = amount,
            None => {
                let detail = format!("currency {currency} cannot hold {given} exactly");
                self.refuse(&item.key, "amount_not_representable", &detail);
                return Ok(None);
            }
        }
        Ok(Some(item))
    }

    /// The company that a movement names and where the user may not work.
    fn closed(&self, movement: &Value) -> Option<i64> {
        movement.get("company").and_then(num::int).filter(|company| !self.setup.companies.contains(company))
    }

    fn active(&self, currency: i64) -> bool {
        num::truthy(&self.odoo.store.value("res.currency", currency, "active"))
    }

    pub fn refuse(&mut self, key: &str, code: &str, detail: &str) {
        let detail: String = detail.chars().take(200).collect();
        let result = json!({"key": key, "status": "refused", "code": code, "detail": detail, "flags": [],
            "matched_by": null, "invoices": []});
        self.results.insert(key.to_owned(), result);
    }
}

/// The form of input and answers.
const FORM: i64 = quittance::erp::odoo::procedure::FORM;

/// A text member, empty when there is none.
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or("")
}
