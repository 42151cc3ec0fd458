//! The operators' actions, each with its audit entry in the same batch.

use super::{first_text, json};
use crate::ledger::{doubt, inbox, texts};
use crate::ports::{Db, DbError, Stmt};
use serde_json::Value;

/// Who does it, when and why.
#[derive(Clone, Copy, Debug)]
pub struct AuditEntry<'a> {
    pub who: &'a str,
    pub reason: &'a str,
    /// Seconds.
    pub now: i64,
}

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Replay,
    Park,
    Ignore,
}

impl Action {
    pub fn name(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Park => "park",
            Self::Ignore => "ignore",
        }
    }

    /// States that it may leave, as a JSON array; [`crate::ledger::state::State::may_become`] has the rule.
    fn from(self) -> &'static str {
        match self {
            Self::Replay => r#"["received","failed","waiting","parked","done","ignored"]"#,
            Self::Park => r#"["received","failed","waiting"]"#,
            Self::Ignore => r#"["received","failed","waiting","parked"]"#,
        }
    }

    /// Whether it may be done to an event in this state.
    pub fn may(self, state: &str) -> bool {
        self.from().contains(&format!("\"{state}\""))
    }

    fn sql(self) -> &'static str {
        match self {
            Self::Replay => REPLAY,
            Self::Park => PARK,
            Self::Ignore => IGNORE,
        }
    }
}

/// ?1 id, ?2 now, ?3 states that it may leave. What the ledger has of the payment is asked for again: the ERP may have lost it.
const REPLAY: &str = "UPDATE inbox SET state = 'received', code = NULL, detail = NULL, attempts = 0, crashes = 0, batch_limit = NULL, \
     mapper = NULL, finished = NULL, waiting_for = NULL, waiting_since = NULL, due = ?2, queue_again_at = ?2 + 60 \
     WHERE id = ?1 AND state IN (SELECT value FROM json_each(?3)) AND ?4 IS NOT NULL RETURNING state";
const PARK: &str = "UPDATE inbox SET state = 'parked', code = 'parked_by_operator', detail = ?4, mapper = NULL, finished = NULL, \
     waiting_for = NULL, waiting_since = NULL, due = NULL, queue_again_at = NULL \
     WHERE id = ?1 AND ?2 > 0 AND state IN (SELECT value FROM json_each(?3)) RETURNING state";
const IGNORE: &str = "UPDATE inbox SET state = 'ignored', code = 'ignored_by_operator', detail = ?4, body = NULL, mapper = NULL, finished = ?2, \
     waiting_for = NULL, waiting_since = NULL, due = NULL, queue_again_at = NULL \
     WHERE id = ?1 AND state IN (SELECT value FROM json_each(?3)) RETURNING state";
const NOTE: &str = "INSERT INTO audit (at, who, action, target, subject, reason, outcome) SELECT ?2, ?5, ?6, id, subject, ?4, ?7 \
     FROM inbox WHERE id = ?1 AND state IN (SELECT value FROM json_each(?3)) RETURNING subject";

/// What came of an action on an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionResult {
    /// Done; its state now, and the events to be worked by it.
    Done(String, Vec<String>),
    /// Not from this state.
    Not(String),
    /// There is no such event.
    Missing,
}

