//! Two requests for one invoice, the second one whole between any two calls of the first: what the first one read is old
//! then, and still nobody may be asked for money twice.

use std::task::{Context, Poll, Waker};

use quittance::flow::pay::tidy;
use quittance::http::Response;
use quittance::ports::Fut;
use quittance::{queue, routes};
use quittance_sim::Party;
use quittance_sim::stripe::fault::{ApiFault, Trouble};
use serde_json::{Value, json};

use crate::pay_page::{PayPage, body};

/// A request that is under way.
fn asks<'a>(desk: &'a PayPage, ask: Value) -> Fut<'a, Response> {
    Box::pin(async move { routes::handle(desk.world.runtime(), &desk.world.config, &desk.request(ask)).await })
}

/// So many calls of `first`, then so many of `second`, then the rest of `first` and that of `second`. What `first`
/// answers; `None` when it has no more calls than that.
fn between<'a, T>(desk: &'a PayPage, first: (Fut<'a, T>, usize), second: (Fut<'a, ()>, usize)) -> Option<T> {
    let ((mut first, calls), (mut second, calls_between)) = (first, second);
    let mut context = Context::from_waker(Waker::noop());
    desk.world.dial.turns.set(true);
    let step = || desk.world.db.begin_invocation();
    let early = (0..calls).find(|_| {
        step();
        first.as_mut().poll(&mut context).is_ready()
    });
    let answer = early.is_none().then(|| {
        let over = (0..calls_between).any(|_| {
            step();
            second.as_mut().poll(&mut context).is_ready()
        });
        let answer = loop {
            step();
            if let Poll::Ready(answer) = first.as_mut().poll(&mut context) {
                break answer;
            }
        };
        while !over && second.as_mut().poll(&mut context).is_pending() {
            step();
        }
        answer
    });
    desk.world.dial.turns.set(false);
    answer
}

/// Everything of the second.
const ALL: usize = usize::MAX;

/// Somebody else opens the page, pays at once, and it is booked.
fn pays<'a>(desk: &'a PayPage, ask: Value) -> Fut<'a, ()> {
    Box::pin(async move {
        let (rt, config) = (desk.world.runtime(), &desk.world.config);
        let answer = body(&routes::handle(rt, config, &desk.request(ask)).await);
        let Some(payment) = answer["payment"]["id"].as_str().filter(|_| answer["state"] == "open") else { return };
        assert_eq!(desk.confirm(payment, "pm_card_visa"), 200);
        let out = desk.world.stripe.borrow_mut().outgoing();
        for delivery in out {
            let status = routes::handle(rt, config, &delivery.request).await.status;
            desk.world.stripe.borrow_mut().answered(delivery.id, Some(status));
        }
        let hints = std::mem::take(&mut *desk.world.hints.borrow_mut());
        let ids: Vec<String> = hints.into_iter().map(|hint| hint.event).collect();
        queue::consume(rt, config, &ids).await;
    })
}

/// What the payer has paid and may still pay is at most what the invoice asks for.
fn never_too_much(desk: &PayPage, what: &str) {
    let payable: i64 = desk
        .intents()
        .iter()
        .filter_map(|intent| intent.strip_prefix("requires_payment_method ")?.parse::<i64>().ok())
        .sum();
    assert!(desk.charged() + payable <= 10_000, "{what}: {:?}", desk.intents());
}

/// At every call of the first.
fn at_every_call(prepare: fn(&mut PayPage), ask: &Value, other: &Value) {
    for at in 0.. {
        let mut desk = PayPage::new();
        prepare(&mut desk);
        let answer = between(&desk, (asks(&desk, ask.clone()), at), (pays(&desk, other.clone()), ALL));
        never_too_much(&desk, &format!("{at} {ask} {other}"));
        desk.settle();
        let done = answer.is_none();
        desk.world.finish();
        if done {
            assert!(at >= 3, "{at}");
            break;
        }
    }
}

#[test]
fn another_device_pays_meanwhile() {
    at_every_call(|_| {}, &json!({}), &json!({}));
    at_every_call(|desk| drop(desk.open()), &json!({}), &json!({}));
}

#[test]
fn another_device_pays_a_part_meanwhile() {
    let partial = |desk: &mut PayPage| desk.world.set("PAY_PARTIAL", "true");
    let opened = |desk: &mut PayPage| {
        desk.world.set("PAY_PARTIAL", "true");
        desk.open();
    };
    for prepare in [partial as fn(&mut PayPage), opened] {
        for (ask, other) in
            [(json!({}), json!({"amount": "40.00"})), (json!({"amount": "70.00"}), json!({"amount": "40.00"}))]
        {
            at_every_call(prepare, &ask, &other);
        }
    }
}

/// The attempt is 23 hours old: the clock looks it up and gives it up, while a request has just sent it again.
#[test]
fn an_attempt_that_the_clock_ends_meanwhile_is_not_handed_out() {
    let ends = |desk: &PayPage, at: usize, calls: usize| {
        let tick = async {
            desk.world.clock.advance(2_000);
            assert!(tidy::quarter(desk.world.runtime(), &desk.world.config).await.is_ok());
        };
        between(desk, (asks(desk, json!({})), at), (Box::pin(tick), calls)).is_none()
    };
    for calls in [1, 2, 3, 4, 5, 6, 7, ALL] {
        for at in 1.. {
            let mut desk = PayPage::new();
            let fault =
                ApiFault { method: "POST".into(), ..ApiFault::next("/v1/payment_intents", Trouble::DropBefore) };
            desk.world.stripe.borrow_mut().faults.add(fault);
            assert_eq!(desk.ask(json!({})).0, 503);
            desk.world.clock.advance(23 * 3_600_000 - 1_000);
            let done = ends(&desk, at, calls);
            desk.open();
            never_too_much(&desk, &format!("{at} {calls}"));
            desk.settle();
            desk.world.finish();
            if done {
                assert!(at >= 3, "{at}");
                break;
            }
        }
    }
}
