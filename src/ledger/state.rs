//! The states of an event and the transitions between them, as one table.

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Stored, not yet worked, or given back without an outcome.
    Received,
    /// Being worked under a lease.
    Claimed,
    /// The ERP has its movement.
    Done,
    /// An attempt failed; there is a next one.
    Failed,
    /// Its own payment has to be posted first, or a person has to act in the ERP.
    Waiting,
    /// A person must look; counts as missing.
    Parked,
    /// Nothing to book, with the reason.
    Ignored,
}

/// Who changes a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Whoever claims rows that are due.
    Claim,
    /// The holder of the lease, with its outcome.
    LeaseHolder,
    /// A newer mapper, taking up again what an older one did not support.
    Mapper,
    /// A person.
    Operator,
}

impl State {
    pub const ALL: [Self; 7] =
        [Self::Received, Self::Claimed, Self::Done, Self::Failed, Self::Waiting, Self::Parked, Self::Ignored];

    /// As stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Claimed => "claimed",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
            Self::Parked => "parked",
            Self::Ignored => "ignored",
        }
    }

    /// The state of a stored name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }

    /// Nothing is left to do; the raw body may be purged after its retention.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Ignored)
    }

    /// Whether `actor` may lead from here to `to`. Only an operator leaves `done`.
    pub fn may_become(self, to: Self, actor: Actor) -> bool {
        match actor {
            // A claimed row is due again when its lease has run out.
            Actor::Claim => {
                to == Self::Claimed && matches!(self, Self::Received | Self::Claimed | Self::Failed | Self::Waiting)
            }
            Actor::LeaseHolder => self == Self::Claimed && to != Self::Claimed,
            Actor::Mapper => self == Self::Ignored && to == Self::Received,
            Actor::Operator => matches!(to, Self::Received | Self::Parked | Self::Ignored) && self != Self::Claimed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_operator_leaves_done() {
        for to in State::ALL {
            for actor in [Actor::Claim, Actor::LeaseHolder, Actor::Mapper] {
                assert!(!State::Done.may_become(to, actor), "{to:?} {actor:?}");
            }
        }
        assert!(State::Done.may_become(State::Received, Actor::Operator));
    }

    #[test]
    fn a_verdict_needs_a_claim() {
        for from in State::ALL {
            for to in State::ALL {
                assert_eq!(from.may_become(to, Actor::LeaseHolder), from == State::Claimed && to != State::Claimed);
            }
        }
    }

    #[test]
    fn names_are_those_of_the_migration() {
        let schema = include_str!("../../migrations/0001_ledger.sql");
        for state in State::ALL {
            assert!(schema.contains(&format!("'{}'", state.name())), "{state:?}");
            assert_eq!(State::from_name(state.name()), Some(state));
        }
    }
}
