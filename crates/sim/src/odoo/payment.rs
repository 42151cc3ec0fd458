//! account.payment: draft, posted with its entry, cancelled, deleted.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Odoo;
use super::books::{Head, Line};
use super::calendar::date;
use super::call::{Call, object};
use super::error::{self, Result};
use super::hooks::fill;
use super::num;
use super::rights::Session;
use super::store::Row;
use super::terms::WRITE_OFF;
use super::version::Version;

const PAYMENT: &str = "account.payment";

impl Odoo {
    pub(super) fn prepare_payment(&mut self, who: &Session, row: &mut Row) -> Result<()> {
        let amount = row.get("amount").and_then(num::decimal).unwrap_or_default();
        if amount < Decimal::ZERO {
            return Err(error::validation("The payment amount cannot be negative."));
        }
        fill(row, "journal_id", json!(self.journal_of(who.company, "bank")));
        let journal = row.get("journal_id").and_then(num::int).unwrap_or_default();
        fill(row, "company_id", json!(self.company_for(who, journal)));
        let company = row.get("company_id").and_then(num::int).unwrap_or(who.company);
        let currency = match self.store.value("account.journal", journal, "currency_id") {
            Value::Null => self.store.value("res.company", company, "currency_id"),
            own => own,
        };
        fill(row, "currency_id", currency);
        fill(row, "date", json!(date(self.clock.now_ms())));
        fill(row, "name", if self.version == Version::V17 { json!("/") } else { Value::Null });
        let direction = row.get("payment_type").and_then(Value::as_str).unwrap_or("inbound").to_owned();
        fill(row, "payment_method_line_id", json!(self.method_lines(journal, &direction).first()));
        fill(row, "destination_account_id", json!(self.account_of_type(company, "asset_receivable")));
        let way = row.get("payment_method_line_id").and_then(num::int).unwrap_or_default();
        let outstanding = self.store.value("account.payment.method.line", way, "payment_account_id");
        fill(row, "outstanding_account_id", outstanding);
        let fallback = if direction == "outbound" { "Outstanding Payments" } else { "Outstanding Receipts" };
        fill(row, "outstanding_account_id", json!(self.account_named(company, fallback)));
        let currency = row.get("currency_id").and_then(num::int).unwrap_or_default();
        row.insert("amount".into(), num::float(num::round(amount, self.places(currency))));
        Ok(())
    }

    pub(super) fn payment_method(&mut self, who: &Session, call: &Call) -> Result<Option<Value>> {
        self.check(who, PAYMENT, "write")?;
        for id in &call.ids {
            if self.store.get(PAYMENT, *id).is_none() {
                return Err(error::missing(PAYMENT, *id, who.uid));
            }
            match call.method.as_str() {
                "action_post" => self.post_payment(*id)?,
                "action_cancel" => self.halt_payment(*id, "cancel", self.version.payment_cancelled())?,
                _ => self.halt_payment(*id, "draft", "draft")?,
            }
        }
        Ok(None)
    }

    /// Posts a payment: Dr its outstanding account / Cr the customer's receivable (inbound).
    pub(super) fn post_payment(&mut self, id: i64) -> Result<()> {
        let s = &self.store;
        if s.text(PAYMENT, id, "state") != "draft" {
            let (name, entry) = (s.text(PAYMENT, id, "name"), s.int(PAYMENT, id, "move_id").unwrap_or_default());
            let refused = error::user(format!("The entry {name} (id {entry}) must be in draft."));
            return if self.version == Version::V19 { Ok(()) } else { Err(refused) };
        }
        let entry = match s.int(PAYMENT, id, "move_id") {
            Some(entry) => entry,
            None => self.payment_entry(id)?,
        };
        self.post(entry)?;
        let name = self.store.value("account.move", entry, "name");
        self.store.set(PAYMENT, id, "name", name);
        if self.version == Version::V17 {
            // There a payment is its entry: its day moves out of a locked period with it.
            let day = self.store.value("account.move", entry, "date");
            self.store.set(PAYMENT, id, "date", day);
        }
        let state = if self.version == Version::V17 { "posted" } else { "in_process" };
        self.store.set(PAYMENT, id, "state", json!(state));
        self.touch(PAYMENT, id);
        Ok(())
    }

