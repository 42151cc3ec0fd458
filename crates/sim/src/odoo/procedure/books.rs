//! The procedure `read_books`: what the books say of Stripe's movements. Reads only.

mod roles;
mod totals;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::owner::Owner;
use super::{guarded, setup, text, zone};
use crate::odoo::Odoo;
use crate::odoo::action::hash;
use crate::odoo::calendar;
use crate::odoo::error::{self, Result};
use crate::odoo::num;
use crate::odoo::rights::Session;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";
const SETTLED: &str = ":settled__record";
const RECORD: &str = "__record";

/// A balance account's currency, and whether it is the company's own.
#[derive(Clone, Copy)]
struct Kept {
    currency: i64,
    own: bool,
}

/// Amount in the account's currency, value in the company's.
#[derive(Clone, Copy, Default)]
struct Held {
    amount: Decimal,
    value: Decimal,
}

struct Reader<'a> {
    odoo: &'a Odoo,
    home: i64,
    family: BTreeSet<i64>,
    own: i64,
    zone: String,
    /// In the order of their codes, the company's own first.
    order: Vec<i64>,
    accounts: BTreeMap<i64, Kept>,
    at: String,
    since: String,
    most: usize,
    /// Names `quittance.…__record`, by what they point at.
    names: BTreeMap<(String, i64), Vec<String>>,
}

/// Answers as the Python does: without an account no more than the hash.
pub fn read_books(odoo: &Odoo, who: &Session, code: &str, input: &Value) -> Result<Value> {
    guarded(odoo, who)?;
    let mut told = Map::from_iter([("v".to_owned(), json!(FORM)), ("hash".to_owned(), json!(hash(code)))]);
    if text(input, "account").is_empty() {
        return Ok(told.into());
    }
    let reader = Reader::of(odoo, who, input)?;
    let company = json!({"id": reader.home, "name": odoo.store.text("res.company", reader.home, "name"),
        "currency": reader.code(reader.own)});
    told.insert("company".into(), company);
    told.insert("zone".into(), json!(reader.zone));
    told.insert("today".into(), json!(reader.day(&calendar::datetime(odoo.clock.now_ms()))));
    told.insert("book_from".into(), json!(parameter(odoo, "quittance.book_from")));
    told.insert("entries".into(), reader.entries(input));
    if input.get("totals").is_some_and(num::truthy) {
        told.insert("totals".into(), reader.totals());
    }
    if let Some(after) = input.get("after").and_then(Value::as_str) {
        told.insert("strays".into(), reader.strays(text(input, "account"), after));
    }
    Ok(told.into())
}

const FORM: i64 = quittance::erp::odoo::procedure::FORM;

fn parameter(odoo: &Odoo, key: &str) -> Option<String> {
    let row = odoo.store.find("ir.config_parameter", "key", &json!(key))?;
    Some(odoo.store.text("ir.config_parameter", row, "value").to_owned()).filter(|value| !value.is_empty())
}

impl<'a> Reader<'a> {
    fn of(odoo: &'a Odoo, who: &Session, input: &Value) -> Result<Self> {
        let s = &odoo.store;
        let asked = input.get("company").and_then(num::int).unwrap_or(who.company);
        let ready = |c: &i64| s.tied(&format!("quittance.journal_stripe_{c}")).is_some();
        let mine = s.list("res.users", who.uid, "company_ids");
        let home = setup::chain(odoo, asked).into_iter().find(ready).filter(|c| mine.contains(c)).ok_or_else(|| {
            error::user("quittance:not_configured:journal_stripe: no company of this user has the Stripe journal")
        })?;
        Owner::of(odoo, home).held(home, text(input, "account"), input.get("livemode"))?;
        let within =
            |c: &i64| std::iter::successors(Some(*c), |c| s.int("res.company", *c, "parent_id")).any(|c| c == home);
        let family = s.ids("res.company").into_iter().filter(within).collect();
        let own = s.int("res.company", home, "currency_id").unwrap_or_default();
        let day = |name: &str, default: &str| {
            Some(text(input, name)).filter(|day| !day.is_empty()).unwrap_or(default).to_owned()
        };
        let mut names: BTreeMap<(String, i64), Vec<String>> = BTreeMap::new();
        for row in s.ids("ir.model.data") {
            let name = s.text("ir.model.data", row, "name");
            if name.ends_with(RECORD) && s.text("ir.model.data", row, "module") == "quittance" {
                let at = (s.text("ir.model.data", row, "model").to_owned(), s.int("ir.model.data", row, "res_id"));
                names.entry((at.0, at.1.unwrap_or_default())).or_default().push(name.to_owned());
            }
        }
        names.values_mut().for_each(|names| names.sort());
        let zone = setup::zone_of(odoo, home)?;
        let most = input.get("most").and_then(num::int).filter(|most| *most > 0).unwrap_or(500);
        let (at, since) = (day("at", FOR_EVER), day("since", "0001-01-01"));
        let most = usize::try_from(most).unwrap_or_default();
        let mut reader = Self {
            odoo,
            home,
            family,
            own,
            zone,
            order: Vec::new(),
            accounts: BTreeMap::new(),
            at,
            since,
            most,
            names,
        };
        for (account, kept) in reader.balance_accounts()? {
            reader.order.push(account);
            reader.accounts.insert(account, kept);
        }
        Ok(reader)
    }

