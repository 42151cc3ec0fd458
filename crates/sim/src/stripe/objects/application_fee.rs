//! Application fees that a platform earns, and their refunds.

use serde_json::{Value, json};

use crate::stripe::object::list;

/// The fee of a charge of a connected account.
pub fn fresh(id: &str, now: i64, livemode: bool, amount: i64, currency: &str, account: &str, charge: &str) -> Value {
    json!({
        "id": id, "object": "application_fee", "account": account, "amount": amount, "amount_refunded": 0,
        "application": "ca_SimPlatform", "balance_transaction": null, "charge": charge, "created": now,
        "currency": currency, "fee_source": {"type": "charge", "charge": charge}, "livemode": livemode,
        "originating_transaction": null, "refunded": false,
        "refunds": list(&format!("/v1/application_fees/{id}/refunds"), Vec::new(), false),
    })
}

pub fn refund(id: &str, now: i64, fee: &Value, amount: i64) -> Value {
    json!({
        "id": id, "object": "fee_refund", "amount": amount, "balance_transaction": null, "created": now,
        "currency": fee["currency"], "fee": fee["id"], "metadata": {},
    })
}
