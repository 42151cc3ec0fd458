//! Discovery of an Odoo before the first call: version, user and the procedures' ids. It is done once, kept in the
//! struct and in KV, and repeated when an answer shows that it is stale.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::error::{OdooError, OdooErrorKind};
use super::procedure::{ALL, Procedure};
use super::transport::{Client, PROBE_TIMEOUT_MS, Session};
use crate::ports::Kv;

/// Everything found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discovery {
    pub session: Session,
    /// Name of a procedure and the id of its server action.
    pub actions: Vec<(String, i64)>,
}

impl Discovery {
    /// The server action of a procedure.
    pub fn action(&self, procedure: &Procedure) -> Result<i64, OdooError> {
        let found = self.actions.iter().find(|(name, _)| name == procedure.name);
        found.map(|(_, id)| *id).ok_or_else(|| not_installed(procedure))
    }
}

/// The procedure is not there.
pub fn not_installed(procedure: &Procedure) -> OdooError {
    let detail = format!("The action quittance.proc_{} is not there; run `quittance setup odoo`.", procedure.name);
    OdooError::new(OdooErrorKind::NotInstalled, detail)
}

/// A day: long enough to cost nothing, short enough that a restored database is noticed by itself.
const CACHE_TTL_S: u32 = 86_400;
/// Ids asked about in one call; Odoo answers 10,000 in 50 ms and 120 KB (measured on 17, 18 and 19).
const WINDOW: i64 = 10_000;
/// Actions of every kind share one sequence; databases have hundreds to a few thousand.
const LAST: i64 = 50_000;
/// Where the external ids are.
pub const MODULE: &str = "quittance";

/// The KV key: one Odoo, one database, one user.
pub fn cache_key(client: &Client) -> String {
    use sha2::Digest;
    let who = format!("{}\n{}\n{}", client.url, client.db, client.login);
    let digest = hex::encode(sha2::Sha256::digest(who));
    format!("odoo:{}", digest.get(..32).unwrap_or(&digest))
}

/// What KV remembers, if it is readable.
pub async fn cached(client: &Client, kv: &dyn Kv) -> Option<Discovery> {
    serde_json::from_str(&kv.get(&cache_key(client)).await?).ok()
}

/// Asks Odoo, and remembers the answer. No answer in time means that Odoo is not reached: nothing was asked of it
/// that books.
pub async fn find(client: &Client, kv: &dyn Kv) -> Result<Discovery, OdooError> {
    let found = ask(&client.with_timeout(PROBE_TIMEOUT_MS)).await.map_err(|error| match error.kind {
        OdooErrorKind::TimedOut => {
            OdooError::new(OdooErrorKind::Unreachable, "Odoo did not answer in time to the question who it is.")
        }
        _ => error,
    })?;
    if let Ok(text) = serde_json::to_string(&found) {
        kv.put(&cache_key(client), &text, CACHE_TTL_S).await;
    }
    Ok(found)
}

async fn ask(client: &Client) -> Result<Discovery, OdooError> {
    let session = client.open().await?;
    Ok(Discovery { session, actions: actions(client, session).await? })
}

/// An Invoicing user may read neither `ir.actions.server` nor `ir.model.data`, but may ask records for their external
/// ids, and a record need not exist to be asked (17, 18 and 19).
async fn actions(client: &Client, session: Session) -> Result<Vec<(String, i64)>, OdooError> {
    let mut found = Vec::new();
    let mut first = 1;
    while found.len() < ALL.len() && first < LAST {
        let ids: Vec<i64> = (first..first + WINDOW).collect();
        let answer = client.call(session, "ir.actions.server", "get_external_id", Some(&ids), Map::new()).await?;
        found.extend(procedures(&answer));
        first += WINDOW;
    }
    Ok(found)
}

/// The procedures in `{"328": "quittance.proc_check", "329": "", …}`.
fn procedures(answer: &Value) -> Vec<(String, i64)> {
    let rows = answer.as_object().into_iter().flatten();
    rows.filter_map(|(id, name)| {
        let name = name.as_str()?.strip_prefix(MODULE)?.strip_prefix(".proc_")?;
        let ours = ALL.iter().any(|p| p.name == name);
        Some((name.to_owned(), id.parse().ok()?)).filter(|_| ours)
    })
    .collect()
}
