//! The cache on Workers KV. A failure reads as absent.

use worker::kv::KvStore;

use crate::ports::{Fut, Kv};

pub struct Cache(pub Option<KvStore>);

impl Kv for Cache {
    fn get<'a>(&'a self, key: &'a str) -> Fut<'a, Option<String>> {
        Box::pin(async move { self.0.as_ref()?.get(key).text().await.ok().flatten() })
    }

    fn put<'a>(&'a self, key: &'a str, value: &'a str, ttl: u32) -> Fut<'a, ()> {
        Box::pin(async move {
            let Some(store) = &self.0 else { return };
            if let Ok(put) = store.put(key, value) {
                // The value may be stale or gone at any time, so a failed write needs no care.
                let _ = put.expiration_ttl(u64::from(ttl)).execute().await;
            }
        })
    }
}
