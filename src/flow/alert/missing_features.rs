//! What the pay page does without, since Stripe refuses it to this account or key.

use serde_json::Value;

use super::alert_parts::count_alert;
use super::notify::DAY_S;
use crate::ledger::observations::{CUSTOMER_SEARCH, CUSTOMER_SESSION, Observations};
use crate::ledger::operator::alerts::Alert;

pub const KIND: &str = "pay_feature";
/// The page asks again once an hour, and not every day has a payer: an alert ends when nothing was refused for so long.
const LIFETIME_S: i64 = 2 * DAY_S;

/// One alert for each.
pub fn feature_alerts(observations: &Observations, now: i64) -> Vec<Alert> {
    let lately = observations.features.iter().filter(|(_, sight)| sight.at > now - LIFETIME_S);
    let alert = |(name, detail): (&str, &str)| {
        let (what, todo) = match name {
            CUSTOMER_SEARCH => (
                "Stripe refuses to look customers up",
                "Give the key the permission rak_customer_write. Accounts in some countries have no customer search: then there is nothing to do, and a customer whom the ledger lost is made anew.",
            ),
            CUSTOMER_SESSION => (
                "Stripe refuses to show saved cards",
                "Give the key the permission rak_customer_session_write, or set PAY_SAVED_CARDS to false.",
            ),
            _ => ("Stripe refuses to make customers", "Give the key the permission rak_customer_write."),
        };
        let what = format!("{what}; payers pay without. {detail}");
        Alert { id: format!("{KIND}:{name}"), what, todo: todo.into(), ..count_alert(KIND, 1) }
    };
    let detail = |value: &Value| value.get("detail").and_then(Value::as_str).unwrap_or_default().to_owned();
    lately.map(|(name, sight)| alert((name, &detail(&sight.value)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::observations::{CUSTOMER, Observation};

    #[test]
    fn what_is_refused_is_told_for_two_days_each_by_itself() {
        let at = 1_800_000_000;
        let sight = |at| Observation { at, ..Observation::default() };
        let features = vec![(CUSTOMER_SEARCH, sight(at)), (CUSTOMER, sight(at + DAY_S))];
        let observations = Observations { features, ..Observations::default() };
        let told = |now| feature_alerts(&observations, now).into_iter().map(|alert| alert.id).collect::<Vec<_>>();
        assert_eq!(told(at + 2 * DAY_S - 1), ["pay_feature:customer_search", "pay_feature:customer"]);
        assert_eq!(told(at + 2 * DAY_S), ["pay_feature:customer"]);
        assert_eq!(told(at + 3 * DAY_S), Vec::<String>::new());
    }
}
