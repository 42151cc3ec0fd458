//! What is under way between our documents and Stripe's balance: every open item of ours there is asked for at Stripe, as one that
//! Stripe does not have will never settle.

use quittance::erp::odoo::books::{Open, Totals};
use quittance::error::Error;
use quittance::money::Currency;
use quittance::stripe::client::Client;
use quittance::stripe::presence::{Presence, find_presence};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use super::finding::JournalEntryRef;
use super::gather::Parties;
use super::stripe::{Transaction, patiently};
use crate::ports::block_on;

/// Accounts on which money is under way.
pub const ROLES: [&str; 3] = ["clearing", "transit", "disputed"];
/// Asked at once; Stripe takes 25 reads a second.
const LANES: usize = 6;

/// An open item under our key that Stripe has not, or of which it received nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnknownItem {
    pub role: String,
    pub key: String,
    pub entry: JournalEntryRef,
    pub currency: Currency,
    #[serde(serialize_with = "text")]
    pub amount: Decimal,
    /// `unknown to Stripe`, or `nothing received at Stripe`.
    pub why: &'static str,
}

fn text<S: Serializer>(amount: &Decimal, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&amount.to_string())
}

impl Parties {
    /// The open items of this Stripe account that Stripe does not have. `transactions` are known already.
    pub fn unknown_items(&self, totals: &Totals, transactions: &[Transaction]) -> Result<Vec<UnknownItem>, Error> {
        let ours = format!("stripe:{}:", self.who.account);
        let roles = totals.roles.iter().filter(|role| ROLES.contains(&role.role.as_str()));
        let open = roles.flat_map(|role| role.open.iter().map(move |open| (role.role.as_str(), open)));
        let asked: Vec<(&str, &Open, &str, &str)> = open
            .filter_map(|(role, open)| {
                let key = open.key.as_deref()?;
                let id = key.strip_prefix(&ours)?.split(':').next()?;
                Some((role, open, key, id))
            })
            .filter(|(_, _, _, id)| !transactions.iter().any(|t| t.id == *id || t.source.as_deref() == Some(*id)))
            .collect();
        let who = &self.who;
        let told = self.lanes.each(LANES, &asked, |http, (_, _, _, id)| reason_unknown(&who.client(&**http), id));
        let mut unknown = Vec::new();
        for ((role, open, key, _), why) in asked.iter().zip(told) {
            unknown.extend(why?.map(|why| UnknownItem {
                role: (*role).to_owned(),
                key: (*key).to_owned(),
                entry: JournalEntryRef { id: open.id, name: open.name.clone(), date: open.date.clone() },
                currency: open.sum.currency,
                amount: open.sum.amount,
                why,
            }));
        }
        Ok(unknown)
    }
}

/// Why an object cannot be what was booked; none when it can.
fn reason_unknown(client: &Client<'_>, id: &str) -> Result<Option<&'static str>, Error> {
    Ok(match patiently(|| block_on(find_presence(client, id)))? {
        Presence::Known => None,
        Presence::Missing => Some("unknown to Stripe"),
        Presence::Unpaid => Some("nothing received at Stripe"),
    })
}
