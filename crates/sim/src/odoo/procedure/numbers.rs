//! Document numbers: in texts, and the invoices that bear them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::odoo::Odoo;

/// Invoices by number, then by company.
pub type Table = BTreeMap<String, BTreeMap<i64, Vec<i64>>>;

const MOVE: &str = "account.move";

/// What may be a document number in free texts: a digit in it, and something that is no digit.
pub fn words(texts: &[String]) -> Vec<String> {
    let mut got = Vec::new();
    for text in texts {
        let spaced: String = text.chars().map(|c| if ",;:()[]<>\"'#|".contains(c) { ' ' } else { c }).collect();
        for word in spaced.split_whitespace().take(60) {
            let word = word.trim_matches(['.', '!', '?', '*', '_']);
            let length = word.chars().count();
            let digits = word.chars().filter(char::is_ascii_digit).count();
            if (4..=64).contains(&length) && digits > 0 && digits < length {
                got.push(word.to_owned());
                got.push(word.to_uppercase());
            }
        }
    }
    got
}

/// Posted invoices by name, else drafts and cancelled ones by name, else by payment reference (numbers only).
pub fn look_up(odoo: &Odoo, companies: &[i64], names: &[String], numbers: &[String]) -> Table {
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
    rung("payment_reference", numbers, &|state| state != "cancel");
    table
}

/// Whether the record is an account.move that exists, and in which company.
pub fn home(odoo: &Odoo, id: i64) -> Option<i64> {
    let row = odoo.store.get(MOVE, id)?;
    row.get("company_id").and_then(|c: &Value| crate::odoo::num::int(c))
}
