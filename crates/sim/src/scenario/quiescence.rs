//! The end of a scenario: no more trouble, and time until nothing is left to do.

use super::Scenario;
use crate::odoo::EntryView;
use crate::stripe::merchant::Pay;
use crate::world::World;
use crate::world::fault_rates::Rates;

const HOUR: i64 = 3_600;
/// The longest that anything waits by itself: a payment that is not final, a day; the last steps of the retry schedule.
const REST_S_MAX: i64 = 40 * HOUR;
/// Until every month in which a scenario may have been is complete.
const MONTHS: i64 = 45 * 24 * HOUR;

impl Scenario {
    /// Everybody is well, the hints that nobody looked at are worked, and the sweeps find what was lost.
    pub(super) fn reach_quiescence(&mut self) {
        self.plan.usual = Rates::default();
        self.end_spells();
        self.world.odoo.borrow_mut().poke("res.company", 1, "fiscalyear_lock_date", serde_json::json!(false));
        self.world.stripe.borrow_mut().settings.payouts.automatic = false;
        self.authorizations_end();
        self.advance(40 * 60);
        self.settle_down();
        self.clerk_enters_old_rates();
        // A person looks at what was parked, mends it where it can be, and takes it up again.
        let rows = self.world.db.query("SELECT id FROM inbox WHERE state = 'parked' ORDER BY id");
        let parked: Vec<String> = rows.iter().filter_map(|row| row.get("id")?.as_str().map(str::to_owned)).collect();
        if !parked.is_empty() {
            self.replay(&parked);
            self.settle_down();
        }
        self.note(|| "at rest".into());
    }

    /// The months of this scenario end, and the clerk posts the bills of what Stripe kept. One fee is booked when its month's bill
    /// is cleared: there was no rate for its payment.
    pub(super) fn months_end(&mut self) {
        self.world.odoo.borrow_mut().drop_rates("GBP");
        let paid = self.world.stripe.borrow_mut().pay(&Pay::card(5_000, "gbp")).is_ok();
        self.note(|| format!("a payment without a rate: {paid}"));
        self.advance(HOUR);
        self.world.cron_sleeps = true;
        self.advance(MONTHS);
        self.world.cron_sleeps = false;
        self.advance(2 * HOUR);
        self.clerk_posts_bills();
        self.clerk_enters_old_rates();
        let rows = self.world.db.query("SELECT id FROM inbox WHERE state = 'parked' ORDER BY id");
        let parked: Vec<String> = rows.iter().filter_map(|row| row.get("id")?.as_str().map(str::to_owned)).collect();
        self.replay(&parked);
        self.advance(2 * HOUR);
        // What is booked late has a bill of its own once the month's first is cleared.
        for _ in 0..3 {
            self.clerk_posts_bills();
        }
    }

    /// Every draft bill, and a day later they are cleared.
    fn clerk_posts_bills(&mut self) {
        let mut odoo = self.world.odoo.borrow_mut();
        let draft =
            |entry: &EntryView| entry.state == "draft" && matches!(entry.kind.as_str(), "in_invoice" | "in_refund");
        let drafts: Vec<i64> = odoo.entries().iter().filter(|entry| draft(entry)).map(|entry| entry.id).collect();
        drafts.iter().for_each(|bill| odoo.repost_invoice(*bill));
        drop(odoo);
        self.note(|| format!("the clerk posts the bills {drafts:?}"));
        self.advance(26 * HOUR);
    }

    fn settle_down(&mut self) {
        let mut waited = 0;
        while waited < REST_S_MAX && (waited == 0 || !self.world.leftovers().is_empty()) {
            let step = if waited < 4 * HOUR { HOUR } else { 4 * HOUR };
            self.advance(step);
            waited += step;
        }
    }
}

/// A hash of everything that the product said, of all that it asked for, and of the time it took: FNV-1a.
pub fn digest(world: &World) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut take = |text: &str| {
        for byte in text.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    for line in world.log() {
        take(line.event);
        take(&line.fields.to_string());
    }
    for row in world
        .db
        .query("SELECT * FROM inbox ORDER BY id")
        .iter()
        .chain(&world.db.query("SELECT * FROM postings ORDER BY key"))
    {
        take(&serde_json::Value::Object(row.clone()).to_string());
    }
    take(&format!("{} {} {}", world.clock.now_ms(), world.dial.calls(), world.odoo.borrow().calls.len()));
    hash
}
