//! What a payer wants, and what came of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::stripe::method::Method;

/// A payment to be made. Amounts are minor units.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pay {
    pub amount: i64,
    pub currency: String,
    pub method: Method,
    /// Authorize only; [`crate::stripe::Stripe::capture`] takes the money.
    pub manual_capture: bool,
    pub metadata: BTreeMap<String, String>,
    pub description: Option<String>,
    /// An existing `cus_…`.
    pub customer: Option<String>,
    /// Stripe invoices that it pays. The first takes the amount that the others leave.
    pub invoices: Vec<Bill>,
    /// A checkout session that it goes through.
    pub checkout: Option<Checkout>,
    /// A charge without a PaymentIntent, as old integrations make them.
    pub bare_charge: bool,
    /// What a platform takes, minor units of `currency`.
    pub application_fee: Option<i64>,
    /// A connected account; else the own one.
    pub account: Option<String>,
    /// Else as the settings say.
    pub livemode: Option<bool>,
}

/// A Stripe invoice.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Bill {
    /// Minor units; 0 is the rest of the payment.
    pub amount: i64,
    pub number: Option<String>,
    pub customer: Option<String>,
    pub description: Option<String>,
    pub metadata: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Checkout {
    pub client_reference_id: Option<String>,
    pub metadata: BTreeMap<String, String>,
}

/// What a payment made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Paid {
    /// `pi_…`; empty for a bare charge.
    pub payment_intent: String,
    /// `ch_…`; empty when no attempt got as far.
    pub charge: String,
    /// The PaymentIntent's status, or the charge's.
    pub status: String,
    /// `in_…`
    pub invoices: Vec<String>,
    /// `cs_…`
    pub checkout_session: Option<String>,
}

impl Pay {
    /// A card payment.
    pub fn card(amount: i64, currency: &str) -> Self {
        Self { amount, currency: currency.to_owned(), ..Self::default() }
    }
}

/// The payment as parameters of the API.
pub(super) fn form(pay: &Pay) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("amount", &pay.amount.to_string()).append_pair("currency", &pay.currency);
    if pay.manual_capture {
        form.append_pair("capture_method", "manual");
    }
    if let Some(fee) = pay.application_fee {
        form.append_pair("application_fee_amount", &fee.to_string());
    }
    for (name, value) in [("description", &pay.description), ("customer", &pay.customer)] {
        if let Some(value) = value {
            form.append_pair(name, value);
        }
    }
    for (key, value) in &pay.metadata {
        form.append_pair(&format!("metadata[{key}]"), value);
    }
    form.finish()
}
