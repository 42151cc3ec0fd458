//! Every single call of a port fails, or kills the Worker, before its effect and after it, while a payer begins to pay.
//! Whatever happens, the payer who tries again is charged once.

use quittance_sim::world::port_faults::Mishap;
use serde_json::json;

use crate::pay_page::PayPage;

/// Begins with `ask`, is struck at a call, tries again until it works, and pays.
fn run(strike: Option<(usize, Mishap)>, prepare: fn(&mut PayPage), ask: fn() -> serde_json::Value) -> usize {
    let mut desk = PayPage::new();
    prepare(&mut desk);
    let before = desk.world.dial.calls();
    if let Some((at, mishap)) = strike {
        desk.world.dial.set(at, mishap);
    }
    let first = desk.asked(ask());
    let calls = desk.world.dial.calls() - before;
    let what = format!("{strike:?}");
    if strike.is_some() {
        assert!(desk.world.dial.spent(), "{what} never struck");
    } else {
        assert_eq!(first.map(|r| r.status), Some(200));
    }
    let answer = (0..4)
        .find_map(|_| {
            desk.world.clock.advance(2_000);
            let (status, answer) = desk.ask(ask());
            (status == 200).then_some(answer)
        })
        .unwrap_or_else(|| panic!("{what}: never again"));
    assert_eq!(answer["state"], "open", "{what}");
    let payment = answer["payment"]["id"].as_str().unwrap().to_owned();
    let open = desk.intents().iter().filter(|i| i.starts_with("requires")).count();
    assert_eq!(open, 1, "{what}: {:?}", desk.intents());
    // Struck where the customer is made, the payer pays without one.
    assert!(desk.customers().len() <= 1, "{what}");
    assert_eq!(desk.confirm(&payment, "pm_card_visa"), 200, "{what}");
    desk.settle();
    let minor = answer["payment"]["money"]["minor"].as_i64().unwrap();
    assert_eq!(desk.charged(), minor, "{what}");
    assert_eq!(desk.world.odoo.borrow().payments().len(), 1, "{what}");
    desk.world.finish();
    calls
}

fn every(prepare: fn(&mut PayPage), ask: fn() -> serde_json::Value, least: usize) {
    let calls = run(None, prepare, ask);
    assert!(calls >= least, "{calls}");
    for at in 0..calls {
        for mishap in Mishap::ALL {
            run(Some((at, mishap)), prepare, ask);
        }
    }
}

#[test]
fn the_first_payment_of_a_new_customer() {
    every(|_| {}, || json!({}), 9);
}

#[test]
fn coming_back() {
    every(|desk| drop(desk.open()), || json!({}), 3);
}

#[test]
fn another_amount() {
    every(
        |desk| {
            desk.world.set("PAY_PARTIAL", "true");
            desk.open();
        },
        || json!({"amount": "40.00"}),
        6,
    );
}
