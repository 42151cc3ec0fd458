//! Events as they come in: one row each, new or seen.

use crate::ports::{Arg, Db, DbError, Stmt};

/// Stores one event; an id that is there already changes nothing. The arguments are those of [`NewEvent::args`].
/// `changes` is 1 when the event was new. The sweep may queue it a minute later, if the push after the answer fails.
pub const INSERT: &str = "INSERT INTO inbox (id, account, livemode, type, api_version, created, object, subject, form, body, \
     received, due, queue_again_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?11 + 60) \
     ON CONFLICT (id) DO NOTHING";

/// Stores any number of events by one statement, however many arrived together: D1 counts statements, and each costs it
/// more than a row. `?1` is a JSON array of arrays, each with the values of [`NewEvent::args`]. All rows or none.
pub const INSERT_LIST: &str = "INSERT INTO inbox (id, account, livemode, type, api_version, created, object, subject, form, body, \
     received, due, queue_again_at) SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, \
     value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 10, (value ->> 10) + 60 \
     FROM json_each(?1) WHERE true ON CONFLICT (id) DO NOTHING";

/// A body larger than this is not kept: its event is worked like a thin one. D1 holds rows of up to 2,000,000
/// bytes, and the other columns and the statement's own limits want their share.
pub const BODY_BYTES_MAX: usize = 900_000;

/// An event to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// `evt_…`.
    pub id: String,
    /// The connected account; `None` is the key's own.
    pub account: Option<String>,
    pub livemode: bool,
    pub kind: String,
    pub api_version: Option<String>,
    /// At Stripe, seconds.
    pub created: i64,
    pub object: String,
    pub subject: String,
    /// `snapshot` or `thin`.
    pub form: &'static str,
    /// The raw body, for a snapshot small enough.
    pub body: Option<String>,
    /// Seconds.
    pub received: i64,
}

impl NewEvent {
    /// The bound values of [`INSERT`].
    pub fn args(self) -> [Arg; 11] {
        [
            self.id.into(),
            self.account.into(),
            i64::from(self.livemode).into(),
            self.kind.into(),
            self.api_version.into(),
            self.created.into(),
            self.object.into(),
            self.subject.into(),
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
    let rows = db.batch(vec![self::pulled_statement(pulled, now)]).await?;
    Ok(super::texts(rows.first(), "id"))
}

/// The statement of [`store_pulled`].
pub(super) fn pulled_statement(pulled: &serde_json::Value, now: i64) -> Stmt {
    const SQL: &str = "INSERT INTO inbox (id, account, livemode, type, api_version, created, object, subject, form, received, \
         due, queue_again_at) SELECT e.value ->> 'id', e.value ->> 'account', e.value ->> 'livemode', e.value ->> 'type', \
         e.value ->> 'api_version', e.value ->> 'created', e.value ->> 'object', e.value ->> 'subject', 'pulled', ?2, ?2, \
         ?2 + 60 FROM json_each(?1) e WHERE true ON CONFLICT (id) DO NOTHING RETURNING id";
    Stmt::new(SQL, [pulled.to_string().into(), now.into()])
}

/// When the newest event of these types about an object was created, seconds; `subject` is what its work is serialised by.
pub async fn newest_created(db: &dyn Db, subject: &str, object: &str, types: &[&str]) -> Result<Option<i64>, DbError> {
    const SQL: &str = "SELECT max(created) AS created FROM inbox WHERE subject = ?1 AND object = ?2 \
         AND type IN (SELECT value FROM json_each(?3))";
    let types = serde_json::Value::from(types).to_string();
    let rows = db.batch(vec![Stmt::new(SQL, [subject.into(), object.into(), types.into()])]).await?;
    Ok(rows.first().and_then(|rows| rows.rows.first()).and_then(|row| row.int("created")))
}
