//! Document numbers: in texts, and the invoices that bear them.

use std::collections::{BTreeMap, BTreeSet};

use quittance::erp::odoo::numbers::Candidate;
use serde::Deserialize;
use serde_json::Value;

use crate::odoo::Odoo;
use crate::odoo::num;

/// Invoices by number, then by company.
pub type Table = BTreeMap<String, BTreeMap<i64, Vec<i64>>>;

const MOVE: &str = "account.move";

/// The candidates of a movement: what may be a number, and where in the texts it stands.
pub fn candidates(wanted: Option<&Value>, name: &str) -> Vec<Candidate> {
    wanted.and_then(|all| all.get(name)).and_then(|list| Candidates::deserialize(list).ok()).unwrap_or_default()
}

type Candidates = Vec<Candidate>;

/// Those that exist. Where several stand in one place the first is meant.
pub fn meant(candidates: &[Candidate], table: &Table) -> Vec<String> {
    let mut got: Vec<&Candidate> = Vec::new();
    for one in candidates.iter().filter(|one| table.contains_key(&one.0)) {
        if got.iter().all(|other| one.2 <= other.1 || other.2 <= one.1) {
            got.push(one);
        }
    }
    got.into_iter().map(|one| one.0.clone()).collect()
}

/// Posted invoices by name, else drafts and cancelled ones by name, else by payment reference.
pub fn look_up(odoo: &Odoo, companies: &[i64], names: &[String], references: &[String]) -> Table {
    let mut table = Table::new();
    if names.is_empty() {
        return table;
    }
    let text = |id: &i64, column: &str| odoo.store.text(MOVE, *id, column).to_owned();
    let company = |id: &i64| odoo.store.int(MOVE, *id, "company_id").unwrap_or_default();
    let mine = |id: &i64| odoo.is_invoice(*id) && companies.contains(&company(id));
    let invoices: Vec<i64> = odoo.store.ids(MOVE).into_iter().filter(mine).collect();
    let mut rung = |column: &str, asked: &[String], fits: &dyn Fn(&str) -> bool| {
        let left: BTreeSet<&String> = asked.iter().filter(|n| !table.contains_key(*n)).collect();
        for id in &invoices {
            let name = text(id, column);
            if left.contains(&name) && !matches!(name.as_str(), "" | "/") && fits(&text(id, "state")) {
                table.entry(name).or_default().entry(company(id)).or_default().push(*id);
            }
        }
    };
    rung("name", names, &|state| state == "posted");
    rung("name", names, &|state| state != "posted");
    rung("payment_reference", references, &|state| state != "cancel");
    table
}

/// Whether a document may be the one that the metadata describes: of its contact, and made at its moment, where it names them.
pub fn is_described(odoo: &Odoo, wanted: &Value, id: i64) -> bool {
    let created = |one: &Value| one.get("created").and_then(Value::as_str).filter(|c| !c.is_empty()).map(str::to_owned);
    let partner = identities(wanted).find_map(|one| one.get("partner").and_then(num::int));
    let theirs = |partner: i64| odoo.store.get("res.partner", partner).map(|_| odoo.commercial_partner(partner));
    identities(wanted).filter_map(created).all(|created| created == odoo.created_at(id))
        && partner.is_none_or(|partner| {
            theirs(partner).is_some_and(|p| odoo.store.int(MOVE, id, "commercial_partner_id") == Some(p))
        })
}

/// Whether the invoice of an id is the one that the metadata describes beside it.
pub fn is_same(odoo: &Odoo, wanted: &Value, id: i64) -> bool {
    let called = ["name", "payment_reference", "ref", "invoice_origin"].map(|column| odoo.store.text(MOVE, id, column));
    let other = |one: &Value| {
        let numbers = one.get("numbers").and_then(Value::as_array).filter(|numbers| !numbers.is_empty());
        let named = |number: &Value| number.as_str().is_some_and(|number| called.contains(&number));
        one.get("id").and_then(num::int) == Some(id) && numbers.is_some_and(|numbers| !numbers.iter().any(named))
    };
    !identities(wanted).any(other) && is_described(odoo, wanted, id)
}

fn identities(wanted: &Value) -> impl Iterator<Item = &Value> {
    wanted.get("identity").and_then(Value::as_array).into_iter().flatten()
}

/// Whether the record is an account.move that exists, and in which company.
pub fn home(odoo: &Odoo, id: i64) -> Option<i64> {
    let row = odoo.store.get(MOVE, id)?;
    row.get("company_id").and_then(|c: &Value| crate::odoo::num::int(c))
}
