//! How an attempt's end is written into the ledger.

use super::end::End;
use super::read::{WAIT_AGAIN, WAIT_MOST, mapper};
use super::retry;
use crate::error::{Code, Error};
use crate::ledger::claim::Claim;
use crate::ledger::settle::Verdict;
use crate::ledger::state::State;

/// The longest detail kept, in characters.
const DETAIL_MOST: usize = 500;

/// The verdict on `claim`. `chance` spreads retries.
pub fn verdict(claim: &Claim, end: End, now: i64, chance: u8) -> Verdict {
    let blank = Verdict { attempts: claim.attempts, ..Verdict::new(&claim.id, State::Received) };
    match end {
        End::Done => Verdict { state: State::Done, ..blank },
        End::Ignore(reason, detail) => Verdict { state: State::Ignored, code: Some(reason), detail, ..blank },
        End::Unsupported => {
            Verdict { state: State::Ignored, code: Some("unsupported".into()), mapper: Some(mapper()), ..blank }
        }
        End::Wait { payment } => Verdict {
            state: State::Waiting,
            code: Some("payment_not_final".into()),
            due: Some(wait_again(claim.waiting_since, now)),
            waiting_for: Some(payment),
            waiting_since: Some(claim.waiting_since.unwrap_or(now)),
            ..blank
        },
        End::Belongs { payment } => Verdict { due: Some(now), subject: Some(payment), ..keep(claim, blank) },
        End::Release { batch_limit } => {
            Verdict { due: Some(now), batch_limit, crashes: claim.crashes, ..keep(claim, blank) }
        }
        End::Pause(_) => Verdict { due: Some(now), batch_limit: claim.batch_limit, ..keep(claim, blank) },
        End::Later { error, after } => Verdict {
            state: State::Waiting,
            code: Some(error.code.name().into()),
            detail: Some(cut(&error.detail)),
            due: Some(now + retry::later_still(error.code, after, now - claim.waiting_since.unwrap_or(now))),
            waiting_since: Some(claim.waiting_since.unwrap_or(now)),
            ..blank
        },
        End::Fail(error) => failed(claim, blank, &error, now, chance),
        End::Park(error) => park(blank, error.code, &error.detail),
    }
}

/// When an event that waits for its payment is looked at again: after half the time that it has waited, and at the end of the
/// longest wait.
fn wait_again(since: Option<i64>, now: i64) -> i64 {
    let since = since.unwrap_or(now);
    let due = now + WAIT_AGAIN.max((now - since) / 2);
    match since + WAIT_MOST {
        end if now < end => due.min(end),
        _ => due,
    }
}

/// What survives an attempt that did not count.
fn keep(claim: &Claim, blank: Verdict) -> Verdict {
    Verdict { waiting_since: claim.waiting_since, ..blank }
}

fn failed(claim: &Claim, blank: Verdict, error: &Error, now: i64, chance: u8) -> Verdict {
    let attempts = claim.attempts + 1;
    let blank = Verdict { attempts, ..keep(claim, blank) };
    match retry::wait(attempts, chance) {
        Some(wait) => Verdict {
            state: State::Failed,
            code: Some(error.code.name().into()),
            detail: Some(cut(&error.detail)),
            due: Some(now + wait),
            batch_limit: claim.batch_limit,
            ..blank
        },
        None => park(blank, Code::AttemptsExhausted, &error.to_string()),
    }
}

fn park(blank: Verdict, code: Code, detail: &str) -> Verdict {
    Verdict { state: State::Parked, code: Some(code.name().into()), detail: Some(cut(detail)), ..blank }
}

/// Without addresses of people, which Odoo's and Stripe's sentences may quote.
fn cut(detail: &str) -> String {
    let cut: String = detail.chars().take(DETAIL_MOST).collect();
    if !cut.contains('@') {
        return cut;
    }
    let hidden = |word| if str::contains(word, '@') { "(address)" } else { word };
    cut.split(' ').map(hidden).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn no_address_of_anybody_is_kept() {
        for (detail, kept) in [
            ("Odoo: \u{ab}Ada <ada@example.com>\u{bb} is archived", "Odoo: \u{ab}Ada (address) is archived"),
            ("Invalid email address: j\u{f6}rg@b\u{fc}cher.example", "Invalid email address: (address)"),
            ("the account 101000 is archived", "the account 101000 is archived"),
        ] {
            assert_eq!(cut(detail), kept);
        }
        assert_eq!(cut(&format!("{}@example.com", "a".repeat(600))).chars().count(), 500);
    }
}
