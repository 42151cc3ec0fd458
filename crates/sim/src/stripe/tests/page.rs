//! What a page may and may not with its publishable key.

use quittance::http::Request;
use serde_json::Value;

use super::{ask, call, card, confirm, from_page, intent, listening};
use crate::stripe::fault::{ApiFault, Trouble};
use crate::stripe::object::Fields;

#[test]
fn a_page_reads_an_intent_by_its_secret_without_what_is_the_merchants() {
    let (mut stripe, _) = listening(1);
    let made = intent(&mut stripe, "usd", "&metadata[odoo_id]=7&description=INV");
    let path = format!("/v1/payment_intents/{}", made.text("id"));
    let secret = format!("client_secret={}", made.text("client_secret"));
    let (status, seen) = from_page(&mut stripe, "GET", &path, &secret);
    assert_eq!((status, seen.int("amount"), seen.text("description")), (200, 1099, "INV"));
    for hidden in ["metadata", "customer", "latest_charge", "amount_received"] {
        assert!(seen.get(hidden).is_none(), "{hidden}");
    }
    let with_key_in_header = Request::new("GET", format!("https://api.stripe.com{path}?{secret}"))
        .with("authorization", "Bearer pk_test_sim");
    assert_eq!(ask(&mut stripe, with_key_in_header).status, 200);
    for (path, form, status, param) in [
        (path.as_str(), "client_secret=pi_x_secret_y", 400, "client_secret"),
        (&path, "", 400, "client_secret"),
        ("/v1/payment_intents/pi_none", &secret, 404, "intent"),
        (&path, &format!("{secret}&expand[]=customer"), 400, "expand"),
    ] {
        let (got, body) = from_page(&mut stripe, "GET", path, form);
        assert_eq!((got, body["error"].text("param")), (status, param), "{form}: {body}");
    }
}

#[test]
fn a_page_may_nothing_else() {
    let (mut stripe, _) = listening(1);
    let made = intent(&mut stripe, "usd", "");
    let path = format!("/v1/payment_intents/{}", made.text("id"));
    let secret = made.text("client_secret");
    for (method, path) in [
        ("GET", "/v1/payment_intents"),
        ("POST", "/v1/payment_intents"),
        ("POST", &path),
        ("POST", &format!("{path}/cancel")),
        ("GET", "/v1/customers/search"),
        ("GET", "/v1/account"),
    ] {
        let (status, body) = from_page(&mut stripe, method, path, &format!("client_secret={secret}"));
        assert_eq!((status, body["error"].text("code")), (401, "secret_key_required"), "{method} {path}");
    }
    for form in ["amount=1", "customer=cus_1", "metadata[a]=b", "description=x"] {
        let (status, body) = confirm(&mut stripe, &made, &format!("{}&{form}", card("4242424242424242")));
        assert_eq!((status, body["error"].text("code")), (400, "parameter_unknown"), "{form}");
    }
    let live = Request::new("GET", format!("https://api.stripe.com{path}?client_secret={secret}&key=pk_live_sim"));
    assert_eq!(ask(&mut stripe, live).status, 404);
    let foreign = Request::new("GET", format!("https://api.stripe.com{path}?client_secret={secret}&key=pk_test_no"));
    assert_eq!(ask(&mut stripe, foreign).status, 401);
}

#[test]
fn browsers_are_answered_before_they_ask() {
    let (mut stripe, _) = listening(1);
    stripe.faults.add(ApiFault::next("/v1/", Trouble::Unavailable));
    let preflight = Request::new("OPTIONS", "https://api.stripe.com/v1/payment_intents/pi_1/confirm")
        .with("origin", "https://pay.example")
        .with("access-control-request-headers", "authorization,stripe-version");
    let answer = ask(&mut stripe, preflight);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some("*")));
    assert_eq!(answer.header("access-control-allow-headers"), Some("authorization,stripe-version"));
    let (status, _) = from_page(&mut stripe, "GET", "/v1/payment_intents/pi_1", "");
    assert_eq!(status, 503, "trouble waits for the request itself");
    let server = ask(&mut stripe, super::request("GET", "/v1/account", ""));
    assert_eq!(server.header("access-control-allow-origin"), None);
}

#[test]
fn what_a_payer_typed_is_not_kept() {
    let (mut stripe, _) = listening(1);
    let made = intent(&mut stripe, "usd", "");
    confirm(&mut stripe, &made, &card("4242424242424242"));
    let seen = stripe.seen.last().unwrap();
    assert!(seen.body.contains("exp_year") && !seen.body.contains("4242") && !seen.body.contains("pk_test"));
    let kept: Vec<&Value> = stripe.books(&stripe.home()).unwrap().all().collect();
    assert!(kept.iter().all(|object| !object.to_string().contains("4242424242424242")));
}

#[test]
fn the_script_stands_where_stripes_does() {
    let (mut stripe, _) = listening(1);
    let answer = ask(&mut stripe, Request::new("GET", "https://js.stripe.com/endive/stripe.js"));
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some("*")));
    assert_eq!(answer.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert!(String::from_utf8(answer.body).unwrap().contains("globalThis.Stripe"));
}

#[test]
fn an_element_is_told_which_methods_there_are() {
    let (mut stripe, _) = listening(1);
    for (currency, types) in [("usd", ["card", "us_bank_account"]), ("eur", ["card", "sepa_debit"])] {
        let made = intent(&mut stripe, currency, "");
        let form = format!("client_secret={}", made.text("client_secret"));
        let (_, session) = from_page(&mut stripe, "GET", "/v1/elements/sessions", &form);
        assert_eq!(session["ordered_payment_method_types"], serde_json::json!(types));
        let form = format!("deferred_intent[mode]=payment&deferred_intent[currency]={currency}");
        let (_, deferred) = from_page(&mut stripe, "GET", "/v1/elements/sessions", &form);
        assert_eq!(deferred["ordered_payment_method_types"], serde_json::json!(types));
    }
    let made = intent(&mut stripe, "usd", "&allowed_payment_method_types[]=card");
    let form = format!("client_secret={}", made.text("client_secret"));
    let (_, session) = from_page(&mut stripe, "GET", "/v1/elements/sessions", &form);
    assert_eq!(session["ordered_payment_method_types"], serde_json::json!(["card"]));
    let (_, gone) = call(&mut stripe, "GET", "/v1/elements/sessions", "");
    assert!(gone["error"].is_object(), "servers have no use for it");
}
