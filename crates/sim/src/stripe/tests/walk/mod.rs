//! A random walk over everything that moves money, and what must hold after each part of it.

mod laws;

use std::collections::BTreeMap;

use serde_json::Value;

use super::listening;
use crate::stripe::balance::{Entry, FeeDetail};
use crate::stripe::dispute::DisputeStep;
use crate::stripe::merchant::{Dispute, Pay, Payout, Refund};
use crate::stripe::method::Method;
use crate::stripe::object::Fields;
use crate::stripe::objects::shapes;
use crate::stripe::payout::PayoutStep;
use crate::stripe::refund::RefundEnd;
use crate::stripe::{Fee, Stripe};
use crate::{Clock, Party, Rng};

const CURRENCIES: [&str; 4] = ["usd", "eur", "gbp", "jpy"];

struct Walk {
    stripe: Stripe,
    clock: Clock,
    rng: Rng,
    /// How often each operation did something.
    done: BTreeMap<&'static str, u32>,
}

/// Three settlement currencies; what is possible is on.
fn begin(seed: u64) -> Walk {
    let (mut stripe, clock) = listening(seed);
    let settings = &mut stripe.settings;
    settings.rates = [("gbp", "1.17"), ("jpy", "0.0067")].map(|(c, r)| (c.to_owned(), r.parse().unwrap())).into();
    settings.settles = [("gbp".to_owned(), "eur".to_owned())].into();
    settings.fee = Fee { tax_per_mille: 200, fx_per_mille: 10, failure: 400, ..Fee::default() };
    settings.payouts.automatic = true;
    settings.payouts.debit_bank = true;
    settings.payouts.minimum_balance = [("eur".to_owned(), 500)].into();
    Walk { stripe, clock, rng: Rng::seeded(seed ^ 0x3a1c), done: BTreeMap::new() }
}

impl Walk {
    fn one_of<T: Copy>(&self, of: &[T]) -> T {
        of[usize::try_from(self.rng.below(of.len() as u64)).unwrap()]
    }

    fn any(&self, kind: &str) -> Option<Value> {
        let home = self.stripe.home();
        let rows = self.stripe.books(&home)?.rows(kind);
        (!rows.is_empty()).then(|| rows[usize::try_from(self.rng.below(rows.len() as u64)).unwrap()].clone())
    }

    fn id(&self, kind: &str) -> String {
        self.any(kind).map(|object| object.text("id").to_owned()).unwrap_or_default()
    }

    fn step(&mut self) {
        let amount = 100 + i64::try_from(self.rng.below(50_000)).unwrap();
        let currency = self.one_of(&CURRENCIES);
        let kept = self.one_of(&["usd", "eur"]);
        let (name, worked) = match self.rng.below(22) {
            0..=4 => ("pay", self.pay(amount, currency)),
            5 | 6 => {
                let status = self.one_of(&[None, None, Some("pending"), Some("requires_action")]);
                let (payment, status) = (self.id("charge"), status.map(str::to_owned));
                let part = self.rng.percent(70).then_some(amount / 10);
                let refund = Refund { payment, amount: part, status, ..Refund::default() };
                ("refund", self.stripe.refund(&refund).is_ok())
            }
            7 => {
                let ends = [
                    RefundEnd::Pending,
                    RefundEnd::Succeeded,
                    RefundEnd::Canceled,
                    RefundEnd::Failed("declined".into()),
                ];
                let (id, end) = (self.id("refund"), &ends[usize::try_from(self.rng.below(4)).unwrap()]);
                ("end_refund", self.stripe.end_refund(&id, end).is_ok())
            }
            8 => {
                let (payment, inquiry) = (self.id("charge"), self.rng.percent(30));
                ("dispute", self.stripe.dispute(&Dispute { inquiry, ..Dispute::of(&payment) }).is_ok())
            }
            9 | 10 => {
                use DisputeStep::{Appeal, Close, Escalate, Lose, Reinstate, Respond, Win, Withdraw};
                let step = self.one_of(&[Appeal, Close, Escalate, Lose, Reinstate, Respond, Win, Withdraw]);
                self.stripe.settings.fee.dispute_returned = self.rng.percent(50);
                let id = self.id("dispute");
                ("move_dispute", self.stripe.move_dispute(&id, step).is_ok())
            }
            11 => {
                let payout = Payout { instant: self.rng.percent(50), ..Payout::of(amount / 4, kept) };
                ("payout", self.stripe.payout(&payout).is_ok())
            }
            12 => {
                let step =
                    if self.rng.percent(70) { PayoutStep::Fail("no_account".into()) } else { PayoutStep::Cancel };
                let id = self.id("payout");
                ("move_payout", self.stripe.move_payout(&id, &step).is_ok())
            }
            13 => {
                let id = self.id("charge");
                ("fail_late", self.rng.percent(30) && self.stripe.fail_late(&id, "insufficient_funds").is_ok())
            }
            14 => ("other", self.other(amount, kept)),
            15 => ("rate", self.new_rate()),
            _ => {
                let far = self.one_of(&[1_000, 60_000, 3_600_000, 20 * 3_600_000]);
                self.clock.advance(far);
                ("time", true)
            }
        };
        *self.done.entry(name).or_default() += u32::from(worked);
        for outgoing in self.stripe.outgoing() {
            self.stripe.answered(outgoing.id, Some(200));
        }
    }

