//! The product's ports in a simulated world.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use quittance::http::{Request, Response};
use quittance::ports::{
    Db, DbError, Fut, Http, HttpFault, Kv, Level, Limit, Limits, Log, Queue, Rows, Signatures, Stmt,
};
use serde_json::Value;

use super::port_faults::Dial;
use super::secrets;
use crate::d1::D1;
use crate::{Clock, Party, Reply};

pub struct DbPort(pub Rc<D1>, pub Rc<Dial>);

impl Db for DbPort {
    fn batch(&self, stmts: Vec<Stmt>) -> Fut<'_, Result<Vec<Rows>, DbError>> {
        let run = async move {
            let answers = self.0.run(&stmts)?;
            self.1.watch.observe_batch(&stmts, &answers);
            Ok(answers)
        };
        self.1.call("d1", run, || Err(DbError::Unavailable("the answer was lost".into())))
    }
}

/// Everything cached, without an end.
#[derive(Default)]
pub struct KvPort {
    pub values: RefCell<BTreeMap<String, String>>,
}

impl Kv for KvPort {
    fn get<'a>(&'a self, key: &'a str) -> Fut<'a, Option<String>> {
        Box::pin(async move { self.values.borrow().get(key).cloned() })
    }
    fn put<'a>(&'a self, key: &'a str, value: &'a str, _ttl: u32) -> Fut<'a, ()> {
        Box::pin(async move {
            self.values.borrow_mut().insert(key.to_owned(), value.to_owned());
        })
    }
}

/// A message of the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    pub event: String,
    pub due_ms: i64,
    pub tries: u32,
}

pub struct QueuePort {
    pub hints: Rc<RefCell<VecDeque<Hint>>>,
    pub clock: Clock,
    pub dial: Rc<Dial>,
}

impl Queue for QueuePort {
    fn send<'a>(&'a self, events: &'a [String]) -> Fut<'a, Result<(), String>> {
        let push = async move {
            let (now, fault_rates) = (self.clock.now_ms(), &self.dial.fault_rates);
            let rates = fault_rates.rates();
            for event in events {
                if fault_rates.draws(rates.lose) {
                    self.dial.journal.note(|| format!("  ! the queue loses the hint for {event}"));
                    continue;
                }
                for _ in 0..if fault_rates.draws(rates.repeat) { 2 } else { 1 } {
                    let late = if fault_rates.draws(rates.late) { fault_rates.below(120_000) as i64 } else { 0 };
                    let hint = Hint { event: event.clone(), due_ms: now + late, tries: 0 };
                    self.hints.borrow_mut().push_back(hint);
                }
            }
            Ok(())
        };
        self.dial.call("queue", push, || Err("Internal Server Error".into()))
    }
}

/// Requests go to the party that listens at the address.
pub struct HttpPort {
    pub parties: Vec<(String, Rc<RefCell<dyn Party>>)>,
    pub clock: Clock,
    pub dial: Rc<Dial>,
    /// Requests whose senders gave up, with the instant (milliseconds) at which they arrive.
    pub delayed: Rc<RefCell<Vec<(i64, Request)>>>,
}

impl HttpPort {
    /// Hands a request to its party.
    pub fn hand(&self, request: &Request) -> Result<Reply, HttpFault> {
        let party = self.parties.iter().find(|(base, _)| request.url.starts_with(base.as_str()));
        let (_, party) = party.ok_or_else(|| HttpFault::Unreachable("nobody listens there".into()))?;
        Ok(party.borrow_mut().handle(request))
    }
}

