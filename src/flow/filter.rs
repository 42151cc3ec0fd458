//! Filter of an event's movements: drops those that are already posted or that this ledger must not book.

use super::connection::DeliveryContext;
use super::outcome::Outcome;
use crate::error::{Code, Error};
use crate::ledger::claim::Claim;
use crate::ledger::postings::{self, PostingSummary};
use crate::money::Money;
use crate::movement::{Movement, MovementKind, posting_key};
use crate::ports::Runtime;

/// Why nothing of a payment is booked here.
const IGNORED_DATABASE: &str = "ignored_database";

/// The ledger's word on all movements that an event may lead to: the claim brought those of its subject.
pub async fn find_postings(rt: &Runtime, claim: &Claim, movements: &[Movement]) -> Result<Vec<PostingSummary>, Error> {
    let mut postings = claim.postings.clone();
    if movements.iter().any(|m| m.payment != claim.subject) {
        let keys: Vec<&str> = movements.iter().flat_map(|m| [Some(m.key.as_str()), m.builds_on()]).flatten().collect();
        let found = postings::find_postings(&*rt.db, &keys).await;
        postings.extend(found.map_err(|_| Error::of(Code::LedgerUnavailable))?);
    }
    Ok(postings)
}

/// Leaves out what the ledger has and what is not to be booked: what is left, and how the rest ends. A payment of a database
/// that is ignored is left out with all that builds on it.
pub fn still_to_book(
    context: &DeliveryContext<'_>,
    postings: &[PostingSummary],
    movements: Vec<Movement>,
) -> (Vec<Movement>, Option<Outcome>) {
    let mut ends = Vec::new();
    let mut left: Vec<Movement> = Vec::new();
    let mut ignored = Vec::new();
    for movement in movements {
        let why = reason_not_to_book(context, &movement);
        if why == Some(IGNORED_DATABASE) {
            ignored.push(movement.payment.clone());
        }
        match posted_outcome(postings, &movement.key, fixed_amount(&movement)).or_else(|| why.map(Into::into)) {
            Some(end) => ends.push(end),
            None => left.push(movement),
        }
    }
    left.retain(|movement| !ignored.contains(&movement.payment));
    (left, most_severe(ends))
}

/// The amount that must be the one in the ledger; none of what only tells: Stripe may say another amount of a dispute later, and
/// of one that is lost some may still come back.
fn fixed_amount(movement: &Movement) -> Option<Money> {
    let fixed = movement.kind.moves_money() && movement.kind != MovementKind::DisputeLost;
    fixed.then_some(movement.money)
}

/// Of several ends the one that stands for the event.
fn most_severe(ends: Vec<Outcome>) -> Option<Outcome> {
    ends.into_iter().max_by_key(Outcome::severity)
}

/// The ledger's word on a movement; `money` is what Stripe says of it now, where that is known. None where it is in doubt: the
/// ERP is asked by the same key.
pub fn posted_outcome(postings: &[PostingSummary], key: &str, money: Option<Money>) -> Option<Outcome> {
    let known = postings.iter().find(|known| known.key == key)?;
    let other = |money: &Money| (money.minor, money.currency.code()) != (known.minor, known.currency.as_str());
    let differs = money.filter(|money| other(money) && known.outcome != "gone");
    if known.doubt.is_some() && differs.is_none() {
        return None;
    }
    Some(match differs {
        // Reported when it was found out; later events of the payment need not alarm again.
        _ if known.outcome == "gone" => Outcome::Ignore(Code::PaymentGone.name().to_owned(), None),
        Some(money) => Outcome::Park(Error::new(
            Code::AmountDiffers,
            format!(
                "{} minor units of {} are booked, and Stripe now says {money}; correct the payment by hand.",
                known.minor, known.currency
            ),
        )),
        None => Outcome::Done,
    })
}

/// Whether a success came after the failure that took the payment's receipt back. Its key is used, so that a person has to
/// book it: Stripe's own pages ask for a new PaymentIntent, but whoever confirms an old one may pay it again.
pub fn is_paid_again(claim: &Claim, account: &str) -> bool {
    let reversal = posting_key(account, &claim.object, MovementKind::Reversed.transition());
    let reversed = claim.postings.iter().find(|known| known.key == reversal).and_then(|known| known.occurred);
    claim.kind == "payment_intent.succeeded" && reversed.is_some_and(|at| claim.created > at)
}

/// Why a movement is not to be booked by this ledger.
pub fn reason_not_to_book(context: &DeliveryContext<'_>, movement: &Movement) -> Option<&'static str> {
    let database = movement.reference.database.as_ref();
    if !context.erp.supports(movement.kind) {
        Some("left_to_people")
    } else if movement.occurred < context.delivery.book_from {
        Some("before_go_live")
    } else if database.is_some_and(|name| context.delivery.matching.ignored_databases.contains(name)) {
        Some(IGNORED_DATABASE)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(key: &str, minor: i64) -> PostingSummary {
        let currency = "USD".to_owned();
        PostingSummary {
            key: key.to_owned(),
            outcome: "created".to_owned(),
            minor,
            currency,
            occurred: None,
            doubt: None,
        }
    }

    /// Stripe may say another amount of a dispute or a payout later; of money it may not.
    #[test]
    fn only_money_must_have_the_amount_that_is_booked() {
        let told = [
            MovementKind::Processing,
            MovementKind::Failed,
            MovementKind::Canceled,
            MovementKind::RequiresAction,
            MovementKind::Credited,
        ];
        let shown = [
            MovementKind::DisputeOpened,
            MovementKind::DisputeWon,
            MovementKind::PayoutReconciled,
            MovementKind::FeesBilled,
            MovementKind::FeesCleared,
        ];
        let telling: Vec<MovementKind> = told.into_iter().chain(shown).collect();
        assert!(telling.iter().all(|kind| !kind.moves_money()));
        let documents =
            [MovementKind::Paid, MovementKind::Reversed, MovementKind::Refunded, MovementKind::RefundFailed];
        let disputed = [MovementKind::DisputeWithdrawn, MovementKind::DisputeReinstated, MovementKind::DisputeLost];
        for kind in documents.into_iter().chain(disputed).chain([MovementKind::Settled]) {
            assert!(kind.moves_money(), "{kind:?}");
        }
        assert_eq!(posted_outcome(&[known("a", 500)], "a", None), Some(Outcome::Done));
        let euros = Some(Money::new(500, "EUR".parse().unwrap()));
        assert!(
            matches!(posted_outcome(&[known("a", 500)], "a", euros), Some(Outcome::Park(_))),
            "as many of another currency"
        );
    }

    /// One event, several payments: what needs a person is not covered by another payment that is well.
    #[test]
    fn the_gravest_end_of_an_events_payments_stands() {
        let postings = [known("a", 500), known("b", 700)];
        let usd = |minor| Some(Money::new(minor, "USD".parse().unwrap()));
        let ends = || {
            vec![posted_outcome(&postings, "a", usd(501)), posted_outcome(&postings, "b", usd(700))]
                .into_iter()
                .flatten()
        };
        for ends in [ends().collect::<Vec<_>>(), ends().rev().collect()] {
            let end = most_severe(ends);
            assert!(matches!(&end, Some(Outcome::Park(error)) if error.code == Code::AmountDiffers), "{end:?}");
        }
        assert_eq!(most_severe(vec![]), None);
        assert_eq!(
            most_severe(vec![Outcome::from("before_go_live"), Outcome::Done]),
            Some(Outcome::Done),
            "something is in the books"
        );
    }
}
