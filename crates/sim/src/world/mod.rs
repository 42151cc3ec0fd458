//! The whole product in one process: real flows, the ledger's SQL on SQLite, the simulated Stripe and Odoo, a queue and
//! a clock that is moved by hand. What a run does is decided by its seed.

mod consumer;
pub mod fault_rates;
pub mod journal;
pub mod personal;
pub mod port_faults;
pub mod ports;
pub mod real_party;
pub mod secrets;
pub mod watch;

/// For every program that has a world in it: a fifth of its time would go into allocations.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use quittance::config::Config;
use quittance::http::{Request, Response};
use quittance::ports::{Fut, Runtime};
use quittance::{cron, routes};

use crate::d1::{D1, MIGRATIONS};
use crate::odoo::{CLERK_KEY, CLERK_LOGIN, DATABASE, Odoo, Version};
use crate::stripe::{Settings, Stripe};
use crate::{Clock, Party, Rng};
use port_faults::Dial;
use ports::{DbPort, Hint, HttpPort, KvPort, LimitPort, Line, LogPort, QueuePort, SignaturePort};

/// Where the parties listen, and the Worker.
pub const STRIPE: &str = "http://127.0.0.1:12111";
pub const ODOO: &str = "http://127.0.0.1:8069";
pub const WORKER: &str = "http://127.0.0.1:8787";
pub const SECRET: &str = "whsec_sim_0123456789abcdef0123456789abcdef";
/// The signing secret of the endpoint for connected accounts, beside that of the account's own.
pub fn connect_secret(own: &str) -> String {
    format!("{own}_connect")
}

/// STRIPE_WEBHOOK_SECRETS of a Worker that knows these secrets of the account's own endpoint, and those beside them.
pub fn signing(own: &[&str]) -> String {
    let both = own.iter().flat_map(|own| [format!("test:{own}"), format!("test:connect:{}", connect_secret(own))]);
    both.collect::<Vec<_>>().join(" ")
}

