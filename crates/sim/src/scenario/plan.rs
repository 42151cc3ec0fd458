//! What a seed decides at the start: the Odoo, the settings, the climate, how long it lasts.

use rust_decimal::Decimal;

use crate::Rng;
use crate::odoo::{Odoo, Version};
use crate::world::World;
use crate::world::fault_rates::{PortRates, Rates};

/// The connected account.
pub const BESIDE: &str = "acct_1SimBesideXXXXXX";

/// The plan of a scenario.
#[derive(Clone, Debug)]
pub struct Plan {
    pub version: Version,
    /// Nothing is refused, lost or dies in it; deliveries and messages still repeat and overtake each other, and several
    /// Workers work at once.
    pub calm: bool,
    pub steps: usize,
    pub thin: bool,
    /// A connected account has payments of its own beside the merchant's.
    pub beside: bool,
    pub partial: bool,
    /// The accountant has entered no rate of pounds yet.
    pub unrated: bool,
    pub vars: Vec<(&'static str, &'static str)>,
    /// Of the company: it decides which day an instant is.
    pub zone: &'static str,
    /// Between spells of trouble.
    pub usual: Rates,
}

impl Plan {
    pub fn from_seed(rng: &Rng) -> Self {
        let below = |n: u64| rng.below(n);
        let version = Version::ALL.get(below(3) as usize).copied().unwrap_or(Version::V18);
        let calm = below(4) == 0;
        let steps = 12 + below(40) as usize;
        let (thin, partial, beside) = (below(4) == 0, below(3) == 0, below(4) == 0);
        let one_of = |words: &[&'static str]| words.get(below(words.len() as u64) as usize).copied().unwrap_or("");
        let vars = vec![
            ("FEES", one_of(&["expense", "expense", "supplier"])),
            ("DISPUTE_LOST", one_of(&["receivable", "write_off"])),
            ("CREDIT_NOTE", one_of(&["post", "post", "draft", "none"])),
            ("ODOO_NOTE", one_of(&["true", "false"])),
            ("ODOO_TRANSACTION", one_of(&["false", "false", "true"])),
            ("PAY_PARTIAL", if partial { "true" } else { "false" }),
        ];
        let rough = match below(3) {
            _ if calm => 0,
            0 => 2,
            1 => 8,
            _ => 25,
        };
        let usual = if calm { calm_rates() } else { usual_rates(rough) };
        let unrated = below(4) == 0;
        let zone = one_of(&["UTC", "America/New_York", "Pacific/Kiritimati", "Asia/Tokyo"]);
        Self { version, calm, steps, thin, beside, partial, unrated, vars, zone, usual }
    }

    /// The world it happens in.
    pub fn world(&self, odoos: &[Odoo], seed: u64, rng: &Rng) -> World {
        let at = Version::ALL.iter().position(|v| *v == self.version).unwrap_or(0);
        #[allow(clippy::indexing_slicing, reason = "the snapshots have an Odoo of each version")]
        let mut world = World::copying(&odoos[at], seed, self.thin);
        for (name, value) in &self.vars {
            world.set(name, value);
        }
        let pay_settings = Rng::seeded(seed ^ 0xca2d);
        for name in ["PAY_SAVED_CARDS", "PAY_RECEIPT_EMAIL"] {
            world.set(name, if pay_settings.percent(40) { "true" } else { "false" });
        }
        if self.unrated {
            world.odoo.borrow_mut().drop_rates("GBP");
        }
        if self.beside {
            world.connect(BESIDE, self.thin);
        }
        world.odoo.borrow_mut().set_zone(1, self.zone);
        world.dial.fault_rates.begin(seed ^ 0x5707);
        world.dial.fault_rates.set(self.usual);
        {
            let mut stripe = world.stripe.borrow_mut();
            let rate = |text: &str| text.parse::<Decimal>().unwrap_or_default();
            stripe.settings.rates.insert("eur".into(), rate("1.267125"));
            stripe.settings.rates.insert("gbp".into(), rate("1.1689"));
            stripe.settings.settles.insert("gbp".into(), "eur".into());
            // Of a stream of its own: what else a seed draws stays as it is.
            stripe.settings.search_missing = Rng::seeded(seed ^ 0x5ea7).percent(30);
            stripe.settings.payouts.automatic = rng.percent(50);
            stripe.settings.fee.fx_per_mille = if rng.percent(50) { 10 } else { 0 };
            stripe.settings.fee.dispute_returned = rng.percent(50);
            stripe.settings.settle_after_ms = if rng.percent(25) { 600_000 } else { 2_000 };
            stripe.settings.capture_reversal_after_ms = rng.percent(30).then_some(60_000);
            stripe.settings.captured_by_the_last = Rng::seeded(seed ^ 0xca97).percent(50);
            stripe.settings.list_lag_ms = if rng.percent(30) { 25 * 60_000 } else { 0 };
            stripe.settings.debits_enter_first = rng.percent(75);
            stripe.settings.clear_after_ms = if rng.percent(40) { 3 * 86_400_000 } else { 60_000 };
            let dial = stripe.dial();
            (dial.duplicate, dial.twin, dial.reorder) = (15, 8, 30);
            (dial.delay, dial.delay_ms) = (20, 1_800_000);
        }
        world
    }
}

/// Nothing is lost, but everybody takes their time, several Workers work at once, and messages come twice and late.
fn calm_rates() -> Rates {
    let slow = |slow, slow_ms| PortRates { slow, slow_ms, ..PortRates::default() };
    Rates { d1: slow(60, 1_500), http: slow(150, 6_000), repeat: 80, late: 150, twins: 350, ..Rates::default() }
}

/// What always goes wrong a little: so many of a thousand calls in each way.
fn usual_rates(rough: u16) -> Rates {
    let port = |slow_ms| PortRates {
        before: rough,
        after: rough,
        death: rough / 2,
        death_after: rough / 2,
        slow: rough * 2,
        slow_ms,
    };
    Rates {
        d1: port(3_000),
        http: port(12_000),
        queue: port(500),
        linger: rough,
        lose: rough * 2,
        repeat: 50,
        late: 100,
        twins: 200,
        dead: rough,
        missed: rough * 4,
    }
}
