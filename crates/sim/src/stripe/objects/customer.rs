//! Customers.

use serde_json::{Value, json};

pub fn fresh(id: &str, now: i64, livemode: bool) -> Value {
    let prefix: String = id.chars().rev().take(7).collect::<String>().to_ascii_uppercase();
    json!({
        "id": id, "object": "customer", "address": null, "balance": 0, "created": now, "currency": null,
        "customer_account": null, "default_source": null, "delinquent": false, "description": null,
        "discount": null, "email": null, "invoice_prefix": prefix, "invoice_settings": {
            "custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null,
        },
        "livemode": livemode, "metadata": {}, "name": null, "next_invoice_sequence": 1, "phone": null,
        "preferred_locales": [], "shipping": null, "tax_exempt": "none", "test_clock": null,
    })
}
