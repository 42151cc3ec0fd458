//! Whether Stripe has what a document is about: each kind of object is asked for where Stripe keeps it.

use quittance::http::Response;
use quittance::stripe::client::Client;
use quittance::stripe::presence::{Presence, find_presence};
use serde_json::{Value, json};

use crate::script::{Script, config, run};

/// What Stripe's answer means, and where it was asked.
fn asked(id: &str, status: u16, answer: &Value) -> (Presence, Vec<String>) {
    let (script, config) = (Script::of([Ok(Response::json(status, answer))]), config());
    let found = run(find_presence(&Client::new(&script, &config), id)).unwrap();
    (found, script.lines())
}

/// Prefixes of docs.stripe.com/api, older ones among them.
#[test]
fn every_kind_of_object_is_asked_for_in_its_own_list() {
    let missing = json!({"error": {"type": "invalid_request_error", "code": "resource_missing"}});
    for (id, list) in [
        ("ch_1", "charges"),
        ("py_1", "charges"),
        ("re_1", "refunds"),
        ("pyr_1", "refunds"),
        ("du_1", "disputes"),
        ("dp_1", "disputes"),
        ("po_1", "payouts"),
        ("txn_1", "balance_transactions"),
    ] {
        let lines = vec![format!("GET /v1/{list}/{id}")];
        assert_eq!(asked(id, 200, &json!({"id": id})), (Presence::Known, lines.clone()), "{id}");
        assert_eq!(asked(id, 404, &missing), (Presence::Missing, lines), "{id}");
    }
    let (script, config) = (Script::default(), config());
    let client = Client::new(&script, &config);
    assert_eq!(
        run(find_presence(&client, "by_hand_1")).unwrap(),
        Presence::Missing,
        "nobody is asked for what is no id"
    );
}

/// A debit that is under way has its charge; one that failed before it stood on the balance brought nothing.
#[test]
fn a_payment_intent_that_never_brought_anything_is_unpaid() {
    let charge = |status: &str, transaction: Value| json!({"status": status, "balance_transaction": transaction});
    for (received, charge, found) in [
        (500, json!(null), Presence::Known),
        (0, json!(null), Presence::Unpaid),
        (0, charge("failed", json!(null)), Presence::Unpaid),
        (0, charge("failed", json!("txn_1")), Presence::Known),
        (0, charge("pending", json!(null)), Presence::Known),
    ] {
        let answer = json!({"id": "pi_1", "amount_received": received, "latest_charge": charge});
        let lines = vec!["GET /v1/payment_intents/pi_1?expand[]=latest_charge".to_owned()];
        assert_eq!(asked("pi_1", 200, &answer), (found, lines), "{answer}");
    }
}
