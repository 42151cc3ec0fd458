//! Books spoiled at random, in several ways at once: whatever was done is found with its cause, nothing else is, and the
//! findings' sum is the difference to the minor unit.

use std::collections::BTreeMap;

use quittance::erp::odoo::books::Stray;
use quittance_cli::verify::compare::StrayEntry;
use quittance_cli::verify::finding::Cause;

use crate::both_sides::{BothSides, day, sum, transaction, usd};

/// Draws below a number.
struct Chance(quittance_sim::Rng);

impl Chance {
    fn below(&self, most: i64) -> i64 {
        i64::try_from(self.0.below(u64::try_from(most).unwrap())).unwrap()
    }
}

/// Ids of what must be found, by cause.
type Wanted = BTreeMap<Cause, Vec<String>>;

/// Does one thing to the books of one transaction.
fn spoil(known: &mut BothSides, id: &str, rng: &Chance, wanted: &mut Wanted) {
    let at = known.at.clone();
    let counts = |day: &str| at.as_deref().is_none_or(|at| day <= at);
    let net = known.transactions.iter().find(|t| t.id == id).unwrap().net;
    let intended = known.entry(id).intended.clone();
    let due = counts(&intended);
    let mut want = |cause: Cause, seen: bool| {
        if seen {
            wanted.entry(cause).or_default().push(id.to_owned());
        }
    };
    match rng.below(8) {
        0 => {
            known.unbook(id);
            want(Cause::NotPosted, due);
        }
        1 => {
            known.unbook(id);
            known.parked.insert(id.into(), "attempts_exhausted".into());
            want(Cause::Parked, due);
        }
        2 => {
            let entry = known.entry(id);
            (entry.name, entry.state, entry.date) = (None, None, None);
            entry.sums.clear();
            want(Cause::Deleted, due);
        }
        3 => {
            known.entry(id).state = Some("draft".into());
            want(Cause::Draft, due);
        }
        4 => {
            known.entry(id).state = Some("cancel".into());
            want(Cause::Cancelled, due);
        }
        5 => {
            let other = net + [-1, 1, 7, -net, -2 * net + 1][usize::try_from(rng.below(5)).unwrap()];
            known.entry(id).sums = vec![sum(other, usd())];
            want(Cause::Changed, due && other != net);
        }
        6 => {
            let moved = day(rng.below(28) + 1);
            known.entry(id).date = Some(moved.clone());
            want(Cause::DateMoved, due != counts(&moved));
        }
        _ => {
            let moved = day(rng.below(28) + 1);
            let entry = known.entry(id);
            (entry.date, entry.sums) = (Some(moved.clone()), vec![sum(net + 3, usd())]);
            want(Cause::Changed, due || counts(&moved));
        }
    }
}

fn strangers(known: &mut BothSides, rng: &Chance, wanted: &mut Wanted) {
    let at = known.at.clone();
    let counts = |day: &str| at.as_deref().is_none_or(|at| day <= at);
    for n in 0..rng.below(4) {
        let (minor, date) = (rng.below(2_000) - 1_000, day(rng.below(28) + 1));
        // Odoo lists those up to the day alone.
        if minor != 0 && counts(&date) {
            known.foreign(500 + n, minor, &date);
            wanted.entry(Cause::Foreign).or_default().push(format!("MISC/{}", 500 + n));
        }
    }
    for n in 0..rng.below(3) {
        let cause = [Cause::NotInStripe, Cause::BeforeCutOver, Cause::Newer][usize::try_from(n).unwrap()];
        let (minor, date) = (1 + rng.below(900), day(rng.below(28) + 1));
        let key = format!("stripe:acct_1:txn_s{n}:settled");
        let (name, state) = (format!("STRP/9{n}"), "posted".into());
        let seen = counts(&date);
        let stray = Stray { key, id: 9_000 + n, name, state, date, sums: vec![sum(minor, usd())] };
        known.strays.push(StrayEntry { stray, cause });
        if seen {
            wanted.entry(cause).or_default().push(format!("txn_s{n}"));
        }
    }
    match rng.below(5) {
        0 => {
            known.open(5_000, "draft");
            wanted.entry(Cause::OpeningDraft).or_default().push("STRP/0".into());
        }
        1 if known.at.is_none() => {
            known.open(5_000 + 1 + rng.below(90), "posted");
            wanted.entry(Cause::OpeningDiffers).or_default().push("STRP/0".into());
        }
        2 if known.at.is_none() => {
            known.totals.openings.clear();
            wanted.entry(Cause::OpeningMissing).or_default().push(String::new());
        }
        _ => {}
    }
}

#[test]
fn whatever_was_done_is_found_and_sums_up() {
    for seed in 0..3_000 {
        let rng = Chance(quittance_sim::Rng::seeded(seed));
        let mut known = BothSides::whole(0);
        known.at = (rng.below(2) == 0).then(|| day(1 + rng.below(28)));
        known.others = rng.below(5_000);
        let count = 1 + rng.below(40);
        for n in 0..count {
            let net = rng.below(2_000_000) - 1_000_000;
            known.add(transaction(&format!("txn_{n:03}"), net), &day(1 + rng.below(28)));
        }
        let mut wanted = Wanted::new();
        for n in 0..count {
            if rng.below(3) == 0 {
                spoil(&mut known, &format!("txn_{n:03}"), &rng, &mut wanted);
            }
        }
        strangers(&mut known, &rng, &mut wanted);
        let section = known.compare();
        assert_eq!(section.unexplained, 0, "seed {seed}: {section:?}");
        assert_eq!(section.explained(), section.difference(), "seed {seed}");
        let mut found = Wanted::new();
        for finding in &section.findings {
            let id = finding.transaction.clone().or(finding.entry.as_ref().map(|e| e.name.clone()));
            found.entry(finding.cause).or_default().push(id.unwrap_or_default());
        }
        [&mut found, &mut wanted].into_iter().for_each(|all| all.values_mut().for_each(|ids| ids.sort()));
        assert_eq!(found, wanted, "seed {seed}");
        let good = found.keys().all(|cause| cause.is_timing());
        assert_eq!(section.holds(), good, "seed {seed}");
    }
}
