//! The whole product in one process: real flows, the ledger's SQL on SQLite, the simulated Stripe and Odoo, a queue and
//! a clock that is moved by hand. What a run does is decided by its seed.

pub mod dial;
pub mod elsewhere;
pub mod ports;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use quittance::config::Config;
use quittance::http::{Request, Response};
use quittance::ports::{Fut, Runtime};
use quittance::queue::Fate;
use quittance::{cron, queue, routes};

use crate::d1::{D1, MIGRATIONS};
use crate::odoo::{CLERK_KEY, CLERK_LOGIN, DATABASE, Odoo, Version};
use crate::stripe::{Settings, Stripe};
use crate::{Chance, Clock, Party};
use dial::Dial;
use ports::{DbPort, Hint, HttpPort, KvPort, LimitPort, Line, LogPort, QueuePort, SignaturePort};

/// Where the parties listen, and the Worker.
pub const STRIPE: &str = "http://127.0.0.1:12111";
pub const ODOO: &str = "http://127.0.0.1:8069";
pub const WORKER: &str = "http://127.0.0.1:8787";
pub const SECRET: &str = "whsec_sim_0123456789abcdef0123456789abcdef";
/// A Saturday in November 2026, in milliseconds.
pub const START: i64 = 1_795_287_600_000;
/// Cloudflare gives a message again after a pause, and after so many times it is a dead letter (wrangler.toml).
const TRIES: u32 = 3;
const RETRY_MS: i64 = 30_000;
/// Messages of one batch (wrangler.toml).
const BATCH: usize = 20;

/// A Worker with everything around it.
pub struct World {
    pub db: Rc<D1>,
    pub stripe: Rc<RefCell<Stripe>>,
    pub odoo: Rc<RefCell<Odoo>>,
    pub clock: Clock,
    pub dial: Rc<Dial>,
    pub config: Config,
    /// The settings that `config` was read from.
    pub vars: BTreeMap<String, String>,
    pub hints: Rc<RefCell<VecDeque<Hint>>>,
    /// Hints that became dead letters.
    pub dead: Vec<String>,
    /// Crons do not run while this is set.
    pub cron_sleeps: bool,
    rt: Runtime,
    log: Rc<LogPort>,
    next_minute: i64,
    checked: bool,
}

impl World {
    /// A world in which everything is set up and nothing has happened.
    pub fn new(seed: u64, version: Version) -> Self {
        Self::made(seed, version, false)
    }

    /// The same with a real Odoo in place of the simulated one, which stands idle: `vars` (ODOO_URL, ODOO_DB, ODOO_LOGIN,
    /// ODOO_API_KEY) name a database that `quittance setup odoo` has set up. Each run needs a seed of its own, since the
    /// seed decides the ids of Stripe's objects and Odoo knows those of earlier runs.
    pub fn elsewhere(seed: u64, vars: &[(&str, &str)]) -> Self {
        let mut world = Self::made(seed, Version::V18, false);
        for (name, value) in vars {
            world.set(name, value);
        }
        let real: Rc<RefCell<dyn Party>> = Rc::new(RefCell::new(elsewhere::Elsewhere::default()));
        let url = world.vars.get("ODOO_URL").cloned().unwrap_or_default();
        let parties = vec![(STRIPE.to_owned(), world.stripe.clone() as Rc<RefCell<dyn Party>>), (url, real)];
        world.rt.http = Rc::new(HttpPort { parties, clock: world.clock.clone(), dial: world.dial.clone() });
        world
    }

    /// The same, with thin events.
    pub fn thin(seed: u64, version: Version) -> Self {
        Self::made(seed, version, true)
    }

