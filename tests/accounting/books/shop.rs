//! A shop whose money moves: a world with a company in USD, and what its tests do again and again. The Odoo in it is
//! simulated, or the one that the environment names.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::env::var;
use std::rc::Rc;

use quittance::money::{Currency, Money};
use quittance_sim::odoo::{ADMIN_KEY, ADMIN_LOGIN, DATABASE, Version};
use quittance_sim::stripe::merchant::{Paid, Pay};
use quittance_sim::world::real_party::Elsewhere;
use quittance_sim::world::{ODOO, World};
use rust_decimal::Decimal;
use serde_json::json;

use crate::books::view::{Eyes, number};

/// The sweeps run every quarter of an hour.
pub const SWEEP: i64 = 20 * 60;
/// Currencies of the stories: 1 USD is 0.80 EUR, 0.75 GBP and 150 JPY in the simulated Odoo.
pub const CURRENCIES: [(&str, &str); 3] = [("EUR", "0.8"), ("GBP", "0.75"), ("JPY", "150")];

pub struct Shop {
    pub world: World,
    pub eyes: Eyes,
    /// The Stripe account's own company, and a customer.
    pub company: i64,
    pub partner: i64,
    /// The Odoo is simulated, so that more can be seen of it.
    pub simulated: bool,
    /// What stood on accounts before, by account and currency.
    before: BTreeMap<(i64, String), Decimal>,
    checked: Cell<usize>,
}

impl Shop {
    pub fn of(version: Version) -> Self {
        Self::seeded(7, version)
    }

    pub fn seeded(seed: u64, version: Version) -> Self {
        let world = World::new(seed, version);
        for (currency, rate) in CURRENCIES {
            world.odoo.borrow_mut().set_rate(currency, 1, rate);
        }
        world.odoo.borrow_mut().settle_in(1, "EUR");
        let eyes = Eyes::of(ODOO, DATABASE, ADMIN_LOGIN, ADMIN_KEY, world.odoo.clone(), world.clock.clone());
        Self::opened(world, eyes, 1, true)
    }

    /// The Odoo that ODOO_URL, ODOO_DB, ODOO_LOGIN, ODOO_API_KEY, ODOO_SETUP_LOGIN and ODOO_SETUP_API_KEY name: a database
    /// for trials that `quittance setup odoo --settlement-currency EUR` has set up, its company (ODOO_COMPANY, default 1)
    /// in USD, with rates of EUR, GBP and JPY. `None` when the environment names none.
    pub fn real(seed: u64) -> Option<Self> {
        let [url, db, login, key, admin, admin_key] =
            ["ODOO_URL", "ODOO_DB", "ODOO_LOGIN", "ODOO_API_KEY", "ODOO_SETUP_LOGIN", "ODOO_SETUP_API_KEY"]
                .map(|name| var(name).ok());
        let (url, db, admin, admin_key) = (url?, db?, admin?, admin_key?);
        let vars = [("ODOO_URL", url.as_str()), ("ODOO_DB", &db), ("ODOO_LOGIN", &login?), ("ODOO_API_KEY", &key?)];
        let world = World::elsewhere(seed, &vars);
        let odoo = Rc::new(RefCell::new(Elsewhere::default()));
        let eyes = Eyes::of(&url, &db, &admin, &admin_key, odoo, world.clock.clone());
        let company = var("ODOO_COMPANY").ok().and_then(|id| id.parse().ok()).unwrap_or(1);
        Some(Self::opened(world, eyes, company, false))
    }

    fn opened(world: World, eyes: Eyes, company: i64, simulated: bool) -> Self {
        {
            let mut stripe = world.stripe.borrow_mut();
            stripe.settings.rates.insert("eur".into(), decimal("1.267125"));
            stripe.settings.payouts.automatic = false;
        }
        let made = eyes.call("res.partner", "create", None, json!({"vals_list": [{"name": "A customer"}]}));
        let partner = made[0].as_i64().or_else(|| made.as_i64()).unwrap();
        let mut before = BTreeMap::new();
        for role in ["balance", "balance_eur", "clearing", "disputed", "transit"] {
            let Some(account) = eyes.role(company, role) else { continue };
            for currency in ["USD", "EUR", "GBP", "JPY"] {
                before.insert((account, currency.to_owned()), eyes.balance(account, currency));
            }
        }
        Self { world, eyes, company, partner, simulated, before, checked: Cell::new(0) }
    }

