//! What the merchant, the banks and Stripe itself do.

use serde_json::Value;

use super::Scenario;
use crate::stripe::balance::Entry;
use crate::stripe::dispute::DisputeStep;
use crate::stripe::merchant::{Dispute, Payout, Refund};
use crate::stripe::payout::PayoutStep;
use crate::stripe::refund::RefundEnd;

type StepText = Option<&'static str>;

impl Scenario {
    pub(super) fn refunds(&mut self) -> StepText {
        let payment = self.payments.get(self.pick(self.payments.len())?)?.id.clone();
        let amount = self.rng.percent(50).then(|| 1 + self.below(20_000) as i64);
        let status = match self.below(8) {
            0 => Some("pending"),
            1 => Some("requires_action"),
            2 => Some("insufficient_funds"),
            _ => None,
        };
        let refund = Refund { amount, status: status.map(str::to_owned), ..Refund::all(&payment) };
        let made = self.world.stripe.borrow_mut().refund(&refund).ok()?;
        self.note(|| format!("{made} refunds {amount:?} of {payment} {status:?}"));
        self.refunds.push(made);
        Some("refund")
    }

    pub(super) fn ends_a_refund(&mut self) -> StepText {
        let refund = self.refunds.get(self.pick(self.refunds.len())?)?.clone();
        let end = match self.below(6) {
            0 => RefundEnd::Pending,
            1 | 2 => RefundEnd::Succeeded,
            3 => RefundEnd::Canceled,
            _ => RefundEnd::Failed("lost_or_stolen_card".into()),
        };
        self.note(|| format!("{refund} ends as {end:?}"));
        self.world.stripe.borrow_mut().end_refund(&refund, &end).ok()?;
        Some("refund's end")
    }

    pub(super) fn disputes(&mut self) -> StepText {
        let payment = self.payments.get(self.pick(self.payments.len())?)?.id.clone();
        let mut dispute = if self.rng.percent(30) { Dispute::inquiry(&payment) } else { Dispute::of(&payment) };
        // Taken in two steps, or never all of it.
        dispute.first = self.rng.percent(20).then_some(700);
        let made = self.world.stripe.borrow_mut().dispute(&dispute).ok()?;
        self.note(|| format!("{made} disputes {payment}"));
        self.disputes.push(made);
        Some("dispute")
    }

    /// A few steps of a dispute, those that fit its status.
    pub(super) fn moves_a_dispute(&mut self) -> StepText {
        let dispute = self.disputes.get(self.pick(self.disputes.len())?)?.clone();
        let mut did = None;
        for _ in 0..6 {
            let step = match self.below(14) {
                0 => DisputeStep::Escalate,
                1 => DisputeStep::Close,
                2 => DisputeStep::Respond,
                3..=5 => DisputeStep::Win,
                6 => DisputeStep::Appeal,
                7 => DisputeStep::Reinstate,
                8 => DisputeStep::ReinstatePart,
                9 => DisputeStep::Withdraw,
                10 => DisputeStep::Correct,
                _ => DisputeStep::Lose,
            };
            if self.world.stripe.borrow_mut().move_dispute(&dispute, step).is_ok() {
                self.note(|| format!("{dispute}: {step:?}"));
                did = Some("dispute's step");
                if self.rng.percent(50) {
                    break;
                }
            }
        }
        did
    }

    /// A bank debit that had paid fails after all, rather one whose receipt the ledger does not know yet.
    pub(super) fn fails_late(&mut self) -> StepText {
        let untouched: Vec<usize> = (0..self.payments.len())
            .filter(|at| self.payments.get(*at).is_some_and(|p| p.debit && !p.failed_late && self.untouched(&p.id)))
            .collect();
        let unknown = |at: &usize| self.payments.get(*at).is_some_and(|p| !self.receipt_is_known(&p.id));
        let unknown: Vec<usize> = untouched.iter().copied().filter(unknown).collect();
        let of = if unknown.is_empty() { untouched } else { unknown };
        let at = *of.get(self.pick(of.len())?)?;
        let payment = self.payments.get_mut(at)?;
        let id = payment.id.clone();
        self.world.stripe.borrow_mut().fail_late(&id, "insufficient_funds").ok()?;
        payment.failed_late = true;
        self.note(|| format!("{id} fails late"));
        Some("late failure")
    }

    fn receipt_is_known(&self, payment: &str) -> bool {
        let receipts = "SELECT 1 FROM postings WHERE payment = ?1 AND kind = 'paid'";
        !self.world.db.about(receipts, &[payment.into()]).is_empty()
    }

    /// Nothing of it was refunded or disputed, as a bank takes no such money back a second time, and it is on the balance.
    fn untouched(&self, payment: &str) -> bool {
        let stripe = self.world.stripe.borrow();
        let last = stripe.everywhere("charge").into_iter().rev().find(|charge| charge["payment_intent"] == payment);
        let whole = |charge: &Value| charge["amount_refunded"] == 0 && charge["disputed"] == false;
        last.is_some_and(|charge| whole(charge) && charge["balance_transaction"].is_string())
    }

