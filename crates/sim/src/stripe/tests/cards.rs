//! What each test number does when a page pays with it.

use serde_json::Value;

use super::{card, confirm, from_page, intent, listening, run_out, types};
use crate::stripe::Stripe;
use crate::stripe::object::Fields;

/// Status of the intent, code and decline code of its last error.
fn end(stripe: &mut Stripe, made: &Value) -> (String, String, String) {
    let path = format!("/v1/payment_intents/{}", made.text("id"));
    let (_, intent) = super::call(stripe, "GET", &path, "");
    let error = &intent["last_payment_error"];
    (intent.text("status").into(), error.text("code").into(), error.text("decline_code").into())
}

fn answer(stripe: &mut Stripe, made: &Value, outcome: &str) -> (u16, Value) {
    let (id, secret) = (made.text("id"), made.text("client_secret"));
    let form = format!("payment_intent={id}&client_secret={secret}&outcome={outcome}");
    from_page(stripe, "POST", "/v1/3ds2/authenticate", &form)
}

#[test]
fn numbers_that_pay_or_decline_at_once() {
    for (number, status, code, decline) in [
        ("4242424242424242", 200, "", ""),
        ("5555555555554444", 200, "", ""),
        ("378282246310005", 200, "", ""),
        ("4000000000000259", 200, "", ""),
        ("4000000000000002", 402, "card_declined", "generic_decline"),
        ("4000000000000341", 402, "card_declined", "generic_decline"),
        ("4000008400001280", 402, "card_declined", "generic_decline"),
        ("4000000000009995", 402, "card_declined", "insufficient_funds"),
        ("4000000000009987", 402, "card_declined", "lost_card"),
        ("4000000000009979", 402, "card_declined", "stolen_card"),
        ("4000000000000069", 402, "expired_card", "expired_card"),
        ("4000000000000127", 402, "incorrect_cvc", "incorrect_cvc"),
        ("4000000000000119", 402, "processing_error", "processing_error"),
        ("4000000000006975", 402, "card_declined", "card_velocity_exceeded"),
        ("4100000000000019", 402, "card_declined", "fraudulent"),
        ("4111111111111111", 402, "card_declined", "test_mode_live_card"),
    ] {
        let (mut stripe, _) = listening(1);
        let made = intent(&mut stripe, "usd", "");
        let (got, body) = confirm(&mut stripe, &made, &card(number));
        assert_eq!(got, status, "{number}: {body}");
        let last = if status == 200 { "succeeded" } else { "requires_payment_method" };
        assert_eq!(end(&mut stripe, &made), (last.into(), code.into(), decline.into()), "{number}");
        let error = &body["error"];
        assert_eq!((error.text("code"), error.text("decline_code")), (code, decline), "{number}");
        if status == 402 {
            let tail = &number[number.len() - 4..];
            assert_eq!(error["payment_method"]["card"].text("last4"), tail, "{number}");
            assert_eq!(error["payment_intent"].text("id"), made.text("id"));
            assert!(error["payment_intent"].get("metadata").is_none(), "a page sees no metadata");
        }
    }
}

#[test]
fn numbers_that_want_authentication() {
    for (number, outcome, status, code, decline) in [
        ("4000002500003155", "accept", "succeeded", "", ""),
        ("4000002760003184", "accept", "succeeded", "", ""),
        ("4000000000003220", "accept", "succeeded", "", ""),
        ("4000000000003220", "refuse", "requires_payment_method", "payment_intent_authentication_failure", ""),
        ("4000000000003220", "close", "requires_payment_method", "payment_intent_authentication_failure", ""),
        ("4000008260003178", "accept", "requires_payment_method", "card_declined", "insufficient_funds"),
        ("4000008400001629", "accept", "requires_payment_method", "card_declined", "generic_decline"),
    ] {
        let (mut stripe, _) = listening(1);
        let made = intent(&mut stripe, "usd", "");
        let (_, waiting) = confirm(&mut stripe, &made, &card(number));
        assert_eq!(
            (waiting.text("status"), waiting["next_action"].text("type")),
            ("requires_action", "use_stripe_sdk")
        );
        let (got, after) = answer(&mut stripe, &made, outcome);
        assert_eq!((got, after.text("status")), (200, status), "{number}");
        assert_eq!(end(&mut stripe, &made), (status.into(), code.into(), decline.into()), "{number}");
        assert_eq!(answer(&mut stripe, &made, outcome).0, 400, "it is answered once");
        let paid = types(&stripe).iter().filter(|kind| *kind == "payment_intent.succeeded").count();
        assert_eq!(paid, usize::from(status == "succeeded"), "{number}");
    }
}

