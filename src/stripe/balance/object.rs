//! A balance transaction as Stripe writes it. Source: the field list of API version 2026-10-28.endive.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::Error;
use crate::money::Currency;
use crate::stripe::client::unreadable;
use crate::stripe::json::{Id, Identified, Ref, Text, amount};

/// `txn_…`: what one movement did to a balance. Amounts are minor units of `currency`, signed as on the balance.
#[derive(Debug, Deserialize)]
pub struct Txn<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    pub r#type: Text<'a>,
    pub reporting_category: Text<'a>,
    /// Which balance; left out by older API versions, which know only `payments`.
    pub balance_type: Option<Text<'a>>,
    /// Before fees.
    #[serde(deserialize_with = "amount")]
    pub amount: i64,
    /// The sum of `fee_details`.
    #[serde(deserialize_with = "amount")]
    pub fee: i64,
    /// What the balance grew by.
    #[serde(deserialize_with = "amount")]
    pub net: i64,
    /// The settlement currency.
    pub currency: Currency,
    pub created: i64,
    pub available_on: i64,
    pub description: Option<Text<'a>>,
    /// Settlement units for one of the source's, both major; a number as Stripe writes it.
    #[serde(borrow)]
    pub exchange_rate: Option<&'a RawValue>,
    #[serde(default)]
    pub fee_details: Vec<FeeDetail<'a>>,
    /// What caused it: an object of some sixteen kinds.
    #[serde(borrow)]
    pub source: Option<Ref<'a, &'a RawValue>>,
}

/// A part of a fee; negative when it was given back.
#[derive(Debug, Deserialize)]
pub struct FeeDetail<'a> {
    #[serde(deserialize_with = "amount")]
    pub amount: i64,
    pub currency: Currency,
    #[serde(borrow)]
    pub r#type: Text<'a>,
    pub description: Option<Text<'a>>,
}

/// What all sources have in common, and how they name their payment.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Source<'a> {
    #[serde(borrow)]
    pub id: Text<'a>,
    pub object: Text<'a>,
    pub payment_intent: Option<Ref<'a, Id<'a>>>,
    pub charge: Option<Ref<'a, Id<'a>>>,
}

impl Txn<'_> {
    /// The rate's text, without quotes.
    pub fn rate(&self) -> Option<&str> {
        self.exchange_rate.map(|rate| rate.get().trim_matches('"'))
    }
}

impl Identified for Txn<'_> {
    fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl<'a> Source<'a> {
    /// The source as far as it is known: its id alone when it was not expanded; nothing when there is none.
    pub fn of(source: Option<&Ref<'a, &'a RawValue>>) -> Self {
        match source {
            Some(Ref::Object(json)) => serde_json::from_str(json.get()).unwrap_or_default(),
            Some(Ref::Id(id)) => Self { id: id.clone(), ..Self::default() },
            None => Self::default(),
        }
    }

    /// The payment that it belongs to: of a charge, a refund or a dispute. Others may name a charge that is another
    /// account's (an application fee does).
    pub fn payment(&self) -> Option<&str> {
        let charge = match self.object.as_str() {
            "charge" => Some(self.id.as_str()),
            "refund" | "dispute" => self.charge.as_ref().map(Ref::id),
            _ => return None,
        };
        self.payment_intent.as_ref().map(Ref::id).or(charge)
    }

    /// The charge of a failure: the source itself, or the refund that older records have in its place.
    pub fn failed(&self) -> Option<&str> {
        match self.object.as_str() {
            "charge" => Some(self.id.as_str()),
            "refund" => self.charge.as_ref().map(Ref::id),
            _ => None,
        }
    }
}

/// The object in the place of a balance transaction's source.
pub fn parse<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, Error> {
    serde_json::from_str(raw.get()).map_err(|error| unreadable("A balance transaction's source", &error))
}
