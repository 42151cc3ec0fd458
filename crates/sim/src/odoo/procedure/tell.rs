//! What a result says of a payment and of an invoice, and what a replay says.

use serde_json::{Value, json};

use super::{Work, numbers, setup, text};
use crate::odoo::Odoo;
use crate::odoo::call::object;
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::store::Row;

const PAYMENT: &str = "account.payment";

/// Amounts as text with the currency's places.
pub fn payment(odoo: &Odoo, id: i64) -> Row {
    let s = &odoo.store;
    let currency = s.int(PAYMENT, id, "currency_id").unwrap_or_default();
    let places = odoo.places(currency);
    let line = odoo.payment_line(id);
    let free = line.map(|l| -odoo.amount("account.move.line", l, "amount_residual_currency")).unwrap_or_default();
    let booked = s.text("account.move", s.int(PAYMENT, id, "move_id").unwrap_or_default(), "date");
    object(json!({"model": PAYMENT, "id": id, "name": s.text(PAYMENT, id, "name"),
        "state": s.text(PAYMENT, id, "state"), "amount": num::fixed(odoo.amount(PAYMENT, id, "amount"), places),
        "currency": s.text("res.currency", currency, "name"), "date": if booked.is_empty() { s.text(PAYMENT, id, "date") } else { booked },
        "unallocated": num::fixed(free, places)}))
}

pub fn invoice(odoo: &Odoo, id: i64) -> Value {
    const MOVE: &str = "account.move";
    let s = &odoo.store;
    let currency = s.int(MOVE, id, "currency_id").unwrap_or_default();
    json!({"id": id, "name": s.text(MOVE, id, "name"), "state": s.text(MOVE, id, "state"),
        "payment_state": s.text(MOVE, id, "payment_state"), "currency": s.text("res.currency", currency, "name"),
        "residual": num::fixed(odoo.amount(MOVE, id, "amount_residual"), odoo.places(currency))})
}

/// Amount and currency of a payment, negative when it went the other way.
pub fn moved(odoo: &Odoo, id: i64, direction: &str) -> Row {
    let s = &odoo.store;
    let currency = s.int(PAYMENT, id, "currency_id").unwrap_or_default();
    let amount = odoo.amount(PAYMENT, id, "amount");
    let amount = if s.text(PAYMENT, id, "payment_type") == direction { amount } else { -amount };
    object(
        json!({"amount": num::fixed(amount, odoo.places(currency)), "currency": s.text("res.currency", currency, "name")}),
    )
}

impl Work<'_> {
    /// Whether the receipt is of a customer whose invoices the payment itself names.
    fn party(&self, movement: &Value, payment: i64) -> Option<&'static str> {
        let (o, s) = (&*self.odoo, &self.odoo.store);
        let named = movement.pointer("/match/ids").and_then(Value::as_array).into_iter().flatten().filter_map(num::int);
        let wish = movement.get("match").cloned().unwrap_or_default();
        let same = |id: &i64| o.is_invoice(*id) && numbers::is_same(o, &wish, *id);
        let named = named.filter(|id| s.get("account.move", *id).is_some() && same(id));
        let theirs: Vec<i64> = named.filter_map(|id| s.int("account.move", id, "commercial_partner_id")).collect();
        let partner = s.int(PAYMENT, payment, "partner_id").unwrap_or_default();
        let nobodys = setup::record(o, "partner_unallocated") == Some(partner);
        if movement.get("no_match").is_some_and(num::truthy) || theirs.is_empty() || nobodys {
            return None;
        }
        Some(if theirs.contains(&o.commercial_partner(partner)) { "same" } else { "other" })
    }

    /// The key is taken: what became of its booking.
    pub fn replay(&self, movement: &Value) -> Result<Value> {
        let (o, key) = (&*self.odoo, text(movement, "key"));
        let row = o.store.tied(&format!("quittance.{key}__record"));
        let mut answer = object(json!({"key": key, "status": "gone", "flags": [], "matched_by": null, "invoices": []}));
        let Some((_, id)) = row.filter(|(model, id)| model == PAYMENT && o.store.get(model, *id).is_some()) else {
            return Ok(answer.into());
        };
        answer.extend(payment(o, id));
        let day = self.setup.books(movement).ok().map(|books| setup::day(movement, books)).transpose()?;
        let paid: Vec<Value> = o.paid_invoices(id).into_iter().map(|m| invoice(o, m)).collect();
        let flags = match o.store.text(PAYMENT, id, "state") {
            "draft" => json!(["payment_draft"]),
            "cancel" | "canceled" | "rejected" => json!(["payment_cancelled"]),
            _ => json!([]),
        };
        answer.extend(object(json!({"status": "duplicate", "intended": day, "flags": flags, "invoices": paid})));
        answer.extend(moved(o, id, "inbound"));
        answer.insert("party".into(), json!(self.party(movement, id)));
        Ok(answer.into())
    }
}
