//! An Odoo, real or simulated, reached by RPC alone; and answers without what differs from run to run.

mod alerts;
mod authority;
pub mod bills;
pub mod books;
mod documents;
mod owed;
pub mod proof;
pub mod read;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use quittance::config::Secret;
use quittance::erp::odoo::error::OdooError;
use quittance::erp::odoo::procedure::FORM;
use quittance::erp::odoo::setup::{OwnerScope, Stripe};
use quittance::erp::odoo::transport::{Client, Session};
use quittance::ports::Http;
use quittance_cli::odoo::{Arguments, setup, setup_client};
use quittance_cli::ports::block_on;
use quittance_cli::settings::Settings;
use serde_json::{Value, json};

pub struct Place {
    admin: Client,
    clerk: Client,
    session: Session,
    /// The clerk's.
    worker: Session,
    /// Both companies of the story: USD, EUR.
    companies: [i64; 2],
    /// Where the administrator works now.
    company: i64,
    /// A branch whose records he sees besides.
    beside: Option<i64>,
    partners: BTreeMap<String, i64>,
    /// Model and id of each record that the story knows, by its name in the story.
    names: Vec<(String, &'static str, i64)>,
    told: Vec<Value>,
    /// Procedures that the story has run.
    asked: BTreeSet<String>,
    /// The mark that was answered last.
    pub mark: i64,
    /// What stood on the accounts when they were looked at last.
    seen: BTreeMap<String, Value>,
}

impl Place {
    /// Sets the database up.
    pub fn new(settings: &Settings, http: Rc<dyn Http>) -> Self {
        let id = |name: &str, default: i64| settings.get(name).map_or(default, |id| id.parse().unwrap());
        let companies = [id("ODOO_COMPANY", 1), id("ODOO_COMPANY2", 2)];
        let stripe = vec![(Stripe { account: "acct_1".into(), books: OwnerScope::Each }, false)];
        let arguments = Arguments { transaction: true, companies: companies.to_vec(), stripe, ..Arguments::default() };
        setup(&arguments, settings, http.clone()).unwrap();
        let admin = setup_client(&arguments, settings, http).unwrap();
        let clerk = Client {
            login: settings.get("ODOO_LOGIN").unwrap().to_owned(),
            key: Secret::new(settings.get("ODOO_API_KEY").unwrap()),
            ..admin.clone()
        };
        let session = block_on(admin.open()).unwrap();
        let worker = block_on(clerk.open()).unwrap();
        let (beside, partners, names, told, asked, mark, seen) = Default::default();
        Self {
            admin,
            clerk,
            session,
            worker,
            companies,
            company: companies[0],
            beside,
            partners,
            names,
            told,
            asked,
            mark,
            seen,
        }
    }

    pub fn major(&self) -> i64 {
        self.session.major
    }

    /// What was told, and the procedures that were run for it.
    pub fn told(&mut self) -> (Vec<Value>, BTreeSet<String>) {
        (std::mem::take(&mut self.told), std::mem::take(&mut self.asked))
    }

    /// A call as the administrator, in the company.
    pub fn call(&self, model: &str, method: &str, ids: Option<&[i64]>, mut args: Value) -> Value {
        let companies: Vec<i64> =
            std::iter::once(self.company).chain(self.beside.filter(|b| *b != self.company)).collect();
        args["context"] = json!({"allowed_company_ids": companies, "active_test": false});
        let named = args.as_object().unwrap().clone();
        block_on(self.admin.call(self.session, model, method, ids, named)).unwrap_or_else(|e| panic!("{method}: {e:?}"))
    }

    /// Works in the first (0) or second (1) company from now on; its id.
    pub fn enter(&mut self, which: usize) -> i64 {
        self.company = self.companies[which];
        self.company
    }

    pub fn first(&self, model: &str, domain: Value) -> i64 {
        let rows = self.call(model, "search_read", None, json!({"domain": domain, "fields": ["id"], "limit": 1}));
        rows[0]["id"].as_i64().unwrap()
    }

    /// A customer; the same for the same name.
    pub fn partner(&mut self, name: &str) -> i64 {
        if let Some(id) = self.partners.get(name) {
            return *id;
        }
        let made = self.call("res.partner", "create", None, json!({"vals_list": [{"name": name}]}));
        let id = made[0].as_i64().unwrap();
        self.partners.insert(name.to_owned(), id);
        id
    }

