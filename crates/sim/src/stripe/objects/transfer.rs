//! Transfers to connected accounts, and their reversals.

use serde_json::{Value, json};

use crate::stripe::object::list;

pub fn fresh(id: &str, now: i64, livemode: bool, amount: i64, currency: &str, destination: &str) -> Value {
    json!({
        "id": id, "object": "transfer", "amount": amount, "amount_reversed": 0, "balance_transaction": null,
        "created": now, "currency": currency, "description": null, "destination": destination, "livemode": livemode,
        "metadata": {}, "reversals": list(&format!("/v1/transfers/{id}/reversals"), Vec::new(), false),
        "reversed": false, "source_transaction": null, "source_type": "card", "transfer_group": null,
    })
}

pub fn reversal(id: &str, now: i64, transfer: &Value, amount: i64) -> Value {
    json!({
        "id": id, "object": "transfer_reversal", "amount": amount, "balance_transaction": null, "created": now,
        "currency": transfer["currency"], "destination_payment_refund": null, "metadata": {}, "source_refund": null,
        "transfer": transfer["id"],
    })
}
