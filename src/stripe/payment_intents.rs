//! PaymentIntents as the pay page makes, finds and gives them up.

use std::borrow::Cow;

use serde::Deserialize;

use super::client::Client;
use super::error::Refusal;
use super::form::{Form, segment};
use super::json::List;
use super::omitted_parameters::{OmittedParameters, truncated};
use crate::config::Secret;
use crate::error::{Code, Error};
use crate::money::{Currency, Money};

const PATH: &str = "/v1/payment_intents";
/// The metadata name of an attempt's idempotency key: how a PaymentIntent is found whose answer was lost.
pub const ATTEMPT: &str = "quittance_attempt";
/// What a PaymentIntent can do without.
pub const OPTIONAL: [&str; 5] = ["customer", "description", "metadata", "receipt_email", "statement_descriptor_suffix"];
/// The longest value of metadata and the longest description that Stripe takes. Source: docs.stripe.com/api/metadata,
/// /api/payment_intents/create.
const VALUE_CHARS_MAX: usize = 500;
const DESCRIPTION_CHARS_MAX: usize = 1_000;
/// Pages of 100 that are searched for it, the newest first.
const PAGES_MAX: usize = 5;
/// The same where no customer narrows the list.
const INVOICE_PAGES_MAX: usize = 2;

/// A PaymentIntent, as far as the page and its states need it.
#[derive(Clone, Debug)]
pub struct Intent {
    /// `pi_…`.
    pub id: String,
    /// Stripe's: `requires_payment_method`, `succeeded`, …
    pub status: String,
    pub money: Money,
    /// What the payer's browser confirms it with; never stored, never logged.
    pub client_secret: Secret,
}

/// What it shall be.
#[derive(Clone, Debug)]
pub struct IntentParameters<'a> {
    pub money: Money,
    /// `cus_…`; empty: none.
    pub customer: &'a str,
    /// For Stripe's dashboard and the payer's receipt: the invoice's number.
    pub description: &'a str,
    /// Our own names: they are how the webhook finds the invoice.
    pub metadata: &'a [(&'a str, String)],
    /// More of them, for people and for a second look.
    pub notes: &'a [(&'a str, String)],
    pub receipt_email: Option<&'a str>,
    /// Appended to the merchant's name on a card statement.
    pub statement_suffix: Option<String>,
    /// Also methods that lead the payer away from the page.
    pub redirects: bool,
    /// Of this attempt.
    pub key: &'a str,
}

/// Why there is no answer to a creation.
#[derive(Debug)]
pub enum CreateError {
    /// The same form with the same key may be answered later; it may have been worked.
    Again(Error),
    /// Stripe's own failure is stored under this key for good: look the PaymentIntent up, then begin another attempt.
    Stuck(Error),
    /// The customer is gone at Stripe.
    NoCustomer(Error),
    /// Too small or too large for Stripe.
    Amount(Error),
    /// The same form will be refused again, for the sake of this parameter as far as Stripe names one.
    Refused(Error, Option<String>),
}

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(deserialize_with = "super::json::not_negative")]
    amount: i64,
    currency: Currency,
    #[serde(borrow, default)]
    client_secret: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    metadata: super::json::Metadata<'a>,
}

impl From<Raw<'_>> for Intent {
    fn from(raw: Raw<'_>) -> Self {
        Self {
            id: raw.id.into_owned(),
            status: raw.status.into_owned(),
            money: Money::new(raw.amount, raw.currency),
            client_secret: Secret::new(raw.client_secret.unwrap_or_default()),
        }
    }
}

/// The form of a creation, without what is left out. Methods are Stripe's to choose (`automatic_payment_methods`), as API
/// version endive has it.
pub fn form(wish: &IntentParameters<'_>, left: &OmittedParameters) -> Form {
    let redirects = if wish.redirects { "always" } else { "never" };
    let mut form = Form::new()
        .with("amount", &wish.money.minor.to_string())
        .with("currency", &wish.money.currency.code().to_ascii_lowercase())
        .with("automatic_payment_methods[enabled]", "true")
        .with("automatic_payment_methods[allow_redirects]", redirects);
    let notes = wish.notes.iter().filter(|_| !left.has("metadata"));
    for (name, value) in wish.metadata.iter().chain(notes) {
        form = form.with(&format!("metadata[{name}]"), truncated(value, VALUE_CHARS_MAX));
    }
    form = form.with(&format!("metadata[{ATTEMPT}]"), wish.key);
    let optional = [
        ("customer", Some(wish.customer)),
        ("description", Some(truncated(wish.description, DESCRIPTION_CHARS_MAX))),
        ("receipt_email", wish.receipt_email),
        ("statement_descriptor_suffix", wish.statement_suffix.as_deref()),
    ];
    for (name, value) in optional {
        if let Some(value) = value.filter(|value| !value.is_empty() && !left.has(name)) {
            form = form.with(name, value);
        }
    }
    form
}

/// Sends an attempt's form with its key.
pub async fn create(client: &Client<'_>, form: &str, key: &str) -> Result<Intent, CreateError> {
    match client.submit(PATH, form, key).await {
        Ok(body) => body.parse::<Raw<'_>>().map(Intent::from).map_err(CreateError::Again),
        Err(refusal) => Err(create_error(*refusal)),
    }
}

