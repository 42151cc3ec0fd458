//! What Stripe does by itself when its time has come.

use std::collections::BTreeMap;

use super::Stripe;
use super::books::Scope;
use super::dispute::Contest;
use super::payout::PayoutStep;
use super::refund::RefundEnd;

/// One thing to do.
#[derive(Clone, Debug)]
pub(super) enum Task {
    /// An asynchronous capture gets its balance transaction; one of several takes this part.
    Settle { charge: String, part: Option<i64> },
    /// A delayed method gets its outcome: a failure's code, or success.
    Clear { intent: String, failure: Option<String> },
    /// What an authorization held beyond its capture goes back.
    ReleaseRest { charge: String },
    /// A refund moves on by itself.
    EndRefund { refund: String, end: RefundEnd },
    /// A payer's bank disputes a charge.
    Contest { charge: String, reason: &'static str, inquiry: bool },
    /// The money of a dispute comes back.
    Reinstate { dispute: String },
    /// The automatic payouts of a midnight are made.
    PayOut { planned: i64 },
    /// A payout moves on by itself.
    Payout { payout: String, step: PayoutStep },
}

/// Tasks by due time, then in the order made.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    tasks: BTreeMap<(i64, u64), (Scope, Task)>,
    made: u64,
}

impl Agenda {
    pub(super) fn next_due(&self) -> Option<i64> {
        self.tasks.keys().next().map(|(due, _)| *due)
    }

    fn take_due(&mut self, now_ms: i64) -> Option<(Scope, Task)> {
        let first = self.tasks.first_entry()?;
        (first.key().0 <= now_ms).then(|| first.remove())
    }
}

impl Stripe {
    /// Puts a task off; what it causes has no API request behind it.
    pub(super) fn later(&mut self, scope: &Scope, after_ms: i64, task: Task) {
        let scope = Scope { place: scope.place.clone(), request: None, idempotency_key: None };
        self.agenda.made += 1;
        self.agenda.tasks.insert((self.clock.now_ms() + after_ms, self.agenda.made), (scope, task));
    }

    /// Does everything that is due.
    pub(super) fn run_agenda(&mut self) {
        self.ripen();
        while let Some((scope, task)) = self.agenda.take_due(self.clock.now_ms()) {
            match task {
                Task::Settle { charge, part } => self.settle(&scope, &charge, part, true),
                Task::Clear { intent, failure: None } => self.clear(&scope, &intent),
                Task::Clear { intent, failure: Some(code) } => self.bounce(&scope, &intent, &code),
                Task::ReleaseRest { charge } => self.release_rest(&scope, &charge),
                Task::EndRefund { refund, end } => self.move_refund(&scope, &refund, &end),
                Task::Contest { charge, reason, inquiry } => {
                    let what = Contest { amount: None, reason, inquiry, due_after_s: 9 * 24 * 3600, first: None };
                    if let Some(charge) = self.get(&scope, "charge", &charge).cloned() {
                        let _refused = self.contest(&scope, &charge, &what);
                    }
                }
                Task::Reinstate { dispute } => self.reinstate(&scope, &dispute, i64::MAX),
                Task::PayOut { planned } => self.pay_out_by_itself(&scope, planned),
                // One that was called off or came back goes no further.
                Task::Payout { payout, step } => drop(self.step_payout(&scope, &payout, &step)),
            }
        }
    }
}
