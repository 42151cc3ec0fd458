//! Disputes: what their events say, and what their balance transactions move.

use quittance::payment::{Detail, Dispute, Kind};
use quittance::stripe::map::Reading;
use serde_json::json;

use crate::{ACCOUNT, CHARGE, INTENT, eur, fixture, keys, movements, reading, with};

const DISPUTE: &str = "du_1Qa7BooksDispute42";
const OPENED: i64 = 1_797_015_600;

#[test]
fn a_dispute_is_opened_with_its_reason_and_its_deadline() {
    let movements = movements(reading(&fixture("charge.dispute.created")));
    assert_eq!(keys(&movements), [format!("{DISPUTE}:opened")]);
    let opened = &movements[0];
    assert_eq!((opened.kind, opened.money, opened.occurred), (Kind::DisputeOpened, eur(115_000), OPENED));
    assert_eq!((opened.payment.as_str(), opened.charge.as_deref()), (INTENT, Some(CHARGE)));
    assert_eq!(opened.reason.as_deref(), Some("product_not_received"));
    let detail = Dispute {
        id: DISPUTE.into(),
        receipt: format!("stripe:{ACCOUNT}:{INTENT}:succeeded"),
        status: "needs_response".into(),
        inquiry: false,
        due_by: Some(OPENED + 14 * 86_400),
    };
    assert_eq!(opened.detail, Some(Detail::Dispute(detail)));
}

#[test]
fn an_inquiry_says_that_it_is_one() {
    let movements = movements(reading(&fixture("charge.dispute.created_inquiry")));
    let Some(Detail::Dispute(detail)) = &movements[0].detail else { panic!() };
    assert!(detail.inquiry);
}

/// No money: that is told by the balance transactions.
#[test]
fn events_of_the_money_only_open_the_dispute() {
    for name in ["charge.dispute.funds_withdrawn", "charge.dispute.created"] {
        assert_eq!(keys(&movements(reading(&fixture(name)))), [format!("{DISPUTE}:opened")], "{name}");
    }
}

#[test]
fn a_dispute_is_closed_by_its_status() {
    let (won, lost) = (Some(Kind::DisputeWon), Some(Kind::DisputeLost));
    for (status, closed) in [
        ("won", won),
        ("warning_closed", won),
        ("lost", lost),
        ("needs_response", None),
        ("under_review", None),
        ("appeal_needs_response", None),
        ("appeal_under_review", None),
        ("prevented", None),
        ("a_status_of_2031", None),
    ] {
        let movements = movements(reading(&with(fixture("charge.dispute.closed_lost"), "status", status)));
        assert_eq!(movements[0].kind, Kind::DisputeOpened, "{status}");
        assert_eq!(movements.get(1).map(|m| m.kind), closed, "{status}");
    }
    let movements = movements(reading(&fixture("charge.dispute.closed_lost")));
    assert_eq!(keys(&movements)[1], format!("{DISPUTE}:lost"));
    assert_eq!((movements[1].money, movements[1].occurred), (eur(115_000), OPENED + 30 * 86_400));
}

#[test]
fn a_dispute_of_no_payment_is_nobodys() {
    let mut event = with(fixture("charge.dispute.created"), "payment_intent", json!(null));
    let alone = movements(reading(&event));
    assert_eq!((alone[0].payment.as_str(), &alone[0].charge), (CHARGE, &None));
    event["data"]["object"]["charge"] = json!(null);
    assert_eq!(reading(&event), Reading::Ignore("no_payment"));
}
