//! A payer at the pay page's API: one charge an invoice, whatever happens on the way.

#[path = "../common/mod.rs"]
mod common;

mod amounts;
mod between;
mod brake;
mod crash;
mod customer;
mod doors;
mod lost_ledger;
mod one_charge;
mod optional;
mod pay_page;
mod status;
mod stripe_trouble;
mod tidy;
mod wallet;
