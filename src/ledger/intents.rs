//! Which PaymentIntent an invoice has: one row an attempt, written before Stripe is called.

use super::customers::{self, Customer, Whose};
use super::delivery::{self, Standing};
use crate::ports::{Arg, Db, DbError, Row, Rows, Stmt};

/// Most attempts that may begin in one second: Stripe's own limit for creating PaymentIntents of an account.
const CREATES_MOST: i64 = 25;
/// An open attempt is looked at again after so many seconds, and so many in one run: each may cost a call to Stripe, and
/// Cloudflare's free plan has 50 for an invocation.
const LOOK_AGAIN: i64 = 600;
const LOOK_MOST: i64 = 30;
/// Status of an attempt whose customer is older than what the ledger knows of him, before Stripe was asked: the ledger may
/// have lost a PaymentIntent of this invoice.
pub const UNSEEN: &str = "unseen";
/// Status by which an operator lets a payer pay again, whatever became of the attempt's money (docs/OPERATIONS.md).
const RELEASED: &str = "released";
/// A booking's flag of money that no open invoice took (docs/ODOO.md).
const UNALLOCATED: &str = "unallocated";
/// Declines count for so many seconds, and longer while others follow within them.
pub const DECLINE_WINDOW: i64 = 600;

/// Which invoice, in which books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `acct_…`.
    pub account: String,
    /// Name of the ERP's database.
    pub database: String,
    /// That and the names it had before, under which attempts may have begun: a JSON array.
    pub names: String,
    pub invoice: i64,
}

/// One attempt at an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// 1, 2, …
    pub attempt: i64,
    /// The form that Stripe is sent, with `key` as its idempotency key and never another.
    pub body: String,
    pub key: String,
    /// Minor units.
    pub minor: i64,
    pub currency: String,
    /// Of the invoice when the attempt began, minor units.
    pub residual: i64,
    /// Commercial partner.
    pub partner: i64,
    /// `cus_…`.
    pub customer: String,
    /// SHA-256 of the portal token, hex.
    pub token: String,
    /// JSON: what the page showed of the invoice.
    pub shown: String,
    /// Milliseconds since 1970 UTC.
    pub opened: i64,
    /// `pi_…`, once Stripe has answered.
    pub payment: Option<String>,
    /// As last heard of, by webhook or answer: Stripe's status, or `parked` when the payment's event is.
    pub status: Option<String>,
    pub closed: bool,
    pub posting: Option<Posted>,
    /// The event of its success is in the inbox and not settled.
    pub arriving: bool,
    /// Its charge is under dispute.
    pub disputed: bool,
}

/// Its movement in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// `created`, `duplicate` or `gone`.
    pub outcome: String,
    /// The ERP's payment: its id and name.
    pub record: i64,
    pub name: String,
    /// It matched no open invoice and is credit of the customer.
    pub unallocated: bool,
}

/// Everything known of an invoice's payments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Open, posted or succeeded ones, the newest first; of the canceled ones nothing is left to know.
    pub attempts: Vec<Attempt>,
    /// Number of the last attempt, 0 when there was none.
    pub last: i64,
    /// Declines within [`DECLINE_WINDOW`], and when the last one was.
    pub declines: i64,
    pub declined: i64,
}

impl Known {
    /// The invoice's one attempt that is not closed.
    pub fn open(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| !attempt.closed)
    }
}

/// `?1` names of the database, `?2` invoice, `?3` [`RELEASED`]. The account is the ledger's own.
const ATTEMPTS: &str = "SELECT i.attempt, i.body, i.key, i.minor, i.currency, i.residual, i.partner, i.customer, i.token, i.shown, \
     i.opened, i.payment, i.status, i.closed IS NOT NULL AS closed, p.outcome, p.record, p.name, p.flags, \
     EXISTS (SELECT 1 FROM inbox e WHERE e.subject = i.payment AND e.due IS NOT NULL AND e.type = 'payment_intent.succeeded') AS arriving, \
     (SELECT d.type FROM inbox d WHERE d.subject = i.payment AND d.type IN ('charge.dispute.created', 'charge.dispute.closed') \
       ORDER BY d.created DESC LIMIT 1) IS 'charge.dispute.created' AS disputed \
     FROM intents i LEFT JOIN postings p ON p.key = 'stripe:' || i.account || ':' || i.payment || ':succeeded' \
     WHERE i.account = (SELECT account FROM identity) AND i.database IN (SELECT value FROM json_each(?1)) AND i.invoice = ?2 \
     AND (i.closed IS NULL OR p.key IS NOT NULL) AND i.status IS NOT ?3 ORDER BY i.attempt DESC";

/// `?1` names of the database, `?2` invoice, `?3` the time since which declines count.
const TOTALS: &str = "SELECT max(attempt) AS last, sum(CASE WHEN declined > ?3 THEN declines ELSE 0 END) AS declines, \
     max(declined) AS declined FROM intents \
     WHERE account = (SELECT account FROM identity) AND database IN (SELECT value FROM json_each(?1)) AND invoice = ?2";

