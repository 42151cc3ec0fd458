//! Stripe's list of events of the last 30 days, for those whose webhook never came. Only their ids are taken, as the
//! list is not signed and written in the account's API version.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::client::Client;
use super::event::{self, Envelope};
use super::event_types::EVENT_TYPES;
use super::form::Form;
use super::json::List;
use crate::error::{Code, Error};

/// Stripe takes at most 20 in `types[]`.
const TYPES_PER_CALL: usize = 20;

/// Where in the list a recovery stands; stored between calls as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// First instant asked for, seconds since 1970 UTC.
    since: i64,
    /// Which group of [`EVENT_TYPES`].
    group: usize,
    /// Last event of the page before, `evt_…`.
    after: Option<String>,
}

/// One page of events, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// `thin`: their object is not kept.
    pub events: Vec<Envelope>,
    /// How many were no events by our reading: worth an alert, not worth stopping for.
    pub unreadable: usize,
    /// Where to go on; `None` at the end of the last group.
    pub next: Option<Cursor>,
}

/// The account that a key belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Account {
    /// `acct_…`.
    pub id: String,
}

impl Cursor {
    /// All events of the read types since an instant, which Stripe keeps for 30 days.
    pub fn since(instant: i64) -> Self {
        Self { since: instant, group: 0, after: None }
    }

    fn types(&self) -> impl Iterator<Item = &'static str> {
        EVENT_TYPES.chunks(TYPES_PER_CALL).nth(self.group).into_iter().flatten().copied()
    }

    fn query(&self) -> Form {
        let form = Form::new().with("created[gte]", &self.since.to_string()).with_each("types", self.types());
        match &self.after {
            Some(id) => form.with("starting_after", id),
            None => form,
        }
    }

    /// The next page of this group, else the first of the next one.
    fn advance(self, last: Option<Cow<'_, str>>, has_more: bool) -> Option<Self> {
        match last {
            Some(id) if has_more => Some(Self { after: Some(id.into_owned()), ..self }),
            _ => Some(Self { since: self.since, group: self.group + 1, after: None })
                .filter(|next| next.types().next().is_some()),
        }
    }
}

/// Asks for one page: one call, at most 100 events. Duplicates are the inbox's matter.
pub async fn list_page(client: &Client<'_>, cursor: Cursor) -> Result<Page, Error> {
    let body = client.list("/v1/events", &cursor.query()).await?;
    let list: List<&RawValue> = body.parse()?;
    let listed = list.data.len();
    let mut events: Vec<_> = list.data.iter().filter_map(|raw| event::parse_event(raw.get().as_bytes()).ok()).collect();
    events.iter_mut().for_each(|event| event.thin = true);
    let next = cursor.advance(last_id(&list)?, list.has_more);
    Ok(Page { unreadable: listed - events.len(), events, next })
}

/// The id of the last of a page that has one: the next page begins behind it, whether or not it could be read. Errors:
/// [`Code::EventUnreadable`] for a page after which more come and in which nothing has an id.
pub(super) fn last_id<'a>(list: &List<&'a RawValue>) -> Result<Option<Cow<'a, str>>, Error> {
    #[derive(Deserialize)]
    struct Named<'a> {
        #[serde(borrow)]
        id: Cow<'a, str>,
    }
    let id = |raw: &&'a RawValue| serde_json::from_str::<Named<'a>>(raw.get()).ok().map(|named| named.id);
    let last = list.data.iter().rev().find_map(id);
    if last.is_none() && list.has_more && !list.data.is_empty() {
        return Err(Error::new(
            Code::EventUnreadable,
            "A whole page of Stripe's list has no ids; compare it with the API version.",
        ));
    }
    Ok(last)
}

/// Reads which account the key belongs to (`GET /v1/account`).
pub async fn key_account(client: &Client<'_>) -> Result<Account, Error> {
    client.get("/v1/account", &Form::new()).await?.parse()
}
