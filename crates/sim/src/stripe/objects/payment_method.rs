//! Payment methods, and how a charge shows the one it was paid with.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::stripe::cards;
use crate::stripe::object::{Fields, empty_address};

/// A card that is nobody's yet. Of the number only the last four digits and a fingerprint stay.
pub fn card(id: &str, now: i64, livemode: bool, number: &str, expires: (i64, i64), cvc: bool) -> Value {
    let brand = cards::brand(number);
    let checks = json!({
        "address_line1_check": null, "address_postal_code_check": null,
        "cvc_check": if cvc { Value::from("unchecked") } else { Value::Null },
    });
    let card = json!({
        "brand": brand, "checks": checks, "country": "US", "display_brand": brand, "exp_month": expires.0,
        "exp_year": expires.1, "fingerprint": fingerprint(number), "funding": "credit", "generated_from": null,
        "last4": last4(number), "networks": {"available": [brand], "preferred": null},
        "regulated_status": "unregulated", "three_d_secure_usage": {"supported": true}, "wallet": null,
    });
    fresh(id, now, livemode, "card", card)
}

/// A bank account, American (`us_bank_account`) or by IBAN (`sepa_debit`).
pub fn debit(id: &str, now: i64, livemode: bool, kind: &str, account: &str) -> Value {
    let bank = if kind == "sepa_debit" {
        json!({
            "bank_code": account.get(4..12), "branch_code": null, "country": account.get(..2),
            "fingerprint": fingerprint(account), "generated_from": {"charge": null, "setup_attempt": null},
            "last4": last4(account),
        })
    } else {
        json!({
            "account_holder_type": "individual", "account_type": "checking", "bank_name": "STRIPE TEST BANK",
            "financial_connections_account": null, "fingerprint": fingerprint(account), "last4": last4(account),
            "networks": {"preferred": "ach", "supported": ["ach"]}, "routing_number": "110000000",
            "status_details": null,
        })
    };
    fresh(id, now, livemode, kind, bank)
}

fn fresh(id: &str, now: i64, livemode: bool, kind: &str, own: Value) -> Value {
    json!({
        "id": id, "object": "payment_method", "allow_redisplay": "unspecified",
        "billing_details": {"address": empty_address(), "email": null, "name": null, "phone": null, "tax_id": null},
        "created": now, "customer": null, "customer_account": null, "livemode": livemode, "metadata": {},
        "type": kind, kind: own,
    })
}

/// `payment_method_details` of a charge.
pub fn details(method: &Value) -> Value {
    let kind = method.text("type");
    let own = &method[kind];
    let shown = match kind {
        "card" => json!({
            "amount_authorized": null, "authorization_code": null, "brand": own["brand"],
            "checks": {
                "address_line1_check": null, "address_postal_code_check": null,
                "cvc_check": own["checks"].maybe("cvc_check").map(|_| "pass"),
            },
            "country": own["country"], "electronic_commerce_indicator": null, "exp_month": own["exp_month"],
            "exp_year": own["exp_year"], "fingerprint": own["fingerprint"], "funding": own["funding"],
            "installments": null, "last4": own["last4"], "mandate": null, "network": own["brand"],
            "network_token": {"used": false}, "network_transaction_id": null, "regulated_status": "unregulated",
            "three_d_secure": null, "transaction_link_id": null, "wallet": null,
        }),
        "sepa_debit" => json!({
            "bank_code": own["bank_code"], "branch_code": null, "country": own["country"],
            "expected_debit_date": null, "fingerprint": own["fingerprint"], "last4": own["last4"], "mandate": null,
        }),
        _ => json!({
            "account_holder_type": own["account_holder_type"], "account_type": own["account_type"],
            "bank_name": own["bank_name"], "fingerprint": own["fingerprint"], "last4": own["last4"],
            "payment_reference": null, "routing_number": own["routing_number"],
        }),
    };
    json!({"type": kind, kind: shown})
}

fn last4(number: &str) -> &str {
    number.get(number.len().saturating_sub(4)..).unwrap_or_default()
}

/// The same for the same number, and nothing can be read out of it but that.
fn fingerprint(number: &str) -> String {
    hex::encode(Sha256::digest(number)).chars().take(16).collect()
}
