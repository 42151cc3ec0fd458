//! Accounts.

use serde_json::{Value, json};

/// A standard account in good standing.
pub fn standing(id: &str, currency: &str) -> Value {
    json!({
        "id": id, "object": "account", "business_profile": null, "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"}, "charges_enabled": true,
        "controller": {"type": "account"}, "country": "US", "created": 1_700_000_000, "default_currency": currency,
        "details_submitted": true, "email": "owner@shop.example", "payouts_enabled": true, "settings": {
            "dashboard": {"display_name": "Quittance Sim", "timezone": "Etc/UTC"},
        },
        "type": "standard",
    })
}
