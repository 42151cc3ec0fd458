//! Asks Stripe for what an event lacks, with as few calls as there can be: usually one, seldom two.

use std::ops::ControlFlow;

use super::client::{Body, Client};
use super::event_types::Target;
use super::form::{Form, segment};
use super::map::read_object;
use super::object::{CheckoutSessions, InvoicePayments};
use super::reading::{Json, Pointer, Reading, Scope};
use super::reference::{invoice_reference, merge, session_reference, wants_more};
use super::{late_failure, named_transactions, pointers, refund};
use crate::error::{Code, Error};
use crate::movement::{Movement, MovementKind};

/// Most calls for one event; see [`super::client::TIMEOUT_MS`] for what follows from it.
pub const MAX_CALLS: u32 = 4;
/// What a PaymentIntent is fetched with: its charge, and that one's balance transaction for the time of the money.
pub(super) const PAYMENT_EXPAND: &str = "latest_charge.balance_transaction";
/// Stripe's largest page. A PaymentIntent that pays more invoices is matched by the first hundred.
const PAGE: &str = "100";

/// What a lead came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Never [`Reading::Pointer`].
    pub reading: Reading,
    /// Ids of the balance transactions that the fetched objects name, each once.
    pub transactions: Vec<String>,
}

/// Asks Stripe for one event.
struct Fetcher<'a> {
    client: &'a Client<'a>,
    scope: &'a Scope<'a>,
    /// How many more times.
    calls: u32,
    transactions: Vec<String>,
}

/// Fetches what `lead` names and follows it to the end. The references of receipts are complete as [`add_reference`] makes
/// them.
///
/// `client` must ask the account of `scope`. Errors: those of [`Client::get`];
/// [`Code::EventUnreadable`] when the objects lead on beyond [`MAX_CALLS`].
pub async fn resolve(client: &Client<'_>, scope: &Scope<'_>, pointer: Pointer) -> Result<Resolution, Error> {
    let mut asking = Fetcher { client, scope, calls: MAX_CALLS, transactions: Vec::new() };
    let mut pointers = vec![pointer];
    let mut moved = Vec::new();
    let mut other = None;
    while let Some(pointer) = pointers.pop() {
        for reading in asking.fetch(pointer).await? {
            match reading {
                Reading::Pointer(pointer) => pointers.push(pointer),
                Reading::Movement(movement) => moved.push(movement),
                Reading::Movements(movements) => moved.extend(movements),
                waits @ Reading::Waits { .. } => other = Some(waits),
                reading => other = other.or(Some(reading)),
            }
        }
    }
    for movement in moved.iter_mut().filter(|m| m.kind == MovementKind::Paid && m.reference.numbers.is_empty()) {
        enrich(client, movement, scope, &mut asking.calls).await?;
    }
    let several = moved.len() > 1 || moved.iter().any(|movement| movement.kind != MovementKind::Paid);
    let reading = match (several, moved.pop(), other) {
        (false, Some(movement), _) => Reading::Movement(movement),
        (true, Some(last), _) => {
            moved.push(last);
            Reading::Movements(moved)
        }
        (_, None, other) => other.unwrap_or(Reading::Ignore("out_of_band")),
    };
    Ok(Resolution { reading, transactions: asking.transactions })
}

/// A charge with what took its money back.
pub(super) async fn get_failed_charge(client: &Client<'_>, charge: &str) -> Result<Body, Error> {
    let (path, query) = request(&Target::Failure(charge.to_owned()));
    client.get(&path, &query).await
}

/// Adds to a movement what its Stripe invoice, else its checkout session, says it is for. Asks nothing when the
/// payment carries our own metadata, and for an invoice only when the payment has a customer, as every invoice has;
/// so at most two calls.
pub async fn add_reference(client: &Client<'_>, movement: &mut Movement, scope: &Scope<'_>) -> Result<(), Error> {
    enrich(client, movement, scope, &mut 2).await
}

