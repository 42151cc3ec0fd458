//! The list of events, newest first, by state and type, or all of the payments that a word leads to.

use super::json;
use crate::ports::{Arg, Db, DbError, Stmt};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct EventQuery {
    /// JSON array of states; `None`: all.
    pub states: Option<String>,
    /// A type, or its beginning.
    pub kind: Option<String>,
    /// An id of Stripe's, an invoice's number, a customer's id.
    pub word: Option<String>,
    /// Rows before this one.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// A row as it is shown; `h` is the inbox row with its `n`.
macro_rules! event_json {
    () => {
        "json_object('id', h.id, 'type', h.type, 'object', h.object, 'subject', h.subject, 'account', h.account, 'form', h.form, \
         'created', h.created, 'received', h.received, 'state', h.state, 'code', h.code, 'detail', h.detail, \
         'attempts', h.attempts, 'due', h.due, 'finished', h.finished, 'postings', (SELECT json_group_array(json_object('key', p.key, \
         'kind', coalesce(p.kind, 'paid'), 'minor', p.minor, 'currency', lower(p.currency), 'name', p.name, 'flags', json(p.flags), \
         'outcome', p.outcome)) FROM postings p WHERE p.payment = h.subject AND p.event = h.id))"
    };
}
/// What of the inbox a list needs. ?1 states, ?2 type, ?3 before, ?4 limit, ?5 word.
macro_rules! columns {
    () => {
        "id, type, object, subject, account, form, created, received, state, code, detail, attempts, due, finished"
    };
}
macro_rules! event_filter {
    () => {
        "(?1 IS NULL OR state IN (SELECT value FROM json_each(?1))) AND (?2 IS NULL OR substr(type, 1, length(?2)) = ?2) \
         AND (?3 IS NULL OR n < ?3)"
    };
}

/// The newest rows: a page looks at 2,000, so that its cost does not grow with what is kept.
const NEWEST: &str = concat!(
    "WITH page AS (SELECT rowid AS n, ",
    columns!(),
    " FROM inbox WHERE rowid < coalesce(?3, 9e15) ORDER BY rowid DESC LIMIT 2000), \
     hits AS (SELECT * FROM page WHERE ",
    event_filter!(),
    " AND ?5 IS NULL ORDER BY n DESC LIMIT ?4) \
     SELECT json_object('events', json_group_array(",
    event_json!(),
    "), 'next', CASE WHEN count(*) = ?4 THEN CAST(min(h.n) AS TEXT) \
       WHEN (SELECT count(*) FROM page) = 2000 THEN (SELECT CAST(min(n) AS TEXT) FROM page) END) AS json FROM hits h"
);

/// What has work due or is parked: found by the indexes of these.
const OPEN: &str = concat!(
    "WITH open AS (SELECT rowid AS n FROM inbox WHERE queue_again_at > 0 \
       UNION SELECT rowid FROM inbox WHERE state = 'parked' AND code >= ''), \
     hits AS (SELECT o.n, ",
    columns!(),
    " FROM open o CROSS JOIN inbox i ON i.rowid = o.n WHERE ",
    event_filter!(),
    " AND ?5 IS NULL ORDER BY n DESC LIMIT ?4) SELECT json_object('events', json_group_array(",
    event_json!(),
    "), 'next', CASE WHEN count(*) = ?4 THEN CAST(min(h.n) AS TEXT) END) AS json FROM hits h"
);

/// All events of the payments that a word leads to. D1 takes at most five SELECTs in one compound.
const FOUND: &str = concat!(
    "WITH accounts AS (SELECT account FROM identity UNION SELECT account FROM event_list_progress), \
     named AS (SELECT subject FROM inbox WHERE id = ?5 UNION SELECT ?5 UNION SELECT payment FROM search_terms WHERE word = ?5), \
     booked AS (SELECT p.payment AS subject FROM accounts a CROSS JOIN postings p ON p.key > 'stripe:' || a.account || ':' || ?5 || ':' \
         AND p.key < 'stripe:' || a.account || ':' || ?5 || ';' UNION SELECT payment FROM postings WHERE key = ?5), \
     loose AS (SELECT subject FROM inbox WHERE queue_again_at > 0 AND object = ?5 \
       UNION SELECT subject FROM inbox WHERE state = 'parked' AND code >= '' AND (object = ?5 OR instr(body, ?5) > 0)), \
     subjects AS (SELECT subject FROM named UNION SELECT subject FROM booked UNION SELECT subject FROM loose), \
     hits AS (SELECT i.rowid AS n, ",
    columns!(),
    " FROM subjects s CROSS JOIN inbox i USING (subject) WHERE ",
    event_filter!(),
    " ORDER BY n DESC LIMIT ?4) SELECT json_object('events', json_group_array(",
    event_json!(),
    "), 'next', CASE WHEN count(*) = ?4 THEN CAST(min(h.n) AS TEXT) END) AS json FROM hits h"
);

/// A page as JSON text.
pub async fn list(db: &dyn Db, wanted: &EventQuery) -> Result<String, DbError> {
    let open = wanted.states.as_deref().is_some_and(|states| !states.contains("done") && !states.contains("ignored"));
    let sql = match (&wanted.word, open) {
        (Some(_), _) => FOUND,
        (None, true) => OPEN,
        (None, false) => NEWEST,
    };
    let args: [Arg; 5] = [
        wanted.states.clone().into(),
        wanted.kind.clone().into(),
        wanted.before.into(),
        wanted.limit.into(),
        wanted.word.clone().into(),
    ];
    Ok(json(db, Stmt::new(sql, args)).await?.unwrap_or_default())
}
