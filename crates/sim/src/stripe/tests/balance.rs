//! The balance, and what each kind of charge does to it.

use serde_json::{Value, json};

use super::{START_MS, call, listening, run_out, types};
use crate::stripe::balance::{Entry, FeeDetail};
use crate::stripe::merchant::{Pay, Refund};
use crate::stripe::method::Method;
use crate::stripe::object::Fields;
use crate::stripe::{Fee, Settings, Stripe};

fn get(stripe: &mut Stripe, path: &str) -> Value {
    let (status, body) = call(stripe, "GET", path, "");
    assert_eq!(status, 200, "{path}: {body}");
    body
}

fn rows(stripe: &mut Stripe, query: &str) -> Vec<Value> {
    get(stripe, &format!("/v1/balance_transactions?{query}"))["data"].as_array().unwrap().clone()
}

/// Available and pending of a currency.
fn balance(stripe: &mut Stripe, currency: &str) -> (i64, i64) {
    let balance = get(stripe, "/v1/balance");
    let of = |key: &str| {
        let rows = balance[key].as_array().unwrap();
        rows.iter().find(|row| row.text("currency") == currency).map_or(0, |row| row.int("amount"))
    };
    (of("available"), of("pending"))
}

#[test]
fn pending_money_becomes_available_in_its_time() {
    let (mut stripe, clock) = listening(1);
    stripe.pay(&Pay::card(1099, "usd")).unwrap();
    assert_eq!(balance(&mut stripe, "usd"), (0, 0));
    run_out(&mut stripe, &clock);
    assert_eq!(balance(&mut stripe, "usd"), (0, 1037));
    clock.advance(2 * 24 * 3_600_000 - 1_000);
    assert_eq!((rows(&mut stripe, "")[0].text("status"), balance(&mut stripe, "usd")), ("pending", (0, 1037)));
    clock.advance(1_000);
    assert_eq!((rows(&mut stripe, "")[0].text("status"), balance(&mut stripe, "usd")), ("available", (1037, 0)));
}

#[test]
fn a_refund_is_pending_with_its_charge_and_available_after_it() {
    let (mut stripe, clock) = listening(2);
    let paid = stripe.pay(&Pay::card(1099, "usd")).unwrap();
    run_out(&mut stripe, &clock);
    stripe.refund(&Refund::part(&paid.charge, 100)).unwrap();
    assert_eq!(balance(&mut stripe, "usd"), (0, 937));
    clock.advance(3 * 24 * 3_600_000);
    stripe.refund(&Refund::part(&paid.charge, 37)).unwrap();
    assert_eq!(balance(&mut stripe, "usd"), (900, 0));
}

#[test]
fn a_fee_has_its_parts() {
    let (mut stripe, clock) = listening(3);
    stripe.settings.fee = Fee { tax_per_mille: 200, withheld_per_mille: 10, ..Fee::default() };
    stripe.pay(&Pay { application_fee: Some(50), ..Pay::card(1099, "usd") }).unwrap();
    run_out(&mut stripe, &clock);
    let booked = &rows(&mut stripe, "")[0];
    let parts: Vec<(&str, i64)> =
        booked["fee_details"].as_array().unwrap().iter().map(|f| (f.text("type"), f.int("amount"))).collect();
    assert_eq!(parts, [("stripe_fee", 62), ("tax", 12), ("withheld_tax", 11), ("application_fee", 50)]);
    assert_eq!((booked.int("fee"), booked.int("net")), (135, 1099 - 135));
    assert_eq!(booked["fee_details"][3].text("application"), "ca_SimPlatform");
    let (_, intents) = call(&mut stripe, "GET", "/v1/payment_intents", "");
    assert_eq!(intents["data"][0].int("application_fee_amount"), 50);
}

#[test]
fn currencies_settle_apart_and_a_conversion_may_have_its_fee() {
    let (mut stripe, clock) = listening(4);
    stripe.settings.rates =
        [("gbp", "1.17"), ("jpy", "0.0067")].map(|(c, rate)| (c.to_owned(), rate.parse().unwrap())).into();
    stripe.settings.settles = [("gbp".to_owned(), "eur".to_owned())].into();
    stripe.settings.fee.fx_per_mille = 10;
    let paid = stripe.pay(&Pay::card(1000, "gbp")).unwrap();
    stripe.pay(&Pay::card(2000, "eur")).unwrap();
    stripe.pay(&Pay::card(100_000, "jpy")).unwrap();
    run_out(&mut stripe, &clock);
    let eur = rows(&mut stripe, "currency=eur");
    let seen: Vec<(&str, i64, i64)> = eur.iter().map(|r| (r.text("type"), r.int("amount"), r.int("net"))).collect();
    let gross = 1170;
    assert_eq!(seen, [("charge", 2000, 2000 - 88), ("stripe_fx_fee", -12, -12), ("charge", gross, gross - 64)]);
    assert_eq!(rows(&mut stripe, &format!("source={}", paid.charge)).len(), 2);
    assert_eq!(balance(&mut stripe, "eur"), (0, 2000 - 88 + gross - 64 - 12));
    assert_eq!(balance(&mut stripe, "usd"), (0, 67_000 - 1_973 - 670));
}

