//! Payouts, and the bank account that they go to.

use serde_json::{Value, json};

/// The one bank account of a simulated account.
pub const BANK: &str = "ba_1SimBankAccount";

/// A payout, `pending`; a negative amount is taken from the bank.
pub fn fresh(id: &str, now: i64, livemode: bool, amount: i64, currency: &str, arrival_date: i64) -> Value {
    json!({
        "id": id, "object": "payout", "amount": amount, "application_fee": null, "application_fee_amount": null,
        "arrival_date": arrival_date, "automatic": false, "balance_transaction": null, "created": now,
        "currency": currency, "description": "STRIPE PAYOUT", "destination": BANK,
        "failure_balance_transaction": null, "failure_code": null, "failure_message": null, "livemode": livemode,
        "metadata": {}, "method": "standard", "original_payout": null, "payout_method": null,
        "reconciliation_status": "not_applicable", "reversed_by": null, "source_type": "card",
        "statement_descriptor": null, "status": "pending", "trace_id": {"status": "pending", "value": null},
        "type": "bank_account",
    })
}

pub fn bank_account(account: &str, currency: &str) -> Value {
    json!({
        "id": BANK, "object": "bank_account", "account": account, "account_holder_name": null,
        "account_holder_type": "company", "account_type": null, "available_payout_methods": ["standard", "instant"],
        "bank_name": "STRIPE TEST BANK", "country": "US", "currency": currency, "default_for_currency": true,
        "fingerprint": "1JWtPxqbdX5Gamtz", "last4": "6789", "metadata": {}, "routing_number": "110000000",
        "status": "new",
    })
}
