//! Housekeeping of the pay page by the clock: PaymentIntents that are no longer wanted are canceled, and Stripe
//! customers' ids are written into the ERP's contacts.

use serde_json::json;

use super::attempt_state::AttemptState;
use super::brake;
use super::cancel::cancel;
use super::context::{database, database_names};
use super::offer;
use super::refusal::PayRefusal;
use crate::config::{Config, Pay};
use crate::erp::invoice::{CustomerLink, Invoice};
use crate::flow::connection::{self, DeliveryContext};
use crate::ledger::customers::{self, UnlinkedCustomer};
use crate::ledger::delivery;
use crate::ledger::intents::{self, OpenAttempt};
use crate::money::Money;
use crate::ports::{Level, Runtime};
use crate::stripe::client::Client;
use crate::stripe::payment_intents as stripe;

/// After so many seconds an attempt that Stripe never answered is looked up.
const KEY_LIFETIME_S: i64 = super::customer::KEY_LIFETIME_S;

/// Every minute: those of payers who were declined too often, and new customers' ids for the ERP.
pub async fn minute(rt: &Runtime, config: &Config) -> Result<(), PayRefusal> {
    let Some(database) = database_of(config) else { return Ok(()) };
    let now = rt.clock.now();
    let paused = intents::count_recent(&*rt.db, now).await?;
    if !paused.is_empty() {
        brake::cancel_paused(rt, config, &delivery::delivery_state(&*rt.db).await?, &paused).await;
    }
    let unlinked = customers::take_unlinked(&*rt.db, database, now).await?;
    if unlinked.is_empty() {
        return Ok(());
    }
    link_customers(rt, &open_context(rt, config).await?, &unlinked, now).await
}

async fn link_customers(
    rt: &Runtime,
    delivery_context: &DeliveryContext<'_>,
    unlinked: &[UnlinkedCustomer],
    now: i64,
) -> Result<(), PayRefusal> {
    let links: Vec<CustomerLink> = unlinked
        .iter()
        .map(|one| CustomerLink {
            partner: one.key.partner,
            account: one.key.account.clone(),
            customer: one.customer.clone(),
        })
        .collect();
    delivery_context.erp.link_customers(&links).await?;
    Ok(customers::mark_linked(&*rt.db, unlinked, now).await?)
}

/// Every quarter of an hour: open attempts, a number at a time, each ever more rarely. One whose invoice was paid another way,
/// cancelled or changed is given up, and so is one that nobody paid within PAY_OPEN_DAYS; one that Stripe never answered is
/// looked up.
pub async fn quarter(rt: &Runtime, config: &Config) -> Result<(), PayRefusal> {
    let (Ok(pay), Ok(delivery)) = (&config.pay, &config.delivery) else { return Ok(()) };
    let Ok(names) = database_names(delivery) else { return Ok(()) };
    let now = rt.clock.now();
    intents::purge(&*rt.db, now).await?;
    let waiting = intents::take_due(&*rt.db, &names, now).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let delivery_context = open_context(rt, config).await?;
    let client = Client::new(&*delivery_context.http, &delivery_context.delivery.stripe);
    let stale = |one: &OpenAttempt| now - one.opened >= pay.open_days * 86_400;
    let (mut canceled, mut asked) = (0, Vec::new());
    for one in &waiting {
        match &one.payment {
            Some(payment) if stale(one) && !is_under_way(one) => {
                canceled +=
                    usize::from(log_failure(rt, one.invoice, cancel(rt, &client, &one.key, payment, now).await));
            }
            Some(payment) => asked.push((one, payment)),
            None if now - one.opened >= KEY_LIFETIME_S => {
                log_failure(rt, one.invoice, find_lost_payment(rt, &client, one, stale(one), now).await);
            }
            None => {}
        }
    }
    if !asked.is_empty() {
        let ids: Vec<i64> = asked.iter().map(|(one, _)| one.invoice).collect();
        let found = delivery_context.erp.invoices(&ids).await?;
        for (one, payment) in asked {
            let invoice = found.invoices.iter().find(|invoice| invoice.id == one.invoice);
            if !is_wanted(one, invoice, pay) {
                canceled +=
                    usize::from(log_failure(rt, one.invoice, cancel(rt, &client, &one.key, payment, now).await));
            }
        }
    }
    rt.log.line(Level::Info, "payments_checked", json!({ "open": waiting.len(), "canceled": canceled }));
    Ok(())
}

