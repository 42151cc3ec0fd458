//! The history of one event and of its payment.

use super::first_text;
use crate::ports::{Db, DbError, Stmt};

/// What a story is made of.
#[derive(Clone, Debug)]
pub struct Story {
    pub state: String,
    pub code: Option<String>,
    /// Members of a JSON object, without its braces.
    pub members: String,
}

/// In two parts, since D1 takes at most 32 arguments of a function.
const EVENT: &str = "SELECT state, code, json_object('id', id, 'type', type, 'object', object, 'subject', subject, 'account', account, \
     'form', form, 'created', created, 'received', received, 'state', state, 'code', code, 'detail', detail, 'attempts', attempts, \
     'due', due, 'finished', finished) AS json, json_object('crashes', crashes, 'waiting_for', waiting_for, 'waiting_since', waiting_since, \
     'livemode', json(iif(livemode, 'true', 'false')), 'api_version', api_version, 'body_kept', json(iif(body IS NULL, 'false', 'true')), \
     'postings', (SELECT json_group_array(json_object('key', p.key, 'kind', coalesce(p.kind, 'paid'), 'minor', p.minor, \
     'currency', lower(p.currency), 'name', p.name, 'flags', json(p.flags), 'outcome', p.outcome)) FROM postings p \
     WHERE p.payment = inbox.subject AND p.event = inbox.id)) AS more FROM inbox WHERE id = ?1";

const ATTEMPTS: &str = "SELECT json_group_array(json_object('number', number, 'at', at, 'last', last, 'times', times, 'state', state, \
     'code', code, 'detail', detail)) AS json FROM (SELECT * FROM attempts WHERE event = ?1 ORDER BY number)";

const POSTINGS: &str = concat!(
    "SELECT json_group_array(",
    posting!(),
    ") AS json FROM (SELECT * FROM postings WHERE payment = (SELECT subject FROM inbox WHERE id = ?1) ORDER BY posted, key LIMIT 200)"
);

const RELATED: &str = "SELECT json_group_array(json_object('id', id, 'type', type, 'object', object, 'state', state, 'code', code, \
     'created', created)) AS json FROM (SELECT * FROM inbox WHERE subject = (SELECT subject FROM inbox WHERE id = ?1) AND id <> ?1 \
     ORDER BY created, id LIMIT 200)";

const AUDIT: &str = "SELECT json_group_array(json_object('at', at, 'who', who, 'action', action, 'target', target, 'reason', reason, \
     'outcome', outcome)) AS json FROM (SELECT * FROM audit WHERE subject = (SELECT subject FROM inbox WHERE id = ?1) \
     ORDER BY number DESC LIMIT 100)";

/// The story of an event; `None` when there is no such row.
pub async fn event_story(db: &dyn Db, id: &str) -> Result<Option<Story>, DbError> {
    const PARTS: [(&str, &str); 5] =
        [("event", EVENT), ("attempts", ATTEMPTS), ("postings", POSTINGS), ("related", RELATED), ("audit", AUDIT)];
    let answers = db.batch(PARTS.map(|(_, sql)| Stmt::new(sql, [id.into()])).to_vec()).await?;
    let Some(state) = first_text(answers.first(), "state") else { return Ok(None) };
    let mut members = String::new();
    for ((name, _), rows) in PARTS.iter().zip(&answers) {
        let mut text = first_text(Some(rows), "json").unwrap_or_else(|| "null".into());
        if let Some(more) = first_text(Some(rows), "more") {
            text = format!("{},{}", text.trim_end_matches('}'), more.trim_start_matches('{'));
        }
        members.push_str(&format!("{}\"{name}\":{text}", if members.is_empty() { "" } else { "," }));
    }
    Ok(Some(Story { state, code: first_text(answers.first(), "code"), members }))
}
