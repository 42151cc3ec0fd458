//! The corpus to begin with: made of the fixtures that the product's tests read, so that it is never older than they are.

use std::fs;
use std::path::{Path, PathBuf};

use quittance::erp::odoo::procedure::{READ_INVOICE, RECORD_PAYMENT};
use serde_json::{Value, json};

use crate::PART;
use crate::double::NOW;

#[allow(dead_code)]
#[path = "../../crates/cli/tests/procedures/recording.rs"]
mod recording;

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures").join(folder);
    let read = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = read.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Without the blanks of a fixture: shorter inputs are mutated to more purpose.
fn value(path: &Path) -> Value {
    serde_json::from_slice(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.join(&PART)
}

pub fn signature() -> Vec<Vec<u8>> {
    let vectors =
        value(&fixtures("stripe").into_iter().find(|p| p.ends_with("signature_vectors.json")).expect("vectors"));
    let headers = vectors.as_array().expect("a list").iter().filter_map(|case| case["header"].as_str());
    let near = [format!("t={NOW},v1={{}}"), format!("t={},v1={{}},v0=00", NOW - 300), format!("v1=00,v1={{}},t={NOW}")];
    headers.map(str::to_owned).chain(near).map(|header| joined(&[header.as_bytes(), b"{}"])).collect()
}

pub fn event() -> Vec<Vec<u8>> {
    let thin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/stripe/thin_event_sample.json");
    let events = fixtures("stripe/events").into_iter().chain([thin]);
    events.map(|path| value(&path).to_string().into_bytes()).collect()
}

/// Each event alone; each as a thin one that is answered with its object; each balance transaction.
pub fn mapping() -> Vec<Vec<u8>> {
    let thin = r#"{"id":"evt_1","object":"v2.core.event","type":"v1.TYPE","livemode":false,"created":"2026-11-21T19:00:00.000Z","related_object":{"id":"ID"}}"#;
    let mut seeds = event();
    for path in fixtures("stripe/events") {
        let event = value(&path);
        let (kind, object) = (event["type"].as_str().unwrap_or(""), &event["data"]["object"]);
        let thin = thin.replace("TYPE", kind).replace("ID", object["id"].as_str().unwrap_or(""));
        let list = json!({"object": "list", "has_more": false, "data": []}).to_string();
        seeds.push(joined(&[thin.as_bytes(), object.to_string().as_bytes(), list.as_bytes()]));
    }
    seeds.extend(fixtures("stripe/balance").iter().map(|path| value(path).to_string().into_bytes()));
    seeds
}

pub fn money() -> Vec<Vec<u8>> {
    let texts = [
        "USD10.99",
        "JPY1000",
        "KWD1.230",
        "ISK12.00",
        "10",
        "0.05",
        "12.345",
        r#"{"amount":"10.99","currency":"USD"}"#,
    ];
    let bytes = [b"usd".as_slice(), b"JPY", b"kwd"].map(|code| [code, &(-1_099i64).to_le_bytes()].concat());
    texts.iter().map(|text| text.as_bytes().to_vec()).chain(bytes).collect()
}

/// What real Odoos answered, each as an answer to each of our calls; and procedures' answers about the target's movements.
pub fn odoo() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (how, version) in [(b"\0", "17"), (b"\0", "18"), (b"\x02", "19")] {
        for path in fixtures(&format!("odoo/recordings/{version}")) {
            let body = &value(&path)["response"]["body"];
            let text = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
            if text.len() < 8_192 {
                seeds.push(joined(&[how, text.as_bytes()]));
            }
        }
        let major: i64 = version.parse().expect("a version");
        for path in fixtures("odoo/procedures") {
            let text = String::from_utf8(read(&path)).expect("text");
            let recording = recording::versions_of(&text).remove(&major).expect("a recording of the version");
            for step in recording["answers"].as_array().into_iter().flatten() {
                seeds.extend(procedure(how, &step["answer"]));
            }
        }
    }
    seeds.push(joined(&[
        b"\x01",
        br#"{"jsonrpc":"2.0","id":1,"result":{"server_version_info":[18,0]}}"#,
        br#"{"jsonrpc":"2.0","id":1,"result":2}"#,
    ]));
    seeds
}

/// One procedure's answer, told of this target's first movement by this version's procedure.
fn procedure(how: &[u8], answer: &Value) -> Option<Vec<u8>> {
    let mut answer = answer.clone();
    let hash = if answer.get("invoices").is_some() { READ_INVOICE.hash } else { RECORD_PAYMENT.hash };
    *answer.get_mut("hash")? = json!(hash);
    if let Some(first) = answer.pointer_mut("/results/0/key") {
        *first = json!("stripe:acct_1:pi_1:succeeded");
    }
    // Recorded ids have names; the wire has numbers.
    if let Some(id) = answer.pointer_mut("/results/0/id") {
        *id = json!(41);
    }
    if let Some(invoices) = answer.pointer_mut("/results/0/invoices").and_then(Value::as_array_mut) {
        invoices.iter_mut().for_each(|invoice| invoice["id"] = json!(7));
    }
    let text = if how == b"\x02" { answer } else { json!({"jsonrpc": "2.0", "id": 1, "result": answer}) }.to_string();
    (text.len() < 8_192).then(|| joined(&[how, text.as_bytes()]))
}

pub fn query() -> Vec<Vec<u8>> {
    let begin = br#"{"invoice":7,"access_token":"0123456789abcdef","amount":"10.00","database":"d"}"#;
    let mut seeds =
        vec![joined(&[b"POST https://quittance.example/api/payment-intents", begin, b"cf-connecting-ip: 2001:db8::1"])];
    for url in [
        "GET https://quittance.example/pay/7?access_token=0123456789abcdef&db=x&lang=fr",
        "GET https://quittance.example/pay/logo/1",
        "HEAD /health",
        "GET /embed.js",
        "POST /webhooks/stripe?x=1#y",
        "GET /pay/../health",
        "GET //pay/7",
        "GET /pay/%37",
        "GET /pay/+7",
        "OPTIONS /api/payment-intents",
    ] {
        seeds.push(url.as_bytes().to_vec());
    }
    for (line, header) in [
        ("GET https://quittance.example/admin/api/events?state=parked&q=pi_1&after=x", "authorization: Bearer x"),
        ("POST /admin/api/events/evt_1/replay", "cookie: quittance_admin=0123456789abcdef"),
        (
            "GET /admin/session",
            "cf-access-jwt-assertion: eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJhdWQiOiJhdWRpZW5jZSJ9.AAAA",
        ),
        ("GET /metrics", "authorization: Bearer x"),
    ] {
        seeds.push(joined(&[line.as_bytes(), b"", header.as_bytes()]));
        let known = format!("authorization: Bearer {}", crate::double::ADMIN_TOKEN);
        seeds.push(joined(&[line.as_bytes(), b"{\"note\":\"x\"}", known.as_bytes()]));
    }
    seeds.push(joined(&[b"POST /admin/session", br#"{"token":"x","name":"alice"}"#]));
    let status = b"GET https://quittance.example/api/invoices/7/payment";
    seeds.push(joined(&[status, b"", b"x-access-token: 0123456789abcdef"]));
    seeds
}
