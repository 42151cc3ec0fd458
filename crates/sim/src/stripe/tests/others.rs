//! Top-ups, transfers, earned fees, reserves.

use serde_json::{Value, json};

use super::{call, listening, types};
use crate::stripe::Stripe;
use crate::stripe::object::Fields;

fn sim(stripe: &mut Stripe, verb: &str, body: &Value) -> (u16, Value) {
    call(stripe, "POST", &format!("/_sim/{verb}"), &body.to_string())
}

/// Type, category, net and source of all transactions, oldest first.
fn entered(stripe: &mut Stripe) -> Vec<(String, String, i64, String)> {
    let (_, list) = call(stripe, "GET", "/v1/balance_transactions?limit=100", "");
    let shown = |row: &Value| {
        let text = |field: &str| row.text(field).to_owned();
        (text("type"), text("reporting_category"), row.int("net"), text("source"))
    };
    list["data"].as_array().unwrap().iter().rev().map(shown).collect()
}

#[test]
fn each_has_its_object_its_transaction_and_its_event_and_goes_back() {
    let (mut stripe, _) = listening(1);
    let sum = json!({"amount": 1000, "currency": "usd", "account": "acct_1Connected"});
    let text = |(status, body): (u16, Value), key: &str| {
        assert_eq!(status, 200, "{body}");
        body.text(key).to_owned()
    };
    let topup = text(sim(&mut stripe, "topup", &sum), "topup");
    let transfer = text(sim(&mut stripe, "transfer", &sum), "transfer");
    let fee = text(sim(&mut stripe, "application_fee", &sum), "application_fee");
    sim(&mut stripe, "reverse", &json!({"id": topup}));
    let back = text(sim(&mut stripe, "reverse", &json!({"id": transfer, "amount": 300})), "transfer_reversal");
    let given = text(sim(&mut stripe, "reverse", &json!({"id": fee, "amount": 1000})), "fee_refund");
    let expected = [
        ("topup", "topup", 1000, &topup),
        ("transfer", "transfer", -1000, &transfer),
        ("application_fee", "platform_earning", 1000, &fee),
        ("topup_reversal", "topup_reversal", -1000, &topup),
        ("transfer_refund", "transfer_reversal", 300, &back),
        ("application_fee_refund", "platform_earning_refund", -1000, &given),
    ]
    .map(|(kind, category, net, source)| (kind.to_owned(), category.to_owned(), net, source.clone()));
    assert_eq!(entered(&mut stripe), expected);
    let told = [
        "topup.created",
        "topup.succeeded",
        "transfer.created",
        "application_fee.created",
        "topup.reversed",
        "transfer.reversed",
        "application_fee.refunded",
    ];
    assert_eq!(types(&stripe), told);
    for refused in [json!({"id": topup}), json!({"id": transfer, "amount": 701}), json!({"id": fee, "amount": 1})] {
        assert_eq!(sim(&mut stripe, "reverse", &refused).0, 400, "{refused}");
    }
    let path =
        format!("/v1/transfers/{transfer}?expand[]=reversals.data.balance_transaction&expand[]=destination_payment");
    let (_, transfer) = call(&mut stripe, "GET", &path, "");
    assert_eq!(transfer["reversals"]["data"][0]["balance_transaction"].int("net"), 300);
    assert_eq!((transfer.int("amount_reversed"), transfer.flag("reversed")), (300, false));
    let (_, fee) = call(&mut stripe, "GET", &format!("/v1/application_fees/{fee}"), "");
    assert!(fee.flag("refunded"));
    let (_, topups) = call(&mut stripe, "GET", "/v1/topups?status=reversed", "");
    assert_eq!(topups["data"][0].text("id"), topup);
}

#[test]
fn a_reserve_moves_money_between_two_balances() {
    let (mut stripe, _) = listening(2);
    let sum = |amount: i64| json!({"amount": amount, "currency": "usd"});
    sim(&mut stripe, "topup", &sum(1000));
    sim(&mut stripe, "reserve", &sum(400));
    let (_, balance) = call(&mut stripe, "GET", "/v1/balance", "");
    assert_eq!(balance["available"][0].int("amount"), 600);
    sim(&mut stripe, "reserve", &sum(-400));
    let nets: Vec<(String, i64)> =
        entered(&mut stripe).into_iter().skip(1).map(|(kind, _, net, _)| (kind, net)).collect();
    let expected = [("reserve_hold", -400), ("reserve_hold", 400), ("reserve_release", 400), ("reserve_release", -400)];
    assert_eq!(nets, expected.map(|(kind, net)| (kind.to_owned(), net)));
}
