//! Refunds.

use serde_json::{Value, json};

use crate::stripe::object::Fields;

/// A refund of so much of a charge, `succeeded`.
pub fn fresh(id: &str, now: i64, charge: &Value, amount: i64) -> Value {
    let paid_with = charge["payment_method_details"].text("type");
    let details = match paid_with {
        "card" => json!({"type": "card", "card": {"type": "refund", "reference_status": "pending",
            "reference_type": "acquirer_reference_number"}}),
        "sepa_debit" => json!({"type": "eu_bank_transfer",
            "eu_bank_transfer": {"reference": null, "reference_status": "pending"}}),
        _ => json!({"type": "us_bank_transfer",
            "us_bank_transfer": {"reference": null, "reference_status": "pending"}}),
    };
    json!({
        "id": id, "object": "refund", "amount": amount, "balance_transaction": null, "charge": charge["id"],
        "created": now, "currency": charge["currency"], "customer": charge["customer"], "customer_account": null,
        "destination_details": details, "metadata": {}, "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"], "reason": null, "receipt_number": null,
        "source_transfer_reversal": null, "status": "succeeded", "transfer_reversal": null,
    })
}
