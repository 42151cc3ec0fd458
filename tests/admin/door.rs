//! Tokens and sessions.

use serde_json::{Value, json};

use super::*;

#[test]
fn there_is_nothing_where_nobody_may_get_in() {
    let mut world = World::new(1, Version::V18);
    for token in [None, Some("short"), Some("0123456789012345678901234567890")] {
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
            let asked = request("GET", path);
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
