//! A network that answers from a script and remembers what was asked.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use quittance::config::{Secret, Stripe};
use quittance::http::{Request, Response};
use quittance::ports::{Fut, Http, HttpFault};
use serde_json::Value;

pub const KEY: &str = "rk_test_verysecret";

#[derive(Default)]
pub struct Script {
    answers: RefCell<VecDeque<Result<Response, HttpFault>>>,
    pub asked: RefCell<Vec<(Request, u32)>>,
}

impl Script {
    pub fn of(answers: impl IntoIterator<Item = Result<Response, HttpFault>>) -> Self {
        Self { answers: RefCell::new(answers.into_iter().collect()), asked: RefCell::default() }
    }

    /// Answers 200 with each of the bodies.
    pub fn ok(bodies: impl IntoIterator<Item = Value>) -> Self {
        Self::of(bodies.into_iter().map(|body| Ok(Response::json(200, &body))))
    }

    /// What was asked, `GET /path?query` with the query decoded.
    pub fn lines(&self) -> Vec<String> {
        let line = |request: &Request| {
            let query = decode(request.query());
            format!("{} {}{}{query}", request.method, request.path(), if query.is_empty() { "" } else { "?" })
        };
        self.asked.borrow().iter().map(|(request, _)| line(request)).collect()
    }

    /// Every scripted answer was asked for.
    pub fn used_up(&self) -> bool {
        self.answers.borrow().is_empty()
    }
}

impl Http for Script {
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        let answer = self.answers.borrow_mut().pop_front().unwrap_or_else(|| panic!("not in the script: {request:?}"));
        self.asked.borrow_mut().push((request, timeout));
        Box::pin(async move { answer })
    }
}

pub fn config() -> Stripe {
    Stripe {
        companies: vec![],
        api_key: Secret::new(KEY),
        base: "https://api.stripe.test".into(),
        accounts: vec!["acct_1Connected".into()],
    }
}

/// Runs a future that is never kept waiting.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the script always answers at once"),
    }
}

pub fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        (rest, bytes) = match (first, tail) {
            (b'%', [a, b, tail @ ..]) => {
                let hex = std::str::from_utf8(&[*a, *b]).unwrap().to_owned();
                (tail, [bytes, vec![u8::from_str_radix(&hex, 16).unwrap()]].concat())
            }
            _ => (tail, [bytes, vec![*first]].concat()),
        };
    }
    String::from_utf8(bytes).unwrap()
}
