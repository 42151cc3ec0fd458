//! Inbox rows of balance transactions that an object names. Each has its own attempts, like an event, and the same row
//! whether an event or the list named it first.

use serde_json::{Value, json};

use crate::ledger::claim::Claim;
use crate::stripe::balance::BALANCE_TRANSACTION;

/// Rows of the inbox for the balance transactions (`txn_…`) that an event's objects name, of its concrete account. They are worked under the
/// event's subject, or under the one that reading them tells.
pub fn transaction_rows(claim: &Claim, account: &str, named: &[String]) -> Vec<Value> {
    let account = claim.account.as_ref().map(|_| account);
    let row = |id: &String| transaction_row(id, account, claim.livemode, claim.created, &claim.subject);
    named.iter().map(row).collect()
}

/// One row, as `ledger::inbox` takes it; `account` is `None` for the key's own.
pub fn transaction_row(id: &str, account: Option<&str>, livemode: bool, created: i64, subject: &str) -> Value {
    json!({
        "id": id, "account": account, "livemode": i64::from(livemode), "type": BALANCE_TRANSACTION,
        "api_version": null, "created": created, "object": id, "subject": subject,
    })
}