#[test]
fn an_authorization_shows_whole_with_a_later_reversal() {
    for (after, early) in [(Some(0), 2), (Some(60_000), 1), (None, 1)] {
        let (mut stripe, clock) = listening(5);
        stripe.settings.capture_reversal_after_ms = after;
        stripe.settings.capture_reversal_told = true;
        let paid = stripe.pay(&Pay { manual_capture: true, ..Pay::card(10_000, "usd") }).unwrap();
        stripe.capture(&paid.payment_intent, Some(7_000)).unwrap();
        clock.advance(2_000);
        assert_eq!(rows(&mut stripe, "").len(), early);
        run_out(&mut stripe, &clock);
        let found = rows(&mut stripe, "expand[]=data.source");
        let nets: i64 = found.iter().map(|row| row.int("net")).sum();
        assert_eq!(nets, 7_000 - 233, "as if only that had been captured");
        let charge = get(&mut stripe, &format!("/v1/charges/{}", paid.charge));
        assert_eq!((charge.int("amount_captured"), charge.int("amount_refunded")), (7_000, 3_000));
        assert_eq!(types(&stripe).contains(&"refund.created".into()), after.is_some());
        if after.is_some() {
            let reversal = &found[0];
            assert_eq!(
                (reversal.text("type"), reversal.text("reporting_category")),
                ("refund", "partial_capture_reversal")
            );
            assert_eq!((reversal.int("amount"), reversal.int("fee")), (-3_000, -87));
            assert_eq!(reversal["source"].text("charge"), paid.charge);
        }
        stripe.refund(&Refund::all(&paid.charge)).unwrap();
        assert_eq!(rows(&mut stripe, "")[0].int("amount"), -7_000);
    }
}

#[test]
fn a_debit_that_had_paid_fails_after_all() {
    let (mut stripe, clock) = listening(6);
    let paid = stripe.pay(&Pay { method: Method::Delayed, ..Pay::card(1099, "usd") }).unwrap();
    assert!(stripe.fail_late(&paid.payment_intent, "insufficient_funds").is_err(), "it has not paid yet");
    run_out(&mut stripe, &clock);
    stripe.settings.fee.failure = 400;
    clock.advance(5 * 24 * 3_600_000);
    stripe.fail_late(&paid.payment_intent, "insufficient_funds").unwrap();
    let charge = get(&mut stripe, &format!("/v1/charges/{}?expand[]=failure_balance_transaction", paid.charge));
    let back = &charge["failure_balance_transaction"];
    assert_eq!((charge.text("status"), charge.text("failure_code")), ("failed", "insufficient_funds"));
    assert_eq!((back.text("type"), back.text("reporting_category")), ("payment_failure_refund", "charge_failure"));
    assert_eq!((back.int("amount"), back.int("fee"), back.text("source")), (-1099, 400, paid.charge.as_str()));
    assert_eq!(types(&stripe)[types(&stripe).len() - 2..], ["charge.failed", "payment_intent.payment_failed"]);
    assert!(stripe.refund(&Refund::all(&paid.charge)).is_err());
    assert!(stripe.fail_late(&paid.charge, "insufficient_funds").is_err(), "once is enough");
}

#[test]
fn a_failure_before_the_balance_knew_leaves_no_trace_there() {
    let (mut stripe, clock) = listening(7);
    let paid = stripe.pay(&Pay::card(1099, "usd")).unwrap();
    stripe.fail_late(&paid.charge, "declined").unwrap();
    run_out(&mut stripe, &clock);
    assert_eq!(rows(&mut stripe, ""), [] as [Value; 0]);
}

