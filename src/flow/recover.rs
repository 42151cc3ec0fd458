//! Every quarter of an hour: Stripe's own list of events is read from the last complete run on, so that a webhook that
//! never came is worked all the same. A pulled event is an id only; its object is fetched when it is worked.

use serde_json::{Value, json};

use super::connection;
use super::receive::hint;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::ledger::recovery::{self, Progress};
use crate::ledger::{delivery, inbox};
use crate::ports::{DbError, Level, Runtime};
use crate::stripe::client::Client;
use crate::stripe::event::Envelope;
use crate::stripe::recover::{Cursor, page};

/// Read again before the last complete run's start: an event may enter the list late.
const OVERLAP: i64 = 3_600;
/// Stripe lists events for 30 days.
const REACH: i64 = 30 * 86_400;
/// Pages of 100 in one run of one account; a longer list goes on in the next run. Each costs one request and two
/// statements, and Cloudflare's free plan has 50 of either for an invocation.
const PAGES: usize = 15;
/// No page is asked for later than so many seconds after the start.
const LATEST: i64 = 120;

/// A run under way: where it began and where it goes on.
#[derive(serde::Serialize, serde::Deserialize)]
struct Run {
    began: i64,
    cursor: Cursor,
}

/// Reads the list of every account of this ledger. Does nothing while another run is under way.
pub async fn recover(rt: &Runtime, config: &Config) -> Result<(), DbError> {
    let token = rt.entropy.token();
    let began = rt.clock.now();
    if !recovery::begin(&*rt.db, &token, began).await? {
        return Ok(());
    }
    let standing = delivery::read(&*rt.db).await?;
    match connection::open(rt, config, &standing, began).await {
        Ok(desk) => {
            let client = Client::new(&*desk.http, &desk.delivery.stripe);
            for account in std::iter::once(&desk.identity.account).chain(&desk.delivery.stripe.accounts) {
                let read = list(rt, &client.on(account), account, desk.delivery.book_from, &token, began).await?;
                report(rt, account, &read);
            }
        }
        Err(error) => report(rt, "", &Err(error)),
    }
    recovery::end(&*rt.db, &token).await
}

/// Events listed, new ones among them, and whether the end was reached.
type Read = Result<(usize, usize, bool), Error>;

async fn list(
    rt: &Runtime,
    client: &Client<'_>,
    account: &str,
    book_from: i64,
    token: &str,
    began: i64,
) -> Result<Read, DbError> {
    let progress = recovery::progress(&*rt.db, account).await?;
    let stored = progress.run.as_deref().and_then(|run| serde_json::from_str::<Run>(run).ok());
    let mut run = stored.unwrap_or_else(|| {
        let last = progress.complete_to.unwrap_or(0).max(book_from);
        Run { began, cursor: Cursor::since((last - OVERLAP).max(began - REACH)) }
    });
    let (mut seen, mut found, mut complete) = (0, 0, false);
    for _ in 0..PAGES {
        if rt.clock.now() - began > LATEST {
            break;
        }
        let page = match page(client, run.cursor.clone()).await {
            Ok(page) => page,
            Err(error) => {
                // A place in the list that Stripe no longer knows would be asked for for ever.
                if matches!(error.code, Code::StripeRefused | Code::StripeObjectMissing) {
                    let anew = Progress { complete_to: progress.complete_to, run: None };
                    recovery::advance(&*rt.db, token, account, &anew).await?;
                }
                return Ok(Err(error));
            }
        };
        if page.unreadable > 0 {
            rt.log.line(Level::Alert, "recovery_unreadable", json!({ "account": account, "events": page.unreadable }));
        }
        seen += page.events.len();
        let pulled: Value = page.events.iter().map(|event| row(event, account)).collect();
        let new = inbox::store_pulled(&*rt.db, &pulled, rt.clock.now()).await?;
        found += new.len();
        hint(rt, &new).await;
        let next = match page.next {
            Some(cursor) => {
                run.cursor = cursor;
                Progress { complete_to: progress.complete_to, run: serde_json::to_string(&run).ok() }
            }
            None => Progress { complete_to: Some(run.began), run: None },
        };
        complete = next.run.is_none();
        recovery::advance(&*rt.db, token, account, &next).await?;
        if complete {
            break;
        }
    }
    Ok(Ok((seen, found, complete)))
}

fn row(event: &Envelope, account: &str) -> Value {
    json!({
        "id": event.id, "account": account, "livemode": i64::from(event.livemode), "type": event.kind,
        "api_version": event.api_version, "created": event.created, "object": event.object, "subject": event.subject,
    })
}

fn report(rt: &Runtime, account: &str, read: &Read) {
    match read {
        Ok((seen, found, complete)) => {
            // New ones are news that no webhook brought.
            let (level, event) = if *found > 0 { (Level::Warn, "recovered") } else { (Level::Info, "recovery_read") };
            let fields = json!({ "account": account, "listed": seen, "new": found, "complete": complete });
            rt.log.line(level, event, fields);
        }
        Err(error) => {
            let level = if error.code == Code::StripeUnavailable { Level::Warn } else { Level::Alert };
            rt.log.line(
                level,
                "recovery_failed",
                json!({ "account": account, "code": error.code.name(), "detail": error.detail }),
            );
        }
    }
}
