//! Events as they come in: one row each, new or seen.

use crate::ports::{Arg, Db, DbError, Stmt};
use crate::stripe::event::Envelope;

/// Stores one event; an id that is there already changes nothing. The arguments are those of [`NewEvent::args`].
/// `changes` is 1 when the event was new. The sweep may queue it a minute later, if the push after the answer fails.
pub const INSERT: &str = "INSERT INTO inbox (id, account, livemode, type, api_version, created, object, subject, form, body, \
     received, due, queue_again_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?11 + 60) \
     ON CONFLICT (id) DO NOTHING";

/// A body larger than this is not kept: its event is worked like a thin one. D1 holds rows of up to 2,000,000
/// bytes, and the other columns and the statement's own limits want their share.
pub const BODY_MOST: usize = 900_000;

/// An event to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    pub envelope: Envelope,
    pub form: &'static str,
    /// The raw body, for a snapshot small enough.
    pub body: Option<String>,
    /// Seconds.
    pub received: i64,
}

impl NewEvent {
    /// Of a webhook whose signature is good. Bytes that are no UTF-8 never get here: they are no JSON.
    pub fn of_webhook(envelope: Envelope, body: &[u8], received: i64) -> Self {
        let keep = !envelope.thin && body.len() <= BODY_MOST;
        let body = keep.then(|| String::from_utf8_lossy(body).into_owned());
        Self { form: if envelope.thin { "thin" } else { "snapshot" }, body, envelope, received }
    }

    /// The bound values of [`INSERT`].
    pub fn args(self) -> [Arg; 11] {
        let event = self.envelope;
        [
            event.id.into(),
            event.account.into(),
            i64::from(event.livemode).into(),
            event.kind.into(),
            event.api_version.into(),
            event.created.into(),
            event.object.into(),
            event.subject.into(),
            self.form.into(),
            self.body.into(),
            self.received.into(),
        ]
    }
}

/// Stores events in one round trip; says for each whether it was new.
pub async fn store(db: &dyn Db, events: Vec<NewEvent>) -> Result<Vec<bool>, DbError> {
    let stmts = events.into_iter().map(|event| Stmt::new(INSERT, event.args())).collect();
    Ok(db.batch(stmts).await?.iter().map(|rows| rows.changes > 0).collect())
}

/// Stores events pulled from Stripe's list by id, any number in one statement; gives back the ids that were new.
/// `pulled` is a JSON array of `{id, account, livemode, type, api_version, created, object, subject}`.
pub async fn store_pulled(db: &dyn Db, pulled: &serde_json::Value, now: i64) -> Result<Vec<String>, DbError> {
    const SQL: &str = "INSERT INTO inbox (id, account, livemode, type, api_version, created, object, subject, form, received, \
         due, queue_again_at) SELECT e.value ->> 'id', e.value ->> 'account', e.value ->> 'livemode', e.value ->> 'type', \
         e.value ->> 'api_version', e.value ->> 'created', e.value ->> 'object', e.value ->> 'subject', 'pulled', ?2, ?2, \
         ?2 + 60 FROM json_each(?1) e WHERE true ON CONFLICT (id) DO NOTHING RETURNING id";
    let rows = db.batch(vec![Stmt::new(SQL, [pulled.to_string().into(), now.into()])]).await?;
    Ok(super::texts(rows.first(), "id"))
}
