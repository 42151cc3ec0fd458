//! The ports: all access to the outside. In production Cloudflare answers (`glue`), in tests SQLite and the simulators
//! do. Nothing else in `src/` may touch a clock, entropy, a network or a database.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use serde_json::Value;

use crate::error::{Code, Error};
use crate::http::{Request, Response};

/// A future of one thread: a Worker's isolate has one.
pub type Fut<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// One SQL statement with its bound values, `?1` first.
#[derive(Clone, Debug, PartialEq)]
pub struct Stmt {
    pub sql: &'static str,
    pub args: Vec<Arg>,
}

/// A bound value. D1 takes no 64-bit integers from wasm, so [`Arg::Int`] must stay below 2^53.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    Null,
    Int(i64),
    Text(String),
}

/// What one statement gave: rows (of a SELECT or RETURNING) and the number of rows changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    pub rows: Vec<Row>,
    pub changes: u64,
}

/// One row, by column name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row(pub serde_json::Map<String, Value>);

/// Why the database did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DbError {
    /// Not reached, or the answer was lost: the batch may have been written or not.
    Unavailable(String),
    /// Refused (constraint, limit, bad statement): nothing of the batch was written.
    Refused(String),
}

/// Whatever keeps the ledger from answering: it is asked again.
impl From<DbError> for Error {
    fn from(_: DbError) -> Self {
        Self::of(Code::LedgerUnavailable)
    }
}

/// Why a request got no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpFault {
    /// No whole answer in time: the other side may have done its work.
    TimedOut,
    /// No connection, or it broke: the other side may have done its work, too.
    Unreachable(String),
    /// The answer is longer than the port reads: the other side did its work, and nobody knows what it says of it.
    TooLarge,
}

/// The most bytes of an answer that the Worker reads, unpacked. Sources: a page of 100 of Stripe's
/// objects, each with 50 metadata of 540 bytes at most and a source of the same size, has 6 MiB; Odoo says 1 KiB of each of 20
/// movements; and an isolate of 128 MB holds answers of several requests, each up to three times while it is parsed.
pub const ANSWER_BYTES_MAX: usize = 8 << 20;

/// The ledger's database. `batch` is atomic and is one round trip; there is no open transaction.
pub trait Db {
    fn batch(&self, stmts: Vec<Stmt>) -> Fut<'_, Result<Vec<Rows>, DbError>>;
}

/// A cache whose values may be stale or gone at any time. Failures read as absent.
pub trait Kv {
    fn get<'a>(&'a self, key: &'a str) -> Fut<'a, Option<String>>;
    /// `ttl` in seconds; Cloudflare's least is 60.
    fn put<'a>(&'a self, key: &'a str, value: &'a str, ttl: u32) -> Fut<'a, ()>;
}

/// Hints that an event has work due. Losing one loses nothing: the ledger's row is the truth.
pub trait Queue {
    /// Ids of inbox rows. One `sendBatch`; Cloudflare takes at most 100 messages in one.
    fn send<'a>(&'a self, events: &'a [String]) -> Fut<'a, Result<(), String>>;
}

/// The network, going out.
pub trait Http {
    /// `timeout` in milliseconds for the whole exchange. Redirects are not followed. Of an answer no more is read than fits,
    /// and what does not fit is [`HttpFault::TooLarge`].
    fn send(&self, request: Request, timeout: u32) -> Fut<'_, Result<Response, HttpFault>>;
}

/// The time.
pub trait Clock {
    /// Milliseconds since 1970 UTC.
    fn now_ms(&self) -> i64;
    /// Seconds since 1970 UTC, Stripe's grain.
    fn now(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }
}

/// Chance.
pub trait Entropy {
    fn fill(&self, bytes: &mut [u8]);
    /// 16 random bytes as 32 hex digits: lease tokens and idempotency keys.
    fn token(&self) -> String {
        let mut bytes = [0u8; 16];
        self.fill(&mut bytes);
        hex::encode(bytes)
    }
}

