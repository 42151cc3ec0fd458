//! The clock's door: which schedule does what. wrangler.toml names the same schedules.

use serde_json::json;

use crate::config::Config;
use crate::flow;
use crate::flow::list_sync::Turn;
use crate::ports::{Level, Runtime};

/// Queue again what is due.
pub const SWEEP: &str = "* * * * *";
/// Read Stripe's lists of events and of balance transactions, and bill the fees of a month that is complete.
pub const RECOVER: &str = "*/15 * * * *";

/// The pay page's part failed as a whole: its parties did not answer, and the next run asks them again.
fn log_tidy(rt: &Runtime, schedule: &str, done: Result<(), flow::pay::PayRefusal>) {
    if let Err(refused) = done {
        let fields = json!({ "schedule": schedule, "code": refused.error.code.name(), "detail": refused.error.detail });
        rt.log.line(Level::Warn, "pay_tidy_failed", fields);
    }
}

/// Long lists go on, last of all: they may use up what one invocation may ask of Cloudflare, so that each minute another one is
/// the first. What ends them is told by those that begin them.
async fn continue_lists(rt: &Runtime, config: &Config) {
    let even = rt.clock.now().div_euclid(60) % 2 == 0;
    for events in [even, !even] {
        let done = match events {
            true => flow::sync_events::sync_events(rt, config, Turn::GoOn).await,
            false => flow::sync_transactions::sync_transactions(rt, config, Turn::GoOn).await,
        };
        if let Err(error) = done {
            rt.log.line(Level::Warn, "list_interrupted", json!({ "events": events, "detail": format!("{error:?}") }));
        }
    }
}

/// Runs what `schedule` is for. A failure is told and left to the next run.
pub async fn tick(rt: &Runtime, config: &Config, schedule: &str) {
    let done = match schedule {
        SWEEP => {
            let swept = flow::sweep::sweep(rt, config).await;
            log_tidy(rt, schedule, flow::pay::tidy::minute(rt, config).await);
            let told = swept.and(flow::alert::minute(rt, config).await);
            let settling = flow::missing_transactions::scan(rt).await;
            continue_lists(rt, config).await;
            told.and(settling)
        }
        RECOVER => {
            let recovered = flow::sync_events::sync_events(rt, config, Turn::Begin).await;
            let recovered = recovered.and(flow::sync_transactions::sync_transactions(rt, config, Turn::Begin).await);
            let recovered = recovered.and(flow::fees::enqueue_bills(rt, config).await);
            let recovered = recovered.and(flow::sweep::purge_personal_data(rt, config).await);
            let recovered = recovered.and(flow::missing_transactions::look_up_due(rt, config).await);
            log_tidy(rt, schedule, flow::pay::tidy::quarter(rt, config).await);
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
