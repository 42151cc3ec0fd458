//! What the balance comes to at this moment.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::TXN;
use crate::stripe::Stripe;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;
use crate::stripe::objects::balance;

/// Minor units by currency.
pub type Amounts = BTreeMap<String, i64>;

impl Stripe {
    /// The sums of nets of one balance by currency: available, pending. The account's main currency is always there.
    pub(in crate::stripe) fn sums(&self, scope: &Scope, balance_type: &str) -> (Amounts, Amounts) {
        let mut available: Amounts = [(self.settings.currency.clone(), 0)].into();
        let mut pending = available.clone();
        for row in self.rows(scope, TXN).iter().filter(|row| row.text("balance_type") == balance_type) {
            let currency = row.text("currency");
            let (to, other) = match row.text("status") {
                "available" => (&mut available, &mut pending),
                _ => (&mut pending, &mut available),
            };
            *to.entry(currency.to_owned()).or_default() += row.int("net");
            other.entry(currency.to_owned()).or_default();
        }
        (available, pending)
    }

    /// `GET /v1/balance`: the payments balance, and of the others those that the API shows and that were used.
    pub(in crate::stripe) fn balance(&self, scope: &Scope) -> Value {
        let (available, pending) = self.sums(scope, "payments");
        let mut shown = balance::of(scope.place.livemode, &available, &pending);
        let used = |kind: &str| self.rows(scope, TXN).iter().any(|row| row.text("balance_type") == kind);
        if used("refund_and_dispute_prefunding") {
            let (available, pending) = self.sums(scope, "refund_and_dispute_prefunding");
            let rows = json!({"available": balance::rows(&available), "pending": balance::rows(&pending)});
            shown.put("refund_and_dispute_prefunding", rows);
        }
        if used("issuing") {
            shown.put("issuing", json!({"available": balance::rows(&self.sums(scope, "issuing").0)}));
        }
        shown
    }
}
