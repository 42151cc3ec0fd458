//! One call: what is sent, and what each answer means.

use quittance::error::Code;
use quittance::http::Response;
use quittance::ports::HttpFault;
use quittance::stripe::client::{Client, TIMEOUT_MS};
use quittance::stripe::form::{Form, segment};
use quittance::stripe::retry::{RetryAdvice, retry_advice};
use quittance::stripe::version::{PINNED_VERSION, same_train};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::script::{KEY, Script, config, decode, run};

#[test]
fn a_get_carries_key_version_and_only_a_connected_account() {
    for (account, header) in [("acct_1Connected", Some("acct_1Connected")), ("acct_1Qa7Books", None)] {
        let (http, config) = (Script::ok([json!({"id": "pi_1"})]), config());
        let query = Form::new().with("expand[]", "latest_charge");
        let body =
            run(Client::new(&http, &config).for_account(account).get("/v1/payment_intents/pi_1", &query)).unwrap();
        assert_eq!(body.parse::<Value>().unwrap(), json!({"id": "pi_1"}));
        let asked = http.asked.borrow();
        let (request, timeout) = &asked[0];
        assert_eq!((request.method.as_str(), *timeout), ("GET", TIMEOUT_MS));
        assert!(request.url.starts_with("https://api.stripe.test/v1/payment_intents/pi_1?"));
        assert_eq!(request.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
        assert_eq!(request.header("stripe-version"), Some(PINNED_VERSION));
        assert_eq!(request.header("stripe-account"), header);
        assert_eq!(request.header("idempotency-key"), None);
    }
}

#[test]
fn a_post_carries_a_form_and_its_idempotency_key() {
    let (http, config) = (Script::ok([json!({})]), config());
    let form = Form::new().with("url", "https://a.example/?b=c&d").with_each("enabled_events", ["a.b", "*"]);
    run(Client::new(&http, &config).post("/v1/webhook_endpoints", &form, "key-1")).unwrap();
    let asked = http.asked.borrow();
    let request = &asked[0].0;
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.header("idempotency-key"), Some("key-1"));
    let body = String::from_utf8(request.body.clone()).unwrap();
    assert_eq!(
        body.split('&').map(decode).collect::<Vec<_>>(),
        ["url=https://a.example/?b=c&d", "enabled_events[]=a.b", "enabled_events[]=*"]
    );
}

#[test]
fn forms_escape_everything_that_means_something() {
    let form = Form::new().with("metadata[a&b]", "50 % = ½+");
    assert_eq!(form.as_str(), "metadata%5Ba%26b%5D=50%20%25%20%3D%20%C2%BD%2B");
    assert_eq!(segment("../charges?x#y"), "%2E%2E%2Fcharges%3Fx%23y");
    assert_eq!(segment("cs_test_a1B2-c"), "cs_test_a1B2-c");
}

fn refused(status: u16, error: Value) -> Response {
    Response::json(status, &json!({ "error": error })).with("request-id", "req_7")
}