#[test]
fn any_type_can_be_entered_and_other_balances_stand_apart() {
    let (mut stripe, _) = listening(8);
    let fees = vec![FeeDetail::stripe(-5, "Given back")];
    stripe.enter_by_hand(&Entry { fees, ..Entry::of("moon_tax", "lunar", -300, "usd").described("New") });
    let risk =
        Entry { balance_type: "risk_reserved".into(), ..Entry::of("reserve_hold", "risk_reserved_funds", 9, "usd") };
    stripe.enter_by_hand(&risk);
    let (status, made) = call(
        &mut stripe,
        "POST",
        "/_sim/entry",
        &json!({"type": "topup", "reporting_category": "topup", "amount": 70, "currency": "eur", "exchange_rate": "1.5",
            "balance_type": "refund_and_dispute_prefunding", "available_after_s": 60})
        .to_string(),
    );
    assert_eq!(status, 200);
    let row = get(&mut stripe, &format!("/v1/balance_transactions/{}", made.text("balance_transaction")));
    assert_eq!((row.text("status"), row["exchange_rate"].to_string().as_str()), ("pending", "1.5"));
    assert_eq!(balance(&mut stripe, "usd"), (-295, 0));
    let shown = get(&mut stripe, "/v1/balance");
    assert_eq!(
        shown["refund_and_dispute_prefunding"]["pending"][0],
        json!({
            "amount": 70, "currency": "eur", "source_types": {"card": 70},
        })
    );
    assert_eq!(shown.get("issuing"), None);
    assert_eq!(rows(&mut stripe, "type=moon_tax").len(), 1);
}

#[test]
fn lists_page_filter_and_expand_to_four_levels() {
    let (mut stripe, clock) = listening(9);
    for amount in 1..=7 {
        let paid = stripe.pay(&Pay::card(amount * 100, "usd")).unwrap();
        run_out(&mut stripe, &clock);
        stripe.refund(&Refund::part(&paid.charge, 10)).unwrap();
        clock.advance(60_000);
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = get(&mut stripe, &format!("/v1/balance_transactions?limit=3{after}"));
        seen.extend(page["data"].as_array().unwrap().iter().map(|row| row.text("id").to_owned()));
        after = format!("&starting_after={}", seen.last().unwrap());
        if !page.flag("has_more") {
            break;
        }
    }
    let all: Vec<String> = rows(&mut stripe, "limit=100").iter().map(|row| row.text("id").to_owned()).collect();
    assert_eq!((seen.len(), &seen), (14, &all));
    let back = get(&mut stripe, &format!("/v1/balance_transactions?limit=2&ending_before={}", all[4]));
    assert_eq!((back["data"][0].text("id"), back.flag("has_more")), (all[2].as_str(), true));
    let noon = START_MS / 1000 + 120;
    let late = rows(&mut stripe, &format!("created[gte]={noon}&limit=100"));
    let early = rows(&mut stripe, &format!("created[lt]={noon}&limit=100"));
    assert!(!late.is_empty() && late.len() + early.len() == 14);
    let deep = "limit=1&type=refund&expand[]=data.source.charge.payment_intent&expand[]=data.source.charge.refunds";
    let refund = &rows(&mut stripe, deep)[0]["source"];
    assert!(refund["charge"]["payment_intent"].text("id").starts_with("pi_"));
    assert_eq!(refund["charge"]["refunds"]["data"][0].text("id"), refund.text("id"));
    let mixed = rows(&mut stripe, "limit=2&expand[]=data.source.charge.payment_intent");
    assert!(mixed.iter().any(|row| row["source"].text("object") == "charge"));
    for unknown in ["data.source.nothing", "data.charge", "data.source.charge.currency"] {
        let path = format!("/v1/balance_transactions?limit=2&expand[]={unknown}");
        assert_eq!(call(&mut stripe, "GET", &path, "").0, 400, "{unknown}");
    }
    let five = call(&mut stripe, "GET", &format!("/v1/balance_transactions?{deep}.data.charge"), "");
    assert_eq!(five.0, 400);
}

#[test]
fn settings_change_while_it_runs() {
    let mut stripe = Stripe::new(Settings::default(), crate::Clock::at(START_MS));
    let body = json!({"rates": {"eur": "1.25"}, "fee": {"fixed": 5}, "settle_after_ms": 0,
        "capture_reversal_after_ms": -1});
    assert_eq!(call(&mut stripe, "POST", "/_sim/settings", &body.to_string()).0, 200);
    stripe.pay(&Pay::card(1000, "eur")).unwrap();
    let row = &rows(&mut stripe, "")[0];
    assert_eq!((row.int("amount"), row.int("fee"), row.text("currency")), (1250, 36 + 5, "usd"));
    assert_eq!(call(&mut stripe, "POST", "/_sim/settings", r#"{"rates": {"eur": "x"}}"#).0, 400);
    assert_eq!(call(&mut stripe, "POST", "/_sim/nothing", "{}").0, 404);
}
