//! Balance transaction sync: Stripe's list is read from the last complete run on, so that money whose events never came
//! is booked too. Each has the inbox row that an event would have given it.

use super::enqueue;
use super::list_sync::{self, ListSource, LogNames, Page, Turn};
use crate::config::Config;
use crate::error::Error;
use crate::ledger::list_progress::{ListName, TRANSACTIONS};
use crate::ports::{DbError, Fut, Runtime};
use crate::stripe::balance::{self, Cursor};
use crate::stripe::client::Client;

struct Transactions {
    livemode: bool,
}

impl ListSource for Transactions {
    type Cursor = Cursor;
    const LIST: &'static ListName = &TRANSACTIONS;
    const NAMES: LogNames = LogNames {
        found: "transactions_recovered",
        read: "transaction_list_read",
        failed: "transaction_list_failed",
        unreadable: "transaction_list_unreadable",
    };

    fn since(&self, instant: i64, _began: i64) -> Cursor {
        Cursor::since(instant)
    }

    fn page<'a>(
        &'a self,
        client: &'a Client<'a>,
        account: &'a str,
        at: Cursor,
    ) -> Fut<'a, Result<Page<Cursor>, Error>> {
        Box::pin(async move {
            let page = balance::list_page(client, at).await?;
            let row = |txn: &balance::ListedTransaction| {
                enqueue::transaction_row(&txn.id, Some(account), self.livemode, txn.created, &txn.subject)
            };
            Ok(Page { rows: page.listed.iter().map(row).collect(), unreadable: page.unreadable, next: page.next })
        })
    }
}

/// Reads the list of every account of this ledger, or goes on with what the last run left. Does nothing while another run is under way.
pub async fn sync_transactions(rt: &Runtime, config: &Config, turn: Turn) -> Result<(), DbError> {
    let Ok(delivery) = &config.delivery else { return Ok(()) };
    list_sync::sync_list(rt, config, &Transactions { livemode: delivery.stripe.livemode() }, turn).await
}
