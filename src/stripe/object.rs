//! Stripe's objects, as far as they decide a booking. Unknown fields are skipped; fields that differ between API
//! versions or with `expand` are read either way. Source: the field list of API version 2026-10-28.endive.

use serde::Deserialize;

use super::balance::object::Txn;
use super::json::{Id, Identified, List, Metadata, Ref, Text, not_negative};
use crate::money::Currency;

/// `pi_…`.
#[derive(Debug, Deserialize)]
pub struct PaymentIntent<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    pub status: Text<'a>,
    pub livemode: bool,
    #[serde(deserialize_with = "not_negative")]
    pub amount: i64,
    #[serde(default, deserialize_with = "not_negative")]
    pub amount_received: i64,
    pub currency: Currency,
    pub customer: Option<Ref<'a, Id<'a>>>,
    /// In place of a customer where the payer is an account (`acct_…`).
    pub customer_account: Option<Text<'a>>,
    pub latest_charge: Option<ChargeRef<'a>>,
    pub payment_method: Option<Ref<'a, Id<'a>>>,
    #[serde(default)]
    pub metadata: Metadata<'a>,
    pub description: Option<Text<'a>>,
    pub statement_descriptor: Option<Text<'a>>,
    pub statement_descriptor_suffix: Option<Text<'a>>,
    pub cancellation_reason: Option<Text<'a>>,
    pub last_payment_error: Option<PaymentError<'a>>,
    pub payment_details: Option<PaymentDetails<'a>>,
}

/// Why the last attempt failed; its message is for the payer and is not read.
#[derive(Debug, Deserialize)]
pub struct PaymentError<'a> {
    #[serde(borrow)]
    pub decline_code: Option<Text<'a>>,
    pub code: Option<Text<'a>>,
    pub r#type: Option<Text<'a>>,
}

/// What the merchant calls the payment.
#[derive(Debug, Deserialize)]
pub struct PaymentDetails<'a> {
    #[serde(borrow)]
    pub order_reference: Option<Text<'a>>,
    pub customer_reference: Option<Text<'a>>,
}

/// `ch_…` or `py_…`.
#[derive(Debug, Deserialize)]
pub struct Charge<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    pub status: Text<'a>,
    pub livemode: bool,
    pub created: i64,
    /// What was authorized; more than what was captured when the rest was released.
    #[serde(default, deserialize_with = "not_negative")]
    pub amount: i64,
    #[serde(default, deserialize_with = "not_negative")]
    pub amount_captured: i64,
    /// In older API versions with what was released.
    #[serde(default, deserialize_with = "not_negative")]
    pub amount_refunded: i64,
    #[serde(default)]
    pub captured: bool,
    /// Nothing is left to refund.
    #[serde(default)]
    pub refunded: bool,
    pub currency: Currency,
    pub customer: Option<Ref<'a, Id<'a>>>,
    pub payment_intent: Option<IntentRef<'a>>,
    /// Also `card_…` or `src_…` of the APIs before PaymentMethods.
    pub payment_method: Option<Text<'a>>,
    pub balance_transaction: Option<Ref<'a, BalanceTransaction<'a>>>,
    pub failure_code: Option<Text<'a>>,
    /// What took the money back when a delayed method failed.
    pub failure_balance_transaction: Option<Ref<'a, Box<Txn<'a>>>>,
    /// The newest ten, the newest first; only where asked for.
    pub refunds: Option<List<Refund<'a>>>,
    #[serde(default)]
    pub metadata: Metadata<'a>,
    pub description: Option<Text<'a>>,
}

/// `re_…` or `pyr_…`.
#[derive(Debug, Deserialize)]
pub struct Refund<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    #[serde(deserialize_with = "not_negative")]
    pub amount: i64,
    pub currency: Currency,
    pub created: i64,
    pub status: Option<Text<'a>>,
    pub reason: Option<Text<'a>>,
    pub failure_reason: Option<Text<'a>>,
    pub charge: Option<ChargeRef<'a>>,
    pub payment_intent: Option<Ref<'a, Id<'a>>>,
    pub balance_transaction: Option<Ref<'a, BalanceTransaction<'a>>>,
    pub failure_balance_transaction: Option<Ref<'a, BalanceTransaction<'a>>>,
}

impl Identified for Refund<'_> {
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

/// `txn_…`: only when the money moved, and as what; amounts are [`Txn`]'s matter.
#[derive(Debug, Deserialize)]
pub struct BalanceTransaction<'a> {
    pub created: i64,
    #[serde(borrow, default)]
    pub reporting_category: Option<Text<'a>>,
}

/// `cs_…`.
#[derive(Debug, Deserialize)]
pub struct CheckoutSession<'a> {
    #[serde(borrow)]
    pub mode: Option<Text<'a>>,
    pub payment_status: Option<Text<'a>>,
    pub payment_intent: Option<IntentRef<'a>>,
    pub invoice: Option<Ref<'a, Id<'a>>>,
    pub client_reference_id: Option<Text<'a>>,
    #[serde(default)]
    pub metadata: Metadata<'a>,
}

/// `in_…`.
#[derive(Debug, Deserialize)]
pub struct Invoice<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    pub number: Option<Text<'a>>,
    pub total: Option<i64>,
    pub amount_due: Option<i64>,
    #[serde(default)]
    pub metadata: Metadata<'a>,
    pub description: Option<Text<'a>>,
    pub custom_fields: Option<Vec<CustomField<'a>>>,
}

/// A name and value that the merchant prints on its invoices, such as a purchase order's number.
#[derive(Debug, Deserialize)]
pub struct CustomField<'a> {
    #[serde(borrow)]
    pub value: Option<Text<'a>>,
}

/// `inpay_…`: one payment towards one invoice.
#[derive(Debug, Deserialize)]
pub struct InvoicePayment<'a> {
    #[serde(borrow)]
    pub status: Option<Text<'a>>,
    pub invoice: Option<Ref<'a, Invoice<'a>>>,
    pub payment: Option<InvoicePaymentOf<'a>>,
    pub status_transitions: Option<StatusTransitions>,
}

/// When an invoice payment was paid, seconds since 1970 UTC.
#[derive(Debug, Deserialize)]
pub struct StatusTransitions {
    pub paid_at: Option<i64>,
}

/// By what: a PaymentIntent, a charge, or (`payment_record`) money that did not pass through Stripe.
#[derive(Debug, Deserialize)]
pub struct InvoicePaymentOf<'a> {
    #[serde(borrow)]
    pub payment_intent: Option<IntentRef<'a>>,
    pub charge: Option<ChargeRef<'a>>,
}

pub type InvoicePayments<'a> = List<InvoicePayment<'a>>;
pub type CheckoutSessions<'a> = List<CheckoutSession<'a>>;

/// Boxed: a PaymentIntent holds a charge, and a charge its PaymentIntent.
pub type IntentRef<'a> = Ref<'a, Box<PaymentIntent<'a>>>;
pub type ChargeRef<'a> = Ref<'a, Box<Charge<'a>>>;

impl Identified for PaymentIntent<'_> {
    fn id(&self) -> &str {
        self.id.as_str()
    }
}
impl Identified for Charge<'_> {
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl PaymentError<'_> {
    /// The most exact code there is.
    pub fn reason(&self) -> Option<&str> {
        [&self.decline_code, &self.code, &self.r#type].into_iter().flatten().next().map(Text::as_str)
    }
}
