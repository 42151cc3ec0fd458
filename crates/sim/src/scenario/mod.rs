//! Random scenarios: days of a merchant, drawn from one seed: payers, a merchant at Stripe, a clerk in Odoo, and trouble at every
//! port, on the real flows. When the faults are over and time has passed, all invariants are checked against what happened at
//! Stripe. docs/TESTING.md tells how to read a run.

#![allow(clippy::indexing_slicing, reason = "an absent field of a JSON value reads as null")]

mod clerk;
mod fault_spells;
mod forger;
pub mod invariants;
pub mod invoices;
mod merchant;
mod operator;
mod payer;
mod plan;
mod quiescence;
mod restore;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::Rng;
use crate::odoo::{Odoo, Version};
use crate::world::World;
pub use invariants::Violation;
use plan::Plan;

/// What all scenarios begin with: an Odoo of each version, set up, with rates.
pub struct Snapshots(Vec<Odoo>);

/// How a scenario went.
#[derive(Debug)]
pub struct ScenarioResult {
    pub seed: u64,
    pub broken: Option<Violation>,
    /// What happened, line by line, where it was asked for.
    pub journal: Vec<String>,
    /// A hash of everything that the product said and of what it left: the same seed gives the same.
    pub digest: u64,
    /// How often each thing was done.
    pub done: BTreeMap<&'static str, usize>,
}

/// An invoice, and what people did about it.
struct Invoice {
    id: i64,
    number: String,
    payer: String,
    currency: &'static str,
    /// Minor units.
    total: i64,
    token: String,
    /// Somebody in Odoo changed it, paid it or cancelled it, or what was paid for another of its id or number may be on it.
    touched: bool,
    /// It was entered after the backup to which Odoo was set back.
    lost: bool,
}

/// A payment at Stripe, made or tried.
struct Payment {
    /// `pi_…` or `ch_…`
    id: String,
    invoice: Option<usize>,
    /// Its metadata says when Odoo made the invoice, as the pay page's does.
    dated: bool,
    debit: bool,
    failed_late: bool,
}

/// A payer's browser with a PaymentIntent.
struct Tab {
    invoice: usize,
    payment: String,
    /// What the page showed, minor units.
    minor: i64,
}

/// One scenario.
struct Scenario {
    world: World,
    plan: Plan,
    rng: Rng,
    /// Of a stream of its own: what else a seed draws stays as it is.
    newcomers: Rng,
    invoices: Vec<Invoice>,
    payments: Vec<Payment>,
    tabs: Vec<Tab>,
    refunds: Vec<String>,
    disputes: Vec<String>,
    payouts: Vec<String>,
    /// Receipts that the clerk undid: key, currency and minor units.
    undone: Vec<(String, String, i64)>,
    /// Codes of parked events for which this scenario has given cause.
    causes: BTreeSet<&'static str>,
    /// Events taken up again by an operator.
    replayed: usize,
    /// Postings of the ledger that were looked up in Odoo.
    looked: i64,
    /// Steps of the spell of trouble that are left.
    spell: usize,
    /// The signing secret that Stripe uses now at the account's own endpoint, and the newest that the Worker knows.
    secret: String,
    known: String,
    done: BTreeMap<&'static str, usize>,
}

impl Snapshots {
    pub fn build() -> Self {
        let clock = crate::Clock::at(crate::world::START);
        let odoo = |version| {
            let mut odoo = Odoo::provisioned(version, clock.clone(), 7);
            for (currency, rate) in [("EUR", "0.8"), ("GBP", "0.75"), ("JPY", "150")] {
                odoo.set_rate(currency, 1, rate);
            }
            odoo.settle_in(1, "EUR");
            odoo.calls.clear();
            odoo
        };
        Self(Version::ALL.into_iter().map(odoo).collect())
    }

    /// Runs the scenario of a seed. A panic anywhere in it is an invariant that broke, too.
    pub fn run(&self, seed: u64, keep_journal: bool) -> ScenarioResult {
        let result = catch_unwind(AssertUnwindSafe(|| self.run_unguarded(seed, keep_journal)));
        result.unwrap_or_else(|panic| {
            let said = panic.downcast_ref::<String>().cloned();
            let said = said.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()));
            ScenarioResult {
                seed,
                broken: Some(Violation::new("no panic", said.unwrap_or_default())),
                journal: Vec::new(),
                digest: 0,
                done: BTreeMap::new(),
            }
        })
    }

    fn run_unguarded(&self, seed: u64, keep_journal: bool) -> ScenarioResult {
        let rng = Rng::seeded(seed ^ 0x11fe);
        let plan = Plan::from_seed(&rng);
        let world = plan.world(&self.0, seed, &rng);
        if keep_journal {
            world.dial.journal.keep();
            world.dial.journal.note(|| format!("seed {seed}: {plan:?}"));
        }
        let mut scenario = Scenario::from_plan(world, plan, rng, Rng::seeded(seed ^ 0x2e3c));
        let broken = scenario.run_all().err();
        if let Some(broken) = &broken {
            scenario.world.dial.journal.note(|| format!("BROKEN {}: {}", broken.invariant, broken.detail));
        }
        ScenarioResult {
            seed,
            broken,
            journal: scenario.world.dial.journal.lines(),
            digest: quiescence::digest(&scenario.world),
            done: std::mem::take(&mut scenario.done),
        }
    }
}

