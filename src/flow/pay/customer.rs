//! The Stripe customer of a payer: the ledger's, else the one that the ERP's contact names if Stripe confirms that it
//! is this partner's, else one found by search, else a new one. Each commercial partner has one, and no customer
//! belongs to two partners. A payment can go on without: if anything of this fails, the payer pays without a customer,
//! and the next payment tries again.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::context::PayContext;
use super::feature::{self, Feature};
use super::refusal::PayRefusal;
use crate::erp::invoice::Payer;
use crate::error::{Code, Error};
use crate::ledger::customers::{self, Customer, CustomerKey};
use crate::ledger::restore;
use crate::ports::Level;
use crate::stripe::customers::{self as stripe, Existing, OPTIONAL, Person};
use crate::stripe::omitted_parameters::OmittedParameters;

/// An idempotency key is Stripe's for 24 hours; after so many seconds a claim without an answer is looked up instead.
pub const KEY_LIFETIME_S: i64 = 23 * 3_600;
/// Forms of one customer that one request sends: an outdated one, and one for each parameter that Stripe may refuse.
const ROUNDS_MAX: usize = 1 + OPTIONAL.len();

/// The customer of `payer`, `cus_…`. For a known one: one round trip to the ledger, and a call to Stripe only when name or
/// e-mail changed.
pub async fn customer_of(context: &PayContext<'_>, payer: &Payer) -> Result<Option<String>, PayRefusal> {
    let wish = customer_row(context, payer, &OmittedParameters::default());
    let row = customers::claim(&*context.rt.db, &customer_key(context, payer), &wish).await?;
    let same = row.described == wish.described;
    match &row.customer {
        // The ERP gives the id of a contact that it lost to another: nobody sees another's cards, nor takes over his customer.
        _ if row.doubtful && !same => {
            let row = customers::renew(&*context.rt.db, &customer_key(context, payer), &row, &wish).await?;
            if row.customer.is_some() { Ok(row.customer) } else { create(context, payer, row).await }
        }
        Some(customer) if same => {
            if row.doubtful {
                // What it cannot write now the next page writes: nobody is kept from paying for it.
                let _confirmed = customers::confirm_partner(&*context.rt.db, &row.key, context.now).await;
            }
            Ok(Some(customer.clone()))
        }
        Some(customer) => describe(context, payer, customer, &row, &wish).await,
        None => find_or_create(context, payer, row).await,
    }
}

/// `gone` is no customer at Stripe any more: another takes its place.
pub async fn replacement(context: &PayContext<'_>, payer: &Payer, gone: &str) -> Result<Option<String>, PayRefusal> {
    let wish = customer_row(context, payer, &OmittedParameters::default());
    let old = customers::claim(&*context.rt.db, &customer_key(context, payer), &wish).await?;
    if let Some(other) = old.customer.as_deref().filter(|other| *other != gone) {
        return Ok(Some(other.to_owned()));
    }
    context.rt.log.line(Level::Warn, "customer_gone", json!({ "customer": gone, "partner": payer.commercial }));
    let row = customers::renew(&*context.rt.db, &customer_key(context, payer), &old, &wish).await?;
    match row.customer {
        Some(customer) => Ok(Some(customer)),
        None => create(context, payer, row).await,
    }
}

/// The claim has no answer. An earlier ledger may have made the customer: the contact's field or a search names him.
async fn find_or_create(context: &PayContext<'_>, payer: &Payer, row: Customer) -> Result<Option<String>, PayRefusal> {
    if feature::is_missing(context, Feature::Customer).await {
        return Ok(None);
    }
    match find_at_stripe(context, payer).await {
        Ok(Some(found)) if !restore::is_lost(&*context.rt.db, found.created).await? => {
            return store(context, payer, &row, &found.id, true).await;
        }
        Ok(_) => {}
        // Whether there is one is not known: none is made beside it.
        Err(error) => {
            feature::report_failure(context, Feature::Customer, &error).await;
            return Ok(None);
        }
    }
    if context.now - row.claimed < KEY_LIFETIME_S {
        return create(context, payer, row).await;
    }
    // Nothing was found for a claim of yesterday, so nothing came of it.
    let wish = customer_row(context, payer, &OmittedParameters::default());
    let row = customers::renew(&*context.rt.db, &customer_key(context, payer), &row, &wish).await?;
    create(context, payer, row).await
}