/// What is limited, by the platform's own counters (wrangler.toml has the numbers).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Requests of one client to the pay page's API, and of the networks that he may have to himself: a site of his, and what
    /// his provider gave him.
    PayClient,
    PaySite,
    PayNetwork,
    /// Payments begun by the same three, with links of which nobody knows yet whether they are good.
    BeginClient,
    BeginSite,
    BeginNetwork,
    /// Payments begun for one invoice with one token.
    PayInvoice,
    /// Payments begun by everybody with such links: each asks the ERP.
    PayBegin,
    /// Payments begun by everybody with links that proved good before.
    PayReturn,
    /// All requests of everybody that read the ledger.
    PayAll,
    /// Questions whether the Worker is ready, of one network and of everybody.
    HealthNetwork,
    HealthAll,
    /// Requests of one client to the operator's API.
    AdminClient,
    /// Attempts of one client to sign in there.
    AdminSignIn,
}

impl Limit {
    /// The name of its binding in wrangler.toml.
    pub fn binding(self) -> &'static str {
        match self {
            Self::PayClient => "PAY_CLIENT",
            Self::PaySite => "PAY_SITE",
            Self::PayNetwork => "PAY_NETWORK",
            Self::BeginClient => "BEGIN_CLIENT",
            Self::BeginSite => "BEGIN_SITE",
            Self::BeginNetwork => "BEGIN_NETWORK",
            Self::PayReturn => "PAY_RETURN",
            Self::HealthNetwork => "HEALTH_NETWORK",
            Self::HealthAll => "HEALTH_ALL",
            Self::PayInvoice => "PAY_INVOICE",
            Self::PayBegin => "PAY_BEGIN",
            Self::PayAll => "PAY_ALL",
            Self::AdminClient => "ADMIN_CLIENT",
            Self::AdminSignIn => "ADMIN_SIGN_IN",
        }
    }
}

/// Rate limits. They are kept near each client and not exact.
pub trait Limits {
    /// Counts one more for `key`; `false` when it is one too many. A limit that cannot be asked allows.
    fn allow<'a>(&'a self, limit: Limit, key: &'a str) -> Fut<'a, bool>;
}

/// Signatures with public keys.
pub trait Signatures {
    /// Whether `signature` is RS256 (RSASSA-PKCS1-v1_5 with SHA-256) over `message` by the RSA key of modulus and exponent
    /// `n` and `e`, in base64url as a JWK has them. What is no key or no signature verifies nothing.
    fn rs256<'a>(&'a self, n: &'a str, e: &'a str, message: &'a [u8], signature: &'a [u8]) -> Fut<'a, bool>;
}

/// How loud a line is. `Alert` means a person must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Info,
    Warn,
    Alert,
}

/// Structured log: one JSON object a line. No secrets, no card or personal data beyond ids.
pub trait Log {
    fn line(&self, level: Level, event: &'static str, fields: Value);
}

/// All ports together, as every flow receives them.
#[derive(Clone)]
pub struct Runtime {
    pub db: Rc<dyn Db>,
    pub kv: Rc<dyn Kv>,
    pub queue: Rc<dyn Queue>,
    pub http: Rc<dyn Http>,
    pub limits: Rc<dyn Limits>,
    pub signatures: Rc<dyn Signatures>,
    pub clock: Rc<dyn Clock>,
    pub entropy: Rc<dyn Entropy>,
    pub log: Rc<dyn Log>,
}

impl Stmt {
    pub fn new(sql: &'static str, args: impl IntoIterator<Item = Arg>) -> Self {
        Self { sql, args: args.into_iter().collect() }
    }
}

impl Row {
    /// The text of a column; `None` when NULL, absent or not text.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.0.get(column).and_then(Value::as_str)
    }

    /// The integer of a column; also of a REAL that holds one (D1 binds numbers as REAL).
    pub fn int(&self, column: &str) -> Option<i64> {
        let number = self.0.get(column)?.as_number()?;
        number.as_i64().or_else(|| number.as_str().strip_suffix(".0").and_then(|n| n.parse().ok()))
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<i64> for Arg {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}
impl<T: Into<Arg>> From<Option<T>> for Arg {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