    pub(super) fn pays_out(&mut self) -> StepText {
        let currency = if self.rng.percent(60) { "usd" } else { "eur" };
        let mut stripe = self.world.stripe.borrow_mut();
        let made = match self.below(3) {
            0 => stripe.payout(&Payout::of(500, currency)).ok(),
            1 => stripe.payout(&Payout { instant: true, ..Payout::of(700, currency) }).ok(),
            _ => stripe.payout_now(currency),
        };
        drop(stripe);
        let made = made?;
        self.note(|| format!("payout {made} in {currency}"));
        self.payouts.push(made);
        Some("payout")
    }

    pub(super) fn moves_a_payout(&mut self) -> StepText {
        let payout = self.payouts.get(self.pick(self.payouts.len())?)?.clone();
        let step = PayoutStep::some(self.below(PayoutStep::SOME));
        self.world.stripe.borrow_mut().move_payout(&payout, &step).ok()?;
        self.note(|| format!("{payout}: {step:?}"));
        Some("payout's step")
    }

    /// What moves the balance without a payment, some of it of types that nobody knows.
    pub(super) fn enters_by_hand(&mut self) -> StepText {
        let drawn = self.below(Entry::WITHOUT_PAYMENT);
        let entry = Entry::without_payment(drawn, if self.rng.percent(50) { "usd" } else { "eur" });
        let id = self.world.stripe.borrow_mut().enter_by_hand(&entry);
        self.note(|| format!("{id} {} {} {}", entry.kind, entry.amount, entry.currency));
        Some("entry by hand")
    }

    /// A part of an authorization is captured, and more of it is to follow.
    pub(super) fn captures_a_part(&mut self) -> StepText {
        let held = self.held();
        let (id, left) = held.get(self.pick(held.len())?)?.clone();
        let part = 1 + self.below(usize::try_from(left / 2).unwrap_or(0)) as i64;
        self.world.stripe.borrow_mut().capture_part(&id, part, false).ok()?;
        // A refund or dispute of a part waits for the receipt of all, and no longer than a day.
        self.causes.extend(["refund_receipt_unknown", "receipt_missing"]);
        self.note(|| format!("{part} of {id} are captured, more follows"));
        Some("capture in parts")
    }

    /// Authorizations, and what may still be captured of each.
    fn held(&self) -> Vec<(String, i64)> {
        let stripe = self.world.stripe.borrow();
        let held =
            stripe.everywhere("payment_intent").into_iter().filter(|intent| intent["status"] == "requires_capture");
        held.filter_map(|intent| Some((intent["id"].as_str()?.to_owned(), intent["amount_capturable"].as_i64()?)))
            .collect()
    }

    /// An authorization does not last: what was captured of one in parts is all there is.
    pub(super) fn authorizations_end(&mut self) {
        // More than a day after the last part, longer than anything waits for a payment to become final.
        if self.done.contains_key("capture in parts") && !self.held().is_empty() {
            self.advance(26 * 3_600);
            for (id, _) in self.held() {
                let _only_of_some =
                    self.rng.percent(50).then(|| self.world.stripe.borrow_mut().capture_part(&id, 1, false));
            }
            self.advance(3_600);
        }
        for (id, _) in self.held() {
            let _nothing_was_captured = self.world.stripe.borrow_mut().capture_part(&id, 0, true);
        }
    }

    /// Authorizations are taken whole, in part, or given up; open intents are canceled.
    pub(super) fn captures_or_cancels(&mut self) -> StepText {
        let waiting: Vec<(String, i64)> = {
            let stripe = self.world.stripe.borrow();
            let open = |intent: &&Value| {
                let status = intent["status"].as_str().unwrap_or_default();
                ["requires_capture", "requires_payment_method", "requires_action"].contains(&status)
            };
            let told = |intent: &Value| {
                let left =
                    intent["amount_capturable"].as_i64().filter(|left| *left > 0).or(intent["amount"].as_i64())?;
                Some((intent["id"].as_str()?.to_owned(), left))
            };
            stripe.everywhere("payment_intent").into_iter().filter(open).filter_map(told).collect()
        };
        let (id, amount) = waiting.get(self.pick(waiting.len())?)?.clone();
        let mut stripe = self.world.stripe.borrow_mut();
        let part = self.rng.percent(40).then(|| amount / 2 + 1);
        let captured = self.rng.percent(75) && stripe.capture(&id, part).is_ok();
        if !captured {
            stripe.cancel(&id, None).ok()?;
        }
        drop(stripe);
        self.note(|| if captured { format!("{id} is captured {part:?}") } else { format!("{id} is canceled") });
        Some(if captured { "capture" } else { "cancellation" })
    }
}
