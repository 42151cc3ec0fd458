//! The procedure `assign_receipt`: an operator gives a receipt its invoice.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::refund::LINE;
use super::{FORM, Work, guarded, setup, tell, text};
use crate::odoo::Odoo;
use crate::odoo::action::hash;
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::rights::Session;
use crate::odoo::version::Version;

const PAYMENT: &str = "account.payment";
const MOVE: &str = "account.move";

/// Reconciles what is free of a receipt with what is open of an invoice.
pub fn assign_receipt(odoo: &mut Odoo, who: &Session, code: &str, input: &Value) -> Result<Value> {
    let setup = guarded(odoo, who)?;
    let mut answer = json!({"v": FORM, "hash": hash(code)});
    if !text(input, "key").is_empty() {
        let mut work = Work { odoo, setup, results: Default::default() };
        let result = work.assign(input)?;
        answer.as_object_mut().into_iter().for_each(|fields| drop(fields.insert("results".into(), json!([result]))));
    }
    Ok(answer)
}

fn refused(code: &str, detail: &str) -> Value {
    let detail: String = detail.chars().take(200).collect();
    json!({"status": "refused", "code": code, "detail": detail, "invoices": []})
}

impl Work<'_> {
    fn assign(&mut self, input: &Value) -> Result<Value> {
        let key = text(input, "key");
        if let Some(why) = self.misnamed(input)? {
            return Ok(refused("key_refused", &why));
        }
        let payment = self.payment_of(key).filter(|payment| self.standing(*payment));
        if self.odoo.store.tied(&format!("quittance.{key}")).is_none() {
            return Ok(refused("receipt_missing", &format!("no receipt has the key {key}")));
        }
        let Some(payment) = payment else {
            return Ok(refused("payment_gone", "a person deleted, cancelled or reset the receipt"));
        };
        let company = self.odoo.store.int(PAYMENT, payment, "company_id").unwrap_or_default();
        if !self.setup.companies.contains(&company) {
            return Ok(refused("wrong_company", &format!("the user may not work in company {company}")));
        }
        let before = self.free(payment);
        if before.is_zero() {
            return Ok(self.told_of(payment, Decimal::ZERO, "already"));
        }
        let wanted = text(input, "invoice").trim();
        let found = self.invoices_of(wanted);
        let &[invoice] = found.as_slice() else {
            let many = if found.is_empty() { "no invoice" } else { "more than one invoice" };
            return Ok(refused("invoice_missing", &format!("{many} of a customer is called so")));
        };
        let state = self.odoo.store.text(MOVE, invoice, "state");
        if state != "posted" {
            return Ok(refused("invoice_not_posted", &format!("the invoice is {state}")));
        }
        let open: Vec<i64> =
            self.odoo.receivable_lines(invoice).into_iter().filter(|l| !self.odoo.reconciled(*l)).collect();
        if open.is_empty() {
            return Ok(refused("invoice_paid", "nothing is open of the invoice"));
        }
        let credit = self.stands(Some(payment));
        let account = |line: i64| self.odoo.store.int(LINE, line, "account_id").unwrap_or_default();
        let stands = credit.map(account).unwrap_or_default();
        let same: Vec<i64> = open.iter().copied().filter(|line| account(*line) == stands).collect();
        if same.is_empty() {
            let detail = "the receipt and the invoice stand on different accounts: transfer it by hand";
            return Ok(refused("account_differs", detail));
        }
        self.hand_over(payment, invoice);
        let point = self.odoo.store.savepoint();
        let lines: Vec<i64> = credit.into_iter().chain(same).collect();
        if let Err(error) = self.odoo.reconcile(&lines) {
            self.odoo.store.rollback(point);
            return Ok(refused("not_reconciled", self.broke_off(&error.message)));
        }
        if input.get("note").is_some_and(num::truthy) {
            let receipt = self.odoo.store.text(PAYMENT, payment, "name").to_owned();
            self.odoo.note(MOVE, invoice, &format!("Stripe receipt {receipt} was allocated to this invoice by hand"));
        }
        Ok(self.told_of(payment, before - self.free(payment), "allocated"))
    }

    /// Odoo 17 stumbles where later versions say what is missing.
    fn broke_off<'a>(&self, message: &'a str) -> &'a str {
        match self.odoo.version == Version::V17 && message.contains("'Exchange Gain or Loss Journal'") {
            true => "quittance: Odoo broke off: '>' not supported between instances of 'datetime.date' and 'bool'",
            false => message,
        }
    }

    /// What was nobody's becomes the invoice's partner's.
    fn hand_over(&mut self, payment: i64, invoice: i64) {
        let unknown = setup::record(self.odoo, "partner_unallocated");
        let s = &mut self.odoo.store;
        if unknown.is_none() || s.int(PAYMENT, payment, "partner_id") != unknown {
            return;
        }
        let partner = s.int(MOVE, invoice, "commercial_partner_id");
        let entry = s.int(PAYMENT, payment, "move_id").unwrap_or_default();
        for line in s.list(MOVE, entry, "line_ids") {
            s.set(LINE, line, "partner_id", json!(partner));
        }
        s.set(PAYMENT, payment, "partner_id", json!(partner));
    }

    fn invoices_of(&self, wanted: &str) -> Vec<i64> {
        if wanted.is_empty() {
            return Vec::new();
        }
        let digits = wanted.bytes().all(|byte| byte.is_ascii_digit());
        let s = &self.odoo.store;
        let named = match digits {
            true => wanted.parse().ok().filter(|_| wanted.len() < 10).into_iter().collect(),
            false => s.find_all(MOVE, "name", &json!(wanted)),
        };
        let mine = |id: &i64| s.int(MOVE, *id, "company_id").is_some_and(|c| self.setup.companies.contains(&c));
        named.into_iter().filter(|id| self.odoo.is_invoice(*id) && mine(id)).collect()
    }

    fn free(&self, payment: i64) -> Decimal {
        let line = self.odoo.payment_line(payment);
        line.map(|l| -self.odoo.amount(LINE, l, "amount_residual_currency")).unwrap_or_default()
    }

    fn told_of(&self, payment: i64, amount: Decimal, status: &str) -> Value {
        let o = &*self.odoo;
        let currency = o.store.int(PAYMENT, payment, "currency_id").unwrap_or_default();
        let places = o.places(currency);
        let mut paid = self.paid_by(o.payment_line(payment));
        paid.sort_unstable();
        let partner = o.store.int(PAYMENT, payment, "partner_id").unwrap_or_default();
        let line = o.payment_line(payment).and_then(|l| o.store.int(LINE, l, "partner_id")).unwrap_or_default();
        json!({"status": status, "allocated": num::fixed(amount, places), "free": num::fixed(self.free(payment), places),
            "currency": o.store.text("res.currency", currency, "name"), "partner": o.store.text("res.partner", partner, "name"),
            "lines": [o.store.text("res.partner", line, "name")], "invoices": paid.into_iter().map(|m| tell::invoice(o, m)).collect::<Vec<_>>()})
    }
}
