//! A merchant with both parties simulated, and somebody who books as Quittance does: one entry a balance transaction,
//! under its key.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use quittance::http::Request;
use quittance::ports::Http;
use quittance_cli::fail::CommandResult;
use quittance_cli::secrets::Run;
use quittance_cli::settings::Settings;
use quittance_cli::verify::report::Report;
use quittance_cli::verify::{Arguments, Pool, prove};
use quittance_sim::odoo::{CLERK_KEY, CLERK_LOGIN, DATABASE, Odoo, Version};
use quittance_sim::stripe::{Settings as Merchant, Stripe};
use quittance_sim::{Clock, Party};
use serde_json::{Value, json};

use crate::common::{Machine, Switch};
use crate::rpc::Rpc;

/// 2026-11-01 00:00 UTC.
pub const BEGIN_MS: i64 = 1_793_491_200_000;
pub const ODOO: &str = "http://127.0.0.1:8069";
pub const STRIPE: &str = "https://api.stripe.com";

pub struct Trade {
    pub clock: Clock,
    pub stripe: Rc<RefCell<Stripe>>,
    pub odoo: Rc<RefCell<Odoo>>,
    pub http: Rc<dyn Http>,
    pub settings: Settings,
    /// Calls of Odoo and of Stripe.
    pub calls: Rc<(Cell<usize>, Cell<usize>)>,
    /// Somebody who acts at the next call of Stripe's balance.
    pub meanwhile: Rc<RefCell<Vec<Value>>>,
    admin: Rpc,
}

impl Trade {
    /// Set up, cut over at the beginning, nothing happened.
    pub fn begin(version: Version) -> Self {
        let clock = Clock::at(BEGIN_MS);
        let odoo = Odoo::provisioned(version, clock.clone(), 1);
        let stripe = Rc::new(RefCell::new(Stripe::new(Merchant::default(), clock.clone())));
        let odoo = Rc::new(RefCell::new(odoo));
        let calls: Rc<(Cell<usize>, Cell<usize>)> = Rc::default();
        let meanwhile: Rc<RefCell<Vec<Value>>> = Rc::default();
        let (o, s, c, d, m) = (odoo.clone(), stripe.clone(), calls.clone(), calls.clone(), meanwhile.clone());
        let switch = Switch(vec![
            (
                ODOO,
                Box::new(move |request, timeout| {
                    c.0.set(c.0.get() + 1);
                    o.borrow_mut().handle(&request).within(timeout)
                }),
            ),
            (
                STRIPE,
                Box::new(move |request, timeout| {
                    d.1.set(d.1.get() + 1);
                    let answer = s.borrow_mut().handle(&request).within(timeout);
                    if request.path() == "/v1/balance" {
                        let next = m.borrow_mut().pop();
                        next.map(|entry| control(&s, "entry", &entry));
                    }
                    answer
                }),
            ),
        ]);
        let settings = Settings::from_pairs([
            ("STRIPE_API_KEY", "sk_test_sim"),
            ("ODOO_URL", ODOO),
            ("ODOO_DB", DATABASE),
            ("ODOO_LOGIN", CLERK_LOGIN),
            ("ODOO_API_KEY", CLERK_KEY),
        ]);
        let admin = Rpc::of(odoo.clone());
        let trade = Self { clock, stripe, odoo, http: Rc::new(switch), settings, calls, meanwhile, admin };
        trade.set("quittance.book_from", &(BEGIN_MS / 1000).to_string());
        trade
    }

    /// A call as the administrator.
    pub fn rpc(&self, model: &str, method: &str, args: Value) -> Value {
        self.admin.call(model, method, args)
    }

    /// A system parameter.
    pub fn set(&self, key: &str, value: &str) {
        self.admin.set(key, value);
    }

    /// What an external id of ours points at.
    pub fn named(&self, name: &str) -> Option<i64> {
        let found = self.rpc(
            "ir.model.data",
            "search_read",
            json!([[["module", "=", "quittance"], ["name", "=", name]], ["res_id"]]),
        );
        found[0]["res_id"].as_i64()
    }

