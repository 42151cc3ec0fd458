//! Charges.

use serde_json::{Value, json};

use crate::stripe::object::{Fields, empty_address};

/// A charge of an amount, `succeeded` and captured; the caller writes what is otherwise.
pub fn fresh(id: &str, now: i64, livemode: bool, amount: i64, currency: &str, method: &str) -> Value {
    json!({
        "id": id, "object": "charge", "amount": amount, "amount_captured": amount, "amount_refunded": 0,
        "application": null, "application_fee": null, "application_fee_amount": null, "balance_transaction": null,
        "billing_details": {"address": empty_address(), "email": null, "name": null, "phone": null, "tax_id": null},
        "calculated_statement_descriptor": "QUITTANCE SIM", "captured": true, "created": now, "currency": currency,
        "customer": null, "description": null, "disputed": false, "failure_balance_transaction": null,
        "failure_code": null, "failure_message": null, "fraud_details": {}, "livemode": livemode, "metadata": {},
        "on_behalf_of": null, "outcome": outcome("authorized", "approved_by_network", None), "paid": true,
        "payment_intent": null, "payment_method": null, "payment_method_details": details(method),
        "radar_options": {}, "receipt_email": null, "receipt_number": null, "receipt_url": null, "refunded": false,
        "review": null, "shipping": null, "source": null, "source_transfer": null, "statement_descriptor": null,
        "statement_descriptor_suffix": null, "status": "succeeded", "transfer_data": null, "transfer_group": null,
    })
}

/// What a charge takes over from its PaymentIntent when it is made.
pub fn inherit(charge: &mut Value, intent: &Value) {
    charge.put("payment_intent", intent.text("id"));
    for field in [
        "customer",
        "description",
        "metadata",
        "receipt_email",
        "shipping",
        "transfer_group",
        "on_behalf_of",
        "payment_method",
        "statement_descriptor_suffix",
    ] {
        charge.put(field, intent.get(field).cloned().unwrap_or_default());
    }
}

pub fn outcome(kind: &str, network: &str, reason: Option<&str>) -> Value {
    json!({
        "advice_code": null, "network_advice_code": null, "network_decline_code": null, "network_status": network,
        "reason": reason, "risk_level": "normal", "seller_message": null, "type": kind,
    })
}

fn details(method: &str) -> Value {
    match method {
        "card" => json!({"type": "card", "card": {
            "amount_authorized": null, "authorization_code": null, "brand": "visa", "country": "US",
            "checks": {"address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass"},
            "electronic_commerce_indicator": null, "exp_month": 12, "exp_year": 2034, "fingerprint": "simFingerprint01", "funding": "credit",
            "installments": null, "last4": "4242", "mandate": null, "network": "visa",
            "network_token": {"used": false}, "network_transaction_id": null, "regulated_status": "unregulated",
            "three_d_secure": null, "transaction_link_id": null,
            "wallet": null,
        }}),
        other => json!({"type": other, other: {
            "account_holder_type": "individual", "account_type": "checking", "bank_name": "STRIPE TEST BANK",
            "fingerprint": "simFingerprint02", "last4": "6789", "payment_reference": null,
            "routing_number": "110000000",
        }}),
    }
}
