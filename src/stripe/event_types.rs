//! The types of events that are read, and those that say nothing of money.

/// The event types read, no more: the webhook endpoint is made with them and recovery asks for them.
pub const EVENT_TYPES: &[&str] = &[
    "payment_intent.succeeded",
    "payment_intent.processing",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "payment_intent.requires_action",
    "payment_intent.partially_funded",
    "charge.succeeded",
    "charge.captured",
    "charge.updated",
    "charge.failed",
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "invoice.paid",
    "invoice_payment.paid",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "payout.created",
    "payout.updated",
    "payout.paid",
    "payout.failed",
    "payout.canceled",
    "payout.reconciliation_completed",
    "topup.succeeded",
    "topup.failed",
    "topup.reversed",
];

/// Types that say nothing of money, or only before it moves, or what another type says better (of refunds `refund.…`):
/// an endpoint that sends everything sends them too.
pub(super) const NO_MONEY: &[&str] = &[
    "payment_intent.created",
    "payment_intent.amount_capturable_updated",
    "charge.pending",
    "charge.expired",
    "charge.refunded",
    "charge.refund.updated",
    "checkout.session.expired",
    "checkout.session.async_payment_failed",
    "topup.created",
    "topup.canceled",
];
