//! The mark: a number of the ERP that only grows. A smaller one shows that the database was restored to an earlier
//! state.

/// The marks of the bookings of one attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// The highest that the ledger had before the first call; `None`: none yet.
    pub known: Option<i64>,
    /// The highest answered.
    pub highest: Option<i64>,
    /// An answer was not above `known`, which was drawn before it was asked for: the ERP is at an earlier state.
    pub went_back: bool,
}

impl Marks {
    pub fn above(known: Option<i64>) -> Self {
        Self { known, ..Self::default() }
    }

    /// Takes the mark of an answer; `None`: it has none, which is no step back unless the ledger has had one.
    pub fn take(&mut self, mark: Option<i64>) {
        self.highest = self.highest.max(mark);
        self.went_back |= self.known.is_some() && mark <= self.known;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_mark_that_is_not_above_the_known_one_is_a_step_back() {
        let taken = |known, marks: &[Option<i64>]| {
            let mut all = Marks::above(known);
            marks.iter().for_each(|mark| all.take(*mark));
            (all.highest, all.went_back)
        };
        assert_eq!(taken(None, &[]), (None, false));
        assert_eq!(taken(None, &[None, Some(7)]), (Some(7), false), "the first that there ever was");
        assert_eq!(taken(Some(7), &[]), (None, false), "nothing was asked");
        assert_eq!(taken(Some(7), &[Some(8), Some(40)]), (Some(40), false));
        assert_eq!(taken(Some(7), &[Some(40), Some(8)]), (Some(40), false), "two answers that overtook each other");
        assert_eq!(taken(Some(7), &[Some(7)]), (Some(7), true), "the same twice");
        assert_eq!(taken(Some(7), &[Some(6), Some(9)]), (Some(9), true));
        assert_eq!(taken(Some(7), &[None]), (None, true), "it is gone");
    }
}