    fn made(seed: u64, version: Version, thin: bool) -> Self {
        let clock = Clock::at(START);
        let settings = Settings { seed, ..Settings::default() };
        let mut stripe = Stripe::new(settings, clock.clone());
        stripe.listen(&format!("{WORKER}{}", routes::WEBHOOK), &[SECRET], false, thin);
        let odoo = Odoo::provisioned(version, clock.clone(), seed);
        let vars = vars();
        let (stripe, odoo) = (Rc::new(RefCell::new(stripe)), Rc::new(RefCell::new(odoo)));
        let db = Rc::new(D1::new(MIGRATIONS).unwrap_or_else(|e| unreachable(&e)));
        let (dial, hints, log) = (Rc::new(Dial::default()), Rc::new(RefCell::default()), Rc::new(LogPort::default()));
        let parties: Vec<(String, Rc<RefCell<dyn Party>>)> =
            vec![(STRIPE.to_owned(), stripe.clone()), (ODOO.to_owned(), odoo.clone())];
        let rt = Runtime {
            db: Rc::new(DbPort(db.clone(), dial.clone())),
            kv: Rc::new(KvPort::default()),
            queue: Rc::new(QueuePort { hints: Rc::clone(&hints), clock: clock.clone(), dial: dial.clone() }),
            http: Rc::new(HttpPort { parties, clock: clock.clone(), dial: dial.clone() }),
            limits: Rc::new(LimitPort { counts: RefCell::default(), clock: clock.clone() }),
            signatures: Rc::new(SignaturePort),
            clock: Rc::new(clock.clone()),
            entropy: Rc::new(Chance::seeded(seed ^ 0x00c4_a11e)),
            log: log.clone(),
        };
        let config = read(&vars);
        let next_minute = START + 60_000;
        Self {
            db,
            stripe,
            odoo,
            clock,
            dial,
            config,
            vars,
            hints,
            dead: Vec::new(),
            cron_sleeps: false,
            rt,
            log,
            next_minute,
            checked: false,
        }
    }

    /// The product's ports, for calling a flow by hand.
    pub fn runtime(&self) -> &Runtime {
        &self.rt
    }

    /// Changes a setting, as a deployment would.
    pub fn set(&mut self, name: &str, value: &str) {
        self.vars.insert(name.to_owned(), value.to_owned());
        self.config = read(&self.vars);
    }

    /// One invocation of the Worker; `None` when it died.
    pub fn invoke<T>(&self, run: impl Future<Output = T>) -> Option<T> {
        self.db.begin_invocation();
        match pin!(run).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }

