//! `/v1/payment_methods`, and the making of them: typed by a payer, behind a test token, or as a test wants it.

use serde_json::Value;

use super::error::ApiError;
use super::list;
use super::params::Params;
use super::{read, write};
use crate::stripe::Stripe;
use crate::stripe::books::Scope;
use crate::stripe::cards;
use crate::stripe::method::{Method, message};
use crate::stripe::object::Fields;
use crate::stripe::objects::payment_method;

const KIND: &str = "payment_method";
/// What cards expire in when nobody typed it.
const EXPIRES: (i64, i64) = (12, 2034);
/// The test account that pays.
const ACCOUNT: &str = "000123456789";

/// The id of a payment method: itself, or a new one behind a test token.
pub fn held(stripe: &mut Stripe, scope: &Scope, token: &str) -> Result<String, ApiError> {
    if stripe.get(scope, KIND, token).is_some() {
        return Ok(token.to_owned());
    }
    let method = Method::of_token(token).ok_or_else(|| ApiError::no_such("PaymentMethod", token, KIND, false))?;
    let number = cards::behind(token).unwrap_or(ACCOUNT);
    Ok(add(stripe, scope, method, |id, now, live| usual(id, now, live, number)))
}

/// A new payment method that does what a test wants.
pub fn like(stripe: &mut Stripe, scope: &Scope, method: &Method) -> String {
    let number = if method.is_debit() { ACCOUNT } else { cards::like(method) };
    add(stripe, scope, method.clone(), |id, now, live| usual(id, now, live, number))
}

/// A card that no PaymentIntent knows, for charges that are made without one.
pub fn plain(now: i64, livemode: bool) -> Value {
    usual("", now, livemode, cards::like(&Method::Card))
}

fn usual(id: &str, now: i64, livemode: bool, number: &str) -> Value {
    match number {
        ACCOUNT => payment_method::debit(id, now, livemode, "us_bank_account", number),
        _ => payment_method::card(id, now, livemode, number, EXPIRES, true),
    }
}

fn add(stripe: &mut Stripe, scope: &Scope, method: Method, make: impl Fn(&str, i64, bool) -> Value) -> String {
    let id = stripe.id("pm_1", 23);
    let made = make(&id, stripe.now(), scope.place.livemode);
    stripe.books_mut(&scope.place).put(made);
    stripe.methods.insert(id.clone(), method);
    id
}

/// Makes what `payment_method_data` describes. Wrong card data is a card error and touches nothing.
pub fn of_data(stripe: &mut Stripe, scope: &Scope, data: &Params) -> Result<String, ApiError> {
    data.only(&["type", "card", "us_bank_account", "sepa_debit", "billing_details", "allow_redisplay", "metadata"])?;
    let kind = data.require("type")?;
    let own = data.child(kind);
    let id = match kind {
        "card" => card(stripe, scope, &own)?,
        "us_bank_account" => debit(stripe, scope, kind, own.require("account_number")?)?,
        "sepa_debit" => debit(stripe, scope, kind, own.require("iban")?)?,
        other => return Err(ApiError::invalid("payment_method_data[type]", format!("Invalid type: {other}"))),
    };
    let mut made = read::retrieve(stripe, scope, KIND, &id)?;
    let typed = data.child("billing_details");
    let details = &mut made["billing_details"];
    write::texts(details, &typed, &["email", "name", "phone"]);
    let address = ["city", "country", "line1", "line2", "postal_code", "state"];
    write::texts(&mut details["address"], &typed.child("address"), &address);
    write::texts(&mut made, data, &["allow_redisplay"]);
    Ok(stripe.change(scope, KIND, &id, made).object.text("id").to_owned())
}

