//! A webhook comes in: verify, store, answer, then hint the queue. Durable before 2xx.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::config::Config;
use crate::config::webhook::EndpointScope;
use crate::error::{Code, Error};
use crate::http::{Request, Response};
use crate::ledger::inbox::{self, NewEvent};
use crate::ledger::observations;
use crate::ports::{Level, Log, Runtime};
use crate::stripe::client_secret;
use crate::stripe::event::{self, Envelope};
use crate::stripe::signature::{self, SignatureError, SignerCoverage, Verified};

/// Where Stripe posts.
pub const WEBHOOK_PATH: &str = "/webhooks/stripe";
/// The largest body read. Source: Stripe's largest events stay far below; more is somebody else's.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// What to do with a webhook, known without waiting for anything.
pub enum Admission {
    Refuse(Error),
    /// Answer 200 when this row is durable; whose the signatures are.
    Store(Box<NewEvent>, SignerCoverage),
}

/// Verifies a webhook and reads its envelope. `signature` is the `Stripe-Signature` header or the empty string;
/// `now` in seconds. Refusals are logged with their cause and answered without it.
pub fn admit(config: &Config, log: &dyn Log, body: &[u8], signature: &str, now: i64) -> Admission {
    if config.webhook_secrets.is_empty() {
        log.line(Level::Alert, "webhook_secret_missing", json!({ "wrong_secrets": config.webhook_secrets_wrong }));
        return Admission::Refuse(Error::of(Code::WebhookSecretMissing));
    }
    if body.len() > BODY_BYTES_MAX {
        return Admission::Refuse(Error::of(Code::BodyTooLarge));
    }
    let refused = |error: SignatureError| {
        log.line(
            Level::Warn,
            "webhook_refused",
            json!({ "code": Code::SignatureInvalid.name(), "cause": error.name(), "wrong_secrets": config.webhook_secrets_wrong }),
        );
        Admission::Refuse(Error::of(Code::SignatureInvalid))
    };
    let Verified { signed, endpoints } = match signature::verify(body, signature, &config.webhook_secrets, now) {
        Ok(verified) => verified,
        Err(error) => return refused(error),
    };
    match event::parse_event(body) {
        Ok(envelope) if !is_from_its_endpoint(&envelope, &endpoints, config.livemode) => {
            refused(SignatureError::OtherEndpoint)
        }
        Ok(envelope) => Admission::Store(Box::new(event_row(config, envelope, body, now)), signed),
        Err(event::NotAnEvent) => Admission::Store(Box::new(unreadable_row(&endpoints, body, now)), signed),
    }
}

/// Whether an event is one that the endpoints whose secrets signed it deliver. Whoever has the secret of a test endpoint, or
/// of a Connect one, has no word on live money, or on the key's own.
fn is_from_its_endpoint(event: &Envelope, endpoints: &[EndpointScope], ledger: Option<bool>) -> bool {
    endpoints.iter().any(|endpoint| endpoint.delivers(event.livemode, event.account.is_some(), ledger))
}

/// The row of an event whose signature is good. Its body is kept where it may be booked, without client
/// secrets; bytes that are no UTF-8 become U+FFFD, as D1 holds text.
fn event_row(config: &Config, event: Envelope, body: &[u8], received: i64) -> NewEvent {
    let keep = !event.thin && body.len() <= inbox::BODY_BYTES_MAX && is_ours(config, &event);
    NewEvent {
        body: keep.then(|| client_secret::without_secrets(&String::from_utf8_lossy(body))),
        form: if event.thin { "thin" } else { "snapshot" },
        id: event.id,
        account: event.account,
        livemode: event.livemode,
        kind: event.kind,
        api_version: event.api_version,
        created: event.created,
        object: event.object,
        subject: event.subject,
        received,
    }
}

/// Whether the settings do not already say that an event is somebody else's: of another mode, or of an account that is not
/// listed. Should it be the key's own account after all, its object is fetched.
fn is_ours(config: &Config, event: &Envelope) -> bool {
    let Ok(delivery) = &config.delivery else { return true };
    let stripe = &delivery.stripe;
    let listed = event.account.as_ref().is_none_or(|account| stripe.accounts.contains(account));
    listed && event.livemode == stripe.livemode()
}

/// The row of what is well signed and cannot be read as an event: nothing of it is booked, and a person is told. Its id is
/// that of its bytes, so that the same sent again is known; the bytes are not kept.
fn unreadable_row(endpoints: &[EndpointScope], body: &[u8], received: i64) -> NewEvent {
    let digest = hex::encode(Sha256::digest(body));
    let id = format!("{}_{}", event::UNREADABLE, digest.get(..32).unwrap_or(&digest));
    NewEvent {
        account: None,
        livemode: endpoints.first().is_some_and(|endpoint| endpoint.livemode),
        kind: event::UNREADABLE.to_owned(),
        api_version: None,
        created: received,
        object: String::new(),
        subject: id.clone(),
        form: "snapshot",
        body: None,
        received,
        id,
    }
}

/// The answer to a stored event, new or seen.
pub fn received_response() -> Response {
    Response::json(200, &json!({ "received": true }))
}

/// The whole door for one request. In workerd `glue` runs [`admit`] itself and shares the insert between requests
/// that arrive together; this is the same door without sharing.
pub async fn receive(rt: &Runtime, config: &Config, request: &Request) -> Response {
    let signature = request.header("stripe-signature").unwrap_or("");
    let now = rt.clock.now();
    let (event, signed) = match admit(config, &*rt.log, &request.body, signature, now) {
        Admission::Refuse(error) => return Response::error_response(&error),
        Admission::Store(event, signed) => (event, signed),
    };
    let id = event.id.clone();
    if let Err(error) = inbox::store(&*rt.db, vec![*event]).await {
        rt.log.line(Level::Alert, "event_not_stored", json!({ "event": id, "detail": format!("{error:?}") }));
        return Response::error_response(&Error::of(Code::EventNotStored));
    }
    // The alert's matter alone, and the next webhook is signed by both as well.
    if signed == SignerCoverage::Partly
        && let Err(error) = observations::store_observation(&*rt.db, observations::ROLLING, now, None).await
    {
        rt.log.line(Level::Warn, "observation_not_stored", json!({ "detail": format!("{error:?}") }));
    }
    // A seen event is pushed again too: after a lost answer it may be this very request that stored it.
    send_hints(rt, &[id]).await;
    received_response()
}

/// Tells the queue that events have work due. Failing loses nothing: the sweep queues what is left.
pub async fn send_hints(rt: &Runtime, events: &[String]) {
    /// Cloudflare's most for one `sendBatch`.
    const BATCH: usize = 100;
    for chunk in events.chunks(BATCH) {
        if let Err(detail) = rt.queue.send(chunk).await {
            rt.log.line(Level::Warn, "queue_push_failed", json!({ "events": chunk.len(), "detail": detail }));
        }
    }
}
