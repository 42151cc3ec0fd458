//! What the ledger has parked, asked of D1 through wrangler. Optional: without it a parked movement reads "not yet
//! posted".

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::stripe::Transaction;
use crate::deploy::DATABASE;
use crate::fail::{CommandError, CommandResult};
use crate::run::WRANGLER;
use crate::secrets::{Run, SecretStore};

const PARKED: &str = "SELECT object, code FROM inbox WHERE state = 'parked'";

/// Code by id of the transaction.
pub fn parked(
    run: &dyn Run,
    store: SecretStore,
    transactions: &[Transaction],
) -> CommandResult<BTreeMap<String, String>> {
    let place = if store == SecretStore::Local { "--local" } else { "--remote" };
    let said = run.run(WRANGLER, &["d1", "execute", DATABASE, place, "--json", "--command", PARKED], None)?;
    let codes = parse_rows(&said)
        .ok_or_else(|| CommandError::new("wrangler's answer about the ledger is not the expected JSON."))?;
    // An event names the transaction itself, or what caused it: the charge, the refund, the payout.
    let code = |t: &Transaction| [Some(&t.id), t.source.as_ref()].into_iter().flatten().find_map(|id| codes.get(id));
    Ok(transactions.iter().filter_map(|t| Some((t.id.clone(), code(t)?.clone()))).collect())
}

/// Object and code in `[{"results": [{"object": "ch_1", "code": "…"}], …}]`.
fn parse_rows(said: &str) -> Option<HashMap<String, String>> {
    // It may speak before.
    let json: Value = serde_json::from_str(said.get(said.find('[')?..)?).ok()?;
    let rows = json.pointer("/0/results")?.as_array()?;
    let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(rows.iter().filter_map(|row| Some((text(row, "object")?, text(row, "code").unwrap_or_default()))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wrangler_prints() {
        let said =
            "> wrangler\n[{\"results\": [{\"object\": \"ch_1\", \"code\": \"currency_inactive\"}], \"success\": true}]";
        let codes = parse_rows(said).unwrap();
        assert_eq!(codes.get("ch_1").map(String::as_str), Some("currency_inactive"));
        assert!(parse_rows("no").is_none());
    }
}
