//! What is remembered, noted and answered.

use serde_json::{Value, json};

use super::{Item, LINE, MOVE, PAYMENT};
use crate::odoo::call::object;
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::procedure::refund::refund_key;
use crate::odoo::procedure::{Work, setup, tell, text};
use crate::odoo::store::Row;

impl Work<'_> {
    /// A draft waits for a person.
    pub(super) fn ask(&mut self, item: &mut Item, note: i64, why: &str) {
        let name = self.odoo.store.text(PAYMENT, item.refund, "name");
        let body = format!("Check and post this credit note ({why}), then match it with the refund {name}.");
        let row = json!({"res_model": MOVE, "res_id": note, "date_deadline": item.day, "note": body, "active": true,
            "summary": format!("Credit note of Stripe refund {}", item.text("refund")), "user_id": self.setup.uid});
        self.odoo.store.insert("mail.activity", object(row));
        item.flag("credit_note_draft");
    }

    pub(super) fn remember(&mut self, item: &Item) {
        let s = &mut self.odoo.store;
        let record = format!("quittance.{}__record", item.key);
        match item.notes.first() {
            Some(first) => s.tie(&record, MOVE, *first, true),
            None => s.tie(&record, PAYMENT, item.refund, true),
        }
        let receipt = item.text("receipt").to_owned();
        for (n, note) in item.notes.iter().enumerate() {
            let free = s.numbered(&format!("{receipt}__note")).last().map_or(0, |(number, _)| *number) + 1;
            s.tie(&format!("quittance.{receipt}__note{free}"), MOVE, *note, true);
            s.tie(&format!("quittance.{}__note{}", item.key, n + 1), MOVE, *note, true);
        }
    }

    pub(super) fn say_note(&mut self, item: &Item) {
        if !item.movement.get("note").is_some_and(num::truthy) {
            return;
        }
        for note in &item.notes {
            let s = &self.odoo.store;
            let Some(invoice) = s.int(MOVE, *note, "reversed_entry_id") else { continue };
            let posted = s.text(MOVE, *note, "state") == "posted";
            let name = if posted { s.text(MOVE, *note, "name") } else { "in draft" };
            let told = self.tell_one(*note);
            let (total, currency) = (text(&told, "total"), text(&told, "currency"));
            let refund = item.text("refund");
            let body = format!("Stripe refund {refund}: credit note {name} of {total} {currency}");
            self.odoo.note(MOVE, invoice, &body);
        }
    }

    fn tell_one(&self, note: i64) -> Value {
        let o = &*self.odoo;
        let places = o.places(o.store.int(MOVE, note, "currency_id").unwrap_or_default());
        let money = |column: &str| num::fixed(o.amount(MOVE, note, column), places);
        let mut told = object(tell::invoice(o, note));
        told.insert("total".into(), json!(money("amount_total")));
        told.insert("tax".into(), json!(money("amount_tax")));
        told.insert("of".into(), o.store.value(MOVE, note, "reversed_entry_id"));
        told.into()
    }

    fn tell_notes(&self, item: &Item) -> Row {
        let o = &*self.odoo;
        let (model, id) = item.notes.first().map_or((PAYMENT, item.refund), |first| (MOVE, *first));
        let places = o.places(o.store.int(PAYMENT, item.refund, "currency_id").unwrap_or_default());
        let open = self.stands(Some(item.refund)).map(|l| o.amount(LINE, l, "amount_residual_currency"));
        object(json!({"key": item.key, "model": model, "id": id, "name": o.store.text(model, id, "name"),
            "state": item.notes.first().map(|note| o.store.text(MOVE, *note, "state")), "date": o.store.text(model, id, "date"), "intended": item.day,
            "open": num::fixed(open.unwrap_or_default(), places), "flags": item.flags,
            "notes": item.notes.iter().map(|n| self.tell_one(*n)).collect::<Vec<_>>(),
            "invoices": item.moves.iter().map(|m| tell::invoice(o, *m)).collect::<Vec<_>>()}))
    }

    pub(super) fn finish_note(&mut self, item: &mut Item) {
        let s = &self.odoo.store;
        let moved = |n: &i64| s.text(MOVE, *n, "state") == "posted" && s.text(MOVE, *n, "date") != item.day;
        if item.notes.iter().any(moved) && !item.has("credit_note_found") {
            item.flag("date_moved");
        }
        let mut told = self.tell_notes(item);
        told.insert("status".into(), json!("created"));
        self.results.insert(item.key.clone(), told.into());
    }

    /// The key is taken: what became of its credit notes.
    pub(super) fn replay_note(&mut self, movement: &Value) -> Result<Value> {
        let key = text(movement, "key").to_owned();
        let o = &*self.odoo;
        let there = |name: &str| {
            let row = o.store.tied(&format!("quittance.{name}__record"));
            row.filter(|(model, id)| o.store.get(model, *id).is_some())
        };
        let refund = self.payment_of(&refund_key(&key));
        let (Some(_), Some(refund)) = (there(&key), refund) else {
            return Ok(json!({"key": key, "status": "gone", "flags": [], "notes": [], "invoices": []}));
        };
        let named = o.store.numbered(&format!("{key}__note"));
        let mut notes: Vec<i64> = named.into_iter().map(|(_, id)| id).collect();
        notes.retain(|n| o.store.get(MOVE, *n).is_some());
        notes.sort_unstable();
        let of = |state: &str| notes.iter().any(|n| o.store.text(MOVE, *n, "state") == state);
        let mut flags = Vec::new();
        flags.extend(of("draft").then(|| "credit_note_draft".to_owned()));
        flags.extend(of("cancel").then(|| "credit_note_cancelled".to_owned()));
        let moves: Vec<i64> = notes.iter().filter_map(|n| o.store.int(MOVE, *n, "reversed_entry_id")).collect();
        let company = o.store.int(PAYMENT, refund, "company_id").unwrap_or_default();
        let books = self.setup.ready.get(&company).cloned().unwrap_or_default();
        let day = setup::day(movement, &books)?;
        let movement = movement.clone();
        let (open, asked, short, off) = (0, 0, 0, false);
        let item =
            Item { movement, key, flags, refund, company, day, notes, moves, open, asked, short, off, odd: false };
        let mut told = self.tell_notes(&item);
        told.insert("status".into(), json!("duplicate"));
        told.extend(tell::moved(self.odoo, refund, "outbound"));
        Ok(told.into())
    }
}
