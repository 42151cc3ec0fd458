//! Notes for readers, and what a result says.

use serde_json::{Value, json};

use super::{Item, PAYMENT, on};
use crate::odoo::call::object;
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::procedure::{Work, setup, tell, text};
use crate::odoo::store::Row;

impl Work<'_> {
    /// On the first invoice and on the payment.
    pub(super) fn say_refund(&mut self, item: &Item, payment: i64) {
        if !on(&item.movement, "note") {
            return;
        }
        let what = match item.text("kind") {
            "refund_failed" => "refund came back",
            "reversed" => "taken back: the payment failed after all",
            _ => "refunded",
        };
        let given = |name: &str| Some(item.text(name)).filter(|t| !t.is_empty());
        let id = given("refund").unwrap_or_else(|| item.text("payment"));
        let name = self.odoo.store.text(PAYMENT, payment, "name").to_owned();
        let mut body = format!("Stripe {id}: {} {} {what} as {name}", item.text("amount"), item.text("currency"));
        if let Some(reason) = given("reason") {
            body = format!("{body} ({reason})");
        }
        if let Some(first) = item.moves.first() {
            self.odoo.note("account.move", *first, &body);
        }
        let label = if item.text("payment").starts_with("pi_") { "PaymentIntent" } else { "charge" };
        let ids = [("refund", "refund"), (label, "payment"), ("charge", "charge")];
        let ids: Vec<String> = ids.iter().filter_map(|(l, n)| given(n).map(|id| format!("{l} {id}"))).collect();
        self.odoo.note(PAYMENT, payment, &format!("Stripe {}", ids.join(", ")));
    }

    pub(super) fn finish_refund(&mut self, item: &mut Item, payment: i64) {
        let mut answer = self.tell_refund(payment, &item.moves);
        let booked = answer.get("date").and_then(Value::as_str).unwrap_or("");
        if [self.odoo.store.text(PAYMENT, payment, "date"), booked].iter().any(|date| *date != item.day) {
            item.flag("date_moved");
        }
        answer.extend(object(json!({"key": item.key, "status": "created", "intended": item.day, "flags": item.flags})));
        self.results.insert(item.key.clone(), answer.into());
    }

    fn tell_refund(&self, payment: i64, moves: &[i64]) -> Row {
        let o = &*self.odoo;
        let mut told = tell::payment(o, payment);
        told.remove("unallocated");
        let entry = o.store.int(PAYMENT, payment, "move_id").unwrap_or_default();
        let places = o.places(o.store.int(PAYMENT, payment, "currency_id").unwrap_or_default());
        let open = o.payment_line(payment).map(|l| o.amount("account.move.line", l, "amount_residual_currency").abs());
        let date = match o.store.text("account.move", entry, "date") {
            "" => o.store.text(PAYMENT, payment, "date"),
            date => date,
        };
        let invoices: Vec<Value> = moves.iter().map(|m| tell::invoice(o, *m)).collect();
        told.extend(object(
            json!({"date": date, "open": num::fixed(open.unwrap_or_default(), places), "invoices": invoices}),
        ));
        told
    }

    /// Whether it is of the receipt's customer.
    fn party_of(&self, receipt: Option<i64>, payment: i64) -> Option<&'static str> {
        let s = &self.odoo.store;
        let partner = |payment: i64| s.int(PAYMENT, payment, "partner_id").unwrap_or_default();
        let (theirs, ours) = (partner(receipt?), partner(payment));
        let unknown = setup::record(self.odoo, "partner_unallocated");
        if [Some(theirs), Some(ours)].contains(&unknown) {
            return None;
        }
        let same = self.odoo.commercial_partner(theirs) == self.odoo.commercial_partner(ours);
        Some(if same { "same" } else { "other" })
    }

    /// The key is taken: what became of its booking. What could not be matched then is tried again.
    pub fn replay_refund(&mut self, movement: &Value) -> Result<Value> {
        let key = text(movement, "key");
        let mut answer = object(json!({"key": key, "status": "gone", "flags": [], "invoices": []}));
        let Some(payment) = self.payment_of(key) else { return Ok(answer.into()) };
        let of = |column: &str| self.odoo.store.int(PAYMENT, payment, column).unwrap_or_default();
        let (company, entry) = (of("company_id"), of("move_id"));
        let books = self.setup.ready.get(&company).cloned();
        let mut flags: Vec<&str> = Vec::new();
        let group = books.as_ref().and_then(|books| self.settlement(key, &[entry], books.clearing));
        if !self.match_groups(group.into_iter().map(|lines| (0, lines)).collect())?.is_empty() {
            flags.push("not_reconciled");
        }
        let receipt = self.payment_of(text(movement, "receipt"));
        answer.extend(self.tell_refund(payment, &self.paid_by(self.stands(receipt))));
        let day = books.map(|books| setup::day(movement, &books)).transpose()?;
        match self.odoo.store.text(PAYMENT, payment, "state") {
            "draft" => flags.push("payment_draft"),
            "cancel" | "canceled" | "rejected" => flags.push("payment_cancelled"),
            _ => {}
        }
        answer.extend(object(json!({"status": "duplicate", "intended": day, "flags": flags})));
        let direction = if text(movement, "kind") == "refund_failed" { "inbound" } else { "outbound" };
        answer.extend(tell::moved(self.odoo, payment, direction));
        answer.insert("party".into(), json!(self.party_of(receipt, payment)));
        Ok(answer.into())
    }
}
