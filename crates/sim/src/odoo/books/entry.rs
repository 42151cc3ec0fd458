//! Journal entries and invoices as they are made: head, lines, currencies.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Head, Line};
use crate::odoo::Odoo;
use crate::odoo::calendar::date;
use crate::odoo::call::object;
use crate::odoo::error::{self, Result};
use crate::odoo::hooks::fill;
use crate::odoo::num;
use crate::odoo::rights::Session;
use crate::odoo::store::Row;
use crate::odoo::version::Version;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";

impl Odoo {
    /// Drafts an entry. An error when it does not balance in the company's currency, or (17, 18) when an account that
    /// is kept in one currency gets another.
    pub(in crate::odoo) fn new_entry(&mut self, head: &Head, lines: &[Line]) -> Result<i64> {
        let entry = self.draft_untaxed(head, lines)?;
        self.tax_entry(entry)?;
        self.balanced(entry)?;
        self.number_draft(entry);
        Ok(entry)
    }

    /// A draft of a client's values that need not balance yet.
    pub(in crate::odoo) fn draft_loose(&mut self, vals: &Row) -> Result<i64> {
        let of = |name: &str| vals.get(name).cloned().unwrap_or_default();
        let commands = vals.get("line_ids").and_then(Value::as_array).into_iter().flatten();
        let lines: Vec<Line> =
            commands.filter_map(|c| c.get(2).and_then(Value::as_object)).map(Line::from_vals).collect();
        let head = Head {
            journal: num::int(&of("journal_id")).unwrap_or_default(),
            date: of("date").as_str().unwrap_or("").to_owned(),
            reference: of("ref").as_str().unwrap_or("").to_owned(),
            more: object(json!({"company_id": of("company_id")})),
            ..Head::default()
        };
        let entry = self.draft_untaxed(&head, &lines)?;
        self.number_draft(entry);
        Ok(entry)
    }

    /// A draft whose tax lines, if any, are among its lines.
    pub(super) fn draft_untaxed(&mut self, head: &Head, lines: &[Line]) -> Result<i64> {
        let mut row = object(json!({"move_type": "entry", "state": "draft", "date": head.date, "ref": head.reference,
            "journal_id": head.journal, "partner_id": head.partner}));
        row.extend(head.more.clone());
        self.prepare_move(&Session::default(), &mut row);
        let entry = self.store.insert(MOVE, row);
        for line in lines {
            self.new_line(entry, line)?;
        }
        Ok(entry)
    }

    /// After a client wrote to an entry.
    pub(in crate::odoo) fn written_move(&mut self, id: i64, vals: &Row) -> Result<()> {
        if vals.contains_key("date") {
            let day = self.store.text(MOVE, id, "date").to_owned();
            self.set_date(id, &day);
            self.renumber_draft(id);
        }
        let draft = self.store.text(MOVE, id, "state") == "draft";
        if vals.contains_key("invoice_currency_rate") && draft && self.is_document(id) {
            self.reprice(id)?;
        }
        if let Some(commands) = vals.get("invoice_line_ids").and_then(Value::as_array).filter(|_| draft) {
            self.change_lines(id, commands)?;
        }
        Ok(())
    }

    /// Makes the lines of a draft invoice anew, at the rate that it has now.
    fn reprice(&mut self, id: i64) -> Result<()> {
        let sold = self.sold_lines(id);
        for line in self.store.list(MOVE, id, "line_ids") {
            self.store.remove(LINE, line);
        }
        self.store.set(MOVE, id, "line_ids", json!([]));
        self.fill_document(id, sold)?;
        self.refresh(id);
        Ok(())
    }

    pub(in crate::odoo) fn prepare_move(&mut self, who: &Session, row: &mut Row) {
        let journal = row.get("journal_id").and_then(num::int);
        fill(row, "company_id", json!(journal.map_or(who.company, |j| self.company_for(who, j))));
        let company = row.get("company_id").and_then(num::int).unwrap_or(who.company);
        let kind = row.get("move_type").and_then(Value::as_str).unwrap_or("entry").to_owned();
        let entry = kind == "entry";
        fill(row, "journal_id", json!(self.journal_of(company, usual_journal(&kind))));
        let journal = row.get("journal_id").and_then(num::int).unwrap_or_default();
        let of_journal = self.store.value("account.journal", journal, "currency_id");
        if !of_journal.is_null() {
            row.insert("currency_id".into(), of_journal);
        }
        fill(row, "currency_id", self.store.value("res.company", company, "currency_id"));
        let invoiced = row.get("invoice_date").and_then(Value::as_str).unwrap_or("").to_owned();
        if !invoiced.is_empty() {
            let date =
                if kind.starts_with("in_") { self.accounting_date(journal, &kind, &invoiced, false) } else { invoiced };
            fill(row, "date", json!(date));
        }
        fill(row, "date", json!(date(self.clock.now_ms())));
        if self.version == Version::V18 {
            // It takes no rate from whoever creates an invoice.
            row.remove("invoice_currency_rate");
        }
        if !entry {
            fill(row, "invoice_date_due", json!(date(self.clock.now_ms())));
        }
        fill(row, "name", if self.version == Version::V19 { Value::Null } else { json!("/") });
        if let Some(partner) = row.get("partner_id").and_then(num::int) {
            row.insert("commercial_partner_id".into(), json!(self.commercial_partner(partner)));
        }
    }

