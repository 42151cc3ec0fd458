//! The money of a dispute goes and comes back, each time as a balance transaction that the dispute carries.

use serde_json::{Value, json};

use super::DISPUTE;
use crate::stripe::Stripe;
use crate::stripe::balance::{Entry, FeeDetail};
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;

/// Whether the money of a dispute is with the payer's bank: taken, and not given back since.
pub(super) fn is_out(dispute: &Value) -> bool {
    let last = dispute["balance_transactions"].as_array().and_then(|rows| rows.last());
    last.is_some_and(|row| row.text("reporting_category") == "dispute")
}

impl Stripe {
    /// Takes the disputed amount, at the rate of now, and the first time a fee.
    pub(super) fn withdraw(&mut self, scope: &Scope, id: &str) {
        let Some(dispute) = self.get(scope, DISPUTE, id).cloned() else { return };
        let first = dispute["balance_transactions"].as_array().is_some_and(Vec::is_empty);
        let fee = if first { self.settings.fee.dispute } else { 0 };
        let text = format!("Chargeback withdrawal for {}", dispute.text("charge"));
        self.enter_dispute(scope, &dispute, "dispute", -dispute.int("amount"), fee, text);
        self.change(scope, DISPUTE, id, json!({"is_charge_refundable": false}));
    }

    /// Gives the disputed amount back, at the rate of now, and by setting the fee, too.
    pub(in crate::stripe) fn reinstate(&mut self, scope: &Scope, id: &str) {
        let Some(dispute) = self.get(scope, DISPUTE, id).filter(|dispute| is_out(dispute)).cloned() else { return };
        let fee = if self.settings.fee.dispute_returned { -charged(&dispute) } else { 0 };
        let text = format!("Chargeback reversal for {}", dispute.text("charge"));
        self.enter_dispute(scope, &dispute, "dispute_reversal", dispute.int("amount"), fee, text);
        let change = self.change(scope, DISPUTE, id, json!({"is_charge_refundable": true}));
        self.emit(scope, "charge.dispute.funds_reinstated", &change.object, None);
    }

    fn enter_dispute(&mut self, scope: &Scope, dispute: &Value, category: &str, amount: i64, fee: i64, text: String) {
        let exchange = self.settings.exchange(dispute.text("currency"));
        let fees = if fee == 0 { Vec::new() } else { vec![FeeDetail::stripe(fee, "Dispute fee")] };
        let entry = Entry {
            fees,
            exchange_rate: exchange.rate,
            ..Entry::of("adjustment", category, exchange.convert(amount), &exchange.to)
        };
        let entered = self.enter(scope, &entry.about(dispute.text("id")).described(text));
        let entered = self.entered(scope, &entered);
        let mut rows = dispute["balance_transactions"].as_array().cloned().unwrap_or_default();
        rows.push(entered);
        self.change(scope, DISPUTE, dispute.text("id"), json!({"balance_transactions": rows}));
    }
}

/// The fees that a dispute's transactions come to.
fn charged(dispute: &Value) -> i64 {
    dispute["balance_transactions"].as_array().map_or(0, |rows| rows.iter().map(|row| row.int("fee")).sum())
}
