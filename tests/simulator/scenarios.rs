//! Random scenarios repeat by their seed (`cargo xtask simulate` runs thousands of them).

use quittance_sim::scenario::Snapshots;

/// Seeds of scenarios with many faults, one of each version of Odoo.
const SEEDS: [u64; 4] = [1, 3, 13, 71];

#[test]
fn the_same_seed_makes_the_same_scenario() {
    let (one, other) = (Snapshots::build(), Snapshots::build());
    for seed in SEEDS {
        let first = one.run(seed, true);
        assert_eq!(first.broken, None, "seed {seed}");
        // On other snapshots, after other scenarios, without a journal.
        let quiet = other.run(seed, false);
        let again = other.run(seed, true);
        assert_eq!(quiet.digest, first.digest, "seed {seed}");
        assert!(first.journal.len() > 100, "seed {seed}: {} lines", first.journal.len());
        for (a, b) in first.journal.iter().zip(&again.journal) {
            assert_eq!(a, b, "seed {seed}");
        }
        assert_eq!(again.digest, first.digest, "seed {seed}");
    }
    let digests: std::collections::BTreeSet<u64> = SEEDS.iter().map(|seed| one.run(*seed, false).digest).collect();
    assert_eq!(digests.len(), SEEDS.len(), "other seeds make other scenarios");
}