/// A customer whom Stripe itself says to be this partner's. What people write into the ERP's field is only a hint.
async fn find_at_stripe(context: &PayContext<'_>, payer: &Payer) -> Result<Option<Existing>, Error> {
    let names: Vec<&str> = serde_json::from_str(&context.place.names).unwrap_or_default();
    if let Some(named) = payer.customer.as_deref().filter(|named| is_id(named)) {
        match stripe::is_partner_customer(&context.optional_client(), named, &names, payer.commercial).await {
            Ok(Some(existing)) => return Ok(Some(existing)),
            Ok(None) => {
                let fields = json!({ "customer": named, "partner": payer.commercial });
                context.rt.log.line(Level::Warn, "customer_of_another", fields);
            }
            Err(error) if matches!(error.code, Code::StripeRefused | Code::StripeAuth) => {
                feature::report_failure(context, Feature::CustomerSearch, &error).await;
            }
            Err(error) => return Err(error),
        }
    }
    if feature::is_missing(context, Feature::CustomerSearch).await {
        return Ok(None);
    }
    match stripe::search(&context.optional_client(), &context.place.database, payer.commercial).await {
        // Accounts in some countries have no search.
        Err(error) if matches!(error.code, Code::StripeRefused | Code::StripeAuth | Code::StripeObjectMissing) => {
            feature::report_failure(context, Feature::CustomerSearch, &error).await;
            Ok(None)
        }
        answer => answer,
    }
}

