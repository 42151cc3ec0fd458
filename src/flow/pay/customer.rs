//! Which Stripe customer pays: the ledger's, else the one that the ERP's contact names, else one that a search finds,
//! else a new one; never two for one commercial partner.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::refused::Refused;
use super::scene::Scene;
use crate::erp::invoice::Payer;
use crate::error::{Code, Error};
use crate::ledger::customers::{self, Customer, Whose};
use crate::ports::Level;
use crate::stripe::customers::{self as stripe, Person};

/// An idempotency key is Stripe's for 24 hours; after so many seconds a claim without an answer is looked up instead.
pub const KEY_LIFE: i64 = 23 * 3_600;

/// The customer of `payer`, `cus_…`. For a known one: one round trip to the ledger, and a call to Stripe only when name or
/// e-mail changed.
pub async fn of(scene: &Scene<'_>, payer: &Payer) -> Result<String, Refused> {
    let wish = wish(scene, payer, payer.customer.clone());
    let row = customers::claim(&*scene.rt.db, &whose(scene, payer), &wish).await?;
    match &row.customer {
        Some(customer) if row.described == wish.described => Ok(customer.clone()),
        Some(customer) => describe(scene, payer, customer, &row, &wish).await,
        None => make(scene, payer, row).await,
    }
}

/// `gone` is no customer at Stripe any more: another takes its place.
pub async fn instead_of(scene: &Scene<'_>, payer: &Payer, gone: &str) -> Result<String, Refused> {
    let old = customers::claim(&*scene.rt.db, &whose(scene, payer), &wish(scene, payer, None)).await?;
    if let Some(other) = old.customer.as_deref().filter(|other| *other != gone) {
        return Ok(other.to_owned());
    }
    scene.rt.log.line(Level::Warn, "customer_gone", json!({ "customer": gone, "partner": payer.commercial }));
    let row = customers::renew(&*scene.rt.db, &whose(scene, payer), &old, &wish(scene, payer, None)).await?;
    match row.customer {
        Some(customer) => Ok(customer),
        None => created(scene, payer, &row).await,
    }
}

/// The claim has no answer: searched for first, as an earlier ledger may have made it, then made with the claim's own key.
async fn make(scene: &Scene<'_>, payer: &Payer, row: Customer) -> Result<String, Refused> {
    if let Some(found) = stripe::search(&scene.client(), &scene.place.database, payer.commercial).await? {
        customers::made(&*scene.rt.db, &row.key, &found, true).await?;
        return Ok(found);
    }
    if scene.now - row.claimed < KEY_LIFE {
        return created(scene, payer, &row).await;
    }
    // The search found nothing for a claim of yesterday, so nothing came of it.
    let row = customers::renew(&*scene.rt.db, &whose(scene, payer), &row, &wish(scene, payer, None)).await?;
    created(scene, payer, &row).await
}

/// What Stripe refuses made nobody, and would be refused for ever: the next request claims with what the ERP says then.
async fn created(scene: &Scene<'_>, payer: &Payer, row: &Customer) -> Result<String, Refused> {
    let customer = match stripe::create(&scene.client(), &row.body, &row.key).await {
        Err(error) if error.code == Code::StripeRefused => {
            customers::renew(&*scene.rt.db, &whose(scene, payer), row, &wish(scene, payer, None)).await?;
            return Err(error.into());
        }
        answer => answer?,
    };
    customers::made(&*scene.rt.db, &row.key, &customer, false).await?;
    Ok(customer)
}

/// Name or e-mail changed in the ERP. That Stripe's copy is old keeps nobody from paying.
async fn describe(
    scene: &Scene<'_>,
    payer: &Payer,
    customer: &str,
    row: &Customer,
    wish: &Customer,
) -> Result<String, Refused> {
    match stripe::describe(&scene.client(), customer, &person(scene, payer), &scene.rt.entropy.token()).await {
        Ok(()) => customers::described(&*scene.rt.db, &whose(scene, payer), &wish.described).await?,
        Err(error) if stripe::is_gone(&error) => {
            let row =
                customers::renew(&*scene.rt.db, &whose(scene, payer), row, &self::wish(scene, payer, None)).await?;
            return match row.customer {
                Some(customer) => Ok(customer),
                None => created(scene, payer, &row).await,
            };
        }
        Err(error) => left_as_it_was(scene, customer, &error),
    }
    Ok(customer.to_owned())
}

fn left_as_it_was(scene: &Scene<'_>, customer: &str, error: &Error) {
    let fields = json!({ "customer": customer, "code": error.code.name(), "detail": error.detail });
    scene.rt.log.line(Level::Warn, "customer_not_described", fields);
}

fn whose(scene: &Scene<'_>, payer: &Payer) -> Whose {
    let (account, database) = (scene.place.account.clone(), scene.place.database.clone());
    Whose { account, database, partner: payer.commercial }
}

fn person<'a>(scene: &'a Scene<'_>, payer: &'a Payer) -> Person<'a> {
    let (name, email) = (payer.firm.name.as_str(), payer.firm.email.as_deref());
    Person { name, email, database: &scene.place.database, partner: payer.commercial }
}

/// The customer that the ERP's contact names, as a row of the ledger.
pub fn guess(scene: &Scene<'_>, payer: &Payer) -> Option<Customer> {
    payer.customer.as_ref().map(|customer| wish(scene, payer, Some(customer.clone())))
}

/// The row of a claim; `customer` when the ERP's contact names one.
fn wish(scene: &Scene<'_>, payer: &Payer, customer: Option<String>) -> Customer {
    let digest =
        hex::encode(Sha256::digest(format!("{}\n{}", payer.firm.name, payer.firm.email.as_deref().unwrap_or(""))));
    Customer {
        customer,
        body: stripe::form(&person(scene, payer)).as_str().to_owned(),
        key: scene.rt.entropy.token(),
        described: digest.get(..16).unwrap_or_default().to_owned(),
        claimed: scene.now,
    }
}
