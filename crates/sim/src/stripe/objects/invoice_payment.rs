//! Invoice payments: how much of which payment goes to which invoice.

use serde_json::{Value, json};

use crate::stripe::object::Fields;

/// Asks a payment for all that an invoice still wants, `open`.
pub fn fresh(id: &str, now: i64, invoice: &Value, intent: &str) -> Value {
    json!({
        "id": id, "object": "invoice_payment", "amount_paid": null, "amount_requested": invoice.int("amount_due"),
        "created": now, "currency": invoice["currency"], "invoice": invoice["id"], "is_default": true,
        "livemode": invoice["livemode"], "payment": {"type": "payment_intent", "payment_intent": intent},
        "status": "open", "status_transitions": {"canceled_at": null, "paid_at": null},
    })
}
