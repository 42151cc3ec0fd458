//! Stripe's customers: one for each commercial partner of the ERP.

use std::borrow::Cow;

use serde::Deserialize;

use super::client::Client;
use super::form::{Form, segment};
use super::json::List;
use crate::config::Secret;
use crate::error::{Code, Error};

const PATH: &str = "/v1/customers";

#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
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
pub fn form(person: &Person<'_>) -> Form {
    described(person)
        .with("metadata[odoo_db]", person.database)
        .with("metadata[odoo_partner_id]", &person.partner.to_string())
}

fn described(person: &Person<'_>) -> Form {
    let form = Form::new().with("name", person.name);
    match person.email {
        Some(email) => form.with("email", email),
        None => form,
    }
}

/// Makes one from its stored form and key; gives its id.
pub async fn create(client: &Client<'_>, form: &str, key: &str) -> Result<String, Error> {
    let body = client.submit(PATH, form, key).await.map_err(|refusal| refusal.error)?;
    Ok(body.read::<Raw<'_>>()?.id.into_owned())
}

/// Writes another name and e-mail into one. [`Code::StripeObjectMissing`] when it is gone.
pub async fn describe(client: &Client<'_>, id: &str, person: &Person<'_>, key: &str) -> Result<(), Error> {
    client.post(&format!("{PATH}/{}", segment(id)), &described(person), key).await.map(drop)
}

/// The one whose metadata names this partner, if there is. Stripe's search lags about a minute behind, so it serves only
/// where the ledger knows of no claim.
pub async fn search(client: &Client<'_>, database: &str, partner: i64) -> Result<Option<String>, Error> {
    // A quote in a name would end the text; a backslash before it keeps it inside.
    let database = database.replace('\\', "\\\\").replace('\'', "\\'");
    let query = format!("metadata['odoo_db']:'{database}' AND metadata['odoo_partner_id']:'{partner}'");
    let form = Form::new().with("query", &query).with("limit", "1");
    let body = client.get(&format!("{PATH}/search"), &form).await?;
    let page: List<Raw<'_>> = body.read()?;
    Ok(page.data.into_iter().next().map(|raw| raw.id.into_owned()))
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
    Ok(Secret::new(body.read::<Session<'_>>()?.client_secret))
}

/// Whether an error says that the customer is gone.
pub fn is_gone(error: &Error) -> bool {
    error.code == Code::StripeObjectMissing
}
