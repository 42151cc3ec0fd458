//! The state of delivery as a whole: running or paused, and the account of this ledger. A fault of the connection is
//! written here and on no event.

use crate::error::Error;
use crate::ports::{Db, DbError, Row, Stmt};

/// First pause after a fault of the connection, in seconds; each further one doubles it.
const PAUSE_S_MIN: i64 = 10;
/// The longest pause.
const PAUSE_S_MAX: i64 = 600;

/// Where delivery stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryState {
    pub paused_until: i64,
    /// Faults of the connection since the last booking; 0 while it works.
    pub failures: i64,
    /// Name of the code of the last fault.
    pub code: Option<String>,
    pub identity: Option<Identity>,
    /// The highest mark that the ERP has answered.
    pub mark: Option<i64>,
}

/// Whose ledger this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `acct_…`.
    pub account: String,
    pub livemode: bool,
    /// Of the API key last seen to belong to it; never the key.
    pub fingerprint: String,
}

impl DeliveryState {
    /// A probe has passed since the last fault, and no booking yet.
    pub fn on_trial(&self) -> bool {
        self.failures > 0 && self.paused_until == 0
    }

    pub(super) fn from_row(row: Option<Row>) -> Self {
        let Some(row) = row else { return Self::default() };
        let int = |column: &str| row.int(column).unwrap_or(0);
        Self {
            paused_until: int("paused_until"),
            failures: int("failures"),
            code: row.text("code").map(str::to_owned),
            mark: row.int("mark"),
            identity: row.text("account").map(|account| Identity {
                account: account.to_owned(),
                livemode: int("livemode") != 0,
                fingerprint: row.text("fingerprint").unwrap_or("").to_owned(),
            }),
        }
    }
}

/// The same row, and whether there is a decline among the events `ids`, a JSON array.
pub(super) fn state_statement_for(ids: &str) -> Stmt {
    const SQL: &str = "SELECT d.paused_until, d.failures, d.code, d.mark, i.account, i.livemode, i.fingerprint, \
         EXISTS (SELECT 1 FROM json_each(?1) e CROSS JOIN inbox n ON n.id = e.value AND n.type = 'payment_intent.payment_failed') \
         AS declines FROM delivery d LEFT JOIN identity i ON i.only = 1";
    Stmt::new(SQL, [ids.into()])
}

/// The row that [`DeliveryState`] is read from.
pub(super) fn state_statement() -> Stmt {
    Stmt::new(
        "SELECT d.paused_until, d.failures, d.code, d.mark, i.account, i.livemode, i.fingerprint FROM delivery d \
         LEFT JOIN identity i ON i.only = 1",
        [],
    )
}

/// When a pause has run out: makes this caller the one that tests the connection, for as long as a lease.
pub(super) fn grant_probe(token: &str, now: i64) -> Stmt {
    const SQL: &str = "UPDATE delivery SET probe = ?1, paused_until = ?2 + ?3 WHERE paused_until BETWEEN 1 AND ?2";
    Stmt::new(SQL, [token.into(), now.into(), super::lease::LEASE_S.into()])
}

/// Reads the standing alone.
pub async fn delivery_state(db: &dyn Db) -> Result<DeliveryState, DbError> {
    let rows = db.batch(vec![state_statement()]).await?;
    Ok(DeliveryState::from_row(rows.into_iter().next().and_then(|r| r.rows.into_iter().next())))
}

/// Pauses delivery, for twice as long as the time before if nothing was booked since. A pause in force is made longer
/// by the holder of the probe only. Gives the number of faults since the last booking: at 1 somebody is told, and
/// `None` when nothing changed.
pub async fn pause(db: &dyn Db, error: &Error, token: &str, now: i64) -> Result<Option<i64>, DbError> {
    const SQL: &str = "UPDATE delivery SET failures = failures + 1, probe = NULL, code = ?1, detail = ?2, \
         since = CASE failures WHEN 0 THEN ?3 ELSE since END, \
         paused_until = ?3 + min(?5, ?4 << min(failures, 10)) \
         WHERE paused_until <= ?3 OR probe = ?6 RETURNING failures";
    let args = [
        error.code.name().into(),
        error.detail.as_str().into(),
        now.into(),
        PAUSE_S_MIN.into(),
        PAUSE_S_MAX.into(),
        token.into(),
    ];
    let rows = db.batch(vec![Stmt::new(SQL, args)]).await?;
    Ok(rows.first().and_then(|r| r.rows.first()).and_then(|row| row.int("failures")))
}

/// The probe passed: delivery is on trial, one event at a time.
pub async fn begin_trial(db: &dyn Db, token: &str) -> Result<(), DbError> {
    const SQL: &str = "UPDATE delivery SET paused_until = 0, probe = NULL WHERE probe = ?1";
    db.batch(vec![Stmt::new(SQL, [token.into()])]).await.map(drop)
}

/// A booking succeeded: all is well, and the rest follows. Not while somebody has paused it again.
pub async fn mark_recovered(db: &dyn Db) -> Result<(), DbError> {
    const SQL: &str =
        "UPDATE delivery SET failures = 0, code = NULL, detail = NULL, since = NULL WHERE paused_until = 0";
    db.batch(vec![Stmt::new(SQL, [])]).await.map(drop)
}

/// An operator has looked at the ERP: that it went back is over, and the next mark is the first. With `began` (seconds) only where
/// the step back showed before that.
pub(super) fn forget_mark(began: Option<i64>) -> Stmt {
    const SQL: &str = "UPDATE delivery SET mark = NULL, went_back = NULL WHERE ?1 IS NULL OR went_back < ?1";
    Stmt::new(SQL, [began.into()])
}

/// Remembers whose ledger this is, once; later calls with the same account and mode only change the fingerprint.
/// Gives the identity that stands.
pub async fn store_identity(db: &dyn Db, seen: &Identity) -> Result<Option<Identity>, DbError> {
    const SQL: &str = "INSERT INTO identity (only, account, livemode, fingerprint) VALUES (1, ?1, ?2, ?3) \
         ON CONFLICT (only) DO UPDATE SET fingerprint = excluded.fingerprint \
         WHERE account = excluded.account AND livemode = excluded.livemode";
    let args = [seen.account.as_str().into(), i64::from(seen.livemode).into(), seen.fingerprint.as_str().into()];
    let rows = db.batch(vec![Stmt::new(SQL, args), state_statement()]).await?;
    Ok(DeliveryState::from_row(rows.into_iter().nth(1).and_then(|r| r.rows.into_iter().next())).identity)
}
