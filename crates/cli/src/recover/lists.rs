//! What Stripe lists: its events of the last 30 days, and every balance transaction. Money older than the events is found by
//! its balance transaction, which books its document first where the ERP does not have it.

use quittance::config::Stripe;
use quittance::error::Error;
use quittance::ports::Http;
use quittance::stripe::balance::{self, BALANCE_TRANSACTION};
use quittance::stripe::client::Client;
use quittance::stripe::event_list;
use serde_json::{Value, json};

use crate::fail::CommandResult;
use crate::ports::block_on;

/// Stripe lists events for 30 days.
const REACH: i64 = 30 * 86_400;

/// A row as the Worker's inbox takes it.
pub struct InboxRow(pub Value);

impl InboxRow {
    fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }
    pub fn id(&self) -> &str {
        self.text("id")
    }
    pub fn kind(&self) -> &str {
        self.text("type")
    }
    pub fn subject(&self) -> &str {
        self.text("subject")
    }
    pub fn created(&self) -> i64 {
        self.0.get("created").and_then(Value::as_i64).unwrap_or_default()
    }
}

/// Everything since an instant, of the key's own account and of STRIPE_ACCOUNTS, the oldest first.
pub fn read_lists(http: &dyn Http, stripe: &Stripe, since: i64, now: i64) -> CommandResult<Vec<InboxRow>> {
    let client = Client::new(http, stripe);
    let own = block_on(event_list::key_account(&client))?.id;
    let mut rows = Vec::new();
    for account in std::iter::once(&own).chain(&stripe.accounts) {
        let client = Client::new(http, stripe).for_account(account);
        events(&client, account, since.max(now - REACH), &mut rows)?;
        transactions(&client, account, stripe.livemode(), since, &mut rows)?;
    }
    rows.sort_by_key(InboxRow::created);
    Ok(rows)
}

fn events(client: &Client<'_>, account: &str, since: i64, rows: &mut Vec<InboxRow>) -> Result<(), Error> {
    let mut cursor = Some(event_list::Cursor::since(since));
    while let Some(at) = cursor {
        let page = block_on(event_list::list_page(client, at))?;
        rows.extend(page.events.iter().map(|event| {
            InboxRow(json!({ "id": event.id, "account": account, "livemode": event.livemode, "type": event.kind,
                "api_version": event.api_version, "created": event.created, "object": event.object, "subject": event.subject }))
        }));
        cursor = page.next;
    }
    Ok(())
}

fn transactions(
    client: &Client<'_>,
    account: &str,
    livemode: bool,
    since: i64,
    rows: &mut Vec<InboxRow>,
) -> Result<(), Error> {
    let mut cursor = Some(balance::Cursor::since(since));
    while let Some(at) = cursor {
        let page = block_on(balance::list_page(client, at))?;
        rows.extend(page.listed.iter().map(|txn| {
            InboxRow(json!({ "id": txn.id, "account": account, "livemode": livemode, "type": BALANCE_TRANSACTION,
                "api_version": null, "created": txn.created, "object": txn.id, "subject": txn.subject }))
        }));
        cursor = page.next;
    }
    Ok(())
}
