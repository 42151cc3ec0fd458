//! What the books say of Stripe's movements, for the proof that both are equal: procedure `read_books`, which only reads.
//! docs/VERIFY.md tells what the proof makes of it.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::answer;
use super::error::OdooError;
use super::odoo_erp::OdooErp;
use super::procedure::{FORM, READ_BOOKS};
use crate::date;
use crate::money::Currency;

/// What is asked of `read_books`.
#[derive(Clone, Debug, Default)]
pub struct BooksQuery<'a> {
    /// Whose movements, `acct_…`.
    pub account: &'a str,
    /// Keys of movements, each with its instant in seconds since 1970 UTC; the answer has them in this order.
    pub keys: &'a [(String, i64)],
    /// The day, `YYYY-MM-DD` in the company's zone, on which the books are looked at; none: all there is, whenever dated.
    pub at: Option<&'a str>,
    /// First day of the sums `moved`.
    pub since: Option<&'a str>,
    /// Balances by account, with their open lines and the foreign ones.
    pub totals: bool,
    /// Lists entries of this Stripe account by key, from behind this one on; the empty text begins.
    pub after: Option<&'a str>,
    /// Longest list of lines or entries.
    pub most: usize,
}

/// The answer.
#[derive(Clone, Debug, Deserialize)]
pub struct BooksAnswer {
    v: i64,
    /// Of the installed procedure.
    pub hash: String,
    pub company: Company,
    /// Cut-off zone, an IANA name.
    pub zone: String,
    /// The day in that zone.
    pub today: String,
    /// The cut-over, seconds since 1970 UTC, as text; none where set-up has not written it.
    pub book_from: Option<String>,
    pub entries: Vec<Entry>,
    pub totals: Option<Totals>,
    #[serde(default)]
    pub strays: Vec<Stray>,
}

/// The root company of the Stripe account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    pub id: i64,
    pub name: String,
    pub currency: Currency,
}

/// What became of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Entry {
    pub key: String,
    /// The key is taken: somebody booked it, whatever became of the record.
    pub claim: bool,
    /// The day that the company's zone makes of the key's instant.
    pub intended: String,
    pub model: Option<String>,
    pub id: Option<i64>,
    /// None when the record is gone; empty for a draft without a number.
    pub name: Option<String>,
    pub state: Option<String>,
    pub date: Option<String>,
    /// Its lines on the balance accounts, posted or not.
    pub sums: Vec<Sum>,
}

/// Money on an account in the account's own currency, and its value in the company's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Sum {
    pub currency: Currency,
    #[serde(deserialize_with = "exact")]
    pub amount: Decimal,
    #[serde(deserialize_with = "exact")]
    pub value: Decimal,
}

fn exact<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
    <Cow<'de, str>>::deserialize(from)?.parse().map_err(serde::de::Error::custom)
}

/// Balances up to the day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Totals {
    /// One balance account a settlement currency.
    pub balance: Vec<BalanceAccount>,
    pub parts: Vec<Part>,
    pub openings: Vec<Opening>,
    /// At most [`BooksQuery::most`], the newest first.
    pub foreign: Vec<Foreign>,
    pub roles: Vec<Role>,
}

/// A balance account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalanceAccount {
    pub currency: Currency,
    pub id: i64,
    pub code: String,
    pub name: String,
}

/// A share of a balance account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Part {
    pub sum: Sum,
    /// `acct_…`, `opening` or `foreign`.
    pub whose: String,
    pub moves: i64,
    /// What of it is dated since [`BooksQuery::since`].
    pub moved: Sum,
}

/// The opening entry of a settlement currency, draft or posted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Opening {
    pub currency: Currency,
    pub id: i64,
    pub name: String,
    pub state: String,
    pub date: String,
    pub sums: Vec<Sum>,
}

/// An entry on a balance account that is neither a balance transaction's nor the opening.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Foreign {
    pub sum: Sum,
    pub id: i64,
    pub name: String,
    pub date: String,
    pub r#ref: String,
    /// Who made it.
    pub by: String,
    pub label: String,
    /// Its lines there.
    pub lines: Vec<i64>,
    /// Of another booking of ours: a receipt booked straight to the balance account.
    pub key: Option<String>,
}

/// An account of the books beside the balance accounts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Role {
    /// `clearing`, `transit`, …
    pub role: String,
    pub id: i64,
    pub code: String,
    pub name: String,
    pub reconcile: bool,
    /// By the lines' currency.
    pub sums: Vec<RoleSum>,
    /// At most [`BooksQuery::most`], the oldest first.
    pub open: Vec<Open>,
    /// All that are open, by day.
    pub days: Vec<OpenDay>,
}

/// Open lines of one day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OpenDay {
    pub date: String,
    pub count: usize,
    /// In the company's currency.
    #[serde(deserialize_with = "exact")]
    pub value: Decimal,
}

/// What stands there in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RoleSum {
    pub sum: Sum,
    pub moved: Sum,
}

/// An open line, with what is open of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Open {
    pub sum: Sum,
    pub line: i64,
    /// The entry.
    pub id: i64,
    pub name: String,
    pub date: String,
    pub partner: String,
    pub label: String,
    pub key: Option<String>,
}

/// An entry of a balance transaction, found by walking the keys.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Stray {
    pub key: String,
    pub id: i64,
    pub name: String,
    pub state: String,
    pub date: String,
    pub sums: Vec<Sum>,
}

impl BooksQuery<'_> {
    /// The procedure's input; `company` is ODOO_COMPANY.
    pub fn input(&self, company: Option<i64>) -> Value {
        let keys: Vec<Value> = self.keys.iter().map(|(key, instant)| json!([key, utc_text(*instant)])).collect();
        json!({"account": self.account, "company": company, "keys": keys, "at": self.at,
            "since": self.since, "totals": self.totals, "after": self.after, "most": self.most})
    }
}

/// `2026-11-21 12:34:56`, UTC.
pub fn utc_text(seconds: i64) -> String {
    let of_day = seconds.rem_euclid(86_400);
    format!("{} {:02}:{:02}:{:02}", date::iso(seconds), of_day / 3600, of_day / 60 % 60, of_day % 60)
}

/// Reads the answer.
pub fn parse_answer(value: &Value) -> Result<BooksAnswer, OdooError> {
    let books: BooksAnswer = answer::parse(value)?;
    if books.v == FORM { Ok(books) } else { Err(answer::unknown_form()) }
}

impl OdooErp {
    /// Asks the books. Only reads; Invoicing rights suffice.
    pub async fn read_books(&self, asked: &BooksQuery<'_>) -> Result<BooksAnswer, OdooError> {
        parse_answer(&self.run(&READ_BOOKS, asked.input(self.config.company_of(asked.account))).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_utc_to_the_second() {
        assert_eq!(utc_text(1_795_262_399), "2026-11-21 11:59:59");
        assert_eq!(utc_text(0), "1970-01-01 00:00:00");
    }

    #[test]
    fn amounts_are_read_exactly() {
        let sum: Sum = serde_json::from_str(r#"{"currency": "EUR", "amount": "-0.10", "value": "12.30"}"#).unwrap();
        assert_eq!((sum.amount.to_string(), sum.value.to_string()), ("-0.10".into(), "12.30".into()));
    }
}
