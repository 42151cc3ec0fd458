//! The booking itself: payment, entry, reconciliation, note, transaction, in one savepoint.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Work;
use super::item::Item;
use super::rates::code_of;
use super::setup::Books;
use super::tell;
use super::text;
use crate::odoo::Odoo;
use crate::odoo::call::object;
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::terms::WRITE_OFF;

const PAYMENT: &str = "account.payment";

impl Work<'_> {
    /// Books the items in their order, then tells how all stand; what a business rule of Odoo refuses is taken back
    /// and said, and harms no other.
    pub fn book(&mut self, items: Vec<Item>) -> Result<()> {
        let mut booked = Vec::new();
        for mut item in items {
            let savepoint = self.odoo.store.savepoint();
            match self.receipt(&mut item) {
                Ok(payment) => booked.push((item, payment)),
                Err(e) if e.name.starts_with("odoo.exceptions.") => {
                    self.odoo.store.rollback(savepoint);
                    if let Some(row) = self.odoo.store.xid_row("quittance", &item.key) {
                        self.odoo.store.remove("ir.model.data", row);
                    }
                    self.refuse(&item.key, code_of(&e), &e.message);
                }
                Err(e) => return Err(e),
            }
        }
        self.notes(&booked);
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
        for (item, payment) in &mut booked {
            self.finish(item, *payment);
        }
        Ok(())
    }

    /// Dr clearing / Cr receivable, matched with the payable invoices in their order.
    fn receipt(&mut self, item: &mut Item) -> Result<i64> {
        let books = &item.books.clone();
        let o = &mut *self.odoo;
        let lines: Vec<i64> =
            item.good.iter().flat_map(|id| o.receivable_lines(*id)).filter(|l| !o.reconciled(*l)).collect();
        let mut row = object(json!({"payment_type": "inbound", "partner_type": "customer", "partner_id": item.partner,
            "amount": num::float(item.amount), "currency_id": item.currency, "date": item.day, "company_id": item.company,
            "journal_id": books.journal, "payment_method_line_id": books.way, "state": "draft"}));
        row.insert(o.version.memo_field().into(), json!(text(&item.movement, "memo")));
        let account = lines.first().and_then(|l| o.store.int("account.move.line", *l, "account_id"));
        let account = account.or_else(|| books.accounts.get("advances").copied().filter(|_| lines.is_empty()));
        if let Some(account) = account {
            row.insert("destination_account_id".into(), json!(account));
        }
        if let Some(line) = discounted(o, item) {
            let parts = o.write_off(line);
            let less = o.amount("account.move.line", line, "amount_residual_currency") - item.amount;
            if are_parts(&parts, less) {
                row.insert(WRITE_OFF.into(), parts);
            } else {
                item.flag("discount_refused");
            }
        }
        let who = o.session(self.setup.uid, &Default::default())?;
        o.prepare_payment(&who, &mut row)?;
        let payment = o.store.insert(PAYMENT, row);
        o.post_payment(payment)?;
        self.check_payment(payment, books.clearing, item.company, &item.day)?;
        let o = &mut *self.odoo;
        if let Some(credit) = o.payment_line(payment) {
            for debit in &lines {
                o.pair(*debit, credit)?;
            }
        }
        o.store.set(PAYMENT, payment, "state", json!(o.version.payment_done()));
        o.store.tie(&format!("quittance.{}__record", item.key), PAYMENT, payment, true);
        self.transaction(item, books, payment);
        Ok(payment)
    }

    /// One chatter note for each invoice, whatever of it came in one call, and one for each payment with Stripe's ids.
    fn notes(&mut self, booked: &[(Item, i64)]) {
        for (item, payment) in booked.iter().filter(|(item, _)| item.on("note")) {
            let body = format!("Stripe {}", ids(&item.movement).join(", "));
            self.odoo.note(PAYMENT, *payment, &body);
        }
        let mut bodies: BTreeMap<i64, String> = BTreeMap::new();
        for (item, payment) in booked.iter().filter(|(item, _)| item.on("note")) {
            let Some(id) = item.good.first().or(item.moves.first()) else { continue };
            let m = |name| text(&item.movement, name);
            let name = self.odoo.store.text(PAYMENT, *payment, "name");
            let body = format!("Stripe payment {}: {} {} received as {name}", m("payment"), m("amount"), m("currency"));
            bodies.entry(*id).and_modify(|all| *all = format!("{all}; {body}")).or_insert(body);
        }
        for (id, body) in bodies {
            self.odoo.note("account.move", id, &body);
        }
    }

    fn transaction(&mut self, item: &Item, books: &Books, payment: i64) {
        let Some(provider) = books.provider.filter(|_| item.on("transaction")) else { return };
        let s = &mut self.odoo.store;
        let Some(method) = s.find("payment.method", "code", &json!("card")) else { return };
        let row = json!({"provider_id": provider, "payment_method_id": method, "reference": item.key,
            "provider_reference": text(&item.movement, "payment"), "amount": num::float(item.amount),
            "currency_id": item.currency, "partner_id": item.partner, "operation": "online_direct",
            "invoice_ids": item.good, "payment_id": payment, "state": "done", "is_post_processed": true,
            "company_id": item.company});
        let id = s.insert("payment.transaction", object(row));
        s.set(PAYMENT, payment, "payment_transaction_id", json!(id));
    }

    fn finish(&mut self, item: &mut Item, payment: i64) {
        let o = &mut *self.odoo;
        let paid = !o.paid_invoices(payment).is_empty();
        if !paid && !item.good.is_empty() {
            item.flag("invoice_paid");
        }
        if !paid {
            item.flag("unallocated");
        } else if !o.payment_line(payment).is_some_and(|l| o.reconciled(l)) {
            item.flag("over");
        }
        let entry = o.store.int(PAYMENT, payment, "move_id").unwrap_or_default();
        let days = [o.store.text(PAYMENT, payment, "date"), o.store.text("account.move", entry, "date")];
        if days.iter().any(|day| *day != item.day) {
            item.flag("date_moved");
        }
        if let (true, Some(partner)) = (item.learn, item.theirs) {
            o.store.tie(&format!("quittance.cus:{}", item.customer()), "res.partner", partner, true);
        }
        let mut answer = tell::payment(o, payment);
        let rest = json!({"key": item.key, "status": "created", "intended": item.day, "flags": item.flags, "matched_by": item.by,
            "invoices": item.moves.iter().map(|id| tell::invoice(o, *id)).collect::<Vec<_>>()});
        answer.extend(object(rest));
        self.results.insert(item.key.clone(), answer.into());
    }
}