    /// The default accounts of the Stripe journals, one a settlement currency.
    fn balance_accounts(&self) -> Result<Vec<(i64, Kept)>> {
        let s = &self.odoo.store;
        let mut found: Vec<(i64, Kept)> = Vec::new();
        let own = (format!("journal_stripe_{}", self.home), self.own);
        let mut journals: Vec<(String, i64)> = vec![own];
        journals
            .extend(self.codes().into_iter().map(|(code, id)| (format!("journal_stripe_{}_{code}", self.home), id)));
        for (name, currency) in journals {
            let journal = s.tied(&format!("quittance.{name}")).map(|(_, id)| id);
            let Some(account) = journal.and_then(|j| s.int("account.journal", j, "default_account_id")) else {
                continue;
            };
            let kept = Kept { currency, own: currency == self.own };
            if found.iter().any(|(known, _)| *known == account) {
                let name = s.text("account.account", account, "name");
                return Err(error::user(format!(
                    "quittance:balance_account_shared: {name} is the balance account of two settlement currencies"
                )));
            }
            found.push((account, kept));
        }
        Ok(found)
    }

    /// Currencies by their code in lower case.
    fn codes(&self) -> BTreeMap<String, i64> {
        let ids = self.odoo.store.ids("res.currency").into_iter();
        ids.map(|id| (self.code(id).to_lowercase(), id)).collect()
    }

    fn code(&self, currency: i64) -> String {
        self.odoo.store.text("res.currency", currency, "name").to_owned()
    }

    /// The company's day of an instant in UTC.
    fn day(&self, instant: &str) -> Option<String> {
        zone::day(instant, &self.zone)
    }

    fn summed(&self, currency: i64, held: Held) -> Value {
        let show = |amount, currency| num::fixed(amount, self.odoo.places(currency));
        json!({"currency": self.code(currency), "amount": show(held.amount, currency), "value": show(held.value, self.own)})
    }

    /// Number, state and date of a move beside what is known of it.
    fn dated(&self, entry: i64, mut more: Value) -> Value {
        let s = &self.odoo.store;
        let name = s.text(MOVE, entry, "name");
        let (state, date) = (s.text(MOVE, entry, "state"), s.text(MOVE, entry, "date"));
        let told = json!({"id": entry, "name": if name == "/" { "" } else { name }, "state": state, "date": date});
        merge(&mut more, told);
        more
    }

    /// The move, if it is there and of these companies.
    fn here(&self, entry: i64) -> Option<i64> {
        let company = self.odoo.store.int(MOVE, entry, "company_id")?;
        self.family.contains(&company).then_some(entry)
    }

    /// What a line has on a balance account, with its currency.
    fn held(&self, line: i64) -> Option<(i64, Held)> {
        let s = &self.odoo.store;
        let kept = self.accounts.get(&s.int(LINE, line, "account_id")?)?;
        self.family.contains(&s.int(LINE, line, "company_id")?).then_some(())?;
        let value = self.odoo.amount(LINE, line, "balance");
        let same = s.int(LINE, line, "currency_id") == Some(kept.currency);
        let foreign = if same { self.odoo.amount(LINE, line, "amount_currency") } else { Decimal::ZERO };
        Some((kept.currency, Held { amount: if kept.own { value } else { foreign }, value }))
    }

