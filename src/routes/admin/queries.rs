//! What is only read.

use super::answers::{caller_json, json_response, text_response};
use crate::auth::Caller;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::http::{Request, Response};
use crate::ledger::operator::actions::{self, Action};
use crate::ledger::operator::events::{self, EventQuery};
use crate::ledger::operator::{charts, health, receipts, story};
use crate::ledger::state::State;
use crate::ports::Runtime;

/// What the charts show, in seconds.
const DAY_S: i64 = 86_400;
/// Rows of a page.
const LIMIT: i64 = 50;
const LIMIT_MAX: i64 = 100;
/// The longest word that is looked for.
const TERM_CHARS_MAX: usize = 128;

/// Answers a GET under `/admin`.
pub async fn answer(
    rt: &Runtime,
    _: &Config,
    request: &Request,
    rest: &str,
    caller: &Caller,
) -> Result<Response, Error> {
    let (db, now) = (&*rt.db, rt.clock.now());
    let parts: Vec<&str> = rest.split('/').skip(1).collect();
    let text = match parts.as_slice() {
        ["session"] => return Ok(json_response(&caller_json(caller))),
        ["api", "health"] => health::health_json(db, env!("CARGO_PKG_VERSION"), now).await?,
        ["api", "events"] => events::list(db, &event_query(request)?).await?,
        ["api", "events", id] => event_story(rt, id).await?,
        ["api", "unallocated"] => receipts::unallocated_json(db).await?,
        ["api", "charts"] => charts::hours_since(db, (now - DAY_S) / 3_600 * 3_600).await?,
        ["api", "audit"] => {
            let asked = event_query(request)?;
            actions::audit_json(db, asked.before, asked.limit).await?
        }
        _ => return Err(Error::of(Code::NotFound)),
    };
    Ok(text_response(text))
}

async fn event_story(rt: &Runtime, id: &str) -> Result<String, Error> {
    let id = percent_decode(id).ok_or_else(|| Error::of(Code::NotFound))?;
    let story = story::event_story(&*rt.db, &id).await?.ok_or_else(|| Error::of(Code::NotFound))?;
    let advice = story.code.as_deref().and_then(Code::from_name).map(Code::advice);
    let may = [Action::Replay, Action::Park, Action::Ignore].into_iter().filter(|action| action.may(&story.state));
    let actions: Vec<&str> = may.map(Action::name).collect();
    let head = serde_json::json!({ "advice": advice, "actions": actions }).to_string();
    Ok(format!("{},{}}}", head.trim_end_matches('}'), story.members))
}

fn event_query(request: &Request) -> Result<EventQuery, Error> {
    let mut wanted = EventQuery { limit: LIMIT, ..EventQuery::default() };
    let wrong = |what: &str| Error::new(Code::RequestInvalid, format!("{what} is not what docs/ADMIN.md says."));
    for pair in request.query().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = percent_decode(value).ok_or_else(|| wrong(name))?.trim().to_owned();
        if value.is_empty() {
            continue;
        }
        match name {
            "state" if value == "open" => {
                wanted.states = Some(r#"["received","claimed","failed","waiting"]"#.into());
            }
            "state" => {
                let state = State::from_name(&value).ok_or_else(|| wrong(name))?;
                wanted.states = Some(format!("[\"{}\"]", state.name()));
            }
            "type" if value.len() <= TERM_CHARS_MAX => wanted.kind = Some(value),
            "q" if value.len() <= TERM_CHARS_MAX => wanted.word = Some(value),
            "before" => wanted.before = Some(value.parse().map_err(|_| wrong(name))?),
            "limit" => {
                let limit = value.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
                wanted.limit = limit.ok_or_else(|| wrong(name))?;
            }
            _ => return Err(wrong(name)),
        }
    }
    Ok(wanted)
}

/// Percent-decoding of a query or a path; `None` for what is no UTF-8 or no escape.
pub fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            b'+' => b' ',
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}
