//! How a payer pays, and the tokens by which tests choose it.

use serde::Deserialize;

/// A way of paying, with its outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A card that pays.
    #[default]
    Card,
    /// A card that is refused with this decline code.
    Declined(String),
    /// A card that wants 3-D Secure first.
    #[serde(rename = "3ds")]
    ThreeDs,
    /// A bank debit that clears later.
    Delayed,
    /// A bank debit that fails later, with this failure code.
    DelayedFails(String),
}

impl Method {
    /// The method behind a test payment method. Names: docs.stripe.com/testing.
    pub fn of_token(token: &str) -> Option<Self> {
        let declined = |code: &str| Some(Self::Declined(code.to_owned()));
        match token {
            "pm_card_visa" | "pm_card_mastercard" | "pm_card_amex" => Some(Self::Card),
            "pm_card_threeDSecure2Required" | "pm_card_threeDSecureRequired" | "pm_card_authenticationRequired" => {
                Some(Self::ThreeDs)
            }
            "pm_usBankAccount_success" => Some(Self::Delayed),
            "pm_usBankAccount_insufficientFunds" => Some(Self::DelayedFails("insufficient_funds".into())),
            _ => match token.strip_prefix("pm_card_visa_").or_else(|| token.strip_prefix("pm_card_"))? {
                "chargeDeclined" => declined("generic_decline"),
                "chargeDeclinedInsufficientFunds" => declined("insufficient_funds"),
                "chargeDeclinedLostCard" => declined("lost_card"),
                "chargeDeclinedStolenCard" => declined("stolen_card"),
                "chargeDeclinedExpiredCard" => declined("expired_card"),
                "chargeDeclinedIncorrectCvc" => declined("incorrect_cvc"),
                "chargeDeclinedProcessingError" => declined("processing_error"),
                _ => None,
            },
        }
    }

    /// `payment_method_details.type` of its charges.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Card | Self::Declined(_) | Self::ThreeDs => "card",
            Self::Delayed | Self::DelayedFails(_) => "us_bank_account",
        }
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
