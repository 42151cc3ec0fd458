//! PaymentIntents.

use serde_json::{Value, json};

/// A new one, `requires_payment_method`.
pub fn fresh(id: &str, secret: &str, now: i64, livemode: bool, amount: i64, currency: &str) -> Value {
    json!({
        "id": id, "object": "payment_intent", "allowed_payment_method_types": null, "amount": amount,
        "amount_capturable": 0, "amount_details": {"tip": {}}, "amount_received": 0, "application": null,
        "application_fee_amount": null, "automatic_payment_methods": {"enabled": true, "allow_redirects": "always"},
        "canceled_at": null, "cancellation_reason": null, "capture_method": "automatic_async",
        "client_secret": format!("{id}_secret_{secret}"), "confirmation_method": "automatic", "created": now,
        "currency": currency, "customer": null, "customer_account": null, "description": null,
        "excluded_payment_method_types": null, "last_payment_error": null, "latest_charge": null,
        "livemode": livemode, "managed_payments": null, "metadata": {}, "next_action": null, "on_behalf_of": null,
        "payment_method": null, "payment_method_configuration_details": null,
        "payment_method_options": {"card": {
            "installments": null, "mandate_options": null, "network": null, "request_three_d_secure": "automatic",
        }},
        "payment_method_types": types(currency), "payment_record": null, "processing": null,
        "receipt_email": null, "review": null, "setup_future_usage": null, "shipping": null, "source": null,
        "statement_descriptor": null, "statement_descriptor_suffix": null, "status": "requires_payment_method",
        "transfer_data": null, "transfer_group": null,
    })
}

/// Which methods an account offers for a currency: cards, and a debit where there is one.
pub fn types(currency: &str) -> Vec<&'static str> {
    match currency {
        "usd" => vec!["card", "us_bank_account"],
        "eur" => vec!["card", "sepa_debit"],
        _ => vec!["card"],
    }
}
