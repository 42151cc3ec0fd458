//! An Odoo 17, 18 or 19 to test against: `/jsonrpc`, `/json/2` (19), the invoices, payments and entries that
//! Quittance works with, the procedures run as they are (`python`), and a fault dial. `tests/odoo_recordings/contract`,
//! `tests/odoo_recordings/books` and the stories of crates/cli/tests/procedures hold it against recordings of real servers.

mod action;
mod activities;
mod audit;
mod books;
mod branches;
mod calendar;
mod call;
mod chart;
mod contacts;
mod control;
mod desk_actions;
mod domain;
mod error;
mod fault;
mod fields;
mod hooks;
mod inspection;
mod invoice;
mod journal;
mod json2;
mod jsonrpc;
mod load;
mod mark;
mod methods;
mod models;
mod num;
mod odd;
mod orm;
mod payment;
mod payment_label;
mod python;
mod rights;
mod schema;
mod seed;
mod signatures;
mod store;
mod terms;
mod users;
mod values;
mod version;
mod view;
mod web;
mod zone;

use quittance::http::{Request, Response};

use self::schema::Schema;
use self::store::Store;
use crate::{Clock, Party, Reply, Rng};

pub use self::activities::ActivityView;
pub use self::books::{EntryView, LineView};
pub use self::desk_actions::Invoice;
pub use self::fault::{Dial, Fault, Rule};
pub use self::inspection::PaymentView;
pub use self::odd::OddNote;
pub use self::rights::INVOICE as INVOICING;
pub use self::rights::WORKER as WORKER_GROUP;
pub use self::seed::{ADMIN_KEY, ADMIN_LOGIN, CLERK_KEY, CLERK_LOGIN, DATABASE};
pub use self::version::Version;

/// One Odoo server with one database.
#[derive(Clone)]
pub struct Odoo {
    version: Version,
    db: String,
    schema: Schema,
    store: Store,
    clock: Clock,
    rng: Rng,
    seed: u64,
    /// A database as set-up leaves it; what a reset goes back to.
    ready: bool,
    /// What goes wrong.
    pub dial: Dial,
    /// A module of somebody's: everything in another currency is valued at so many times its rate.
    pub valued_at: Option<rust_decimal::Decimal>,
    /// What is wrong with the next credit notes that Odoo drafts.
    pub odd_notes: Vec<OddNote>,
    /// Every answer takes at least so long, in milliseconds.
    pub latency_ms: u32,
    /// `model.method` of every call that did its work, in order.
    pub calls: Vec<String>,
}

impl Odoo {
    /// A fresh database with the app Invoicing: the user `admin` (Settings), nothing of Quittance.
    pub fn fresh(version: Version, clock: Clock, seed: u64) -> Self {
        let mut odoo = Self {
            version,
            db: DATABASE.to_owned(),
            schema: Schema::of(version),
            store: Store::default(),
            clock,
            rng: Rng::seeded(seed),
            seed,
            ready: false,
            dial: Dial::default(),
            valued_at: None,
            odd_notes: Vec::new(),
            latency_ms: 0,
            calls: Vec::new(),
        };
        odoo.plant();
        odoo.store.commit();
        odoo
    }

    /// A database as set-up leaves it: Stripe journal, clearing account, procedures of this version of Quittance,
    /// and the user [`CLERK_LOGIN`] of the group Invoicing with the API key [`CLERK_KEY`].
    pub fn provisioned(version: Version, clock: Clock, seed: u64) -> Self {
        let mut odoo = Self::fresh(version, clock, seed);
        odoo.ready = true;
        odoo.set_up();
        odoo.store.commit();
        odoo
    }

    /// The same server and database at another time, with chances of its own.
    pub fn copy(&self, clock: Clock, seed: u64) -> Self {
        Self { clock, seed, rng: Rng::seeded(seed), ..self.clone() }
    }

    /// The database becomes what `backup`, a clone of this server, has, as when somebody restores it; the server, its faults and
    /// its counts go on.
    pub fn set_back(&mut self, backup: &Self) {
        self.schema = backup.schema.clone();
        self.store.set_back(&backup.store);
    }

    pub fn version(&self) -> Version {
        self.version
    }

    /// Another name for the database.
    pub fn with_database(mut self, db: &str) -> Self {
        db.clone_into(&mut self.db);
        self
    }

    fn reset(&mut self) {
        let make = if self.ready { Self::provisioned } else { Self::fresh };
        let (db, latency) = (self.db.clone(), self.latency_ms);
        *self = make(self.version, self.clock.clone(), self.seed).with_database(&db);
        self.latency_ms = latency;
    }

    /// Works one request, faults aside.
    fn answer(&mut self, request: &Request) -> Response {
        match request.path() {
            "/jsonrpc" => self.jsonrpc(request),
            path if path.starts_with("/json/2/") && self.version == Version::V19 => self.json2(request),
            _ => self.web(request),
        }
    }
}

impl Party for Odoo {
    fn handle(&mut self, request: &Request) -> Reply {
        if request.path().starts_with("/_sim/") {
            return Reply::now(self.control(request));
        }
        // A rule may also strike bookings only, by something that stands in them.
        let body = String::from_utf8_lossy(&request.body);
        let booked = if body.contains("\"movements\"") { &*body } else { "" };
        self.dial.turn(&format!("{} {booked}", jsonrpc::label(request)), &self.rng);
        let after_ms = self.latency_ms.saturating_add(self.dial.delay());
        if self.dial.bends(Fault::Down) {
            return Reply::Dropped;
        }
        let response = match self.dial.status() {
            Some(status) => web::html(status, "the proxy has no answer"),
            None if self.dial.bends(Fault::TimedOut) => web::html(504, "nobody waits for this"),
            None => self.answer(request),
        };
        let response = if self.dial.bends(Fault::Endless) { crate::endless(response) } else { response };
        if self.dial.bends(Fault::AnswerLost) { Reply::Dropped } else { Reply::Answer { response, after_ms } }
    }
}
