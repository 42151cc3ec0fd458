//! Tokens and sessions.

use serde_json::{Value, json};

use super::*;

#[test]
fn there_is_nothing_where_nobody_may_get_in() {
    let mut world = World::new(1, Version::V18);
    for token in [None, Some("short"), Some("N3kq0cXw1v8y7ZbR5tUeJ2mPqL9sDfG"), Some(&*"a".repeat(40))] {
        token.into_iter().for_each(|token| world.set("ADMIN_TOKEN", token));
        for (method, path) in
            [("GET", "/admin"), ("GET", "/admin/api/health"), ("POST", "/admin/session"), ("GET", "/metrics")]
        {
            let (status, body) =
                ask(&world, &with_token(request(method, path)).body(json!({"token": "short"}).to_string()));
            assert_eq!((status, code(&body)), (404, "not_found"), "{path}");
        }
    }
    world.finish();
}

#[test]
fn who_has_no_token_sees_nothing() {
    let world = world(2);
    let mut answers = Vec::new();
    for bearer in [None, Some("Bearer "), Some("Bearer wrong"), Some("Basic YTpi"), Some(&*format!("Bearer {TOKEN}x"))]
    {
        for path in ["/admin/api/health", "/admin/api/events", "/admin/session", "/admin/api/nothing"] {
            // Whoever guesses often is refused for that: here each time it is somebody else.
            let asked = request("GET", path).with("cf-connecting-ip", format!("192.0.2.{}", answers.len()));
            let asked = match bearer {
                Some(bearer) => asked.with("authorization", bearer),
                None => asked,
            };
            let answer = world.request(&asked).unwrap();
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            answers.push((answer.status, read(&answer)));
        }
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    assert_eq!((answers[0].0, code(&answers[0].1)), (401, "admin_unauthorized"));
    assert!(!world.log().iter().any(|line| line.fields.to_string().contains(TOKEN)));
    assert_eq!(
        get(&world, "/admin/session"),
        json!({"who": "token:alice", "via": "token", "csrf": null, "until": null})
    );
    world.finish();
}

#[test]
fn the_page_is_a_shell_that_may_do_little() {
    let world = world(3);
    let answer = world.request(&request("GET", "/admin")).unwrap();
    assert_eq!(answer.status, 200);
    let policy = answer.header("content-security-policy").unwrap();
    assert!(
        policy.contains("default-src 'none'")
            && policy.contains("frame-ancestors 'none'")
            && !policy.contains("unsafe")
    );
    let page = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(page.contains("token") && !page.contains("{{"), "{page}");
    world.finish();
}

fn sign_in(world: &World) -> (String, Value) {
    let answer = world
        .request(&request("POST", "/admin/session").body(json!({"token": TOKEN, "name": "bob"}).to_string()))
        .unwrap();
    let cookie = answer.header("set-cookie").unwrap();
    for part in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/admin", "Max-Age=28800"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    (cookie.split(';').next().unwrap().to_owned(), read(&answer))
}

#[test]
fn a_session_acts_only_with_its_csrf_token() {
    let world = world(4);
    let (cookie, session) = sign_in(&world);
    assert_eq!((session["who"].as_str(), session["via"].as_str()), (Some("token:bob"), Some("session")));
    let with = |asked: Request| asked.with("cookie", format!("other=1; {cookie}"));
    let (status, again) = ask(&world, &with(request("GET", "/admin/session")));
    assert_eq!((status, &again), (200, &session));
    assert_eq!(ask(&world, &with(request("GET", "/admin/api/health"))).0, 200);
    let deed =
        || with(request("POST", "/admin/api/proof")).body(json!({"verdict": "equal", "summary": "x"}).to_string());
    let other = sign_in(&world).1["csrf"].as_str().unwrap().to_owned();
    for wrong in [None, Some(""), Some("0"), Some(other.as_str())] {
        let asked = wrong.map_or_else(deed, |csrf| deed().with("x-csrf-token", csrf));
        let (status, body) = ask(&world, &asked);
        assert_eq!((status, code(&body)), (403, "csrf_invalid"), "{wrong:?}");
    }
    let csrf = session["csrf"].as_str().unwrap();
    assert_eq!(ask(&world, &deed().with("x-csrf-token", csrf)).0, 200);
    // A browser says that another site's page asked.
    for site in ["cross-site", "same-site"] {
        let asked = deed().with("x-csrf-token", csrf).with("sec-fetch-site", site);
        assert_eq!(ask(&world, &asked).0, 401, "{site}");
    }
    assert_eq!(ask(&world, &deed().with("x-csrf-token", csrf).with("sec-fetch-site", "same-origin")).0, 200);
    let audit = get(&world, "/admin/api/audit");
    assert_eq!(audit["audit"][0]["action"], "sign_in");
    assert_eq!(audit["audit"][0]["who"], "token:bob");
    world.finish();
}

#[test]
fn a_session_ends_by_its_owner_its_time_or_a_new_token() {
    let mut world = world(5);
    let see = |world: &World, cookie: &str| ask(world, &request("GET", "/admin/api/health").with("cookie", cookie)).0;
    let (cookie, session) = sign_in(&world);
    assert_eq!(see(&world, &cookie), 200);
    let out = request("DELETE", "/admin/session").with("cookie", cookie.as_str());
    assert_eq!(ask(&world, &out.clone()).0, 403);
    let answer = world.request(&out.with("x-csrf-token", session["csrf"].as_str().unwrap())).unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(see(&world, &cookie), 401);
    let (cookie, _) = sign_in(&world);
    world.set("ADMIN_TOKEN", "another-token-that-is-long-enough-1");
    assert_eq!(see(&world, &cookie), 401);
    world.set("ADMIN_TOKEN", TOKEN);
    assert_eq!(see(&world, &cookie), 200);
    world.pass(8 * 3_600 - 60);
    assert_eq!(see(&world, &cookie), 200);
    world.pass(120);
    assert_eq!(see(&world, &cookie), 401);
    // The ledger has no cookie's value.
    let kept = world.db.query("SELECT id FROM sessions");
    assert!(!kept.iter().any(|row| cookie.contains(row["id"].as_str().unwrap())));
    world.finish();
}

#[test]
fn attempts_to_sign_in_are_limited() {
    let world = world(6);
    let attempt = |token: &str| {
        let body = json!({"token": token}).to_string();
        world.request(&request("POST", "/admin/session").with("cf-connecting-ip", "192.0.2.1").body(body)).unwrap()
    };
    let statuses: Vec<u16> = (0..12).map(|_| attempt("wrong").status).collect();
    assert_eq!(statuses[9..], [401, 429, 429]);
    let answer = attempt(TOKEN);
    assert_eq!((answer.status, answer.header("retry-after")), (429, Some("60")));
    let elsewhere = request("POST", "/admin/session").with("cf-connecting-ip", "192.0.2.2");
    assert_eq!(ask(&world, &elsewhere.body(json!({"token": TOKEN}).to_string())).0, 200);
    world.finish();
}

/// A bearer token is guessed as a token to sign in with is: ten times a minute, and then not even the right one is looked at.
#[test]
fn guessed_tokens_are_counted() {
    for path in ["/admin/api/health", "/admin/session", "/metrics", "/admin/api/nothing"] {
        let mut world = world(7);
        let ask = |world: &World, token: &str, from: &str| {
            let asked =
                request("GET", path).with("authorization", format!("Bearer {token}")).with("cf-connecting-ip", from);
            world.request(&asked).unwrap().status
        };
        let statuses: Vec<u16> = (0..12).map(|n| ask(&world, &format!("wrong{n}"), "192.0.2.1")).collect();
        assert_eq!(statuses, [[401; 10].as_slice(), &[429; 2]].concat(), "{path}");
        assert_eq!(ask(&world, TOKEN, "192.0.2.1"), 429, "{path}: the right one among guesses");
        let known = if path.ends_with("nothing") { 404 } else { 200 };
        assert_eq!(ask(&world, TOKEN, "192.0.2.2"), known, "{path}: nobody else's share");
        world.pass(61);
        assert_eq!(ask(&world, TOKEN, "192.0.2.1"), known, "{path}");
        // Who has it is not counted so.
        assert!((0..200).all(|_| ask(&world, TOKEN, "192.0.2.3") == known), "{path}");
        world.finish();
    }
}

/// A megabyte of JSON costs sixty of memory: how large it is comes before what it says, and who sends it before both.
#[test]
fn sizes_are_asked_before_anything_is_made_of_a_body() {
    let world = world(8);
    let most = |asked: &Request| common::now(quittance::routes::body_bytes_max(world.runtime(), &world.config, asked));
    const SMALL: usize = 4_096;
    let recover = || request("POST", "/admin/api/recover");
    assert_eq!(most(&with_token(recover())), 256 * 1024);
    for stranger in [
        recover(),
        recover().with("authorization", "Bearer wrong"),
        recover().with("cookie", "quittance_admin=0123"),
        request("POST", "/admin/session"),
        with_token(request("POST", "/admin/session")),
        with_token(request("POST", "/metrics")),
        request("POST", "/api/payment-intents"),
        request("POST", "/nowhere"),
    ] {
        assert_eq!(most(&stranger), SMALL, "{} {:?}", stranger.url, stranger.headers);
    }
    // No JSON at all: it is not looked at.
    for (asked, length, status) in [
        (request("POST", "/admin/session"), SMALL + 1, 413),
        (request("POST", "/admin/session"), SMALL, 400),
        (with_token(recover()), 256 * 1024 + 1, 413),
        (with_token(recover()), 256 * 1024, 400),
    ] {
        assert_eq!(ask(&world, &asked.body("[".repeat(length))).0, status, "{length}");
    }
    world.finish();
}

/// The same secret for two purposes: whoever is given it for one has it for the other.
#[test]
fn a_secret_that_serves_twice_opens_nothing() {
    for (other, stops) in
        [("METRICS_TOKEN", false), ("ALERT_SECRET", false), ("ODOO_API_KEY", true), ("RPC_SECRET", true)]
    {
        let mut world = world(9);
        world.set(other, TOKEN);
        let asked = with_token(request("GET", "/admin/api/health"));
        assert_eq!(
            (ask(&world, &asked).0, ask(&world, &with_token(request("GET", "/metrics"))).0),
            (404, 404),
            "{other}"
        );
        let error = world.config.reused.clone().unwrap();
        assert!(error.detail.contains("ADMIN_TOKEN") && error.detail.contains(other) && !error.detail.contains(TOKEN));
        assert_eq!(world.config.delivery.is_err(), stops, "{other}: what the operator looks with stops no money");
        world.set(other, "another-secret-than-that-of-the-tests-8");
        assert_eq!(ask(&world, &asked).0, 200);
        world.disable_drop_check();
    }
}
