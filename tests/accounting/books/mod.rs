//! The books: what each movement of money at Stripe becomes in Odoo 17, 18 and 19, account by account.

mod crash;
mod cutover;
mod doc;
mod entries;
mod fees;
mod laws;
mod mark;
mod payouts;
mod restore;
mod shop;
mod stories;
mod taxed;
mod view;
mod walk;
