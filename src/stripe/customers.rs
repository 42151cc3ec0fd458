//! Stripe's customers: one for each commercial partner of the ERP.

use std::borrow::Cow;

use serde::Deserialize;

use super::client::Client;
use super::error::Refusal;
use super::form::{Form, segment};
use super::json::{List, Metadata};
use super::omitted_parameters::{OmittedParameters, truncated};
use crate::config::Secret;
use crate::error::{Code, Error};

const PATH: &str = "/v1/customers";
/// The longest name and e-mail address that Stripe takes. Source: docs.stripe.com/api/customers/create.
const NAME_CHARS_MAX: usize = 256;
const EMAIL_CHARS_MAX: usize = 512;
/// Customers that one search gives. Stripe's search does not tell capitals apart, so that several databases may have one.
const FOUND_MAX: &str = "20";
/// What a customer can do without.
pub const OPTIONAL: [&str; 2] = ["email", "name"];

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    created: i64,
    #[serde(borrow, default)]
    metadata: Metadata<'a>,
}

/// A customer that Stripe has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Existing {
    /// `cus_…`.
    pub id: String,
    /// When it was made, in seconds.
    pub created: i64,
}

/// Who it is.
#[derive(Clone, Debug)]
pub struct Person<'a> {
    pub name: &'a str,
    pub email: Option<&'a str>,
    /// The ERP's database and the commercial partner's id, by which a search finds it.
    pub database: &'a str,
    pub partner: i64,
}

/// The form that makes one.
pub fn form(person: &Person<'_>, left: &OmittedParameters) -> Form {
    description_form(person, left)
        .with("metadata[odoo_db]", person.database)
        .with("metadata[odoo_partner_id]", &person.partner.to_string())
}

fn description_form(person: &Person<'_>, left: &OmittedParameters) -> Form {
    let mut form = Form::new();
    if !person.name.is_empty() && !left.has("name") {
        form = form.with("name", truncated(person.name, NAME_CHARS_MAX));
    }
    // An address cut short would be another's.
    match person.email.filter(|email| !left.has("email") && email.chars().count() <= EMAIL_CHARS_MAX) {
        Some(email) => form.with("email", email),
        None => form,
    }
}

/// Makes one from its stored form and key; gives its id.
pub async fn create(client: &Client<'_>, form: &str, key: &str) -> Result<String, Box<Refusal>> {
    let body = client.submit(PATH, form, key).await?;
    Ok(body.parse::<Raw<'_>>()?.id.into_owned())
}

/// Writes another name and e-mail into one. [`Code::StripeObjectMissing`] when it is gone.
pub async fn describe(
    client: &Client<'_>,
    id: &str,
    person: &Person<'_>,
    left: &OmittedParameters,
    key: &str,
) -> Result<(), Box<Refusal>> {
    let form = description_form(person, left);
    client.submit(&format!("{PATH}/{}", segment(id)), form.as_str(), key).await.map(drop)
}

/// Whether the metadata of a customer, which only the merchant's own keys and people write, names this partner in one of
/// these databases.
fn names_partner(raw: &Raw<'_>, databases: &[&str], partner: i64) -> bool {
    !raw.deleted
        && raw.metadata.get("odoo_db").is_some_and(|name| databases.contains(&name))
        && raw.metadata.get("odoo_partner_id") == Some(&partner.to_string())
}

/// The customer `id`, when it stands for this partner by Stripe's own word.
pub async fn is_partner_customer(
    client: &Client<'_>,
    id: &str,
    databases: &[&str],
    partner: i64,
) -> Result<Option<Existing>, Error> {
    let body = match client.get(&format!("{PATH}/{}", segment(id)), &Form::new()).await {
        Err(error) if is_gone(&error) => return Ok(None),
        answer => answer?,
    };
    let raw: Raw<'_> = body.parse()?;
    Ok(Some(raw).filter(|raw| raw.id == id && names_partner(raw, databases, partner)).map(existing))
}

fn existing(raw: Raw<'_>) -> Existing {
    Existing { id: raw.id.into_owned(), created: raw.created }
}

/// The one whose metadata names this partner, if there is. Stripe's search lags about a minute behind, so it serves only
/// where the ledger knows of no claim.
pub async fn search(client: &Client<'_>, database: &str, partner: i64) -> Result<Option<Existing>, Error> {
    // A quote in a name would end the text; a backslash before it keeps it inside.
    let quoted = database.replace('\\', "\\\\").replace('\'', "\\'");
    let query = format!("metadata['odoo_db']:'{quoted}' AND metadata['odoo_partner_id']:'{partner}'");
    let form = Form::new().with("query", &query).with("limit", FOUND_MAX);
    let body = client.get(&format!("{PATH}/search"), &form).await?;
    let page: List<Raw<'_>> = body.parse()?;
    Ok(page.data.into_iter().find(|raw| names_partner(raw, &[database], partner)).map(existing))
}

#[derive(Deserialize)]
struct Session<'a> {
    #[serde(borrow)]
    client_secret: Cow<'a, str>,
}

/// A session that lets the payer's browser show, use and add the customer's saved cards.
pub async fn session(client: &Client<'_>, customer: &str, key: &str) -> Result<Secret, Error> {
    let feature = |name: &str| format!("components[payment_element][features][{name}]");
    let form = Form::new()
        .with("customer", customer)
        .with("components[payment_element][enabled]", "true")
        .with(&feature("payment_method_redisplay"), "enabled")
        .with(&feature("payment_method_save"), "enabled")
        .with(&feature("payment_method_save_usage"), "on_session");
    let body = client.post("/v1/customer_sessions", &form, key).await?;
    Ok(Secret::new(body.parse::<Session<'_>>()?.client_secret))
}

/// Whether an error says that the customer is gone.
pub fn is_gone(error: &Error) -> bool {
    error.code == Code::StripeObjectMissing
}
