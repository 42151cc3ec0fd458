//! The product's ports with nobody behind them: the network answers what the input says.

use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use quittance::config::Config;
use quittance::http::{Request, Response};
use quittance::ports::*;
use serde_json::Value;

/// 21 November 2026.
pub const NOW: i64 = 1_795_287_600;
pub const SECRET: &str = "whsec_fuzz_0123456789abcdef0123456789";
pub const ODOO_KEY: &str = "fuzz_odoo_key_8c1f0a";
pub const ADMIN_TOKEN: &str = "fuzz_admin_token_0123456789abcdef012345";
pub const METRICS_TOKEN: &str = "fuzz_metrics_token_0123456789abcdef0123";
pub const STRIPE_KEY: &str = "sk_test_fuzz_5d20b7";

/// Settings under which everything is switched on.
pub fn config() -> Config {
    Config::read(&|name| {
        let value = match name {
            "STRIPE_WEBHOOK_SECRETS" => SECRET,
            "STRIPE_API_KEY" => STRIPE_KEY,
            "STRIPE_PUBLISHABLE_KEY" => "pk_test_fuzz",
            "STRIPE_ACCOUNTS" => "acct_2",
            "ODOO_URL" => "https://odoo.example",
            "ODOO_DB" => "books",
            "ODOO_LOGIN" => "clerk",
            "ODOO_API_KEY" => ODOO_KEY,
            "BOOK_FROM" => "0",
            "EMBED_ORIGINS" => "https://odoo.example",
            "PAY_PARTIAL" => "true",
            "ADMIN_TOKEN" => ADMIN_TOKEN,
            "METRICS_TOKEN" => METRICS_TOKEN,
            "ACCESS_TEAM" => "https://team.example",
            "ACCESS_AUDIENCE" => "audience",
            _ => return None,
        };
        Some(value.to_owned())
    })
}

/// Gives one answer after the other, and the last for ever. The first byte of each chooses the status.
pub struct Network {
    answers: Vec<Response>,
    next: Cell<usize>,
}

impl Network {
    pub fn of(parts: &[&[u8]]) -> Self {
        Self { answers: parts.iter().map(|part| answer(part)).collect(), next: Cell::new(0) }
    }
}

fn answer(part: &[u8]) -> Response {
    const OTHERS: [u16; 8] = [404, 400, 401, 403, 409, 429, 500, 503];
    let (status, body) = match part.split_first() {
        Some((at @ 1..=8, rest)) => (OTHERS[usize::from(*at) - 1], rest),
        _ => (200, part),
    };
    Response { status, headers: vec![("content-type".into(), "image/png".into())], body: body.to_vec() }
}

impl Http for Network {
    fn send(&self, request: Request, _: u32) -> Fut<'_, Result<Response, HttpFault>> {
        let at = self.next.replace(self.next.get() + 1).min(self.answers.len().saturating_sub(1));
        let host = request.url.split('/').take(3).collect::<Vec<_>>().join("/");
        // Nothing that was sent may choose where the keys go.
        assert!(
            ["https://odoo.example", "https://api.stripe.com", "https://team.example"].contains(&host.as_str()),
            "a request to {host}"
        );
        assert!(!request.path().contains(".."), "a request to {}", request.path());
        let answer = self.answers.get(at).cloned().ok_or_else(|| HttpFault::Unreachable("nobody".into()));
        Box::pin(async move { answer })
    }
}

/// A cache that holds one text under every key.
pub struct Kept(pub Option<String>);

impl Kv for Kept {
    fn get<'a>(&'a self, _: &'a str) -> Fut<'a, Option<String>> {
        Box::pin(async { self.0.clone() })
    }
    fn put<'a>(&'a self, _: &'a str, _: &'a str, _: u32) -> Fut<'a, ()> {
        Box::pin(async {})
    }
}

/// Everything else: an empty ledger, a clock that stands still, a log that remembers.
#[derive(Default)]
pub struct Nobody {
    pub log: RefCell<String>,
}

impl Db for Nobody {
    fn batch(&self, stmts: Vec<Stmt>) -> Fut<'_, Result<Vec<Rows>, DbError>> {
        Box::pin(async move { Ok(stmts.iter().map(|_| Rows::default()).collect()) })
    }
}
impl Queue for Nobody {
    fn send<'a>(&'a self, _: &'a [String]) -> Fut<'a, Result<(), String>> {
        Box::pin(async { Ok(()) })
    }
}
impl Limits for Nobody {
    fn allow<'a>(&'a self, _: Limit, _: &'a str) -> Fut<'a, bool> {
        Box::pin(async { true })
    }
}
impl Signatures for Nobody {
    fn rs256<'a>(&'a self, _: &'a str, _: &'a str, _: &'a [u8], _: &'a [u8]) -> Fut<'a, bool> {
        Box::pin(async { false })
    }
}
impl Clock for Nobody {
    fn now_ms(&self) -> i64 {
        NOW * 1000
    }
}
impl Entropy for Nobody {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}
impl Log for Nobody {
    fn line(&self, _: Level, event: &'static str, fields: Value) {
        self.log.borrow_mut().push_str(&format!("{event} {fields}\n"));
    }
}

/// All ports, and the log among them.
pub fn runtime(network: Network) -> (Runtime, Rc<Nobody>) {
    let nobody = Rc::new(Nobody::default());
    let runtime = Runtime {
        db: nobody.clone(),
        kv: Rc::new(Kept(None)),
        queue: nobody.clone(),
        http: Rc::new(network),
        limits: nobody.clone(),
        signatures: nobody.clone(),
        clock: nobody.clone(),
        entropy: nobody.clone(),
        log: nobody.clone(),
    };
    (runtime, nobody)
}

/// The value of a future that waits for nothing.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("something waits"),
    }
}

/// No secret of [`config`] stands in a text that leaves the product.
pub fn holds_no_secret(text: &str) {
    for secret in [SECRET, ODOO_KEY, STRIPE_KEY, ADMIN_TOKEN, METRICS_TOKEN] {
        assert!(!text.contains(secret), "a secret in: {text}");
    }
}
