//! Event sync, every quarter of an hour: Stripe's list of events is read from the last complete run on, so that events
//! whose webhook never came are worked too. A pulled event is an id only; its object is fetched when it is worked.

use serde_json::{Value, json};

use super::list_sync::{self, ListSource, LogNames, Page, Turn};
use crate::config::Config;
use crate::error::Error;
use crate::ledger::list_progress::{EVENTS, ListName};
use crate::ports::{DbError, Fut, Runtime};
use crate::stripe::client::Client;
use crate::stripe::event::Envelope;
use crate::stripe::event_list::{Cursor, list_page};

/// Stripe lists events for 30 days.
const REACH_S: i64 = 30 * 86_400;

struct Events;

impl ListSource for Events {
    type Cursor = Cursor;
    const LIST: &'static ListName = &EVENTS;
    const NAMES: LogNames = LogNames {
        found: "events_recovered",
        read: "event_list_read",
        failed: "event_list_failed",
        unreadable: "event_list_unreadable",
    };

    fn since(&self, instant: i64, began: i64) -> Cursor {
        Cursor::since(instant.max(began - REACH_S))
    }

    fn page<'a>(
        &'a self,
        client: &'a Client<'a>,
        account: &'a str,
        at: Cursor,
    ) -> Fut<'a, Result<Page<Cursor>, Error>> {
        Box::pin(async move {
            let page = list_page(client, at).await?;
            let rows = page.events.iter().map(|event| inbox_row(event, account)).collect();
            Ok(Page { rows, unreadable: page.unreadable, next: page.next })
        })
    }
}

/// Reads the list of every account of this ledger, or goes on with what the last run left. Does nothing while another run is under way.
pub async fn sync_events(rt: &Runtime, config: &Config, turn: Turn) -> Result<(), DbError> {
    list_sync::sync_list(rt, config, &Events, turn).await
}

fn inbox_row(event: &Envelope, account: &str) -> Value {
    json!({
        "id": event.id, "account": account, "livemode": i64::from(event.livemode), "type": event.kind,
        "api_version": event.api_version, "created": event.created, "object": event.object, "subject": event.subject,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Worker that stood still for weeks, or a new ledger, reads as far back as Stripe lists, and no further.
    #[test]
    fn events_are_read_from_as_far_back_as_stripe_lists_them() {
        let (now, day) = (1_800_000_000, 86_400);
        for (last, since) in [(now - day, now - day), (now - 29 * day, now - 29 * day), (0, now - 30 * day)] {
            assert_eq!(Events.since(last, now), Cursor::since(since));
        }
    }
}
