//! Postings in doubt: the ERP may have lost movements that the ledger calls booked, so it is asked again by the same
//! keys. Its answer ends the doubt (`ledger/outcomes.rs`).

use super::lease::LEASE_S;
use crate::ports::Stmt;

/// Events taken up again in one step.
pub const POSTINGS_MAX: i64 = 500;

/// What becomes of an event that is taken up again; `?2` is now.
macro_rules! again {
    () => {
        "UPDATE inbox SET state = 'received', code = NULL, detail = NULL, attempts = 0, crashes = 0, batch_limit = NULL, \
         mapper = NULL, finished = NULL, waiting_for = NULL, waiting_since = NULL, due = ?2, queue_again_at = ?2 + 60 WHERE "
    };
}
pub(super) use again;

/// Doubts what the ledger has of the payment of event `?1`, as far as that is in one of the states `?3`: what builds on a
/// receipt goes with it.
pub(super) const PAYMENT: &str = "UPDATE postings SET doubt = ?2 WHERE payment = (SELECT subject FROM inbox WHERE id = ?1 \
     AND state IN (SELECT value FROM json_each(?3)))";
/// Takes up again the other events that led to these postings.
pub(super) const OTHERS: &str = concat!(
    again!(),
    "state = 'done' AND id <> ?1 AND id IN (SELECT p.event FROM postings p WHERE p.payment = (SELECT subject FROM inbox \
     WHERE id = ?1 AND state IN (SELECT value FROM json_each(?3)))) RETURNING id"
);
/// The same of an event that is no payment's: an invoice's, which may be paid by several.
pub(super) const PARTS: &str =
    "UPDATE postings SET doubt = ?2 WHERE payment IN (SELECT payment FROM postings WHERE event = ?1)";

/// Takes up again the events of postings in doubt that came to rest before anybody asked: they were being worked when the
/// doubt arose. One that has been worked since is left alone, whatever came of it.
pub(super) fn reopen_statement(now: i64) -> Stmt {
    const SQL: &str = concat!(
        again!(),
        "id IN (SELECT p.event FROM postings p JOIN inbox i ON i.id = p.event WHERE p.doubt IS NOT NULL \
         AND i.state IN ('done', 'ignored') AND i.code IS NOT 'ignored_by_operator' AND i.finished < p.doubt + ?3 LIMIT ?1) RETURNING id"
    );
    Stmt::new(SQL, [POSTINGS_MAX.into(), now.into(), LEASE_S.into()])
}
