//! Customers, for tests: their address, their language, and two of them becoming one.

use serde_json::{Value, json};

use super::Odoo;
use super::desk_actions::Invoice;
use super::num;

const PARTNER: &str = "res.partner";

/// What else points at a contact and moves along when it is merged.
const POINTERS: &[(&str, &str)] = &[
    ("account.move", "partner_id"),
    ("account.move", "commercial_partner_id"),
    ("account.move.line", "partner_id"),
    ("account.payment", "partner_id"),
    ("payment.transaction", "partner_id"),
    ("res.partner", "parent_id"),
];

impl Odoo {
    /// The customer of an invoice to make; one for each name.
    pub(super) fn contact(&mut self, wish: &Invoice<'_>) -> i64 {
        let known = self.store.find(PARTNER, "name", &json!(wish.partner));
        let id = match known {
            Some(id) => id,
            None => self.put(PARTNER, json!({"name": wish.partner, "active": true, "lang": "en_US"})),
        };
        for (column, value) in [("email", wish.email), ("lang", wish.lang)] {
            if !value.is_empty() {
                self.store.set(PARTNER, id, column, json!(value));
            }
        }
        id
    }

    /// The customer of an invoice.
    pub fn payer(&self, invoice: i64) -> i64 {
        self.store.int("account.move", invoice, "partner_id").unwrap_or_default()
    }

    /// The contact of this name.
    pub fn contact_named(&self, name: &str) -> Option<i64> {
        self.store.find(PARTNER, "name", &json!(name))
    }

    /// Stripe's customers (`acct_…:cus_…`) that contacts are tied to, each with the contact's name.
    pub fn customers(&self) -> Vec<(String, String)> {
        let names = self.store.named("quittance", "cus:");
        let tied = |name: &str| {
            let (_, partner) = self.store.xid(&format!("quittance.{name}")).filter(|(model, _)| model == PARTNER)?;
            Some((name.trim_start_matches("cus:").to_owned(), self.store.text(PARTNER, partner, "name").to_owned()))
        };
        names.filter_map(tied).collect()
    }

    /// Somebody changes a contact's address.
    pub fn change_email(&mut self, partner: i64, email: &str) {
        self.poke(PARTNER, partner, "email", json!(email));
    }

    /// Somebody merges two contacts: the second takes over all that the first had, external ids as well, and what it
    /// lacks itself; the first is deleted.
    pub fn merge_partners(&mut self, from: i64, into: i64) {
        for column in ["email", "lang", CUSTOMER] {
            let (theirs, own) = (self.store.value(PARTNER, from, column), self.store.value(PARTNER, into, column));
            if num::truthy(&theirs) && !num::truthy(&own) {
                self.store.set(PARTNER, into, column, theirs);
            }
        }
        for (model, column) in POINTERS {
            for id in self.store.find_all(model, column, &json!(from)) {
                self.store.set(model, id, column, json!(into));
            }
        }
        for row in self.store.find_all("ir.model.data", "res_id", &json!(from)) {
            if self.store.text("ir.model.data", row, "model") == PARTNER {
                self.store.set("ir.model.data", row, "res_id", json!(into));
            }
        }
        self.store.remove(PARTNER, from);
        self.store.commit();
    }

    /// Names, addresses and numbers of all customers who have an invoice; a supplier is no payer.
    pub fn payers(&self) -> Vec<String> {
        let sold = |id| self.store.text("account.move", id, "move_type").starts_with("out_");
        let payer = |id| self.store.int("account.move", id, "partner_id").filter(|_| sold(id));
        let payers: std::collections::BTreeSet<i64> =
            self.store.ids("account.move").into_iter().filter_map(payer).collect();
        let of = |id: &i64| {
            ["name", "email", "phone", "street"].map(|column| self.store.text(PARTNER, *id, column).to_owned())
        };
        let company = |id: i64| self.store.text("res.company", id, "name").to_owned();
        let companies: Vec<String> = self.store.ids("res.company").into_iter().map(company).collect();
        payers.iter().flat_map(of).filter(|text| !text.is_empty() && !companies.contains(text)).collect()
    }

    /// The token of an invoice's link, made when there is none.
    pub fn token(&mut self, invoice: i64) -> String {
        self.portal_url(invoice);
        self.store.commit();
        self.store.text("account.move", invoice, "access_token").to_owned()
    }

    /// The portal tokens of all invoices.
    pub fn tokens(&self) -> Vec<String> {
        let all = self.store.ids("account.move").into_iter();
        all.map(|id| self.store.text("account.move", id, "access_token").to_owned()).filter(|t| !t.is_empty()).collect()
    }

    /// `email_normalized`: the address alone, in lower case; null when there is none in the text.
    pub(super) fn address(&self, partner: i64) -> Value {
        let text = self.store.text(PARTNER, partner, "email");
        let inner = text.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(text, |(inner, _)| inner);
        let address = inner.trim().to_lowercase();
        let whole = address.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        if whole && !address.contains(char::is_whitespace) { json!(address) } else { Value::Null }
    }
}

pub const CUSTOMER: &str = "x_quittance_customer";
