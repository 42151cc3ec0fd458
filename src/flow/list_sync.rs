//! Sync of one of Stripe's lists, page by page from the last complete run on: entries that are not in the inbox are
//! worked like events that came. A run that did not come to its end goes on in the next minute's, the accounts in
//! turns.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::connection::{self, DeliveryContext};
use super::join::join_all;
use super::receive::send_hints;
use crate::config::Config;
use crate::error::{Code, Error};
use crate::ledger::delivery::{self, DeliveryState};
use crate::ledger::inbox;
use crate::ledger::lease::LEASE_S;
use crate::ledger::list_progress::{ListName, ListProgress};
use crate::ports::{DbError, Fut, Level, Runtime};
use crate::stripe::client::Client;

/// Read again before the last complete run's start: an object may enter its list late.
const OVERLAP_S: i64 = 3_600;
/// Pages of 100 in one run of all accounts together; a longer list goes on in the next minute. Each page costs one request and
/// two statements, and Cloudflare's free plan has 50 of either for an invocation, in which both lists are read and more is done.
const PAGES_MAX: usize = 6;
/// The same of a run that only goes on, last of all in its invocation: 12,000 rows a minute. Stripe takes 100 requests a second of a
/// live account and a payment costs two at least, so that no more than 3,000 payments a minute, of three events each, come
/// about. Cloudflare's paid plan has 1,000 statements and as many requests for an invocation; on the free one D1 ends the run at
/// 50, some 1,400 rows further, and the next minute goes on.
const PAGES_MAX_CONTINUED: usize = 120;
/// Accounts read at once: Cloudflare lets six connections of one invocation wait for an answer.
const CONCURRENCY_MAX: usize = 6;
/// No page is asked for later than so many seconds after the start.
const RUN_S_MAX: i64 = 120;
/// The same of a run that only goes on, and its lease: the next minute's may begin, however this one ended.
const RUN_S_MAX_CONTINUED: i64 = 40;
const LEASE_S_CONTINUED: i64 = 55;

/// Which run it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Every account's list is read from its last complete run on.
    Begin,
    /// Lists that did not come to their end go on.
    GoOn,
}

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
pub trait ListSource {
    /// A place in the list, kept between runs as JSON.
    type Cursor: Clone + Serialize + DeserializeOwned;
    /// Where its progress is kept.
    const LIST: &'static ListName;
    /// Names of its log lines.
    const NAMES: LogNames;

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
pub struct LogNames {
    pub found: &'static str,
    pub read: &'static str,
    pub failed: &'static str,
    pub unreadable: &'static str,
}

/// A run under way: where it began, for which BOOK_FROM, and where it goes on.
#[derive(Clone, Serialize, Deserialize)]
struct SyncRun<C> {
    began: i64,
    #[serde(default)]
    book_from: Option<i64>,
    cursor: C,
}

/// An account whose list is being read.
struct AccountReader<'a, C> {
    account: &'a str,
    progress: ListProgress,
    run: SyncRun<C>,
    listed: usize,
    new: usize,
    end: Option<Result<(), Error>>,
}

/// What the readers of one walk share: whose turn it is, and how many pages are left.
struct ReaderQueue<'a, C> {
    waiting: RefCell<VecDeque<AccountReader<'a, C>>>,
    pages: Cell<usize>,
    /// The lease was lost: whoever has it goes on.
    lost: Cell<bool>,
    /// No page is asked for later, in seconds.
    until: i64,
}

/// Reads the lists of the accounts of this ledger, in turns. Does nothing while another run is under way.
pub async fn sync_list<S: ListSource>(rt: &Runtime, config: &Config, source: &S, turn: Turn) -> Result<(), DbError> {
    let (token, began) = (rt.entropy.token(), rt.clock.now());
    let state = delivery::delivery_state(&*rt.db).await?;
    if turn == Turn::GoOn && !is_under_way::<S>(rt, config, &state).await? {
        return Ok(());
    }
    let lease = if turn == Turn::Begin { LEASE_S } else { LEASE_S_CONTINUED };
    if !S::LIST.begin(&*rt.db, &token, began, lease).await? {
        return Ok(());
    }
    match connection::open(rt, config, &state, began).await {
        Ok(context) => read_accounts(rt, &context, source, turn, &token, began).await?,
        Err(error) => log_run::<S>(rt, turn, "", 0, 0, Err(&error)),
    }
    S::LIST.end(&*rt.db, &token).await
}

