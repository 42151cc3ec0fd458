//! What was under way at the cut-over, from Stripe's own lists: money that stands on an account of the books at that instant
//! and that a later movement takes off again. docs/ACCOUNTING.md has the rule of each.
#![allow(clippy::indexing_slicing, reason = "an absent field of a JSON value reads as null")]

use std::collections::{BTreeMap, BTreeSet};

use quittance::erp::odoo::setup::cutover::CutoverItem;
use quittance::money::{Currency, Money};
use quittance::movement::{Counter, MovementKind, posting_key};
use quittance::stripe::balance::Txn;
use quittance::stripe::balance::amounts::{SourceAmounts, presented_amount};
use quittance::stripe::balance::table::{Route, SettledDocument, route};
use quittance::stripe::client::Client;
use quittance::stripe::form::{Form, segment};
use serde::Deserialize;
use serde_json::Value;

use crate::fail::CommandResult;
use crate::ports::block_on;
use crate::verify::stripe::{PAYMENTS, Transaction};

const DAY: i64 = 86_400;
/// Money on its way has been so for this long at the most, and Stripe lists events as far back. A dispute takes longer and
/// has a list of its own.
const SPAN: i64 = 30 * DAY;
/// An asynchronous capture has its balance transaction within this.
const CAPTURE: i64 = 7 * DAY;

/// One account at one instant.
pub struct CutoverAccount<'a> {
    pub client: Client<'a>,
    /// `acct_…`.
    pub account: &'a str,
    /// Seconds since 1970 UTC.
    pub at: i64,
    /// The user's part of the table of accounts.
    pub overrides: &'a [(String, Counter)],
}

/// A balance transaction with its source, as far as it is looked at here.
struct MovedTransaction {
    id: String,
    created: i64,
    kind: String,
    settles: Option<SettledDocument>,
    amount: i64,
    currency: Currency,
    /// In the payment's currency.
    presented: Option<Money>,
    source: Value,
}

/// A charge, and what balance transactions before the instant took off clearing for it.
struct ClearedCharge {
    charge: Value,
    currency: Currency,
    entered: i64,
    /// When what took it back was made.
    taken: Option<i64>,
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    data: Vec<Txn<'a>>,
    has_more: bool,
}

#[derive(Deserialize)]
struct Rows {
    data: Vec<Value>,
    has_more: bool,
}

