//! The mark of a booking: `next_mark` of `procedures/_head.py`.

use serde_json::{Value, json};

use super::setup;
use crate::odoo::Odoo;
use crate::odoo::calendar;
use crate::odoo::num;
use crate::odoo::rights::Session;

/// Numbers that one call takes, and how far the marks of two sequences are apart for each second between their creation.
const DRAWN: i64 = 33;
const APART: i64 = 1_000_000;

/// Null where set-up made no sequence, or nothing was to be booked.
pub fn next_mark(odoo: &mut Odoo, who: &Session, input: &Value) -> Value {
    let booked = input.get("movements").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    let company = input.get("company").and_then(num::int).unwrap_or(who.company);
    match sequence(odoo, company).filter(|_| booked) {
        None => Value::Null,
        Some((name, start)) => {
            let last = start + odoo.store.last(&name);
            let known = input.get("mark").and_then(num::int).unwrap_or(0);
            json!(if last < known { last } else { start + odoo.store.draw(&name, DRAWN) })
        }
    }
}

/// Its name, and the mark that it begins above.
fn sequence(odoo: &Odoo, company: i64) -> Option<(String, i64)> {
    odoo.store.get("res.company", company)?;
    let root = setup::chain(odoo, company).pop()?;
    let id = setup::record(odoo, &format!("sequence_mark_{root}"))?;
    let standard = odoo.store.text("ir.sequence", id, "implementation") == "standard";
    let made = calendar::seconds(odoo.store.text("ir.sequence", id, "create_date"))?;
    standard.then(|| (format!("ir_sequence_{id:03}"), made * APART))
}

impl Odoo {
    /// The last mark of a company's bookings; null where it has none.
    pub fn last_mark(&self, company: i64) -> Option<i64> {
        sequence(self, company).map(|(name, start)| start + self.store.last(&name))
    }

    /// Somebody deletes a company's sequence, or set-up has not made it.
    pub fn delete_mark(&mut self, company: i64) {
        if let Some(id) = setup::record(self, &format!("sequence_mark_{company}")) {
            self.store.remove("ir.sequence", id);
            self.store.commit();
        }
    }
}