    pub fn pass(&self, hours: i64) {
        self.clock.advance_to(self.clock.now_ms() + hours * 3_600_000);
    }

    /// A balance transaction of this net, in minor units.
    pub fn moves(&self, kind: &str, category: &str, amount: i64, fee: i64) -> String {
        let fees = if fee == 0 { json!([]) } else { json!([{"type": "stripe_fee", "amount": fee}]) };
        self.enter(&json!({"type": kind, "reporting_category": category, "amount": amount, "fees": fees}))
    }

    pub fn enter(&self, entry: &Value) -> String {
        control(&self.stripe, "entry", entry)["balance_transaction"].as_str().unwrap().to_owned()
    }

    /// All balance transactions, the oldest first.
    pub fn transactions(&self) -> Vec<Value> {
        let stripe = self.stripe.borrow();
        stripe.books(&stripe.home()).map(|books| books.rows("balance_transaction").to_vec()).unwrap_or_default()
    }

    /// Books what is not booked yet; the entries' ids.
    pub fn book(&self) -> Vec<i64> {
        let free = |t: &Value| self.entry_of(t["id"].as_str().unwrap()).is_none();
        self.transactions().iter().filter(|t| free(t)).map(|t| self.book_one(t)).collect()
    }

    /// Books what was created at the cut-over or later.
    pub fn book_since_cut_over(&self) {
        let from: i64 = self.parameter("quittance.book_from").parse().unwrap();
        let later = |t: &&Value| t["created"].as_i64().unwrap() >= from;
        self.transactions().iter().filter(later).for_each(|t| assert!(self.book_one(t) > 0));
    }

    /// Moves the cut-over to so many hours after the beginning.
    pub fn set_cut_over(&self, hours: i64) {
        self.unset_cut_over();
        self.set("quittance.book_from", &(BEGIN_MS / 1000 + hours * 3600).to_string());
    }

    pub fn unset_cut_over(&self) {
        let found =
            self.rpc("ir.config_parameter", "search_read", json!([[["key", "=", "quittance.book_from"]], ["id"]]));
        self.rpc("ir.config_parameter", "unlink", json!([[found[0]["id"]]]));
    }

    fn parameter(&self, key: &str) -> String {
        let found = self.rpc("ir.config_parameter", "search_read", json!([[["key", "=", key]], ["value"]]));
        found[0]["value"].as_str().unwrap().to_owned()
    }

    /// Books everything in a few calls.
    pub fn book_at_once(&self) {
        let account = self.stripe.borrow().home().account;
        let places = self.places("suspense");
        for some in self.transactions().chunks(500) {
            let day = |t: &Value| quittance::date::iso(t["created"].as_i64().unwrap());
            let one = |t: &Value| values(places, t["net"].as_i64().unwrap(), &day(t), t["id"].as_str().unwrap());
            let made = self.rpc("account.move", "create", json!([some.iter().map(one).collect::<Vec<_>>()]));
            self.rpc("account.move", "action_post", json!([made]));
            let rows = some.iter().zip(made.as_array().unwrap()).flat_map(|(t, entry)| {
                let key = format!("stripe:{account}:{}:settled", t["id"].as_str().unwrap());
                let row = |name: &str, model, id: &Value| {
                    json!({"module": "quittance", "name": name, "model": model, "res_id": id, "noupdate": true})
                };
                [row(&key, "res.company", &json!(1)), row(&format!("{key}__record"), "account.move", entry)]
            });
            self.rpc("ir.model.data", "create", json!([rows.collect::<Vec<_>>()]));
        }
    }

    /// Gives the entry of a transaction another date.
    pub fn redate(&self, transaction: &str, day: &str) {
        let entry = self.entry_of(transaction).unwrap();
        let lines = self.odoo.borrow().field_value("account.move", entry, "line_ids");
        let mut odoo = self.odoo.borrow_mut();
        odoo.poke("account.move", entry, "date", json!(day));
        for line in lines.as_array().unwrap() {
            odoo.poke("account.move.line", line.as_i64().unwrap(), "date", json!(day));
        }
    }

