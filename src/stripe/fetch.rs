//! Asks Stripe for what an event lacks, with as few calls as there can be: usually one, seldom two.

use std::ops::ControlFlow;

use super::client::Client;
use super::form::{Form, segment};
use super::leads;
use super::map::{Json, Lead, Reading, Scope, Target, read_object};
use super::object::{CheckoutSessions, InvoicePayments};
use super::reference::{merge, of_invoice, of_session, wants_more};
use crate::config::Matching;
use crate::error::{Code, Error};
use crate::payment::PaymentEvent;

/// Most calls for one event; see [`super::client::TIMEOUT_MS`] for what follows from it.
pub const MAX_CALLS: u32 = 4;
/// What a PaymentIntent is fetched with: its charge, and that one's balance transaction for the time of the money.
pub(super) const PAYMENT_EXPAND: &str = "latest_charge.balance_transaction";
/// Stripe's largest page. A PaymentIntent that pays more invoices is matched by the first hundred.
const PAGE: &str = "100";

/// Fetches what `lead` names and follows it to the end. The answer is never [`Reading::Lead`], and the references
/// of its movements are complete as [`complete`] makes them.
///
/// `client` must ask the account of `scope`. Errors: those of [`Client::get`];
/// [`Code::EventUnreadable`] when the objects lead on beyond [`MAX_CALLS`].
pub async fn resolve(client: &Client<'_>, scope: &Scope<'_>, lead: Lead) -> Result<Reading, Error> {
    let mut calls = MAX_CALLS;
    let mut leads = vec![lead];
    let mut paid = Vec::new();
    let mut other = None;
    while let Some(lead) = leads.pop() {
        for reading in fetch(client, scope, lead, &mut calls).await? {
            match reading {
                Reading::Lead(lead) => leads.push(lead),
                Reading::Movement(movement) => paid.push(movement),
                waits @ Reading::Waits { .. } => other = Some(waits),
                reading => other = other.or(Some(reading)),
            }
        }
    }
    for movement in &mut paid {
        if movement.reference.numbers.is_empty() {
            enrich(client, movement, scope.matching, &mut calls).await?;
        }
    }
    Ok(match (paid.len(), paid.pop(), other) {
        (1, Some(movement), _) => Reading::Movement(movement),
        (_, Some(last), _) => {
            paid.push(last);
            Reading::Movements(paid)
        }
        (_, None, other) => other.unwrap_or(Reading::Ignore("out_of_band")),
    })
}

/// Adds to a movement what its Stripe invoice, else its checkout session, says it is for. Asks nothing when the
/// payment carries our own metadata, and for an invoice only when the payment has a customer, as every invoice has;
/// so at most two calls.
pub async fn complete(client: &Client<'_>, movement: &mut PaymentEvent, matching: &Matching) -> Result<(), Error> {
    enrich(client, movement, matching, &mut 2).await
}

async fn enrich(
    client: &Client<'_>,
    movement: &mut PaymentEvent,
    matching: &Matching,
    calls: &mut u32,
) -> Result<(), Error> {
    // Neither list can be asked by a charge.
    if !wants_more(&movement.reference) || !movement.payment.starts_with("pi_") {
        return Ok(());
    }
    if movement.customer.is_some() && spend(calls).is_continue() {
        let query = Form::new()
            .with("payment[type]", "payment_intent")
            .with("payment[payment_intent]", &movement.payment)
            .with("limit", PAGE)
            .with("expand[]", "data.invoice");
        let body = client.get("/v1/invoice_payments", &query).await?;
        let list: InvoicePayments<'_> = body.read()?;
        let mut found = false;
        for invoice in list.data.iter().filter_map(|p| p.invoice.as_ref()?.object()) {
            merge(&mut movement.reference, of_invoice(invoice, matching));
            found = true;
        }
        if found {
            return Ok(());
        }
    }
    if spend(calls).is_continue() {
        let query = Form::new().with("payment_intent", &movement.payment).with("limit", "1");
        let body = client.get("/v1/checkout/sessions", &query).await?;
        let list: CheckoutSessions<'_> = body.read()?;
        for session in &list.data {
            merge(&mut movement.reference, of_session(session, matching));
        }
    }
    Ok(())
}

/// One call for one lead; an invoice has as many readings as payments, and costs a second call when it has none.
async fn fetch(client: &Client<'_>, scope: &Scope<'_>, lead: Lead, calls: &mut u32) -> Result<Vec<Reading>, Error> {
    if spend(calls).is_break() {
        return Err(Error::new(
            Code::EventUnreadable,
            "The event's object leads from one object to the next without a payment; look at it in Stripe's dashboard.",
        ));
    }
    // Stripe expands four levels at most.
    let (path, expand) = match &lead.target {
        Target::PaymentIntent(id) => (format!("/v1/payment_intents/{}", segment(id)), PAYMENT_EXPAND),
        // `balance_transaction` is for a charge without a PaymentIntent.
        Target::Charge(id) => {
            (format!("/v1/charges/{}", segment(id)), "payment_intent.latest_charge.balance_transaction")
        }
        Target::CheckoutSession(id) => {
            (format!("/v1/checkout/sessions/{}", segment(id)), "payment_intent.latest_charge.balance_transaction")
        }
        Target::InvoicePayment(id) => (
            format!("/v1/invoice_payments/{}", segment(id)),
            "payment.payment_intent.latest_charge.balance_transaction",
        ),
        Target::Invoice(id) => return invoice(client, scope, &id.clone(), lead, calls).await,
    };
    let query = Form::new().with("expand[]", expand);
    let query = match lead.target {
        Target::Charge(_) => query.with("expand[]", "balance_transaction"),
        Target::InvoicePayment(_) => query.with("expand[]", "invoice"),
        _ => query,
    };
    let body = client.get(&path, &query).await?;
    Ok(vec![read_object(scope, Json::Object(body.bytes()), lead)?])
}

/// The payments of an invoice. None at all: the invoice itself tells whether anything was due.
async fn invoice(
    client: &Client<'_>,
    scope: &Scope<'_>,
    id: &str,
    lead: Lead,
    calls: &mut u32,
) -> Result<Vec<Reading>, Error> {
    let query = Form::new()
        .with("invoice", id)
        .with("limit", PAGE)
        .with("expand[]", "data.invoice")
        .with("expand[]", "data.payment.payment_intent.latest_charge");
    let body = client.get("/v1/invoice_payments", &query).await?;
    let list: InvoicePayments<'_> = body.read()?;
    let reference = lead.reference.clone();
    if !list.data.is_empty() {
        return list.data.iter().map(|p| leads::of_invoice_payment(scope, p, reference.clone())).collect();
    }
    if spend(calls).is_break() {
        return Ok(Vec::new());
    }
    let body = client.get(&format!("/v1/invoices/{}", segment(id)), &Form::new()).await?;
    Ok(match read_object(scope, Json::Object(body.bytes()), lead)? {
        // Something was due and Stripe holds no payment of it.
        Reading::Lead(_) => vec![Reading::Ignore("out_of_band")],
        reading => vec![reading],
    })
}

/// Takes one call from the budget.
fn spend(calls: &mut u32) -> ControlFlow<()> {
    match calls.checked_sub(1) {
        Some(left) => {
            *calls = left;
            ControlFlow::Continue(())
        }
        None => ControlFlow::Break(()),
    }
}
