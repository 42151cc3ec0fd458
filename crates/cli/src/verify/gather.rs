//! Asks Odoo what the comparison needs, and Stripe about single transactions. Reads only.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use quittance::config::{Matching, Odoo, Stripe};
use quittance::erp::odoo::books::{BooksAnswer, BooksQuery, Entry, Stray, Totals};
use quittance::erp::odoo::error::OdooError;
use quittance::erp::odoo::{OdooErp, Owner};
use quittance::error::Error;
use quittance::money::Currency;
use quittance::movement::posting_key;
use quittance::ports::{Fut, Http, Kv};
use quittance::stripe::client::Client;
use quittance::stripe::event_list;

use super::compare::StrayEntry;
use super::finding::Cause;
use super::open_items::ROLES;
use super::pool::Pool;
use super::stripe::{self, Transaction};
use crate::ports::block_on;

/// Keys in one call of `read_books`, and calls at once. Source: docs/VERIFY.md, "What it costs".
pub const CHUNK: usize = 2_500;
const ODOO_LANES: usize = 2;
/// The longest list of lines, and how many of Stripe's movements are looked up one by one.
const ENTRIES_MAX: usize = 2_000;

/// Both parties, over the network.
pub struct Parties {
    pub who: Query,
    pub lanes: Pool,
}

/// Who is asked, for whom; every lane knows it.
pub struct Query {
    pub stripe: Stripe,
    pub odoo: Odoo,
    /// `acct_…`; empty until it is known.
    pub account: String,
    found: OdooDiscovery,
}

/// What was found out about Odoo, for the connections of all lanes.
#[derive(Clone, Default)]
struct OdooDiscovery(Arc<Mutex<HashMap<String, String>>>);

impl Kv for OdooDiscovery {
    fn get<'a>(&'a self, key: &'a str) -> Fut<'a, Option<String>> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        Box::pin(std::future::ready(found))
    }
    fn put<'a>(&'a self, key: &'a str, value: &'a str, _: u32) -> Fut<'a, ()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), value.to_owned());
        Box::pin(std::future::ready(()))
    }
}

impl Query {
    pub fn new(stripe: Stripe, odoo: Odoo) -> Self {
        Self { stripe, odoo, account: String::new(), found: OdooDiscovery::default() }
    }

    /// Asks Stripe on behalf of the account.
    pub fn client<'a>(&'a self, http: &'a dyn Http) -> Client<'a> {
        Client::new(http, &self.stripe).for_account(&self.account)
    }

    /// One call of `read_books`.
    pub fn books(&self, http: &Rc<dyn Http>, asked: &BooksQuery<'_>) -> Result<BooksAnswer, OdooError> {
        let kv = Rc::new(self.found.clone());
        let owner =
            Owner { account: Some(asked.account.to_owned()), livemode: Some(self.stripe.livemode()), mark: None };
        block_on(OdooErp::new(&self.odoo, &no_matching(), owner, http.clone(), kv).read_books(asked))
    }
}

impl Parties {
    /// What the books have of each transaction, by its id.
    pub fn entries(
        &self,
        transactions: &[Transaction],
        at: Option<&str>,
    ) -> Result<BTreeMap<String, Entry>, OdooError> {
        let key = |t: &Transaction| (posting_key(&self.who.account, &t.id, "settled"), t.created);
        let keys: Vec<(String, i64)> = transactions.iter().map(key).collect();
        let entries = self.keys(&keys, at)?;
        Ok(transactions.iter().map(|t| t.id.clone()).zip(entries).collect())
    }

    /// What the books have of keys, in their order.
    pub fn keys(&self, keys: &[(String, i64)], at: Option<&str>) -> Result<Vec<Entry>, OdooError> {
        let chunks: Vec<&[(String, i64)]> = keys.chunks(CHUNK).collect();
        let who = &self.who;
        let told = self.lanes.each(ODOO_LANES, &chunks, |http, keys| {
            who.books(http, &BooksQuery { account: &who.account, keys, at, most: ENTRIES_MAX, ..BooksQuery::default() })
        });
        let mut entries = Vec::with_capacity(keys.len());
        for books in told {
            entries.extend(books?.entries);
        }
        Ok(entries)
    }

