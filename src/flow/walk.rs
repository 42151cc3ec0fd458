//! Reading one of Stripe's lists from the last complete run on, page by page: what it lists and the inbox does not have is
//! worked like an event that came. A run that could not come to its end goes on in the next one.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::connection::{self, Desk};
use super::receive::hint;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::ledger::recovery::{List, Progress};
use crate::ledger::{delivery, inbox};
use crate::ports::{DbError, Fut, Level, Runtime};
use crate::stripe::client::Client;

/// Read again before the last complete run's start: an object may enter its list late.
const OVERLAP: i64 = 3_600;
/// Pages of 100 in one run of one account; a longer list goes on in the next run. Each costs one request and two
/// statements, and Cloudflare's free plan has 50 of either for an invocation.
const PAGES: usize = 15;
/// No page is asked for later than so many seconds after the start.
const LATEST: i64 = 120;

/// One page as the inbox takes it.
pub struct Page<C> {
    /// Rows of the inbox to be.
    pub rows: Vec<Value>,
    /// How many were none by our reading: worth an alert, not worth stopping for.
    pub unreadable: usize,
    /// Where to go on; `None` at the end.
    pub next: Option<C>,
}

/// A list and how it is read.
pub trait Source {
    /// A place in the list, kept between runs as JSON.
    type Cursor: Clone + Serialize + DeserializeOwned;
    /// Where its progress is kept.
    const LIST: &'static List;
    /// First words of its log lines: `recovery` gives `recovery_read`, `recovery_failed`.
    const NAMES: Names;

    /// The list from an instant (seconds) on; `began` is now.
    fn since(&self, instant: i64, began: i64) -> Self::Cursor;
    /// One page: one call to Stripe.
    fn page<'a>(
        &'a self,
        client: &'a Client<'a>,
        account: &'a str,
        at: Self::Cursor,
    ) -> Fut<'a, Result<Page<Self::Cursor>, Error>>;
}

/// Names of log lines.
pub struct Names {
    pub found: &'static str,
    pub read: &'static str,
    pub failed: &'static str,
    pub unreadable: &'static str,
}

/// A run under way: where it began and where it goes on.
#[derive(Serialize, Deserialize)]
struct Run<C> {
    began: i64,
    cursor: C,
}

/// Rows listed, new ones among them, and whether the end was reached.
type Read = Result<(usize, usize, bool), Error>;

/// Reads the list of every account of this ledger. Does nothing while another run is under way.
pub async fn walk<S: Source>(rt: &Runtime, config: &Config, source: &S) -> Result<(), DbError> {
    let token = rt.entropy.token();
    let began = rt.clock.now();
    if !S::LIST.begin(&*rt.db, &token, began).await? {
        return Ok(());
    }
    let standing = delivery::read(&*rt.db).await?;
    match connection::open(rt, config, &standing, began).await {
        Ok(desk) => {
            for account in std::iter::once(&desk.identity.account).chain(&desk.delivery.stripe.accounts) {
                let read = list(rt, &desk, account, source, &token, began).await?;
                report::<S>(rt, account, &read);
            }
        }
        Err(error) => report::<S>(rt, "", &Err(error)),
    }
    S::LIST.end(&*rt.db, &token).await
}

async fn list<S: Source>(
    rt: &Runtime,
    desk: &Desk<'_>,
    account: &str,
    source: &S,
    token: &str,
    began: i64,
) -> Result<Read, DbError> {
    let client = Client::new(&*desk.http, &desk.delivery.stripe);
    let client = client.on(account);
    let progress = S::LIST.progress(&*rt.db, account).await?;
    let stored = progress.run.as_deref().and_then(|run| serde_json::from_str::<Run<S::Cursor>>(run).ok());
    let mut run = stored.unwrap_or_else(|| {
        let last = progress.complete_to.unwrap_or(0).max(desk.delivery.book_from);
        Run { began, cursor: source.since(last - OVERLAP, began) }
    });
    let (mut seen, mut found, mut complete) = (0, 0, false);
    for _ in 0..PAGES {
        if complete || rt.clock.now() - began > LATEST {
            break;
        }
        let page = match source.page(&client, account, run.cursor.clone()).await {
            Ok(page) => page,
            Err(error) => {
                // A place in the list that Stripe no longer knows would be asked for for ever.
                if matches!(error.code, Code::StripeRefused | Code::StripeObjectMissing) {
                    let anew = Progress { complete_to: progress.complete_to, run: None };
                    S::LIST.advance(&*rt.db, token, account, &anew).await?;
                }
                return Ok(Err(error));
            }
        };
        if page.unreadable > 0 {
            let fields = json!({ "account": account, "objects": page.unreadable });
            rt.log.line(Level::Alert, S::NAMES.unreadable, fields);
        }
        seen += page.rows.len();
        let new = inbox::store_pulled(&*rt.db, &Value::from(page.rows), rt.clock.now()).await?;
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
        S::LIST.advance(&*rt.db, token, account, &next).await?;
    }
    Ok(Ok((seen, found, complete)))
}

fn report<S: Source>(rt: &Runtime, account: &str, read: &Read) {
    match read {
        Ok((seen, found, complete)) => {
            // New ones are news that no webhook brought.
            let (level, event) = if *found > 0 { (Level::Warn, S::NAMES.found) } else { (Level::Info, S::NAMES.read) };
            let fields = json!({ "account": account, "listed": seen, "new": found, "complete": complete });
            rt.log.line(level, event, fields);
        }
        Err(error) => {
            let level = if error.code == Code::StripeUnavailable { Level::Warn } else { Level::Alert };
            let fields = json!({ "account": account, "code": error.code.name(), "detail": error.detail });
            rt.log.line(level, S::NAMES.failed, fields);
        }
    }
}