/// Does it and writes it down, or neither.
pub async fn apply_action(
    db: &dyn Db,
    id: &str,
    action: Action,
    entry: &AuditEntry<'_>,
) -> Result<ActionResult, DbError> {
    let outcome = match action {
        Action::Replay => "received",
        Action::Park => "parked",
        Action::Ignore => "ignored",
    };
    let args = || vec![id.into(), entry.now.into(), action.from().into(), entry.reason.into()];
    let note = [args(), vec![entry.who.into(), action.name().into(), outcome.into()]].concat();
    let state = Stmt::new("SELECT state FROM inbox WHERE id = ?1", [id.into()]);
    let mut stmts = vec![Stmt::new(NOTE, note)];
    if action == Action::Replay {
        let args = || vec![id.into(), entry.now.into(), action.from().into()];
        stmts.extend([Stmt::new(doubt::PAYMENT, args()), Stmt::new(doubt::OTHERS, args())]);
    }
    let at = stmts.len();
    stmts.extend([Stmt::new(action.sql(), args()), state]);
    let answers = db.batch(stmts).await?;
    if action == Action::Replay
        && first_text(answers.first(), "subject").is_some_and(|subject| subject.starts_with("in_"))
    {
        db.batch(vec![Stmt::new(doubt::PARTS, [id.into(), entry.now.into()])]).await?;
    }
    Ok(match (first_text(answers.get(at), "state"), first_text(answers.get(at + 1), "state")) {
        (Some(now), _) => {
            let others = if action == Action::Replay { texts(answers.get(2), "id") } else { Vec::new() };
            ActionResult::Done(now, std::iter::once(id.to_owned()).chain(others).collect())
        }
        (None, Some(stands)) => ActionResult::Not(stands),
        (None, None) => ActionResult::Missing,
    })
}

/// Writes down what is about to be done, or was; gives its number.
pub async fn write_audit(
    db: &dyn Db,
    entry: &AuditEntry<'_>,
    action: &str,
    target: &str,
    subject: Option<&str>,
    outcome: Option<&str>,
) -> Result<i64, DbError> {
    let rows = db.batch(vec![audit_statement(entry, action, target, subject, outcome)]).await?;
    Ok(rows.first().and_then(|r| r.rows.first()).and_then(|row| row.int("number")).unwrap_or(0))
}

/// The statement of [`write_audit`].
pub fn audit_statement(
    entry: &AuditEntry<'_>,
    action: &str,
    target: &str,
    subject: Option<&str>,
    outcome: Option<&str>,
) -> Stmt {
    const SQL: &str = "INSERT INTO audit (at, who, action, target, subject, reason, outcome) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
         RETURNING number";
    let args = [
        entry.now.into(),
        entry.who.into(),
        action.into(),
        target.into(),
        subject.map(str::to_owned).into(),
        entry.reason.into(),
        outcome.map(str::to_owned).into(),
    ];
    Stmt::new(SQL, args)
}

/// How the audit entry `number` ended.
pub fn audit_outcome_statement(number: i64, outcome: &str) -> Stmt {
    Stmt::new("UPDATE audit SET outcome = ?2 WHERE number = ?1", [number.into(), outcome.into()])
}

/// Everything that operators did, newest first, as JSON text.
pub async fn audit_json(db: &dyn Db, before: Option<i64>, limit: i64) -> Result<String, DbError> {
    const SQL: &str = "SELECT json_object('audit', json_group_array(json_object('at', at, 'who', who, 'action', action, \
         'target', target, 'reason', reason, 'outcome', outcome)), 'next', CASE WHEN count(*) = ?2 THEN CAST(min(number) AS TEXT) END) \
         AS json FROM (SELECT * FROM audit WHERE number < coalesce(?1, 9e15) ORDER BY number DESC LIMIT ?2)";
    Ok(json(db, Stmt::new(SQL, [before.into(), limit.into()])).await?.unwrap_or_default())
}

/// Which of these ids the inbox lacks; with an `entry` they are stored as pulled events, and it is written down. `rows` are
/// as [`inbox::store_pulled`] takes them.
pub async fn store_missing(
    db: &dyn Db,
    rows: &Value,
    entry: Option<&AuditEntry<'_>>,
    now: i64,
) -> Result<Vec<String>, DbError> {
    const MISSING: &str = "SELECT e.value ->> 'id' AS id FROM json_each(?1) e \
         WHERE NOT EXISTS (SELECT 1 FROM inbox i WHERE i.id = e.value ->> 'id')";
    let Some(entry) = entry else {
        let rows = db.batch(vec![Stmt::new(MISSING, [rows.to_string().into()])]).await?;
        return Ok(crate::ledger::texts(rows.first(), "id"));
    };
    let stored = inbox::store_pulled(db, rows, now).await?;
    if !stored.is_empty() {
        let first = stored.first().map(String::as_str).unwrap_or_default();
        write_audit(db, entry, "recover", first, None, Some(&format!("{} stored", stored.len()))).await?;
    }
    Ok(stored)
}
