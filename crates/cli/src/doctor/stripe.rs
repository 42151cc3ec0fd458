//! Stripe as the Worker's key sees it: account, mode, permissions; and the signing secrets.

use std::collections::BTreeSet;

use quittance::config::{Config, Stripe, webhook};
use quittance::error::{Code, Error};
use quittance::ports::Http;
use quittance::stripe::client::Client;
use quittance::stripe::form::Form;
use serde::Deserialize;

use super::Finding;
use crate::ports::block_on;

/// What the Worker reads, each by the smallest request.
const READ: [&str; 10] = [
    "/v1/payment_intents",
    "/v1/charges",
    "/v1/invoices",
    "/v1/invoice_payments",
    "/v1/checkout/sessions",
    "/v1/events",
    "/v1/balance_transactions",
    "/v1/refunds",
    "/v1/disputes",
    "/v1/payouts",
];

#[derive(Deserialize)]
struct Account {
    id: String,
}

/// Whether the key works at all comes first; without that nothing else is asked.
pub fn examine(config: &Stripe, http: &dyn Http) -> Vec<Finding> {
    let client = Client::new(http, config);
    let account = block_on(client.get("/v1/account", &Form::new())).and_then(|body| body.parse::<Account>());
    let account = match account {
        Ok(account) => account,
        Err(error) => return vec![Finding::error("stripe key", error)],
    };
    let mode = if config.livemode() { "live" } else { "test" };
    vec![Finding::good("stripe key", format!("account {}, {mode} mode", account.id)), permissions(&client)]
}

/// The signing secrets known here.
pub fn secrets(config: &Config) -> Finding {
    let what = "stripe secret";
    match (webhook::complaint(&config.webhook_secrets_wrong), config.webhook_secrets.len()) {
        (Some(complaint), _) => Finding::bad(what, complaint),
        (None, 0) => Finding::bad(what, "STRIPE_WEBHOOK_SECRETS is not set: run `quittance setup stripe`"),
        (None, many) => Finding::good(what, format!("{many} known{}", other_mode_secrets(config))),
    }
}

/// A secret of the other mode signs nothing that this ledger books.
fn other_mode_secrets(config: &Config) -> String {
    let other = config.webhook_secrets.iter().filter(|known| Some(known.endpoint.livemode) != config.livemode).count();
    if other == 0 { String::new() } else { format!(", {other} of them of the other mode, whose events are not booked") }
}

/// All that is refused, by the names of the permissions where Stripe tells them and by the paths where it does not.
fn permissions(client: &Client<'_>) -> Finding {
    let what = "stripe permissions";
    let one = Form::new().with("limit", "1");
    let refused = READ.iter().filter_map(|path| Some((*path, block_on(client.get(path, &one)).err()?)));
    let (refused, failed): (Vec<_>, Vec<_>) = refused.partition(|(_, error)| error.code == Code::StripeAuth);
    if let (true, Some((_, error))) = (refused.is_empty(), failed.first()) {
        return Finding::error(what, error.clone());
    }
    let missing: BTreeSet<String> = refused.iter().map(|(path, error)| name(path, error)).collect();
    match missing.is_empty() {
        true => Finding::good(what, "everything that is read may be read"),
        false => {
            let missing = missing.into_iter().collect::<Vec<_>>().join(", ");
            Finding::bad(what, format!("the key lacks {missing}: add to it in Stripe's dashboard, API keys"))
        }
    }
}

fn name(path: &str, error: &Error) -> String {
    let mut words = error.detail.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.find(|word| word.starts_with("rak_")).map_or_else(|| format!("reading {path}"), str::to_owned)
}
