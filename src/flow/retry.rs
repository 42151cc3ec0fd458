//! The one retry schedule. Stripe's own deliveries give up after three days, and so does this.

use crate::error::Code;
use crate::ledger::claim::Claim;

/// Seconds until the next attempt, after each failed one; then every six hours.
const FIRST_DELAYS_S: [i64; 6] = [10, 30, 120, 600, 1_800, 7_200];
const LAST_DELAY_S: i64 = 6 * 3_600;
/// After so many failed attempts three days have passed.
pub const ATTEMPTS_MAX: i64 = 19;

/// After so many seconds of waiting for a payment that Stripe does not call final, money that moved is booked as it is.
pub const WAIT_S_MAX: i64 = 24 * 3_600;
/// An event that waits is looked at again after so many seconds, then ever more rarely, if nothing wakes it.
pub const WAIT_S_MIN: i64 = 600;

/// Whether an event has waited as long as one may, at `now` (seconds).
pub fn has_waited_longest(claim: &Claim, now: i64) -> bool {
    claim.waiting_since.is_some_and(|since| now - since >= WAIT_S_MAX)
}

/// Seconds to wait after `attempts` failed ones (1 for the first); `None` when it was the last. `spread` spreads the
/// wait over 80 to 120 percent, so that what failed together does not come back together.
pub fn delay_s(attempts: i64, spread: u8) -> Option<i64> {
    if attempts >= ATTEMPTS_MAX {
        return None;
    }
    let index = usize::try_from(attempts - 1).unwrap_or(0);
    let base = FIRST_DELAYS_S.get(index).copied().unwrap_or(LAST_DELAY_S);
    Some((base * (80 * 255 + 40 * i64::from(spread)) / (100 * 255)).max(1))
}

/// Seconds until another look, for what cannot be done yet without anything having failed: a person has to post a bill first,
/// or the rest of a long work is to follow.
pub fn postponement_s(code: Code) -> Option<i64> {
    match code {
        Code::BillNotPosted => Some(24 * 3_600),
        Code::BillClearing => Some(0),
        // As old as what KV gives may be.
        Code::PayoutReading => Some(60),
        _ => None,
    }
}

/// The same for what has `waited` so many seconds already: a bill that a person has to post is looked at once a day for the
/// first ten days, then ever more rarely, at last once a month.
pub fn longer_postponement_s(code: Code, after: i64, waited: i64) -> i64 {
    match code {
        Code::BillNotPosted => (waited / 10).clamp(after, 30 * 24 * 3_600),
        _ => after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_days_then_no_more() {
        let total: i64 = (1..).map_while(|n| delay_s(n, 127)).sum();
        assert!((71 * 3_600..=75 * 3_600).contains(&total), "{total}");
        assert_eq!(delay_s(ATTEMPTS_MAX, 0), None);
    }

    /// A bill that nobody posts is asked for ever more rarely; what Stripe or KV will have soon is not.
    #[test]
    fn what_a_person_has_to_do_is_asked_for_ever_more_rarely() {
        let day = 86_400;
        for (waited, wait) in [(0, day), (10 * day, day), (50 * day, 5 * day), (1_000 * day, 30 * day)] {
            assert_eq!(longer_postponement_s(Code::BillNotPosted, day, waited), wait, "{waited}");
            assert_eq!(longer_postponement_s(Code::PayoutReading, 60, waited), 60);
        }
        assert_eq!(postponement_s(Code::BillNotPosted), Some(day));
    }

    #[test]
    fn every_wait_is_that_of_the_schedule() {
        let hour = 3_600;
        let middle = [10, 30, 120, 600, 1_800, 2 * hour, 6 * hour, 6 * hour];
        for (attempts, seconds) in (1..).zip(middle) {
            let spread = (delay_s(attempts, 0), delay_s(attempts, 255));
            assert_eq!(spread, (Some(seconds * 8 / 10), Some(seconds * 12 / 10)), "{attempts}");
        }
        assert!((7..ATTEMPTS_MAX).all(|attempts| delay_s(attempts, 0) == delay_s(7, 0)), "then every six hours");
    }

    #[test]
    fn spread_around_the_schedule() {
        assert_eq!((delay_s(1, 0), delay_s(1, 255)), (Some(8), Some(12)));
        assert_eq!((delay_s(6, 0), delay_s(7, 255)), (Some(5_760), Some(25_920)));
    }
}