    fn pay(&mut self, amount: i64, currency: &str) -> bool {
        let manual_capture = self.rng.percent(25);
        let delayed = !manual_capture && self.rng.percent(25);
        let method = if delayed { Method::Delayed } else { Method::Card };
        let paid = self.stripe.pay(&Pay { manual_capture, method, ..Pay::card(amount, currency) }).unwrap();
        if manual_capture {
            self.stripe.settings.capture_reversal_after_ms = self.one_of(&[None, Some(0), Some(5_000)]);
            self.stripe.capture(&paid.payment_intent, Some(amount / 2)).unwrap();
        }
        true
    }

    fn other(&mut self, amount: i64, currency: &str) -> bool {
        let (stripe, id) = (&mut self.stripe, "acct_1Connected");
        match self.rng.below(9) {
            0 => drop(stripe.topup(amount, currency)),
            1 => drop(stripe.transfer(amount, currency, id)),
            2 => drop(stripe.application_fee(amount, currency, id)),
            3 => drop(stripe.reserve(amount, currency)),
            4 => drop(stripe.reserve(-amount, currency)),
            5 => {
                let fees = vec![FeeDetail::stripe(7, "Monthly")];
                stripe.enter_by_hand(&Entry {
                    fees,
                    available_after_s: 90,
                    ..Entry::of("new_thing", "new", -amount, currency)
                });
            }
            6 => {
                let id = self.id("topup");
                return self.stripe.topup_reversed(&id).is_ok();
            }
            7 => {
                let id = self.id("transfer");
                return self.stripe.transfer_reversed(&id, amount / 3).is_ok();
            }
            _ => {
                let id = self.id("application_fee");
                return self.stripe.application_fee_refunded(&id, 50).is_ok();
            }
        }
        true
    }

    fn new_rate(&mut self) -> bool {
        let rate = format!("1.{}", 10 + self.rng.below(20));
        self.stripe.settings.rates.insert("gbp".into(), rate.parse().unwrap());
        true
    }
}

#[test]
fn whatever_happens_the_balance_is_the_sum_of_its_transactions() {
    let mut done: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 1..=4 {
        let mut walk = begin(seed);
        for step in 0..250 {
            walk.step();
            if step % 25 == 24 {
                walk.check();
            }
        }
        let home = walk.stripe.home();
        let books = walk.stripe.books(&home).unwrap();
        for kind in
            ["charge", "refund", "payout_failure", "payout_minimum_balance_hold", "refund_failure", "stripe_fx_fee"]
        {
            assert!(books.rows("balance_transaction").iter().any(|row| row.text("type") == kind), "{kind} never came");
        }
        for category in ["partial_capture_reversal", "charge_failure", "dispute", "dispute_reversal"] {
            let rows = books.rows("balance_transaction");
            assert!(rows.iter().any(|row| row.text("reporting_category") == category), "{category} never came");
        }
        for object in books.all() {
            for object in [object, &object["data"]["object"]] {
                assert_eq!(shapes::faults(object), Vec::<String>::new(), "{object}");
            }
        }
        walk.done.into_iter().for_each(|(name, times)| *done.entry(name).or_default() += times);
    }
    assert!(done.len() == 11 && done.values().all(|times| *times >= 5), "{done:?}");
}

#[test]
fn a_walk_repeats_by_its_seed() {
    let end = |seed| {
        let mut walk = begin(seed);
        (0..60).for_each(|_| walk.step());
        let home = walk.stripe.home();
        walk.stripe.books(&home).unwrap().all().map(Value::to_string).collect::<Vec<_>>()
    };
    assert_eq!(end(7), end(7));
    assert_ne!(end(7), end(8));
}
