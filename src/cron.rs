//! The clock's door: which schedule does what. wrangler.toml names the same schedules.

use serde_json::json;

use crate::config::Config;
use crate::flow;
use crate::ports::{Level, Runtime};

/// Queue again what is due.
pub const SWEEP: &str = "* * * * *";
/// Read Stripe's lists of events and of balance transactions, and bill the fees of a month that is complete.
pub const RECOVER: &str = "*/15 * * * *";

/// The pay page's part failed as a whole: its parties did not answer, and the next run asks them again.
fn tidied(rt: &Runtime, schedule: &str, done: Result<(), flow::pay::Refused>) {
    if let Err(refused) = done {
        let fields = json!({ "schedule": schedule, "code": refused.error.code.name(), "detail": refused.error.detail });
        rt.log.line(Level::Warn, "pay_not_tidied", fields);
    }
}

/// Runs what `schedule` is for. A failure is told and left to the next run.
pub async fn tick(rt: &Runtime, config: &Config, schedule: &str) {
    let done = match schedule {
        SWEEP => {
            let swept = flow::sweep::sweep(rt, config).await;
            tidied(rt, schedule, flow::pay::tidy::minute(rt, config).await);
            swept.and(flow::alert::minute(rt, config).await)
        }
        RECOVER => {
            let recovered = flow::recover::recover(rt, config).await;
            let recovered = recovered.and(flow::complete::complete(rt, config).await);
            let recovered = recovered.and(flow::fees::bill(rt, config).await);
            let recovered = recovered.and(flow::sweep::quarter(rt, config).await);
            tidied(rt, schedule, flow::pay::tidy::quarter(rt, config).await);
            recovered.and(flow::alert::quarter(rt, config).await)
        }
        _ => {
            rt.log.line(Level::Alert, "cron_unknown", json!({ "schedule": schedule }));
            Ok(())
        }
    };
    if let Err(error) = done {
        rt.log.line(Level::Alert, "cron_failed", json!({ "schedule": schedule, "detail": format!("{error:?}") }));
    }
}