    /// Gives an entry the key of a transaction.
    pub fn claim(&self, transaction: &str, entry: i64) {
        let key = format!("stripe:{}:{transaction}:settled", self.stripe.borrow().home().account);
        for (name, model, id) in [(key.clone(), "res.company", 1), (format!("{key}__record"), "account.move", entry)] {
            let row = json!({"module": "quittance", "name": name, "model": model, "res_id": id, "noupdate": true});
            self.rpc("ir.model.data", "create", json!([[row]]));
        }
    }

    fn book_one(&self, transaction: &Value) -> i64 {
        let id = transaction["id"].as_str().unwrap();
        let day = quittance::date::iso(transaction["created"].as_i64().unwrap());
        let entry = self.entry(transaction["net"].as_i64().unwrap(), &day, "suspense", id);
        self.claim(id, entry);
        entry
    }

    /// A posted entry of the balance account against a role.
    pub fn entry(&self, minor: i64, day: &str, role: &str, label: &str) -> i64 {
        let id = self.draft(minor, day, role, label);
        self.rpc("account.move", "action_post", json!([[id]]));
        id
    }

    pub fn draft(&self, minor: i64, day: &str, role: &str, label: &str) -> i64 {
        let values = values(self.places(role), minor, day, label);
        self.rpc("account.move", "create", json!([[values]]))[0].as_i64().unwrap()
    }

    /// Journal, balance account, and the account of a role.
    fn places(&self, role: &str) -> [i64; 3] {
        let journal = self.named("journal_stripe_1").unwrap();
        let balance =
            self.odoo.borrow().field_value("account.journal", journal, "default_account_id").as_i64().unwrap();
        [journal, balance, self.named(&format!("account_{role}_1")).unwrap()]
    }

    pub fn tie(&self, name: &str, entry: i64) {
        let row =
            json!({"module": "quittance", "name": name, "model": "account.move", "res_id": entry, "noupdate": true});
        self.rpc("ir.model.data", "create", json!([[row]]));
    }

    /// The entry of a balance transaction.
    pub fn entry_of(&self, id: &str) -> Option<i64> {
        let account = self.stripe.borrow().home().account;
        self.named(&format!("stripe:{account}:{id}:settled__record"))
    }

    pub fn prove(&self, arguments: &Arguments) -> CommandResult<Report> {
        self.prove_with(arguments, &Machine::default())
    }

    pub fn prove_with(&self, arguments: &Arguments, run: &dyn Run) -> CommandResult<Report> {
        let lanes = Pool { http: self.http.clone(), fork: None };
        prove(arguments, &self.settings, lanes, run, &self.clock)
    }

    pub fn now(&self) -> Report {
        self.prove(&Arguments::default()).unwrap()
    }
}

fn control(stripe: &Rc<RefCell<Stripe>>, verb: &str, body: &Value) -> Value {
    let request = Request::new("POST", format!("{STRIPE}/_sim/{verb}")).body(body.to_string().into_bytes());
    let answer = stripe.borrow_mut().handle(&request).within(60_000).unwrap();
    let answer: Value = serde_json::from_slice(&answer.body).unwrap();
    assert!(answer.get("error").is_none(), "{verb}: {answer}");
    answer
}

fn values([journal, balance, other]: [i64; 3], minor: i64, day: &str, label: &str) -> Value {
    let amount: Value = serde_json::from_str(&format!("{}.{:02}", minor.abs() / 100, minor.abs() % 100)).unwrap();
    let zero = json!(0);
    let (debit, credit) = if minor < 0 { (&zero, &amount) } else { (&amount, &zero) };
    let line = |account: i64, debit: &Value, credit: &Value| json!([0, 0, {"account_id": account, "name": label, "debit": debit, "credit": credit}]);
    let lines = json!([line(balance, debit, credit), line(other, credit, debit)]);
    json!({"move_type": "entry", "journal_id": journal, "date": day, "ref": label, "line_ids": lines})
}