/// A Saturday in November 2026, in milliseconds.
pub const START: i64 = 1_795_287_600_000;

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
    /// Minutes from one run of the crons to the next: 1, as they are meant to.
    pub cron_every: i64,
    /// Events that the door answered with 2xx and that were not in the inbox then.
    pub unstored: RefCell<Vec<String>>,
    rt: Runtime,
    http: Rc<HttpPort>,
    log: Rc<LogPort>,
    next_minute: i64,
    checked: bool,
    /// Its ledger is somebody else's to look at for data about people.
    watched: bool,
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
        let real: Rc<RefCell<dyn Party>> = Rc::new(RefCell::new(real_party::Elsewhere::default()));
        let url = world.vars.get("ODOO_URL").cloned().unwrap_or_default();
        let parties = vec![(STRIPE.to_owned(), world.stripe.clone() as Rc<RefCell<dyn Party>>), (url, real)];
        let http = HttpPort { parties, clock: world.clock.clone(), dial: world.dial.clone(), delayed: Rc::default() };
        world.http = Rc::new(http);
        world.rt.http = world.http.clone();
        world
    }

    /// The same, with thin events.
    pub fn thin(seed: u64, version: Version) -> Self {
        Self::made(seed, version, true)
    }

    fn made(seed: u64, version: Version, thin: bool) -> Self {
        let clock = Clock::at(START);
        let odoo = Odoo::provisioned(version, clock.clone(), seed);
        Self::around(odoo, clock, seed, thin)
    }

    /// The same with a copy of an Odoo that is set up already, which is made faster than a new one.
    pub fn copying(odoo: &Odoo, seed: u64, thin: bool) -> Self {
        let clock = Clock::at(START);
        let odoo = odoo.copy(clock.clone(), seed);
        Self::around(odoo, clock, seed, thin)
    }

    fn around(odoo: Odoo, clock: Clock, seed: u64, thin: bool) -> Self {
        let settings = Settings { seed, ..Settings::default() };
        let mut stripe = Stripe::new(settings, clock.clone());
        stripe.listen(&format!("{WORKER}{}", routes::WEBHOOK_PATH), &[SECRET], false, thin);
        let vars = vars();
        let (stripe, odoo) = (Rc::new(RefCell::new(stripe)), Rc::new(RefCell::new(odoo)));
        let db = Rc::new(D1::new(MIGRATIONS).unwrap_or_else(|e| unreachable(&e)));
        let (dial, hints) = (Rc::new(Dial::with_clock(clock.clone())), Rc::new(RefCell::default()));
        let secrets = RefCell::new(secrets::secret_values(&vars));
        let log = Rc::new(LogPort { lines: RefCell::default(), secrets, dial: dial.clone() });
        let parties: Vec<(String, Rc<RefCell<dyn Party>>)> =
            vec![(STRIPE.to_owned(), stripe.clone()), (ODOO.to_owned(), odoo.clone())];
        let http = HttpPort { parties, clock: clock.clone(), dial: dial.clone(), delayed: Rc::default() };
        let http = Rc::new(http);
        let rt = Runtime {
            db: Rc::new(DbPort(db.clone(), dial.clone())),
            kv: Rc::new(KvPort::default()),
            queue: Rc::new(QueuePort { hints: Rc::clone(&hints), clock: clock.clone(), dial: dial.clone() }),
            http: http.clone(),
            limits: Rc::new(LimitPort { counts: RefCell::default(), clock: clock.clone() }),
            signatures: Rc::new(SignaturePort),
            clock: Rc::new(clock.clone()),
            entropy: Rc::new(Rng::seeded(seed ^ 0x00c4_a11e)),
            log: log.clone(),
        };
        let config = read_config(&vars);
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
            cron_every: 1,
            unstored: RefCell::default(),
            rt,
            http,
            log,
            next_minute,
            checked: false,
            watched: false,
        }
    }

    /// A connected account whose events come and are booked beside the own account's.
    pub fn connect(&mut self, account: &str, thin: bool) {
        let mut stripe = self.stripe.borrow_mut();
        stripe.settings.connected.push(account.to_owned());
        stripe.listen(&format!("{WORKER}{}", routes::WEBHOOK_PATH), &[&connect_secret(SECRET)], true, thin);
        drop(stripe);
        self.odoo.borrow_mut().add_owner(1, account);
        self.set("STRIPE_ACCOUNTS", account);
    }

    /// The product's ports, for calling a flow by hand.
    pub fn runtime(&self) -> &Runtime {
        &self.rt
    }

    /// Changes a setting, as a deployment would.
    pub fn set(&mut self, name: &str, value: &str) {
        self.vars.insert(name.to_owned(), value.to_owned());
        self.log.secrets.borrow_mut().extend(secrets::secret_values(&self.vars));
        self.config = read_config(&self.vars);
    }

    /// One invocation of the Worker; `None` when it died.
    pub fn invoke<T>(&self, run: impl Future<Output = T>) -> Option<T> {
        self.db.begin_invocation();
        match pin!(run).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => Some(value),
            Poll::Pending => None,
        }
    }

    /// Runs invocations side by side: after each of its port calls another one may go on, by a draw from `seed`. What
    /// each gave, `None` of one that died.
    pub fn race<T>(&self, seed: u64, runs: Vec<Fut<'_, T>>) -> Vec<Option<T>> {
        let rng = Rng::seeded(seed);
        let mut given: Vec<Option<T>> = runs.iter().map(|_| None).collect();
        let mut runs: Vec<(usize, Fut<'_, T>)> = runs.into_iter().enumerate().collect();
        self.dial.turns.set(true);
        while !runs.is_empty() {
            self.db.begin_invocation();
            self.dial.died.set(false);
            let turn = usize::try_from(rng.below(runs.len() as u64)).unwrap_or(0);
            let Some((at, run)) = runs.get_mut(turn) else { break };
            match run.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(value) => {
                    if let Some(slot) = given.get_mut(*at) {
                        *slot = Some(value);
                    }
                }
                Poll::Pending if self.dial.died.get() => {}
                Poll::Pending => continue,
            }
            drop(runs.remove(turn));
        }
        self.dial.turns.set(false);
        given
    }

    /// A request to the Worker.
    pub fn request(&self, request: &Request) -> Option<Response> {
        let answer = self.invoke(routes::handle(&self.rt, &self.config, request))?;
        secrets::answer_is_clean(&answer, &self.log.secrets.borrow());
        Some(answer)
    }

    /// Every world ends with this: no portal token of an invoice stands in the log. Of the settings' secrets each line has
    /// been held against them as it came.
    fn log_is_clean(&self) {
        let tokens = self.odoo.borrow().tokens();
        for line in self.log.lines.borrow().iter() {
            assert!(
                secrets::secret_in_json(&line.fields, &tokens).is_none(),
                "a portal token in the log, {}",
                line.event
            );
        }
    }

    /// Everything that is due at this instant: deliveries of Stripe, batches of the queue, crons.
    pub fn work(&mut self) {
        while self.arrive() | self.receive() | self.consume() {}
        if self.clock.now_ms() >= self.next_minute {
            let before = self.next_minute - 60_000 * self.cron_every;
            let last = self.clock.now_ms().div_euclid(60_000);
            self.next_minute = (last + self.cron_every) * 60_000;
            let missed = self.dial.fault_rates.draws(self.dial.fault_rates.rates().missed);
            if !self.cron_sleeps && !missed {
                self.tick(cron::SWEEP);
                if last.div_euclid(15) > before.div_euclid(60_000).div_euclid(15) {
                    self.tick(cron::RECOVER);
                }
            }
            while self.arrive() | self.receive() | self.consume() {}
        }
    }

    /// Requests whose senders gave up arrive. Whether there was any.
    fn arrive(&self) -> bool {
        let now = self.clock.now_ms();
        let due: Vec<(i64, Request)> = self.http.delayed.borrow_mut().extract_if(.., |(due, _)| *due <= now).collect();
        for (_, request) in &due {
            self.dial.journal.note(|| format!("  a request given up arrives: {}", request.url));
            let _nobody_waits = self.http.hand(request);
        }
        !due.is_empty()
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
        let given_up = self.http.delayed.borrow().iter().map(|(due, _)| *due).min();
        [hints, given_up, self.stripe.borrow().next_due(), Some(self.next_minute)].into_iter().flatten().min()
    }

    /// Only the door: whatever Stripe has to deliver now is posted to it. Whether there was anything.
    pub fn receive(&self) -> bool {
        let out = self.stripe.borrow_mut().outgoing();
        for delivery in &out {
            let status = self.request(&delivery.request).map(|response| response.status);
            self.delivered(delivery.id, status);
        }
        !out.is_empty()
    }

    /// Notes how a delivery was answered. An event that was answered with 2xx must be in the inbox.
    pub fn delivered(&self, id: u64, status: Option<u16>) {
        let at = usize::try_from(id - 1).unwrap_or(usize::MAX);
        let event =
            self.stripe.borrow().deliveries().get(at).map(|delivery| delivery.event.clone()).unwrap_or_default();
        self.dial.journal.note(|| format!("  delivery {id} of {event}: {status:?}"));
        if status.is_some_and(|status| (200..300).contains(&status)) && self.state(&event).0.is_empty() {
            self.unstored.borrow_mut().push(event);
        }
        self.stripe.borrow_mut().answered(id, status);
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
        let rows = self.db.about("SELECT state, code FROM inbox WHERE id = ?1", &[event.into()]);
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

    /// Whoever looks at it himself forbids that it looks at its leftovers and its ledger when it goes.
    pub fn disable_drop_check(&mut self) {
        self.checked = true;
        self.watched = true;
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
        if !std::thread::panicking() {
            self.log_is_clean();
            let held = personal::held_of_people(self).filter(|_| !self.watched);
            assert!(held.is_none(), "the ledger keeps {}", held.unwrap_or_default());
        }
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
    let secrets = signing(&[SECRET]);
    [
        ("STRIPE_WEBHOOK_SECRETS", secrets.as_str()),
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

fn read_config(vars: &BTreeMap<String, String>) -> Config {
    Config::read(&|name| vars.get(name).cloned())
}
