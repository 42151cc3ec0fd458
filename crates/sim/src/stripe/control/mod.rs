//! Test controls over HTTP, under `/_sim/`: JSON in, JSON out, no key.
//!
//! | path | body | does |
//! | --- | --- | --- |
//! | `POST /_sim/pay` | [`Pay`] | somebody pays |
//! | `POST /_sim/pay_elsewhere` | `{"bill": Bill, "currency", "from_balance"}` | an invoice is paid without Stripe |
//! | `POST /_sim/authenticate` | `{"payment_intent", "passed"}` | the payer answers 3-D Secure |
//! | `POST /_sim/capture`, `/_sim/cancel` | `{"payment_intent", "amount" or "reason"}` | from the dashboard |
//! | `POST /_sim/fund` | `{"payment_intent", "amount"}` | a part of a bank transfer arrives |
//! | `POST /_sim/settings` | [`Terms`] | fees, rates, delays from now on; what is not named stays |
//! | `POST /_sim/entry` | [`Entry`](super::balance::Entry) | a balance transaction of any type, by hand |
//! | `POST /_sim/refund` | [`Refund`](super::merchant::Refund) | from the dashboard |
//! | `POST /_sim/end_refund` | `{"refund", "end"}`, see [`RefundEnd`](super::refund::RefundEnd) | it arrives, fails, is called off |
//! | `POST /_sim/dispute` | [`Dispute`](super::merchant::Dispute) | a payer's bank disputes |
//! | `POST /_sim/move_dispute` | `{"dispute", "step"}`, see [`DisputeStep`](super::dispute::DisputeStep) | it goes on |
//! | `POST /_sim/payout` | [`Payout`](super::merchant::Payout) | by hand |
//! | `POST /_sim/payout_now` | `{"currency"}` | the automatic payout of a currency, at once |
//! | `POST /_sim/move_payout` | `{"payout", "step"}`, see [`PayoutStep`](super::payout::PayoutStep) | it goes on |
//! | `POST /_sim/fail_late` | `{"payment", "code"}` | a delayed method that had paid fails after all |
//! | `POST /_sim/topup`, `/_sim/reserve` | `{"amount", "currency"}` | money comes from the bank, is held back or (negative) freed |
//! | `POST /_sim/transfer`, `/_sim/application_fee` | `{"amount", "currency", "account"}` | to, from a connected account |
//! | `POST /_sim/reverse` | `{"id", "amount"}` | a `tu_…`, `tr_…` or `fee_…` goes back, the last two in parts |
//! | `POST /_sim/webhook` | `{"url", "secrets", "connect", "thin"}` | adds an endpoint for all types |
//! | `POST /_sim/roll` | `{"endpoint", "secret", "keep_ms"}` | a new secret beside the old |
//! | `GET /_sim/deliveries` | | all deliveries with their tries |
//! | `POST /_sim/resend` | `{"delivery"}` | sends an event once more |
//! | `POST /_sim/dial` | [`Dial`] | what goes wrong with deliveries |
//! | `POST /_sim/faults` | list of [`ApiFault`] | what goes wrong with API requests; `[]` ends it |
//! | `POST /_sim/lag` | `{"search_ms"}` | how late a search finds what is new |
//! | `POST /_sim/clock` | `{"advance_ms"}` | moves the time on, doing on the way what falls due |
//! | `GET /_sim/requests` | | API requests seen |
//! | `POST /_sim/reset` | | forgets everything |

mod money;
mod terms;