impl Http for HttpPort {
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>> {
        let deadly = self
            .dial
            .deadly
            .borrow()
            .as_ref()
            .is_some_and(|text| String::from_utf8_lossy(&request.body).contains(text));
        if deadly {
            return Box::pin(std::future::pending());
        }
        let exchange = async move {
            if let Some(after) = self.dial.fault_rates.draw_delay() {
                self.dial.journal.note(|| format!("  ! {} is given up by its sender and goes on", request.url));
                self.clock.advance(i64::from(timeout));
                self.delayed.borrow_mut().push((self.clock.now_ms() + after, request));
                return Err(HttpFault::TimedOut);
            }
            let reply = self.hand(&request)?;
            self.dial.journal.note(|| exchange_line(&request, &reply));
            let waited = match &reply {
                Reply::Answer { after_ms, .. } => (*after_ms).min(timeout),
                Reply::Dropped => 0,
            };
            self.clock.advance(i64::from(waited));
            reply.within(timeout)
        };
        self.dial.call("http", exchange, || Err(HttpFault::TimedOut))
    }
}

/// An exchange in a line.
fn exchange_line(request: &Request, reply: &Reply) -> String {
    let answer = match reply {
        Reply::Answer { response, after_ms: 0 } => response.status.to_string(),
        Reply::Answer { response, after_ms } => format!("{} after {after_ms} ms", response.status),
        Reply::Dropped => "no answer".to_owned(),
    };
    format!("  {} {}: {answer}", request.method, request.url.split('?').next().unwrap_or_default())
}

/// The limits of wrangler.toml, counted exactly.
pub struct LimitPort {
    /// Requests in the present minute, by limit and key.
    pub counts: RefCell<BTreeMap<(String, i64), u32>>,
    pub clock: Clock,
}

impl Limits for LimitPort {
    fn allow<'a>(&'a self, limit: Limit, key: &'a str) -> Fut<'a, bool> {
        let most = limit_of(limit);
        let minute = self.clock.now_ms().div_euclid(60_000);
        let mut counts = self.counts.borrow_mut();
        let count = counts.entry((format!("{limit:?} {key}"), minute)).or_default();
        *count += 1;
        let within = *count <= most;
        Box::pin(async move { within })
    }
}

/// The number of a limit in wrangler.toml; 0, which lets nobody in, where it is not there.
fn limit_of(limit: Limit) -> u32 {
    let toml = include_str!("../../../../wrangler.toml");
    let name = format!("name = \"{}\"", limit.binding());
    let number = toml.split_once(&name).and_then(|(_, rest)| rest.split_once("limit = "));
    let digits = number.map_or("", |(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or(""));
    digits.parse().unwrap_or(0)
}

/// What WebCrypto does in workerd.
pub struct SignaturePort;

impl Signatures for SignaturePort {
    fn rs256<'a>(&'a self, n: &'a str, e: &'a str, message: &'a [u8], signature: &'a [u8]) -> Fut<'a, bool> {
        Box::pin(async move {
            let (Some(n), Some(e)) = (base64url(n), base64url(e)) else { return false };
            let key = ring::signature::RsaPublicKeyComponents { n: &n, e: &e };
            key.verify(&ring::signature::RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
        })
    }
}

fn base64url(text: &str) -> Option<Vec<u8>> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let six: Option<Vec<usize>> = text.bytes().map(|byte| LETTERS.iter().position(|letter| *letter == byte)).collect();
    let bits: Vec<bool> = six?.into_iter().flat_map(|six| (0..6).rev().map(move |bit| six >> bit & 1 == 1)).collect();
    Some(bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | u8::from(*bit))).collect())
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub level: Level,
    pub event: &'static str,
    pub fields: Value,
}

pub struct LogPort {
    pub lines: RefCell<Vec<Line>>,
    /// What no line may hold.
    pub secrets: RefCell<Vec<String>>,
    pub dial: Rc<Dial>,
}

impl Log for LogPort {
    fn line(&self, level: Level, event: &'static str, fields: Value) {
        let secrets = self.secrets.borrow();
        assert!(secrets::secret_in_json(&fields, &secrets).is_none(), "a secret in a line of the log, {event}");
        self.dial.journal.note(|| format!("    {event} {fields}"));
        self.lines.borrow_mut().push(Line { level, event, fields });
    }
}
