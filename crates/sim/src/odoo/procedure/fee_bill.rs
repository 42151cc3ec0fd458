//! The procedure `record_fee_bill`: what Stripe kept in a month as a draft bill of the supplier, and what that bill clears.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::rates::code_of;
use super::setup::Books;
use super::{Work, guarded, setup, text, usable};
use crate::odoo::Odoo;
use crate::odoo::books::Line;
use crate::odoo::call::object;
use crate::odoo::error::{self, Result};
use crate::odoo::num;
use crate::odoo::rights::Session;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";
/// Lines matched in one call.
const MOST: usize = 200;

/// One movement.
#[derive(Clone, Debug, Default)]
struct Item {
    movement: Value,
    key: String,
    /// Key of the bill.
    bill: String,
    /// External id that says what the bill was made of.
    state: String,
    books: Books,
    currency: i64,
    partner: i64,
    fees: i64,
    tax: Option<i64>,
    /// Whether Odoo computes the tax of the fees.
    taxed: bool,
    total: Decimal,
    lines: Vec<(String, Decimal, bool)>,
    flags: Vec<String>,
}

/// Books the movements of `input` in their order; results likewise.
pub fn record_fee_bill(odoo: &mut Odoo, who: &Session, code: &str, input: &Value) -> Result<Value> {
    let setup = guarded(odoo, who)?;
    let movements = input.get("movements").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut work = Work { odoo, setup, results: Default::default() };
    for movement in &movements {
        let key = text(movement, "key");
        if work.results.contains_key(key) {
            continue;
        }
        if let Some(why) = work.misnamed(movement)? {
            work.answer(key, "refused", "key_refused", &why);
            continue;
        }
        let known = work.odoo.store.tied(&format!("quittance.{key}")).is_some();
        let Some(mut item) = work.start_bill(movement)? else { continue };
        if known {
            match work.record_of(key) {
                Some(bill) => work.finish_bill(&item, bill, "duplicate"),
                None => work.bill_gone(&item),
            }
        } else if movement.get("clears").is_none_or(Value::is_null) {
            work.make_bill(&mut item)?;
        } else {
            work.clear_bill(&mut item)?;
        }
    }
    Ok(work.told(code, &movements))
}