async fn enrich(client: &Client<'_>, movement: &mut Movement, scope: &Scope<'_>, calls: &mut u32) -> Result<(), Error> {
    // Neither list can be asked by a charge.
    if !wants_more(scope, &movement.reference) || !movement.payment.starts_with("pi_") {
        return Ok(());
    }
    if movement.customer.is_some() && take_call(calls).is_continue() {
        let query = Form::new()
            .with("payment[type]", "payment_intent")
            .with("payment[payment_intent]", &movement.payment)
            .with("limit", PAGE)
            .with("expand[]", "data.invoice");
        let body = client.get("/v1/invoice_payments", &query).await?;
        let list: InvoicePayments<'_> = body.parse()?;
        let mut found = false;
        for invoice in list.data.iter().filter_map(|p| p.invoice.as_ref()?.object()) {
            merge(&mut movement.reference, invoice_reference(scope, invoice));
            found = true;
        }
        if found {
            return Ok(());
        }
    }
    if take_call(calls).is_continue() {
        let query = Form::new().with("payment_intent", &movement.payment).with("limit", "1");
        let body = client.get("/v1/checkout/sessions", &query).await?;
        let list: CheckoutSessions<'_> = body.parse()?;
        for session in &list.data {
            merge(&mut movement.reference, session_reference(scope, session));
        }
    }
    Ok(())
}

impl Fetcher<'_> {
    /// One call for one lead; an invoice has as many readings as payments, and costs a second call when it has none.
    async fn fetch(&mut self, pointer: Pointer) -> Result<Vec<Reading>, Error> {
        if take_call(&mut self.calls).is_break() {
            return Err(Error::new(
                Code::EventUnreadable,
                "The event's object pointers from one object to the next without a payment; look at it in Stripe's dashboard.",
            ));
        }
        if let Target::Invoice(id) = &pointer.target {
            return self.invoice(&id.clone(), pointer).await;
        }
        let (path, query) = request(&pointer.target);
        let body = self.get(&path, &query).await?;
        Ok(vec![read_object(self.scope, Json::Object(body.bytes()), pointer)?])
    }

    async fn get(&mut self, path: &str, query: &Form) -> Result<Body, Error> {
        let body = self.client.get(path, query).await?;
        named_transactions::named_by_object(body.bytes(), &mut self.transactions);
        Ok(body)
    }

    /// The payments of an invoice. None at all: the invoice itself tells whether anything was due.
    async fn invoice(&mut self, id: &str, pointer: Pointer) -> Result<Vec<Reading>, Error> {
        let query = Form::new()
            .with("invoice", id)
            .with("limit", PAGE)
            .with("expand[]", "data.invoice")
            .with("expand[]", "data.payment.payment_intent.latest_charge");
        let body = self.get("/v1/invoice_payments", &query).await?;
        let list: InvoicePayments<'_> = body.parse()?;
        let reference = pointer.reference.clone();
        if !list.data.is_empty() {
            return list
                .data
                .iter()
                .map(|p| pointers::read_invoice_payment(self.scope, p, reference.clone()))
                .collect();
        }
        if take_call(&mut self.calls).is_break() {
            return Ok(Vec::new());
        }
        let body = self.client.get(&format!("/v1/invoices/{}", segment(id)), &Form::new()).await?;
        Ok(match read_object(self.scope, Json::Object(body.bytes()), pointer)? {
            // Something was due and Stripe holds no payment of it.
            Reading::Pointer(_) => vec![Reading::Ignore("out_of_band")],
            reading => vec![reading],
        })
    }
}

/// How a target is asked for. Stripe expands four levels at most.
fn request(target: &Target) -> (String, Form) {
    let (list, id, expand): (_, _, &[&str]) = match target {
        Target::PaymentIntent(id) => ("payment_intents", id, &[PAYMENT_EXPAND]),
        // `balance_transaction` is for a charge without a PaymentIntent.
        Target::Charge(id) => {
            ("charges", id, &["payment_intent.latest_charge.balance_transaction", "balance_transaction"])
        }
        Target::CheckoutSession(id) => ("checkout/sessions", id, &["payment_intent.latest_charge.balance_transaction"]),
        Target::InvoicePayment(id) => {
            ("invoice_payments", id, &["payment.payment_intent.latest_charge.balance_transaction", "invoice"])
        }
        Target::Invoice(id) => ("invoices", id, &[]),
        Target::Refund(id) => ("refunds", id, &refund::EXPAND),
        Target::Failure(id) => ("charges", id, &late_failure::EXPAND),
        Target::Dispute(id) => ("disputes", id, &[]),
        Target::Payout(id) => ("payouts", id, &[]),
    };
    let query = expand.iter().fold(Form::new(), |query, path| query.with("expand[]", path));
    (format!("/v1/{list}/{}", segment(id)), query)
}

/// Takes one call from the budget.
fn take_call(calls: &mut u32) -> ControlFlow<()> {
    match calls.checked_sub(1) {
        Some(left) => {
            *calls = left;
            ControlFlow::Continue(())
        }
        None => ControlFlow::Break(()),
    }
}
