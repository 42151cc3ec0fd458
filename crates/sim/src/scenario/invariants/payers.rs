//! Money is of whoever paid it: no contact of the ERP has another's receipt, or another's customer at Stripe.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{InvariantResult, Violation};
use crate::scenario::{Payment, Scenario};

/// A receipt of a payment that says when its invoice was made is of that invoice's contact, or of nobody that is known.
pub fn receipts_are_of_who_paid(scenario: &Scenario) -> InvariantResult {
    let odoo = scenario.world.odoo.borrow();
    let nobody = odoo.quittance("partner_unallocated").map(|(_, id)| id);
    for receipt in odoo.payments().into_iter().filter(|receipt| Some(receipt.partner) != nobody) {
        let id = receipt.memo.split(' ').next().unwrap_or_default();
        let payer = scenario.payments.iter().find(|p| p.id == id && p.dated).and_then(|p| payer(scenario, p));
        let name = odoo.field_value("res.partner", receipt.partner, "name");
        if payer.is_some_and(|payer| name != payer) {
            let detail = format!("{} of {payer:?} is a receipt of {name}", receipt.memo);
            return Err(Violation::new("receipts are of who paid", detail));
        }
    }
    Ok(())
}

/// The contact that a customer of Stripe's is tied to is the one that it was made for.
pub fn customers_are_of_their_contacts(scenario: &Scenario) -> InvariantResult {
    let stripe = scenario.world.stripe.borrow();
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let customers = stripe.everywhere("customer");
    let names: BTreeMap<String, String> = customers.iter().map(|row| (text(row, "id"), text(row, "name"))).collect();
    for (customer, contact) in scenario.world.odoo.borrow().customers() {
        let id = customer.rsplit(':').next().unwrap_or_default();
        if names.get(id).is_some_and(|name| *name != contact) {
            let detail = format!("{customer} is {:?}, and tied to {contact}", names.get(id));
            return Err(Violation::new("customers are of their contacts", detail));
        }
    }
    Ok(())
}

fn payer<'a>(scenario: &'a Scenario, payment: &Payment) -> Option<&'a str> {
    scenario.invoices.get(payment.invoice?).map(|invoice| invoice.payer.as_str())
}
