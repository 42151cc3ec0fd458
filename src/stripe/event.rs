//! The envelope of an event: who, what, when, and which object; the object itself is read by `map`.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::date::LAST;

/// An event, snapshot (`object: "event"`) or thin (`object: "v2.core.event"`, the type without its `v1.`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// `evt_…`; of a thin event the snapshot's id when Stripe names it, so that both forms are one event.
    pub id: String,
    /// `payment_intent.succeeded`.
    pub kind: String,
    /// The account that it names, or a path of accounts ([`super::payment_id::event_account`]); `None`: that of its endpoint, the key's.
    /// [`UNKNOWN_ACCOUNT`] where one is named in a form that is not known.
    pub account: Option<String>,
    pub livemode: bool,
    pub api_version: Option<String>,
    /// Seconds since 1970 UTC.
    pub created: i64,
    /// Id of the object it is about, `pi_…`, `ch_…`; empty where it names none.
    pub object: String,
    /// What its work is serialised by: the PaymentIntent where the object names one, else the charge that a refund or a
    /// dispute is of, else the object.
    pub subject: String,
    /// The event carries no object, only its id.
    pub thin: bool,
}

/// The body is not JSON, or JSON without what every event has: id, type, mode and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnEvent;

/// Type of the row of what is well signed and no event that can be read: it is stored all the same, as Stripe switches off
/// endpoints that refuse what it sends.
pub const UNREADABLE: &str = "unreadable";

/// Stands for an account that nobody can read. It is no account's id.
pub const UNKNOWN_ACCOUNT: &str = "?";

/// The longest id or type that is taken for one. Stripe: ids may have up to 255 characters.
const ID_BYTES_MAX: usize = 255;

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow, default)]
    object: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    livemode: bool,
    #[serde(borrow)]
    created: &'a RawValue,
    #[serde(borrow, default)]
    account: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    context: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    api_version: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    snapshot_event: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    data: Option<Data<'a>>,
    #[serde(borrow, default)]
    related_object: Option<Object<'a>>,
}

#[derive(Default, Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    object: Object<'a>,
}

/// An event of which something has another shape than Stripe documents: what is not needed to store it may be anything.
#[derive(Deserialize)]
struct LooseEvent<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    livemode: bool,
    #[serde(borrow)]
    created: &'a RawValue,
    #[serde(borrow, default)]
    object: Option<&'a RawValue>,
    #[serde(borrow, default)]
    account: Option<&'a RawValue>,
    #[serde(borrow, default)]
    context: Option<&'a RawValue>,
    #[serde(borrow, default)]
    api_version: Option<&'a RawValue>,
    #[serde(borrow, default)]
    snapshot_event: Option<&'a RawValue>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    related_object: Option<&'a RawValue>,
}

impl<'a> From<LooseEvent<'a>> for Raw<'a> {
    fn from(loose: LooseEvent<'a>) -> Self {
        let account = |named: Option<&'a RawValue>| named.map(|json| parse_as(json).unwrap_or(UNKNOWN_ACCOUNT.into()));
        Self {
            object: loose.object.and_then(parse_as),
            id: loose.id,
            kind: loose.kind,
            livemode: loose.livemode,
            created: loose.created,
            account: account(loose.account),
            context: account(loose.context),
            api_version: loose.api_version.and_then(parse_as),
            snapshot_event: loose.snapshot_event.and_then(parse_as),
            data: loose.data.map(|json| parse_as(json).unwrap_or_default()),
            related_object: loose.related_object.and_then(parse_as),
        }
    }
}

fn parse_as<'a, T: Deserialize<'a>>(json: &'a RawValue) -> Option<T> {
    serde_json::from_str(json.get()).ok()
}

#[derive(Default, Deserialize)]
struct Object<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    payment_intent: Option<&'a RawValue>,
    /// An invoice payment names its PaymentIntent one level down.
    #[serde(borrow, default)]
    payment: Option<&'a RawValue>,
    #[serde(borrow, default)]
    charge: Option<&'a RawValue>,
}

/// The object that stands where an id may stand.
#[derive(Deserialize)]
struct Expanded<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    payment_intent: Option<Cow<'a, str>>,
}

