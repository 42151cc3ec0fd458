//! Opening and closing a payment attempt.

use super::attempt::{Attempt, InvoiceKey, LOST_S_MAX, UNSEEN};
use super::history::{history_from_rows, history_statements};
use crate::ports::{Arg, Db, DbError, Stmt};

/// Most attempts that may begin in one second: Stripe's own limit for creating PaymentIntents of an account.
const CREATES_MAX: i64 = 25;

/// What became of the wish to open an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenResult {
    /// The invoice's one attempt: the one wished for, or that of somebody who was faster.
    Attempt(Box<Attempt>),
    /// As many as Stripe takes were begun in this second, or the ledger knows the partner as another customer.
    NotNow,
}

/// Closes `before`, when one is named, and opens an attempt in its place, atomically. Whoever comes second at the same
/// moment gets the first one's. With `described`, the fingerprint of what the ERP says of the partner, the attempt is opened
/// only if the ledger knows him as this customer, and Stripe has that name and e-mail. An invoice's first attempt since the ledger learnt of a customer who
/// was at Stripe before is [`UNSEEN`], and so is each without a customer.
pub async fn open(
    db: &dyn Db,
    place: &InvoiceKey,
    before: Option<&Attempt>,
    wish: &Attempt,
    described: Option<&str>,
) -> Result<OpenResult, DbError> {
    const INSERT: &str = "INSERT INTO intents (account, database, invoice, attempt, body, key, minor, currency, residual, partner, \
         customer, token, shown, opened, status) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, \
         CASE WHEN EXISTS (SELECT 1 FROM customers c WHERE c.account = ?1 AND c.database = ?2 AND c.partner = ?10 AND c.older \
           AND c.claimed > ?14 / 1000 - ?18 AND NOT EXISTS (SELECT 1 FROM intents i WHERE i.account = ?1 \
             AND i.database = ?2 AND i.invoice = ?3 AND i.opened >= c.claimed * 1000)) \
           OR ?11 = '' THEN ?17 END \
         WHERE (SELECT count(*) FROM intents WHERE opened > ?14 - 1000) < ?15 \
         AND (?16 IS NULL OR EXISTS (SELECT 1 FROM customers WHERE account = ?1 AND database = ?2 AND partner = ?10 \
           AND customer = ?11 AND described = ?16)) ON CONFLICT DO NOTHING";
    let (now, text) = (wish.opened.div_euclid(1000), |text: &str| Arg::from(text));
    let mut stmts: Vec<Stmt> = before
        .map(|row| close_statement(&row.key, row.payment.as_deref(), row.status.as_deref(), now))
        .into_iter()
        .collect();
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
            CREATES_MAX.into(),
            described.map(str::to_owned).into(),
            UNSEEN.into(),
            LOST_S_MAX.into(),
        ],
    ));
    let skip = stmts.len();
    stmts.extend(history_statements(&place.names, place.invoice, now));
    let known = history_from_rows(db.batch(stmts).await?.into_iter().skip(skip));
    Ok(known.open_attempt().map_or(OpenResult::NotNow, |attempt| OpenResult::Attempt(Box::new(attempt.clone()))))
}

/// Stripe has answered: the PaymentIntent of an attempt and its status. Whether the attempt is still the invoice's one:
/// else another may be, and this one is not to be paid.
pub async fn store_answer(db: &dyn Db, key: &str, payment: &str, status: &str) -> Result<bool, DbError> {
    const SQL: &str = "UPDATE intents SET payment = ?2, body = '', \
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
    db.batch(vec![close_statement(key, payment, status, now)]).await.map(drop)
}

/// One whose PaymentIntent somebody else was told of meanwhile stays: it may be paid.
fn close_statement(key: &str, payment: Option<&str>, status: Option<&str>, now: i64) -> Stmt {
    const SQL: &str = "UPDATE intents SET closed = ?3, body = '', status = coalesce(?2, status) \
         WHERE key = ?1 AND closed IS NULL AND payment IS ?4";
    let text = |text: Option<&str>| Arg::from(text.map(str::to_owned));
    Stmt::new(SQL, [key.into(), text(status), now.into(), text(payment)])
}
