//! The procedure `link_customer`: a contact learns which Stripe customer it is.

use serde_json::{Value, json};

use super::names::is_id;
use super::owner::Owner;
use super::{guarded, setup, text};
use crate::odoo::Odoo;
use crate::odoo::action::hash;
use crate::odoo::contacts::CUSTOMER;
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::rights::Session;

const PARTNER: &str = "res.partner";

/// Writes one field of contacts, whoever calls.
pub fn link_customer(odoo: &mut Odoo, who: &Session, code: &str, input: &Value) -> Result<Value> {
    let setup = guarded(odoo, who)?;
    let mut links = input.get("links").and_then(Value::as_array).cloned().unwrap_or_default();
    links.sort_by_key(partner);
    let mut told = Vec::new();
    if !links.is_empty() {
        let company = input.get("company").and_then(num::int).unwrap_or(setup.company);
        let home = setup::home_of(odoo, company, &setup.companies).filter(|_| setup.companies.contains(&company));
        let home = home.ok_or_else(|| setup.not_configured(company))?;
        let owner = Owner::of(odoo, home);
        for one in &links {
            if is_id(text(one, "account"), "acct_") && is_id(text(one, "customer"), "cus_") {
                owner.held(home, text(one, "account"), input.get("livemode"))?;
            }
            told.push(json!({"partner": partner(one), "status": link(odoo, one, &setup.companies)}));
        }
    }
    Ok(json!({"v": super::FORM, "hash": hash(code), "links": told}))
}

fn partner(link: &Value) -> i64 {
    link.get("partner").and_then(num::int).unwrap_or_default()
}

fn link(odoo: &mut Odoo, one: &Value, companies: &[i64]) -> &'static str {
    let (id, account, customer) = (partner(one), text(one, "account"), text(one, "customer"));
    if !is_id(account, "acct_") || !is_id(customer, "cus_") {
        return "refused";
    }
    if odoo.store.get(PARTNER, id).is_none() {
        return "gone";
    }
    if odoo.store.int(PARTNER, id, "company_id").is_some_and(|company| !companies.contains(&company)) {
        return "gone";
    }
    odoo.store.tie(&format!("quittance.cus:{account}:{customer}"), PARTNER, id, true);
    if odoo.field(PARTNER, CUSTOMER).is_none() {
        return "no_field";
    }
    odoo.store.set(PARTNER, id, CUSTOMER, json!(customer));
    "written"
}
