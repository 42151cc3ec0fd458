//! The end of a life: no more trouble, and time until nothing is left to do.

use super::Life;
use crate::world::World;
use crate::world::weather::Rates;

const HOUR: i64 = 3_600;
/// The longest that anything waits by itself: a payment that is not final, a day; the last steps of the retry schedule.
const LONGEST: i64 = 40 * HOUR;

impl Life {
    /// Everybody is well, the hints that nobody looked at are worked, and the sweeps find what was lost.
    pub(super) fn comes_to_rest(&mut self) {
        self.plan.usual = Rates::default();
        self.clears_up();
        self.world.odoo.borrow_mut().poke("res.company", 1, "fiscalyear_lock_date", serde_json::json!(false));
        self.world.stripe.borrow_mut().settings.payouts.automatic = false;
        self.pass(40 * 60);
        self.rests();
        self.clerk_enters_old_rates();
        // A person looks at what was parked, mends it where it can be, and takes it up again.
        let rows = self.world.db.query("SELECT id FROM inbox WHERE state = 'parked' ORDER BY id");
        let parked: Vec<String> = rows.iter().filter_map(|row| row.get("id")?.as_str().map(str::to_owned)).collect();
        if !parked.is_empty() {
            self.replay(&parked);
            self.rests();
        }
        self.note(|| "at rest".into());
    }

    fn rests(&mut self) {
        let mut waited = 0;
        while waited < LONGEST && (waited == 0 || !self.world.leftovers().is_empty()) {
            let step = if waited < 4 * HOUR { HOUR } else { 4 * HOUR };
            self.pass(step);
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
