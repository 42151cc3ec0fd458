//! What the webhook door answers to bad input, and that it stores nothing of it.

use quittance::config::Secret;
use quittance::http::{Request, Response};
use quittance::stripe::signature::sign;
use quittance_sim::odoo::Version;
use quittance_sim::world::{SECRET, WORKER, World};
use serde_json::Value;

const EVENT: &str = r#"{"id":"evt_1","object":"event","type":"plan.created","livemode":false,"created":1795287600,"data":{"object":{"id":"plan_1"}}}"#;

fn webhook(method: &str, body: &[u8], signature: Option<&str>) -> Request {
    let request = Request::new(method, format!("{WORKER}/webhooks/stripe")).body(body);
    match signature {
        Some(signature) => request.with("Stripe-Signature", signature),
        None => request,
    }
}

fn answer(world: &World, request: &Request) -> (u16, String, String) {
    let Response { status, body, .. } = world.request(request).unwrap();
    let text = String::from_utf8(body).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    (status, json["error"]["code"].as_str().unwrap_or("").to_owned(), text)
}

fn stored(world: &World) -> usize {
    world.db.query("SELECT id FROM inbox").len()
}

#[test]
fn every_signature_failure_looks_the_same() {
    let world = World::new(1, Version::V18);
    let (now, secret) = (world.clock.now(), Secret::new(SECRET));
    let good = sign(EVENT.as_bytes(), &secret, now);
    let mut bodies = Vec::new();
    for signature in [
        None,
        Some(String::new()),
        Some("garbage".to_owned()),
        Some(sign(EVENT.as_bytes(), &Secret::new("whsec_wrong"), now)),
        Some(sign(EVENT.as_bytes(), &secret, now - 301)),
        Some(sign(EVENT.as_bytes(), &secret, now + 301)),
        Some(sign(b"other", &secret, now)),
        Some(good.replace("v1=", "v0=")),
        Some(format!("t={now}")),
    ] {
        let (status, code, body) = answer(&world, &webhook("POST", EVENT.as_bytes(), signature.as_deref()));
        assert_eq!((status, code.as_str()), (400, "signature_invalid"), "{signature:?}");
        bodies.push(body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    assert_eq!(answer(&world, &webhook("POST", b"", Some(&sign(b"", &secret, now)))).1, "signature_invalid");
    assert_eq!(stored(&world), 0);
    assert_eq!(world.logged("webhook_refused").len(), 10);
    world.finish();
}

/// Stripe switches off endpoints that answer 400: what it has signed is stored whatever it is, and a person is told of what
/// nobody can read.
#[test]
fn what_is_well_signed_and_no_event_is_stored_and_parked() {
    let mut world = World::new(1, Version::V18);
    let now = world.clock.now();
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let whole = r#"{"id":"evt_1","object":"event","type":"a.b","livemode":false,"created":5,"data":{}}"#;
    let mut bodies: Vec<Vec<u8>> =
        ["null", "[]", "{", "{}", r#"{"object":"plan","id":"x"}"#, "\u{0}", "hello", deep.as_str()]
            .map(|text| text.as_bytes().to_vec())
            .into();
    bodies.push(b"\xff\xfe{}".to_vec());
    for (from, to) in [
        (r#""id":"evt_1""#, r#""id":5"#),
        (r#""id":"evt_1""#, r#""id":"""#),
        (r#""id":"evt_1","#, ""),
        (r#""type":"a.b""#, r#""type":null"#),
        (r#""livemode":false"#, r#""livemode":"false""#),
        (r#""created":5"#, r#""created":-1"#),
        (r#""created":5"#, r#""created":253402300800"#),
        (r#""created":5"#, r#""created":"yesterday""#),
    ] {
        bodies.push(whole.replace(from, to).into_bytes());
    }
    let count = bodies.len();
    for body in bodies.iter().chain(&bodies) {
        let signature = sign(body, &Secret::new(SECRET), now);
        assert_eq!(
            answer(&world, &webhook("POST", body, Some(&signature))).0,
            200,
            "{}",
            String::from_utf8_lossy(body)
        );
    }
    assert_eq!(stored(&world), count, "the same twice is one row");
    world.pass(5);
    let rows = world.db.query("SELECT id, type, state, code FROM inbox");
    assert!(rows.iter().all(|row| row["state"] == "parked" && row["code"] == "event_unreadable"), "{rows:#?}");
    assert_eq!(world.logged("event_parked").len(), count);
    assert!(world.odoo.borrow().payments().is_empty());
    world.finish();
}

/// An envelope asks only for what storing needs.
#[test]
fn an_event_of_an_odd_shape_is_stored_under_its_own_id() {
    let mut world = World::new(1, Version::V18);
    let event = |id: &str, kind: &str, more: &str| {
        format!(r#"{{"id":"{id}","object":"event","type":"{kind}","livemode":false,"created":1795287600{more}}}"#)
    };
    let mut ids = Vec::new();
    for (n, more) in [
        "",
        r#","data":null"#,
        r#","data":7"#,
        r#","data":[]"#,
        r#","data":{}"#,
        r#","data":{"object":null}"#,
        r#","data":{"object":[1]}"#,
        r#","data":{"object":{"id":7}}"#,
        r#","data":{"object":{"id":""}}"#,
        r#","data":{"object":{"charge":[[]],"payment":"\ud83d"}}"#,
        r#","data":{"object":{"id":"\ud83d"}}"#,
        r#","data":{"before":{"id":"pi_1"}}"#,
        r#","related_object":"pi_1""#,
        r#","api_version":7"#,
        r#","object":"#,
        r#","account":5"#,
        r#","account":"""#,
        r#","account":{"id":"acct_1"}"#,
    ]
    .into_iter()
    .enumerate()
    {
        for (kind, name) in [("payment_intent.succeeded", "money"), ("plan.created", "plan")] {
            let id = format!("evt_{name}{n}");
            let mut body = event(&id, kind, more);
            if more == r#","object":"# {
                body = event(&id, kind, "").replace(r#""object":"event","#, "");
            }
            // The account's own events and those that name an account come by two endpoints.
            let named = more.contains("account");
            let secret = if named { quittance_sim::world::connect_secret(SECRET) } else { SECRET.to_owned() };
            let signature = sign(body.as_bytes(), &Secret::new(secret), world.clock.now());
            assert_eq!(answer(&world, &webhook("POST", body.as_bytes(), Some(&signature))).0, 200, "{body}");
            ids.push((id, kind, named, body));
        }
    }
    assert_eq!(stored(&world), ids.len());
    world.pass(5);
    for (id, kind, named, body) in ids {
        let (state, code) = world.state(&id);
        let unread = kind == "payment_intent.succeeded" || named;
        let expected = if unread { ("parked", "event_unreadable") } else { ("ignored", "unsupported") };
        assert_eq!((state.as_str(), code.as_deref()), (expected.0, Some(expected.1)), "{body}");
    }
    assert!(world.odoo.borrow().payments().is_empty());
    world.finish();
}

#[test]
fn a_good_event_is_received_however_often_and_of_whatever_type() {
    let mut world = World::new(1, Version::V18);
    let signature = sign(EVENT.as_bytes(), &Secret::new(SECRET), world.clock.now());
    for _ in 0..3 {
        let (status, _, body) = answer(&world, &webhook("POST", EVENT.as_bytes(), Some(&signature)));
        assert_eq!((status, body.as_str()), (200, r#"{"received":true}"#));
    }
    assert_eq!(stored(&world), 1);
    world.pass(5);
    assert_eq!(world.state("evt_1"), ("ignored".to_owned(), Some("unsupported".to_owned())));
    // The mark of a byte order mark is part of what is signed.
    let marked = format!("\u{feff}{}", EVENT.replace("evt_1", "evt_2"));
    let signature = sign(marked.as_bytes(), &Secret::new(SECRET), world.clock.now());
    assert_eq!(answer(&world, &webhook("POST", marked.as_bytes(), Some(&signature))).0, 200);
    world.pass(5);
    world.finish();
}

#[test]
fn wrong_method_path_and_size() {
    let world = World::new(1, Version::V18);
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "HEAD"] {
        let response = world.request(&webhook(method, b"", None)).unwrap();
        assert_eq!((response.status, response.header("allow")), (405, Some("POST")));
    }
    assert_eq!(answer(&world, &Request::new("GET", format!("{WORKER}/webhooks"))).1, "not_found");
    let large = vec![b' '; 1024 * 1024 + 1];
    let signature = sign(&large, &Secret::new(SECRET), world.clock.now());
    assert_eq!(answer(&world, &webhook("POST", &large, Some(&signature))).1, "body_too_large");
    assert_eq!(answer(&world, &Request::new("GET", format!("{WORKER}/health"))).0, 200);
    world.finish();
}

#[test]
fn no_secret_shuts_the_door() {
    let mut world = World::new(1, Version::V18);
    // Neither the empty key, nor a guess, nor what the example had opens it.
    for configured in [" ", "whsec_", "whsec_...", "whsec_too_short_for_one"] {
        world.set("STRIPE_WEBHOOK_SECRETS", configured);
        for secret in ["", "whsec_", SECRET, configured] {
            let signature = sign(EVENT.as_bytes(), &Secret::new(secret), world.clock.now());
            let (status, code, _) = answer(&world, &webhook("POST", EVENT.as_bytes(), Some(&signature)));
            assert_eq!((status, code.as_str()), (503, "webhook_secret_missing"), "{configured} {secret}");
        }
    }
    assert_eq!(stored(&world), 0);
    let logged = world.logged("webhook_secret_missing");
    assert_eq!(logged.len(), 16);
    assert!(format!("{:?}", logged.last()).contains("wrong_secrets") && !format!("{logged:?}").contains("whsec_"));
    world.finish();
}

#[test]
fn a_placeholder_beside_a_good_secret_is_left_out_and_named_by_its_position() {
    let mut world = World::new(1, Version::V18);
    world.set("STRIPE_WEBHOOK_SECRETS", &format!("{SECRET} whsec_..."));
    let signed = |secret: &str| sign(EVENT.as_bytes(), &Secret::new(secret), world.clock.now());
    let (status, code, _) = answer(&world, &webhook("POST", EVENT.as_bytes(), Some(&signed("whsec_..."))));
    assert_eq!((status, code.as_str()), (400, "signature_invalid"));
    assert_eq!(answer(&world, &webhook("POST", EVENT.as_bytes(), Some(&signed(SECRET)))).0, 200);
    let logged = format!("{:?}", world.logged("webhook_refused"));
    assert!(logged.contains("wrong_secrets") && logged.contains('2') && !logged.contains("whsec_"), "{logged}");
    world.pass(5);
    world.finish();
}

/// Four endpoints, each with a secret of its own.
const SECRETS: [(&str, &str); 4] = [
    ("live:", "whsec_of_the_live_account_0123456789"),
    ("live:connect:", "whsec_of_live_connected_0123456789"),
    ("test:", "whsec_of_the_test_account_0123456789"),
    ("test:connect:", "whsec_of_test_connected_0123456789"),
];

fn of(livemode: bool, account: Option<&str>, thin: bool) -> String {
    let n = format!("{}{}{}", u8::from(livemode), account.unwrap_or("").len(), u8::from(thin));
    let mut event: Value = serde_json::from_str(&EVENT.replace("evt_1", &format!("evt_{n}"))).unwrap();
    event["livemode"] = livemode.into();
    match (thin, account) {
        (false, Some(account)) => event["account"] = account.into(),
        (false, None) => {}
        (true, account) => {
            event["object"] = "v2.core.event".into();
            event["context"] = account.into();
        }
    }
    event.to_string()
}

/// A secret that leaked, or one that a copied list brought along, has no word beyond its own endpoint: whatever else it
/// signs is refused as a wrong signature is, with the same answer.
#[test]
fn a_secret_signs_for_its_own_endpoint_and_mode_only() {
    for (key, own) in [("sk_live_1", true), ("rk_test_1", false)] {
        let mut world = World::new(1, Version::V18);
        let list: Vec<String> = SECRETS.iter().map(|(prefix, secret)| format!("{prefix}{secret}")).collect();
        world.set("STRIPE_WEBHOOK_SECRETS", &list.join(","));
        world.set("STRIPE_API_KEY", key);
        let mut taken = Vec::new();
        for (prefix, secret) in SECRETS {
            for (livemode, account, thin) in [true, false].into_iter().flat_map(|livemode| {
                [None, Some("acct_2"), Some("acct_own/acct_2")]
                    .into_iter()
                    .flat_map(move |account| [(livemode, account, false), (livemode, account, true)])
            }) {
                let body = of(livemode, account, thin);
                let signature = sign(body.as_bytes(), &Secret::new(secret), world.clock.now());
                let (status, code, answer) = answer(&world, &webhook("POST", body.as_bytes(), Some(&signature)));
                let live = prefix.starts_with("live:");
                // Stripe sends test events of connected accounts to live endpoints as well; a live ledger books none.
                let mode = live == livemode || (live && account.is_some() && own);
                let fits = mode && prefix.contains("connect") == account.is_some();
                let expected = if fits { (200, "") } else { (400, "signature_invalid") };
                assert_eq!((status, code.as_str()), expected, "{key} {prefix} {body}");
                if fits {
                    taken.push(body);
                } else {
                    let wrong = sign(body.as_bytes(), &Secret::new("whsec_wrong"), world.clock.now());
                    assert_eq!(answer, self::answer(&world, &webhook("POST", body.as_bytes(), Some(&wrong))).2);
                }
            }
        }
        let causes = world.logged("webhook_refused");
        assert!(causes.iter().any(|line| line.fields["cause"] == "other_endpoint"), "{causes:?}");
        taken.sort();
        taken.dedup();
        assert_eq!(stored(&world), taken.len());
        world.disable_drop_check();
    }
}

#[test]
fn a_secret_without_a_mode_has_the_keys_or_is_a_test_one() {
    let mut world = World::new(1, Version::V18);
    let secret = Secret::new(SECRET);
    let posted = |world: &World, body: &str| {
        let signature = sign(body.as_bytes(), &secret, world.clock.now());
        answer(world, &webhook("POST", body.as_bytes(), Some(&signature))).1
    };
    let (live, test) = (of(true, None, false), of(false, None, false));
    world.set("STRIPE_WEBHOOK_SECRETS", SECRET);
    world.set("STRIPE_API_KEY", "rk_live_1");
    assert_eq!([posted(&world, &live), posted(&world, &test)], ["", "signature_invalid"]);
    world.set("STRIPE_API_KEY", "sk_test_sim");
    assert_eq!([posted(&world, &live), posted(&world, &test)], ["signature_invalid", ""]);
    // Without a key, or with one that tells no mode: nothing of it is live.
    for key in ["", "pk_live_1"] {
        world.set("STRIPE_API_KEY", key);
        assert_eq!([posted(&world, &live), posted(&world, &test)], ["signature_invalid", ""], "{key}");
    }
    world.set("STRIPE_WEBHOOK_SECRETS", &format!("live:{SECRET}"));
    assert_eq!([posted(&world, &live), posted(&world, &test)], ["", "signature_invalid"]);
    assert_eq!(stored(&world), 2);
    world.disable_drop_check();
}

/// Both secrets of a roll are of one endpoint, and of either kind.
#[test]
fn while_a_secret_is_rolled_either_is_enough() {
    let mut world = World::new(1, Version::V18);
    let [old, new] = ["whsec_old_0123456789abcdef0123456789", "whsec_new_0123456789abcdef0123456789"].map(Secret::new);
    let both = |world: &World, body: &str| {
        let (old, new) =
            (sign(body.as_bytes(), &old, world.clock.now()), sign(body.as_bytes(), &new, world.clock.now()));
        format!("{old},{}", new.split_once(',').unwrap().1)
    };
    for (list, account, fits) in [
        (format!("test:{},test:{}", old.reveal(), new.reveal()), None, true),
        (format!("test:{}", old.reveal()), None, true),
        (format!("test:{}", new.reveal()), None, true),
        (format!("test:connect:{},test:connect:{}", old.reveal(), new.reveal()), Some("acct_2"), true),
        (format!("test:connect:{}", new.reveal()), None, false),
        (format!("live:{},test:connect:{}", old.reveal(), new.reveal()), None, false),
        (format!("test:{0},test:connect:{0}", old.reveal()), Some("acct_2"), true),
        (format!("test:{0},test:connect:{0}", old.reveal()), None, true),
    ] {
        world.set("STRIPE_WEBHOOK_SECRETS", &list);
        for thin in [false, true] {
            let body = of(false, account, thin);
            let status = answer(&world, &webhook("POST", body.as_bytes(), Some(&both(&world, &body)))).0;
            assert_eq!(status == 200, fits, "{list} {body}");
        }
    }
    world.disable_drop_check();
}

#[test]
fn an_event_that_cannot_be_stored_is_not_acknowledged() {
    use quittance_sim::world::port_faults::Mishap;
    for mishap in [Mishap::FailBefore, Mishap::FailAfter] {
        let mut world = World::new(1, Version::V18);
        let signature = sign(EVENT.as_bytes(), &Secret::new(SECRET), world.clock.now());
        let request = webhook("POST", EVENT.as_bytes(), Some(&signature));
        world.dial.set(0, mishap);
        let (status, code, body) = answer(&world, &request);
        assert_eq!((status, code.as_str()), (503, "event_not_stored"));
        assert!(!body.contains("lost"), "no detail to strangers: {body}");
        // The retry may say "seen" for a row that the first try stored: it is worked all the same.
        assert_eq!(answer(&world, &request).0, 200);
        world.pass(5);
        assert_eq!(world.state("evt_1").0, "ignored");
        world.finish();
    }
}

/// Stripe sends from a few addresses, and a bad hour brings thousands from one of them.
#[test]
fn webhooks_are_never_limited_by_address() {
    let mut world = World::new(1, Version::V18);
    for n in 0..7_000 {
        let body = EVENT.replace("evt_1", &format!("evt_{}", n % 50));
        let signature = sign(body.as_bytes(), &Secret::new(SECRET), world.clock.now());
        let request = webhook("POST", body.as_bytes(), Some(&signature)).with("cf-connecting-ip", "192.0.2.1");
        assert_eq!(world.request(&request).map(|answer| answer.status), Some(200), "webhook {n}");
    }
    // Nor does a stranger who posts from Stripe's address, or uses up his own share, keep it out.
    for _ in 0..400 {
        world.request(&webhook("POST", b"{}", Some("t=1,v1=00")).with("cf-connecting-ip", "192.0.2.1"));
        world.request(&Request::new("GET", format!("{WORKER}/health")).with("cf-connecting-ip", "192.0.2.1"));
    }
    let signature = sign(EVENT.as_bytes(), &Secret::new(SECRET), world.clock.now());
    let request = webhook("POST", EVENT.as_bytes(), Some(&signature)).with("cf-connecting-ip", "192.0.2.1");
    assert_eq!(world.request(&request).map(|answer| answer.status), Some(200));
    world.pass(60);
    world.finish();
}

#[test]
fn health_needs_the_ledger() {
    use quittance_sim::world::port_faults::Mishap;
    let world = World::new(1, Version::V18);
    let health = Request::new("GET", format!("{WORKER}/health"));
    world.dial.set(0, Mishap::FailBefore);
    assert_eq!(answer(&world, &health).1, "ledger_unavailable");
    assert_eq!(answer(&world, &health).0, 200);
    world.finish();
}

/// What the door's outer part answers by itself has a code that the core knows: an unknown one would be another's answer.
#[test]
fn every_code_of_the_outer_door_is_known() {
    let mut codes: Vec<String> = Vec::new();
    for file in ["src/glue/body.mjs", "src/glue/door.mjs"] {
        let text = std::fs::read_to_string(file).unwrap();
        for before in ["work('", "return '", "refuse('"] {
            codes.extend(text.split(before).skip(1).filter_map(|rest| rest.split('\'').next()).map(str::to_owned));
        }
    }
    codes.sort();
    codes.dedup();
    assert!(["body_invalid", "body_too_large", "event_not_stored"].iter().all(|code| codes.iter().any(|c| c == code)));
    assert!(codes.iter().all(|code| quittance::error::Code::from_name(code).is_some()), "{codes:?}");
}
