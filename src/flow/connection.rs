//! The delivery context: settings, the account of this ledger, and the connection to the ERP.

use std::rc::Rc;

use serde_json::json;
use sha2::{Digest, Sha256};

use super::deadline::Deadline;
use crate::config::{Config, Delivery};
use crate::erp::{self, Erp, Fault};
use crate::error::{Code, Error};
use crate::ledger::delivery::{self, DeliveryState, Identity};
use crate::ledger::lease::LEASE_S;
use crate::ports::{DbError, Http, Level, Runtime};
use crate::stripe::client::Client;
use crate::stripe::event_list;

/// The longest that a probe, or an attempt, may ask the network, in seconds: a lease less what D1 needs to settle.
pub const REQUEST_S_MAX: i64 = LEASE_S - 20;

/// Everything an attempt needs.
pub struct DeliveryContext<'a> {
    pub delivery: &'a Delivery,
    pub identity: Identity,
    pub erp: Rc<dyn Erp>,
    /// The network until the attempt's end.
    pub http: Rc<dyn Http>,
}

/// Opens the context: in the usual case without asking anybody, since the standing read with the claim names the account
/// and the key is the one last seen to be its. `began` is the attempt's start, in seconds. An error is a fault of the
/// connection.
pub async fn open<'a>(
    rt: &Runtime,
    config: &'a Config,
    state: &DeliveryState,
    began: i64,
) -> Result<DeliveryContext<'a>, Error> {
    open_until(rt, config, state, (began + REQUEST_S_MAX) * 1000).await
}

/// The same with an end of one's own, in milliseconds since 1970 UTC.
pub async fn open_until<'a>(
    rt: &Runtime,
    config: &'a Config,
    state: &DeliveryState,
    until: i64,
) -> Result<DeliveryContext<'a>, Error> {
    let delivery = config.delivery.as_ref().map_err(Clone::clone)?;
    let http: Rc<dyn Http> = Rc::new(Deadline { http: rt.http.clone(), clock: rt.clock.clone(), until });
    let identity = identify(rt, &http, delivery, state).await?;
    let runtime = Runtime { http: http.clone(), ..rt.clone() };
    let erp = erp::open_for(delivery, Some(&identity.account), state.mark, &runtime);
    Ok(DeliveryContext { delivery, identity, erp, http })
}

/// Tests the connection whole, as whoever holds the probe does when a pause has run out.
pub async fn probe(rt: &Runtime, config: &Config, state: &DeliveryState) -> Result<(), Error> {
    let context = open(rt, config, state, rt.clock.now()).await?;
    if state.code.as_deref() == Some(Code::StripeAuth.name()) {
        event_list::key_account(&Client::new(&*context.http, &context.delivery.stripe)).await?;
    }
    context.erp.probe().await.map_err(Fault::error)
}

/// Pauses delivery and tells somebody, once.
pub async fn pause(rt: &Runtime, error: &Error, token: &str) -> Result<(), DbError> {
    let failures = delivery::pause(&*rt.db, error, token, rt.clock.now()).await?;
    if let Some(failures) = failures {
        let level = if failures == 1 { Level::Alert } else { Level::Warn };
        let fields = json!({ "code": error.code.name(), "detail": error.detail, "failures": failures });
        rt.log.line(level, "delivery_paused", fields);
    }
    Ok(())
}

/// The ledger belongs to one account and one mode. A key not seen before is asked whose it is.
async fn identify(
    rt: &Runtime,
    http: &Rc<dyn Http>,
    delivery: &Delivery,
    state: &DeliveryState,
) -> Result<Identity, Error> {
    let key = &delivery.stripe.api_key;
    let livemode = delivery.stripe.livemode();
    let digest = hex::encode(Sha256::digest(key.reveal().as_bytes()));
    let fingerprint = digest.get(..16).unwrap_or_default().to_owned();
    if let Some(identity) = state.identity.as_ref().filter(|i| i.fingerprint == fingerprint && i.livemode == livemode) {
        return Ok(identity.clone());
    }
    let account = event_list::key_account(&Client::new(&**http, &delivery.stripe)).await?.id;
    let seen = Identity { account, livemode, fingerprint };
    let stands = delivery::store_identity(&*rt.db, &seen).await.map_err(|_| Error::of(Code::LedgerUnavailable))?;
    if stands.as_ref() == Some(&seen) {
        return Ok(seen);
    }
    let mode = |live: bool| if live { "live" } else { "test" };
    let stands = stands.map_or_else(String::new, |s| format!("{} in {} mode", s.account, mode(s.livemode)));
    Err(Error::new(
        Code::LedgerModeMismatch,
        format!(
            "This ledger is of {stands}, the key is of {} in {} mode; give each a database of its own.",
            seen.account,
            mode(livemode)
        ),
    ))
}