#[test]
fn wrong_card_data_touches_nothing() {
    let (mut stripe, _) = listening(1);
    let made = intent(&mut stripe, "usd", "");
    let good = card("4242424242424242");
    for (form, code) in [
        (card("4242424242424241"), "incorrect_number"),
        (card("4242"), "invalid_number"),
        (good.replace("=34", "=25"), "invalid_expiry_year"),
        (good.replace("=12&", "=13&"), "invalid_expiry_month"),
        (good.replace("=12&", "=10&").replace("=34", "=2026"), "invalid_expiry_month"),
        (good.replace("=123", "=12"), "invalid_cvc"),
    ] {
        let (status, body) = confirm(&mut stripe, &made, &form);
        assert_eq!((status, body["error"].text("code")), (402, code), "{form}");
    }
    assert_eq!(types(&stripe), ["payment_intent.created"]);
    assert_eq!(end(&mut stripe, &made).0, "requires_payment_method");
}

#[test]
fn debits_clear_or_fail_later() {
    let american = "payment_method_data[type]=us_bank_account&payment_method_data[us_bank_account][account_number]=";
    let iban = "payment_method_data[type]=sepa_debit&payment_method_data[sepa_debit][iban]=";
    for (currency, form, status) in [
        ("usd", format!("{american}000123456789"), "succeeded"),
        ("usd", format!("{american}000111111116"), "requires_payment_method"),
        ("eur", format!("{iban}DE89370400440532013000"), "succeeded"),
        ("eur", format!("{iban}DE62370400440532013001"), "requires_payment_method"),
    ] {
        let (mut stripe, clock) = listening(1);
        let made = intent(&mut stripe, currency, "");
        let (_, under_way) = confirm(&mut stripe, &made, &form);
        assert_eq!(under_way.text("status"), "processing", "{form}: {under_way}");
        run_out(&mut stripe, &clock);
        assert_eq!(end(&mut stripe, &made).0, status, "{form}");
    }
    let (mut stripe, _) = listening(1);
    let made = intent(&mut stripe, "gbp", "");
    let (status, refused) = confirm(&mut stripe, &made, &format!("{american}000123456789"));
    assert_eq!(
        (status, refused["error"].text("code")),
        (400, "payment_intent_incompatible_payment_method"),
        "{refused}"
    );
}

#[test]
fn a_charge_shows_the_card_it_was_paid_with() {
    let (mut stripe, _) = listening(1);
    let made = intent(&mut stripe, "usd", "");
    let form = format!("{}&payment_method_data[billing_details][address][postal_code]=10001", card("4000000000003220"));
    confirm(&mut stripe, &made, &form);
    answer(&mut stripe, &made, "accept");
    let path = format!("/v1/payment_intents/{}?expand[]=latest_charge&expand[]=payment_method", made.text("id"));
    let (_, paid) = super::call(&mut stripe, "GET", &path, "");
    let (charge, method) = (&paid["latest_charge"], &paid["payment_method"]);
    let shown = &charge["payment_method_details"]["card"];
    assert_eq!((shown.text("brand"), shown.text("last4"), shown.int("exp_year")), ("visa", "3220", 2034));
    assert_eq!(shown["three_d_secure"].text("result"), "authenticated");
    assert_eq!(charge["billing_details"]["address"].text("postal_code"), "10001");
    assert_eq!(
        (charge.text("payment_method"), &shown["fingerprint"]),
        (method.text("id"), &method["card"]["fingerprint"])
    );
    let (status, alone) = super::call(&mut stripe, "GET", &format!("/v1/payment_methods/{}", method.text("id")), "");
    assert_eq!((status, &alone), (200, method));
    assert!(!alone.to_string().contains("4000000000003220"));
}
