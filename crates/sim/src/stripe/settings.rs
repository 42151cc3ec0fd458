//! What a simulated Stripe is told at its start.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

/// Everything that is decided once.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Decides every id and every chance.
    pub seed: u64,
    /// The account whose keys these are, `acct_…`.
    pub account: String,
    /// Accounts connected to it, reached by `Stripe-Account`.
    pub connected: Vec<String>,
    /// The mode of what the merchant does ([`super::merchant`]).
    pub livemode: bool,
    pub keys: Vec<Key>,
    /// The keys that pages carry, `pk_test_…` and `pk_live_…`: the prefix decides the mode.
    pub publishable: Vec<String>,
    /// The account's default API version.
    pub api_version: String,
    /// What balances are kept in, lower case.
    pub currency: String,
    /// Units of `currency` for one unit of another; those not named are kept as they are.
    pub rates: BTreeMap<String, Decimal>,
    pub fee: Fee,
    /// From capture to the balance transaction, in milliseconds; 0 makes it at once, without `charge.updated`.
    pub settle_after_ms: i64,
    /// From `processing` to the outcome of a delayed method, in milliseconds.
    pub clear_after_ms: i64,
    /// From the making of an object until a search finds it, in milliseconds. Stripe names "under a minute".
    pub search_lag_ms: i64,
}

/// What Stripe keeps of a charge: per mille of the amount, rounded half up, and a fixed sum of minor units.
#[derive(Clone, Copy, Debug)]
pub struct Fee {
    pub per_mille: i64,
    pub fixed: i64,
}

/// A secret or restricted API key.
#[derive(Clone)]
pub struct Key {
    /// `sk_test_…`, `sk_live_…`, `rk_test_…`, `rk_live_…`: the prefix decides the mode.
    pub secret: String,
    /// Of a restricted key: `payment_intent_write`, `event_read`, …; write includes read. `None` may everything.
    pub permissions: Option<Vec<String>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            account: "acct_1SimQuittance000".into(),
            connected: Vec::new(),
            livemode: false,
            keys: vec![Key::full("sk_test_sim"), Key::full("sk_live_sim")],
            publishable: vec!["pk_test_sim".into(), "pk_live_sim".into()],
            api_version: "2026-10-28.endive".into(),
            currency: "usd".into(),
            rates: BTreeMap::new(),
            fee: Fee { per_mille: 29, fixed: 30 },
            settle_after_ms: 2_000,
            clear_after_ms: 60_000,
            search_lag_ms: 0,
        }
    }
}

impl Key {
    pub fn full(secret: &str) -> Self {
        Self { secret: secret.to_owned(), permissions: None }
    }

    pub fn restricted(secret: &str, permissions: &[&str]) -> Self {
        let permissions = permissions.iter().map(|p| (*p).to_owned()).collect();
        Self { secret: secret.to_owned(), permissions: Some(permissions) }
    }

    pub fn livemode(&self) -> bool {
        ["sk_live_", "rk_live_", "pk_live_"].iter().any(|live| self.secret.starts_with(live))
    }

    /// Whether the key may do `{resource}_{verb}`.
    pub fn may(&self, resource: &str, verb: &str) -> bool {
        self.permissions.as_ref().is_none_or(|held| {
            held.iter().any(|p| *p == format!("{resource}_write") || *p == format!("{resource}_{verb}"))
        })
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({}…)", self.secret.get(..8).unwrap_or("short"))
    }
}