impl Scenario {
    fn from_plan(world: World, plan: Plan, rng: Rng, newcomers: Rng) -> Self {
        let unrated = plan.unrated.then_some(["currency_rate_missing"]);
        Self {
            world,
            plan,
            rng,
            newcomers,
            invoices: Vec::new(),
            payments: Vec::new(),
            tabs: Vec::new(),
            refunds: Vec::new(),
            disputes: Vec::new(),
            payouts: Vec::new(),
            undone: Vec::new(),
            causes: unrated.into_iter().flatten().collect(),
            replayed: 0,
            looked: 0,
            spell: 0,
            secret: crate::world::SECRET.to_owned(),
            known: crate::world::SECRET.to_owned(),
            done: BTreeMap::new(),
        }
    }

    /// All of it: the steps, the rest, the invariants.
    fn run_all(&mut self) -> Result<(), Violation> {
        self.world.disable_drop_check();
        for _ in 0..self.plan.steps {
            self.step_spells();
            self.step()?;
            self.time();
            invariants::check_always(self)?;
        }
        self.reach_quiescence();
        invariants::check_quiescent(self)?;
        if !self.supplies() {
            return Ok(());
        }
        self.months_end();
        invariants::accounts::all_fees_are_billed(self)
    }

    /// Whether what Stripe keeps is owed to it as a supplier.
    fn supplies(&self) -> bool {
        self.plan.vars.contains(&("FEES", "supplier"))
    }

    /// One thing that somebody does.
    fn step(&mut self) -> Result<(), Violation> {
        let what = self.below(100);
        let did = match what {
            0..=13 => self.pays_at_stripe(),
            14..=26 => self.opens_the_page()?,
            27..=42 => self.confirms()?,
            43..=46 => self.pays_nobodys(),
            47..=50 => self.rush_hour()?,
            51..=58 => self.refunds(),
            59..=61 => self.ends_a_refund(),
            62..=64 => self.disputes(),
            65..=69 => self.moves_a_dispute(),
            70..=71 => self.fails_late(),
            72..=74 => self.pays_out(),
            75..=77 => self.moves_a_payout(),
            78..=80 => self.enters_by_hand(),
            81 => self.captures_or_cancels(),
            82..=83 => self.captures_a_part().or_else(|| self.captures_or_cancels()),
            84..=87 => self.clerk_touches_an_invoice(),
            88 => self.clerk_undoes_a_payment(),
            89 => self.clerk_locks(),
            90 => self.clerk_enters_a_rate(),
            91..=92 => self.rolls_a_secret(),
            93..=95 => self.replays(),
            96 => self.resends(),
            97 => self.tries_cards()?,
            98 if !self.plan.calm => self.odoo_is_set_back()?,
            98 => self.sends_what_nobody_reads()?,
            99 => match self.below(3) {
                0 => self.clerk_enters_a_rate(),
                1 => self.signs_for_another()?,
                _ => self.sends_what_nobody_reads()?,
            },
            _ => Some("nothing"),
        };
        if let Some(name) = did {
            *self.done.entry(name).or_default() += 1;
        }
        Ok(())
    }

    /// Time until the next thing: minutes mostly, hours at times.
    fn time(&mut self) {
        let seconds = match self.below(20) {
            0..=3 => 0,
            4..=12 => 1 + self.below(120),
            13..=16 => self.below(1_200),
            17..=18 => self.below(3 * 3_600),
            _ => self.below(14 * 3_600),
        };
        self.advance(i64::try_from(seconds).unwrap_or(0));
    }

    /// Lets time pass; over hours the crons run less often, since each run costs time of the machine.
    fn advance(&mut self, seconds: i64) {
        self.world.cron_every = if seconds > 3_000 { 11 } else { 1 };
        self.world.pass(seconds);
    }

    fn note(&self, words: impl FnOnce() -> String) {
        self.world.dial.journal.note(|| format!("* {}", words()));
    }

    fn below(&self, n: usize) -> usize {
        usize::try_from(self.rng.below(n.max(1) as u64)).unwrap_or(0)
    }

    /// One of so many, if there are any.
    fn pick(&self, n: usize) -> Option<usize> {
        (n > 0).then(|| self.below(n))
    }
}
