//! Optional features that Stripe refuses to this account or key: they are left out, reported, and not asked for again
//! for an hour.

use serde_json::json;

use super::context::PayContext;
use crate::error::{Code, Error};
use crate::ledger::observations;
use crate::ports::Level;

/// Seconds that a refusal is remembered.
const CACHE_TTL_S: u32 = 3_600;

/// A convenience of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Finding a customer whom the ledger does not know.
    CustomerSearch,
    /// A Stripe customer for the payer at all.
    Customer,
    /// Showing saved cards.
    CustomerSession,
}

impl Feature {
    /// Its name in the log and in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::CustomerSearch => observations::CUSTOMER_SEARCH,
            Self::Customer => observations::CUSTOMER,
            Self::CustomerSession => observations::CUSTOMER_SESSION,
        }
    }
}

/// Whether Stripe refused it within the last hour.
pub async fn is_missing(context: &PayContext<'_>, feature: Feature) -> bool {
    context.rt.kv.get(&cache_key(feature)).await.is_some()
}

/// Stripe did not give it. A refusal, unlike a failure that passes, is remembered and told to people.
pub async fn report_failure(context: &PayContext<'_>, feature: Feature, error: &Error) {
    let fields = json!({ "feature": feature.name(), "code": error.code.name(), "detail": error.detail });
    context.rt.log.line(Level::Warn, "pay_feature_missing", fields);
    let lasts = match error.code {
        Code::StripeAuth => true,
        // One customer may be refused for what he is.
        Code::StripeRefused => feature != Feature::Customer,
        _ => false,
    };
    if !lasts || is_missing(context, feature).await {
        return;
    }
    context.rt.kv.put(&cache_key(feature), "1", CACHE_TTL_S).await;
    let value = json!({ "detail": error.detail });
    if let Err(error) =
        observations::store_observation(&*context.rt.db, feature.name(), context.now, Some(&value)).await
    {
        let fields = json!({ "feature": feature.name(), "detail": format!("{error:?}") });
        context.rt.log.line(Level::Warn, "pay_feature_not_stored", fields);
    }
}

fn cache_key(feature: Feature) -> String {
    format!("missing:{}", feature.name())
}
