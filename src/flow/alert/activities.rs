//! Alerts as activities in the ERP: one per alert, updated while it lasts, closed when it is over. The alerts are those
//! that the runs before left in the ledger, so that this waits for no other call and no other call for it.

use serde_json::json;

use super::notify::{DAY_S, RETRY_S};
use super::titles::alert_title;
use crate::config::admin::digest;
use crate::config::{Assignee, Config, ErpConfig};
use crate::erp::{self, alert::Notice, alert::Notices};
use crate::error::Code;
use crate::ledger::operator::alerts::{self, Activity, AlertInputs, RaisedAlert};
use crate::ports::{DbError, Level, Runtime};

/// Tells the ERP what changed. One that does not answer is told in the next run.
pub async fn sync_activities(rt: &Runtime, config: &Config, inputs: &AlertInputs) -> Result<(), DbError> {
    let Ok(delivery) = &config.delivery else { return Ok(()) };
    if !matches!(delivery.erp, ErpConfig::Odoo(_)) {
        return Ok(());
    }
    let now = rt.clock.now();
    // Switched off, all are over.
    let standing = if config.admin.activity.is_some() { inputs.known.as_slice() } else { &[] };
    let fresh: Vec<&RaisedAlert> = standing.iter().filter(|alert| is_current(alert, &inputs.activities, now)).collect();
    let gone = |activity: &&Activity| !standing.iter().any(|alert| alert.id == activity.id);
    let over: Vec<String> = inputs.activities.iter().filter(gone).map(|activity| activity.id.clone()).collect();
    if fresh.is_empty() && over.is_empty() {
        return Ok(());
    }
    let user = match &config.admin.activity {
        Some(Assignee::Login(login)) => Some(login.clone()),
        _ => None,
    };
    let notices = Notices { at: now, user, open: fresh.iter().map(|alert| activity_notice(alert)).collect(), over };
    let open: Vec<(String, String)> =
        fresh.iter().map(|alert| (alert.id.clone(), activity_fingerprint(alert))).collect();
    let erp = erp::open(delivery, rt);
    let error = match erp.show_alerts(&notices).await {
        Ok(found) => {
            if !found && !open.is_empty() {
                rt.log.line(Level::Warn, "alert_user_unknown", json!({ "alerts": open.len() }));
            }
            return alerts::store_activities(&*rt.db, &open, &notices.over, now).await;
        }
        Err(fault) => fault.error(),
    };
    let fields = json!({ "alerts": open.len(), "code": error.code.name(), "detail": error.detail });
    rt.log.line(Level::Warn, "alert_not_shown", fields);
    // Looking for what set-up has not installed costs Odoo more than a call: not each minute.
    match error.code {
        Code::ErpProcedureMissing => alerts::store_activities(&*rt.db, &open, &[], now - DAY_S + RETRY_S).await,
        _ => Ok(()),
    }
}

/// New; or it says something else, told again after a while; or a day old, since a person may have closed it.
fn is_current(alert: &RaisedAlert, shown: &[Activity], now: i64) -> bool {
    shown.iter().find(|activity| activity.id == alert.id).is_none_or(|activity| {
        let age = now - activity.shown;
        age >= DAY_S || (age >= RETRY_S && activity.text != activity_fingerprint(alert))
    })
}

fn activity_fingerprint(alert: &RaisedAlert) -> String {
    digest(&[&alert.what, &alert.todo]).get(..16).unwrap_or_default().to_owned()
}

fn activity_notice(alert: &RaisedAlert) -> Notice {
    let title = alert_title(&alert.kind);
    Notice { id: alert.id.clone(), title, what: alert.what.clone(), todo: alert.todo.clone() }
}