use quittance::http::Request;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Stripe;
use super::api::{ApiError, json_response};
use super::fault::ApiFault;
use super::merchant::{Bill, Pay};
use super::webhook::Dial;
use crate::Reply;
pub use terms::Terms;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Elsewhere {
    bill: Bill,
    currency: String,
    #[serde(default)]
    from_balance: bool,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Intent {
    payment_intent: String,
    #[serde(default)]
    passed: bool,
    amount: Option<i64>,
    reason: Option<String>,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listen {
    url: String,
    secrets: Vec<String>,
    #[serde(default)]
    connect: bool,
    #[serde(default)]
    thin: bool,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Roll {
    endpoint: String,
    secret: String,
    keep_ms: i64,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resend {
    delivery: u64,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: i64,
}
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lag {
    search_ms: i64,
}

pub(super) fn serve(stripe: &mut Stripe, request: &Request) -> Reply {
    Reply::now(
        work(stripe, request).map_or_else(|refused| refused.response("req_sim"), |body| json_response(200, &body)),
    )
}

fn work(stripe: &mut Stripe, request: &Request) -> Result<Value, ApiError> {
    let body = request.body.as_slice();
    let done = |()| json!({"ok": true});
    match (request.method.as_str(), request.path().strip_prefix("/_sim/").unwrap_or_default()) {
        ("POST", "pay") => stripe.pay(&read::<Pay>(body)?).map(|paid| json!(paid)),
        ("POST", "pay_elsewhere") => {
            let asked: Elsewhere = read(body)?;
            Ok(json!({"invoice": stripe.pay_elsewhere(&asked.bill, &asked.currency, asked.from_balance)}))
        }
        ("POST", "authenticate") => {
            let asked: Intent = read(body)?;
            stripe.authenticate(&asked.payment_intent, asked.passed).map(done)
        }
        ("POST", "capture") => {
            let asked: Intent = read(body)?;
            stripe.capture(&asked.payment_intent, asked.amount).map(done)
        }
        ("POST", "cancel") => {
            let asked: Intent = read(body)?;
            stripe.cancel(&asked.payment_intent, asked.reason.as_deref()).map(done)
        }
        ("POST", "fund") => {
            let asked: Intent = read(body)?;
            stripe.fund(&asked.payment_intent, asked.amount.unwrap_or(0)).map(done)
        }
        ("POST", "webhook") => {
            let asked: Listen = read(body)?;
            let secrets: Vec<&str> = asked.secrets.iter().map(String::as_str).collect();
            Ok(json!({"endpoint": stripe.listen(&asked.url, &secrets, asked.connect, asked.thin)}))
        }
        ("POST", "roll") => {
            let asked: Roll = read(body)?;
            stripe.roll(&asked.endpoint, &asked.secret, asked.keep_ms);
            Ok(done(()))
        }
        ("GET", "deliveries") => Ok(json!({"deliveries": stripe.deliveries()})),
        ("POST", "resend") => Ok(json!({"delivery": stripe.resend(read::<Resend>(body)?.delivery)})),
        ("POST", "dial") => {
            *stripe.dial() = read::<Dial>(body)?;
            Ok(done(()))
        }
        ("POST", "faults") => {
            stripe.faults.clear();
            read::<Vec<ApiFault>>(body)?.into_iter().for_each(|fault| stripe.faults.add(fault));
            Ok(done(()))
        }
        ("POST", "lag") => {
            stripe.settings.search_lag_ms = read::<Lag>(body)?.search_ms;
            Ok(done(()))
        }
        ("POST", "clock") => {
            let end = stripe.clock.now_ms() + read::<Advance>(body)?.advance_ms;
            while let Some(due) = stripe.agenda.next_due().filter(|due| *due <= end) {
                stripe.clock.advance_to(due);
                stripe.run_agenda();
            }
            stripe.clock.advance_to(end);
            stripe.run_agenda();
            Ok(json!({"now_ms": stripe.clock.now_ms()}))
        }
        ("GET", "requests") => Ok(json!({"requests": stripe.seen})),
        ("POST", "reset") => {
            stripe.reset();
            Ok(done(()))
        }
        ("POST", "settings") => {
            read::<Terms>(body)?.apply(&mut stripe.settings)?;
            stripe.plan_payout(&stripe.outside(None, None), 0);
            Ok(done(()))
        }
        ("POST", verb) => money::work(stripe, verb, body),
        _ => Err(unknown()),
    }
}

fn unknown() -> ApiError {
    let message = "No such control: see crates/sim/src/stripe/control/mod.rs.";
    ApiError::new(404, "invalid_request_error", None, message)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|wrong| ApiError::new(400, "invalid_request_error", None, wrong.to_string()))
}
