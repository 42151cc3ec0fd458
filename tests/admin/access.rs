//! Cloudflare Access: only its own JWTs, for this application, now.

use std::cell::Cell;
use std::rc::Rc;

use quittance::http::{Request, Response};
use quittance::ports::{Fut, Http, HttpFault, Runtime};
use quittance::routes;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};

use super::*;
use crate::common::now;

const TEAM: &str = "https://example.cloudflareaccess.com";
const ONE: &[u8] = include_bytes!("../fixtures/access/one.der");
const TWO: &[u8] = include_bytes!("../fixtures/access/two.der");

/// The team's list of keys, which may change; counts how often it is asked for.
struct Keys {
    list: std::cell::RefCell<Vec<(&'static str, &'static [u8])>>,
    asked: Cell<usize>,
}

impl Http for Keys {
    fn send(&self, request: Request, _: u32) -> Fut<'_, Result<Response, HttpFault>> {
        assert_eq!(request.url, format!("{TEAM}/cdn-cgi/access/certs"));
        self.asked.set(self.asked.get() + 1);
        let keys: Vec<Value> = self.list.borrow().iter().map(|(kid, der)| jwk(kid, der)).collect();
        let body = json!({"keys": keys, "public_cert": {}, "public_certs": []});
        Box::pin(async move { Ok(Response::json(200, &body)) })
    }
}

fn pair(der: &[u8]) -> RsaKeyPair {
    RsaKeyPair::from_pkcs8(der).unwrap()
}

fn jwk(kid: &str, der: &[u8]) -> Value {
    let public: PublicKeyComponents<Vec<u8>> = pair(der).public_key().into();
    json!({"kid": kid, "kty": "RSA", "alg": "RS256", "use": "sig", "e": encode(&public.e), "n": encode(&public.n)})
}

fn encode(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let six = |bits: &[u8]| (0..6).fold(0, |sum, at| sum << 1 | usize::from(bits.get(at).copied().unwrap_or(0)));
    bits.chunks(6).map(|bits| char::from(LETTERS[six(bits)])).collect()
}

fn sign(header: &Value, claims: &Value, der: &[u8]) -> String {
    let signed = format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
    let pair = pair(der);
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", encode(&signature))
}

struct Scene {
    world: World,
    rt: Runtime,
    keys: Rc<Keys>,
}

impl Scene {
    fn new(seed: u64) -> Self {
        let mut world = World::new(seed, Version::V18);
        world.set("ACCESS_TEAM", TEAM);
        world.set("ACCESS_AUDIENCE", "aud-1, aud-2");
        let keys = Rc::new(Keys { list: vec![("one", ONE)].into(), asked: Cell::new(0) });
        let rt = Runtime { http: keys.clone(), ..world.runtime().clone() };
        Self { world, rt, keys }
    }

    fn claims(&self) -> Value {
        let at = quittance::ports::Clock::now(&self.world.clock);
        json!({"iss": TEAM, "aud": ["aud-2"], "email": "eve@example.com", "iat": at - 10, "nbf": at - 10, "exp": at + 3_600,
            "type": "app", "sub": "7"})
    }

    fn ask(&self, request: &Request) -> (u16, Value) {
        let answer = now(routes::handle(&self.rt, &self.world.config, request));
        (answer.status, read(&answer))
    }

    fn see(&self, jwt: &str) -> (u16, Value) {
        self.ask(&request("GET", "/admin/session").with("cf-access-jwt-assertion", jwt))
    }
}

fn header(kid: &str) -> Value {
    json!({"alg": "RS256", "kid": kid, "typ": "JWT"})
}

