//! The kinds of alerts, and what the ERP calls each.

use super::{declines, endpoint, expiry, missing_features, secret_rotation, setting_errors};

pub const PARKED: &str = "parked";
pub const UNALLOCATED: &str = "unallocated";
pub const UNKNOWN: &str = "receipt_unknown_to_stripe";
pub const PAUSED: &str = "paused";
pub const WENT_BACK: &str = "odoo_went_back";
pub const BOOKS: &str = "books";
pub const SILENT: &str = "no_webhooks";

/// What an alert is about, in a few words.
pub fn alert_title(kind: &str) -> &'static str {
    match kind {
        PARKED => "Stripe: events are parked",
        UNALLOCATED => "Stripe: receipts without an invoice",
        UNKNOWN => "Stripe: booked, and not at Stripe",
        PAUSED => "Stripe: nothing is booked",
        WENT_BACK => "Stripe: Odoo was set back",
        BOOKS => "Stripe: the books differ",
        SILENT => "Stripe: no webhooks come",
        secret_rotation::KIND => "Stripe: a signing secret is being rolled",
        expiry::KIND => "Stripe: a key or secret ends",
        endpoint::KIND => "Stripe: the webhook endpoint is off",
        declines::KIND => "Stripe: card after card is declined",
        missing_features::KIND => "Stripe: the pay page goes without something",
        setting_errors::KIND => "Stripe: a setting is wrong",
        _ => "Stripe: somebody is asked to look",
    }
}