/// Whether a list has not come to its end.
async fn is_under_way<S: ListSource>(rt: &Runtime, config: &Config, state: &DeliveryState) -> Result<bool, DbError> {
    let (Ok(delivery), Some(identity)) = (&config.delivery, &state.identity) else { return Ok(false) };
    let progress = S::LIST.progress(&*rt.db, &accounts(&identity.account, &delivery.stripe.accounts)).await?;
    Ok(progress.iter().any(|progress| progress.run.is_some()))
}

fn accounts<'a>(own: &'a String, others: &'a [String]) -> Vec<&'a str> {
    std::iter::once(own).chain(others).map(String::as_str).collect()
}

async fn read_accounts<S: ListSource>(
    rt: &Runtime,
    context: &DeliveryContext<'_>,
    source: &S,
    turn: Turn,
    token: &str,
    began: i64,
) -> Result<(), DbError> {
    let mut accounts = accounts(&context.identity.account, &context.delivery.stripe.accounts);
    // Nobody is always the last.
    let first = usize::try_from(began.div_euclid(60)).unwrap_or(0) % accounts.len().max(1);
    accounts.rotate_left(first);
    let progress = S::LIST.progress(&*rt.db, &accounts).await?;
    let waiting: VecDeque<_> = accounts
        .iter()
        .zip(progress)
        .filter(|(_, progress)| turn == Turn::Begin || progress.run.is_some())
        .map(|(account, progress)| reader(source, account, progress, context.delivery.book_from, began))
        .collect();
    let (pages, latest) =
        if turn == Turn::Begin { (PAGES_MAX, RUN_S_MAX) } else { (PAGES_MAX_CONTINUED, RUN_S_MAX_CONTINUED) };
    let lanes = waiting.len().min(CONCURRENCY_MAX);
    let queue = ReaderQueue {
        waiting: RefCell::new(waiting),
        pages: Cell::new(pages),
        lost: Cell::new(false),
        until: began + latest,
    };
    let lane = |_| {
        Box::pin(async {
            while let Some(mut reader) = queue.next() {
                read_page(rt, context, source, &mut reader, &queue, token).await?;
                match &reader.end {
                    Some(end) => {
                        log_run::<S>(rt, turn, reader.account, reader.listed, reader.new, end.as_ref().map(|()| true))
                    }
                    None => queue.waiting.borrow_mut().push_back(reader),
                }
                if queue.is_over(rt.clock.now()) {
                    break;
                }
            }
            Ok(())
        }) as Fut<'_, Result<(), DbError>>
    };
    join_all((0..lanes).map(lane).collect()).await.into_iter().collect::<Result<Vec<()>, DbError>>()?;
    if queue.lost.get() {
        return Ok(());
    }
    for reader in queue.waiting.take() {
        // Also of one that had no turn: the next run knows that it waits.
        store_progress(rt, source, &reader, token).await?;
        log_run::<S>(rt, turn, reader.account, reader.listed, reader.new, Ok(false));
    }
    Ok(())
}

impl<'a, C> ReaderQueue<'a, C> {
    fn next(&self) -> Option<AccountReader<'a, C>> {
        self.waiting.borrow_mut().pop_front()
    }

    /// Nobody reads another page.
    fn is_over(&self, now: i64) -> bool {
        self.lost.get() || self.pages.get() == 0 || now > self.until
    }
}

