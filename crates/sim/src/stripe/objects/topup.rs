//! Top-ups: money from the bank onto the balance.

use serde_json::{Value, json};

/// `pending`.
pub fn fresh(id: &str, now: i64, livemode: bool, amount: i64, currency: &str) -> Value {
    json!({
        "id": id, "object": "topup", "amount": amount, "balance_transaction": null, "created": now,
        "currency": currency, "description": null, "expected_availability_date": now, "failure_code": null,
        "failure_message": null, "initiated_by": "user", "livemode": livemode, "metadata": {}, "source": null,
        "statement_descriptor": null, "status": "pending", "transfer_group": null,
    })
}
