//! Rotation of a signing secret: Stripe signs with two secrets while one is being rolled. With only one of them
//! configured it is unknown whether it is the one that ends.

use super::alert_parts::{count_alert, utc_text};
use crate::ledger::observations::Observation;
use crate::ledger::operator::alerts::Alert;

pub const KIND: &str = "secret_rolling";
/// The door keeps a sighting once in a quarter of an hour: a webhook that came later than this after it was signed by known
/// secrets alone.
const ROTATION_S_MIN: i64 = 1_800;
/// Stripe lets the old secret live for a day at most; without any webhook since, it has ended by then.
const ROTATION_S_MAX: i64 = 2 * 86_400;

/// `last`: when a webhook last came.
pub fn rotation_alert(seen: &Observation, last: Option<i64>, now: i64) -> Option<Alert> {
    let lasts = last.is_none_or(|last| last <= seen.at + ROTATION_S_MIN) && now - seen.at < ROTATION_S_MAX;
    (seen.at > 0 && lasts).then(|| Alert {
        what: format!("Stripe signs its webhooks with two secrets, of which only one is known here; last at {}.", utc_text(seen.at)),
        todo: "The endpoint's secret was rolled. Set STRIPE_WEBHOOK_SECRETS to both, with a comma between them, and deploy before the older one ends (a day after the roll at most): every delivery is refused from then on if the one known here is that one.".into(),
        ..count_alert(KIND, 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stripe lets the older secret live for a day at most; a webhook signed by known secrets alone ends it earlier.
    #[test]
    fn a_roll_is_told_until_it_must_be_over() {
        let (seen, day) = (Observation { at: 1_800_000_000, ..Observation::default() }, 86_400);
        for (last, now, told) in [
            (None, seen.at, true),
            (None, seen.at + 2 * day - 1, true),
            (None, seen.at + 2 * day, false),
            (Some(seen.at + 1_800), seen.at + day, true),
            (Some(seen.at + 1_801), seen.at + day, false),
        ] {
            assert_eq!(rotation_alert(&seen, last, now).is_some(), told, "{last:?} {now}");
        }
        assert_eq!(rotation_alert(&Observation::default(), None, 60), None, "never yet");
    }
}
