//! Checkout sessions.

use serde_json::{Value, json};

/// An open session of one sum.
pub fn fresh(id: &str, now: i64, livemode: bool, total: i64, currency: &str) -> Value {
    json!({
        "id": id, "object": "checkout.session", "adaptive_pricing": {"enabled": false}, "after_expiration": null,
        "allow_promotion_codes": null, "allowed_payment_method_types": null, "amount_subtotal": total,
        "amount_total": total, "automatic_tax": {
            "enabled": false, "liability": null, "provider": null, "status": null,
        },
        "billing_address_collection": null, "cancel_url": "https://shop.example/cancel",
        "client_reference_id": null, "client_secret": null, "collected_information": null, "consent": null,
        "consent_collection": null, "created": now, "currency": currency, "currency_conversion": null,
        "custom_fields": [], "custom_text": {
            "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null,
        },
        "customer": null, "customer_account": null, "customer_creation": "if_required", "customer_details": null,
        "customer_email": null, "discounts": [], "expires_at": now + 24 * 3600, "integration_identifier": null,
        "invoice": null, "invoice_creation": null, "livemode": livemode, "locale": null, "managed_payments": null,
        "metadata": {}, "mode": "payment", "origin_context": null, "payment_intent": null, "payment_link": null,
        "payment_method_collection": "if_required", "payment_method_configuration_details": null,
        "payment_method_options": {}, "payment_method_types": ["card"], "payment_status": "unpaid",
        "permissions": null, "phone_number_collection": {"enabled": false}, "recovered_from": null,
        "saved_payment_method_options": null, "setup_intent": null, "shipping_address_collection": null,
        "shipping_cost": null, "shipping_options": [], "status": "open", "submit_type": null,
        "subscription": null, "success_url": "https://shop.example/thanks", "total_details": {
            "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0,
        },
        "ui_mode": "hosted", "url": format!("https://checkout.stripe.com/c/pay/{id}"), "wallet_options": null,
    })
}
