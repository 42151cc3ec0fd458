//! One movement on its way to being booked.

use rust_decimal::Decimal;
use serde_json::Value;

use quittance::erp::odoo::numbers::Candidate;

use super::numbers;
use super::setup::Books;
use super::text;
use crate::odoo::num;

#[derive(Clone, Debug, Default)]
pub struct Item {
    pub movement: Value,
    pub key: String,
    pub flags: Vec<String>,
    /// The rung of the ladder that found the invoices.
    pub by: Option<&'static str>,
    /// Invoices found, as named or looked up.
    pub moves: Vec<i64>,
    /// Those of them that this money pays, oldest due first.
    pub good: Vec<i64>,
    /// Of the Stripe account's own company.
    pub books: Books,
    /// Where it is booked: there, or in the branch of its invoices.
    pub company: i64,
    /// By the time zone of the books.
    pub day: String,
    pub currency: i64,
    pub amount: Decimal,
    /// Partner that an earlier payment of this customer taught.
    pub known: Option<i64>,
    /// Whose money it is, before `partner_unallocated` stands in.
    pub theirs: Option<i64>,
    pub partner: i64,
    /// Remember the customer's partner afterwards.
    pub learn: bool,
}

impl Item {
    pub fn of(movement: &Value) -> Self {
        let flags = movement.get("flags").and_then(Value::as_array).into_iter().flatten();
        Self {
            movement: movement.clone(),
            key: text(movement, "key").to_owned(),
            flags: flags.filter_map(Value::as_str).map(str::to_owned).collect(),
            ..Self::default()
        }
    }

    pub fn flag(&mut self, flag: &str) {
        self.flags.push(flag.to_owned());
    }

    /// Switches of the movement: `no_match`, `note`, `transaction`.
    pub fn on(&self, name: &str) -> bool {
        self.movement.get(name).is_some_and(num::truthy)
    }

    pub fn customer(&self) -> &str {
        text(&self.movement, "customer")
    }

    /// What the movement says of its invoices.
    pub fn wish(&self) -> Value {
        self.movement.get("match").cloned().unwrap_or_default()
    }

    fn wanted(&self, name: &str) -> impl Iterator<Item = &Value> {
        let all = self.movement.get("match").and_then(|m| m.get(name)).and_then(Value::as_array);
        all.into_iter().flatten()
    }

    pub fn ids(&self) -> Vec<i64> {
        self.wanted("ids").filter_map(num::int).collect()
    }

    /// Of `numbers` or `texts`.
    pub fn candidates(&self, name: &str) -> Vec<Candidate> {
        numbers::candidates(self.movement.get("match"), name)
    }

    pub fn references(&self) -> Vec<String> {
        self.wanted("references").filter_map(Value::as_str).map(str::to_owned).collect()
    }

    pub fn tolerance(&self) -> Decimal {
        self.movement.get("match").and_then(|m| m.get("tolerance")).and_then(num::decimal).unwrap_or_default()
    }
}
