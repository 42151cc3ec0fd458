//! What charges put on the balance: the gross with its fees, a conversion fee of its own, the part of an
//! authorization that was not captured, and the money back when a delayed method fails after all.

use serde_json::Value;

use super::fees::per_mille;
use super::{Entry, FeeDetail};
use crate::stripe::Stripe;
use crate::stripe::agenda::Task;
use crate::stripe::books::Scope;
use crate::stripe::object::Fields;
use crate::stripe::objects::{charge, refund};

impl Stripe {
    /// Enters what a captured charge brings and gives the transaction's id.
    pub(in crate::stripe) fn enter_charge(&mut self, scope: &Scope, charge: &Value) -> String {
        let exchange = self.settings.exchange(charge.text("currency"));
        let (whole, captured) = (charge.int("amount"), charge.int("amount_captured"));
        let netted = self.settings.capture_reversal_after_ms.filter(|_| captured < whole);
        let gross = exchange.convert(if netted.is_some() { whole } else { captured });
        let card = charge["payment_method_details"].text("type") == "card";
        let entry = Entry {
            fees: self.settings.fees(charge, gross, &exchange),
            available_after_s: self.settings.available_after_s,
            exchange_rate: exchange.rate,
            description: charge.maybe("description").map(str::to_owned),
            ..Entry::of(if card { "charge" } else { "payment" }, "charge", gross, &exchange.to)
        };
        let entry = entry.about(charge.text("id"));
        let id = self.enter(scope, &entry);
        if exchange.rate.is_some() && self.settings.fee.fx_per_mille != 0 {
            self.enter_fx_fee(scope, charge.text("id"), &entry);
        }
        match netted {
            Some(0) => self.release_rest(scope, charge.text("id")),
            Some(after) => self.later(scope, after, Task::ReleaseRest { charge: charge.text("id").to_owned() }),
            None => (),
        }
        id
    }

    /// Enters one capture of several: what was not captured stays authorized.
    pub(in crate::stripe) fn enter_part(&mut self, scope: &Scope, charge: &Value, part: i64) -> String {
        let mut only = charge.clone();
        only.put("amount", part);
        only.put("amount_captured", part);
        let id = self.enter_charge(scope, &only);
        self.captures.insert(id.clone(), part);
        id
    }

    /// What one capture of several took: minor units of the charge's currency.
    pub fn captured_part(&self, txn: &str) -> Option<i64> {
        self.captures.get(txn).copied()
    }

    /// A conversion fee as a transaction of its own.
    fn enter_fx_fee(&mut self, scope: &Scope, charge: &str, of: &Entry) {
        let fee = per_mille(of.amount, self.settings.fee.fx_per_mille);
        let entry =
            Entry { available_after_s: of.available_after_s, ..Entry::of("stripe_fx_fee", "fee", -fee, &of.currency) };
        self.enter(scope, &entry.about(charge).described("Currency conversion fee"));
    }

    /// Gives back what an authorization of a charge held beyond its capture, and the fee that was too much: a refund
    /// with the category `partial_capture_reversal`, so that charge and reversal together are what was captured.
    pub(in crate::stripe) fn release_rest(&mut self, scope: &Scope, id: &str) {
        let Some(charge) = self.get(scope, "charge", id).cloned() else { return };
        let rest = charge.int("amount") - charge.int("amount_captured");
        let exchange = self.settings.exchange(charge.text("currency"));
        let (whole, captured) =
            (exchange.convert(charge.int("amount")), exchange.convert(charge.int("amount_captured")));
        let fees = match self.settings.fee.of(whole) - self.settings.fee.of(captured) {
            0 => Vec::new(),
            too_much => vec![FeeDetail::stripe(-too_much, "Stripe processing fees")],
        };
        let refund = self.id("re_3", 23);
        let entry = Entry {
            fees,
            available_after_s: self.settings.available_after_s,
            exchange_rate: exchange.rate,
            ..Entry::of("refund", "partial_capture_reversal", captured - whole, &exchange.to)
        };
        let entered = self.enter(scope, &entry.about(&refund).described(format!("REFUND FOR CHARGE {id}")));
        let mut made = refund::fresh(&refund, self.now(), &charge, rest);
        made.put("balance_transaction", entered);
        self.books_mut(&scope.place).put(made.clone());
        if self.settings.capture_reversal_told {
            self.emit(scope, "refund.created", &made, None);
        }
    }

    /// A delayed method that had paid fails after all: what was not refunded is taken back, at the rate of now.
    pub(in crate::stripe) fn enter_failure(&mut self, scope: &Scope, charge: &Value) -> String {
        let exchange = self.settings.exchange(charge.text("currency"));
        let amount = exchange.convert(charge::refundable(charge));
        let fees = match self.settings.fee.failure {
            0 => Vec::new(),
            fee => vec![FeeDetail::stripe(fee, "Payment failure fee")],
        };
        let entry = Entry {
            fees,
            exchange_rate: exchange.rate,
            ..Entry::of("payment_failure_refund", "charge_failure", -amount, &exchange.to)
        };
        let id = charge.text("id");
        self.enter(scope, &entry.about(id).described(format!("Payment failure refund for {id}")))
    }
}
