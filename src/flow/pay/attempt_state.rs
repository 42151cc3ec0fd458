//! The state of a payment attempt, from the ledger and from Stripe's status.

use crate::ledger::intents::Attempt;

/// The states that a payer's page knows. In none but [`AttemptState::Open`] may a payment go on, and after none but
/// [`AttemptState::Booked`] and [`AttemptState::Canceled`] may another begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttemptState {
    /// The payer may pay it.
    Open,
    /// A delayed method is under way, for days perhaps.
    Processing,
    /// Authorised, to be captured by hand.
    Authorized,
    /// Succeeded at Stripe, not yet in the books.
    Received,
    /// Received, and a person at the merchant must look: it is parked, was deleted in the ERP, or did not reach the invoice.
    Attention,
    /// In the books, and the invoice knows.
    Booked,
    /// Given up; nothing was paid.
    Canceled,
}

impl AttemptState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Processing => "processing",
            Self::Authorized => "authorized",
            Self::Received => "received",
            Self::Attention => "attention",
            Self::Booked => "booked",
            Self::Canceled => "canceled",
        }
    }

    /// Of a PaymentIntent's status at Stripe.
    pub fn from_status(status: &str) -> Self {
        match status {
            "succeeded" => Self::Received,
            "processing" => Self::Processing,
            "requires_capture" => Self::Authorized,
            "canceled" => Self::Canceled,
            _ => Self::Open,
        }
    }

    /// Money is under way or arrived, and the books do not have it yet.
    pub fn is_taken(self) -> bool {
        matches!(self, Self::Processing | Self::Authorized | Self::Received | Self::Attention)
    }
}

/// By the ledger alone. A posting is the last word; before it a success that arrived, then
/// the status last heard of.
pub fn attempt_state(attempt: &Attempt) -> AttemptState {
    match (&attempt.posting, attempt.status.as_deref()) {
        (Some(posting), _) if posting.doubt => AttemptState::Received,
        (Some(posting), _) if posting.outcome == "gone" || posting.unallocated => AttemptState::Attention,
        (Some(_), _) => AttemptState::Booked,
        (None, Some("parked")) => AttemptState::Attention,
        (None, _) if attempt.arriving => AttemptState::Received,
        (None, Some(status)) => AttemptState::from_status(status),
        (None, None) => AttemptState::Open,
    }
}

/// Whether the invoice has an attempt's money, by the ERP's own word: it is reconciled with the payment that was booked,
/// at once or by hand later. `payments` are those that the invoice is reconciled with.
pub fn has_reached(attempt: &Attempt, payments: &[i64]) -> bool {
    attempt.posting.as_ref().is_some_and(|posting| posting.outcome != "gone" && payments.contains(&posting.record))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::ledger::intents::AttemptPosting;

    pub fn attempt(status: Option<&str>) -> Attempt {
        Attempt {
            attempt: 1,
            body: String::new(),
            key: "k".into(),
            minor: 4_000,
            currency: "USD".into(),
            residual: 10_000,
            partner: 7,
            customer: "cus_1".into(),
            token: String::new(),
            shown: "{}".into(),
            opened: 0,
            payment: Some("pi_1".into()),
            status: status.map(str::to_owned),
            closed: false,
            posting: None,
            arriving: false,
            disputed: false,
        }
    }

    fn posted(outcome: &str, unallocated: bool) -> Attempt {
        let posting =
            AttemptPosting { outcome: outcome.into(), record: 41, name: "P/1".into(), unallocated, doubt: false };
        Attempt { posting: Some(posting), ..attempt(Some("succeeded")) }
    }

    #[test]
    fn the_posting_is_the_last_word() {
        assert_eq!(attempt_state(&posted("created", false)), AttemptState::Booked);
        assert_eq!(attempt_state(&posted("duplicate", false)), AttemptState::Booked);
        assert_eq!(attempt_state(&posted("created", true)), AttemptState::Attention, "it did not reach the invoice");
        assert_eq!(attempt_state(&posted("gone", false)), AttemptState::Attention, "a person deleted it");
        let mut doubted = posted("created", false);
        doubted.posting.iter_mut().for_each(|posting| posting.doubt = true);
        assert_eq!(attempt_state(&doubted), AttemptState::Received, "the ERP is asked again, and nobody for money");
    }

    #[test]
    fn before_it_what_was_heard() {
        for (status, state) in [
            (None, AttemptState::Open),
            (Some("requires_payment_method"), AttemptState::Open),
            (Some("requires_action"), AttemptState::Open),
            (Some("processing"), AttemptState::Processing),
            (Some("requires_capture"), AttemptState::Authorized),
            (Some("succeeded"), AttemptState::Received),
            (Some("parked"), AttemptState::Attention),
            (Some("canceled"), AttemptState::Canceled),
        ] {
            assert_eq!(attempt_state(&attempt(status)), state, "{status:?}");
        }
        let arriving = Attempt { arriving: true, ..attempt(Some("requires_action")) };
        assert_eq!(attempt_state(&arriving), AttemptState::Received, "its success is in the inbox");
    }

    #[test]
    fn the_invoice_itself_says_what_reached_it() {
        let stray = posted("created", true);
        assert!(!has_reached(&stray, &[40]));
        assert!(has_reached(&stray, &[40, 41]), "allocated by hand");
        assert!(!has_reached(&posted("created", false), &[]), "taken off it by hand, or deleted");
        assert!(!has_reached(&posted("gone", false), &[41]));
    }
}
