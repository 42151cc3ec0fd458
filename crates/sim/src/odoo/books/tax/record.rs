//! Taxes as records: their repartition lines, and how a document reads them.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{Part, Tax, TaxKind};
use crate::odoo::Odoo;
use crate::odoo::call::object;
use crate::odoo::num;
use crate::odoo::store::Row;
use crate::odoo::version::Version;

const TAX: &str = "account.tax";
const PART: &str = "account.tax.repartition.line";

impl Odoo {
    /// The repartition of a new tax: what the client gave, else the base and the whole tax without an account.
    pub(in crate::odoo) fn created_tax(&mut self, id: i64, vals: &Row) {
        for kind in ["invoice", "refund"] {
            let commands = vals.get(&format!("{kind}_repartition_line_ids")).and_then(Value::as_array);
            let mut given: Vec<Row> =
                commands.into_iter().flatten().filter_map(|c| c.get(2).and_then(Value::as_object).cloned()).collect();
            if given.is_empty() {
                given = vec![object(json!({"repartition_type": "base"})), object(json!({"repartition_type": "tax"}))];
            }
            for (at, part) in given.into_iter().enumerate() {
                let tags = part.get("tag_ids").and_then(Value::as_array).into_iter().flatten();
                let tags: Vec<i64> =
                    tags.filter_map(|c| c.get(2).and_then(Value::as_array)).flatten().filter_map(num::int).collect();
                let get = |name: &str| part.get(name).cloned().unwrap_or_default();
                let factor = part.get("factor_percent").and_then(num::decimal).unwrap_or(Decimal::ONE_HUNDRED);
                let row = json!({"tax_id": id, "document_type": kind, "repartition_type": get("repartition_type"),
                    "factor_percent": num::float(factor), "account_id": num::int(&get("account_id")), "tag_ids": tags,
                    "sequence": at, "company_id": self.store.value(TAX, id, "company_id")});
                self.store.insert(PART, object(row));
            }
        }
    }

    /// A tax's repartition lines for invoices or refunds.
    pub(in crate::odoo) fn parts_of_tax(&self, tax: i64, document: &str) -> Vec<i64> {
        let mut all = self.store.find_all(PART, "tax_id", &json!(tax));
        all.retain(|part| self.store.text(PART, *part, "document_type") == document);
        all.sort_by_key(|part| (self.store.int(PART, *part, "sequence"), *part));
        all
    }

    /// Whether a price contains the tax.
    pub(in crate::odoo) fn price_included(&self, tax: i64) -> bool {
        if self.version == Version::V17 {
            return num::truthy(&self.store.value(TAX, tax, "price_include"));
        }
        let company = self.store.int(TAX, tax, "company_id").unwrap_or_default();
        match self.store.text(TAX, tax, "price_include_override") {
            "" => self.store.text("res.company", company, "account_price_include") == "tax_included",
            own => own == "tax_included",
        }
    }

    /// Taxes in the order in which they apply.
    pub(in crate::odoo) fn in_sequence(&self, taxes: &[i64]) -> Vec<i64> {
        let mut all = taxes.to_vec();
        all.sort_by_key(|tax| (self.store.int(TAX, *tax, "sequence").unwrap_or(1), *tax));
        all
    }

    /// Grids of the base of these taxes.
    pub(in crate::odoo::books) fn base_grids(&self, ids: &[i64], refund: bool) -> Vec<i64> {
        self.taxes_for(ids, refund).into_iter().flat_map(|tax| tax.base_tags).collect()
    }

    /// The taxes of a line of an invoice or of a refund; a group stands for its members.
    pub(super) fn taxes_for(&self, ids: &[i64], refund: bool) -> Vec<Tax> {
        let mut all = Vec::new();
        for id in self.in_sequence(ids) {
            if self.store.text(TAX, id, "amount_type") == "group" {
                all.extend(self.taxes_for(&self.store.list(TAX, id, "children_tax_ids"), refund));
            } else {
                all.push(self.tax_for(id, refund));
            }
        }
        all
    }

    fn tax_for(&self, id: i64, refund: bool) -> Tax {
        let s = &self.store;
        let on = |column: &str, default: bool| match s.value(TAX, id, column) {
            Value::Null => default,
            own => num::truthy(&own),
        };
        let all = self.parts_of_tax(id, if refund { "refund" } else { "invoice" });
        let (bases, parts): (Vec<i64>, Vec<i64>) =
            all.into_iter().partition(|part| s.text(PART, *part, "repartition_type") == "base");
        let part = |part: &i64| Part {
            id: *part,
            factor: self.amount(PART, *part, "factor_percent") / Decimal::ONE_HUNDRED,
            account: s.int(PART, *part, "account_id"),
            tags: s.list(PART, *part, "tag_ids"),
        };
        Tax {
            id,
            name: s.text(TAX, id, "name").to_owned(),
            kind: match s.text(TAX, id, "amount_type") {
                "fixed" => TaxKind::Fixed,
                "division" => TaxKind::Division,
                _ => TaxKind::Percent,
            },
            rate: self.amount(TAX, id, "amount"),
            included: self.price_included(id),
            feeds: on("include_base_amount", false),
            fed: on("is_base_affected", true),
            on_payment: s.text(TAX, id, "tax_exigibility") == "on_payment",
            transition: s.int(TAX, id, "cash_basis_transition_account_id"),
            base_tags: bases.iter().flat_map(|b| s.list(PART, *b, "tag_ids")).collect(),
            parts: parts.iter().map(part).collect(),
        }
    }
}
