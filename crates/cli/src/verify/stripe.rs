//! Stripe's side of the proof: the balance, and every balance transaction since the cut-over. Read here once more and
//! not through the mapping that books them, so that a fault of the mapping shows.

use quittance::error::{Code, Error};
use quittance::money::Currency;
use quittance::stripe::client::Client;
use quittance::stripe::form::{Form, segment};
use serde::Deserialize;

use crate::ports::{block_on, pause};

/// `txn_…`. Amounts are minor units of the settlement currency, signed as they change the balance.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Transaction {
    pub id: String,
    /// Seconds since 1970 UTC.
    pub created: i64,
    pub amount: i64,
    pub currency: Currency,
    pub fee: i64,
    pub net: i64,
    #[serde(default)]
    pub fee_details: Vec<Fee>,
    /// Stripe's reporting category.
    pub reporting_category: String,
    pub r#type: String,
    /// Which balance it changes; absent before API version 2025-05-28, when there was one.
    pub balance_type: Option<String>,
    /// What caused it, `ch_…`, `re_…`, `po_…`.
    pub source: Option<String>,
}

/// One of `fee_details`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Fee {
    pub amount: i64,
    /// `stripe_fee`, `tax`, `application_fee`, …
    pub r#type: String,
}

/// `/v1/balance`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Balance {
    #[serde(default)]
    pub livemode: bool,
    #[serde(default)]
    pub available: Vec<Held>,
    #[serde(default)]
    pub pending: Vec<Held>,
    #[serde(default)]
    pub connect_reserved: Vec<Held>,
    pub issuing: Option<Shelf>,
    pub refund_and_dispute_prefunding: Option<Shelf>,
    pub risk_reserved: Option<Shelf>,
}

/// An amount of one currency.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Held {
    pub amount: i64,
    pub currency: Currency,
}

/// A balance of another type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Shelf {
    #[serde(default)]
    pub available: Vec<Held>,
    #[serde(default)]
    pub pending: Vec<Held>,
}

impl Transaction {
    /// `payments` is the balance that `available` and `pending` tell of.
    pub fn balance_type(&self) -> &str {
        self.balance_type.as_deref().unwrap_or(PAYMENTS)
    }

    /// Whether it moves the balance that the books follow: the opening entry and the proof count these alone.
    pub fn is_followed(&self) -> bool {
        self.balance_type() == PAYMENTS
    }
}

/// The balance type that the books follow.
pub const PAYMENTS: &str = "payments";

impl Balance {
    /// Available and pending in a currency, minor units.
    pub fn balance_of(&self, currency: Currency) -> (i64, i64) {
        (sum(&self.available, currency), sum(&self.pending, currency))
    }

    /// What is held in other balances: type, currency, minor units.
    pub fn others(&self) -> Vec<(&'static str, Currency, i64)> {
        let shelf = |shelf: &Option<Shelf>| {
            shelf.iter().flat_map(|s| s.available.iter().chain(&s.pending)).cloned().collect::<Vec<Held>>()
        };
        let all = [
            ("connect_reserved", self.connect_reserved.clone()),
            ("issuing", shelf(&self.issuing)),
            ("refund_and_dispute_prefunding", shelf(&self.refund_and_dispute_prefunding)),
            ("risk_reserved", shelf(&self.risk_reserved)),
        ];
        let mut told: Vec<(&str, Currency, i64)> = Vec::new();
        for (name, held) in &all {
            for one in held {
                match told.iter_mut().find(|(n, currency, _)| n == name && *currency == one.currency) {
                    Some((_, _, amount)) => *amount += one.amount,
                    None => told.push((name, one.currency, one.amount)),
                }
            }
        }
        told
    }

    pub fn currencies(&self) -> impl Iterator<Item = Currency> + '_ {
        self.available.iter().chain(&self.pending).map(|held| held.currency)
    }
}

fn sum(held: &[Held], currency: Currency) -> i64 {
    held.iter().filter(|h| h.currency == currency).map(|h| h.amount).sum()
}

/// A page of a list.
#[derive(Deserialize)]
struct Page {
    data: Vec<Transaction>,
    has_more: bool,
}

/// Stripe's longest page.
const PAGE: &str = "100";
const PATH: &str = "/v1/balance_transactions";

/// `GET /v1/balance`.
pub fn balance(client: &Client<'_>) -> Result<Balance, Error> {
    patiently(|| block_on(async { client.get("/v1/balance", &Form::new()).await?.parse() }))
}

/// The newest balance transaction of all, if there is any.
pub fn newest(client: &Client<'_>) -> Result<Option<Transaction>, Error> {
    let query = Form::new().with("limit", "1");
    Ok(patiently(|| page(client, &query))?.data.pop())
}

/// Every balance transaction created from `from` up to, not including, `until` (seconds since 1970 UTC; none: all there
/// are), the newest first.
pub fn transactions(client: &Client<'_>, from: i64, until: Option<i64>) -> Result<Vec<Transaction>, Error> {
    let (mut all, mut more) = first_page(client, from, until)?;
    while let Some(last) = all.last().filter(|_| more) {
        let query = query(from, until).with("starting_after", &last.id);
        let page = patiently(|| page(client, &query))?;
        more = page.has_more && !page.data.is_empty();
        all.extend(page.data);
    }
    Ok(all)
}

/// The first page of that, and whether there are more.
pub fn first_page(client: &Client<'_>, from: i64, until: Option<i64>) -> Result<(Vec<Transaction>, bool), Error> {
    let query = query(from, until);
    let page = patiently(|| page(client, &query))?;
    Ok((page.data, page.has_more))
}

fn query(from: i64, until: Option<i64>) -> Form {
    let query = Form::new().with("limit", PAGE).with("created[gte]", &from.to_string());
    match until {
        Some(until) => query.with("created[lt]", &until.to_string()),
        None => query,
    }
}

/// One balance transaction, or none when this account has no such one.
pub fn transaction(client: &Client<'_>, id: &str) -> Result<Option<Transaction>, Error> {
    let path = format!("{PATH}/{}", segment(id));
    match patiently(|| block_on(async { client.get(&path, &Form::new()).await?.parse() })) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.code == Code::StripeObjectMissing => Ok(None),
        Err(error) => Err(error),
    }
}

fn page(client: &Client<'_>, query: &Form) -> Result<Page, Error> {
    block_on(async { client.get(PATH, query).await?.parse() })
}

/// Waits between attempts, in milliseconds: Stripe's limit of 25 reads a second is one of seconds.
const WAITS: [u64; 3] = [500, 2_000, 5_000];

/// Asks again where Stripe asks for it, a few times.
pub(super) fn patiently<T>(mut ask: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    for wait in WAITS {
        match ask() {
            Err(error) if error.code == Code::StripeUnavailable => pause(wait),
            answer => return answer,
        }
    }
    ask()
}