    /// Balances, open lines, foreign lines.
    pub fn totals(&self, at: Option<&str>, since: Option<&str>) -> Result<Totals, OdooError> {
        let mut most = ENTRIES_MAX;
        loop {
            let asked =
                BooksQuery { account: &self.who.account, at, since, totals: true, most, ..BooksQuery::default() };
            let totals = self.who.books(&self.lanes.http, &asked)?.totals.unwrap_or_default();
            // Every foreign entry must be listed, as it explains a part of the difference; and what is under way is asked for at
            // Stripe, item by item.
            let under_way = totals.roles.iter().filter(|role| ROLES.contains(&role.role.as_str()));
            let longest = under_way.map(|role| role.open.len()).max().unwrap_or(0).max(totals.foreign.len());
            if longest < most || most > ENTRIES_MAX {
                return Ok(totals);
            }
            most = ENTRIES_MAX * 100;
        }
    }

    /// Entries under our keys that no listed transaction has, with what Stripe says of them. On a past day those of later
    /// transactions come back as transactions, to be compared like the others.
    pub fn strays(
        &self,
        known: &BTreeSet<&str>,
        cut_over: i64,
        at: Option<&str>,
    ) -> Result<(Vec<StrayEntry>, Vec<Transaction>), crate::fail::CommandError> {
        let (mut judged, mut later) = (Vec::new(), Vec::new());
        let mut after = String::new();
        loop {
            let asked = BooksQuery {
                account: &self.who.account,
                after: Some(&after),
                most: ENTRIES_MAX,
                ..BooksQuery::default()
            };
            let page = self.who.books(&self.lanes.http, &asked)?.strays;
            let Some(last) = page.last().map(|stray| stray.key.clone()) else { break };
            for stray in page.into_iter().filter(|stray| !known.contains(id_of(&stray.key))) {
                self.classify(stray, cut_over, at, &mut judged, &mut later)?;
            }
            // The key stands before its own record in the order of the names.
            after = format!("{last}__record");
        }
        Ok((judged, later))
    }

    /// What the other Stripe accounts that are booked in the same company had at the cut-over, minor units by currency: the
    /// opening entry is of them all.
    pub fn others(&self, cut_over: i64) -> Result<BTreeMap<Currency, i64>, crate::fail::CommandError> {
        let (who, mut sums) = (&self.who, BTreeMap::new());
        if who.stripe.accounts.is_empty() {
            return Ok(sums);
        }
        let client = Client::new(&*self.lanes.http, &who.stripe);
        let own = block_on(event_list::key_account(&client))?.id;
        // Without ODOO_COMPANY what names no company is booked in the user's own.
        let usual = match who.odoo.company {
            Some(company) => company,
            None => who.books(&self.lanes.http, &BooksQuery { account: &own, ..BooksQuery::default() })?.company.id,
        };
        let company = |account: &str| who.odoo.company_of(account).unwrap_or(usual);
        let all = std::iter::once(&own).chain(&who.stripe.accounts);
        for account in all.filter(|one| **one != who.account && company(one) == company(&who.account)) {
            let earlier = stripe::transactions(&client.for_account(account), 0, Some(cut_over))?;
            for one in earlier.iter().filter(|one| one.is_followed()) {
                *sums.entry(one.currency).or_default() += one.net;
            }
        }
        Ok(sums)
    }

    fn classify(
        &self,
        stray: Stray,
        cut_over: i64,
        at: Option<&str>,
        judged: &mut Vec<StrayEntry>,
        later: &mut Vec<Transaction>,
    ) -> Result<(), Error> {
        let counted = stray.state == "posted" && at.is_none_or(|at| stray.date.as_str() <= at);
        if !counted || judged.len() + later.len() >= ENTRIES_MAX {
            return Ok(());
        }
        let cause = match stripe::transaction(&self.who.client(&*self.lanes.http), id_of(&stray.key))? {
            None => Cause::NotInStripe,
            Some(found) if found.created < cut_over => Cause::BeforeCutOver,
            Some(found) if at.is_some() => {
                later.push(found);
                return Ok(());
            }
            Some(_) => Cause::Newer,
        };
        judged.push(StrayEntry { stray, cause });
        Ok(())
    }
}

/// `txn_…` of `stripe:acct_…:txn_…:settled`.
fn id_of(key: &str) -> &str {
    key.split(':').nth(2).unwrap_or_default()
}

/// No document is looked for.
fn no_matching() -> Matching {
    let (metadata, former_databases, ignored_databases) = Default::default();
    Matching { metadata, tolerance: "0".into(), former_databases, ignored_databases }
}