/// Whether money is under way or arrived, as last heard of.
fn is_under_way(one: &OpenAttempt) -> bool {
    one.status.as_deref().is_some_and(|status| status == "parked" || AttemptState::from_status(status).is_taken())
}

/// One that could not be done now keeps no other from being done; the next run meets it again.
fn log_failure<T>(rt: &Runtime, invoice: i64, done: Result<T, PayRefusal>) -> bool {
    if let Err(PayRefusal { error, .. }) = &done {
        let fields = json!({ "invoice": invoice, "code": error.code.name(), "detail": error.detail });
        rt.log.line(Level::Warn, "payment_not_canceled", fields);
    }
    done.is_ok()
}

/// The ERP's database, where there is a pay page.
fn database_of(config: &Config) -> Option<&str> {
    let delivery = config.delivery.as_ref().ok().filter(|_| config.pay.is_ok())?;
    database(delivery).ok()
}

/// Whether the page would still offer this amount to this payer. Of what is already under way it is enough that so much
/// is open: it was begun in time.
fn is_wanted(one: &OpenAttempt, invoice: Option<&Invoice>, pay: &Pay) -> bool {
    let invoice = invoice.filter(|invoice| invoice.payable);
    let Some((invoice, offer)) = invoice.and_then(|i| Some((i, offer::offer_of(i, pay).ok()?))) else { return false };
    let Ok(money) = one.currency.parse().map(|currency| Money::new(one.minor, currency)) else { return false };
    if one.status.as_deref().is_some_and(|status| AttemptState::from_status(status).is_taken()) {
        return money.currency == offer.residual.currency && money.minor <= offer.residual.minor;
    }
    invoice.payer.commercial == one.partner && offer.allows(money)
}

/// Stripe never answered, and its key is no longer good: it is found by its metadata, or never was. Of one that is `stale`
/// nobody has what it takes to pay it, whatever Stripe says.
async fn find_lost_payment(
    rt: &Runtime,
    client: &Client<'_>,
    one: &OpenAttempt,
    stale: bool,
    now: i64,
) -> Result<(), PayRefusal> {
    let found = match stripe::find(client, &one.customer, &one.key, one.opened - 60).await {
        Err(_) if stale => None,
        answer => answer?,
    };
    match found {
        Some(intent) => Ok(intents::store_answer(&*rt.db, &one.key, &intent.id, &intent.status).await.map(drop)?),
        None => Ok(intents::close(&*rt.db, &one.key, None, None, now).await?),
    }
}

async fn open_context<'a>(rt: &Runtime, config: &'a Config) -> Result<DeliveryContext<'a>, PayRefusal> {
    let state = delivery::delivery_state(&*rt.db).await?;
    Ok(connection::open(rt, config, &state, rt.clock.now()).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice(residual: &str) -> Invoice {
        super::super::offer::tests::invoice(residual, "USD", &[])
    }

    fn waiting(minor: i64, status: &str) -> OpenAttempt {
        OpenAttempt {
            invoice: 5,
            key: "k".into(),
            minor,
            currency: "USD".into(),
            partner: 7,
            customer: "cus_1".into(),
            payment: Some("pi_1".into()),
            status: Some(status.into()),
            opened: 0,
        }
    }

    /// What is open counts, not what the invoice was over: what is under way may be a part of it, what is not yet paid may not.
    #[test]
    fn a_payment_is_wanted_as_far_as_so_much_is_open() {
        let pay = Pay {
            publishable_key: "pk_test_1".into(),
            embed_origins: vec![],
            partial: None,
            receipt_email: false,
            redirects: false,
            saved_cards: false,
            statement_suffix: true,
            open_days: 14,
        };
        for (minor, status, residual, stays) in [
            (6_000, "processing", "60", true),
            (4_000, "processing", "60", true),
            (6_001, "processing", "60", false),
            (6_000, "requires_capture", "60", true),
            (10_000, "requires_capture", "60", false),
            (6_000, "requires_payment_method", "60", true),
            (4_000, "requires_payment_method", "60", false),
            (6_001, "requires_payment_method", "60", false),
        ] {
            let found = is_wanted(&waiting(minor, status), Some(&invoice(residual)), &pay);
            assert_eq!(found, stays, "{minor} {status} of {residual}");
        }
        assert!(!is_wanted(&waiting(6_000, "processing"), None, &pay), "the invoice is gone");
    }
}