fn card(stripe: &mut Stripe, scope: &Scope, card: &Params) -> Result<String, ApiError> {
    card.only(&["number", "exp_month", "exp_year", "cvc", "networks"])?;
    let number: String = card.require("number")?.chars().filter(|c| !c.is_whitespace()).collect();
    if !(12..=19).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong("invalid_number", "number", "This cannot be the number of a card."));
    }
    if !cards::luhn(&number) {
        return Err(wrong("incorrect_number", "number", message("incorrect_number")));
    }
    let expires = expiry(stripe.now(), card)?;
    let cvc = card.text("cvc").unwrap_or_default();
    let digits = if cards::brand(&number) == "amex" { 3..=4 } else { 3..=3 };
    let possible = digits.contains(&cvc.len()) && cvc.bytes().all(|b| b.is_ascii_digit());
    if !cvc.is_empty() && !possible {
        return Err(wrong("invalid_cvc", "cvc", "This cannot be the security code of a card."));
    }
    let method = cards::method(&number).unwrap_or_else(|| Method::Declined("test_mode_live_card".into()));
    let make = |id: &str, now, live| payment_method::card(id, now, live, &number, expires, !cvc.is_empty());
    Ok(add(stripe, scope, method, make))
}

/// Month and year of a card that has not expired.
fn expiry(now: i64, card: &Params) -> Result<(i64, i64), ApiError> {
    card.require("exp_month")?;
    card.require("exp_year")?;
    let (month, year) = (card.int("exp_month")?.unwrap_or(0), card.int("exp_year")?.unwrap_or(0));
    let year = if (0..100).contains(&year) { 2000 + year } else { year };
    let (this_year, this_month, _) = quittance::date::date(now);
    if !(1..=12).contains(&month) || (year == this_year && month < this_month) {
        return Err(wrong("invalid_expiry_month", "exp_month", "The expiration month is wrong, or in the past."));
    }
    if year < this_year || year > this_year + 50 {
        return Err(wrong("invalid_expiry_year", "exp_year", "The expiration year is wrong, or in the past."));
    }
    Ok((month, year))
}

fn debit(stripe: &mut Stripe, scope: &Scope, kind: &str, typed: &str) -> Result<String, ApiError> {
    let account: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let Some(method) = cards::debit(&account).filter(|_| account.starts_with("DE") == (kind == "sepa_debit")) else {
        let (code, param) = match kind {
            "sepa_debit" => ("invalid_bank_account_iban", "sepa_debit[iban]"),
            _ => ("account_number_invalid", "us_bank_account[account_number]"),
        };
        return Err(ApiError::param(code, &format!("payment_method_data[{param}]"), "This is not a test account."));
    };
    Ok(add(stripe, scope, method, |id, now, live| payment_method::debit(id, now, live, kind, &account)))
}

fn wrong(code: &str, param: &str, message: &str) -> ApiError {
    let refused = ApiError::new(402, "card_error", Some(code), message);
    ApiError { param: Some(param.to_owned()), ..refused }
}

/// Refuses a type of method that a PaymentIntent does not take.
pub fn accepted(intent: &Value, kind: &str) -> Result<(), ApiError> {
    let types = intent["payment_method_types"].as_array().map_or(&[][..], Vec::as_slice);
    if types.iter().any(|known| known == kind) {
        return Ok(());
    }
    let message = format!("This PaymentIntent does not take payment methods of type {kind}.");
    Err(ApiError::param("payment_intent_incompatible_payment_method", "payment_method", message))
}

/// `GET /v1/customers/{id}/payment_methods`
pub fn of_customer(stripe: &Stripe, scope: &Scope, customer: &str, params: &Params) -> Result<Value, ApiError> {
    params.only(&["type", "allow_redisplay", "limit", "starting_after", "ending_before"])?;
    let known = read::retrieve(stripe, scope, "customer", customer)?;
    if known.flag("deleted") {
        return Err(ApiError::no_such("customer", customer, "customer", true));
    }
    let rows = stripe.having(scope, KIND, |method| {
        let holds = |field: &str| params.text(field).is_none_or(|wanted| method.text(field) == wanted);
        method.text("customer") == customer && holds("type") && holds("allow_redisplay")
    });
    list::page(&format!("/v1/customers/{customer}/payment_methods"), rows, params)
}

/// Takes a method away from its customer.
pub fn detach(stripe: &mut Stripe, scope: &Scope, id: &str) -> Result<Value, ApiError> {
    let before = read::retrieve(stripe, scope, KIND, id)?;
    if before.maybe("customer").is_none() {
        return Err(ApiError::invalid("payment_method", "The payment method belongs to no customer."));
    }
    let change = stripe.change(scope, KIND, id, serde_json::json!({"customer": null}));
    stripe.emit(scope, "payment_method.detached", &change.object, Some(change.previous));
    Ok(change.object)
}
