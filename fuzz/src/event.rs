//! A body whose signature is good: whatever it is, it becomes a row that the ledger can hold, and a row of an endpoint's own
//! events where only that endpoint has signed it.

use quittance::config::Secret;
use quittance::config::webhook::EndpointScope;
use quittance::error::Code;
use quittance::flow::receive::{Admission, admit};
use quittance::ledger::inbox::NewEvent;
use quittance::ports::Arg;
use quittance::stripe::client_secret;
use quittance::stripe::event::UNREADABLE;
use quittance::stripe::signature::sign;
use serde_json::Value;

use crate::double::{NOW, Nobody, SECRET, config, holds_no_secret};

/// D1 takes numbers as JavaScript has them.
const EXACT: i64 = 1 << 53;

pub fn run(data: &[u8]) {
    let log = Nobody::default();
    // SignerCoverage by the secrets of endpoints of every kind and mode, any event is one of theirs.
    let mut everywhere = config();
    let one = everywhere.webhook_secrets.remove(0);
    for (livemode, connect) in [(false, false), (false, true), (true, false), (true, true)] {
        let endpoint = EndpointScope { livemode, connect };
        everywhere.webhook_secrets.push(quittance::config::SigningSecret { endpoint, ..one.clone() });
    }
    let signature = sign(data, &Secret::new(SECRET), NOW);
    let stored = match admit(&everywhere, &log, data, &signature, NOW) {
        Admission::Refuse(error) => {
            let empty = data.is_empty() && error.code == Code::SignatureInvalid;
            assert!(empty || error.code == Code::BodyTooLarge, "what is well signed is refused: {error}");
            None
        }
        Admission::Store(event, _) => Some(*event),
    };
    if let Some(event) = stored.clone() {
        holds(event, data);
    }
    // One endpoint alone: its own events, and what nobody can read.
    if let (Admission::Store(event, _), Some(any)) = (admit(&config(), &log, data, &signature, NOW), stored) {
        assert!(!event.livemode && event.account.is_none(), "a test endpoint's secret signs for another");
        assert_eq!((&event.id, &event.kind), (&any.id, &any.kind));
    }
    named(data, &everywhere, &log);
    holds_no_secret(&log.log.borrow());
}

/// What was signed, but for client secrets, of which none is left, and for bytes that are no UTF-8.
fn is_signed(body: &str, data: &[u8]) -> bool {
    let signed = String::from_utf8_lossy(data);
    let shorter = client_secret::without_secrets(&signed);
    body == shorter && client_secret::without_secrets(body) == body && (signed.contains("_secret") || body == signed)
}

fn holds(event: NewEvent, data: &[u8]) {
    assert!(!event.id.is_empty() && !event.kind.is_empty(), "a row without a name");
    assert!(!event.subject.is_empty(), "a row that no lease can be taken on");
    assert!(event.account.as_deref() != Some(""), "an account without a name");
    assert!(event.body.as_ref().is_none_or(|body| is_signed(body, data)), "another body than was signed");
    let args = event.args();
    let bytes: usize = args.iter().map(|arg| if let Arg::Text(text) = arg { text.len() } else { 8 }).sum();
    assert!(bytes < 2_000_000, "a row of {bytes} bytes");
    for arg in &args {
        assert!(!matches!(arg, Arg::Int(number) if number.abs() >= EXACT), "{arg:?} loses digits");
    }
}

/// An object with id, type, mode and time is stored under its own name, whatever else is in it.
fn named(data: &[u8], config: &quittance::config::Config, log: &Nobody) {
    let Ok(event) = serde_json::from_slice::<Value>(data) else { return };
    let name = |name: &str| event[name].as_str().filter(|text| (1..=255).contains(&text.len()));
    let whole = name("id").is_some() && name("type").is_some() && event["livemode"].is_boolean();
    let created = event["created"].as_i64().is_some_and(|created| (0..=253_402_300_799).contains(&created));
    if !whole || !created || event["object"] == "v2.core.event" {
        return;
    }
    // Written anew: no name twice, which readers take differently.
    let data = event.to_string().into_bytes();
    match admit(config, log, &data, &sign(&data, &Secret::new(SECRET), NOW), NOW) {
        Admission::Store(row, _) => assert!(row.kind != UNREADABLE && Some(row.id.as_str()) == name("id"), "{event}"),
        Admission::Refuse(error) => assert_eq!(error.code, Code::BodyTooLarge),
    }
}
