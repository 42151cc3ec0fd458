//! The product in one process (`quittance_sim::world`), with its ports metered.

use std::cell::Cell;
use std::ops::AddAssign;
use std::rc::Rc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use cpu_time::ThreadTime;
use quittance::config::Secret;
use quittance::cron;
use quittance::flow::receive::{Admission, admit};
use quittance::http::{Request, Response};
use quittance::ledger::inbox::{self, NewEvent};
use quittance::ports::{Db, DbError, Fut, Http, HttpFault, Rows, Runtime, Stmt};
use quittance::queue::{self, QueueAnswer};
use quittance::stripe::signature;
use quittance_sim::odoo::{DATABASE, Invoice, Version};
use quittance_sim::world::{ODOO, SECRET, World};
use serde_json::{Value, json};

const EVENT: &str = include_str!("../../tests/fixtures/stripe/events/payment_intent.succeeded.json");

/// What some work cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// This thread's CPU time without what Stripe and Odoo took.
    pub cpu: Duration,
    /// The part of it in SQLite.
    pub sqlite: Duration,
    pub erp_calls: usize,
    pub stripe_calls: usize,
    pub trips: usize,
    pub statements: usize,
    /// Steps of SQLite's virtual machine: the same on any machine, however busy.
    pub steps: usize,
}

impl AddAssign for Cost {
    fn add_assign(&mut self, more: Self) {
        self.cpu += more.cpu;
        self.sqlite += more.sqlite;
        self.erp_calls += more.erp_calls;
        self.stripe_calls += more.stripe_calls;
        self.trips += more.trips;
        self.statements += more.statements;
        self.steps += more.steps;
    }
}

#[derive(Default)]
struct Meter {
    parties: Cell<Duration>,
    sqlite: Cell<Duration>,
    erp_calls: Cell<usize>,
    stripe_calls: Cell<usize>,
}

/// The parties, each answer as late as the ERP is slow, by the real clock.
struct Network {
    inner: Rc<dyn Http>,
    meter: Rc<Meter>,
    answer: Duration,
}

/// Where [`Network`] itself is the ERP: one that takes signed JSON-RPC (docs/ANY_ERP.md) and books whatever comes.
const ANY_ERP: &str = "http://127.0.0.1:9099/payments";

/// Its answer to one call, or to a list of them.
fn booked(body: &[u8]) -> Response {
    let answer = |call: &Value| json!({"jsonrpc": "2.0", "id": call.get("id"), "result": {"status": "created"}});
    let answer = match serde_json::from_slice(body).unwrap_or_default() {
        Value::Array(calls) => calls.iter().map(answer).collect(),
        call => answer(&call),
    };
    Response::json(200, &answer)
}

impl Http for Network {
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        Box::pin(async move {
            let (wall, cpu) = (Instant::now(), ThreadTime::now());
            let erp = request.url.starts_with(ODOO) || request.url == ANY_ERP;
            let calls = if erp { &self.meter.erp_calls } else { &self.meter.stripe_calls };
            calls.set(calls.get() + 1);
            let answer = match request.url.as_str() {
                ANY_ERP => Ok(booked(&request.body)),
                _ => self.inner.send(request, timeout).await,
            };
            self.meter.parties.set(self.meter.parties.get() + cpu.elapsed());
            thread::sleep(self.answer.saturating_sub(wall.elapsed()));
            answer
        })
    }
}

struct Ledger {
    inner: Rc<dyn Db>,
    meter: Rc<Meter>,
}

impl Db for Ledger {
    fn batch(&self, stmts: Vec<Stmt>) -> Fut<'_, Result<Vec<Rows>, DbError>> {
        Box::pin(async move {
            let cpu = ThreadTime::now();
            let answer = self.inner.batch(stmts).await;
            self.meter.sqlite.set(self.meter.sqlite.get() + cpu.elapsed());
            answer
        })
    }
}

/// How the ids of events and payments sort.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    /// New ones behind old ones, as Stripe's do whose first characters are alike when they are made at one time.
    Timed,
    Random,
}

