//! The types of events that are read, with the object that each is about, and those that say nothing of money.

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

/// The object to fetch, by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    PaymentIntent(String),
    Charge(String),
    CheckoutSession(String),
    Invoice(String),
    InvoicePayment(String),
    Refund(String),
    /// A charge that failed, for what was taken back.
    Failure(String),
    Dispute(String),
    Payout(String),
}

impl Target {
    /// Nothing but the receipt of a payment comes of it.
    pub(super) fn only_leads_to_receipt(&self) -> bool {
        matches!(
            self,
            Self::PaymentIntent(_)
                | Self::Charge(_)
                | Self::CheckoutSession(_)
                | Self::Invoice(_)
                | Self::InvoicePayment(_)
        )
    }
}

/// The object that an event of this type is about; `None` for a type that is not read.
pub(super) fn target(kind: &str, id: &str) -> Option<Target> {
    let id = id.to_owned();
    let mut words = kind.split('.').filter(|_| EVENT_TYPES.contains(&kind));
    Some(match (words.next()?, words.next()?) {
        ("payment_intent", _) => Target::PaymentIntent(id),
        ("charge", "dispute") => Target::Dispute(id),
        ("charge", "failed") => Target::Failure(id),
        ("charge", _) => Target::Charge(id),
        ("checkout", _) => Target::CheckoutSession(id),
        ("invoice", _) => Target::Invoice(id),
        ("invoice_payment", _) => Target::InvoicePayment(id),
        ("refund", _) => Target::Refund(id),
        ("payout", _) => Target::Payout(id),
        _ => return None,
    })
}