    /// The account of a role.
    #[track_caller]
    pub fn role(&self, role: &str) -> i64 {
        self.eyes.role(self.company, role).unwrap_or_else(|| panic!("set-up made no account {role}"))
    }

    /// What the shop has put on an account, in one currency.
    #[track_caller]
    pub fn moved(&self, role: &str, currency: &str) -> Decimal {
        let account = self.role(role);
        let before = self.before.get(&(account, currency.to_owned())).copied().unwrap_or_default();
        self.eyes.balance(account, currency) - before
    }

    /// Makes a record as the administrator; gives its id.
    pub fn make(&self, model: &str, vals: serde_json::Value) -> i64 {
        let made = self.eyes.call(model, "create", None, json!({"vals_list": [vals]}));
        made[0].as_i64().or_else(|| made.as_i64()).unwrap()
    }

    /// A posted invoice without tax.
    pub fn invoice(&self, amount: &str, currency: &str) -> i64 {
        self.sale(amount, currency, &[], json!({}))
    }

    /// A posted invoice of 20 November: one line with these taxes, and more values.
    pub fn sale(&self, amount: &str, currency: &str, taxes: &[i64], more: serde_json::Value) -> i64 {
        let rows = self.eyes.rows("res.currency", json!([["name", "=", currency]]), &["id"]);
        let line =
            json!({"name": "Work", "quantity": 1, "price_unit": decimal_json(amount), "tax_ids": [[6, 0, taxes]]});
        let mut vals = json!({"move_type": "out_invoice", "partner_id": self.partner, "currency_id": rows[0]["id"],
            "company_id": self.company, "invoice_date": "2026-11-20", "invoice_line_ids": [[0, 0, line]]});
        vals.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let id = self.make("account.move", vals);
        self.eyes.call("account.move", "action_post", Some(&[id]), json!({}));
        id
    }

    /// An invoice, paid in full by card through the product's own PaymentIntent; gives the invoice and what Stripe made.
    pub fn paid(&self, amount: &str, currency: &str) -> (i64, Paid) {
        let id = self.invoice(amount, currency);
        (id, self.pay(id, amount, currency, Pay::card(0, currency)))
    }

    /// Somebody pays so much of an invoice, in the way of `how`.
    pub fn pay(&self, invoice: i64, amount: &str, currency: &str, how: Pay) -> Paid {
        let number = self.eyes.rows("account.move", json!([["id", "=", invoice]]), &["name"]);
        let metadata = [
            ("odoo_db", self.world.vars["ODOO_DB"].clone()),
            ("odoo_model", "account.move".into()),
            ("odoo_id", invoice.to_string()),
            ("odoo_ref", number[0]["name"].as_str().unwrap_or_default().to_owned()),
        ];
        let metadata = metadata.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
        let pay = Pay { amount: minor(amount, currency), currency: currency.to_lowercase(), metadata, ..how };
        self.world.stripe.borrow_mut().pay(&pay).unwrap_or_else(|e| panic!("{e:?}"))
    }

    /// Everything has been worked and the sweeps have run.
    pub fn settle(&mut self) {
        self.world.pass(SWEEP);
    }

    /// Days pass in which nothing happens: the crons sleep, since each minute of theirs costs time.
    pub fn days(&mut self, days: i64) {
        self.settle();
        self.world.cron_sleeps = true;
        self.world.pass(days * 86_400);
        self.world.cron_sleeps = false;
    }

    /// The end of a story: the laws hold and nothing is left to do.
    #[track_caller]
    pub fn finish(mut self) {
        self.settle();
        crate::books::laws::hold(&self);
        crate::books::laws::equals_stripe(&self);
        self.world.finish();
    }

    /// How often the laws were looked at.
    pub fn checked(&self) {
        self.checked.set(self.checked.get() + 1);
    }
}

pub fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn decimal_json(text: &str) -> serde_json::Value {
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(number(&value), decimal(text).normalize());
    value
}

/// Minor units as Stripe counts them.
pub fn minor(amount: &str, currency: &str) -> i64 {
    let currency: Currency = currency.parse().unwrap();
    Money::from_decimal(decimal(amount), currency).unwrap().minor
}

/// Major units of Stripe's minor ones.
pub fn major(minor: i64, currency: &str) -> Decimal {
    Money::new(minor, currency.parse().unwrap()).to_decimal().normalize()
}

/// The machine's clock, in milliseconds: each run on a real Odoo has a seed of its own.
#[expect(clippy::disallowed_methods, reason = "a seed, not a time")]
pub fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}
