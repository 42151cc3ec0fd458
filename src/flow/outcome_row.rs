//! How an attempt's end is written into the ledger.

use super::outcome::Outcome;
use super::retry::{self, WAIT_S_MAX, WAIT_S_MIN};
use crate::error::{Code, Error};
use crate::ledger::claim::Claim;
use crate::ledger::outcomes::OutcomeRow;
use crate::ledger::state::State;
use crate::stripe::map::MAPPER_VERSION;

/// The longest detail kept, in characters.
const DETAIL_CHARS_MAX: usize = 500;

/// The outcome on `claim`. `spread` spreads retries.
pub fn outcome_row(claim: &Claim, end: Outcome, now: i64, spread: u8) -> OutcomeRow {
    let blank = OutcomeRow { attempts: claim.attempts, ..OutcomeRow::new(&claim.id, State::Received) };
    match end {
        Outcome::Done => OutcomeRow { state: State::Done, ..blank },
        Outcome::Ignore(reason, detail) => OutcomeRow { state: State::Ignored, code: Some(reason), detail, ..blank },
        Outcome::Unsupported => OutcomeRow {
            state: State::Ignored,
            code: Some("unsupported".into()),
            // A newer mapper takes it up again.
            mapper: Some(MAPPER_VERSION),
            ..blank
        },
        Outcome::Wait { payment } => OutcomeRow {
            state: State::Waiting,
            code: Some("payment_not_final".into()),
            due: Some(next_wait_due(claim.waiting_since, now)),
            waiting_for: Some(payment),
            waiting_since: Some(claim.waiting_since.unwrap_or(now)),
            ..blank
        },
        Outcome::MoveToPayment { payment } => {
            OutcomeRow { due: Some(now), subject: Some(payment), ..uncounted(claim, blank) }
        }
        Outcome::Release { batch_limit } => {
            OutcomeRow { due: Some(now), batch_limit, crashes: claim.crashes, ..uncounted(claim, blank) }
        }
        Outcome::Pause(_) => OutcomeRow { due: Some(now), batch_limit: claim.batch_limit, ..uncounted(claim, blank) },
        Outcome::Postpone { error, after } => OutcomeRow {
            state: State::Waiting,
            code: Some(error.code.name().into()),
            detail: Some(truncated(&error.detail)),
            due: Some(now + retry::longer_postponement_s(error.code, after, now - claim.waiting_since.unwrap_or(now))),
            waiting_since: Some(claim.waiting_since.unwrap_or(now)),
            ..blank
        },
        Outcome::Fail(error) => failed_row(claim, blank, &error, now, spread),
        Outcome::Park(error) => parked_row(blank, error.code, &error.detail),
    }
}

/// When an event that waits for its payment is looked at again: after half the time that it has waited, and at the end of the
/// longest wait.
fn next_wait_due(since: Option<i64>, now: i64) -> i64 {
    let since = since.unwrap_or(now);
    let due = now + WAIT_S_MIN.max((now - since) / 2);
    match since + WAIT_S_MAX {
        end if now < end => due.min(end),
        _ => due,
    }
}

/// What survives an attempt that did not count.
fn uncounted(claim: &Claim, blank: OutcomeRow) -> OutcomeRow {
    OutcomeRow { waiting_since: claim.waiting_since, ..blank }
}

fn failed_row(claim: &Claim, blank: OutcomeRow, error: &Error, now: i64, spread: u8) -> OutcomeRow {
    let attempts = claim.attempts + 1;
    let blank = OutcomeRow { attempts, ..uncounted(claim, blank) };
    match retry::delay_s(attempts, spread) {
        Some(wait) => OutcomeRow {
            state: State::Failed,
            code: Some(error.code.name().into()),
            detail: Some(truncated(&error.detail)),
            due: Some(now + wait),
            batch_limit: claim.batch_limit,
            ..blank
        },
        None => parked_row(blank, Code::AttemptsExhausted, &error.to_string()),
    }
}

fn parked_row(blank: OutcomeRow, code: Code, detail: &str) -> OutcomeRow {
    OutcomeRow { state: State::Parked, code: Some(code.name().into()), detail: Some(truncated(detail)), ..blank }
}

/// Without addresses of people, which Odoo's and Stripe's sentences may quote.
fn truncated(detail: &str) -> String {
    let cut: String = detail.chars().take(DETAIL_CHARS_MAX).collect();
    if !cut.contains('@') {
        return cut;
    }
    let hidden = |word| if str::contains(word, '@') { "(address)" } else { word };
    cut.split(' ').map(hidden).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::truncated;

    #[test]
    fn no_address_of_anybody_is_kept() {
        for (detail, kept) in [
            ("Odoo: \u{ab}Ada <ada@example.com>\u{bb} is archived", "Odoo: \u{ab}Ada (address) is archived"),
            ("Invalid email address: j\u{f6}rg@b\u{fc}cher.example", "Invalid email address: (address)"),
            ("the account 101000 is archived", "the account 101000 is archived"),
        ] {
            assert_eq!(truncated(detail), kept);
        }
        assert_eq!(truncated(&format!("{}@example.com", "a".repeat(600))).chars().count(), 500);
    }
}