impl CutoverAccount<'_> {
    /// Everything under way; `before` are the balance transactions before the instant.
    pub fn cutover_items(&self, before: &[Transaction]) -> CommandResult<Vec<CutoverItem>> {
        let moved = self.moved_transactions()?;
        let mut all = self.held_items(before);
        all.extend(self.payments(&moved)?);
        all.extend(self.payouts(&moved));
        all.extend(self.disputes()?);
        Ok(all)
    }

    /// What later movements of Stripe's own release: reserves, a loan, minimum-balance holds.
    fn held_items(&self, before: &[Transaction]) -> Vec<CutoverItem> {
        let mut sums: BTreeMap<(&'static str, String), (Currency, i64)> = BTreeMap::new();
        for one in before {
            if let Route::Account(counter @ (Counter::Reserves | Counter::Loan | Counter::Clearing)) =
                route(&one.r#type, &one.reporting_category, self.overrides)
            {
                sums.entry((counter.name(), one.currency.code().to_lowercase())).or_insert((one.currency, 0)).1 -=
                    one.amount;
            }
        }
        let flight = |((role, code), (currency, minor)): ((&'static str, String), (Currency, i64))| {
            let of = format!("{role}_{code}_{}", self.account);
            let what = format!("Stripe {role} at the cut-over");
            (minor != 0).then(|| cutover_item(role, Money::new(minor, currency), of, None, what))
        };
        sums.into_iter().filter_map(flight).collect()
    }

    /// Debits that have begun and not paid, charges that have paid and are not on the balance yet, what an authorization
    /// held beyond its capture: what stands on clearing is the receipt, where it is of before, less what is entered.
    fn payments(&self, moved: &[MovedTransaction]) -> CommandResult<Vec<CutoverItem>> {
        let mut charges: BTreeMap<String, ClearedCharge> = BTreeMap::new();
        // The oldest first: a charge stands before what takes it back.
        for one in moved.iter().rev() {
            let Some(settles) = one.settles else { continue };
            let Some(presented) = one.presented else { continue };
            let id = match (settles, text(&one.source, "object")) {
                (SettledDocument::Charge | SettledDocument::Failure, "charge") => text(&one.source, "id"),
                (SettledDocument::Release | SettledDocument::Failure, "refund") => text(&one.source, "charge"),
                _ => continue,
            };
            let fresh =
                || ClearedCharge { charge: one.source.clone(), currency: presented.currency, entered: 0, taken: None };
            let Some(charged) = (match settles {
                SettledDocument::Charge => Some(charges.entry(id.to_owned()).or_insert_with(fresh)),
                _ => charges.get_mut(id),
            }) else {
                continue;
            };
            if settles == SettledDocument::Failure {
                charged.taken = Some(one.created);
            }
            if one.created < self.at {
                charged.entered += presented.minor;
            }
        }
        for charge in self.rows("/v1/charges", self.at - CAPTURE, Some(self.at), &[])? {
            let waits = charge["captured"] == true && charge["balance_transaction"].is_null();
            if let (true, Ok(currency)) = (waits, text(&charge, "currency").parse()) {
                let id = text(&charge, "id").to_owned();
                charges.entry(id).or_insert(ClearedCharge { charge, currency, entered: 0, taken: None });
            }
        }
        let later = self.event_objects("payment_intent.succeeded", self.at, None)?;
        let failed = charges.values().any(|c| c.taken.is_some_and(|at| at >= self.at));
        let earlier = match failed {
            true => self.event_objects("payment_intent.succeeded", self.at - SPAN, Some(self.at))?,
            false => BTreeSet::new(),
        };
        let mut all = Vec::new();
        for (id, one) in charges {
            let charge = &one.charge;
            let payment = charge["payment_intent"].as_str().unwrap_or(&id).to_owned();
            let begun = charge["created"].as_i64().is_some_and(|created| created < self.at);
            // Of an authorization that is captured in parts the receipt comes with the last one.
            let part = charge["amount_captured"].as_i64() < charge["amount"].as_i64();
            let goes_on = part && begun && payment.starts_with("pi_") && self.status(&payment)? == "requires_capture";
            let paid = begun
                && !goes_on
                && match text(charge, "status") {
                    "succeeded" => charge["captured"] == true && !later.contains(&payment),
                    "failed" => earlier.contains(&payment) && !later.contains(&payment),
                    _ => false,
                };
            let taken = one.taken.is_some_and(|at| at < self.at);
            let receipt = if paid && !taken { charge["amount_captured"].as_i64().unwrap_or(0) } else { 0 };
            let stands = receipt - one.entered;
            // A charge of a minute ago may be captured by hand later: then neither is there.
            if stands != 0 {
                let key = posting_key(self.account, &payment, MovementKind::Paid.transition());
                let what = format!("Stripe payment {payment} under way at the cut-over");
                all.push(cutover_item(
                    "clearing",
                    Money::new(stands, one.currency),
                    id,
                    Some(format!("{key}__t")),
                    what,
                ));
            }
        }
        Ok(all)
    }

    fn status(&self, intent: &str) -> CommandResult<String> {
        let path = format!("/v1/payment_intents/{}", segment(intent));
        let intent: Value = block_on(self.client.get(&path, &Form::new()))?.parse()?;
        Ok(text(&intent, "status").to_owned())
    }

    /// Payouts that the bank had not, or that came back afterwards.
    fn payouts(&self, moved: &[MovedTransaction]) -> Vec<CutoverItem> {
        let back = |id: &str| {
            let of = |one: &&MovedTransaction| {
                ["payout_failure", "payout_cancel"].contains(&one.kind.as_str()) && text(&one.source, "id") == id
            };
            moved.iter().find(of).map(|one| one.created)
        };
        let day = self.at.div_euclid(DAY) * DAY;
        let mut all = Vec::new();
        for one in moved.iter().filter(|one| one.kind == "payout" && one.created < self.at) {
            let id = text(&one.source, "id");
            let under_way = match back(id) {
                Some(at) => at >= self.at,
                None => one.source["arrival_date"].as_i64().is_some_and(|arrives| arrives >= day),
            };
            if under_way {
                let key = posting_key(self.account, &one.id, MovementKind::Settled.transition());
                let what = format!("Stripe payout {id} in transit at the cut-over");
                let money = Money::new(-one.amount, one.currency);
                all.push(cutover_item("transit", money, id.to_owned(), Some(format!("{key}__t")), what));
            }
        }
        all
    }

    /// What Stripe had withdrawn, and not given back, for disputes that were not lost by then.
    fn disputes(&self) -> CommandResult<Vec<CutoverItem>> {
        let rows = self.rows("/v1/disputes", 0, Some(self.at), &[])?;
        let closed = self.event_objects("charge.dispute.closed", self.at, None)?;
        let mut all = Vec::new();
        for dispute in rows {
            let (id, amount) = (text(&dispute, "id"), dispute["amount"].as_i64().unwrap_or(0));
            let lost = text(&dispute, "status") == "lost" && !closed.contains(id);
            let Ok(currency) = text(&dispute, "currency").parse::<Currency>() else { continue };
            let mut stands = 0;
            for txn in dispute["balance_transactions"].as_array().into_iter().flatten() {
                let json = txn.to_string();
                let Ok(txn) = serde_json::from_str::<Txn<'_>>(&json) else { continue };
                if txn.created < self.at {
                    // What cannot be told stands on suspense since then.
                    stands -= presented_amount(&txn, currency, SourceAmounts::About(&[amount]))
                        .map_or(0, |money| money.minor);
                }
            }
            if stands != 0 && !lost {
                let what = format!("Stripe dispute {id} open at the cut-over");
                let tie = format!("stripe:{}:{id}__e", self.account);
                all.push(cutover_item("disputed", Money::new(stands, currency), id.to_owned(), Some(tie), what));
            }
        }
        Ok(all)
    }

    /// Objects that events of a type since an instant are about.
    fn event_objects(&self, kind: &str, from: i64, to: Option<i64>) -> CommandResult<BTreeSet<String>> {
        let rows = self.rows("/v1/events", from, to, &[("type", kind)])?;
        Ok(rows.iter().map(|event| text(&event["data"]["object"], "id").to_owned()).collect())
    }

    /// A list of objects, `from` inclusive, `to` not.
    fn rows(&self, path: &str, from: i64, to: Option<i64>, more: &[(&str, &str)]) -> CommandResult<Vec<Value>> {
        let mut form = Form::new().with("created[gte]", &from.to_string());
        if let Some(to) = to {
            form = form.with("created[lt]", &to.to_string());
        }
        form = more.iter().fold(form, |form, (name, value)| form.with(name, value));
        let (mut all, mut after) = (Vec::new(), None::<String>);
        loop {
            let query = after.iter().fold(form.clone(), |form, after| form.with("starting_after", after));
            let page: Rows = block_on(self.client.list(path, &query))?.parse()?;
            after = page.data.last().map(|last| text(last, "id").to_owned()).filter(|_| page.has_more);
            all.extend(page.data);
            if after.is_none() {
                return Ok(all);
            }
        }
    }

    /// Balance transactions with their sources, from a span before the instant up to now, the newest first.
    fn moved_transactions(&self) -> CommandResult<Vec<MovedTransaction>> {
        let form = Form::new().with("created[gte]", &(self.at - SPAN).to_string()).with("expand[]", "data.source");
        let (mut all, mut after) = (Vec::new(), None::<String>);
        loop {
            let query = after.iter().fold(form.clone(), |form, after| form.with("starting_after", after));
            let body = block_on(self.client.list("/v1/balance_transactions", &query))?;
            let page: Page<'_> = body.parse()?;
            let payments = |txn: &&Txn<'_>| txn.balance_type.as_ref().is_none_or(|of| of.as_str() == PAYMENTS);
            for txn in page.data.iter().filter(payments) {
                all.push(self.moved_transaction(txn)?);
            }
            after = page.data.last().map(|last| last.id.as_str().to_owned()).filter(|_| page.has_more);
            if after.is_none() {
                return Ok(all);
            }
        }
    }

    fn moved_transaction(&self, txn: &Txn<'_>) -> CommandResult<MovedTransaction> {
        let raw = txn.source.as_ref().and_then(|source| source.object()).map(|raw| raw.get());
        let source: Value = raw.and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
        let (kind, category) = (txn.r#type.as_str(), txn.reporting_category.as_str());
        let settles = match route(kind, category, self.overrides) {
            Route::Document(
                settles @ (SettledDocument::Charge | SettledDocument::Release | SettledDocument::Failure),
            ) => Some(settles),
            _ => None,
        };
        let said = ["amount_captured", "amount"].map(|name| source[name].as_i64());
        let left = source["amount"].as_i64().zip(source["amount_refunded"].as_i64()).map(|(all, back)| all - back);
        let said: Vec<i64> = said.into_iter().chain([left]).flatten().collect();
        let currency = text(&source, "currency").parse::<Currency>().ok().filter(|_| settles.is_some());
        let presented = currency.and_then(|currency| presented_amount(txn, currency, SourceAmounts::About(&said)));
        let (id, kind) = (txn.id.as_str().to_owned(), kind.to_owned());
        let (created, amount, currency) = (txn.created, txn.amount, txn.currency);
        Ok(MovedTransaction { id, created, kind, settles, amount, currency, presented, source })
    }
}

fn cutover_item(role: &'static str, money: Money, of: String, tie: Option<String>, what: String) -> CutoverItem {
    CutoverItem { role, currency: money.currency.code().to_owned(), amount: money.to_decimal(), of, tie, what }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
