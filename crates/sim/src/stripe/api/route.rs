//! The table of paths.

use quittance::http::Request;
use serde_json::Value;

use super::error::ApiError;
use super::params::Params;
use super::{
    balance_transactions, customer_sessions, customers, events, expand, payment_intents, payment_method_domains,
};
use super::{payment_methods, payouts, read, refunds, search, webhook_endpoints};
use crate::stripe::Stripe;
use crate::stripe::books::Scope;
use crate::stripe::object::PATHS;

/// Does what a request asks for and gives the object it answers with.
pub fn work(stripe: &mut Stripe, scope: &Scope, request: &Request, p: &Params) -> Result<Value, ApiError> {
    let path = request.path().strip_prefix("/v1/").unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let s = stripe;
    let mut object = match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["account"]) => read::account(s, &scope.place.account),
        ("GET", ["accounts", id]) => read::account(s, id),
        ("POST", ["payment_intents"]) => payment_intents::create(s, scope, p, true),
        ("POST", ["payment_intents", id]) => payment_intents::update(s, scope, id, p),
        ("POST", ["payment_intents", id, "confirm"]) => payment_intents::confirm(s, scope, id, p),
        ("POST", ["payment_intents", id, "capture"]) => payment_intents::capture(s, scope, id, p),
        ("POST", ["payment_intents", id, "cancel"]) => payment_intents::cancel(s, scope, id, p),
        ("POST", ["customers"]) => customers::create(s, scope, p),
        ("POST", ["customers", id]) => customers::update(s, scope, id, p),
        ("DELETE", ["customers", id]) => customers::delete(s, scope, id),
        ("GET", ["customers", id, "payment_methods"]) => payment_methods::of_customer(s, scope, id, p),
        ("POST", ["customer_sessions"]) => customer_sessions::create(s, scope, p),
        ("POST", ["payment_methods", id, "detach"]) => payment_methods::detach(s, scope, id),
        ("POST", ["refunds"]) => refunds::create(s, scope, p),
        ("POST", ["refunds", id]) => refunds::update(s, scope, id, p),
        ("POST", ["refunds", id, "cancel"]) => refunds::cancel(s, scope, id, p),
        ("GET", ["payouts"]) => payouts::list(s, scope, p),
        ("POST", ["payouts"]) => payouts::create(s, scope, p),
        ("POST", ["payouts", id]) => payouts::update(s, scope, id, p),
        ("POST", ["payouts", id, "cancel"]) => payouts::cancel(s, scope, id, p),
        ("GET", ["balance"]) => Ok(s.balance(scope)),
        ("GET", ["balance_transactions"]) => balance_transactions::list(s, scope, p),
        ("GET", ["events"]) => events::list(s, scope, p),
        ("GET", ["events", id]) => events::retrieve(s, scope, id),
        ("POST", ["webhook_endpoints"]) => webhook_endpoints::create(s, scope, p),
        ("POST", ["webhook_endpoints", id]) => webhook_endpoints::update(s, scope, id, p),
        ("DELETE", ["webhook_endpoints", id]) => webhook_endpoints::delete(s, scope, id),
        ("POST", ["payment_method_domains"]) => payment_method_domains::create(s, scope, p),
        ("POST", ["payment_method_domains", id]) => payment_method_domains::update(s, scope, id, p),
        ("GET", ["checkout", "sessions"]) => read::list(s, scope, "checkout.session", p),
        ("GET", ["checkout", "sessions", id]) => read::retrieve(s, scope, "checkout.session", id),
        ("GET", [plural @ ("customers" | "payment_intents" | "charges" | "invoices"), "search"]) => {
            search::search(s, scope, kind_of(request, plural)?, p)
        }
        ("GET", [plural]) => read::list(s, scope, kind_of(request, plural)?, p),
        ("GET", [plural, id]) => read::retrieve(s, scope, kind_of(request, plural)?, id),
        _ => Err(unknown(request)),
    }?;
    expand::expand(s, scope, &mut object, p)?;
    Ok(object)
}

fn kind_of(request: &Request, plural: &str) -> Result<&'static str, ApiError> {
    let path = format!("/v1/{plural}");
    PATHS.iter().find(|(_, known)| *known == path).map(|(kind, _)| *kind).ok_or_else(|| unknown(request))
}

fn unknown(request: &Request) -> ApiError {
    let message = format!("Unrecognized request URL ({}: {}).", request.method, request.path());
    ApiError::new(404, "invalid_request_error", None, message)
}

/// The resource and verb of the permission that a request needs, `("payment_intent", "write")`.
pub fn permission(request: &Request) -> (String, &'static str) {
    let path = request.path().strip_prefix("/v1/").unwrap_or_default();
    let first = path.split('/').next().unwrap_or_default();
    let resource = match first {
        "webhook_endpoints" => "webhook".to_owned(),
        "checkout" => "checkout_session".to_owned(),
        "invoice_payments" => "invoice".to_owned(),
        "account" | "accounts" => "accounts_kyc_basic".to_owned(),
        plural => plural.trim_end_matches('s').to_owned(),
    };
    (resource, if request.method == "GET" { "read" } else { "write" })
}
