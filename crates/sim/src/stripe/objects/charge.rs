//! Charges.

use serde_json::{Value, json};

use super::payment_method;
use crate::stripe::object::Fields;

/// A charge of an amount with a payment method, `succeeded` and captured; the caller writes what is otherwise.
pub fn fresh(id: &str, now: i64, livemode: bool, amount: i64, currency: &str, method: &Value) -> Value {
    json!({
        "id": id, "object": "charge", "amount": amount, "amount_captured": amount, "amount_refunded": 0,
        "application": null, "application_fee": null, "application_fee_amount": null, "balance_transaction": null,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "QUITTANCE SIM", "captured": true, "created": now, "currency": currency,
        "customer": null, "description": null, "disputed": false, "failure_balance_transaction": null,
        "failure_code": null, "failure_message": null, "fraud_details": {}, "livemode": livemode, "metadata": {},
        "on_behalf_of": null, "outcome": outcome("authorized", "approved_by_network", None), "paid": true,
        "payment_intent": null, "payment_method": null, "payment_method_details": payment_method::details(method),
        "radar_options": {}, "receipt_email": null, "receipt_number": null, "receipt_url": null, "refunded": false,
        "review": null, "shipping": null, "source": null, "source_transfer": null, "statement_descriptor": null,
        "statement_descriptor_suffix": null, "status": "succeeded", "transfer_data": null, "transfer_group": null,
    })
}

/// What a charge takes over from its PaymentIntent when it is made.
pub fn inherit(charge: &mut Value, intent: &Value) {
    charge.put("payment_intent", intent.text("id"));
    for field in [
        "application",
        "application_fee_amount",
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

/// How much of a charge may still be refunded: what was captured and has not gone back.
pub fn refundable(charge: &Value) -> i64 {
    charge.int("amount") - charge.int("amount_refunded")
}

/// Why the network, or Radar before it, let a charge through or not.
pub fn outcome(kind: &str, network: &str, reason: Option<&str>) -> Value {
    json!({
        "advice_code": null, "network_advice_code": null, "network_decline_code": null, "network_status": network,
        "reason": reason, "risk_level": "normal", "seller_message": null, "type": kind,
    })
}

/// Radar stopped it: the card's bank was never asked.
pub fn blocked() -> Value {
    let mut outcome = outcome("blocked", "not_sent_to_network", Some("highest_risk_level"));
    outcome.put("risk_level", "highest");
    outcome
}

/// Says in a charge's details that the payer was asked and answered well.
pub fn authenticated(charge: &mut Value) {
    charge["payment_method_details"]["card"]["three_d_secure"] = json!({
        "authentication_flow": "challenge", "electronic_commerce_indicator": "05", "exemption_indicator": null,
        "result": "authenticated", "result_reason": null, "transaction_id": null, "version": "2.2.0",
    });
}