    /// Runs invocations side by side: after each of its port calls another one may go on, by a draw from `seed`.
    pub fn race<T>(&self, seed: u64, mut runs: Vec<Fut<'_, T>>) {
        let chance = Chance::seeded(seed);
        self.dial.turns.set(true);
        while !runs.is_empty() {
            self.db.begin_invocation();
            let turn = usize::try_from(chance.below(runs.len() as u64)).unwrap_or(0);
            let done = runs
                .get_mut(turn)
                .is_some_and(|run| run.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
            if done {
                drop(runs.remove(turn));
            }
        }
        self.dial.turns.set(false);
    }

    /// A request to the Worker.
    pub fn request(&self, request: &Request) -> Option<Response> {
        self.invoke(routes::handle(&self.rt, &self.config, request))
    }

    /// Everything that is due at this instant: deliveries of Stripe, batches of the queue, crons.
    pub fn work(&mut self) {
        while self.receive() | self.consume() {}
        if self.clock.now_ms() >= self.next_minute {
            self.next_minute += 60_000;
            if !self.cron_sleeps {
                self.tick(cron::SWEEP);
                if (self.next_minute / 60_000 - 1) % 15 == 0 {
                    self.tick(cron::RECOVER);
                }
            }
            while self.receive() | self.consume() {}
        }
    }

    /// Runs a schedule now.
    pub fn tick(&self, schedule: &str) {
        self.invoke(cron::tick(&self.rt, &self.config, schedule));
    }

    /// Lets so much time pass, working whatever falls due.
    pub fn pass(&mut self, seconds: i64) {
        let end = self.clock.now_ms() + seconds * 1000;
        self.work();
        while let Some(due) = self.next_due().filter(|due| *due <= end) {
            self.clock.advance_to(due);
            self.work();
        }
        self.clock.advance_to(end);
        self.work();
    }

    fn next_due(&self) -> Option<i64> {
        let hints = self.hints.borrow().iter().map(|h| h.due_ms).min();
        [hints, self.stripe.borrow().next_due(), Some(self.next_minute)].into_iter().flatten().min()
    }

    /// Only the door: whatever Stripe has to deliver now is posted to it. Whether there was anything.
    pub fn receive(&self) -> bool {
        let out = self.stripe.borrow_mut().outgoing();
        for delivery in &out {
            let status = self.request(&delivery.request).map(|response| response.status);
            self.stripe.borrow_mut().answered(delivery.id, status);
        }
        !out.is_empty()
    }

    fn consume(&mut self) -> bool {
        let now = self.clock.now_ms();
        let mut batch = Vec::new();
        self.hints.borrow_mut().retain(|hint| {
            let take = hint.due_ms <= now && batch.len() < BATCH;
            if take {
                batch.push(hint.clone());
            }
            !take
        });
        if batch.is_empty() {
            return false;
        }
        let ids: Vec<String> = batch.iter().map(|h| h.event.clone()).collect();
        if self.invoke(queue::consume(&self.rt, &self.config, &ids)) == Some(Fate::Ack) {
            return true;
        }
        for hint in batch {
            if hint.tries + 1 >= TRIES {
                queue::bury(&self.rt, std::slice::from_ref(&hint.event));
                self.dead.push(hint.event);
            } else {
                let due_ms = self.clock.now_ms() + RETRY_MS;
                self.hints.borrow_mut().push_back(Hint { due_ms, tries: hint.tries + 1, ..hint });
            }
        }
        true
    }

    /// Lines of the log with this event name.
    pub fn logged(&self, event: &str) -> Vec<Line> {
        self.log.lines.borrow().iter().filter(|l| l.event == event).cloned().collect()
    }

    /// All lines of the log.
    pub fn log(&self) -> Vec<Line> {
        self.log.lines.borrow().clone()
    }

    /// State and code of an event.
    pub fn state(&self, event: &str) -> (String, Option<String>) {
        let rows = self.db.query(&format!("SELECT state, code FROM inbox WHERE id = '{event}'"));
        let text = |name: &str| rows.first().and_then(|r| r.get(name)).and_then(|v| v.as_str()).map(str::to_owned);
        (text("state").unwrap_or_default(), text("code"))
    }

    /// What is left to do, in words; empty when all is settled or parked.
    pub fn leftovers(&self) -> Vec<String> {
        let rows = self.db.query(
            "SELECT id || ' ' || type || ' is ' || state || ' ' || coalesce(code, '') || ' ' || coalesce(detail, '') AS what \
             FROM inbox WHERE state NOT IN ('done', 'ignored', 'parked') \
             UNION ALL SELECT 'a lease on ' || subject FROM leases WHERE subject NOT LIKE 'cron:%'",
        );
        let mut left: Vec<String> = rows.iter().filter_map(|r| r.get("what")?.as_str().map(str::to_owned)).collect();
        left.extend(self.hints.borrow().iter().map(|h| format!("a hint for {}", h.event)));
        left
    }

    /// The end of a test: nothing may be left to do.
    pub fn finish(mut self) {
        self.checked = true;
        let left = self.leftovers();
        assert!(left.is_empty(), "left over: {left:#?}");
    }
}

/// A test that forgets to look at its leftovers fails.
impl Drop for World {
    fn drop(&mut self) {
        if !self.checked && !std::thread::panicking() {
            assert!(self.leftovers().is_empty(), "left over: {:#?}", self.leftovers());
        }
    }
}

fn unreachable(error: &str) -> D1 {
    #[allow(clippy::panic, reason = "a test world whose migrations do not apply is no world")]
    {
        panic!("the migrations do not apply: {error}")
    }
}

fn vars() -> BTreeMap<String, String> {
    [
        ("STRIPE_WEBHOOK_SECRETS", SECRET),
        ("STRIPE_API_KEY", "sk_test_sim"),
        ("STRIPE_API_BASE", STRIPE),
        ("ODOO_URL", ODOO),
        ("ODOO_DB", DATABASE),
        ("ODOO_LOGIN", CLERK_LOGIN),
        ("ODOO_API_KEY", CLERK_KEY),
        ("BOOK_FROM", "1795000000"),
        ("STRIPE_PUBLISHABLE_KEY", "pk_test_sim"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn read(vars: &BTreeMap<String, String>) -> Config {
    Config::read(&|name| vars.get(name).cloned())
}
