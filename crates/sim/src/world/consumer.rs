//! The queue's consumer: batches of what is due, given to a Worker, or to several at once; what fails is given again.

use quittance::ports::Fut;
use quittance::queue::{self, QueueAnswer};

use super::World;
use super::ports::Hint;

/// Cloudflare gives a message again after a pause, and after so many times it is a dead letter (wrangler.toml).
const TRIES: u32 = 3;
const RETRY_MS: i64 = 30_000;
/// Messages of one batch (wrangler.toml).
const BATCH: usize = 20;

impl World {
    /// Works a batch. Whether there was any.
    pub(super) fn consume(&mut self) -> bool {
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
        let rates = self.dial.fault_rates.rates();
        if self.dial.fault_rates.draws(rates.dead) {
            self.bury(batch);
        } else if self.dial.fault_rates.draws(rates.twins) {
            self.side_by_side(batch);
        } else {
            let fate = self.invoke(queue::consume(&self.rt, &self.config, &ids(&batch)));
            self.after(batch, fate);
        }
        true
    }

    /// Two or three Workers at once: each has a part of the batch, or all of it.
    fn side_by_side(&mut self, batch: Vec<Hint>) {
        let fault_rates = &self.dial.fault_rates;
        let (seed, at) = (fault_rates.below(u64::MAX), fault_rates.below(batch.len() as u64 + 1) as usize);
        let (front, back) = batch.split_at(at.min(batch.len()));
        let mut parts = match fault_rates.below(3) {
            0 => vec![batch.clone(), batch.clone()],
            1 => vec![front.to_vec(), back.to_vec()],
            _ => vec![front.to_vec(), batch.clone(), back.to_vec()],
        };
        parts.retain(|part| !part.is_empty());
        self.dial.journal.note(|| format!("  {} Workers at once", parts.len()));
        let named: Vec<Vec<String>> = parts.iter().map(|part| ids(part)).collect();
        let run = |ids| Box::pin(queue::consume(&self.rt, &self.config, ids)) as Fut<'_, QueueAnswer>;
        let fates = self.race(seed, named.iter().map(|ids| run(ids)).collect());
        for (part, fate) in parts.into_iter().zip(fates) {
            self.after(part, fate);
        }
    }

    /// What becomes of a batch's messages: `None` is a Worker that died.
    fn after(&mut self, batch: Vec<Hint>, fate: Option<QueueAnswer>) {
        self.dial.journal.note(|| format!("  queue: {} gave {fate:?}", ids(&batch).join(" ")));
        if fate == Some(QueueAnswer::Ack) {
            return;
        }
        let (spent, again): (Vec<_>, Vec<_>) = batch.into_iter().partition(|hint| hint.tries + 1 >= TRIES);
        self.bury(spent);
        let due_ms = self.clock.now_ms() + RETRY_MS;
        self.hints.borrow_mut().extend(again.into_iter().map(|hint| Hint { due_ms, tries: hint.tries + 1, ..hint }));
    }

    /// Dead letters.
    fn bury(&mut self, batch: Vec<Hint>) {
        if !batch.is_empty() {
            queue::dead_letters(&self.rt, &ids(&batch));
            self.dead.extend(batch.into_iter().map(|hint| hint.event));
        }
    }
}

fn ids(batch: &[Hint]) -> Vec<String> {
    batch.iter().map(|hint| hint.event.clone()).collect()
}
