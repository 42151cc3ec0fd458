//! One file per kind of object: the shape it is born with. Every field that the API version always sends is
//! there; the test below holds them against the published list.

pub(super) mod account;
pub(super) mod application_fee;
pub(super) mod balance;
pub(super) mod balance_transaction;
pub(super) mod charge;
pub(super) mod checkout_session;
pub(super) mod customer;
pub(super) mod customer_session;
pub(super) mod dispute;
pub(super) mod invoice;
pub(super) mod invoice_payment;
pub(super) mod payment_intent;
pub(super) mod payment_method;
pub(super) mod payment_method_domain;
pub(super) mod payout;
pub(super) mod refund;
pub(super) mod topup;
pub(super) mod transfer;
pub(super) mod webhook_endpoint;

#[cfg(test)]
pub(super) mod shapes;