/// The payment that a reference leads to: an id, or an object that is one or names one. Any other shape leads
/// nowhere; it is no reason to refuse the event.
fn payment(link: &RawValue) -> Option<String> {
    let json = link.get();
    if json.starts_with('"') {
        return serde_json::from_str(json).ok();
    }
    let object: Expanded = serde_json::from_str(json).ok()?;
    object.id.or(object.payment_intent).map(Cow::into_owned)
}

/// Reads the envelope from the raw body. A byte order mark before the JSON is passed over; bytes that are no UTF-8 stand in
/// some text that is for people, and keep no event out. Of what is beyond id, type, mode and time, anything may be missing or
/// have any shape.
pub fn parse_event(body: &[u8]) -> Result<Envelope, NotAnEvent> {
    let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = String::from_utf8_lossy(json);
    let raw: Raw = match serde_json::from_str(&text) {
        Ok(raw) => raw,
        Err(_) => serde_json::from_str::<LooseEvent>(&text).map_err(|_| NotAnEvent)?.into(),
    };
    if !is_id(&raw.id) || !is_id(&raw.kind) {
        return Err(NotAnEvent);
    }
    let thin = match raw.object.as_deref() {
        Some("event") => false,
        Some("v2.core.event") => true,
        _ => raw.data.is_none(),
    };
    let object = match (&raw.data, &raw.related_object) {
        (Some(data), _) if !thin => Some(&data.object),
        (_, related) => related.as_ref(),
    };
    let object_id = object.and_then(|o| o.id.as_deref()).filter(|id| is_id(id)).unwrap_or("").to_owned();
    let subject = object
        .and_then(subject)
        .unwrap_or_else(|| if object_id.is_empty() { raw.id.to_string() } else { object_id.clone() });
    Ok(Envelope {
        kind: raw.kind.strip_prefix("v1.").filter(|_| thin).unwrap_or(&raw.kind).to_owned(),
        account: account(raw.account, raw.context),
        livemode: raw.livemode,
        api_version: raw.api_version.filter(|version| is_id(version)).map(Cow::into_owned),
        created: created(raw.created.get()).ok_or(NotAnEvent)?,
        id: raw.snapshot_event.filter(|id| thin && is_id(id)).unwrap_or(raw.id).into_owned(),
        object: object_id,
        subject,
        thin,
    })
}

/// A snapshot names it in `account`, a thin event in `context`. Where both are there they must be equal.
fn account(account: Option<Cow<'_, str>>, context: Option<Cow<'_, str>>) -> Option<String> {
    let named = match (account, context) {
        (Some(account), Some(context)) if account != context => return Some(UNKNOWN_ACCOUNT.to_owned()),
        (account, context) => account.or(context)?,
    };
    Some(if is_id(&named) { named.into_owned() } else { UNKNOWN_ACCOUNT.to_owned() })
}

/// What can stand in the place of an id or a name; it is kept to the letter.
fn is_id(text: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&text.len())
}

/// The mode of the object in a snapshot event, where it says one: Stripe's own events never say two.
pub fn object_mode(body: &[u8]) -> Option<bool> {
    #[derive(Deserialize)]
    struct Snapshot {
        data: Holder,
    }
    #[derive(Deserialize)]
    struct Holder {
        object: Mode,
    }
    #[derive(Deserialize)]
    struct Mode {
        livemode: Option<bool>,
    }
    let json = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice::<Snapshot>(json).ok()?.data.object.livemode
}

fn subject(object: &Object<'_>) -> Option<String> {
    let is = |id: &String| id.starts_with("pi_") && is_id(id);
    let links = || [object.payment_intent, object.payment].into_iter().flatten();
    let charge = |id: &String| (id.starts_with("ch_") || id.starts_with("py_")) && is_id(id);
    let charged = || object.charge.and_then(payment).filter(charge);
    object
        .id
        .as_deref()
        .map(str::to_owned)
        .filter(is)
        .or_else(|| links().find_map(|link| payment(link).filter(is)))
        .or_else(charged)
}

