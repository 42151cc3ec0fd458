//! What a payment pays for at Stripe: invoices and checkout sessions follow their PaymentIntent.

use serde_json::{Value, json};

use super::Stripe;
use super::books::Scope;
use super::merchant::{Bill, Checkout};
use super::object::Fields;
use super::objects::{checkout_session, invoice, invoice_payment};

impl Stripe {
    /// Makes and finalizes an invoice.
    pub(super) fn open_invoice(&mut self, scope: &Scope, bill: &Bill, total: i64, currency: &str) -> String {
        let id = self.id("in_1", 23);
        let mut made = invoice::fresh(&id, self.now(), scope.place.livemode, total, currency);
        made.put("number", bill.number.clone());
        made.put("customer", bill.customer.clone());
        made.put("description", bill.description.clone());
        made.put("metadata", json!(bill.metadata));
        self.books_mut(&scope.place).put(made.clone());
        self.emit(scope, "invoice.created", &made, None);
        self.emit(scope, "invoice.finalized", &made, None);
        id
    }

    /// Lets a PaymentIntent pay an open invoice.
    pub(super) fn attach(&mut self, scope: &Scope, invoice: &str, intent: &str) -> String {
        let id = self.id("inpay_1", 23);
        let invoice = self.get(scope, "invoice", invoice).cloned().unwrap_or_default();
        let made = invoice_payment::fresh(&id, self.now(), &invoice, intent);
        self.books_mut(&scope.place).put(made);
        id
    }

    pub(super) fn invoices_paid(&mut self, scope: &Scope, intent: &str) {
        for payment in self.payments_of(scope, intent) {
            let amount = payment.int("amount_requested");
            let when = json!({"canceled_at": null, "paid_at": self.now()});
            let fields = json!({"status": "paid", "amount_paid": amount, "status_transitions": when});
            let paid = self.change(scope, "invoice_payment", payment.text("id"), fields).object;
            self.emit(scope, "invoice_payment.paid", &paid, None);
            let invoice = self.close_invoice(scope, payment.text("invoice"), amount);
            self.emit(scope, "invoice.paid", &invoice, None);
            self.emit(scope, "invoice.payment_succeeded", &invoice, None);
        }
    }

    /// Marks an invoice paid, by a payment or otherwise.
    pub(super) fn close_invoice(&mut self, scope: &Scope, id: &str, amount: i64) -> Value {
        let now = self.now();
        let mut when = self.get(scope, "invoice", id).map(|i| i["status_transitions"].clone()).unwrap_or_default();
        when.put("paid_at", now);
        let fields = json!({
            "status": "paid", "amount_paid": amount, "amount_remaining": 0, "attempted": true,
            "attempt_count": 1, "status_transitions": when,
        });
        self.change(scope, "invoice", id, fields).object
    }

    pub(super) fn invoices_failed(&mut self, scope: &Scope, intent: &str) {
        for payment in self.payments_of(scope, intent) {
            let id = payment.text("invoice");
            let tries = self.get(scope, "invoice", id).map_or(0, |i| i.int("attempt_count")) + 1;
            let invoice = self.change(scope, "invoice", id, json!({"attempted": true, "attempt_count": tries})).object;
            self.emit(scope, "invoice.payment_failed", &invoice, None);
        }
    }

    fn payments_of(&self, scope: &Scope, intent: &str) -> Vec<Value> {
        self.having(scope, "invoice_payment", |p| {
            p["payment"].text("payment_intent") == intent && p.text("status") == "open"
        })
    }

    /// Opens a checkout session around a PaymentIntent.
    pub(super) fn open_session(&mut self, scope: &Scope, checkout: &Checkout, intent: &Value) -> String {
        let mode = if scope.place.livemode { "live" } else { "test" };
        let id = self.id(&format!("cs_{mode}_a1"), 56);
        let (now, livemode) = (self.now(), scope.place.livemode);
        let mut made = checkout_session::fresh(&id, now, livemode, intent.int("amount"), intent.text("currency"));
        made.put("payment_intent", intent["id"].clone());
        made.put("customer", intent["customer"].clone());
        made.put("client_reference_id", checkout.client_reference_id.clone());
        made.put("metadata", json!(checkout.metadata));
        self.books_mut(&scope.place).put(made);
        id
    }

    /// The payer is through; `paid` tells whether the money is, too.
    pub(super) fn checkout_completed(&mut self, scope: &Scope, intent: &str, paid: bool) {
        let sessions = self.having(scope, "checkout.session", |s| {
            s.text("payment_intent") == intent && s.text("payment_status") == "unpaid"
        });
        for session in sessions {
            let payment = if paid { "paid" } else { "unpaid" };
            let fields = json!({"status": "complete", "payment_status": payment, "url": null});
            let after = self.change(scope, "checkout.session", session.text("id"), fields).object;
            let open = session.text("status") == "open";
            let kind = if open { "checkout.session.completed" } else { "checkout.session.async_payment_succeeded" };
            self.emit(scope, kind, &after, None);
        }
    }

    /// A delayed method failed after the payer was through.
    pub(super) fn checkout_failed(&mut self, scope: &Scope, intent: &str) {
        for session in self.having(scope, "checkout.session", |s| s.text("payment_intent") == intent) {
            self.emit(scope, "checkout.session.async_payment_failed", &session, None);
        }
    }
}
