//! Never two customers for one commercial partner.

use quittance_sim::odoo::Invoice;
use quittance_sim::stripe::fault::{ApiFault, Trouble};
use serde_json::json;

use crate::pay_page::PayPage;

fn another_invoice(desk: PayPage, partner: &str) -> PayPage {
    PayPage::in_world(desk.world, &Invoice { partner, ..Invoice::of("55.00", "USD") })
}

fn field(desk: &PayPage) -> serde_json::Value {
    let odoo = desk.world.odoo.borrow();
    odoo.field_value("res.partner", odoo.payer(desk.invoice), "x_quittance_customer")
}

#[test]
fn one_is_made_linked_and_used_again() {
    let mut desk = PayPage::new();
    let first = desk.open();
    let customer = desk.retrieve(&first)["customer"].clone();
    assert_eq!(desk.customers(), ["Ada Payer ada@example.com"]);
    desk.settle();
    assert_eq!(field(&desk), customer, "the contact in Odoo names it");
    let before = desk.seen();
    let desk = another_invoice(desk, "Ada Payer");
    let second = desk.open();
    assert_eq!(desk.retrieve(&second)["customer"], customer);
    assert_eq!(desk.seen_since(before), ["POST /v1/payment_intents", &format!("GET /v1/payment_intents/{second}")]);
    desk.world.finish();
}

#[test]
fn with_an_empty_ledger_the_contact_in_odoo_names_it() {
    let mut desk = PayPage::new();
    let first = desk.open();
    let customer = desk.retrieve(&first)["customer"].clone();
    desk.settle();
    desk.world.db.query("DELETE FROM customers");
    let desk = another_invoice(desk, "Ada Payer");
    let second = desk.open();
    assert_eq!(desk.retrieve(&second)["customer"], customer);
    assert_eq!(desk.customers().len(), 1);
    desk.world.finish();
}

#[test]
fn with_an_empty_ledger_and_contact_a_search_finds_it() {
    let desk = PayPage::new();
    let first = desk.open();
    let customer = desk.retrieve(&first)["customer"].clone();
    desk.world.db.query("DELETE FROM customers");
    let mut desk = another_invoice(desk, "Ada Payer");
    let second = desk.open();
    assert_eq!(desk.retrieve(&second)["customer"], customer);
    assert_eq!(desk.customers().len(), 1);
    desk.settle();
    assert_eq!(field(&desk), customer);
    desk.world.finish();
}

#[test]
fn one_that_was_deleted_at_stripe_is_replaced() {
    let mut desk = PayPage::new();
    let first = desk.open();
    let old = desk.retrieve(&first)["customer"].as_str().unwrap().to_owned();
    desk.settle();
    desk.stripe("DELETE", &format!("/v1/customers/{old}"), "");
    let mut desk = another_invoice(desk, "Ada Payer");
    let second = desk.open();
    let new = desk.retrieve(&second)["customer"].as_str().unwrap().to_owned();
    assert_ne!(new, old);
    assert_eq!(desk.customers(), ["Ada Payer ada@example.com"]);
    desk.settle();
    assert_eq!(field(&desk), json!(new), "the contact follows");
    let desk = another_invoice(desk, "Ada Payer");
    let third = desk.open();
    assert_eq!(desk.retrieve(&third)["customer"], json!(new));
    desk.world.finish();
}

#[test]
fn another_e_mail_in_odoo_reaches_stripe() {
    let desk = PayPage::new();
    desk.open();
    let payer = desk.world.odoo.borrow().payer(desk.invoice);
    desk.world.odoo.borrow_mut().change_email(payer, "ada@new.example.com");
    let desk = another_invoice(desk, "Ada Payer");
    desk.open();
    assert_eq!(desk.customers(), ["Ada Payer ada@new.example.com"]);
    let before = desk.seen();
    let desk = another_invoice(desk, "Ada Payer");
    desk.open();
    assert_eq!(desk.seen_since(before), ["POST /v1/payment_intents"], "once");
    desk.world.finish();
}