#[test]
fn every_refusal_has_its_code() {
    let rights = "The provided key 'rk_test_*******cret' does not have the required permissions for this endpoint on \
                  account 'acct_1'. Having the 'rak_payment_intent_read' permission would allow this request to continue.";
    let kind = |kind: &str| json!({"type": kind});
    let code = |code: &str| json!({"type": "invalid_request_error", "code": code});
    let again = |response: Response, word: &str| response.with("Stripe-Should-Retry", word);
    for (answer, expected, named) in [
        (Ok(refused(401, json!({"message": "Invalid API Key provided: rk_test_*****"}))), Code::StripeAuth, "401"),
        (Ok(refused(401, code("api_key_expired"))), Code::StripeAuth, "api_key_expired"),
        (Ok(refused(403, json!({"message": rights}))), Code::StripeAuth, "rak_payment_intent_read"),
        (Ok(refused(403, code("account_invalid"))), Code::StripeAuth, "account_invalid"),
        (Ok(refused(404, code("resource_missing"))), Code::StripeObjectMissing, "/v1/x"),
        (Ok(refused(404, json!({}))), Code::StripeRefused, "404"),
        (Ok(refused(400, json!({"code": "parameter_unknown", "param": "limt"}))), Code::StripeRefused, "limt"),
        (Ok(refused(402, kind("card_error"))), Code::StripeRefused, "card_error"),
        (Ok(refused(409, code("idempotency_key_in_use"))), Code::StripeUnavailable, "409"),
        (
            Ok(refused(429, code("rate_limit")).with("Stripe-Rate-Limited-Reason", "endpoint-rate")),
            Code::StripeUnavailable,
            "endpoint-rate",
        ),
        (Ok(refused(500, kind("api_error"))), Code::StripeUnavailable, "req_7"),
        (Ok(again(refused(500, kind("api_error")), "false")), Code::StripeRefused, "500"),
        (Ok(again(refused(400, code("lock_timeout")), "true")), Code::StripeUnavailable, "lock_timeout"),
        (Ok(Response { status: 502, headers: vec![], body: b"<html>".to_vec() }), Code::StripeUnavailable, "502"),
        (Ok(Response { status: 302, headers: vec![], body: vec![] }), Code::StripeRefused, "302"),
        (Err(HttpFault::TimedOut), Code::StripeUnavailable, "in time"),
        (Err(HttpFault::Unreachable(format!("refused {KEY}"))), Code::StripeUnavailable, "connection"),
        (Err(HttpFault::TooLarge), Code::StripeAnswerTooLarge, "/v1/x"),
    ] {
        let (http, config) = (Script::of([answer.clone()]), config());
        let error = run(Client::new(&http, &config).get("/v1/x", &Form::new())).err().unwrap();
        assert_eq!(error.code, expected, "{answer:?}");
        assert!(error.detail.contains(named) && error.detail.ends_with('.'), "{named}: {}", error.detail);
        assert!(!error.detail.contains("rk_test"), "{}", error.detail);
    }
}

#[test]
fn an_answer_that_is_cut_is_asked_for_again_and_another_shape_is_not() {
    #[derive(Debug, Deserialize)]
    struct Named {
        #[allow(dead_code)]
        id: String,
    }
    for (body, code) in [
        (r#"{"id": "#, Code::StripeUnavailable),
        ("<html>maintenance", Code::StripeUnavailable),
        ("", Code::StripeUnavailable),
        (r#"{"id": 5}"#, Code::EventUnreadable),
        ("[]", Code::EventUnreadable),
    ] {
        let http = Script::of([Ok(Response { status: 200, headers: vec![], body: body.into() })]);
        let config = config();
        let answer = run(Client::new(&http, &config).get("/v1/x", &Form::new())).unwrap();
        assert_eq!(answer.parse::<Named>().unwrap_err().code, code, "{body}");
    }
}

#[test]
fn stripes_own_word_on_retrying_comes_first() {
    let answer = |status| Response { status, headers: vec![], body: vec![] };
    for (exchange, expected) in [
        (Ok(answer(200)), RetryAdvice::Answered),
        (Ok(answer(409)), RetryAdvice::Again),
        (Ok(answer(429)), RetryAdvice::Again),
        (Ok(answer(503)), RetryAdvice::Again),
        (Ok(answer(400)), RetryAdvice::Final),
        (Ok(answer(503).with("Stripe-Should-Retry", "false")), RetryAdvice::Final),
        (Ok(answer(400).with("Stripe-Should-Retry", "true")), RetryAdvice::Again),
        (Ok(answer(200).with("Stripe-Should-Retry", "true")), RetryAdvice::Answered),
        (Err(HttpFault::TimedOut), RetryAdvice::Again),
    ] {
        assert_eq!(retry_advice(&exchange), expected, "{exchange:?}");
    }
}

#[test]
fn trains_are_compared_by_name() {
    for (version, same) in [
        (Some("2026-10-28.endive"), true),
        (Some("2026-09-30.endive"), true),
        (Some("2026-03-25.dahlia"), false),
        (Some("2020-08-27"), false),
        (Some(""), false),
        (None, false),
    ] {
        assert_eq!(same_train(version), same, "{version:?}");
    }
}
