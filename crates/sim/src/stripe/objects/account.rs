//! Accounts.

use serde_json::{Value, json};

/// A standard account in good standing.
pub fn standing(id: &str, currency: &str) -> Value {
    json!({
        "id": id, "object": "account", "business_profile": null, "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"}, "charges_enabled": true,
        "controller": {"type": "account"}, "country": "US", "created": 1_700_000_000, "default_currency": currency,
        "details_submitted": true, "email": "owner@shop.example", "payouts_enabled": true, "settings": {
            "branding": {"icon": null, "logo": null, "primary_color": null, "secondary_color": null},
            "card_payments": {
                "statement_descriptor_prefix": null, "statement_descriptor_prefix_kana": null,
                "statement_descriptor_prefix_kanji": null,
            },
            "dashboard": {"display_name": "Quittance Sim", "timezone": "Etc/UTC"},
            "payments": {
                "statement_descriptor": "QUITTANCE SIM", "statement_descriptor_kana": null,
                "statement_descriptor_kanji": null, "statement_descriptor_prefix_kana": null,
                "statement_descriptor_prefix_kanji": null,
            },
        },
        "type": "standard",
    })
}