impl Ids {
    fn nth(self, n: u64) -> String {
        let rng = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        match self {
            Self::Timed => format!("{:08x}{rng:016x}", 0xf000_0000 + n),
            Self::Random => format!("{rng:016x}00000000"),
        }
    }

    /// The SQL of an id of row `n`.
    fn sql(self) -> &'static str {
        match self {
            Self::Timed => "printf('%08x', n) || lower(hex(randomblob(8)))",
            Self::Random => "lower(hex(randomblob(12)))",
        }
    }
}

pub struct Bench {
    world: World,
    ids: Ids,
    rt: Runtime,
    meter: Rc<Meter>,
    made: u64,
    /// Whether the ERP is [`ANY_ERP`].
    any_erp: bool,
}

impl Bench {
    /// A world with an empty ledger whose parties answer after `answer`.
    pub fn new(answer: Duration, ids: Ids) -> Result<Self> {
        let mut world = World::new(1, Version::V18);
        world.cron_sleeps = true;
        let meter = Rc::new(Meter::default());
        let inner = world.runtime().clone();
        let rt = Runtime {
            http: Rc::new(Network { inner: inner.http.clone(), meter: meter.clone(), answer }),
            db: Rc::new(Ledger { inner: inner.db.clone(), meter: meter.clone() }),
            ..inner
        };
        Ok(Self { world, ids, rt, meter, made: 0, any_erp: false })
    }

    /// The same with an ERP that books whatever comes, at once: the simulated Odoo is not made for a hundred thousand.
    pub fn any_erp(ids: Ids) -> Result<Self> {
        let mut bench = Self::new(Duration::ZERO, ids)?;
        for (name, value) in [("ERP", "rpc"), ("RPC_URL", ANY_ERP), ("RPC_SECRET", &"a secret of a bench ".repeat(2))] {
            bench.world.set(name, value);
        }
        bench.any_erp = true;
        Ok(bench)
    }

    /// A minute passes and the sweep runs; gives what it queued.
    pub fn sweep(&mut self) -> Result<(Vec<String>, Cost)> {
        self.world.clock.advance_to(self.world.clock.now_ms() + 61_000);
        let ((), cost) = self.measure(|bench| {
            bench.world.invoke(cron::tick(&bench.rt, &bench.world.config, cron::SWEEP)).context("the cron died")
        })?;
        let hints = self.world.hints.borrow_mut().drain(..).map(|hint| hint.event).collect();
        Ok((hints, cost))
    }

    /// Rows of finished events and their postings, as months of work leave them: bodies purged.
    pub fn fill(&self, rows: usize) -> Result<()> {
        let numbers = format!("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {rows})");
        for insert in [
            "INSERT INTO inbox (id, livemode, type, api_version, created, object, subject, form, received, state, attempts, finished) \
             NUMBERS SELECT 'evt_1Q' || ID, 0, 'payment_intent.succeeded', '2026-10-28.endive', n, 'pi_' || n, \
             'pi_3Q' || ID, 'snapshot', n, 'done', 1, n FROM c",
            "INSERT INTO postings (key, payment, event, minor, currency, outcome, model, record, name, flags, documents, posted) \
             SELECT 'stripe:acct_1:' || subject || ':succeeded', subject, id, 1099, 'USD', 'created', 'account.payment', created, \
             'PSTRP/2026/' || created, '[]', '[]', finished FROM inbox",
        ] {
            self.world.db.query(&insert.replace("NUMBERS", &numbers).replace("ID", self.ids.sql()));
        }
        let count = self.world.db.query("SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM postings) AS n");
        let found = count.first().and_then(|row| row.get("n")).and_then(serde_json::Value::as_u64);
        ensure!(found == Some(2 * rows as u64), "the ledger holds {found:?} rows instead of 2 × {rows}");
        Ok(())
    }

    /// Stores so many events, each of a payment of its own invoice, as the door does; gives their ids.
    pub fn store(&mut self, events: usize) -> Result<Vec<String>> {
        self.measured_store(events).map(|(ids, _)| ids)
    }

