//! API objects are JSON values whose every field is there; this reads and writes them without ceremony.

use serde_json::{Value, json};

/// Fields of a JSON object. Absent and null read as the empty value of the type asked for.
pub trait Fields {
    fn text(&self, key: &str) -> &str;
    fn maybe(&self, key: &str) -> Option<&str>;
    fn int(&self, key: &str) -> i64;
    fn flag(&self, key: &str) -> bool;
    fn put(&mut self, key: &str, value: impl Into<Value>);
}

impl Fields for Value {
    fn text(&self, key: &str) -> &str {
        self.maybe(key).unwrap_or_default()
    }
    fn maybe(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_str)
    }
    fn int(&self, key: &str) -> i64 {
        self.get(key).and_then(Value::as_i64).unwrap_or_default()
    }
    fn flag(&self, key: &str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or_default()
    }
    fn put(&mut self, key: &str, value: impl Into<Value>) {
        if let Some(fields) = self.as_object_mut() {
            fields.insert(key.to_owned(), value.into());
        }
    }
}

/// The paths under which kinds of objects are read: `(object, path)`.
pub const PATHS: [(&str, &str); 18] = [
    ("payment_intent", "/v1/payment_intents"),
    ("charge", "/v1/charges"),
    ("customer", "/v1/customers"),
    ("invoice", "/v1/invoices"),
    ("invoice_payment", "/v1/invoice_payments"),
    ("balance_transaction", "/v1/balance_transactions"),
    ("refund", "/v1/refunds"),
    ("dispute", "/v1/disputes"),
    ("payout", "/v1/payouts"),
    ("topup", "/v1/topups"),
    ("transfer", "/v1/transfers"),
    ("application_fee", "/v1/application_fees"),
    ("checkout.session", "/v1/checkout/sessions"),
    ("event", "/v1/events"),
    ("webhook_endpoint", "/v1/webhook_endpoints"),
    ("payment_method", "/v1/payment_methods"),
    ("payment_method_domain", "/v1/payment_method_domains"),
    ("account", "/v1/accounts"),
];

/// Where an object is read, `/v1/payment_intents/pi_…`; `None` for a kind without a path.
pub fn url_of(object: &Value) -> Option<String> {
    let kind = object.text("object");
    let (_, path) = PATHS.iter().find(|(name, _)| *name == kind)?;
    Some(format!("{path}/{}", object.text("id")))
}

/// A list envelope.
pub fn list(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    json!({"object": "list", "url": url, "has_more": has_more, "data": data})
}

/// Six empty fields.
pub fn empty_address() -> Value {
    json!({"city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null})
}
