//! The public keys of a Cloudflare Access team, fetched and cached. They are rotated every six weeks; an unknown key id is
//! a reason to fetch them anew, but not more often than once a minute, since anybody can name one.

use serde::{Deserialize, Serialize};

use crate::http::Request;
use crate::ports::Runtime;

const CACHED: &str = "access:keys";
/// How long they are kept, in seconds.
const KEPT: u32 = 3_600;
/// Not fetched again within so many seconds.
const AGAIN: i64 = 60;
/// One request waits at most this long, in milliseconds.
const TIMEOUT: u32 = 5_000;

/// A key as the JWK set has it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Key {
    kid: String,
    pub n: String,
    pub e: String,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Box<serde_json::value::RawValue>>,
}

#[derive(Serialize, Deserialize)]
struct Cached {
    team: String,
    at: i64,
    keys: Vec<Key>,
}

/// The key of an id.
pub async fn find(rt: &Runtime, team: &str, kid: &str) -> Option<Key> {
    let now = rt.clock.now();
    let cached = rt.kv.get(CACHED).await.and_then(|text| serde_json::from_str::<Cached>(&text).ok());
    if let Some(cached) = cached.filter(|cached| cached.team == team && now - cached.at < i64::from(KEPT)) {
        let found = cached.keys.into_iter().find(|key| key.kid == kid);
        if found.is_some() || now - cached.at < AGAIN {
            return found;
        }
    }
    let answer = rt.http.send(Request::new("GET", format!("{team}/cdn-cgi/access/certs")), TIMEOUT).await.ok()?;
    let set: Set = serde_json::from_slice(&answer.body).ok().filter(|_| answer.status == 200)?;
    // Keys of another kind, should there be any, are passed over.
    let keys: Vec<Key> = set.keys.iter().filter_map(|key| serde_json::from_str(key.get()).ok()).collect();
    let cached = Cached { team: team.to_owned(), at: now, keys };
    rt.kv.put(CACHED, &serde_json::to_string(&cached).unwrap_or_default(), KEPT).await;
    cached.keys.into_iter().find(|key| key.kid == kid)
}
