//! How far Stripe's lists have been read, and whose turn it is to read one.

use super::claim::LEASE;
use crate::ports::{Db, DbError, Stmt};

/// One of Stripe's lists.
#[derive(Debug)]
pub struct List {
    /// A name in `leases` that no payment has.
    subject: &'static str,
    progress: &'static str,
    advance: &'static str,
}

/// `/v1/events`.
pub const EVENTS: List = List {
    subject: "cron:recover",
    progress: "SELECT complete_to, run FROM recovery WHERE account = ?1",
    advance: "INSERT INTO recovery (account, complete_to, run) SELECT ?1, ?2, ?3 WHERE EXISTS \
         (SELECT 1 FROM leases WHERE subject = ?4 AND token = ?5) \
         ON CONFLICT (account) DO UPDATE SET complete_to = excluded.complete_to, run = excluded.run",
};
/// `/v1/balance_transactions`.
pub const TRANSACTIONS: List = List {
    subject: "cron:complete",
    progress: "SELECT complete_to, run FROM completeness WHERE account = ?1",
    advance: "INSERT INTO completeness (account, complete_to, run) SELECT ?1, ?2, ?3 WHERE EXISTS \
         (SELECT 1 FROM leases WHERE subject = ?4 AND token = ?5) \
         ON CONFLICT (account) DO UPDATE SET complete_to = excluded.complete_to, run = excluded.run",
};

/// What is known of an account's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Start of the last run that came to its end, in seconds.
    pub complete_to: Option<i64>,
    /// JSON of the run that is under way.
    pub run: Option<String>,
}

impl List {
    /// Takes the lease of reading this list; `false` when another run holds it.
    pub async fn begin(&self, db: &dyn Db, token: &str, now: i64) -> Result<bool, DbError> {
        const SQL: &str = "INSERT INTO leases (subject, token, until) VALUES (?1, ?2, ?3) ON CONFLICT (subject) \
             DO UPDATE SET token = excluded.token, until = excluded.until WHERE leases.until <= ?4";
        let args = [self.subject.into(), token.into(), (now + LEASE).into(), now.into()];
        Ok(db.batch(vec![Stmt::new(SQL, args)]).await?.first().is_some_and(|r| r.changes > 0))
    }

    /// Gives the lease back.
    pub async fn end(&self, db: &dyn Db, token: &str) -> Result<(), DbError> {
        const SQL: &str = "DELETE FROM leases WHERE subject = ?1 AND token = ?2";
        db.batch(vec![Stmt::new(SQL, [self.subject.into(), token.into()])]).await.map(drop)
    }

    /// Reads the progress of an account.
    pub async fn progress(&self, db: &dyn Db, account: &str) -> Result<Progress, DbError> {
        let rows = db.batch(vec![Stmt::new(self.progress, [account.into()])]).await?;
        let row = rows.into_iter().next().and_then(|r| r.rows.into_iter().next()).unwrap_or_default();
        Ok(Progress { complete_to: row.int("complete_to"), run: row.text("run").map(str::to_owned) })
    }

    /// Writes the progress of an account, by the holder of the lease only.
    pub async fn advance(&self, db: &dyn Db, token: &str, account: &str, progress: &Progress) -> Result<(), DbError> {
        let args = [
            account.into(),
            progress.complete_to.unwrap_or(0).into(),
            progress.run.clone().into(),
            self.subject.into(),
            token.into(),
        ];
        db.batch(vec![Stmt::new(self.advance, args)]).await.map(drop)
    }
}
