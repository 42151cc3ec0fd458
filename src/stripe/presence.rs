//! Whether Stripe has what a document of ours is about.

use serde::Deserialize;

use super::client::Client;
use super::form::{Form, segment};
use super::json::Text;
use crate::error::{Code, Error};

/// What Stripe says of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Known,
    /// Stripe has none of this id, or it is the id of nothing that moves money.
    Missing,
    /// A PaymentIntent that never brought anything, nor is about to.
    Unpaid,
}

#[derive(Deserialize)]
struct Object<'a> {
    amount_received: Option<i64>,
    #[serde(borrow)]
    latest_charge: Option<Charge<'a>>,
}

#[derive(Deserialize)]
struct Charge<'a> {
    #[serde(borrow)]
    status: Text<'a>,
    /// Of a debit from its beginning on, also of one that failed.
    #[serde(borrow)]
    balance_transaction: Option<Text<'a>>,
}

impl Object<'_> {
    fn is_unpaid(&self) -> bool {
        let failed = |charge: &Charge<'_>| charge.status.as_str() == "failed" && charge.balance_transaction.is_none();
        self.amount_received == Some(0) && self.latest_charge.as_ref().is_none_or(failed)
    }
}

/// Asks for an object by its id, `pi_…`, `ch_…`, `re_…`, `du_…`, `po_…`, `txn_…`: one call. Errors: those of [`Client::get`] but for
/// [`Code::StripeObjectMissing`].
pub async fn find_presence(client: &Client<'_>, id: &str) -> Result<Presence, Error> {
    let (list, query) = match id.split('_').next() {
        Some("pi") => ("payment_intents", Form::new().with("expand[]", "latest_charge")),
        Some("ch" | "py") => ("charges", Form::new()),
        Some("re" | "pyr") => ("refunds", Form::new()),
        Some("du" | "dp") => ("disputes", Form::new()),
        Some("po") => ("payouts", Form::new()),
        Some("txn") => ("balance_transactions", Form::new()),
        // A key that was written by hand.
        _ => return Ok(Presence::Missing),
    };
    match client.get(&format!("/v1/{list}/{}", segment(id)), &query).await {
        Err(error) if error.code == Code::StripeObjectMissing => Ok(Presence::Missing),
        Err(error) => Err(error),
        Ok(body) if list == "payment_intents" && body.parse::<Object<'_>>()?.is_unpaid() => Ok(Presence::Unpaid),
        Ok(_) => Ok(Presence::Known),
    }
}
