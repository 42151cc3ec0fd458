//! How a payer pays, and the tokens by which tests choose it.

use serde::Deserialize;

use super::cards;

/// A way of paying, with its outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A card that pays.
    #[default]
    Card,
    /// A card that is refused with this decline code.
    Declined(String),
    /// A card that Radar stops before its bank is asked.
    Blocked,
    /// A card that wants 3-D Secure first.
    #[serde(rename = "3ds")]
    ThreeDs,
    /// A card that wants 3-D Secure until it was kept for a customer with it.
    #[serde(rename = "3ds_once")]
    ThreeDsOnce,
    /// A card that wants 3-D Secure and is then refused with this decline code.
    #[serde(rename = "3ds_declined")]
    ThreeDsDeclined(String),
    /// A bank debit that clears later.
    Delayed,
    /// A bank debit that fails later, with this failure code.
    DelayedFails(String),
}

impl Method {
    /// The method behind a test payment method. Names: docs.stripe.com/testing.
    pub fn of_token(token: &str) -> Option<Self> {
        match token {
            "pm_usBankAccount_success" => Some(Self::Delayed),
            "pm_usBankAccount_insufficientFunds" => Some(Self::DelayedFails("insufficient_funds".into())),
            _ => cards::method(cards::behind(token)?),
        }
    }

    pub fn is_debit(&self) -> bool {
        matches!(self, Self::Delayed | Self::DelayedFails(_))
    }
}

/// The top-level error code that goes with a decline code: some are codes of their own.
pub fn error_code(decline: &str) -> &str {
    match decline {
        "expired_card" | "incorrect_cvc" | "processing_error" | "incorrect_number" | "authentication_required" => {
            decline
        }
        _ => "card_declined",
    }
}

/// What a payer reads about a decline. A card that is lost, stolen or suspect is only declined.
pub fn message(decline: &str) -> &'static str {
    match decline {
        "expired_card" => "Your card is past its expiration date.",
        "incorrect_cvc" => "The security code does not belong to this card.",
        "incorrect_number" => "This is not the number of a card.",
        "insufficient_funds" => "Your card was declined because it lacks the funds.",
        "card_velocity_exceeded" => "Your card was declined because it has reached its limit.",
        "processing_error" => "Your card could not be processed this time. Try again shortly.",
        "test_mode_live_card" => "Your card was declined: only test cards pay here.",
        _ => "Your card was declined.",
    }
}