    /// Lines from `invoice_line_ids` (quantity times price less discount, and taxes) or `line_ids`.
    pub(in crate::odoo) fn created_move(&mut self, who: &Session, id: i64, vals: &Row) -> Result<()> {
        let made = |name: &str| -> Vec<Row> {
            let commands = vals.get(name).and_then(Value::as_array).into_iter().flatten();
            commands.filter_map(|c| c.get(2).and_then(Value::as_object).cloned()).collect()
        };
        if self.is_document(id) {
            let lines: Vec<Line> = made("invoice_line_ids").iter().map(Line::from_vals).collect();
            self.fill_document(id, lines)?;
        } else {
            for line in made("line_ids") {
                self.new_line(id, &Line::from_vals(&line))?;
            }
            self.tax_entry(id)?;
        }
        let _companies_follow_the_journal = who;
        self.balanced(id)?;
        self.number_draft(id);
        self.refresh(id);
        Ok(())
    }

    /// The lines of an invoice: what it sells, taxes, and what the partner owes.
    pub(in crate::odoo) fn fill_document(&mut self, id: i64, mut lines: Vec<Line>) -> Result<()> {
        let int = |column: &str| self.store.int(MOVE, id, column).unwrap_or_default();
        let (company, journal, kind) =
            (int("company_id"), int("journal_id"), self.store.text(MOVE, id, "move_type").to_owned());
        let usual = self.store.int("account.journal", journal, "default_account_id");
        let usual = usual.or_else(|| self.account_of_type(company, "income")).unwrap_or_default();
        for line in lines.iter_mut().filter(|l| l.account == 0) {
            line.account = usual;
        }
        let sign = if matches!(kind.as_str(), "out_invoice" | "in_refund") { -Decimal::ONE } else { Decimal::ONE };
        let (untaxed, taxes) = self.priced_lines(id, &lines, sign)?;
        let rest = self.cash_rounding(id, untaxed + taxes, sign)?;
        let total = untaxed + taxes + rest;
        let owed = if kind.starts_with("out_") { "asset_receivable" } else { "liability_payable" };
        if !total.is_zero() || !lines.is_empty() {
            let account = self.account_of_type(company, owed).unwrap_or_default();
            self.receivables(id, account, -sign * untaxed, -sign * total)?;
        }
        for (column, amount) in [("amount_total", total), ("amount_untaxed", untaxed), ("amount_tax", taxes)] {
            self.store.set(MOVE, id, column, num::float(amount));
        }
        Ok(())
    }

    /// A line of an invoice: `product`, `tax` or `payment_term`.
    pub(in crate::odoo) fn document_line(&mut self, entry: i64, line: &Line, kind: &str) -> Result<i64> {
        let id = self.new_line(entry, line)?;
        self.store.set(LINE, id, "display_type", json!(kind));
        Ok(id)
    }

    /// Refuses an entry whose lines do not add up to nothing in the company's currency.
    pub(super) fn balanced(&self, entry: i64) -> Result<()> {
        let lines = self.store.list(MOVE, entry, "line_ids");
        let sum: Decimal = lines.iter().map(|l| self.amount(LINE, *l, "balance")).sum();
        match self.version {
            _ if sum.is_zero() => Ok(()),
            Version::V19 => Err(error::user("The entry is not balanced.")),
            _ => {
                let total = |column| -> Decimal { lines.iter().map(|l| self.amount(LINE, *l, column)).sum() };
                Err(error::user(format!(
                    "An error has occurred.\n\nThe move (Draft Entry) is not balanced.\nThe total of debits equals \
                     {} and the total of credits equals {}.",
                    total("debit"),
                    total("credit")
                )))
            }
        }
    }

    pub(in crate::odoo) fn drop_lines(&mut self, entry: i64) -> Result<()> {
        self.unreconcile_move(entry)?;
        for line in self.store.list(MOVE, entry, "line_ids") {
            self.store.remove(LINE, line);
        }
        self.free_number(entry);
        Ok(())
    }

    pub(in crate::odoo) fn drop_move(&mut self, entry: i64) -> Result<()> {
        self.drop_lines(entry)?;
        self.store.remove(MOVE, entry);
        Ok(())
    }
}

/// The type of journal that a document goes to when none is named.
fn usual_journal(kind: &str) -> &'static str {
    match kind {
        "entry" => "general",
        _ if kind.starts_with("in_") => "purchase",
        _ => "sale",
    }
}