    /// A draft invoice (or another type of document) of one line.
    pub fn draft(&mut self, name: &str, of: &str, amount: &str, currency: &str, due: &str) -> i64 {
        let partner = self.partner(of);
        let currency = self.first("res.currency", json!([["name", "=", currency]]));
        let price: Value = serde_json::from_str(amount).unwrap();
        let line = json!([0, 0, {"name": "Work", "quantity": 1, "price_unit": price, "tax_ids": [[6, 0, []]]}]);
        let values = json!({"move_type": "out_invoice", "partner_id": partner, "currency_id": currency,
            "invoice_date": "2026-11-01", "invoice_date_due": due, "invoice_payment_term_id": false,
            "invoice_line_ids": [line]});
        let made = self.call("account.move", "create", None, json!({"vals_list": [values]}));
        let id = made[0].as_i64().unwrap();
        self.names.push((name.to_owned(), "account.move", id));
        id
    }

    /// A posted invoice due on 30 November.
    pub fn invoice(&mut self, name: &str, of: &str, amount: &str, currency: &str) -> i64 {
        self.invoice_due(name, of, amount, currency, "2026-11-30")
    }

    pub fn invoice_due(&mut self, name: &str, of: &str, amount: &str, currency: &str, due: &str) -> i64 {
        let id = self.draft(name, of, amount, currency, due);
        self.call("account.move", "action_post", Some(&[id]), json!({}));
        id
    }

    /// A draft without lines in a third company, where the administrator works and the clerk does not.
    pub fn closed(&mut self, name: &str) -> i64 {
        let (now, partner) = (self.company, self.partner("Lou"));
        self.company = self.third();
        let journal = self.found_or_made(
            "account.journal",
            json!({"type": "sale", "company_id": self.company}),
            json!({"name": "Sales", "code": "INV"}),
        );
        let values = json!({"move_type": "out_invoice", "partner_id": partner, "journal_id": journal});
        let made = self.call("account.move", "create", None, json!({"vals_list": [values]}));
        self.company = now;
        let id = made[0].as_i64().unwrap();
        self.names.push((name.to_owned(), "account.move", id));
        id
    }

    /// A third company, not set up.
    fn third(&self) -> i64 {
        self.found_or_made("res.company", json!({"name": "Third Company"}), json!({}))
    }

    fn found_or_made(&self, model: &str, values: Value, more: Value) -> i64 {
        let mut values = values.as_object().unwrap().clone();
        let domain: Vec<Value> = values.iter().map(|(field, value)| json!([field, "=", value])).collect();
        let rows = self.call(model, "search_read", None, json!({"domain": domain, "fields": ["id"], "limit": 1}));
        if let Some(id) = rows[0]["id"].as_i64() {
            return id;
        }
        values.extend(more.as_object().unwrap().clone());
        self.call(model, "create", None, json!({"vals_list": [values]}))[0].as_i64().unwrap()
    }

    /// Makes the third company the clerk's own, beside the two others; or the first again, without the third.
    pub fn move_clerk(&self, away: bool) {
        let clerk = self.first("res.users", json!([["login", "=", self.clerk.login]]));
        let mut companies = self.companies.to_vec();
        if away {
            companies.push(self.third());
        }
        let own = if away { self.third() } else { self.companies[0] };
        let values = json!({"company_id": own, "company_ids": [[6, 0, companies]]});
        self.call("res.users", "write", Some(&[clerk]), json!({"vals": values}));
    }

    pub fn number(&self, invoice: i64) -> String {
        let rows = self.call("account.move", "read", Some(&[invoice]), json!({"fields": ["name"]}));
        rows[0]["name"].as_str().unwrap().to_owned()
    }

    /// The payment that the story calls so.
    pub fn payment(&self, name: &str) -> i64 {
        self.names.iter().find(|(n, model, _)| n == name && *model == "account.payment").unwrap().2
    }

    /// The entry that the story met last.
    pub fn last_entry(&self) -> i64 {
        let entry = |(name, model, _): &&(String, &str, i64)| *model == "account.move" && name.starts_with("entry ");
        self.names.iter().rfind(entry).unwrap().2
    }

    pub fn knows(&self, name: &str) -> bool {
        self.names.iter().any(|(n, _, _)| n == name)
    }

    /// Runs a procedure as the clerk and keeps what it says, under a title.
    pub fn run(&mut self, title: &str, procedure: &str, input: &Value) -> Value {
        let answer = self.ask(procedure, input);
        self.tell(title, &answer);
        answer
    }

