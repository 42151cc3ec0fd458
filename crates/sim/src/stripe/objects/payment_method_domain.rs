//! Payment method domains: the hosts on which wallets may be shown.

use serde_json::{Value, json};

pub fn fresh(id: &str, now: i64, livemode: bool, name: &str) -> Value {
    let wallet = json!({"status": "active"});
    json!({
        "id": id, "object": "payment_method_domain", "amazon_pay": wallet, "apple_pay": wallet, "created": now,
        "domain_name": name, "enabled": true, "google_pay": wallet, "klarna": wallet, "link": wallet,
        "livemode": livemode, "paypal": wallet,
    })
}