/// The receivable line that this money settles in full by an early-payment discount: of the one invoice that the payment
/// itself names, exactly the amount, by Stripe's date.
fn discounted(odoo: &Odoo, item: &Item) -> Option<i64> {
    let [invoice] = item.good.as_slice() else { return None };
    let named = item.moves.len() == 1 && matches!(item.by, Some("ids" | "numbers"));
    let line = odoo.discount_line(*invoice, item.currency, &item.day).filter(|_| named)?;
    (odoo.amount("account.move.line", line, "discount_amount_currency") == item.amount).then_some(line)
}

/// Whether lines of account and amount are the parts of this discount: of its sign, none larger, together exactly it.
fn are_parts(parts: &Value, less: Decimal) -> bool {
    let amount = |part: &Value| part.get(1).and_then(num::decimal).unwrap_or_default();
    let amounts: Vec<Decimal> = parts.as_array().into_iter().flatten().map(amount).collect();
    amounts.iter().all(|part| (Decimal::ZERO..=less).contains(part)) && amounts.iter().sum::<Decimal>() == less
}

/// `PaymentIntent pi_…`, `charge ch_…`, `PaymentMethod pm_…`, as far as known.
fn ids(movement: &Value) -> Vec<String> {
    let payment = text(movement, "payment");
    let first = if payment.starts_with("pi_") { "PaymentIntent" } else { "charge" };
    let names = [(first, "payment"), ("charge", "charge"), ("PaymentMethod", "method")];
    let known = names.into_iter().map(|(label, name)| (label, text(movement, name))).filter(|(_, id)| !id.is_empty());
    known.map(|(label, id)| format!("{label} {id}")).collect()
}
