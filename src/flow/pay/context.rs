//! The context of one request to pay: settings, clients, and what ledger and ERP hold of the invoice.

use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::config::{Config, Delivery, ErpConfig, Pay};
use crate::erp::invoice::Invoices;
use crate::erp::{self, Fault};
use crate::error::{Code, Error};
use crate::flow::connection::{self, DeliveryContext};
use crate::flow::deadline::Deadline;
use crate::flow::join::join;
use crate::ledger::intents::{self, InvoiceHistory, InvoiceKey};
use crate::ports::{Http, Runtime};
use crate::stripe::client::Client;

use super::refusal::PayRefusal;

/// A payer waits at most so long for an answer, in milliseconds: one call to the ERP and a few to Stripe.
const BUDGET_MS: i64 = 25_000;
/// One call that a payment can do without is given up after so many milliseconds, and none begins or goes on when so many of
/// [`BUDGET_MS`] are left: the PaymentIntent has its own time-out, and an older one may have to be canceled before.
const OPTIONAL_TIMEOUT_MS: u32 = 2_500;
const RESERVED_MS: i64 = 15_000;

/// Settings, ledger and parties of one request.
pub struct PayContext<'a> {
    pub rt: &'a Runtime,
    pub pay: &'a Pay,
    pub delivery: &'a Delivery,
    pub delivery_context: DeliveryContext<'a>,
    /// The network for what a payment can do without.
    spare: Rc<dyn Http>,
    pub place: InvoiceKey,
    pub known: InvoiceHistory,
    /// Seconds.
    pub now: i64,
}

impl<'a> PayContext<'a> {
    /// Reads the ledger, and the invoice from the ERP at the same moment.
    pub async fn load(
        rt: &'a Runtime,
        config: &'a Config,
        invoice: i64,
    ) -> Result<(Self, Result<Invoices, Fault>), PayRefusal> {
        let pay = config.pay.as_ref().map_err(Clone::clone)?;
        let delivery = config.delivery.as_ref().map_err(Clone::clone)?;
        let (database, names) = (database(delivery)?, database_names(delivery)?);
        let now = rt.clock.now();
        let until = rt.clock.now_ms() + BUDGET_MS;
        let http = Rc::new(Deadline { http: rt.http.clone(), clock: rt.clock.clone(), until });
        let erp = erp::open(delivery, &Runtime { http, ..rt.clone() });
        let ids = [invoice];
        let (ledger, found) =
            join(intents::delivery_and_history(&*rt.db, &names, invoice, now), erp.invoices(&ids)).await;
        let (state, known) = ledger?;
        let delivery_context = connection::open_until(rt, config, &state, until).await?;
        let found = found.and_then(|found| found.in_books_of(&delivery_context.identity.account));
        let place = InvoiceKey {
            account: delivery_context.identity.account.clone(),
            database: database.to_owned(),
            names,
            invoice,
        };
        let spare: Rc<dyn Http> =
            Rc::new(Deadline { http: rt.http.clone(), clock: rt.clock.clone(), until: until - RESERVED_MS });
        Ok((Self { rt, pay, delivery, delivery_context, spare, place, known, now }, found))
    }

    /// Stripe, until the payer's patience ends.
    pub fn client(&self) -> Client<'_> {
        Client::new(&*self.delivery_context.http, &self.delivery.stripe)
    }

    /// Stripe for what a payment can do without: a short wait for each call, and a bounded one for all of them.
    pub fn optional_client(&self) -> Client<'_> {
        Client::new(&*self.spare, &self.delivery.stripe).with_timeout(OPTIONAL_TIMEOUT_MS)
    }
}

/// The ERP's database, whose invoices are paid.
pub fn database(delivery: &Delivery) -> Result<&str, Error> {
    match &delivery.erp {
        ErpConfig::Odoo(odoo) => Ok(&odoo.db),
        ErpConfig::Rpc(_) => Err(Error::new(Code::PayNotConfigured, "The pay page needs ERP=odoo.")),
    }
}

/// Its name and those it had before, as [`crate::ledger::intents::InvoiceKey::names`] has them.
pub fn database_names(delivery: &Delivery) -> Result<String, Error> {
    let former = delivery.matching.former_databases.iter().map(String::as_str);
    let names: serde_json::Value = std::iter::once(database(delivery)?).chain(former).collect();
    Ok(names.to_string())
}

/// SHA-256 of a portal token: what the ledger keeps of it, and what is compared.
pub fn token_digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Whether `token` is the one whose digest is `kept` (hex). An empty token is none.
pub fn is_token(token: &str, kept: &str) -> bool {
    let mut bytes = [0u8; 32];
    hex::decode_to_slice(kept, &mut bytes).is_ok()
        & crate::hmac::is_equal(&token_digest(token), &bytes)
        & !token.is_empty()
}