    /// The same, with what it cost: verify, read, insert.
    pub fn measured_store(&mut self, events: usize) -> Result<(Vec<String>, Cost)> {
        let bodies: Vec<String> = (0..events).map(|_| self.body()).collect();
        let now = self.rt.clock.now();
        let headers: Vec<String> =
            bodies.iter().map(|body| signature::sign(body.as_bytes(), &Secret::new(SECRET), now)).collect();
        let (rows, mut cost) = self.measure(|bench| {
            let mut rows: Vec<NewEvent> = Vec::with_capacity(events);
            for (body, header) in bodies.iter().zip(&headers) {
                match admit(&bench.world.config, &*bench.rt.log, body.as_bytes(), header, now) {
                    Admission::Store(event, _) => rows.push(*event),
                    Admission::Refuse(error) => return Err(anyhow::anyhow!("refused: {error:?}")),
                }
            }
            Ok(rows)
        })?;
        let ids = rows.iter().map(|row| row.id.clone()).collect();
        let (new, inserted) = self.measure(|bench| {
            let stored = bench.world.invoke(inbox::store(&*bench.rt.db, rows)).context("the store died")?;
            stored.map_err(|e| anyhow::anyhow!("{e:?}"))
        })?;
        ensure!(new.iter().all(|new| *new), "an event was there already");
        cost += inserted;
        Ok((ids, cost))
    }

    /// Works one batch of hints to the end.
    pub fn deliver(&mut self, ids: &[String]) -> Result<Cost> {
        let cost = self.consume(ids)?;
        self.all_done(ids)?;
        Ok(cost)
    }

    /// Works one batch of hints.
    pub fn consume(&mut self, ids: &[String]) -> Result<Cost> {
        let (fate, cost) = self.measure(|bench| {
            bench.world.invoke(queue::consume(&bench.rt, &bench.world.config, ids)).context("the worker died")
        })?;
        ensure!(fate == QueueAnswer::Ack, "the ledger did not answer");
        Ok(cost)
    }

    /// Fails unless all of them are done.
    pub fn all_done(&self, ids: &[String]) -> Result<()> {
        let done = ids.iter().filter(|id| self.world.state(id).0 == "done").count();
        ensure!(done == ids.len(), "{done} of {} events are done: {:?}", ids.len(), self.world.log().last());
        Ok(())
    }

    /// Nothing may be left over.
    pub fn finish(self) {
        self.world.finish();
    }

    fn measure<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<(T, Cost)> {
        let (db, meter) = (&self.world.db, &self.meter);
        let before = (db.trips.get(), db.statements.get(), db.steps.get());
        meter.parties.set(Duration::ZERO);
        meter.sqlite.set(Duration::ZERO);
        meter.erp_calls.set(0);
        meter.stripe_calls.set(0);
        let began = ThreadTime::now();
        let done = work(self)?;
        let cost = Cost {
            cpu: began.elapsed().saturating_sub(meter.parties.get()),
            sqlite: meter.sqlite.get(),
            erp_calls: meter.erp_calls.get(),
            stripe_calls: meter.stripe_calls.get(),
            trips: db.trips.get() - before.0,
            statements: db.statements.get() - before.1,
            steps: db.steps.get() - before.2,
        };
        Ok((done, cost))
    }

    /// A succeeded payment of a new invoice of 1,150.00 USD.
    fn body(&mut self) -> String {
        self.made += 1;
        let id = self.ids.nth(self.made);
        let (invoice, number) = match self.any_erp {
            true => (42, "INV/2026/00042".to_owned()),
            false => {
                let mut odoo = self.world.odoo.borrow_mut();
                let invoice = odoo.invoice(&Invoice::of("1150.00", "USD"));
                (invoice, odoo.number(invoice))
            }
        };
        EVENT
            .replace("evt_1QaPaymentIntentSucceeded0001", &format!("evt_1Q{id}"))
            .replace("pi_3Qa7Books0Invoice42", &format!("pi_3Q{id}"))
            .replace(r#""odoo_db": "books""#, &format!(r#""odoo_db": "{DATABASE}""#))
            .replace(r#""odoo_id": "42""#, &format!(r#""odoo_id": "{invoice}""#))
            .replace("INV/2026/00042", &number)
            .replace(r#""currency": "eur""#, r#""currency": "usd""#)
    }
}