impl Work<'_> {
    /// The item of a movement, or none when it is refused or must wait.
    fn start_bill(&mut self, movement: &Value) -> Result<Option<Item>> {
        let mut item = Item {
            movement: movement.clone(),
            key: text(movement, "key").to_owned(),
            bill: text(movement, "bill").to_owned(),
            state: format!("{}__{}", text(movement, "bill"), text(movement, "state")),
            taxed: true,
            ..Item::default()
        };
        if let Some(company) = self.closed(movement) {
            let detail = format!("the user may not work in company {company}");
            self.answer(&item.key, "refused", "wrong_company", &detail);
            return Ok(None);
        }
        item.books = self.setup.books(movement)?.clone();
        if let Some((status, code, detail)) = self.wanting(&mut item) {
            self.answer(&item.key, status, code, &detail);
            return Ok(None);
        }
        usable::payable_of(self.odoo, item.books.home)?;
        Ok(Some(item))
    }

    /// Fills the item; what keeps it from being booked.
    fn wanting(&self, item: &mut Item) -> Option<(&'static str, &'static str, String)> {
        let (home, name) = (item.books.home, text(&item.movement, "currency").to_owned());
        let found = self.odoo.store.find("res.currency", "name", &json!(name)).filter(|c| self.active(*c));
        let Some(currency) = found else {
            return Some(("refused", "currency_inactive", format!("activate currency {name} in Odoo")));
        };
        if let Some(detail) = self.unrated(currency, home, text(&item.movement, "date")) {
            return Some(("refused", "currency_rate_missing", detail));
        }
        item.currency = currency;
        match item.books.accounts.get("fees") {
            Some(account) => item.fees = *account,
            None => return Some(("retry", "account_missing", format!("company {home} has no account for fees"))),
        }
        item.partner = setup::record(self.odoo, "partner_stripe").unwrap_or_default();
        item.tax = setup::record(self.odoo, &format!("tax_fees_{home}"));
        for line in item.movement.get("lines").and_then(Value::as_array).cloned().unwrap_or_default() {
            let given = text(&line, "amount");
            let Some(amount) = setup::signed(self.odoo, given, currency) else {
                let detail = format!("currency {name} cannot hold {given} exactly");
                return Some(("refused", "amount_not_representable", detail));
            };
            let tax = line.get("tax").is_some_and(num::truthy);
            item.lines.push((text(&line, "label").to_owned(), amount, tax));
            item.total += amount;
        }
        None
    }

    /// The draft bill, with what it asks of a person.
    fn make_bill(&mut self, item: &mut Item) -> Result<()> {
        self.odoo.store.tie(&format!("quittance.{}", item.key), "res.company", item.books.home, true);
        let Some(bill) = self.tried(item, None)? else {
            self.unclaim(&item.key);
            return Ok(());
        };
        let row = json!({"res_model": MOVE, "res_id": bill, "summary": "Compare with Stripe's invoice and post",
            "note": text(&item.movement, "ref"), "date_deadline": self.odoo.today(), "active": true,
            "user_id": self.setup.uid});
        self.odoo.store.insert("mail.activity", object(row));
        self.finish_bill(item, bill, "created");
        Ok(())
    }

    /// Makes the bill, or writes its lines anew: with Odoo's tax, or when that is not what Stripe kept, with Stripe's own.
    fn tried(&mut self, item: &mut Item, old: Option<i64>) -> Result<Option<i64>> {
        loop {
            let savepoint = self.odoo.store.savepoint();
            match self.write_bill(item, old) {
                Ok(bill) => return Ok(Some(bill)),
                Err(e) if e.message == "quittance: fee_tax_differs" => {
                    self.odoo.store.rollback(savepoint);
                    item.taxed = false;
                    item.flags.push("fee_tax_differs".into());
                }
                Err(e) if e.name.starts_with("odoo.exceptions.") => {
                    self.odoo.store.rollback(savepoint);
                    let holds = e.message == "quittance: amount_not_representable";
                    let code = if holds { "amount_not_representable" } else { code_of(&e) };
                    self.answer(&item.key, "refused", code, &e.message);
                    return Ok(None);
                }
                Err(e) => return Err(e),
            }
        }
    }

    fn write_bill(&mut self, item: &Item, old: Option<i64>) -> Result<i64> {
        let bill = old.map_or_else(|| self.bill_head(item), Ok)?;
        let sign = self.sign(bill);
        let taxes: Vec<i64> = item.tax.filter(|_| item.taxed).into_iter().collect();
        let wanted = item.lines.iter().filter(|(_, _, tax)| taxes.is_empty() || !tax);
        let lines: Vec<Line> =
            wanted.map(|(label, amount, _)| self.odoo.priced(item.fees, label, sign * *amount, &taxes)).collect();
        self.odoo.rewrite_document(bill, lines)?;
        let off = |work: &Self| sign * item.total - work.odoo.amount(MOVE, bill, "amount_total");
        if !taxes.is_empty() {
            let all = self.odoo.store.list(MOVE, bill, "line_ids").into_iter();
            let made: Vec<i64> = all.filter(|l| self.odoo.store.int(LINE, *l, "tax_line_id").is_some()).collect();
            let fees = item.movement.get("fees").and_then(num::decimal).unwrap_or_default();
            let most = self.odoo.step_of(item.currency) * fees / Decimal::TWO;
            if let ([tax], false, true) = (made.as_slice(), off(self).is_zero(), off(self).abs() <= most) {
                let amount = self.odoo.amount(LINE, *tax, "amount_currency") + sign * off(self);
                self.odoo.retax(bill, *tax, amount);
            }
        }
        if !off(self).is_zero() {
            let what = if taxes.is_empty() { "amount_not_representable" } else { "fee_tax_differs" };
            return Err(error::user(format!("quittance: {what}")));
        }
        let day = |column| self.odoo.store.text(MOVE, bill, column);
        let lines = self.odoo.store.list(MOVE, bill, "line_ids");
        let days = [text(&item.movement, "date"), day("invoice_date"), day("date")];
        self.check_values(&lines, item.books.home, &days)?;
        for old in self.odoo.store.find_all("ir.model.data", "res_id", &json!(bill)) {
            let (module, model, name) =
                ["module", "model", "name"].map(|c| self.odoo.store.text("ir.model.data", old, c)).into();
            if module == "quittance" && model == MOVE && name != format!("{}__record", item.bill) {
                self.odoo.store.remove("ir.model.data", old);
            }
        }
        for name in [&format!("{}__record", item.bill), &item.state] {
            self.odoo.store.tie(&format!("quittance.{name}"), MOVE, bill, true);
        }
        Ok(bill)
    }

    fn bill_head(&mut self, item: &Item) -> Result<i64> {
        let day = text(&item.movement, "date");
        let kind = if item.total < Decimal::ZERO { "in_refund" } else { "in_invoice" };
        let journal = self.odoo.journal_of(item.books.home, "purchase");
        let row = object(json!({"move_type": kind, "company_id": item.books.home, "partner_id": item.partner,
            "currency_id": item.currency, "invoice_date": day, "date": day, "invoice_date_due": day, "journal_id": journal,
            "ref": text(&item.movement, "ref"), "invoice_user_id": self.setup.uid}));
        let who = self.odoo.session(self.setup.uid, &Default::default())?;
        self.odoo.create(&who, MOVE, &row)
    }

    /// A refund counts what is given back as positive.
    fn sign(&self, bill: i64) -> Decimal {
        if self.odoo.store.text(MOVE, bill, "move_type") == "in_refund" { -Decimal::ONE } else { Decimal::ONE }
    }

    fn record_of(&self, key: &str) -> Option<i64> {
        let (_, bill) = self.odoo.store.tied(&format!("quittance.{key}__record"))?;
        self.odoo.store.get(MOVE, bill).map(|_| bill)
    }

    /// Matches the posted bill with what it clears; tells what is left open.
    fn clear_bill(&mut self, item: &mut Item) -> Result<()> {
        let reference = text(&item.movement, "ref").to_owned();
        let Some(bill) = self.record_of(&item.bill) else {
            if self.odoo.store.tied(&format!("quittance.{}", item.bill)).is_none() {
                let detail = format!("no booking of {} yet", item.bill);
                self.answer(&item.key, "retry", "entry_missing", &detail);
                return Ok(());
            }
            self.odoo.store.tie(&format!("quittance.{}", item.key), "res.company", item.books.home, true);
            self.bill_gone(item);
            return Ok(());
        };
        match self.odoo.store.text(MOVE, bill, "state") {
            "draft" => {
                if self.odoo.store.tied(&format!("quittance.{}", item.state)).is_none() {
                    if self.tried(item, Some(bill))?.is_none() {
                        return Ok(());
                    }
                    self.say_bill(item, bill, &format!("brought up to date, {}", self.shown(item, item.total)));
                }
                self.answer(&item.key, "retry", "bill_not_posted", &format!("the bill {reference} is a draft"));
            }
            "cancel" => {
                self.answer(&item.key, "refused", "bill_cancelled", &format!("the bill {reference} is cancelled"))
            }
            _ => return self.match_bill(item, bill),
        }
        Ok(())
    }

    fn match_bill(&mut self, item: &mut Item, bill: i64) -> Result<()> {
        let (lines, payable) = self.kept(item, bill);
        let chunk: Vec<i64> = lines.iter().take(MOST).chain(&payable).copied().collect();
        let positive = |line: &i64| self.odoo.amount(LINE, *line, "balance") > Decimal::ZERO;
        if chunk.iter().any(positive) && !chunk.iter().all(positive) {
            if !self.matched_all(&[chunk])? {
                item.flags.push("not_reconciled".into());
            } else if lines.len() > MOST {
                let detail = format!("{} lines are left", lines.len() - MOST);
                self.answer(&item.key, "retry", "bill_clearing", &detail);
                return Ok(());
            }
        }
        let (lines, payable) = self.kept(item, bill);
        self.odoo.store.tie(&format!("quittance.{}", item.key), "res.company", item.books.home, true);
        self.odoo.store.tie(&format!("quittance.{}__record", item.key), MOVE, bill, true);
        if !lines.is_empty() || !payable.is_empty() {
            let open = |line: &i64| self.odoo.amount(LINE, *line, "amount_residual_currency");
            let left: Decimal = lines.iter().chain(&payable).map(open).sum();
            item.flags.push("bill_differs".into());
            let what = format!("the bill differs from what Stripe kept, {} are open", self.shown(item, left.abs()));
            self.say_bill(item, bill, &what);
        }
        self.finish_bill(item, bill, "created");
        Ok(())
    }

    /// Open payable lines of the month's own entries, what was given back first; and those of the bill.
    fn kept(&self, item: &Item, bill: i64) -> (Vec<i64>, Vec<i64>) {
        let s = &self.odoo.store;
        let payable: Vec<i64> = s
            .list(MOVE, bill, "line_ids")
            .into_iter()
            .filter(|l| s.text(LINE, *l, "account_type") == "liability_payable")
            .collect();
        let account = payable.first().and_then(|line| s.int(LINE, *line, "account_id"));
        let account = account.or_else(|| self.odoo.account_of_type(item.books.home, "liability_payable"));
        let ids = item.movement.get("clears").and_then(Value::as_array).cloned().unwrap_or_default();
        let name =
            |id: &Value| format!("{}:{}:settled", text(&item.movement, "account"), id.as_str().unwrap_or_default());
        let entries = ids.iter().filter_map(|id| self.record_of(&format!("stripe:{}", name(id))));
        let open = |l: &i64| !self.odoo.reconciled(*l) && s.int(LINE, *l, "account_id") == account;
        let mut lines: Vec<i64> = entries
            .flat_map(|entry| s.list(MOVE, entry, "line_ids"))
            .filter(|l| {
                open(l)
                    && s.text(LINE, *l, "parent_state") == "posted"
                    && s.int(LINE, *l, "currency_id") == Some(item.currency)
            })
            .collect();
        lines.sort_by_key(|line| (self.odoo.amount(LINE, *line, "balance"), *line));
        (lines, payable.into_iter().filter(open).collect())
    }

    fn shown(&self, item: &Item, amount: Decimal) -> String {
        format!("{} {}", num::fixed(amount, self.odoo.places(item.currency)), text(&item.movement, "currency"))
    }

    fn say_bill(&mut self, item: &Item, bill: i64, what: &str) {
        if item.movement.get("note").is_some_and(num::truthy) {
            self.odoo.note(MOVE, bill, &format!("Stripe fees: {what}"));
        }
    }

    fn bill_gone(&mut self, item: &Item) {
        let answer = json!({"key": item.key, "status": "gone", "flags": [], "invoices": []});
        self.results.insert(item.key.clone(), answer);
    }

    fn finish_bill(&mut self, item: &Item, bill: i64, status: &str) {
        let day = text(&item.movement, "date");
        let mut answer = self.record(MOVE, bill);
        let s = &self.odoo.store;
        let total = self.odoo.amount(MOVE, bill, "amount_total").abs();
        let currency = s.int(MOVE, bill, "currency_id").unwrap_or_default();
        let partner = |id: i64| self.odoo.commercial_partner(id);
        let same = s.int(MOVE, bill, "partner_id").map(partner) == Some(partner(item.partner));
        answer.extend(object(json!({"amount": num::fixed(total, self.odoo.places(currency)),
            "currency": s.text("res.currency", currency, "name"), "party": if same { "same" } else { "other" }})));
        let posted = text(&Value::Object(answer.clone()), "state") == "posted";
        let mut flags = item.flags.clone();
        if posted && self.odoo.store.text(MOVE, bill, "date") != day {
            flags.push("date_moved".into());
        }
        let rest = json!({"key": item.key, "status": status, "intended": day, "flags": flags, "invoices": []});
        answer.extend(object(rest));
        if !posted {
            answer.insert("name".into(), self.odoo.store.value(MOVE, bill, "ref"));
        }
        self.results.insert(item.key.clone(), answer.into());
    }
}
