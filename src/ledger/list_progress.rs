//! How far Stripe's lists have been read, and whose turn it is to read one.

use serde_json::Value;

use crate::ports::{Db, DbError, Row, Stmt};

/// One of Stripe's lists.
#[derive(Debug)]
pub struct ListName {
    /// A name in `leases` that no payment has.
    subject: &'static str,
    progress: &'static str,
    advance: &'static str,
}

/// `/v1/events`.
pub const EVENTS: ListName = ListName {
    subject: "cron:recover",
    progress: "SELECT account, complete_to, run, book_from FROM event_list_progress WHERE account IN (SELECT value FROM json_each(?1))",
    advance: "INSERT INTO event_list_progress (account, complete_to, run, book_from) SELECT ?1, ?2, ?3, ?6 WHERE EXISTS \
         (SELECT 1 FROM leases WHERE subject = ?4 AND token = ?5) \
         ON CONFLICT (account) DO UPDATE SET complete_to = excluded.complete_to, run = excluded.run, book_from = excluded.book_from",
};
/// `/v1/balance_transactions`.
pub const TRANSACTIONS: ListName = ListName {
    subject: "cron:complete",
    progress: "SELECT account, complete_to, run, book_from FROM transaction_list_progress WHERE account IN (SELECT value FROM json_each(?1))",
    advance: "INSERT INTO transaction_list_progress (account, complete_to, run, book_from) SELECT ?1, ?2, ?3, ?6 WHERE EXISTS \
         (SELECT 1 FROM leases WHERE subject = ?4 AND token = ?5) \
         ON CONFLICT (account) DO UPDATE SET complete_to = excluded.complete_to, run = excluded.run, book_from = excluded.book_from",
};

/// What is known of an account's list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListProgress {
    /// Start of the last run that came to its end, in seconds.
    pub complete_to: Option<i64>,
    /// JSON of the run that is under way.
    pub run: Option<String>,
    /// The BOOK_FROM of the runs that came to their end, the earliest.
    pub book_from: Option<i64>,
}

impl ListName {
    /// Takes the lease of reading this list, for `lease` seconds; `false` when another run holds it.
    pub async fn begin(&self, db: &dyn Db, token: &str, now: i64, lease: i64) -> Result<bool, DbError> {
        const SQL: &str = "INSERT INTO leases (subject, token, until) VALUES (?1, ?2, ?3) ON CONFLICT (subject) \
             DO UPDATE SET token = excluded.token, until = excluded.until WHERE leases.until <= ?4";
        let args = [self.subject.into(), token.into(), (now + lease).into(), now.into()];
        Ok(db.batch(vec![Stmt::new(SQL, args)]).await?.first().is_some_and(|r| r.changes > 0))
    }

    /// Gives the lease back.
    pub async fn end(&self, db: &dyn Db, token: &str) -> Result<(), DbError> {
        const SQL: &str = "DELETE FROM leases WHERE subject = ?1 AND token = ?2";
        db.batch(vec![Stmt::new(SQL, [self.subject.into(), token.into()])]).await.map(drop)
    }

    /// Reads the progress of accounts, in their order.
    pub async fn progress(&self, db: &dyn Db, accounts: &[&str]) -> Result<Vec<ListProgress>, DbError> {
        let rows = db.batch(vec![Stmt::new(self.progress, [Value::from(accounts).to_string().into()])]).await?;
        let rows: Vec<Row> = rows.into_iter().next().map(|rows| rows.rows).unwrap_or_default();
        let of = |account: &&str| {
            let row = rows.iter().find(|row| row.text("account") == Some(*account));
            row.map_or_else(ListProgress::default, |row| ListProgress {
                complete_to: row.int("complete_to"),
                run: row.text("run").map(str::to_owned),
                book_from: row.int("book_from"),
            })
        };
        Ok(accounts.iter().map(of).collect())
    }

    /// Writes the progress of an account, by the holder of the lease only; gives whether it was.
    pub async fn advance(
        &self,
        db: &dyn Db,
        token: &str,
        account: &str,
        progress: &ListProgress,
    ) -> Result<bool, DbError> {
        let args = [
            account.into(),
            progress.complete_to.unwrap_or(0).into(),
            progress.run.clone().into(),
            self.subject.into(),
            token.into(),
            progress.book_from.into(),
        ];
        Ok(db.batch(vec![Stmt::new(self.advance, args)]).await?.first().is_some_and(|rows| rows.changes > 0))
    }
}
