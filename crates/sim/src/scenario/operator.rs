//! What the keeper of the Worker does: secrets, replays.

use super::Scenario;
use crate::world::{connect_secret, signing};

type StepText = Option<&'static str>;

impl Scenario {
    /// A new signing secret of each endpoint. The old one signs beside it for a while; the Worker learns the new ones at once,
    /// or late.
    pub(super) fn rolls_a_secret(&mut self) -> StepText {
        let endpoints: Vec<String> = {
            let stripe = self.world.stripe.borrow();
            let rows = stripe.everywhere("webhook_endpoint");
            rows.iter().filter_map(|row| Some(row["id"].as_str()?.to_owned())).collect()
        };
        let last = self.known.clone();
        let new = format!("whsec_sim_{}", self.rng.letters(32));
        let keep = if self.rng.percent(50) { 24 * 3_600_000 } else { 0 };
        for endpoint in endpoints {
            let mut stripe = self.world.stripe.borrow_mut();
            let secret = if stripe.is_connect(&endpoint) { connect_secret(&new) } else { new.clone() };
            stripe.roll(&endpoint, &secret, keep);
        }
        self.secret = new.clone();
        let told = self.rng.percent(60);
        self.note(|| format!("the signing secrets are rolled, the old ones kept {keep} ms, the Worker told: {told}"));
        if told {
            self.world.set("STRIPE_WEBHOOK_SECRETS", &signing(&[&last, &new]));
            self.known = new;
        }
        Some("secret rolled")
    }

    /// The Worker has the secrets that Stripe signs with.
    pub(super) fn knows_the_secret(&mut self) {
        self.known = self.secret.clone();
        self.world.set("STRIPE_WEBHOOK_SECRETS", &signing(&[&self.known]));
    }

    /// An operator takes events up again, as docs/OPERATIONS.md says it is done: safe at any time.
    pub(super) fn replays(&mut self) -> StepText {
        let rows = self.world.db.query("SELECT id FROM inbox WHERE state IN ('done', 'parked', 'ignored') ORDER BY id");
        let mut names = Vec::new();
        for _ in 0..1 + self.below(5) {
            let row = rows.get(self.pick(rows.len())?)?;
            names.push(row.get("id")?.as_str()?.to_owned());
        }
        self.replay(&names);
        Some("replay")
    }

    /// Takes events up again.
    pub(super) fn replay(&mut self, events: &[String]) {
        self.note(|| format!("an operator replays {}", events.join(" ")));
        let list = serde_json::Value::from(events).to_string();
        let now = self.world.clock.now();
        let sql = "UPDATE inbox SET state = 'received', code = NULL, detail = NULL, attempts = 0, batch_limit = NULL, \
             finished = NULL, due = ?2, queue_again_at = ?2 WHERE id IN (SELECT value FROM json_each(?1)) AND state <> 'claimed'";
        let stmt = quittance::ports::Stmt::new(sql, [list.into(), now.into()]);
        let _told = self.world.db.run(&[stmt]);
        self.replayed += events.len();
    }

    /// Somebody presses "resend" at Stripe.
    pub(super) fn resends(&mut self) -> StepText {
        let most = self.world.stripe.borrow().deliveries().len();
        let id = self.pick(most)? as u64 + 1;
        self.world.stripe.borrow_mut().resend(id)?;
        self.note(|| format!("delivery {id} is sent again"));
        Some("resend")
    }
}
