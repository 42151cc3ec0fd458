//! The public keys of a Cloudflare Access team, fetched and cached. They are rotated every six weeks; an unknown key id is
//! a reason to fetch them anew, but not more often than once a minute, since anybody can name one.

use serde_json::{Value, json};

use crate::http::Request;
use crate::ports::Runtime;

const CACHE_KEY: &str = "access:keys";
/// How long they are kept, in seconds.
const CACHE_TTL_S: u32 = 3_600;
/// Not fetched again within so many seconds.
const REFETCH_S_MIN: i64 = 60;
/// One request waits at most this long, in milliseconds.
const TIMEOUT_MS: u32 = 5_000;

/// The key (`{kid, n, e, …}`) of an id.
pub async fn find(rt: &Runtime, team: &str, kid: &str) -> Option<Value> {
    let now = rt.clock.now();
    let cached = rt.kv.get(CACHE_KEY).await.and_then(|text| serde_json::from_str::<Value>(&text).ok());
    if let Some(cached) = cached.filter(|cached| cached.get("team").and_then(Value::as_str) == Some(team)) {
        let age = now - cached.get("at").and_then(Value::as_i64).unwrap_or(0);
        let found = key_of_set(&cached, kid).filter(|_| age < i64::from(CACHE_TTL_S));
        if found.is_some() || age < REFETCH_S_MIN {
            return found;
        }
    }
    let answer = rt.http.send(Request::new("GET", format!("{team}/cdn-cgi/access/certs")), TIMEOUT_MS).await.ok()?;
    let set: Value = serde_json::from_slice(&answer.body).ok().filter(|_| answer.status == 200)?;
    let kept = json!({ "team": team, "at": now, "keys": set.get("keys")? });
    rt.kv.put(CACHE_KEY, &kept.to_string(), CACHE_TTL_S).await;
    key_of_set(&kept, kid)
}

fn key_of_set(set: &Value, kid: &str) -> Option<Value> {
    let keys = set.get("keys").and_then(Value::as_array)?;
    keys.iter().find(|key| key.get("kid").and_then(Value::as_str) == Some(kid)).cloned()
}
