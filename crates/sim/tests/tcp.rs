//! The simulators over real sockets, with a client and a receiver that are not ours.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that meets what it does not expect fails")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use quittance::http::{Request, Response};
use quittance_sim::stripe::{Settings, Stripe};
use quittance_sim::{Clock, Party, Reply, tcp};
use serde_json::{Value, json};

/// Takes webhooks; refuses the first one.
#[derive(Default)]
struct Receiver(Vec<Request>);

impl Party for Receiver {
    fn handle(&mut self, request: &Request) -> Reply {
        self.0.push(request.clone());
        let status = if self.0.len() == 1 { 500 } else { 200 };
        Reply::now(Response::json(status, &json!({"received": true})))
    }
}

fn post(url: &str, body: &Value) -> Value {
    let mut answer = ureq::post(url).send(body.to_string()).unwrap();
    serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
}

fn get(url: &str) -> Result<Value, ureq::Error> {
    let mut answer = ureq::get(url).header("authorization", "Bearer sk_test_sim").call()?;
    Ok(serde_json::from_str(&answer.body_mut().read_to_string()?).unwrap())
}

#[test]
fn a_payment_is_made_and_delivered_over_tcp() {
    let receiver = Arc::new(Mutex::new(Receiver::default()));
    let at = tcp::serve("127.0.0.1:0", receiver.clone()).unwrap();
    let stripe = Stripe::new(Settings { settle_after_ms: 50, ..Settings::default() }, Clock::real());
    let stripe = tcp::serve("127.0.0.1:0", Arc::new(Mutex::new(stripe))).unwrap();
    let url = stripe.url();
    post(&format!("{url}/_sim/webhook"), &json!({"url": format!("{}/hook", at.url()), "secrets": ["whsec_x"]}));
    post(&format!("{url}/_sim/dial"), &json!({"retry_ms": [30, 30]}));
    let paid = post(&format!("{url}/_sim/pay"), &json!({"amount": 1099, "currency": "usd", "metadata": {"n": "ä&="}}));
    let intent = get(&format!("{url}/v1/payment_intents/{}", paid["payment_intent"].as_str().unwrap())).unwrap();
    assert_eq!((&intent["status"], &intent["metadata"]["n"]), (&json!("succeeded"), &json!("ä&=")));

    let mut all = Value::Null;
    for _ in 0..200 {
        all = get(&format!("{url}/_sim/deliveries")).unwrap();
        let done = all["deliveries"].as_array().unwrap().iter().filter(|d| d["state"] == "delivered").count();
        if done == 4 {
            break;
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    let deliveries = all["deliveries"].as_array().unwrap();
    assert_eq!(deliveries.iter().filter(|d| d["state"] == "delivered").count(), 4, "{all:#}");
    assert_eq!(deliveries.iter().filter(|d| d["answers"] == json!([500, 200])).count(), 1, "{all:#}");
    let received = receiver.lock().unwrap();
    assert_eq!(received.0.len(), 5);
    assert!(received.0.iter().all(|r| r.header("stripe-signature").unwrap().contains(",v1=")));
}

#[test]
fn a_broken_connection_and_a_slow_answer() {
    let stripe = Stripe::new(Settings::default(), Clock::real());
    let stripe = tcp::serve("127.0.0.1:0", Arc::new(Mutex::new(stripe))).unwrap();
    let url = stripe.url();
    let faults = json!([{"path": "/v1/events", "kind": "drop_after"}, {"path": "/v1/account", "kind": {"slow": 300}}]);
    post(&format!("{url}/_sim/faults"), &faults);
    assert!(get(&format!("{url}/v1/events")).is_err());
    assert!(get(&format!("{url}/v1/events")).is_ok());
    let hurried =
        ureq::get(format!("{url}/v1/account")).config().timeout_global(Some(Duration::from_millis(100))).build();
    assert!(hurried.header("authorization", "Bearer sk_test_sim").call().is_err());
    stripe.stop();
    assert!(get(&format!("{url}/v1/events")).is_err());
}

/// A body in chunks, as fetch sends streams, and two requests on one connection.
#[test]
fn chunks_and_kept_connections() {
    use std::io::{Read, Write};
    let stripe = Stripe::new(Settings::default(), Clock::real());
    let stripe = tcp::serve("127.0.0.1:0", Arc::new(Mutex::new(stripe))).unwrap();
    let mut stream = std::net::TcpStream::connect(stripe.addr()).unwrap();
    let chunked = "POST /v1/customers HTTP/1.1\r\nAuthorization: Bearer sk_test_sim\r\nTransfer-Encoding: chunked\r\n\r\n\
                   5\r\nname=\r\n4\r\nAnna\r\n0\r\n\r\n";
    let plain = "GET /v1/customers HTTP/1.1\r\nAuthorization: Bearer sk_test_sim\r\n\r\n";
    stream.write_all(format!("{chunked}{plain}").as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(400))).unwrap();
    let mut read = Vec::new();
    let _idle = stream.read_to_end(&mut read);
    let text = String::from_utf8(read).unwrap();
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2, "{text}");
    assert_eq!(text.matches("\"name\": \"Anna\"").count(), 2, "{text}");
}

#[test]
fn others_are_answered_while_one_waits_and_those_in_hand_are_counted() {
    let stripe = Stripe::new(Settings::default(), Clock::real());
    let stripe = tcp::serve("127.0.0.1:0", Arc::new(Mutex::new(stripe))).unwrap();
    let url = stripe.url();
    post(&format!("{url}/_sim/faults"), &json!([{"path": "/v1/account", "times": 2, "kind": {"slow": 2_000}}]));
    let gauge = || get(&format!("{url}/_sim/in_flight")).unwrap();
    let slow = [(); 2].map(|()| {
        let url = format!("{url}/v1/account");
        std::thread::spawn(move || get(&url).is_ok())
    });
    while gauge()["now"] != 2 {
        std::thread::park_timeout(Duration::from_millis(5));
    }
    assert!(get(&format!("{url}/v1/events")).is_ok());
    let told = gauge();
    assert_eq!((&told["most"], &told["requests"]), (&json!(3), &json!(3)));
    assert!(told["now"].as_u64() >= Some(2), "{told}");
    assert_eq!(slow.map(|one| one.join().unwrap()), [true, true]);
    while gauge()["now"] != 0 {
        std::thread::park_timeout(Duration::from_millis(5));
    }
    ureq::delete(format!("{url}/_sim/in_flight")).call().unwrap();
    assert_eq!(gauge(), json!({"now": 0, "most": 0, "requests": 0}));
}
