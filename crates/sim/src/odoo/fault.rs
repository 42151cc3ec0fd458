//! The fault dial: what goes wrong, at which calls, how often.

use std::collections::BTreeSet;

use super::rights::{SYSTEM, Session, USER};
use crate::Rng;

/// How long an answer takes that nobody waits for: longer than any time-out.
pub const SILENT_MS: u32 = 600_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No connection; nothing is done.
    Down,
    /// No answer in time; nothing is done.
    TimedOut,
    /// The work is done and committed, then the connection breaks.
    AnswerLost,
    /// The work is done and committed, but the answer comes too late.
    TimedOutAfterCommit,
    /// The work is done; the answer takes so many milliseconds longer.
    Slow(u32),
    /// The work is done; the answer is longer than anybody reads.
    Endless,
    /// A proxy answers in Odoo's place; nothing is done.
    Status(u16),
    /// JSON-2's `404 text/html`; over JSON-RPC the database is missing. Nothing is done.
    Html404,
    /// Postgres does not answer Odoo.
    DatabaseDown,
    /// Odoo lost the row to another transaction five times.
    Serialization,
    /// Keys and passwords of everybody but Settings users are refused.
    AuthRevoked,
    /// Everybody but Settings users is a plain internal user.
    RightsRemoved,
    /// The procedures' server actions are gone.
    ProcedureMissing,
    /// Somebody edited the procedures: their hash is another.
    ProcedureChanged,
}

/// When a fault strikes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub fault: Fault,
    /// Part of `model.method`, of the path, or of a booking's text; empty: every request.
    pub on: String,
    /// So many matching requests pass first.
    pub skip: u32,
    /// Strikes so often; `None`: until the dial is cleared.
    pub times: Option<u32>,
    /// In so many of a hundred cases.
    pub percent: u8,
}

impl Rule {
    /// Always, at every request.
    pub fn always(fault: Fault) -> Self {
        Self { fault, on: String::new(), skip: 0, times: None, percent: 100 }
    }

    /// At the next request only.
    pub fn once(fault: Fault) -> Self {
        Self { times: Some(1), ..Self::always(fault) }
    }

    /// Only at requests whose `model.method` or path contains this.
    pub fn on(mut self, part: &str) -> Self {
        part.clone_into(&mut self.on);
        self
    }

    pub fn skip(mut self, requests: u32) -> Self {
        self.skip = requests;
        self
    }
}

/// All rules, and what they say of the request at hand.
#[derive(Clone, Debug, Default)]
pub struct Dial {
    rules: Vec<Rule>,
    now: Vec<Fault>,
}

impl Dial {
    pub fn add(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    pub fn clear(&mut self) {
        self.rules.clear();
        self.now.clear();
    }

    /// Turns the dial for one request.
    pub fn turn(&mut self, label: &str, rng: &Rng) {
        self.now.clear();
        for rule in self.rules.iter_mut().filter(|r| label.contains(&r.on)) {
            if rule.skip > 0 {
                rule.skip -= 1;
            } else if rule.times != Some(0) && rng.percent(rule.percent) {
                rule.times = rule.times.map(|n| n - 1);
                self.now.push(rule.fault);
            }
        }
    }

    /// Whether the request at hand suffers from a fault.
    pub fn bends(&self, fault: Fault) -> bool {
        self.now.contains(&fault)
    }

    /// The status a proxy answers with.
    pub fn status(&self) -> Option<u16> {
        self.now.iter().find_map(|f| if let Fault::Status(status) = f { Some(*status) } else { None })
    }

    /// Milliseconds that the answer takes longer.
    pub fn delay(&self) -> u32 {
        let slow = self.now.iter().filter_map(|f| if let Fault::Slow(ms) = f { Some(*ms) } else { None }).sum();
        if self.bends(Fault::TimedOut) || self.bends(Fault::TimedOutAfterCommit) { SILENT_MS } else { slow }
    }

    /// The session as [`Fault::RightsRemoved`] leaves it.
    pub fn bent(&self, session: Session) -> Session {
        if !self.bends(Fault::RightsRemoved) || session.has(SYSTEM) {
            return session;
        }
        Session { groups: BTreeSet::from([USER.to_owned()]), ..session }
    }
}
