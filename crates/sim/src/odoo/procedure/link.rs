//! The procedure `link_customer`: a contact learns which Stripe customer it is.

use serde_json::{Value, json};

use super::{guarded, text};
use crate::odoo::Odoo;
use crate::odoo::action::hash;
use crate::odoo::contacts::CUSTOMER;
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::rights::Session;

const PARTNER: &str = "res.partner";

/// Writes one field of contacts, whoever calls.
pub fn link_customer(odoo: &mut Odoo, who: &Session, code: &str, input: &Value) -> Result<Value> {
    guarded(odoo, who)?;
    let mut links = input.get("links").and_then(Value::as_array).cloned().unwrap_or_default();
    links.sort_by_key(partner);
    let told: Vec<Value> =
        links.iter().map(|one| json!({"partner": partner(one), "status": link(odoo, one)})).collect();
    Ok(json!({"v": super::FORM, "hash": hash(code), "links": told}))
}

fn partner(link: &Value) -> i64 {
    link.get("partner").and_then(num::int).unwrap_or_default()
}

fn link(odoo: &mut Odoo, one: &Value) -> &'static str {
    let (id, account, customer) = (partner(one), text(one, "account"), text(one, "customer"));
    if !is_id(account, "acct_") || !is_id(customer, "cus_") {
        return "refused";
    }
    if odoo.store.get(PARTNER, id).is_none() {
        return "gone";
    }
    odoo.store.tie(&format!("quittance.cus:{account}:{customer}"), PARTNER, id, true);
    if odoo.field(PARTNER, CUSTOMER).is_none() {
        return "no_field";
    }
    odoo.store.set(PARTNER, id, CUSTOMER, json!(customer));
    "written"
}

fn is_id(text: &str, prefix: &str) -> bool {
    let rest = text.strip_prefix(prefix).filter(|_| text.len() < 256);
    rest.is_some_and(|rest| {
        rest.chars().any(|c| c != '_') && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}
