//! What one balance transaction gives to book.

use super::amounts::{amounts_differ, fees};
use super::document::match_document;
use super::expanded::get_expanded;
use super::object::{Source, Txn, parse};
use super::table::{Route, SettledDocument, overridden_counter, route};
use crate::error::Error;
use crate::money::Money;
use crate::movement::{Counter, Detail, Movement, MovementKind, NOT_PRESENTED, Transaction};
use crate::stripe::client::Client;
use crate::stripe::form::{Form, segment};
use crate::stripe::json::{Ref, Text};
use crate::stripe::object::Charge;
use crate::stripe::payouts::Payout;
use crate::stripe::reading::{Pointer, Reading, Scope};
use crate::stripe::{fetch, receipt};

/// The type of an inbox row whose object is a balance transaction.
pub const BALANCE_TRANSACTION: &str = "balance_transaction";
/// The balance that the books follow. Issuing, prefunding and risk reserves are balances of their own.
const PAYMENTS: &str = "payments";

/// What a balance transaction gives to book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionReading {
    /// Leads to the document that it settles and to what comes with that, where they are not among the movements. A
    /// ledger that has the document need not follow it; [`with_documents`] does.
    pub pointer: Option<Pointer>,
    /// Its documents, oldest first, then itself. Empty for a transaction of another balance than payments.
    pub movements: Vec<Movement>,
    /// The payment that it waits for, `pi_…` or `ch_…`: a debit was taken back, and whether it had ever paid is not known
    /// here. Once its receipt is booked it is read again; when none has come in the time in which events do, the movements
    /// are as they shall be booked.
    pub waits: Option<String>,
}

impl TransactionReading {
    fn from_movements(movements: Vec<Movement>) -> Self {
        Self { pointer: None, movements, waits: None }
    }
}

/// Reads a balance transaction: one call, two for a charge that failed. `overrides` are the user's part of
/// [`super::table::route`]. `scope` must know what the ledger has booked ([`Scope::with_ledger`]).
///
/// Errors: those of [`Client::get`]; [`crate::error::Code::EventUnreadable`] when amounts do not add up.
pub async fn read_transaction(
    client: &Client<'_>,
    scope: &Scope<'_>,
    id: &str,
    overrides: &[(String, Counter)],
) -> Result<TransactionReading, Error> {
    // Only `source`: its own fields differ by kind, and Stripe refuses to expand what an object does not have.
    let (body, hidden) =
        get_expanded(client, &format!("/v1/balance_transactions/{}", segment(id)), Form::new(), "source").await?;
    let txn: Txn<'_> = body.parse()?;
    let source = Source::of(txn.source.as_ref());
    let route = route(txn.r#type.as_str(), txn.reporting_category.as_str(), overrides);
    if let (Some(error), Route::Document(_)) = (hidden, route) {
        return Err(error);
    }
    let failed = match (route, source.failed()) {
        (Route::Document(SettledDocument::Failure), Some(charge)) => {
            Some(fetch::get_failed_charge(client, charge).await?)
        }
        _ => None,
    };
    let failed = failed.as_ref().map(|body| body.parse::<Charge<'_>>()).transpose()?;
    reading_of(scope, &txn, &source, failed.as_ref(), overrides)
}

/// The same with the movements that [`TransactionReading::pointer`] leads to in their place. What is led to may have nothing to book yet,
/// as a debit that is under way; the transaction is booked all the same.
pub async fn with_documents(
    client: &Client<'_>,
    scope: &Scope<'_>,
    found: TransactionReading,
) -> Result<Vec<Movement>, Error> {
    let Some(pointer) = found.pointer else { return Ok(found.movements) };
    let mut movements = match fetch::resolve(client, scope, pointer).await?.reading {
        Reading::Movement(movement) => vec![movement],
        Reading::Movements(movements) => movements,
        _ => Vec::new(),
    };
    movements.extend(found.movements);
    Ok(movements)
}

fn reading_of(
    scope: &Scope<'_>,
    txn: &Txn<'_>,
    source: &Source<'_>,
    failed: Option<&Charge<'_>>,
    overrides: &[(String, Counter)],
) -> Result<TransactionReading, Error> {
    if txn.balance_type.as_ref().is_some_and(|balance| balance.as_str() != PAYMENTS) {
        return Ok(TransactionReading::from_movements(Vec::new()));
    }
    let (kind, category) = (txn.r#type.as_str(), txn.reporting_category.as_str());
    let raw = txn.source.as_ref().and_then(Ref::object).copied();
    let (counter, settled) = match route(kind, category, overrides) {
        Route::Account(counter) => (counter, None),
        Route::Document(settles) => match match_document(scope, txn, settles, source, raw, failed)? {
            Some(settled) => (Counter::Clearing, Some(settled)),
            // Its document is not known: somebody has to say what it is.
            None => (overridden_counter(kind, category, overrides).unwrap_or(Counter::Suspense), None),
        },
    };
    let payout = match source.object.as_str() {
        "payout" => raw.map(parse::<Payout<'_>>).transpose()?,
        _ => None,
    };
    let payout = payout.map(|payout| payout.if_consistent(txn).ok_or(Counter::Suspense)).transpose();
    let misfit = settled.as_ref().and_then(|settled| settled.presented.err()).or(payout.as_ref().err().copied());
    let mut movement = transaction_movement(scope, txn, source, misfit.unwrap_or(counter))?;
    movement.flags.extend(misfit.map(|_| NOT_PRESENTED.to_owned()));
    let Some(Detail::Transaction(detail)) = &mut movement.detail else {
        return Err(amounts_differ(txn, "it has no detail"));
    };
    detail.payout = payout.ok().flatten().and_then(|payout| payout.detail(scope.account, true, 0));
    let Some(settled) = settled else { return Ok(TransactionReading::from_movements(vec![movement])) };
    if let Ok(presented) = settled.presented {
        detail.presented = Some(presented).filter(|money| money.currency != txn.currency);
        detail.document = Some(settled.document);
    }
    movement.payment = settled.payment_id.payment;
    movement.charge = settled.payment_id.charge;
    let mut movements = settled.before;
    movements.push(movement);
    Ok(TransactionReading { pointer: settled.pointer, movements, waits: settled.waits })
}

/// The transaction itself.
fn transaction_movement(
    scope: &Scope<'_>,
    txn: &Txn<'_>,
    source: &Source<'_>,
    counter: Counter,
) -> Result<Movement, Error> {
    let of = |minor| Money::new(minor, txn.currency);
    let id = txn.id.as_str();
    let known = Some(source.id.as_str()).filter(|id| !id.is_empty());
    let detail = Transaction {
        id: id.to_owned(),
        kind: txn.r#type.as_str().to_owned(),
        category: txn.reporting_category.as_str().to_owned(),
        counter,
        gross: of(txn.amount),
        net: of(txn.net),
        fees: fees(txn)?,
        presented: None,
        rate: txn.rate().map(str::to_owned),
        document: None,
        source: known.map(str::to_owned),
        available: txn.available_on,
        description: txn.description.as_ref().and_then(Text::trimmed).map(str::to_owned),
        payout: None,
    };
    let payment = source.payment().or(known).unwrap_or(id);
    Ok(Movement {
        detail: Some(Detail::Transaction(Box::new(detail))),
        ..receipt::bare_movement(scope, MovementKind::Settled, id, payment, of(txn.net), txn.created)
    })
}
