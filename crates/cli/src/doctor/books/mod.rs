//! The books in Odoo, as far as the rights at hand show them: accounts, journals, currencies, dates, and what others do
//! in them. Advice, but where a booking would fail.

mod accounts;
mod company;
mod currencies;
mod dates;
mod foreign;
mod journals;
mod rates;

use quittance::config::Odoo;
use quittance::erp::odoo::answer::Check;
use quittance::erp::odoo::error::OdooError;
use quittance::erp::odoo::setup::{Admin, one, text};
use quittance::erp::odoo::transport::Client;
use quittance::ports::Http;
use serde_json::{Value, json};

use super::Finding;
use crate::ports::block_on;
use crate::settings::Settings;

/// One company's books, through the eyes of one user.
pub struct CompanyBooks<'a> {
    pub eyes: Admin<'a>,
    pub company: i64,
    /// The Stripe journals: settlement currency and row.
    pub journals: Vec<(String, Value)>,
}

/// What a journal is asked for.
const JOURNAL: [&str; 7] = [
    "name",
    "code",
    "currency_id",
    "default_account_id",
    "restrict_mode_hash_table",
    "bank_statements_source",
    "bank_account_id",
];

impl CompanyBooks<'_> {
    /// Rows of a model in this company.
    pub fn rows(&self, model: &str, domain: Value, fields: &[&str]) -> Result<Vec<Value>, OdooError> {
        block_on(self.eyes.rows(model, domain, fields, Some(self.company)))
    }

    /// The record of `quittance.{name}`.
    pub fn find_record(&self, name: &str) -> Option<i64> {
        block_on(self.eyes.reference(name))
    }

    /// Ids of the journals, and of their balance accounts.
    pub fn journal_ids(&self) -> Vec<i64> {
        self.journals.iter().filter_map(|(_, row)| row.get("id")?.as_i64()).collect()
    }

    pub fn balances(&self) -> Vec<i64> {
        self.journals.iter().filter_map(|(_, row)| one(row, "default_account_id")).collect()
    }
}

/// Looks with the Worker's key, and with the set-up user's at what only that one may read.
pub fn examine(
    odoo: &Odoo,
    check: &Check,
    worker: &Client,
    setup: Option<&Client>,
    settings: &Settings,
    http: &dyn Http,
) -> Vec<Finding> {
    let (mut findings, company) = match company::examine(odoo, check, worker) {
        Ok(found) => found,
        Err(error) => return vec![Finding::error("odoo company", error)],
    };
    let Some(company) = company else { return findings };
    let books = match read_books(worker, company) {
        Ok(books) => books,
        Err(error) => return vec![Finding::error("odoo journals", error)],
    };
    findings.extend(accounts::examine(&books, settings));
    findings.extend(journals::examine(&books));
    findings.extend(foreign::examine(&books, settings));
    findings.extend(currencies::examine(&books, settings, http));
    findings.extend(dates::examine(&books, setup, settings));
    findings
}

/// The journals of a company.
fn read_books(client: &Client, company: i64) -> Result<CompanyBooks<'_>, OdooError> {
    let eyes = Admin::new(client, block_on(client.open())?, true);
    let own = block_on(eyes.rows("res.company", json!([["id", "=", company]]), &["currency_id"], None))?;
    let own = own.first().and_then(|row| row.pointer("/currency_id/1")?.as_str()).unwrap_or_default().to_owned();
    let banks = json!([["type", "=", "bank"], ["company_id", "=", company]]);
    let mut books = CompanyBooks { eyes, company, journals: Vec::new() };
    for row in books.rows("account.journal", banks, &JOURNAL)? {
        let id = row.get("id").and_then(Value::as_i64).unwrap_or_default();
        let held = row.pointer("/currency_id/1").and_then(Value::as_str).unwrap_or(&own).to_owned();
        let name = |of: &str| quittance::erp::odoo::setup::journal_name(company, of);
        if books.find_record(&name("")) == Some(id) || books.find_record(&name(&held)) == Some(id) {
            books.journals.push((held, row));
        }
    }
    Ok(books)
}

/// Names for a sentence, not too many of them.
pub fn name_list(rows: &[&Value], field: &str) -> String {
    let names: Vec<&str> = rows.iter().take(3).map(|row| text(row, field)).collect();
    let more = if rows.len() > names.len() { ", …" } else { "" };
    format!("{}{more}", names.join(", "))
}
