//! The history of an invoice's payment attempts.

use super::attempt::{Attempt, AttemptPosting, InvoiceHistory, RECENT_S};
use crate::ledger::delivery::{self, DeliveryState};
use crate::ports::{Db, DbError, Row, Rows, Stmt};

/// Status by which an operator lets a payer pay again, whatever became of the attempt's money (docs/OPERATIONS.md).
const RELEASED: &str = "released";
/// A booking's flag of money that no open invoice took (docs/odoo/PROCEDURES.md).
const UNALLOCATED: &str = "unallocated";

/// `?1` names of the database, `?2` invoice, `?3` [`RELEASED`], `?4` now: a paused one tells how long. The account is the ledger's own. A payment that failed after
/// it had succeeded is over: what it paid is due again.
const ATTEMPTS: &str = "SELECT i.attempt, i.body, i.key, i.minor, i.currency, i.residual, i.partner, i.customer, i.token, i.shown, \
     i.opened, i.payment, i.status, i.closed IS NOT NULL AS closed, p.outcome, p.record, p.name, p.flags, p.doubt, \
     EXISTS (SELECT 1 FROM inbox e WHERE e.subject = i.payment AND e.due IS NOT NULL AND e.type = 'payment_intent.succeeded') AS arriving, \
     (SELECT d.type FROM inbox d WHERE d.subject = i.payment AND d.type IN ('charge.dispute.created', 'charge.dispute.closed') \
       ORDER BY d.created DESC LIMIT 1) IS 'charge.dispute.created' AS disputed \
     FROM intents i LEFT JOIN postings p ON p.key = 'stripe:' || i.account || ':' || i.payment || ':succeeded' \
     WHERE i.account = (SELECT account FROM identity) AND i.database IN (SELECT value FROM json_each(?1)) AND i.invoice = ?2 \
     AND (i.closed IS NULL OR p.key IS NOT NULL OR i.paused_until > ?4) AND i.status IS NOT ?3 \
     AND NOT EXISTS (SELECT 1 FROM postings r WHERE r.key = 'stripe:' || i.account || ':' || i.payment || ':reversed') ORDER BY i.attempt DESC";

/// `?1` names of the database, `?2` invoice, `?3` the time in milliseconds since which attempts were begun lately.
const TOTALS: &str = "SELECT max(attempt) AS last, max(paused_until) AS paused_until, sum(opened > ?3) AS lately, \
     max(opened) AS newest FROM intents \
     WHERE account = (SELECT account FROM identity) AND database IN (SELECT value FROM json_each(?1)) AND invoice = ?2";

pub(super) fn history_statements(names: &str, invoice: i64, now: i64) -> [Stmt; 2] {
    let since = (now - RECENT_S) * 1000;
    [
        Stmt::new(ATTEMPTS, [names.into(), invoice.into(), RELEASED.into(), now.into()]),
        Stmt::new(TOTALS, [names.into(), invoice.into(), since.into()]),
    ]
}

/// Reads where delivery stands and what is known of an invoice, in one round trip. `names` of the database as
/// in [`InvoiceKey`](super::attempt::InvoiceKey); `now` in seconds.
pub async fn delivery_and_history(
    db: &dyn Db,
    names: &str,
    invoice: i64,
    now: i64,
) -> Result<(DeliveryState, InvoiceHistory), DbError> {
    let [attempts, totals] = history_statements(names, invoice, now);
    let mut answers = db.batch(vec![delivery::state_statement(), attempts, totals]).await?.into_iter();
    let state = DeliveryState::from_row(answers.next().and_then(|rows| rows.rows.into_iter().next()));
    Ok((state, history_from_rows(answers)))
}

/// Whether an attempt at this invoice was begun with the token whose digest this is.
pub async fn has_begun(db: &dyn Db, invoice: i64, token: &str) -> Result<bool, DbError> {
    const SQL: &str = "SELECT 1 AS yes FROM intents WHERE token = ?2 AND invoice = ?1 LIMIT 1";
    let rows = db.batch(vec![Stmt::new(SQL, [invoice.into(), token.into()])]).await?;
    Ok(rows.first().is_some_and(|rows| !rows.rows.is_empty()))
}

/// Whether an invoice of this company was ever shown to a payer.
pub async fn was_shown(db: &dyn Db, company: i64) -> Result<bool, DbError> {
    const SQL: &str = "SELECT 1 AS yes FROM intents WHERE shown ->> '$.company.id' = ?1 LIMIT 1";
    let rows = db.batch(vec![Stmt::new(SQL, [company.into()])]).await?;
    Ok(rows.first().is_some_and(|rows| !rows.rows.is_empty()))
}

pub(super) fn history_from_rows(mut answers: impl Iterator<Item = Rows>) -> InvoiceHistory {
    let attempts = answers.next().unwrap_or_default().rows.iter().filter_map(attempt).collect();
    let totals = answers.next().and_then(|rows| rows.rows.into_iter().next()).unwrap_or_default();
    let int = |column: &str| totals.int(column).unwrap_or(0);
    let (last, paused_until) = (int("last"), int("paused_until"));
    InvoiceHistory { attempts, last, paused_until, lately: int("lately"), newest: int("newest") }
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
        posting: text("outcome").map(|outcome| AttemptPosting {
            outcome,
            record: row.int("record").unwrap_or(0),
            name: text("name").unwrap_or_default(),
            doubt: row.int("doubt").is_some(),
            unallocated: parse_flags(row.text("flags").unwrap_or("[]")).iter().any(|flag| flag == UNALLOCATED),
        }),
        arriving: truth("arriving"),
        disputed: truth("disputed"),
    })
}

fn parse_flags(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap_or_default()
}