/// Seconds since 1970 UTC, as a number (snapshot) or a time in text (thin).
fn created(json: &str) -> Option<i64> {
    let seconds = match json.strip_prefix('"') {
        None => json.parse().ok(),
        Some(text) => seconds_of(text.strip_suffix('"')?),
    };
    seconds.filter(|seconds| (0..=LAST).contains(seconds))
}

/// Seconds of `2026-11-21T19:00:00.000Z`, the only form Stripe's v2 API writes.
fn seconds_of(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let marks = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")];
    if !text.ends_with('Z') || marks.iter().any(|&(at, mark)| text.get(at..at + 1) != Some(mark)) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let clock = number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
    Some(crate::date::days(year, month, day)? * 86_400 + clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thin_events_are_their_snapshot() {
        let event = parse_event(include_bytes!("../../tests/fixtures/stripe/thin_event_sample.json")).unwrap();
        assert_eq!(
            (event.id.as_str(), event.kind.as_str(), event.created),
            ("evt_1SAMPLE", "payment_intent.succeeded", 1_795_287_600)
        );
        assert_eq!((event.object.as_str(), event.subject.as_str(), event.thin), ("pi_1SAMPLE", "pi_1SAMPLE", true));
    }

    #[test]
    fn the_subject_is_the_payment_intent_where_the_object_names_one() {
        for (object, subject) in [
            (r#"{"id":"pi_1"}"#, "pi_1"),
            (r#"{"id":"ch_1","payment_intent":"pi_1"}"#, "pi_1"),
            (r#"{"id":"ch_1","payment_intent":null}"#, "ch_1"),
            (r#"{"id":"re_1","charge":"ch_1","payment_intent":"pi_1"}"#, "pi_1"),
            (r#"{"id":"re_1","charge":"ch_1","payment_intent":null}"#, "ch_1"),
            (r#"{"id":"du_1","charge":{"id":"py_1","amount":5}}"#, "py_1"),
            (r#"{"id":"xx_1","charge":"automatically"}"#, "xx_1"),
            (r#"{"id":"cs_1","payment_intent":{"id":"pi_1","amount":5}}"#, "pi_1"),
            (r#"{"id":"inpay_1","payment":{"type":"payment_intent","payment_intent":"pi_1"}}"#, "pi_1"),
            (r#"{"id":"in_1","payment_intent":"x"}"#, "in_1"),
            (r#"{"id":"xx_1","payment":true,"payment_intent":[7]}"#, "xx_1"),
            (r#"{"object":"balance"}"#, "evt_1"),
        ] {
            let body = format!(
                r#"{{"id":"evt_1","object":"event","type":"a.b","livemode":true,"created":5,"account":"acct_1","data":{{"object":{object}}}}}"#
            );
            let event = parse_event(body.as_bytes()).unwrap();
            assert_eq!((event.subject.as_str(), event.account.as_deref()), (subject, Some("acct_1")), "{object}");
        }
    }

    #[test]
    fn what_is_not_an_event() {
        let deep = "[".repeat(100_000);
        for body in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"object":"plan"}"#,
            r#"{"object":"event","id":5}"#,
            deep.as_str(),
            "{\"object\":\"event\"",
            r#"{"object":"event","id":"evt_1","type":"a.b","livemode":true,"created":-1}"#,
            r#"{"object":"event","id":"evt_1","type":"a.b","livemode":true,"created":253402300800}"#,
            "\u{0}",
        ] {
            assert_eq!(parse_event(body.as_bytes()), Err(NotAnEvent));
        }
        assert_eq!(parse_event(b"\xff\xfe"), Err(NotAnEvent));
        let text = br#"{"id":"evt_1","object":"event","type":"a.b","livemode":true,"created":5,"note":"?"}"#;
        assert!(parse_event(text).is_ok());
        let mark = text.iter().position(|byte| *byte == b'?').unwrap();
        let broken: Vec<u8> = text.iter().enumerate().map(|(at, byte)| if at == mark { 0x81 } else { *byte }).collect();
        assert!(parse_event(&broken).is_ok(), "a string that is no UTF-8, which nobody reads here");
    }
}