#[test]
fn whom_access_lets_in_acts_with_the_csrf_token_of_this_jwt() {
    let scene = Scene::new(1);
    let jwt = sign(&header("one"), &scene.claims(), ONE);
    let (status, session) = scene.see(&jwt);
    assert_eq!((status, session["who"].as_str()), (200, Some("access:eve@example.com")), "{session}");
    let deed = || {
        let body = json!({"verdict": "equal", "summary": ""}).to_string();
        request("POST", "/admin/api/proof").with("cf-access-jwt-assertion", jwt.as_str()).body(body)
    };
    assert_eq!(scene.ask(&deed()).0, 403);
    assert_eq!(scene.ask(&deed().with("x-csrf-token", session["csrf"].as_str().unwrap())).0, 200);
    assert_eq!(scene.keys.asked.get(), 1, "the keys are cached");
    // A service token has no e-mail.
    let mut service = scene.claims();
    service["email"] = json!("");
    service["common_name"] = json!("robot.access");
    service["aud"] = json!("aud-1");
    assert_eq!(scene.see(&sign(&header("one"), &service, ONE)).1["who"], "access:robot.access");
    // What the provider vouches for is kept as it is.
    let mut strange = scene.claims();
    strange["email"] = json!("o'brien+books@example.com\n<b>");
    assert_eq!(scene.see(&sign(&header("one"), &strange, ONE)).1["who"], "access:o'brien+books@example.com<b>");
    // Without a token there is nothing to sign in with.
    let (status, _) = scene.ask(&request("POST", "/admin/session").body(json!({"token": ""}).to_string()));
    assert_eq!(status, 401);
}

#[test]
fn forged_foreign_and_stale_jwts_all_look_the_same() {
    let scene = Scene::new(2);
    let at = quittance::ports::Clock::now(&scene.world.clock);
    let but = |name: &str, value: Value| {
        let mut claims = scene.claims();
        claims[name] = value;
        sign(&header("one"), &claims, ONE)
    };
    let good = sign(&header("one"), &scene.claims(), ONE);
    let (head, rest) = good.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let mut admin = scene.claims();
    admin["email"] = json!("admin@example.com");
    let none = encode(json!({"alg": "none", "kid": "one"}).to_string().as_bytes());
    let wrong = [
        ("expired", but("exp", json!(at))),
        ("not yet", but("nbf", json!(at + 61))),
        ("issued later", but("iat", json!(at + 61))),
        ("another audience", but("aud", json!(["aud-3"]))),
        ("no audience", but("aud", json!([]))),
        ("another issuer", but("iss", json!("https://evil.cloudflareaccess.com"))),
        ("nobody", but("email", json!(""))),
        ("another key under this id", sign(&header("one"), &scene.claims(), TWO)),
        ("an unknown key", sign(&header("two"), &scene.claims(), TWO)),
        ("another payload", format!("{head}.{}.{signature}", encode(admin.to_string().as_bytes()))),
        ("no signature", format!("{head}.{payload}.")),
        ("no algorithm", format!("{none}.{payload}.")),
        ("an algorithm with a shared key", sign(&json!({"alg": "HS256", "kid": "one"}), &scene.claims(), ONE)),
        ("no JWT", "a.b".into()),
        ("nothing", String::new()),
        ("too long", format!("{good}{}", "A".repeat(9_000))),
    ];
    for (what, jwt) in &wrong {
        let (status, body) = scene.see(jwt);
        assert_eq!((status, code(&body)), (401, "admin_unauthorized"), "{what}");
        assert!(body["error"].get("detail").is_none(), "{what}");
    }
    assert_eq!(scene.see(&good).0, 200);
    assert!(scene.keys.asked.get() <= 2, "unknown ids make no storm of requests: {}", scene.keys.asked.get());
}

#[test]
fn a_new_key_is_fetched_when_it_is_first_named() {
    let scene = Scene::new(3);
    assert_eq!(scene.see(&sign(&header("one"), &scene.claims(), ONE)).0, 200);
    scene.keys.list.replace(vec![("one", ONE), ("two", TWO)]);
    assert_eq!(scene.see(&sign(&header("two"), &scene.claims(), TWO)).0, 401, "asked for a moment ago");
    scene.world.clock.advance(61_000);
    assert_eq!(scene.see(&sign(&header("two"), &scene.claims(), TWO)).0, 200);
    // A key that was taken back is known for an hour at most.
    scene.keys.list.replace(vec![("two", TWO)]);
    scene.world.clock.advance(3_600_000);
    assert_eq!(scene.see(&sign(&header("one"), &scene.claims(), ONE)).0, 401);
}
