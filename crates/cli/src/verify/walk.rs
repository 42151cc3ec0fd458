//! The walk over Stripe's balance transactions, and whether anything moved while it lasted.

use std::collections::BTreeSet;

use quittance::error::Error;

use super::gather::Parties;
use super::stripe::{self, Balance, Transaction};

/// Parts that a long list is cut into, asked for at once; Stripe takes 25 reads a second.
const LANES: usize = 6;
/// How often what moved meanwhile is caught up with.
const ROUNDS: usize = 4;

/// Stripe's side, and whether it stood still while it was read.
pub struct Snapshot {
    pub transactions: Vec<Transaction>,
    /// None for a past day.
    pub balance: Option<Balance>,
    pub still: bool,
}

impl Parties {
    /// What happened up to a past day: nothing moves any more.
    pub fn until(&self, from: i64, until: i64) -> Result<Snapshot, Error> {
        let transactions = self.walk(from, Some(until))?;
        Ok(Snapshot { transactions, balance: None, still: true })
    }

    /// What there is now. The balance and the newest transaction are read before and after the walk; when something moved
    /// the walk is caught up with, a few times.
    pub fn now(&self, from: i64) -> Result<Snapshot, Error> {
        let client = self.who.client(&*self.lanes.http);
        let look = || Ok::<_, Error>((stripe::balance(&client)?, stripe::newest(&client)?.map(|newest| newest.id)));
        let mut before = look()?;
        let mut transactions = self.walk(from, None)?;
        for _ in 0..ROUNDS {
            let after = look()?;
            if before == after {
                return Ok(Snapshot { transactions, balance: Some(after.0), still: true });
            }
            before = after;
            let since = transactions.first().map_or(from, |newest| newest.created);
            let newer = stripe::transactions(&client, since, None)?;
            transactions = merged(newer, transactions);
        }
        Ok(Snapshot { transactions, balance: Some(before.0), still: false })
    }

    /// The list, the newest first. Its first page tells whether it is long; the rest is then walked in parts.
    fn walk(&self, from: i64, until: Option<i64>) -> Result<Vec<Transaction>, Error> {
        let client = self.who.client(&*self.lanes.http);
        if self.lanes.fork.is_none() {
            return stripe::transactions(&client, from, until);
        }
        let (first, more) = stripe::first_page(&client, from, until)?;
        let Some(oldest) = first.last().filter(|_| more).map(|last| last.created) else { return Ok(first) };
        let parts = parts(from, oldest + 1, LANES as i64);
        let who = &self.who;
        let found = self
            .lanes
            .each(LANES, &parts, |http, (from, until)| stripe::transactions(&who.client(&**http), *from, Some(*until)));
        let mut all = first;
        for part in found.into_iter().rev() {
            all = merged(all, part?);
        }
        Ok(all)
    }
}

/// Equal parts of a span of seconds, the oldest first.
fn parts(from: i64, until: i64, count: i64) -> Vec<(i64, i64)> {
    let span = (until - from).max(1);
    let edge = |at: i64| from + span * at / count;
    (0..count).map(|at| (edge(at), edge(at + 1))).filter(|(from, until)| from < until).collect()
}

/// Both lists, each transaction once, the newest first.
fn merged(newer: Vec<Transaction>, older: Vec<Transaction>) -> Vec<Transaction> {
    let known: BTreeSet<String> = newer.iter().map(|t| t.id.clone()).collect();
    let rest = older.into_iter().filter(|t| !known.contains(&t.id));
    newer.into_iter().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cover_a_span_without_gap_or_overlap() {
        for (from, until, count) in [(0, 100, 6), (5, 6, 6), (7, 7, 3), (1_790_000_000, 1_795_000_000, 6)] {
            let parts = parts(from, until, count);
            assert_eq!(parts.first().map(|p| p.0), Some(from));
            assert!(parts.windows(2).all(|two| two[0].1 == two[1].0), "{parts:?}");
            assert!(parts.last().is_some_and(|p| p.1 >= until), "{parts:?}");
        }
    }
}
