//! Somebody tries card after card on the pay page.

use serde_json::Value;

use super::alert_parts::count_alert;
use super::notify::DAY_S;
use crate::ledger::observations::Observation;
use crate::ledger::operator::alerts::Alert;

pub const KIND: &str = "declines";

/// It stands for a day after the last pause.
pub fn declines_alert(seen: &Observation, now: i64) -> Option<Alert> {
    if seen.at <= now - DAY_S {
        return None;
    }
    let number = |name: &str| seen.value.get(name).and_then(Value::as_i64).unwrap_or(0);
    let payment = seen.value.get("payment").and_then(Value::as_str).unwrap_or_default();
    let (invoice, declines) = (number("invoice"), number("declines"));
    Some(Alert {
        what: format!(
            "Invoice {invoice} met {declines} declines within an hour; {payment} was canceled, and nobody pays that invoice for a while."
        ),
        todo: "Look at its declined payments in Stripe's dashboard. If stolen cards are being tried, give the invoice another link in Odoo and review Radar's rules.".into(),
        ..count_alert(KIND, 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_after_declines_is_told_for_a_day() {
        let seen = Observation { at: 1_800_000_000, ..Observation::default() };
        assert!(declines_alert(&seen, seen.at + DAY_S - 1).is_some());
        assert_eq!(declines_alert(&seen, seen.at + DAY_S), None);
    }
}
