//! Which company the Stripe account belongs to: a root that is set up.

use quittance::config::Odoo;
use quittance::erp::odoo::answer::Check;
use quittance::erp::odoo::error::OdooError;
use quittance::erp::odoo::setup::{Admin, one};
use quittance::erp::odoo::transport::Client;
use serde_json::{Value, json};

use super::Finding;
use crate::ports::block_on;

/// Findings, and the company whose books are looked at.
pub fn examine(odoo: &Odoo, check: &Check, worker: &Client) -> Result<(Vec<Finding>, Option<i64>), OdooError> {
    let what = "odoo company";
    let eyes = Admin::new(worker, block_on(worker.open())?, true);
    let rows = block_on(eyes.rows("res.company", json!([]), &["parent_id"], None))?;
    let parent = |company: i64| {
        rows.iter()
            .find(|row| row.get("id").and_then(Value::as_i64) == Some(company))
            .and_then(|row| one(row, "parent_id"))
    };
    // Branches book in their root's books.
    let roots: Vec<i64> = check.companies.iter().copied().filter(|company| parent(*company).is_none()).collect();
    Ok(match (odoo.company, roots.as_slice()) {
        (Some(company), _) if parent(company).is_some() => {
            let parent = parent(company).unwrap_or_default();
            let detail = format!(
                "ODOO_COMPANY={company} is a branch of company {parent}: the Stripe account belongs to the root company; run `quittance setup odoo`, which names it"
            );
            (vec![Finding::bad(what, detail)], None)
        }
        (Some(company), ready) if ready.contains(&company) => {
            (vec![Finding::good(what, format!("{company} is set up and is the Stripe account's"))], Some(company))
        }
        // Told as `odoo books` already.
        (Some(_), _) | (None, []) => (Vec::new(), None),
        (None, [only]) => (vec![Finding::good(what, format!("{only} is the only one that is set up"))], Some(*only)),
        (None, several) => {
            let detail = format!(
                "companies {several:?} are set up, and one Stripe account belongs to one: set ODOO_COMPANY, and give each its own Worker"
            );
            (vec![Finding::bad(what, detail)], None)
        }
    })
}
