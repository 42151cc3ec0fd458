//! What one movement does to a balance.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};

/// A balance transaction to be made. Amounts are minor units of `currency`, signed as on the balance.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Entry {
    /// One of the API's types, or one that nobody knows yet.
    #[serde(rename = "type")]
    pub kind: String,
    pub reporting_category: String,
    /// Before fees.
    pub amount: i64,
    /// The settlement currency, lower case.
    pub currency: String,
    pub fees: Vec<FeeDetail>,
    /// The id of the object that it is about.
    pub source: Option<String>,
    pub description: Option<String>,
    /// How many seconds later the money is available; 0 is at once.
    pub available_after_s: i64,
    /// `payments`, `issuing`, `refund_and_dispute_prefunding`, `risk_reserved`.
    pub balance_type: String,
    /// Units of `currency` for one unit of the source's; as decimal text in JSON.
    #[serde(deserialize_with = "decimal")]
    pub exchange_rate: Option<Decimal>,
}

/// A part of a fee, minor units; negative when it is given back.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeeDetail {
    /// `stripe_fee`, `tax`, `application_fee`, `withheld_tax`, `payment_method_passthrough_fee`.
    #[serde(rename = "type")]
    pub kind: String,
    pub amount: i64,
    pub description: Option<String>,
    /// `ca_…` of an application fee.
    pub application: Option<String>,
}

impl Default for Entry {
    fn default() -> Self {
        Self::of("adjustment", "other_adjustment", 0, "usd")
    }
}

/// What moves a balance without a payment, for walks at random: type, reporting category, minor units and balance. One of a
/// type that nobody knows, one on a balance that is not the payments'.
const WITHOUT_PAYMENT: [(&str, &str, i64, &str); 9] = [
    ("reserve_transaction", "risk_reserved_funds", -900, "payments"),
    ("reserve_transaction", "risk_reserved_funds", 900, "payments"),
    ("stripe_fee", "fee", -123, "payments"),
    ("topup", "topup", 5_000, "payments"),
    ("transfer", "transfer", -300, "payments"),
    ("application_fee", "platform_earning", 250, "payments"),
    ("advance_funding", "advance", 10_000, "payments"),
    ("brand_new_type", "other_adjustment", -77, "payments"),
    ("issuing_transaction", "issuing_transaction", -400, "issuing"),
];

impl Entry {
    /// How many [`Entry::without_payment`] knows.
    pub const WITHOUT_PAYMENT: usize = WITHOUT_PAYMENT.len();

    /// One of those that no payment makes.
    pub fn without_payment(at: usize, currency: &str) -> Self {
        let (kind, category, amount, balance) = WITHOUT_PAYMENT.get(at).copied().unwrap_or_default();
        Self { balance_type: balance.to_owned(), ..Self::of(kind, category, amount, currency) }
    }

    /// An entry on the payments balance, available at once, without fees.
    pub fn of(kind: &str, category: &str, amount: i64, currency: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            reporting_category: category.to_owned(),
            amount,
            currency: currency.to_owned(),
            fees: Vec::new(),
            source: None,
            description: None,
            available_after_s: 0,
            balance_type: "payments".to_owned(),
            exchange_rate: None,
        }
    }

    pub fn about(self, source: &str) -> Self {
        Self { source: Some(source.to_owned()), ..self }
    }

    pub fn described(self, text: impl Into<String>) -> Self {
        Self { description: Some(text.into()), ..self }
    }
}

impl FeeDetail {
    pub fn stripe(amount: i64, description: &str) -> Self {
        Self { kind: "stripe_fee".into(), amount, description: Some(description.to_owned()), application: None }
    }
}

/// A decimal number from its text.
fn decimal<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Decimal>, D::Error> {
    let text: Option<String> = Option::deserialize(from)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}
