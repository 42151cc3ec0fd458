//! The money of a dispute goes and comes back, each time as a balance transaction that the dispute carries.

use serde_json::{Value, json};

use super::DISPUTE;
use crate::stripe::Stripe;
use crate::stripe::balance::{Entry, FeeDetail};
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;

/// What one balance transaction moved of a dispute.
#[derive(Clone, Copy, Debug)]
pub struct Contested {
    /// Minor units of the dispute's currency; negative when it was taken. Nothing, where it only corrected an exchange.
    pub minor: i64,
    /// Whoever reads its balance transactions can tell: it was not exchanged, or it is all of the dispute's amount.
    pub certain: bool,
}

impl Stripe {
    /// What a balance transaction of a dispute moved.
    pub fn contested(&self, txn: &str) -> Option<Contested> {
        self.disputed.get(txn).copied()
    }

    /// Minor units of the dispute's currency that are with the payer's bank: taken, and not given back since.
    pub(super) fn is_out(&self, dispute: &Value) -> i64 {
        let rows = dispute["balance_transactions"].as_array().into_iter().flatten();
        -rows.filter_map(|row| self.contested(row.text("id"))).map(|moved| moved.minor).sum::<i64>()
    }

    fn moving(&self, dispute: &Value, minor: i64) -> Contested {
        let rows = dispute["balance_transactions"].as_array().into_iter().flatten();
        let certain = rows.filter_map(|row| self.contested(row.text("id"))).filter(|moved| moved.certain);
        let known = -certain.map(|moved| moved.minor).sum::<i64>();
        let whole = minor.abs() == dispute.int("amount") && (minor < 0) == (known == 0);
        Contested { minor, certain: whole || self.settings.exchange(dispute.text("currency")).rate.is_none() }
    }

    /// Takes what is left of the disputed amount, or less, at the rate of now, and the first time a fee.
    pub(super) fn withdraw(&mut self, scope: &Scope, id: &str, most: i64) {
        let Some(dispute) = self.get(scope, DISPUTE, id).cloned() else { return };
        let first = dispute["balance_transactions"].as_array().is_some_and(Vec::is_empty);
        let fee = if first { self.settings.fee.dispute } else { 0 };
        let rest = dispute.int("amount") - self.is_out(&dispute);
        let moved = self.moving(&dispute, -rest.min(most));
        let text = format!("Chargeback withdrawal for {}", dispute.text("charge"));
        self.enter_dispute(scope, &dispute, "dispute", moved, fee, text);
        self.change(scope, DISPUTE, id, json!({"is_charge_refundable": false}));
    }

    /// Gives back what is out, or less, at the rate of now, and with the last of it by setting the fee, too.
    pub(in crate::stripe) fn reinstate(&mut self, scope: &Scope, id: &str, most: i64) {
        let Some(dispute) = self.get(scope, DISPUTE, id).filter(|dispute| self.is_out(dispute) > 0).cloned() else {
            return;
        };
        let out = self.is_out(&dispute);
        let moved = self.moving(&dispute, out.min(most));
        let returned = most >= out && self.settings.fee.dispute_returned;
        let fee = if returned { -charged(&dispute) } else { 0 };
        let text = format!("Chargeback reversal for {}", dispute.text("charge"));
        self.enter_dispute(scope, &dispute, "dispute_reversal", moved, fee, text);
        let change = self.change(scope, DISPUTE, id, json!({"is_charge_refundable": most >= out}));
        self.emit(scope, "charge.dispute.funds_reinstated", &change.object, None);
    }

    /// Stripe corrects what an exchange came to: a small amount without a rate. Only of money that was exchanged.
    pub(super) fn correct(&mut self, scope: &Scope, dispute: &Value) -> bool {
        let exchange = self.settings.exchange(dispute.text("currency"));
        let exchanged = exchange.rate.is_some() && self.is_out(dispute) > 0;
        if exchanged {
            let text = format!("Exchange correction for {}", dispute.text("charge"));
            let entry = Entry::of("adjustment", "dispute", -1, &exchange.to);
            self.list_dispute(scope, dispute, Contested { minor: 0, certain: false }, entry.described(text));
        }
        exchanged
    }

    fn enter_dispute(
        &mut self,
        scope: &Scope,
        dispute: &Value,
        category: &str,
        moved: Contested,
        fee: i64,
        text: String,
    ) {
        let exchange = self.settings.exchange(dispute.text("currency"));
        let fees = if fee == 0 { Vec::new() } else { vec![FeeDetail::stripe(fee, "Dispute fee")] };
        let entry = Entry {
            fees,
            exchange_rate: exchange.rate,
            ..Entry::of("adjustment", category, exchange.convert(moved.minor), &exchange.to)
        };
        self.list_dispute(scope, dispute, moved, entry.described(text));
    }

    fn list_dispute(&mut self, scope: &Scope, dispute: &Value, moved: Contested, entry: Entry) {
        let entered = self.enter(scope, &entry.about(dispute.text("id")));
        self.disputed.insert(entered.clone(), moved);
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