/// Stripe does not know of the merge: the kept contact is not given the wallet of the one that is gone, and pays as himself.
#[test]
fn merged_partners_are_the_kept_ones_customer() {
    let mut desk = PayPage::new();
    let first = desk.open();
    let customer = desk.retrieve(&first)["customer"].clone();
    desk.settle();
    let old = desk.world.odoo.borrow().payer(desk.invoice);
    let desk = another_invoice(desk, "Ada L. Payer");
    let new = desk.world.odoo.borrow().payer(desk.invoice);
    desk.world.odoo.borrow_mut().merge_partners(old, new);
    // Odoo's merge gives the kept contact what it lacked.
    desk.world.odoo.borrow_mut().poke("res.partner", new, "x_quittance_customer", customer.clone());
    let second = desk.open();
    let own = desk.retrieve(&second)["customer"].clone();
    assert!(own.is_string() && own != customer, "{own}");
    let mut desk = desk;
    desk.settle();
    assert_eq!(field(&desk), own);
    let desk = another_invoice(desk, "Ada L. Payer");
    let third = desk.open();
    assert_eq!((&desk.retrieve(&third)["customer"], desk.customers().len()), (&own, 2));
    desk.world.finish();
}

/// The invoice went to somebody else: what the first one opened is not his to pay.
#[test]
fn an_invoice_of_another_partner_begins_anew() {
    let desk = PayPage::new();
    let first = desk.open();
    let other = desk.world.odoo.borrow_mut().invoice(&Invoice { partner: "Grace Buyer", ..Invoice::of("1.00", "USD") });
    let grace = desk.world.odoo.borrow().payer(other);
    for column in ["partner_id", "commercial_partner_id"] {
        desk.world.odoo.borrow_mut().poke("account.move", desk.invoice, column, json!(grace));
    }
    let second = desk.open();
    assert_eq!(desk.retrieve(&first)["status"], "canceled");
    assert_ne!(desk.retrieve(&second)["customer"], desk.retrieve(&first)["customer"]);
    let mut desk = desk;
    desk.settle();
    desk.world.finish();
}

#[test]
fn saved_cards_are_shown_only_where_the_setting_allows() {
    let mut desk = PayPage::new();
    assert_eq!(desk.ask(json!({})).1["payment"]["customer_session"], json!(null));
    desk.world.set("PAY_SAVED_CARDS", "true");
    let (_, answer) = desk.ask(json!({}));
    assert!(
        answer["payment"]["customer_session"].as_str().is_some_and(|secret| secret.starts_with("cuss_")),
        "{answer}"
    );
    desk.world.finish();
}

#[test]
fn a_receipt_goes_to_the_contact_only_where_the_setting_allows() {
    let mut desk = PayPage::new();
    desk.world.set("PAY_RECEIPT_EMAIL", "true");
    desk.world.set("PAY_REDIRECTS", "true");
    desk.world.set("PAY_STATEMENT_SUFFIX", "false");
    let made = desk.retrieve(&desk.open());
    assert_eq!(made["receipt_email"], "ada@example.com");
    assert_eq!(made["automatic_payment_methods"]["allow_redirects"], "always");
    assert_eq!(made["statement_descriptor_suffix"], json!(null));
    desk.world.finish();
}

/// A claim of earlier has an address that Stripe refuses and that was mended in Odoo meanwhile: what Odoo says now is sent.
#[test]
fn a_contact_that_was_mended_is_sent_as_it_is_now() {
    let mut desk = PayPage::new();
    desk.world.stripe.borrow_mut().faults.add(ApiFault::next("/v1/customers", Trouble::DropBefore));
    desk.open();
    assert_eq!(desk.customers().len(), 0, "paid without a customer");
    desk.world.db.query("UPDATE customers SET body = 'name=Ada&email=nobody' RETURNING key");
    desk = another_invoice(desk, "Ada Payer");
    desk.open();
    assert_eq!(desk.customers(), ["Ada Payer ada@example.com"]);
    desk.settle();
    desk.world.finish();
}
