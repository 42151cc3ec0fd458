//! Customer sessions: what a page may show of a customer for half an hour.

use serde_json::{Value, json};

/// How long one is good for, in seconds.
const LIVES: i64 = 30 * 60;

/// `features` are those of the payment element, or null when it is not enabled.
pub fn fresh(secret: &str, now: i64, livemode: bool, customer: &str, features: &Value) -> Value {
    let off = json!({"enabled": false});
    let none = json!({"enabled": false, "features": null});
    json!({
        "object": "customer_session", "client_secret": secret, "components": {
            "active_entitlements": off, "buy_button": off, "customer_portal": off, "customer_sheet": none,
            "mobile_payment_element": none, "payment_element": {"enabled": !features.is_null(), "features": features},
            "pricing_table": off,
        },
        "created": now, "customer": customer, "customer_account": null, "expires_at": now + LIVES,
        "livemode": livemode,
    })
}
