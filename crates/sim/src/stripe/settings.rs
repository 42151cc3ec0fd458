//! What a simulated Stripe is told at its start.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::payout::Payouts;

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
    /// Units of the settlement currency for one unit of another; those not named are kept as they are.
    pub rates: BTreeMap<String, Decimal>,
    /// The settlement currency of those that have a rate and are not kept in `currency`: `gbp` in `eur`.
    pub settles: BTreeMap<String, String>,
    pub fee: Fee,
    /// From a charge's balance transaction until its money is available, in seconds.
    pub available_after_s: i64,
    /// What a capture of a part shows on the balance. `None`: only what was captured. Else the whole authorization,
    /// and so many milliseconds later a `partial_capture_reversal` of the rest.
    pub capture_reversal_after_ms: Option<i64>,
    /// Whether that reversal's refund has its own `refund.created`.
    pub capture_reversal_told: bool,
    /// From capture to the balance transaction, in milliseconds; 0 makes it at once, without `charge.updated`.
    pub settle_after_ms: i64,
    /// A charge that is captured several times is `captured` only with the last one; else with the first.
    pub captured_by_the_last: bool,
    /// From `processing` to the outcome of a delayed method, in milliseconds.
    pub clear_after_ms: i64,
    /// A delayed method is on the balance from its beginning on, as Stripe enters it; else only once it has paid.
    pub debits_enter_first: bool,
    /// From a refund that takes its time to its outcome, in milliseconds.
    pub refund_after_ms: i64,
    /// From the settlement of a test card that is disputed to its dispute, in milliseconds.
    pub dispute_after_ms: i64,
    /// From a dispute that is won to its money, in milliseconds.
    pub reinstate_after_ms: i64,
    pub payouts: Payouts,
    /// From the making of an object until a search finds it, in milliseconds. Stripe names "under a minute".
    pub search_lag_ms: i64,
    /// From the making of a balance transaction, or an event, until its list has it, in milliseconds; by its id it is there
    /// at once.
    pub list_lag_ms: i64,
    pub event_lag_ms: i64,
    /// Accounts in some countries have no search: Stripe answers 400.
    pub search_missing: bool,
}

/// What Stripe keeps: per mille of an amount, rounded half away from zero, and sums of minor units.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fee {
    /// Of a charge.
    pub per_mille: i64,
    pub fixed: i64,
    /// Tax on the processing fee, of that fee.
    pub tax_per_mille: i64,
    /// Tax that Stripe withholds for a state, of the charge.
    pub withheld_per_mille: i64,
    /// A `stripe_fx_fee` beside a converted charge, of what it brings; 0 hides it in the rate.
    pub fx_per_mille: i64,
    /// Of a delayed method that fails after it had paid.
    pub failure: i64,
    /// Of a dispute whose money is taken, and whether it comes back with the money.
    pub dispute: i64,
    pub dispute_returned: bool,
    /// Of an instant payout.
    pub instant_per_mille: i64,
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
            settles: BTreeMap::new(),
            fee: Fee::default(),
            available_after_s: 2 * 24 * 3600,
            capture_reversal_after_ms: None,
            capture_reversal_told: false,
            settle_after_ms: 2_000,
            captured_by_the_last: false,
            clear_after_ms: 60_000,
            debits_enter_first: true,
            refund_after_ms: 60_000,
            dispute_after_ms: 60_000,
            reinstate_after_ms: 0,
            payouts: Payouts::default(),
            search_lag_ms: 0,
            list_lag_ms: 0,
            event_lag_ms: 0,
            search_missing: false,
        }
    }
}

/// 2.9 % and 30 of a charge, 15.00 of a dispute that do not come back, 1 % of an instant payout.
impl Default for Fee {
    fn default() -> Self {
        Self {
            per_mille: 29,
            fixed: 30,
            tax_per_mille: 0,
            withheld_per_mille: 0,
            fx_per_mille: 0,
            failure: 0,
            dispute: 1500,
            dispute_returned: false,
            instant_per_mille: 10,
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
