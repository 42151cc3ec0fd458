//! Settings whose value is missing or cannot be used: what each would switch on is off until somebody corrects it.

use super::alert_parts::count_alert;
use crate::config::Config;
use crate::ledger::operator::alerts::Alert;

pub const KIND: &str = "wrong_setting";

/// One per setting.
pub fn alerts(config: &Config) -> Vec<Alert> {
    let one = |wrong: crate::config::WrongSetting| Alert {
        id: format!("{KIND}:{}", wrong.name),
        what: wrong.error.detail,
        todo: "Correct it (docs/SETTINGS.md) and deploy; `quittance doctor` examines all of them.".into(),
        ..count_alert(KIND, 1)
    };
    config.wrong_settings().into_iter().map(one).collect()
}
