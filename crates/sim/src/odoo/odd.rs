//! Credit notes that Odoo, or a module of somebody's, drafts wrongly.

#![allow(clippy::indexing_slicing, reason = "an absent field of a JSON value reads as null")]

use serde_json::{Value, json};

use super::Odoo;
use super::num;
use super::store::Row;

/// What is wrong with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OddNote {
    /// Nothing.
    Right,
    /// Its lines have the other sign.
    Sign,
    /// Its first line counts twice.
    Size,
    /// It is in another currency.
    Currency,
    /// Its total is right; a line has a hundred more, and one on another account a hundred less.
    Lines,
    /// It is another customer's.
    Customer,
}

impl Odoo {
    /// The documents of a `move_type`.
    pub fn invoices_like(&self, kind: &str) -> Vec<i64> {
        self.store.find_all("account.move", "move_type", &json!(kind))
    }

    /// Does to the next credit note what [`Odoo::odd_notes`] says.
    pub(super) fn misreverse(&mut self, head: &mut Row, lines: &mut Vec<Value>) {
        if self.odd_notes.is_empty() {
            return;
        }
        let price = |line: &Value| line.get("price_unit").and_then(num::decimal).unwrap_or_default();
        let times = |line: &mut Value, by: i64| {
            let changed = num::float(price(line) * rust_decimal::Decimal::from(by));
            if let Some(fields) = line.as_object_mut() {
                fields.insert("price_unit".into(), changed);
            }
        };
        match self.odd_notes.remove(0) {
            OddNote::Right => {}
            OddNote::Sign => lines.iter_mut().for_each(|line| times(line, -1)),
            OddNote::Size => lines.iter_mut().take(1).for_each(|line| times(line, 2)),
            OddNote::Currency => {
                let euro = self.store.find("res.currency", "name", &json!("EUR"));
                head.insert("currency_id".into(), json!(euro));
            }
            OddNote::Lines => {
                let other = self.account_of_type(1, "expense");
                for (account, amount) in [(None, 100.0), (other, -100.0)] {
                    let mut line = lines.first().cloned().unwrap_or_default();
                    let account = account.map_or_else(|| line["account_id"].clone(), |account| json!(account));
                    line["account_id"] = account;
                    line["quantity"] = json!(1);
                    line["price_unit"] = json!(amount);
                    line["tax_ids"] = json!([]);
                    lines.push(line);
                }
            }
            OddNote::Customer => {
                let partner = self.store.insert("res.partner", super::call::object(json!({"name": "Somebody"})));
                self.store.set("res.partner", partner, "commercial_partner_id", json!(partner));
                head.insert("partner_id".into(), json!(partner));
            }
        }
    }

    /// What turns the sign of new lines turns that of prices written later as well.
    pub(super) fn miswrite(&mut self, commands: &mut [Value]) {
        for price in commands.iter_mut().filter_map(|command| command.get_mut(2)?.get_mut("price_unit")) {
            if self.odd_notes.first() == Some(&OddNote::Sign) {
                self.odd_notes.remove(0);
                *price = num::float(-num::decimal(price).unwrap_or_default());
            }
        }
    }
}
