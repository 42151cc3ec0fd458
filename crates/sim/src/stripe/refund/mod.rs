//! Refunds: what goes back to a payer, and how that ends.

mod end;

use serde_json::{Value, json};

use super::Stripe;
use super::agenda::Task;
use super::api::ApiError;
use super::balance::Entry;
use super::books::Scope;
use super::object::Fields;
use super::objects::{charge, refund};
pub use end::RefundEnd;

const REFUND: &str = "refund";
/// A refund that waits for money on the balance.
const NO_FUNDS: &str = "insufficient_funds";

/// What somebody wants refunded.
pub(super) struct Asked<'a> {
    /// `ch_…` or `pi_…`
    pub payment: &'a str,
    /// Minor units of the payment's currency; `None` is all that is left.
    pub amount: Option<i64>,
    pub reason: Option<&'a str>,
    pub metadata: Value,
    /// `None` leaves it to the payment method: a card is refunded at once, a debit later, test cards as they say.
    pub status: Option<&'a str>,
}

impl Stripe {
    /// Makes a refund, with its balance transaction unless the payer has to act or the balance to grow first.
    pub(super) fn give_back(&mut self, scope: &Scope, asked: &Asked<'_>) -> Result<Value, ApiError> {
        let charge = self.charged(scope, asked.payment)?;
        let amount = allowed(&charge, asked)?;
        if self.under_dispute(scope, charge.text("id")) {
            let message = format!("The charge {} is disputed: its bank has the money already.", charge.text("id"));
            return Err(ApiError::param("charge_disputed", "charge", message));
        }
        let (status, then) = self.fate(&charge, asked.status);
        let id = self.id("re_3", 23);
        let mut made = refund::fresh(&id, self.now(), &charge, amount);
        made.put("reason", asked.reason);
        made.put("metadata", asked.metadata.clone());
        made.put("status", if status == NO_FUNDS { "pending" } else { status });
        match status {
            "pending" => made.put("pending_reason", "processing"),
            NO_FUNDS => made.put("pending_reason", NO_FUNDS),
            "requires_action" => made.put(
                "next_action",
                json!({"type": "display_details", "display_details": {
                    "email_sent": {"email_sent_at": self.now(), "email_sent_to": "payer@example.com"},
                    "expires_at": self.now() + 45 * 24 * 3600,
                }}),
            ),
            _ => (),
        }
        if !["requires_action", NO_FUNDS].contains(&status) {
            let entered = self.enter_refund(scope, &made, &charge);
            made.put("balance_transaction", entered);
        }
        self.books_mut(&scope.place).put(made.clone());
        self.emit(scope, "refund.created", &made, None);
        self.count_refunded(scope, charge.text("id"), amount);
        if let Some((after, end)) = then {
            self.later(scope, after, Task::EndRefund { refund: id, end });
        }
        Ok(made)
    }

    /// The charge that an id of a charge or of a PaymentIntent stands for.
    pub(super) fn charged(&self, scope: &Scope, payment: &str) -> Result<Value, ApiError> {
        let (kind, param) = match payment.starts_with("pi_") {
            true => ("payment_intent", "payment_intent"),
            false => ("charge", "charge"),
        };
        let named = self.get(scope, kind, payment).ok_or_else(|| ApiError::no_such(kind, payment, param, false))?;
        let id = if kind == "charge" { payment } else { named.text("latest_charge") };
        self.get(scope, "charge", id).cloned().ok_or_else(|| {
            let message = format!("The PaymentIntent {payment} has no successful charge to refund.");
            ApiError::invalid(param, message)
        })
    }

    /// How a refund starts, and what becomes of it by itself.
    fn fate<'a>(&self, charge: &Value, status: Option<&'a str>) -> (&'a str, Option<(i64, RefundEnd)>) {
        let later = self.settings.refund_after_ms;
        let paid_with = &charge["payment_method_details"];
        match (status, paid_with["card"].text("last4")) {
            (Some(status), _) => (status, None),
            (None, "7726") => ("pending", Some((later, RefundEnd::Succeeded))),
            (None, "5126") => ("succeeded", Some((later, RefundEnd::Failed("expired_or_canceled_card".into())))),
            (None, _) if paid_with.text("type") == "card" => ("succeeded", None),
            (None, _) => ("pending", Some((later, RefundEnd::Succeeded))),
        }
    }

    /// Enters what a refund takes, at the rate of now. It is pending for as long as its charge.
    pub(super) fn enter_refund(&mut self, scope: &Scope, made: &Value, charge: &Value) -> String {
        let exchange = self.settings.exchange(charge.text("currency"));
        let card = charge["payment_method_details"].text("type") == "card";
        let kind = if card { "refund" } else { "payment_refund" };
        let charged = self.entered(scope, charge.text("balance_transaction"));
        let entry = Entry {
            exchange_rate: exchange.rate,
            available_after_s: (charged.int("available_on") - self.now()).max(0),
            ..Entry::of(kind, "refund", exchange.convert(-made.int("amount")), &exchange.to)
        };
        let text = format!("REFUND FOR CHARGE ({})", charge.maybe("description").unwrap_or(charge.text("id")));
        self.enter(scope, &entry.about(made.text("id")).described(text))
    }

    /// Adds to what a charge has given back, or takes off from it, and tells of it when it grows.
    fn count_refunded(&mut self, scope: &Scope, id: &str, amount: i64) {
        let Some(charge) = self.get(scope, "charge", id) else { return };
        let refunded = charge.int("amount_refunded") + amount;
        let fields = json!({"amount_refunded": refunded, "refunded": refunded == charge.int("amount")});
        let change = self.change(scope, "charge", id, fields);
        if amount > 0 {
            self.emit(scope, "charge.refunded", &change.object, Some(change.previous));
        }
    }
}

/// The amount to refund, or why not.
fn allowed(charge: &Value, asked: &Asked<'_>) -> Result<i64, ApiError> {
    let (id, left) = (charge.text("id"), charge::refundable(charge));
    let refuse = |code: &str, message: String| Err(ApiError::param(code, "charge", message));
    if charge.text("status") != "succeeded" || !charge.flag("captured") {
        return refuse("charge_not_refundable", format!("The charge {id} has not paid, so nothing can go back."));
    }
    if left == 0 {
        return refuse("charge_already_refunded", format!("Charge {id} has already been refunded."));
    }
    let amount = asked.amount.unwrap_or(left);
    if amount < 1 {
        return Err(ApiError::param("parameter_invalid_integer", "amount", "Invalid positive integer."));
    }
    if amount > left {
        let message = format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).");
        return Err(ApiError::param("amount_too_large", "amount", message));
    }
    Ok(amount)
}