fn reading(names: &str, invoice: i64, now: i64) -> [Stmt; 2] {
    let since = now - DECLINE_WINDOW;
    [
        Stmt::new(ATTEMPTS, [names.into(), invoice.into(), RELEASED.into()]),
        Stmt::new(TOTALS, [names.into(), invoice.into(), since.into()]),
    ]
}

/// Reads where delivery stands and what is known of an invoice, in one round trip. `names` of the database as
/// in [`Place`]; `now` in seconds.
pub async fn known(db: &dyn Db, names: &str, invoice: i64, now: i64) -> Result<(Standing, Known), DbError> {
    let [attempts, totals] = reading(names, invoice, now);
    let mut answers = db.batch(vec![delivery::standing(), attempts, totals]).await?.into_iter();
    let standing = Standing::of(answers.next().and_then(|rows| rows.rows.into_iter().next()));
    Ok((standing, read(answers)))
}

/// What became of the wish to open an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// The invoice's one attempt: the one wished for, or that of somebody who was faster.
    Attempt(Box<Attempt>),
    /// As many as Stripe takes were begun in this second, or the ledger knows the partner as another customer.
    NotNow,
}

/// Closes `before`, when one is named, and opens an attempt in its place, atomically. Whoever comes second at the same
/// moment gets the first one's. With `guess`, the partner's customer as the ERP has it, that row is claimed as well, and
/// the attempt opened only if the ledger knows no other.
pub async fn open(
    db: &dyn Db,
    place: &Place,
    before: Option<&Attempt>,
    wish: &Attempt,
    guess: Option<&Customer>,
) -> Result<Opened, DbError> {
    const INSERT: &str = "INSERT INTO intents (account, database, invoice, attempt, body, key, minor, currency, residual, partner, \
         customer, token, shown, opened, status) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, \
         CASE WHEN EXISTS (SELECT 1 FROM customers WHERE key = ?17) THEN ?18 ELSE ?19 END \
         WHERE (SELECT count(*) FROM intents WHERE opened > ?14 - 1000) < ?15 \
         AND (?16 IS NULL OR EXISTS (SELECT 1 FROM customers WHERE account = ?1 AND database = ?2 AND partner = ?10 \
           AND customer = ?11 AND described = ?16)) ON CONFLICT DO NOTHING";
    let (now, text) = (wish.opened.div_euclid(1000), |text: &str| Arg::from(text));
    let mut stmts: Vec<Stmt> =
        before.map(|row| closing(&row.key, row.payment.as_deref(), row.status.as_deref(), now)).into_iter().collect();
    if let Some(guess) = guess {
        let (account, database) = (place.account.clone(), place.database.clone());
        stmts.push(customers::claiming(&Whose { account, database, partner: wish.partner }, guess));
    }
    stmts.push(Stmt::new(
        INSERT,
        [
            text(&place.account),
            text(&place.database),
            place.invoice.into(),
            wish.attempt.into(),
            text(&wish.body),
            text(&wish.key),
            wish.minor.into(),
            text(&wish.currency),
            wish.residual.into(),
            wish.partner.into(),
            text(&wish.customer),
            text(&wish.token),
            text(&wish.shown),
            wish.opened.into(),
            CREATES_MOST.into(),
            guess.map(|guess| guess.described.clone()).into(),
            guess.map(|guess| guess.key.clone()).into(),
            UNSEEN.into(),
            wish.status.clone().into(),
        ],
    ));
    let skip = stmts.len();
    stmts.extend(reading(&place.names, place.invoice, now));
    let known = read(db.batch(stmts).await?.into_iter().skip(skip));
    Ok(known.open().map_or(Opened::NotNow, |attempt| Opened::Attempt(Box::new(attempt.clone()))))
}

/// Stripe has answered: the PaymentIntent of an attempt and its status. Whether the attempt is still the invoice's one:
/// else another may be, and this one is not to be paid.
pub async fn answered(db: &dyn Db, key: &str, payment: &str, status: &str) -> Result<bool, DbError> {
    const SQL: &str = "UPDATE intents SET payment = ?2, \
         status = CASE WHEN status IN ('succeeded', 'canceled', 'parked') THEN status ELSE ?3 END \
         WHERE key = ?1 AND (payment IS NULL OR payment = ?2) RETURNING closed IS NULL AS open";
    let rows = db.batch(vec![Stmt::new(SQL, [key.into(), payment.into(), status.into()])]).await?;
    Ok(rows.first().and_then(|rows| rows.rows.first()).is_some_and(|row| row.int("open") == Some(1)))
}

/// Ends an attempt: it was canceled, refused, or never was. `payment` is its PaymentIntent as far as the caller knows.
pub async fn close(
    db: &dyn Db,
    key: &str,
    payment: Option<&str>,
    status: Option<&str>,
    now: i64,
) -> Result<(), DbError> {
    db.batch(vec![closing(key, payment, status, now)]).await.map(drop)
}

