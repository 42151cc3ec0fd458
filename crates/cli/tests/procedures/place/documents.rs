//! Invoices of several lines and taxes, credit notes that a person makes, and what stands in a document.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Place;

/// Price, quantity and taxes.
pub type Sold<'a> = (&'a str, &'a str, &'a [i64]);

impl Place {
    /// A tax of sales.
    pub fn tax(&self, name: &str, amount: &str, included: bool, more: Value) -> i64 {
        let number: Value = serde_json::from_str(amount).unwrap();
        let mut values = json!({"name": name, "amount": number, "amount_type": "percent", "type_tax_use": "sale"});
        if self.major() == 17 {
            values["price_include"] = json!(included);
        } else {
            values["price_include_override"] = json!(if included { "tax_included" } else { "tax_excluded" });
        }
        values.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.call("account.tax", "create", None, json!({"vals_list": [values]}))[0].as_i64().unwrap()
    }

    /// The sales tax of the chart of accounts.
    pub fn usual_tax(&self) -> i64 {
        let of_company = json!([["amount", "=", 15], ["type_tax_use", "=", "sale"], ["company_id", "=", self.company]]);
        self.first("account.tax", of_company)
    }

    /// A posted invoice of 1 November.
    pub fn sale(&mut self, name: &str, of: &str, currency: &str, lines: &[Sold<'_>], more: Value) -> i64 {
        let partner = self.partner(of);
        let currency = self.first("res.currency", json!([["name", "=", currency]]));
        let number = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let sold = lines.iter().enumerate().map(|(n, (price, quantity, taxes))| {
            json!([0, 0, {"name": format!("Work {n}"), "quantity": number(quantity), "price_unit": number(price),
                "tax_ids": [[6, 0, taxes]]}])
        });
        let mut values = json!({"move_type": "out_invoice", "partner_id": partner, "currency_id": currency,
            "invoice_date": "2026-11-01", "invoice_line_ids": sold.collect::<Vec<_>>()});
        if more.get("invoice_payment_term_id").is_none() {
            values["invoice_payment_term_id"] = json!(false);
            values["invoice_date_due"] = json!("2026-11-30");
        }
        values.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let id = self.call("account.move", "create", None, json!({"vals_list": [values]}))[0].as_i64().unwrap();
        self.names.push((name.to_owned(), "account.move", id));
        self.call("account.move", "action_post", Some(&[id]), json!({}));
        id
    }

    /// With the currency's places.
    pub fn total(&self, document: i64) -> String {
        let rows = self.call("account.move", "read", Some(&[document]), json!({"fields": ["amount_total"]}));
        format!("{:.2}", rows[0]["amount_total"].to_string().parse::<Decimal>().unwrap())
    }

    /// A draft credit note of one line without taxes, that a person makes for an invoice.
    pub fn credit_note(&mut self, name: &str, of: i64, amount: &str, reference: &str) -> i64 {
        let rows = self.call("account.move", "read", Some(&[of]), json!({"fields": ["partner_id", "currency_id"]}));
        let price: Value = serde_json::from_str(amount).unwrap();
        let line = json!([0, 0, {"name": reference, "quantity": 1, "price_unit": price, "tax_ids": [[6, 0, []]]}]);
        let values = json!({"move_type": "out_refund", "partner_id": rows[0]["partner_id"][0],
            "currency_id": rows[0]["currency_id"][0], "invoice_date": "2026-11-21", "reversed_entry_id": of,
            "invoice_payment_term_id": false, "invoice_date_due": "2026-11-21", "ref": reference,
            "invoice_line_ids": [line]});
        let id = self.call("account.move", "create", None, json!({"vals_list": [values]}))[0].as_i64().unwrap();
        self.names.push((name.to_owned(), "account.move", id));
        id
    }

    /// Keeps account, value, amount and tax of each line of a document, and its reference.
    pub fn document(&mut self, title: &str, id: i64) {
        let fields = json!(["account_id", "balance", "amount_currency", "tax_line_id"]);
        let domain = json!([["move_id", "=", id], ["display_type", "!=", "epd"]]);
        let args = json!({"domain": domain, "fields": fields, "order": "id"});
        let lines = self.call("account.move.line", "search_read", None, args);
        let mut told: Vec<Value> = Vec::new();
        let mut taxes: BTreeMap<(String, String), [Decimal; 2]> = BTreeMap::new();
        for line in lines.as_array().unwrap().iter().filter(|l| !l["account_id"].is_null() && l["account_id"] != false)
        {
            let account = line["account_id"][0].as_i64().unwrap();
            let name = self.call("account.account", "read", Some(&[account]), json!({"fields": ["name"]}));
            let name = name[0]["name"].as_str().unwrap().to_owned();
            let Some(tax) = line["tax_line_id"][1].as_str() else {
                told.push(json!([name, line["balance"], line["amount_currency"]]));
                continue;
            };
            // 17 writes what an early-payment discount takes off a tax on a line of its own.
            let [value, amount] = taxes.entry((name, tax.to_owned())).or_default();
            *value += line["balance"].to_string().parse::<Decimal>().unwrap();
            *amount += line["amount_currency"].to_string().parse::<Decimal>().unwrap();
        }
        for ((account, tax), [value, amount]) in taxes {
            told.push(json!([account, value.normalize().to_string(), amount.normalize().to_string(), tax]));
        }
        told.sort_by_key(Value::to_string);
        let head = self.call("account.move", "read", Some(&[id]), json!({"fields": ["ref", "invoice_date"]}));
        self.told.push(
            json!({"told": title, "answer": {"lines": told, "ref": head[0]["ref"], "day": head[0]["invoice_date"]}}),
        );
    }

    /// Keeps the notes of a document that name a refund, without numbers.
    pub fn noted(&mut self, title: &str, document: i64) {
        let domain =
            json!([["model", "=", "account.move"], ["res_id", "=", document], ["body", "ilike", "Stripe refund"]]);
        let rows = self.call(
            "mail.message",
            "search_read",
            None,
            json!({"domain": domain, "fields": ["body"], "order": "id"}),
        );
        let bodies = rows.as_array().unwrap().iter().map(|row| {
            let words = row["body"].as_str().unwrap().split(' ');
            words.map(|w| if w.starts_with("RINV") { "RINV" } else { w }).collect::<Vec<_>>().join(" ")
        });
        self.told.push(json!({"told": title, "answer": bodies.collect::<Vec<_>>()}));
    }

    /// The payment whose memo is this.
    pub fn payment_with(&self, memo: &str) -> i64 {
        let words = if self.major() == 17 { "ref" } else { "memo" };
        self.first("account.payment", json!([[words, "=", memo]]))
    }
}
