//! THE table: where the gross of a balance transaction stands, by its type and reporting category. The types are those
//! of API version 2026-10-28.endive. Source: docs.stripe.com/reports/balance-transaction-types and
//! /reports/reporting-categories.

use crate::movement::Counter;

/// Where the gross stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// In clearing, against a document of its source.
    Document(SettledDocument),
    /// On an account of its own, without a document.
    Account(Counter),
}

/// Which document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettledDocument {
    /// The receipt of a charge.
    Charge,
    /// The same: what an authorization held beyond its capture goes back, so that both together are the receipt.
    Release,
    /// A charge that failed after it had paid.
    Failure,
    Refund,
    /// A refund that came back.
    RefundFailure,
    /// Disputed money, taken or given back.
    Dispute,
}

use Counter::{Connected, Fees, Loan, Reserves, Suspense, Transit};
use Route::{Account, Document};
use SettledDocument::{Charge, Dispute, Failure, Refund, RefundFailure, Release};

/// Every type that Stripe knows. `adjustment` is told by its category alone.
pub const TYPES: &[(&str, Route)] = &[
    ("adjustment", Account(Suspense)),
    ("advance", Account(Loan)),
    ("advance_funding", Account(Loan)),
    ("anticipation_repayment", Account(Loan)),
    ("application_fee", Account(Suspense)),
    ("application_fee_refund", Account(Suspense)),
    ("charge", Document(Charge)),
    ("climate_order_purchase", Account(Suspense)),
    ("climate_order_refund", Account(Suspense)),
    ("connect_collection_transfer", Account(Connected)),
    ("contribution", Account(Suspense)),
    ("fee_credit_funding", Account(Suspense)),
    ("inbound_transfer", Account(Suspense)),
    ("inbound_transfer_reversal", Account(Suspense)),
    ("issuing_authorization_hold", Account(Suspense)),
    ("issuing_authorization_release", Account(Suspense)),
    ("issuing_dispute", Account(Suspense)),
    ("issuing_dispute_provisional_credit", Account(Suspense)),
    ("issuing_dispute_provisional_credit_reversal", Account(Suspense)),
    ("issuing_transaction", Account(Suspense)),
    ("obligation_outbound", Account(Suspense)),
    ("obligation_reversal_inbound", Account(Suspense)),
    ("payment", Document(Charge)),
    ("payment_failure_refund", Document(Failure)),
    ("payment_network_reserve_hold", Account(Reserves)),
    ("payment_network_reserve_release", Account(Reserves)),
    ("payment_refund", Document(Refund)),
    ("payment_reversal", Document(Failure)),
    ("payment_unreconciled", Account(Suspense)),
    ("payout", Account(Transit)),
    ("payout_cancel", Account(Transit)),
    ("payout_failure", Account(Transit)),
    // Held back from one payout and released with a later one.
    ("payout_minimum_balance_hold", Account(Reserves)),
    ("payout_minimum_balance_release", Account(Reserves)),
    ("refund", Document(Refund)),
    ("refund_failure", Document(RefundFailure)),
    ("reserve_hold", Account(Reserves)),
    ("reserve_release", Account(Reserves)),
    ("reserve_transaction", Account(Reserves)),
    ("reserved_funds", Account(Reserves)),
    ("stripe_balance_payment_debit", Account(Suspense)),
    ("stripe_balance_payment_debit_reversal", Account(Suspense)),
    ("stripe_fee", Account(Fees)),
    ("stripe_fx_fee", Account(Fees)),
    ("tax_fee", Account(Fees)),
    ("tax_fund", Account(Suspense)),
    ("topup", Account(Transit)),
    ("topup_reversal", Account(Transit)),
    ("transfer", Account(Connected)),
    ("transfer_cancel", Account(Connected)),
    ("transfer_failure", Account(Connected)),
    ("transfer_refund", Account(Connected)),
];

/// What an `adjustment` is. A category that is not here says nothing: suspense.
pub const ADJUSTMENTS: &[(&str, Route)] = &[
    ("advance", Account(Loan)),
    ("advance_funding", Account(Loan)),
    ("anticipation_repayment", Account(Loan)),
    ("charge_failure", Document(Failure)),
    ("connect_reserved_funds", Account(Reserves)),
    ("dispute", Document(Dispute)),
    ("dispute_reversal", Document(Dispute)),
    ("fee", Account(Fees)),
    ("financing_paydown", Account(Loan)),
    ("financing_paydown_reversal", Account(Loan)),
    ("financing_payout", Account(Loan)),
    ("financing_payout_reversal", Account(Loan)),
    ("network_cost", Account(Fees)),
    ("payment_network_reserved_funds", Account(Reserves)),
    ("payout_reversal", Account(Transit)),
    ("refund_failure", Document(RefundFailure)),
    ("risk_reserved_funds", Account(Reserves)),
    ("topup_reversal", Account(Transit)),
    ("transfer_reversal", Account(Connected)),
];

/// The route of a balance transaction. `overrides` are the user's: type or category, and the account; a type is looked
/// for before a category. What settles a document stays in clearing whatever they say, else the document would stand
/// there for ever.
pub fn route(kind: &str, category: &str, overrides: &[(String, Counter)]) -> Route {
    let listed = |table: &[(&str, Route)], name: &str| table.iter().find(|(n, _)| *n == name).map(|(_, route)| *route);
    let route = match kind {
        "adjustment" => listed(ADJUSTMENTS, category),
        "refund" | "payment_refund" if category == "partial_capture_reversal" => Some(Document(Release)),
        _ => listed(TYPES, kind),
    };
    match route.unwrap_or(Account(Suspense)) {
        Account(counter) => Account(overridden_counter(kind, category, overrides).unwrap_or(counter)),
        document => document,
    }
}

/// The account that the user says, by type, else by category.
pub fn overridden_counter(kind: &str, category: &str, overrides: &[(String, Counter)]) -> Option<Counter> {
    let of = |name: &str| overrides.iter().find(|(n, _)| n == name).map(|(_, counter)| *counter);
    of(kind).or_else(|| of(category))
}
