//! Spells of trouble: for some steps one party, or one port, is much worse than usual.

use super::Scenario;
use crate::odoo::{Fault, Rule};
use crate::stripe::fault::{ApiFault, Trouble};
use crate::stripe::webhook::Dial;
use crate::world::fault_rates::{PortRates, Rates};

impl Scenario {
    /// Before each step: a spell goes on, ends, or another begins. Calm scenarios have none.
    pub(super) fn step_spells(&mut self) {
        if self.plan.calm {
            return;
        }
        match self.spell {
            0 if self.below(5) == 0 => self.begin_spell(),
            0 => {}
            1 => self.end_spells(),
            _ => self.spell -= 1,
        }
    }

    /// All parties are well, and the ports are as usual.
    pub(super) fn end_spells(&mut self) {
        self.spell = 0;
        self.world.dial.fault_rates.set(self.plan.usual);
        self.world.cron_sleeps = false;
        self.world.odoo.borrow_mut().dial.clear();
        self.world.odoo.borrow_mut().latency_ms = 0;
        self.set_up_is_back();
        self.knows_the_secret();
        let mut stripe = self.world.stripe.borrow_mut();
        stripe.faults.clear();
        stripe.dial().drop = 0;
        drop(stripe);
        self.note(|| "the trouble is over".into());
    }

    fn begin_spell(&mut self) {
        self.spell = 1 + self.below(5);
        match self.below(4) {
            0 => self.worse_ports(),
            1 => self.stripe_is_ill(),
            2 => self.odoo_is_ill(),
            _ => self.deliveries_fail(),
        }
    }

    fn worse_ports(&mut self) {
        let usual = self.plan.usual;
        let bad = 60 + 20 * self.below(10) as u16;
        let port = |p: PortRates| PortRates { before: bad, after: bad, ..p };
        let deadly = |p: PortRates| PortRates { death: bad / 2, death_after: bad / 2, ..p };
        let rates = match self.below(9) {
            0 => Rates { d1: port(usual.d1), ..usual },
            1 => Rates { http: port(usual.http), linger: bad, ..usual },
            2 => Rates { d1: deadly(usual.d1), http: deadly(usual.http), queue: deadly(usual.queue), ..usual },
            3 => Rates { queue: port(usual.queue), lose: bad * 2, late: 500, repeat: 300, dead: bad, ..usual },
            4 => Rates { twins: 900, repeat: 500, http: deadly(usual.http), ..usual },
            5 => Rates { linger: bad * 2, twins: 500, ..usual },
            6 => Rates { d1: PortRates { slow: 300, slow_ms: 90_000, ..usual.d1 }, twins: 500, ..usual },
            // Workers that stand still for longer than a lease lasts, as no time-out of their own allows.
            7 => Rates {
                http: PortRates { slow: 300, slow_ms: 400_000, ..usual.http },
                twins: 900,
                repeat: 500,
                ..usual
            },
            _ => Rates { missed: 900, lose: 500, ..usual },
        };
        self.note(|| format!("trouble at the ports: {rates:?}"));
        self.world.dial.fault_rates.set(rates);
    }

    fn stripe_is_ill(&mut self) {
        let kind = match self.below(9) {
            0 => Trouble::RateLimited("endpoint-rate".into()),
            1 => Trouble::RateLimited("global-concurrency".into()),
            2 => Trouble::LockTimeout,
            3 => Trouble::KeyInUse,
            4 => Trouble::ServerError,
            5 => Trouble::Unavailable,
            6 => Trouble::DropBefore,
            7 => Trouble::DropAfter,
            _ => Trouble::Slow(9_000 + self.below(9_000) as u32),
        };
        let percent = 15 + self.below(85) as u8;
        self.note(|| format!("Stripe: {kind:?} in {percent} of a hundred"));
        let fault = ApiFault { times: u32::MAX, percent, ..ApiFault::next("", kind) };
        self.world.stripe.borrow_mut().faults.add(fault);
    }

    fn odoo_is_ill(&mut self) {
        if self.below(8) == 0 {
            return self.set_up_is_changed();
        }
        let fault = match self.below(15) {
            0 | 1 => Fault::Down,
            2 => Fault::TimedOut,
            3 | 4 => Fault::AnswerLost,
            5 | 6 => Fault::TimedOutAfterCommit,
            7 => Fault::Slow(self.below(70_000) as u32),
            8 => Fault::Status(502),
            9 => Fault::Html404,
            10 => Fault::DatabaseDown,
            11 | 12 => Fault::Serialization,
            13 => Fault::AuthRevoked,
            _ => Fault::RightsRemoved,
        };
        let percent = 20 + self.below(81) as u8;
        self.note(|| format!("Odoo: {fault:?} in {percent} of a hundred"));
        self.world.odoo.borrow_mut().dial.add(Rule { percent, ..Rule::always(fault) });
    }

    /// A person archives the Stripe journal, or it is the database of a ledger of the other mode that the Worker calls.
    fn set_up_is_changed(&mut self) {
        let archived = self.rng.percent(50);
        self.note(
            || if archived { "the Stripe journal is archived".into() } else { "the books are of live mode".into() },
        );
        let mut odoo = self.world.odoo.borrow_mut();
        match archived {
            true => odoo.poke_named("quittance.journal_stripe_1", "active", serde_json::json!(false)),
            false => {
                let owners = odoo.owners(1);
                odoo.keeps_books_of(1, &owners.replace("test ", "live "));
            }
        }
    }

    fn set_up_is_back(&mut self) {
        let mut odoo = self.world.odoo.borrow_mut();
        odoo.poke_named("quittance.journal_stripe_1", "active", serde_json::json!(true));
        let owners = odoo.owners(1);
        odoo.keeps_books_of(1, &owners.replace("live ", "test "));
    }

    fn deliveries_fail(&mut self) {
        let mut stripe = self.world.stripe.borrow_mut();
        let dial: &mut Dial = stripe.dial();
        dial.drop = if self.rng.percent(50) { 100 } else { 30 };
        let drop_rate = dial.drop;
        drop(stripe);
        self.world.cron_sleeps = self.rng.percent(40);
        let sleeps = self.world.cron_sleeps;
        self.note(|| format!("deliveries are lost, {drop_rate} of a hundred; crons sleep: {sleeps}"));
    }
}
