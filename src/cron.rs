//! The clock's door: which schedule does what. wrangler.toml names the same schedules.

use serde_json::json;

use crate::config::Config;
use crate::flow;
use crate::ports::{Level, Runtime};

/// Queue again what is due.
pub const SWEEP: &str = "* * * * *";
/// Read Stripe's list of events.
pub const RECOVER: &str = "*/15 * * * *";

/// Runs what `schedule` is for. A failure is told and left to the next run.
pub async fn tick(rt: &Runtime, config: &Config, schedule: &str) {
    let done = match schedule {
        SWEEP => flow::sweep::sweep(rt, config).await,
        RECOVER => flow::recover::recover(rt, config).await,
        _ => {
            rt.log.line(Level::Alert, "cron_unknown", json!({ "schedule": schedule }));
            Ok(())
        }
    };
    if let Err(error) = done {
        rt.log.line(Level::Alert, "cron_failed", json!({ "schedule": schedule, "detail": format!("{error:?}") }));
    }
}
