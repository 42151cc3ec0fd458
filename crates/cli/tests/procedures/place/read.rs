//! What the story needs for the pay page: contacts, terms and taxes, and what `read_invoice` says of an invoice.

use serde_json::{Value, json};

use super::Place;

/// An invoice that is out of the ordinary.
pub struct Special<'a> {
    pub name: &'a str,
    pub of: &'a str,
    pub amount: &'a str,
    pub currency: &'a str,
    /// Of a term that the story made.
    pub term: Option<i64>,
    /// With the sales tax of 15%.
    pub taxed: bool,
}

impl Special<'_> {
    pub const PLAIN: Special<'static> =
        Special { name: "", of: "Pia", amount: "100", currency: "USD", term: None, taxed: false };
}

impl Place {
    /// A contact with more than a name; the same for the same name.
    pub fn contact(&mut self, name: &str, values: Value) -> i64 {
        let id = self.partner(name);
        self.call("res.partner", "write", Some(&[id]), json!({"vals": values}));
        id
    }

    /// A payment term: percent and days of each part, and more values.
    pub fn term(&self, parts: &[(i64, i64)], more: Value) -> i64 {
        let one = |(percent, days): &(i64, i64)| json!([0, 0, {"value": "percent", "value_amount": percent, "nb_days": days}]);
        let mut values = json!({"name": "Story", "line_ids": parts.iter().map(one).collect::<Vec<_>>()});
        values.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.call("account.payment.term", "create", None, json!({"vals_list": [values]}))[0].as_i64().unwrap()
    }

    /// A term of 2% within seven days.
    pub fn discount(&self, computation: &str) -> i64 {
        let granted = json!({"early_discount": true, "discount_percentage": 2, "discount_days": 7,
            "early_pay_discount_computation": computation});
        self.term(&[(100, 30)], granted)
    }

    /// A posted invoice of 1 November.
    pub fn special(&mut self, wish: &Special<'_>) -> i64 {
        let partner = self.partner(wish.of);
        let currency = self.first("res.currency", json!([["name", "=", wish.currency]]));
        let of_company = json!([["amount", "=", 15], ["type_tax_use", "=", "sale"], ["company_id", "=", self.company]]);
        let taxes = if wish.taxed { vec![self.first("account.tax", of_company)] } else { Vec::new() };
        let price: Value = serde_json::from_str(wish.amount).unwrap();
        let line = json!([0, 0, {"name": "Work", "quantity": 1, "price_unit": price, "tax_ids": [[6, 0, taxes]]}]);
        let mut values = json!({"move_type": "out_invoice", "partner_id": partner, "currency_id": currency,
            "invoice_date": "2026-11-01", "invoice_line_ids": [line]});
        match wish.term {
            Some(term) => values["invoice_payment_term_id"] = json!(term),
            None => {
                values["invoice_payment_term_id"] = json!(false);
                values["invoice_date_due"] = json!("2026-11-30");
            }
        }
        let id = self.call("account.move", "create", None, json!({"vals_list": [values]}))[0].as_i64().unwrap();
        self.names.push((wish.name.to_owned(), "account.move", id));
        self.call("account.move", "action_post", Some(&[id]), json!({}));
        id
    }

    /// What `read_invoice` says on a day, with names for what differs from run to run.
    pub fn read(&mut self, title: &str, invoices: &[i64], day: &str) {
        let mut answer = self.ask("read_invoice", &json!({"invoices": invoices, "date": day}));
        for invoice in answer["invoices"].as_array_mut().into_iter().flatten() {
            self.plain(invoice, "account.move");
            let number = invoice["number"].as_str().unwrap_or("").split('/').next().unwrap_or("").to_owned();
            invoice["number"] = json!(number);
            invoice.as_object_mut().unwrap().remove("name");
            invoice["token"] = json!(!invoice["token"].is_null());
            invoice["created"] = json!(invoice["created"].as_str().is_some_and(|at| at.len() > 10));
            let company = invoice["company"]["id"].as_i64();
            invoice["company"] = json!(self.companies.iter().position(|c| Some(*c) == company));
            for payment in invoice["payments"].as_array_mut().into_iter().flatten() {
                let found = self.names.iter().find(|(_, m, id)| *m == "account.payment" && *payment == json!(id));
                *payment = json!(found.map(|(name, _, _)| name.as_str()));
            }
            for who in ["partner", "commercial"] {
                let found = self.partners.iter().find(|(_, id)| invoice["payer"][who] == json!(id));
                invoice["payer"][who] = json!(found.map(|(name, _)| name.as_str()));
            }
        }
        for volatile in ["hash", "uuid"] {
            answer[volatile] = json!(answer[volatile].as_str().is_some_and(|text| !text.is_empty()));
        }
        self.told.push(json!({"told": title, "answer": answer}));
    }

    /// What `link_customer` says; contacts by name.
    pub fn link(&mut self, title: &str, links: &Value) {
        let mut answer = self.ask("link_customer", &json!({"links": links}));
        for link in answer["links"].as_array_mut().into_iter().flatten() {
            let found = self.partners.iter().find(|(_, id)| link["partner"] == json!(id));
            link["partner"] = json!(found.map(|(name, _)| name.as_str()));
        }
        answer["hash"] = json!(answer["hash"].is_string());
        self.told.push(json!({"told": title, "answer": answer}));
    }

    /// The entry of a payment: account, label's beginning and amount of each line; its memo and its notes.
    pub fn entry(&mut self, title: &str, payment: i64) {
        let memo = if self.major() == 17 { "ref" } else { "memo" };
        let args = json!({"fields": ["move_id", memo]});
        let row = self.call("account.payment", "read", Some(&[payment]), args)[0].clone();
        let domain = json!([["move_id", "=", row["move_id"][0]]]);
        let args = json!({"domain": domain, "fields": ["account_id", "balance", "amount_currency"]});
        let lines = self.call("account.move.line", "search_read", None, args);
        let mut told: Vec<Value> = Vec::new();
        for line in lines.as_array().unwrap() {
            let account = line["account_id"][0].as_i64().unwrap();
            let name = self.call("account.account", "read", Some(&[account]), json!({"fields": ["name"]}));
            told.push(json!([name[0]["name"], line["balance"], line["amount_currency"]]));
        }
        told.sort_by_key(Value::to_string);
        let domain =
            json!([["model", "=", "account.payment"], ["res_id", "=", payment], ["body", "ilike", "Stripe P"]]);
        let notes = self.call("mail.message", "search_read", None, json!({"domain": domain, "fields": ["body"]}));
        let notes: Vec<Value> = notes.as_array().unwrap().iter().map(|note| note["body"].clone()).collect();
        self.told.push(json!({"told": title, "answer": {"lines": told, "memo": row[memo], "notes": notes}}));
    }

    /// Takes the contact's field away, as if set-up had never made it.
    pub fn without_field(&self) {
        let domain = json!([["model", "=", "res.partner"], ["name", "=", "x_quittance_customer"]]);
        let field = self.first("ir.model.fields", domain);
        self.call("ir.model.fields", "unlink", Some(&[field]), json!({}));
    }
}