    /// Runs a procedure as the clerk.
    pub fn ask(&mut self, procedure: &str, input: &Value) -> Value {
        self.asked.insert(procedure.to_owned());
        let domain = json!([["module", "=", "quittance"], ["name", "=", format!("proc_{procedure}")]]);
        let rows = self.call("ir.model.data", "search_read", None, json!({"domain": domain, "fields": ["res_id"]}));
        let action = rows[0]["res_id"].as_i64().unwrap();
        let mut input = input.clone();
        let all = [("v", json!(FORM)), ("livemode", json!(false))];
        for (name, value) in all {
            input.as_object_mut().unwrap().entry(name).or_insert(value);
        }
        for movement in input.get_mut("movements").and_then(Value::as_array_mut).into_iter().flatten() {
            movement.as_object_mut().unwrap().entry("livemode").or_insert(json!(false));
        }
        let named = json!({"context": {"quittance": input}}).as_object().unwrap().clone();
        let said = block_on(self.clerk.call(self.worker, "ir.actions.server", "run", Some(&[action]), named));
        said.unwrap_or_else(|e: OdooError| json!({"error": e.detail}))
    }

    /// Keeps the notes of an invoice that name a payment, without the payment's number.
    pub fn notes(&mut self, title: &str, invoice: i64) {
        let domain = json!([["model", "=", "account.move"], ["res_id", "=", invoice], ["body", "ilike", "Stripe"]]);
        let args = json!({"domain": domain, "fields": ["body"], "order": "id"});
        let rows = self.call("mail.message", "search_read", None, args);
        // What Odoo itself writes of an activity quotes the note.
        let ours = rows
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|row| row["body"].as_str())
            .filter(|b| b.starts_with("<p>Stripe"));
        let bodies = ours.map(|body| {
            let words = body.split(' ');
            words.map(|w| if w.starts_with("PSTRP") { "PSTRP" } else { w }).collect::<Vec<_>>().join(" ")
        });
        self.told.push(json!({"told": title, "answer": bodies.collect::<Vec<_>>()}));
    }

    /// Keeps an answer: ids and numbers by their names in the story, new bookings named in their order.
    pub fn tell(&mut self, title: &str, answer: &Value) {
        for result in answer.get("results").and_then(Value::as_array).into_iter().flatten() {
            let (model, kind) = model_of(result);
            let known = |id: i64| self.names.iter().any(|(_, m, i)| *m == model && *i == id);
            if let Some(id) = result["id"].as_i64().filter(|id| !known(*id)) {
                let named = |name: &str| name.strip_prefix(kind).is_some_and(|rest| rest.starts_with(' '));
                let count = self.names.iter().filter(|(name, of, _)| *of == model && named(name)).count() + 1;
                self.names.push((format!("{kind} {count}"), model, id));
            }
        }
        let mut plain = answer.clone();
        for result in plain.get_mut("results").and_then(Value::as_array_mut).into_iter().flatten() {
            let (model, _) = model_of(result);
            self.plain(result, model);
            // Out of a locked period it goes to the day on which the story is played.
            if result["flags"].as_array().is_some_and(|flags| flags.contains(&json!("date_moved"))) {
                result["date"] = json!("moved");
            }
            for invoice in result["invoices"].as_array_mut().into_iter().flatten() {
                self.plain(invoice, "account.move");
            }
            for note in result.get_mut("notes").and_then(Value::as_array_mut).into_iter().flatten() {
                self.plain(note, "account.move");
                let of = self.names.iter().find(|(_, m, i)| *m == "account.move" && note["of"] == json!(i));
                note["of"] = json!(of.map(|(name, _, _)| name.as_str()));
            }
        }
        // A mark is another in each run; how it stands to the one before is what matters.
        if let Some(mark) = plain["mark"].as_i64() {
            let word = ["falls", "stands", "grows"];
            plain["mark"] = json!(word[(mark.cmp(&self.mark) as i8 + 1) as usize]);
            self.mark = mark;
        }
        // The key of a trial database ends whenever it was made to.
        plain.pointer_mut("/key/ends").into_iter().for_each(|ends| *ends = Value::Null);
        for volatile in ["hash", "db", "company", "companies", "journal", "clearing", "missing"] {
            if plain.get(volatile).is_some() {
                plain[volatile] = json!(plain[volatile].is_null());
            }
        }
        self.told.push(json!({"told": title, "answer": plain}));
    }

    fn plain(&self, record: &mut Value, model: &str) {
        let Some(id) = record["id"].as_i64() else { return };
        let found = self.names.iter().find(|(_, m, i)| *m == model && *i == id);
        record["id"] = json!(found.map(|(name, _, _)| name.as_str()));
        // Numbers go on from what the database had; how they look is what matters.
        let name = record["name"].as_str().unwrap_or("").to_owned();
        record["name"] = json!(name.split('/').next().unwrap_or(""));
    }
}

/// The model of a result's record, and what the story calls such records.
fn model_of(result: &Value) -> (&'static str, &'static str) {
    match result["model"].as_str() {
        Some("account.move") => ("account.move", "entry"),
        _ => ("account.payment", "payment"),
    }
}