    /// A move's sums on the balance accounts, posted or not.
    fn sums(&self, entry: i64) -> Vec<Value> {
        let mut sums: BTreeMap<i64, Held> = BTreeMap::new();
        for line in self.odoo.store.list(MOVE, entry, "line_ids") {
            if let Some((currency, held)) = self.held(line) {
                add(sums.entry(currency).or_default(), held);
            }
        }
        sums.into_iter().map(|(currency, held)| self.summed(currency, held)).collect()
    }

    fn entries(&self, input: &Value) -> Value {
        let keys = input.get("keys").and_then(Value::as_array).into_iter().flatten();
        keys.map(|pair| self.entry(at(pair, 0), at(pair, 1))).collect()
    }

    fn entry(&self, key: &str, instant: &str) -> Value {
        let s = &self.odoo.store;
        let record = s.tied(&format!("quittance.{key}{RECORD}"));
        let claim = s.tied(&format!("quittance.{key}")).is_some();
        let (model, id) = record.clone().unzip();
        let booked = |of: &str| record.as_ref().filter(|(model, _)| model == of).map(|(_, id)| *id);
        let sums = booked(MOVE).map(|entry| self.sums(entry)).unwrap_or_default();
        let more = json!({"key": key, "claim": claim, "intended": self.day(instant), "model": model, "id": id,
            "name": null, "state": null, "date": null, "sums": sums});
        if let Some(entry) = booked(MOVE).and_then(|entry| self.here(entry)) {
            return self.dated(entry, more);
        }
        let mut more = more;
        if let Some(payment) = booked("account.payment").filter(|id| s.get("account.payment", *id).is_some()) {
            let text = |column: &str| s.text("account.payment", payment, column);
            merge(&mut more, json!({"name": text("name"), "state": text("state"), "date": text("date")}));
        }
        more
    }

    /// The key of the balance transaction whose entry a move is.
    fn settled(&self, entry: i64) -> Option<&str> {
        let names = self.names.get(&(MOVE.to_owned(), entry))?;
        names.iter().find(|name| name.ends_with(SETTLED)).map(String::as_str)
    }

    /// The key of our booking that a line is of.
    fn key(&self, entry: i64, payment: Option<i64>) -> Option<String> {
        let of = |model: &str, id: i64| self.names.get(&(model.to_owned(), id)).into_iter().flatten().cloned();
        let payments = payment.into_iter().flat_map(|id| of("account.payment", id));
        let first = of(MOVE, entry).chain(payments).min()?;
        first.strip_suffix(RECORD).map(str::to_owned)
    }

    fn strays(&self, account: &str, after: &str) -> Value {
        let head = format!("stripe:{account}:");
        let names = self.names.iter().filter(|((model, _), _)| model == MOVE);
        let named = names.flat_map(|((_, id), names)| names.iter().map(move |name| (name.as_str(), *id)));
        let ours = named.filter(|(name, id)| {
            name.starts_with(&head) && name.ends_with(SETTLED) && *name > after && self.here(*id).is_some()
        });
        let sorted: BTreeMap<&str, i64> = ours.collect();
        let one = |(name, id): (&str, i64)| {
            let key = name.strip_suffix(RECORD);
            self.dated(id, json!({"key": key, "sums": self.sums(id)}))
        };
        sorted.into_iter().take(self.most).map(one).collect()
    }

    /// Posted lines up to the day.
    fn counted(&self, line: i64) -> bool {
        let s = &self.odoo.store;
        s.text(LINE, line, "parent_state") == "posted" && s.text(LINE, line, "date") <= self.at.as_str()
    }
}

const FOR_EVER: &str = "9999-12-31";

fn add(sum: &mut Held, more: Held) {
    sum.amount += more.amount;
    sum.value += more.value;
}

/// Members beside, or in place of, those that are there.
fn merge(to: &mut Value, more: Value) {
    if let (Some(to), Value::Object(more)) = (to.as_object_mut(), more) {
        to.extend(more);
    }
}

fn at(pair: &Value, which: usize) -> &str {
    pair.get(which).and_then(Value::as_str).unwrap_or_default()
}