fn create_error(refusal: Refusal) -> CreateError {
    let Refusal { error, code, param, stuck } = refusal;
    match (code.as_str(), param.as_deref()) {
        _ if stuck => CreateError::Stuck(error),
        // The key was used with another form, which never happens unless the ledger was edited.
        ("idempotency_error" | "idempotency_key_reused", _) => CreateError::Stuck(error),
        ("resource_missing", Some("customer")) => CreateError::NoCustomer(error),
        ("amount_too_small" | "amount_too_large", _) | ("parameter_invalid_integer", Some("amount")) => {
            CreateError::Amount(error)
        }
        // A key that lacks a permission is mended without this attempt's doing.
        _ if matches!(error.code, Code::StripeUnavailable | Code::StripeAnswerTooLarge | Code::StripeAuth) => {
            CreateError::Again(error)
        }
        _ => CreateError::Refused(error, param),
    }
}

/// Reads one. Errors: those of [`Client::get`].
pub async fn retrieve(client: &Client<'_>, id: &str) -> Result<Intent, Error> {
    let body = client.get(&format!("{PATH}/{}", segment(id)), &Form::new()).await?;
    Ok(Intent::from(body.parse::<Raw<'_>>()?))
}

/// Gives one up. `Ok(None)`: Stripe does not cancel it in the state it is in, which a [`retrieve`] tells. `key` is new for
/// each try: a refusal would be kept with it, and the state may change.
pub async fn cancel(client: &Client<'_>, id: &str, key: &str) -> Result<Option<Intent>, Error> {
    let form = Form::new().with("cancellation_reason", "abandoned");
    match client.submit(&format!("{PATH}/{}/cancel", segment(id)), form.as_str(), key).await {
        Ok(body) => Ok(Some(Intent::from(body.parse::<Raw<'_>>()?))),
        Err(refusal) if refusal.code == "payment_intent_unexpected_state" => Ok(None),
        Err(refusal) => Err(refusal.error),
    }
}

/// Looks for the PaymentIntent of an attempt among those of its customer in the day since `since` (seconds): a list, unlike
/// a search, knows what was made a moment ago. Without a customer among all of the account's; one that is not among the newest
/// of them is nobody's to pay, since its answer was lost.
pub async fn find(client: &Client<'_>, customer: &str, key: &str, since: i64) -> Result<Option<Intent>, Error> {
    let of_attempt = |raw: &Raw<'_>| raw.metadata.get(ATTEMPT) == Some(key);
    // Under one key Stripe makes nothing later than a day after the first request.
    Ok(list(client, customer, since, Some(since + 2 * 86_400), of_attempt).await?.into_iter().next())
}

/// The PaymentIntent over an invoice that is under way, succeeded or open at Stripe, the most advanced first; for a ledger
/// that has lost what it knew. `databases` are the ERP's names, `known` those that the ledger has.
pub async fn of_invoice(
    client: &Client<'_>,
    customer: &str,
    databases: &[&str],
    invoice: i64,
    known: &[&str],
    since: i64,
) -> Result<Option<Intent>, Error> {
    let id = invoice.to_string();
    let wanted = |raw: &Raw<'_>| {
        raw.metadata.get("odoo_id") == Some(&id)
            && raw.metadata.get("odoo_db").is_some_and(|name| databases.contains(&name))
            && raw.metadata.get(ATTEMPT).is_some()
            && raw.status != "canceled"
            && !known.contains(&&*raw.id)
    };
    let found = list(client, customer, since, None, wanted).await?;
    Ok(found
        .into_iter()
        .min_by_key(|intent| intent.status.starts_with("requires_") && intent.status != "requires_capture"))
}

/// Those of a customer's PaymentIntents that are `wanted`, the newest first. One that is found ends the paging.
async fn list(
    client: &Client<'_>,
    customer: &str,
    since: i64,
    until: Option<i64>,
    wanted: impl Fn(&Raw<'_>) -> bool,
) -> Result<Vec<Intent>, Error> {
    let mut after = String::new();
    let pages = if customer.is_empty() { INVOICE_PAGES_MAX } else { PAGES_MAX };
    for _ in 0..pages {
        let mut query = Form::new().with("created[gte]", &since.to_string());
        if !customer.is_empty() {
            query = query.with("customer", customer);
        }
        if let Some(until) = until {
            query = query.with("created[lte]", &until.to_string());
        }
        if !after.is_empty() {
            query = query.with("starting_after", &after);
        }
        let body = client.list(PATH, &query).await?;
        let page: List<Raw<'_>> = body.parse()?;
        let last = page.data.last().map(|raw| raw.id.clone().into_owned());
        let found: Vec<Intent> = page.data.into_iter().filter(&wanted).map(Intent::from).collect();
        match last.filter(|_| page.has_more && found.is_empty()) {
            Some(last) => after = last,
            None => return Ok(found),
        }
    }
    if customer.is_empty() {
        return Ok(Vec::new());
    }
    Err(Error::new(Code::StripeUnavailable, "A PaymentIntent was not found among the newest 500 of its customer."))
}