/// `cus_…`; anything else in the field is a slip of somebody's.
fn is_id(text: &str) -> bool {
    text.starts_with("cus_") && text.len() < 256 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Makes him by the claim's own form and key. What Stripe refuses of the contact is left out, as another claim with a form
/// and key of its own.
async fn create(context: &PayContext<'_>, payer: &Payer, mut row: Customer) -> Result<Option<String>, PayRefusal> {
    let (mut left, mut rounds) = (OmittedParameters::default(), 0);
    loop {
        let refusal = match stripe::create(&context.optional_client(), &row.body, &row.key).await {
            Ok(customer) => return store(context, payer, &row, &customer, false).await,
            Err(refusal) => refusal,
        };
        // A claim of earlier may have a form that nobody would send now.
        let outdated = rounds == 0 && row.body != stripe::form(&stripe_person(context, payer), &left).as_str();
        let again = refusal.error.code == Code::StripeRefused
            && rounds < ROUNDS_MAX
            && (outdated || left.add(refusal.param.as_deref(), &OPTIONAL));
        rounds += 1;
        if !again {
            return create_without(context, payer, row, &refusal.error).await;
        }
        log_omissions(context, payer, &left, &refusal.error);
        let wish = customer_row(context, payer, &left);
        row = customers::renew(&*context.rt.db, &customer_key(context, payer), &row, &wish).await?;
        if row.customer.is_some() {
            return Ok(row.customer);
        }
    }
}

/// There is none for this payment. A form that was refused would be for ever: the next payment claims with what the ERP says
/// then.
async fn create_without(
    context: &PayContext<'_>,
    payer: &Payer,
    row: Customer,
    error: &Error,
) -> Result<Option<String>, PayRefusal> {
    feature::report_failure(context, Feature::Customer, error).await;
    let key = customer_key(context, payer);
    let wish = customer_row(context, payer, &OmittedParameters::default());
    let row = match error.code {
        Code::StripeRefused => customers::renew(&*context.rt.db, &key, &row, &wish).await?,
        // Whoever asked at the same moment may have been answered.
        _ => customers::claim(&*context.rt.db, &key, &wish).await?,
    };
    Ok(row.customer)
}

/// Writes down whom Stripe named. A customer who is another partner's already is nobody's here.
async fn store(
    context: &PayContext<'_>,
    payer: &Payer,
    row: &Customer,
    customer: &str,
    older: bool,
) -> Result<Option<String>, PayRefusal> {
    if customers::store_id(&*context.rt.db, &row.key, customer, older).await? {
        return Ok(Some(customer.to_owned()));
    }
    let wish = customer_row(context, payer, &OmittedParameters::default());
    let stands = customers::claim(&*context.rt.db, &customer_key(context, payer), &wish).await?;
    if stands.customer.is_none() {
        let fields = json!({ "customer": customer, "partner": payer.commercial });
        context.rt.log.line(Level::Warn, "customer_of_another", fields);
    }
    Ok(stands.customer)
}

/// Name or e-mail changed in the ERP. That Stripe's copy is old keeps nobody from paying.
async fn describe(
    context: &PayContext<'_>,
    payer: &Payer,
    customer: &str,
    row: &Customer,
    wish: &Customer,
) -> Result<Option<String>, PayRefusal> {
    let (owner, mut left) = (customer_key(context, payer), OmittedParameters::default());
    loop {
        let key = context.rt.entropy.token();
        match stripe::describe(&context.optional_client(), customer, &stripe_person(context, payer), &left, &key).await
        {
            Ok(()) => {
                customers::store_description(&*context.rt.db, &owner, &wish.described).await?;
                break;
            }
            Err(refusal) if stripe::is_gone(&refusal.error) => {
                let row = customers::renew(&*context.rt.db, &owner, row, wish).await?;
                return match row.customer {
                    Some(customer) => Ok(Some(customer)),
                    None => create(context, payer, row).await,
                };
            }
            Err(refusal) => {
                log_omissions(context, payer, &left, &refusal.error);
                if refusal.error.code != Code::StripeRefused {
                    break;
                }
                if !left.add(refusal.param.as_deref(), &OPTIONAL) {
                    // It would be refused each time.
                    customers::store_description(&*context.rt.db, &owner, &wish.described).await?;
                    break;
                }
            }
        }
    }
    Ok(Some(customer.to_owned()))
}

fn log_omissions(context: &PayContext<'_>, payer: &Payer, left: &OmittedParameters, error: &Error) {
    let fields = json!({
        "partner": payer.commercial, "left_out": left.names(), "code": error.code.name(), "detail": error.detail,
    });
    context.rt.log.line(Level::Warn, "customer_not_described", fields);
}

fn customer_key(context: &PayContext<'_>, payer: &Payer) -> CustomerKey {
    let (account, database) = (context.place.account.clone(), context.place.database.clone());
    CustomerKey { account, database, partner: payer.commercial }
}

fn stripe_person<'a>(context: &'a PayContext<'_>, payer: &'a Payer) -> Person<'a> {
    let (name, email) = (payer.firm.name.as_str(), payer.firm.email.as_deref());
    Person { name, email, database: &context.place.database, partner: payer.commercial }
}

/// Fingerprint of the name and e-mail that the ERP has.
pub fn fingerprint(payer: &Payer) -> String {
    let text = format!("{}\n{}", payer.firm.name, payer.firm.email.as_deref().unwrap_or(""));
    hex::encode(Sha256::digest(text)).get(..16).unwrap_or_default().to_owned()
}

/// The row of a claim.
fn customer_row(context: &PayContext<'_>, payer: &Payer, left: &OmittedParameters) -> Customer {
    Customer {
        customer: None,
        body: stripe::form(&stripe_person(context, payer), left).as_str().to_owned(),
        key: context.rt.entropy.token(),
        described: fingerprint(payer),
        claimed: context.now,
        doubtful: false,
    }
}
