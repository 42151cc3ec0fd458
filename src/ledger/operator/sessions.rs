//! Operators who signed in with the token. A session's id is a secret: only its digest is kept.

use crate::ports::{Db, DbError, Stmt};

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub who: String,
    /// Seconds.
    pub until: i64,
}

/// Begins one; those that have run out are taken away.
pub async fn begin(db: &dyn Db, id: &str, token: &str, session: &Session, now: i64) -> Result<(), DbError> {
    const SQL: &str = "INSERT INTO sessions (id, token, who, until) VALUES (?1, ?2, ?3, ?4)";
    let args = [id.into(), token.into(), session.who.as_str().into(), session.until.into()];
    let old = Stmt::new("DELETE FROM sessions WHERE until <= ?1", [now.into()]);
    db.batch(vec![old, Stmt::new(SQL, args)]).await.map(drop)
}

/// The session of a digest, begun with the token that is in force.
pub async fn find_session(db: &dyn Db, id: &str, token: &str, now: i64) -> Result<Option<Session>, DbError> {
    const SQL: &str = "SELECT who, until FROM sessions WHERE id = ?1 AND token = ?2 AND until > ?3";
    let rows = db.batch(vec![Stmt::new(SQL, [id.into(), token.into(), now.into()])]).await?;
    let row = rows.first().and_then(|rows| rows.rows.first());
    Ok(row.and_then(|row| Some(Session { who: row.text("who")?.to_owned(), until: row.int("until")? })))
}

/// Ends one.
pub async fn end(db: &dyn Db, id: &str) -> Result<(), DbError> {
    db.batch(vec![Stmt::new("DELETE FROM sessions WHERE id = ?1", [id.into()])]).await.map(drop)
}