    /// The draft entry of a payment. Its receivable line is worth what the others leave.
    fn payment_entry(&mut self, id: i64) -> Result<i64> {
        let s = &self.store;
        let int = |column: &str| s.int(PAYMENT, id, column);
        let memo = s.text(PAYMENT, id, self.version.memo_field()).to_owned();
        let label = self.payment_label(id);
        let (amount, currency) = (self.amount(PAYMENT, id, "amount"), int("currency_id").unwrap_or(1));
        let outstanding = int("outstanding_account_id").unwrap_or_default();
        let receivable = int("destination_account_id").unwrap_or_default();
        let company = int("company_id").unwrap_or_default();
        let sign = if s.text(PAYMENT, id, "payment_type") == "outbound" { -Decimal::ONE } else { Decimal::ONE };
        let link = if self.version == Version::V17 { "payment_id" } else { "origin_payment_id" };
        let head = Head {
            journal: int("journal_id").unwrap_or_default(),
            date: s.text(PAYMENT, id, "date").to_owned(),
            reference: memo,
            partner: int("partner_id"),
            more: object(json!({"company_id": company, "currency_id": currency, link: id})),
        };
        let valued = |account: i64, amount: Decimal| {
            let value = self.to_company(amount, currency, company, &head.date);
            Line::valued(account, &label, amount, currency, value)
        };
        let mut more: Vec<Line> = write_offs(&s.value(PAYMENT, id, WRITE_OFF))
            .into_iter()
            .map(|(a, of, more)| Line { more, ..valued(a, of) })
            .collect();
        // Their taxes stand beside them, lines of their own.
        let taxes: Vec<Option<Value>> = more.iter_mut().map(|line| line.more.remove("tax_ids")).collect();
        let first = valued(outstanding, amount * sign);
        let beside = || std::iter::once(&first).chain(&more);
        let (rest, worth): (Decimal, Decimal) =
            (beside().filter_map(|l| l.amount).sum(), beside().filter_map(|l| l.value).sum());
        let second = Line::valued(receivable, &label, -rest, currency, -worth);
        let lines: Vec<Line> = [first, second].into_iter().chain(more).collect();
        let entry = self.new_entry(&head, &lines)?;
        for (at, line) in self.store.list("account.move", entry, "line_ids").into_iter().enumerate() {
            self.store.set("account.move.line", line, "payment_id", json!(id));
            if let Some(taxes) = at.checked_sub(2).and_then(|at| taxes.get(at)).cloned().flatten() {
                self.store.set("account.move.line", line, "tax_ids", taxes);
            }
        }
        self.store.set(PAYMENT, id, "move_id", json!(entry));
        Ok(entry)
    }

    /// Cancels or resets a payment: what it paid is open again, except that 19 keeps a draft matched. From 18 on,
    /// cancelling a draft deletes its entry.
    pub(super) fn halt_payment(&mut self, id: i64, entry_state: &str, state: &str) -> Result<()> {
        if let Some(entry) = self.store.int(PAYMENT, id, "move_id") {
            let draft = self.store.text("account.move", entry, "state") == "draft";
            if draft && entry_state == "cancel" && self.version != Version::V17 {
                self.drop_move(entry)?;
                self.store.set(PAYMENT, id, "move_id", Value::Null);
            } else {
                if entry_state == "cancel" || self.version != Version::V19 {
                    self.unreconcile_move(entry)?;
                }
                self.set_state(entry, entry_state);
            }
        }
        self.store.set(PAYMENT, id, "state", json!(state));
        self.touch(PAYMENT, id);
        Ok(())
    }

    /// Somebody registers a payment on an invoice by hand, as the wizard does; the payment.
    pub fn pay_by_hand(&mut self, invoice: i64, amount: &str) -> i64 {
        let int = |column: &str| self.store.int("account.move", invoice, column).unwrap_or_default();
        let (company, partner, currency) = (int("company_id"), int("commercial_partner_id"), int("currency_id"));
        let who = Session { uid: 2, company, companies: vec![company], ..Session::default() };
        let mut row = object(json!({"payment_type": "inbound", "partner_type": "customer", "partner_id": partner,
            "amount": amount, "currency_id": currency, "state": "draft",
            "journal_id": self.journal_of(company, "BNK1")}));
        let memo = self.number(invoice);
        row.insert(self.version.memo_field().into(), json!(memo));
        let _prepared = self.prepare_payment(&who, &mut row);
        let payment = self.store.insert(PAYMENT, row);
        let _posted = self.post_payment(payment);
        if let Some(credit) = self.payment_line(payment) {
            for debit in self.receivable_lines(invoice) {
                let _as_far_as_it_goes = self.pair(debit, credit);
            }
        }
        self.store.set(PAYMENT, payment, "state", json!(self.version.payment_done()));
        self.store.commit();
        payment
    }

    /// The receivable line of a payment's entry.
    pub(super) fn payment_line(&self, id: i64) -> Option<i64> {
        self.receivable_lines(self.store.int(PAYMENT, id, "move_id")?).first().copied()
    }

    /// Whether the money side needs no matching any more.
    pub(super) fn is_matched(&self, id: i64) -> bool {
        let Some(entry) = self.store.int(PAYMENT, id, "move_id") else { return false };
        let outstanding = self.store.int(PAYMENT, id, "outstanding_account_id");
        let lines = self.store.list("account.move", entry, "line_ids");
        let money = |l: &&i64| self.store.int("account.move.line", **l, "account_id") == outstanding;
        lines.iter().find(money).is_some_and(|l| self.amount("account.move.line", *l, "amount_residual").is_zero())
    }
}

/// Account and amount of each further line of a payment on its way, and what else it says.
fn write_offs(lines: &Value) -> Vec<(i64, Decimal, Row)> {
    let at = |line: &Value, n: usize| line.get(n).cloned().unwrap_or_default();
    let more = |line| at(line, 2).as_object().cloned().unwrap_or_default();
    let one =
        |line| (num::int(&at(line, 0)).unwrap_or_default(), num::decimal(&at(line, 1)).unwrap_or_default(), more(line));
    lines.as_array().into_iter().flatten().map(one).collect()
}