/// One whose PaymentIntent somebody else was told of meanwhile stays: it may be paid.
fn closing(key: &str, payment: Option<&str>, status: Option<&str>, now: i64) -> Stmt {
    const SQL: &str = "UPDATE intents SET closed = ?3, status = coalesce(?2, status) \
         WHERE key = ?1 AND closed IS NULL AND payment IS ?4";
    let text = |text: Option<&str>| Arg::from(text.map(str::to_owned));
    Stmt::new(SQL, [key.into(), text(status), now.into(), text(payment)])
}

/// Whether an invoice of this company was ever shown to a payer.
pub async fn shown(db: &dyn Db, company: i64) -> Result<bool, DbError> {
    const SQL: &str = "SELECT 1 AS yes FROM intents WHERE shown ->> '$.company.id' = ?1 LIMIT 1";
    let rows = db.batch(vec![Stmt::new(SQL, [company.into()])]).await?;
    Ok(rows.first().is_some_and(|rows| !rows.rows.is_empty()))
}

/// An open attempt as the cron meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub invoice: i64,
    pub key: String,
    pub minor: i64,
    pub currency: String,
    /// Commercial partner.
    pub partner: i64,
    pub customer: String,
    pub payment: Option<String>,
    pub status: Option<String>,
    /// Seconds.
    pub opened: i64,
}

/// Open attempts that the cron has not looked at for longest, and marks them as looked at.
pub async fn to_look_at(db: &dyn Db, names: &str, now: i64) -> Result<Vec<Waiting>, DbError> {
    const SQL: &str = "UPDATE intents SET looked = ?1 WHERE key IN ( \
         SELECT key FROM intents WHERE closed IS NULL AND looked <= ?1 - ?2 \
           AND account = (SELECT account FROM identity) AND database IN (SELECT value FROM json_each(?4)) ORDER BY looked LIMIT ?3) \
         RETURNING invoice, key, minor, currency, partner, customer, payment, status, opened";
    waiting(db, Stmt::new(SQL, [now.into(), LOOK_AGAIN.into(), LOOK_MOST.into(), names.into()])).await
}

/// Open attempts that were declined `most` times and more, lately.
pub async fn declined(db: &dyn Db, most: i64, now: i64) -> Result<Vec<Waiting>, DbError> {
    const SQL: &str = "SELECT invoice, key, minor, currency, partner, customer, payment, status, opened FROM intents \
         WHERE closed IS NULL AND declines >= ?1 AND declined > ?2 AND account = (SELECT account FROM identity) LIMIT ?3";
    waiting(db, Stmt::new(SQL, [most.into(), (now - DECLINE_WINDOW).into(), LOOK_MOST.into()])).await
}

async fn waiting(db: &dyn Db, stmt: Stmt) -> Result<Vec<Waiting>, DbError> {
    let rows = db.batch(vec![stmt]).await?;
    let one = |row: &Row| {
        let text = |column: &str| row.text(column).map(str::to_owned);
        Some(Waiting {
            invoice: row.int("invoice")?,
            key: text("key")?,
            minor: row.int("minor")?,
            currency: text("currency")?,
            partner: row.int("partner")?,
            customer: text("customer")?,
            payment: text("payment"),
            status: text("status"),
            opened: row.int("opened")?.div_euclid(1000),
        })
    };
    Ok(rows.iter().flat_map(|rows| &rows.rows).filter_map(one).collect())
}

fn read(mut answers: impl Iterator<Item = Rows>) -> Known {
    let attempts = answers.next().unwrap_or_default().rows.iter().filter_map(attempt).collect();
    let totals = answers.next().and_then(|rows| rows.rows.into_iter().next()).unwrap_or_default();
    let int = |column: &str| totals.int(column).unwrap_or(0);
    Known { attempts, last: int("last"), declines: int("declines"), declined: int("declined") }
}

fn attempt(row: &Row) -> Option<Attempt> {
    let text = |column: &str| row.text(column).map(str::to_owned);
    let truth = |column: &str| row.int(column) == Some(1);
    Some(Attempt {
        attempt: row.int("attempt")?,
        body: text("body")?,
        key: text("key")?,
        minor: row.int("minor")?,
        currency: text("currency")?,
        residual: row.int("residual")?,
        partner: row.int("partner")?,
        customer: text("customer")?,
        token: text("token")?,
        shown: text("shown")?,
        opened: row.int("opened")?,
        payment: text("payment"),
        status: text("status"),
        closed: truth("closed"),
        posting: text("outcome").map(|outcome| Posted {
            outcome,
            record: row.int("record").unwrap_or(0),
            name: text("name").unwrap_or_default(),
            unallocated: flags(row.text("flags").unwrap_or("[]")).iter().any(|flag| flag == UNALLOCATED),
        }),
        arriving: truth("arriving"),
        disputed: truth("disputed"),
    })
}

fn flags(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}
