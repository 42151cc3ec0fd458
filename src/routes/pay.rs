//! The pay page's doors: its API, its shell, the script that embeds it, a company's logo.

use serde::Deserialize;

use super::body::{BODY_BYTES_SMALL, checked_body};
use super::limits;
use crate::config::Config;
use crate::error::Code;
use crate::flow::pay::{self, PayRefusal, PayRequest};
use crate::http::{Request, Response};
use crate::ports::Runtime;

/// Where the page begins a payment.
pub const BEGIN: &str = "/api/payment-intents";
/// Where a portal token stands when it is sent alone.
const TOKEN: &str = "x-access-token";

#[derive(Deserialize)]
struct Body {
    invoice: i64,
    access_token: String,
    #[serde(default)]
    database: Option<String>,
    #[serde(default)]
    amount: Option<String>,
}

/// Whether a number can be a record's id at all: Odoo's are PostgreSQL's int4, and a larger one is an error there.
pub fn is_id(number: i64) -> bool {
    (1..=i64::from(i32::MAX)).contains(&number)
}

/// `POST /api/payment-intents`.
pub async fn begin(rt: &Runtime, config: &Config, request: &Request) -> Response {
    let Some(body) = body(&request.body) else { return refuse(rt, Code::RequestInvalid.into(), 0) };
    let invoice = body.invoice;
    if !is_id(invoice) {
        return refuse(rt, Code::InvoiceNotFound.into(), invoice);
    }
    let database = body.database.as_deref().filter(|name| !name.is_empty());
    let asked = PayRequest { invoice, token: &body.access_token, database, amount: None };
    if !limits::may_begin(rt, request, &asked).await {
        return refuse(rt, Code::RateLimited.into(), invoice);
    }
    let amount = match body.amount.as_deref().map(|text| text.parse().ok().filter(|_| crate::config::amount(text))) {
        Some(None) => return refuse(rt, Code::AmountNotAllowed.into(), invoice),
        other => other.flatten(),
    };
    answer(rt, pay::begin(rt, config, &PayRequest { amount, ..asked }).await, invoice)
}

/// `GET /api/invoices/{id}/payment`.
pub async fn payment(rt: &Runtime, config: &Config, request: &Request, invoice: i64) -> Response {
    if !limits::may_ask(rt, request).await {
        return refuse(rt, Code::RateLimited.into(), invoice);
    }
    let token = request.header(TOKEN).unwrap_or("");
    answer(rt, pay::status::payment_status(rt, config, invoice, token).await, invoice)
}

/// `GET /pay/logo/{company}`. An SVG may hold a script: opened by itself it may do nothing.
pub async fn logo(rt: &Runtime, config: &Config, request: &Request, company: i64) -> Response {
    if !limits::may_ask(rt, request).await {
        return too_many(rt);
    }
    match pay::logo::company_logo(rt, config, company).await {
        Ok(logo) => Response { status: 200, headers: vec![("content-type".into(), logo.media_type)], body: logo.bytes }
            .with("cache-control", format!("public, max-age={}", pay::logo::CACHE_TTL_S))
            .with("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
            .with("x-content-type-options", "nosniff"),
        Err(refused) => refuse(rt, refused, 0),
    }
}

fn body(bytes: &[u8]) -> Option<Body> {
    serde_json::from_slice(checked_body(bytes, BODY_BYTES_SMALL).ok()?).ok()
}

fn answer(rt: &Runtime, done: Result<serde_json::Value, PayRefusal>, invoice: i64) -> Response {
    match done {
        Ok(body) => Response::json(200, &body).with("cache-control", "no-store"),
        Err(refused) => refuse(rt, refused, invoice),
    }
}

/// One too many.
pub fn too_many(rt: &Runtime) -> Response {
    refuse(rt, Code::RateLimited.into(), 0)
}

fn refuse(rt: &Runtime, refused: PayRefusal, invoice: i64) -> Response {
    refused.response(&*rt.log, invoice)
}
