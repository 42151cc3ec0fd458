//! Pending money becomes available when its time has come.

use std::collections::BTreeMap;

use super::TXN;
use crate::stripe::Stripe;
use crate::stripe::books::Place;
use crate::stripe::object::Fields;

/// Pending balance transactions by the second from which on they are available.
#[derive(Debug, Default)]
pub struct Availability(BTreeMap<i64, Vec<(Place, String)>>);

impl Availability {
    pub(super) fn add(&mut self, at: i64, place: &Place, id: &str) {
        self.0.entry(at).or_default().push((place.clone(), id.to_owned()));
    }

    fn take_due(&mut self, now: i64) -> Vec<(Place, String)> {
        let later = self.0.split_off(&(now + 1));
        std::mem::replace(&mut self.0, later).into_values().flatten().collect()
    }
}

impl Stripe {
    /// Makes available what is due. No event tells of it.
    pub(in crate::stripe) fn ripen(&mut self) {
        for (place, id) in self.ripening.take_due(self.now()) {
            if let Some(ripe) = self.books_mut(&place).edit(TXN, &id) {
                ripe.put("status", "available");
            }
        }
    }
}
