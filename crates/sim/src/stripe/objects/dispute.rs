//! Disputes.

use serde_json::{Map, Value, json};

use crate::stripe::object::Fields;

/// What evidence may say; all of it is null until somebody sends some.
const EVIDENCE: &str = "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure \
    cancellation_rebuttal customer_communication customer_email_address customer_name customer_purchase_ip \
    customer_signature duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id \
    product_description receipt refund_policy refund_policy_disclosure refund_refusal_explanation service_date \
    service_documentation shipping_address shipping_carrier shipping_date shipping_documentation \
    shipping_tracking_number uncategorized_file uncategorized_text";

/// A dispute of so much of a charge that moves no money yet: an inquiry, `warning_needs_response`, or one that
/// `needs_response` until `due_by`.
pub fn fresh(id: &str, now: i64, charge: &Value, amount: i64, inquiry: bool, due_by: i64) -> Value {
    let mut evidence: Map<String, Value> = EVIDENCE.split_whitespace().map(|f| (f.to_owned(), Value::Null)).collect();
    evidence.insert("enhanced_evidence".to_owned(), json!({}));
    let mut made = json!({
        "id": id, "object": "dispute", "amount": amount, "balance_transactions": [], "charge": charge["id"],
        "created": now, "currency": charge["currency"], "enhanced_eligibility_types": [], "evidence": evidence,
        "evidence_details": {
            "due_by": due_by, "enhanced_eligibility": {}, "has_evidence": false, "past_due": false,
            "submission_count": 0, "submission_method": "not_submitted",
        },
        "intended_submission_method": null, "is_charge_refundable": inquiry, "livemode": charge["livemode"],
        "metadata": {}, "payment_intent": charge["payment_intent"], "reason": "general",
        "status": if inquiry { "warning_needs_response" } else { "needs_response" },
    });
    let card = &charge["payment_method_details"]["card"];
    if card.is_object() {
        made.put(
            "payment_method_details",
            json!({"type": "card", "card": {
                "brand": card["brand"], "case_type": if inquiry { "inquiry" } else { "chargeback" },
                "network": card["brand"], "network_reason_code": "10.4",
            }}),
        );
    }
    made
}
