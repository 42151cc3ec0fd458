//! Stripe's list of balance transactions, so that a movement whose events never came is booked too.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::expanded::get_expanded;
use super::object::Source;
use crate::error::{Code, Error};
use crate::stripe::client::Client;
use crate::stripe::event_list::last_id;
use crate::stripe::form::Form;
use crate::stripe::json::{List, Ref, Text};

const PATH: &str = "/v1/balance_transactions";

/// Where in the list a sweep stands; stored between calls as JSON. The list is read from the newest to `since`: what comes
/// in meanwhile is newer than where the sweep began, and the next one's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// First instant asked for, seconds since 1970 UTC.
    since: i64,
    /// Last balance transaction of the page before, `txn_…`.
    after: Option<String>,
}

/// One page, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub listed: Vec<ListedTransaction>,
    /// How many were none by our reading.
    pub unreadable: usize,
    /// Where to go on; `None` at the end.
    pub next: Option<Cursor>,
}

/// A balance transaction as the inbox keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedTransaction {
    /// `txn_…`.
    pub id: String,
    /// Seconds since 1970 UTC.
    pub created: i64,
    /// What its work is serialised by: the payment, else the source, else itself.
    pub subject: String,
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    created: i64,
    #[serde(borrow)]
    source: Option<Ref<'a, &'a RawValue>>,
}

impl Cursor {
    /// All since an instant.
    pub fn since(instant: i64) -> Self {
        Self { since: instant, after: None }
    }

    fn query(&self) -> Form {
        let form = Form::new().with("created[gte]", &self.since.to_string());
        match &self.after {
            Some(id) => form.with("starting_after", id),
            None => form,
        }
    }
}

/// Asks for one page: one call, at most 100. Duplicates are the inbox's matter.
pub async fn list_page(client: &Client<'_>, cursor: Cursor) -> Result<Page, Error> {
    let ask = |most: &'static str| get_expanded(client, PATH, cursor.query().with("limit", most), "data.source");
    let (body, _hidden) = match ask("100").await {
        // Their sources make them long; as in `Client::list`.
        Err(error) if error.code == Code::StripeAnswerTooLarge => ask("10").await?,
        answer => answer?,
    };
    let list: List<&RawValue> = body.parse()?;
    let read = |raw: &&RawValue| serde_json::from_str::<Row<'_>>(raw.get()).ok().map(|row| listed_transaction(&row));
    let listed: Vec<ListedTransaction> = list.data.iter().filter_map(read).collect();
    let next = last_id(&list)?.filter(|_| list.has_more).map(Cow::into_owned);
    Ok(Page {
        unreadable: list.data.len() - listed.len(),
        listed,
        next: next.map(|after| Cursor { after: Some(after), ..cursor }),
    })
}

fn listed_transaction(row: &Row<'_>) -> ListedTransaction {
    let (id, source) = (row.id.as_str(), Source::of(row.source.as_ref()));
    let known = Some(source.id.as_str()).filter(|id| !id.is_empty());
    let subject = source.payment().or(known).unwrap_or(id).to_owned();
    ListedTransaction { id: id.to_owned(), created: row.created, subject }
}
