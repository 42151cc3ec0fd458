//! Alerts: conditions that need a person. The ledger's are checked each minute, those that Stripe or the ERP must be
//! asked for each quarter of an hour.

mod activities;
mod alert_parts;
mod declines;
mod endpoint;
mod expiry;
mod missing_features;
mod notify;
mod secret_rotation;
mod setting_errors;
mod titles;

use self::activities::sync_activities;
use self::alert_parts::{count_alert, utc_text};
use self::notify::notify;
use self::titles::{BOOKS, PARKED, PAUSED, SILENT, UNALLOCATED, UNKNOWN, WENT_BACK};
use super::join::join;
use crate::config::Config;
use crate::error::Code;
use crate::ledger::observations;
use crate::ledger::operator::alerts::{self, Alert};
use crate::ports::{DbError, Runtime};

/// Looks at what can change in a minute: parked events, receipts without an invoice, a pause, an ERP that was set back, the
/// last proof.
pub async fn minute(rt: &Runtime, config: &Config) -> Result<(), DbError> {
    let inputs = alerts::alert_inputs(&*rt.db, rt.clock.now()).await?;
    let mut found = Vec::new();
    if inputs.parked > 0 {
        found.push(Alert {
            what: format!("{} parked: {}.", event_count(inputs.parked), inputs.parked_codes),
            todo: "Look at each, correct its cause, then replay it (`quittance events list --state parked`).".into(),
            ..count_alert(PARKED, inputs.parked)
        });
    }
    if inputs.unallocated > 0 {
        let many = if inputs.unallocated == 1 { "receipt has" } else { "receipts have" };
        found.push(Alert {
            what: format!("{} {many} money that is not allocated to an invoice.", inputs.unallocated),
            todo: "Give each its invoice, or dismiss it (`quittance events unallocated`).".into(),
            ..count_alert(UNALLOCATED, inputs.unallocated)
        });
    }
    if inputs.unknown > 0 {
        let many = if inputs.unknown == 1 { "movement is" } else { "movements are" };
        found.push(Alert {
            what: format!("{} {many} booked, and Stripe has no such money: {}.", inputs.unknown, inputs.unknown_keys),
            todo: "Find out who signed the event (`quittance events list --find` with the id), roll that secret, reverse it in the ERP, then `quittance events dismiss` its key.".into(),
            ..count_alert(UNKNOWN, inputs.unknown)
        });
    }
    if let Some((code, detail, since)) = &inputs.paused {
        found.push(Alert {
            what: format!("Nothing has been booked since {}: {code}: {detail}", utc_text(*since)),
            todo: Code::from_name(code).map_or("See docs/ERRORS.md.", Code::advice).into(),
            ..count_alert(PAUSED, 1)
        });
    }
    if let Some(since) = inputs.went_back {
        found.push(Alert {
            what: format!("The ERP is at an earlier state than it was: seen at {} by its mark. Bookings made in between are lost there, though the ledger has them as done.", utc_text(since)),
            todo: "Where a backup was restored: `quittance recover --erp-restored-to` the time at which it was made books again what is lost. Then, or where no backup was restored, `quittance verify --report` proves the books; when they are equal this alert is over.".into(),
            ..count_alert(WENT_BACK, 1)
        });
    }
    if let Some((verdict, summary)) = &inputs.books {
        found.push(Alert {
            what: format!("`quittance verify` said {verdict}: {summary}"),
            todo: "Run `quittance verify`: it lists each difference with what to do.".into(),
            ..count_alert(BOOKS, 1)
        });
    }
    // Side by side: neither a receiver nor an ERP that does not answer holds the other up.
    let told = notify(rt, config, &[PARKED, UNALLOCATED, UNKNOWN, PAUSED, WENT_BACK, BOOKS], &found, &inputs.known);
    let (told, shown) = join(told, sync_activities(rt, config, &inputs)).await;
    told.and(shown)
}

/// Looks whether Stripe has events that no webhook brings, and what ends or breaks by itself.
pub async fn quarter(rt: &Runtime, config: &Config) -> Result<(), DbError> {
    let now = rt.clock.now();
    let mut inputs = alerts::observation_inputs(&*rt.db).await?;
    refresh_observations(rt, config, &mut inputs, now).await?;
    let mut found = Vec::new();
    if inputs.last.is_none_or(|last| now - last > config.admin.silence) && inputs.pulled > 0 {
        let since = inputs.last.map_or_else(|| "ever".to_owned(), |last| format!("since {}", utc_text(last)));
        found.push(Alert {
            what: format!("No webhook has come {since}, and Stripe lists {} that none brought.", event_count(inputs.pulled)),
            todo: "Look at the endpoint in Stripe's dashboard: does it exist, enabled, with this address? `quittance doctor` shows it. Until then money is booked with a delay.".into(),
            ..count_alert(SILENT, 1)
        });
    }
    found.extend(secret_rotation::rotation_alert(&inputs.observations.rolling, inputs.last, now));
    found.extend(expiry::expiry_alerts(config, &inputs.observations.key, now));
    found.extend(endpoint::endpoint_alert(&inputs.observations.endpoint, inputs.last, now));
    found.extend(declines::declines_alert(&inputs.observations.declines, now));
    found.extend(missing_features::feature_alerts(&inputs.observations, now));
    found.extend(setting_errors::alerts(config));
    let kinds = [
        SILENT,
        secret_rotation::KIND,
        expiry::KIND,
        endpoint::KIND,
        declines::KIND,
        missing_features::KIND,
        setting_errors::KIND,
    ];
    notify(rt, config, &kinds, &found, &inputs.known).await
}

/// Asks the ERP and Stripe, where it is time to; what they do not answer is asked for in the next run.
async fn refresh_observations(
    rt: &Runtime,
    config: &Config,
    inputs: &mut alerts::ObservationInputs,
    now: i64,
) -> Result<(), DbError> {
    let Ok(delivery) = &config.delivery else { return Ok(()) };
    let ends = async {
        if expiry::is_due(&inputs.observations.key, &delivery.erp, now) {
            expiry::observe_key(rt, delivery).await
        } else {
            None
        }
    };
    let stands = async {
        let due = endpoint::is_due(&inputs.observations.endpoint, inputs.last, now);
        if due {
            endpoint::observe_endpoint(rt, config, &delivery.stripe, &inputs.observations.endpoint).await
        } else {
            None
        }
    };
    let (ends, stands) = join(ends, stands).await;
    for (what, seen, sight) in [
        (observations::KEY, ends, &mut inputs.observations.key),
        (observations::ENDPOINT, stands, &mut inputs.observations.endpoint),
    ] {
        if let Some(value) = seen {
            observations::store_observation(&*rt.db, what, now, Some(&value)).await?;
            *sight = observations::Observation { at: now, value };
        }
    }
    Ok(())
}

fn event_count(count: i64) -> String {
    if count == 1 { "1 event".into() } else { format!("{count} events") }
}