/// Where an account's list goes on. An earlier BOOK_FROM than the last complete run's makes it be read from there.
fn reader<'a, S: ListSource>(
    source: &S,
    account: &'a str,
    progress: ListProgress,
    book_from: i64,
    began: i64,
) -> AccountReader<'a, S::Cursor> {
    let stored = progress.run.as_deref().and_then(|run| serde_json::from_str::<SyncRun<S::Cursor>>(run).ok());
    let run = stored.filter(|run| run.book_from.is_none_or(|of_run| of_run <= book_from)).unwrap_or_else(|| {
        let earlier = progress.book_from.is_some_and(|read| book_from < read);
        let last = progress.complete_to.filter(|_| !earlier).unwrap_or(0).max(book_from);
        SyncRun { began, book_from: Some(book_from), cursor: source.since(last - OVERLAP_S, began) }
    });
    AccountReader { account, progress, run, listed: 0, new: 0, end: None }
}

/// The next page of one account's list.
async fn read_page<'a, S: ListSource>(
    rt: &Runtime,
    context: &DeliveryContext<'_>,
    source: &S,
    reader: &mut AccountReader<'a, S::Cursor>,
    queue: &ReaderQueue<'a, S::Cursor>,
    token: &str,
) -> Result<(), DbError> {
    let client = Client::new(&*context.http, &context.delivery.stripe);
    let client = client.for_account(reader.account);
    queue.pages.set(queue.pages.get().saturating_sub(1));
    let page = match source.page(&client, reader.account, reader.run.cursor.clone()).await {
        Ok(page) => page,
        Err(error) => {
            // A place in the list that Stripe no longer knows would be asked for for ever.
            if matches!(error.code, Code::StripeRefused | Code::StripeObjectMissing) {
                let anew = ListProgress { run: None, ..reader.progress.clone() };
                S::LIST.advance(&*rt.db, token, reader.account, &anew).await?;
            }
            reader.end = Some(Err(error));
            return Ok(());
        }
    };
    if page.unreadable > 0 {
        let fields = json!({ "account": reader.account, "objects": page.unreadable });
        rt.log.line(Level::Alert, S::NAMES.unreadable, fields);
    }
    reader.listed += page.rows.len();
    let new = inbox::store_pulled(&*rt.db, &Value::from(page.rows), rt.clock.now()).await?;
    reader.new += new.len();
    send_hints(rt, &new).await;
    let kept = match page.next {
        Some(cursor) => {
            reader.run.cursor = cursor;
            store_progress(rt, source, reader, token).await?
        }
        None => {
            reader.end = Some(Ok(()));
            let read = reader.progress.book_from.or(reader.run.book_from);
            let book_from = read.min(reader.run.book_from.or(read));
            let done = ListProgress { complete_to: Some(reader.run.began), run: None, book_from };
            S::LIST.advance(&*rt.db, token, reader.account, &done).await?
        }
    };
    if !kept {
        queue.lost.set(true);
        reader.end = None;
        return Ok(());
    }
    if reader.end.is_some() {
        return Ok(());
    }
    Ok(())
}

/// Keeps the place of a run that is under way.
async fn store_progress<S: ListSource>(
    rt: &Runtime,
    _: &S,
    reader: &AccountReader<'_, S::Cursor>,
    token: &str,
) -> Result<bool, DbError> {
    let kept = ListProgress { run: serde_json::to_string(&reader.run).ok(), ..reader.progress.clone() };
    S::LIST.advance(&*rt.db, token, reader.account, &kept).await
}

fn log_run<S: ListSource>(
    rt: &Runtime,
    turn: Turn,
    account: &str,
    listed: usize,
    new: usize,
    complete: Result<bool, &Error>,
) {
    match complete {
        Ok(complete) => {
            // New ones are news that no webhook brought.
            let (level, event) = if new > 0 { (Level::Warn, S::NAMES.found) } else { (Level::Info, S::NAMES.read) };
            let fields = json!({ "account": account, "listed": listed, "new": new, "complete": complete });
            rt.log.line(level, event, fields);
        }
        Err(error) => {
            let passes = error.code == Code::StripeUnavailable || turn == Turn::GoOn;
            let level = if passes { Level::Warn } else { Level::Alert };
            let fields = json!({ "account": account, "code": error.code.name(), "detail": error.detail });
            rt.log.line(level, S::NAMES.failed, fields);
        }
    }
}
