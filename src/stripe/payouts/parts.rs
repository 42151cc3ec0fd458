//! What a payout is made of, page by page.

use serde::{Deserialize, Serialize};

use super::payout::{Payout, reconciliation};
use crate::error::{Code, Error};
use crate::money::Money;
use crate::movement::Movement;
use crate::stripe::client::Client;
use crate::stripe::form::{Form, segment};
use crate::stripe::json::{Id, List, Ref, Text};
use crate::stripe::reading::Scope;

/// One balance transaction of a payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// `txn_…`.
    pub id: String,
    /// Minor units of the payout's currency.
    pub net: i64,
    pub role: Role,
}

/// What a part is to its payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Money that is paid out with it.
    Content,
    /// The payout's own: minus its amount.
    Own,
    /// Held back for the minimum balance, or released from it.
    Hold,
}

/// How far the parts of a payout are read; stored between calls as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartsCursor {
    payout: String,
    after: Option<String>,
    /// Of what was read, without the payout's own: minor units.
    sum: i64,
    parts: usize,
    complete: bool,
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    r#type: Text<'a>,
    #[serde(deserialize_with = "crate::stripe::json::amount")]
    net: i64,
    source: Option<Ref<'a, Id<'a>>>,
}

impl PartsCursor {
    /// The beginning.
    pub fn start(payout: &str) -> Self {
        Self { payout: payout.to_owned(), after: None, sum: 0, parts: 0, complete: false }
    }

    /// Every part has been read.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    fn role(&self, row: &Row<'_>) -> Role {
        let own = row.source.as_ref().is_some_and(|source| source.id() == self.payout);
        match row.r#type.as_str() {
            "payout" if own => Role::Own,
            "payout_minimum_balance_hold" | "payout_minimum_balance_release" => Role::Hold,
            _ => Role::Content,
        }
    }

    /// Reads the next page: one call, at most 100 parts. Errors: those of [`Client::get`];
    /// [`Code::EventUnreadable`] for a sum beyond what is counted in.
    pub async fn step(&mut self, client: &Client<'_>) -> Result<Vec<Part>, Error> {
        let query = Form::new().with("payout", &self.payout);
        let query = match &self.after {
            Some(after) => query.with("starting_after", after),
            None => query,
        };
        let body = client.list("/v1/balance_transactions", &query).await?;
        let list: List<Row<'_>> = body.parse()?;
        let mut parts = Vec::with_capacity(list.data.len());
        for row in &list.data {
            let role = self.role(row);
            if role != Role::Own {
                self.sum = self.sum.checked_add(row.net).ok_or_else(|| self.differs("their sum is too large"))?;
                self.parts += 1;
            }
            parts.push(Part { id: row.id.as_str().to_owned(), net: row.net, role });
        }
        self.after = list.data.last().filter(|_| list.has_more).map(|row| row.id.as_str().to_owned());
        self.complete = self.after.is_none();
        Ok(parts)
    }

    /// The movement of a payout whose parts are all read: one call. Errors: those of [`Client::get`];
    /// [`Code::EventUnreadable`] when the sum of the parts is not the payout.
    pub async fn reconciliation(&self, client: &Client<'_>, scope: &Scope<'_>) -> Result<Movement, Error> {
        let body = client.get(&format!("/v1/payouts/{}", segment(&self.payout)), &Form::new()).await?;
        let payout: Payout<'_> = body.parse()?;
        if !self.complete || self.sum != payout.amount {
            let is = Money::new(payout.amount, payout.currency);
            let sum = Money::new(self.sum, payout.currency);
            return Err(self.differs(&format!("they come to {sum}, and the payout is {is}")));
        }
        reconciliation(scope, &payout, self.parts).ok_or_else(|| self.differs("the payout has no balance transaction"))
    }

    fn differs(&self, what: &str) -> Error {
        let payout = &self.payout;
        let why =
            format!("The parts of the payout {payout} do not make it up: {what}; look at it in Stripe's dashboard.");
        Error::new(Code::EventUnreadable, why)
    }
}
