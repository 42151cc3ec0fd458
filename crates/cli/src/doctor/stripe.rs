//! Stripe as the key sees it: mode, permissions, clock and the webhook endpoint.

use quittance::config::{Secret, Stripe};
use quittance::error::{Code, Error};
use quittance::http::Request;
use quittance::ports::{Clock, Http};
use quittance::routes::WEBHOOK;
use quittance::stripe::client::{Client, TIMEOUT_MS};
use quittance::stripe::form::Form;
use quittance::stripe::version::PINNED_VERSION;
use serde::Deserialize;

use super::Finding;
use crate::ports::{SystemClock, block_on};
use crate::settings::Settings;
use crate::stripe::endpoint::{self, Endpoint, types};

/// What the Worker reads, each by the smallest request.
const READ: [&str; 6] = [
    "/v1/payment_intents",
    "/v1/charges",
    "/v1/invoices",
    "/v1/invoice_payments",
    "/v1/checkout/sessions",
    "/v1/events",
];
/// Stripe and the Worker refuse signatures that are further from their clocks.
const CLOCK_MOST: i64 = 300;

#[derive(Deserialize)]
struct Account {
    id: String,
}

pub fn examine(config: &Stripe, secrets: &[Secret], http: &dyn Http) -> Vec<Finding> {
    let client = Client::new(http, config);
    let account = block_on(client.get("/v1/account", &Form::new())).and_then(|body| body.read::<Account>());
    let account = match account {
        Ok(account) => account,
        Err(error) => return vec![Finding::error("stripe key", error)],
    };
    let mode = if config.livemode() { "live" } else { "test" };
    let mut findings = vec![Finding::good("stripe key", format!("account {}, {mode} mode", account.id))];
    findings.push(permissions(&client));
    findings.push(clock(config, http));
    findings.push(match secrets.len() {
        0 => Finding::bad("stripe secret", "STRIPE_WEBHOOK_SECRETS is not set: run `quittance setup stripe`"),
        many => Finding::good("stripe secret", format!("{many} known")),
    });
    findings
}

/// The webhook endpoint, looked at with the key that sets up.
pub fn hook(settings: &Settings, url: Option<&str>, http: &dyn Http) -> Finding {
    let what = "stripe endpoint";
    let config = match crate::stripe::config(settings) {
        Ok(config) => config,
        Err(fail) => return Finding::bad(what, fail.to_string()),
    };
    match block_on(endpoint::list(&Client::new(http, &config))) {
        Ok(endpoints) => compare(&endpoints, url),
        // The Worker's key need not see endpoints.
        Err(error) if error.code == Code::StripeAuth => {
            Finding::note(what, "not looked at: the key may not read webhook endpoints; set STRIPE_SETUP_API_KEY")
        }
        Err(error) => Finding::error(what, error),
    }
}

fn permissions(client: &Client<'_>) -> Finding {
    let refused: Vec<Error> =
        READ.iter().filter_map(|path| block_on(client.get(path, &Form::new().with("limit", "1"))).err()).collect();
    match refused.first() {
        None => Finding::good("stripe permissions", "everything that is read may be read"),
        Some(first) => Finding::error("stripe permissions", first.clone()),
    }
}

/// The `Date` of any answer, against this machine: `quittance setup odoo` takes the first instant from here.
fn clock(config: &Stripe, http: &dyn Http) -> Finding {
    let what = "clock";
    let request = Request::new("GET", format!("{}/v1/account", config.base))
        .with("authorization", format!("Bearer {}", config.api_key.reveal()));
    let response = block_on(http.send(request, TIMEOUT_MS));
    let theirs = response.ok().and_then(|r| r.header("date").and_then(instant));
    match theirs.map(|theirs| (SystemClock.now() - theirs).abs()) {
        None => Finding::note(what, "not compared: Stripe's answer has no readable date"),
        Some(apart) if apart <= CLOCK_MOST => Finding::good(what, format!("{apart} s from Stripe's")),
        Some(apart) => Finding::bad(what, format!("{apart} s from Stripe's: set this machine's clock")),
    }
}

fn instant(date: &str) -> Option<i64> {
    let since = httpdate::parse_http_date(date).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

fn compare(endpoints: &[Endpoint], url: Option<&str>) -> Finding {
    let what = "stripe endpoint";
    let Some(url) = url else {
        return Finding::note(what, "not compared: give the Worker's address with --url or WORKER_URL");
    };
    let address = format!("{url}{WEBHOOK}");
    let advice = "run `quittance setup stripe`";
    let Some(found) = endpoints.iter().find(|e| e.url == address) else {
        return Finding::bad(what, format!("none delivers to {address}: {advice}"));
    };
    if found.status != "enabled" {
        return Finding::bad(what, format!("{} is {}: {advice}", found.id, found.status));
    }
    if found.api_version.as_deref() != Some(PINNED_VERSION) {
        let theirs = found.api_version.as_deref().unwrap_or("the account's default");
        return Finding::bad(what, format!("{} has API version {theirs}, not {PINNED_VERSION}: {advice}", found.id));
    }
    if found.enabled_events != types() {
        return Finding::bad(what, format!("{} has other event types than this version reads: {advice}", found.id));
    }
    Finding::good(what, format!("{} delivers {} types in version {PINNED_VERSION}", found.id, types().len()))
}
