//! Bodies and headers that are built to exhaust whoever reads them.

use quittance::config::webhook::EndpointScope;
use quittance::config::{Secret, SigningSecret};
use quittance::http::Request;
use quittance::stripe::signature::{sign, verify};
use quittance_sim::odoo::Version;
use quittance_sim::world::{SECRET, WORKER, World};
use serde_json::json;

use crate::{answer, deliver, event};

const DEPTH: usize = 200_000;

/// A recursive reader overflows its stack on these; an isolate would die with all that it holds.
#[test]
fn deep_nesting_costs_no_stack_wherever_it_stands() {
    let mut world = World::new(1, Version::V18);
    let deep = format!("{}1{}", "[".repeat(DEPTH), "]".repeat(DEPTH));
    let objects = format!("{}1{}", "{\"a\":".repeat(DEPTH / 4), "}".repeat(DEPTH / 4));
    let mut received = 0;
    for (n, place) in ["data", "payment_intent", "metadata", "livemode", "unknown"].iter().enumerate() {
        for (kind, nested) in [("a", &deep), ("o", &objects)] {
            let body = event(&world, &format!("evt_{n}{kind}"), "plan.created", &json!({"id": "plan_1", "x": "HERE"}));
            let body = match *place {
                "livemode" => body.to_string().replace("false", nested),
                "data" => body.to_string().replace("\"HERE\"", nested),
                place => body.to_string().replace("\"x\":\"HERE\"", &format!("\"{place}\":{nested}")),
            };
            let status = deliver(&world, &body);
            assert!(matches!(status, 200 | 400), "{place}: {status}");
            received += usize::from(status == 200);
        }
    }
    assert!(received >= 6, "what nobody reads is passed over");
    // An event that is read: it is refused as unreadable, or read; nobody dies of it.
    let mut intent = crate::fixture("payment_intent.succeeded");
    intent["data"]["object"]["metadata"] = json!("HERE");
    intent["type"] = json!("payment_intent.canceled");
    deliver(&world, &intent.to_string().replace("\"HERE\"", &deep));
    world.pass(60);
    assert_eq!(world.db.query("SELECT id FROM inbox WHERE state IN ('received', 'claimed')").len(), 0);
    world.pass(5 * 86_400);
    world.finish();
}

/// The API of the pay page reads four kilobytes and no more, however they are built.
#[test]
fn the_pay_pages_api_reads_small_flat_bodies() {
    let world = World::new(1, Version::V18);
    let deep = format!("{{\"invoice\":1,\"access_token\":\"x\",\"x\":{}{}}}", "[".repeat(2_000), "]".repeat(2_000));
    let large = format!("{{\"invoice\":1,\"access_token\":\"{}\"}}", "x".repeat(4_096));
    for body in [deep, large, "[".repeat(4_096), "{\"invoice\":1e999,\"access_token\":\"x\"}".into()] {
        let request = Request::new("POST", format!("{WORKER}/api/payment-intents")).body(body.as_bytes());
        let status = world.request(&request).unwrap().status;
        assert!(matches!(status, 400 | 404), "{status}");
    }
    world.finish();
}

/// Compressed bytes are bytes: nothing is unpacked, so there is nothing to explode.
#[test]
fn a_compressed_body_is_never_unpacked() {
    let mut world = World::new(1, Version::V18);
    // gzip of an event, as far as a reader looks.
    let packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xabV*J-.\xc8\xcf+N\x05\x00";
    let signature = sign(packed, &Secret::new(SECRET), world.clock.now());
    let request = Request::new("POST", format!("{WORKER}/webhooks/stripe"))
        .with("stripe-signature", signature)
        .with("content-encoding", "gzip")
        .body(packed.as_slice());
    // What is signed is stored as the bytes that it is: nothing of it is an event.
    assert_eq!(world.request(&request).unwrap().status, 200);
    let rows = world.db.query("SELECT type, body FROM inbox");
    assert!(rows.len() == 1 && rows[0]["type"] == "unreadable" && rows[0]["body"].is_null(), "{rows:?}");
    world.pass(5);
    world.finish();
}

/// As many signatures as headers can hold: one digest for each secret, then cheap comparisons.
#[test]
fn a_flood_of_signatures_is_read_once() {
    let world = World::new(1, Version::V18);
    let body = event(&world, "evt_1", "plan.created", &json!({"id": "plan_1"})).to_string();
    let (now, secret) = (world.clock.now(), Secret::new(SECRET));
    let wrong = format!(",v1={}", "0".repeat(64)).repeat(2_000);
    assert_eq!(answer(&world, body.as_bytes(), &format!("t={now}{wrong}")).status, 400);
    let good = sign(body.as_bytes(), &secret, now);
    assert_eq!(answer(&world, body.as_bytes(), &format!("{good}{wrong}")).status, 200);
    // The last time counts, and it is the one that must be signed: an old signature is not made young.
    let old = sign(body.as_bytes(), &secret, now - 400);
    assert!(
        verify(
            body.as_bytes(),
            &format!("{old},t={now}"),
            &[SigningSecret { secret, endpoint: EndpointScope { livemode: false, connect: false } }],
            now
        )
        .is_err()
    );
    let mut flood = Request::new("GET", format!("{WORKER}/health"));
    for n in 0..5_000 {
        flood = flood.with(&format!("x-{n}"), "y".repeat(20));
    }
    assert_eq!(world.request(&flood).unwrap().status, 200);
    drop_ignored(world);
}

fn drop_ignored(mut world: World) {
    world.pass(60);
    world.finish();
}
