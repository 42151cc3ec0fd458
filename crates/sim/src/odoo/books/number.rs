//! Numbers of entries: one more than the last of the journal in the month or year, so that they have no gaps.

use serde_json::{Value, json};

use crate::odoo::Odoo;
use crate::odoo::num;
use crate::odoo::version::Version;

const MOVE: &str = "account.move";
const JOURNAL: &str = "account.journal";
/// The last number of each series. Rolled back with everything else.
const SERIES: &str = "sequence";

impl Odoo {
    pub(super) fn numbers_by_year(&self, journal: i64) -> bool {
        matches!(self.store.text(JOURNAL, journal, "type"), "sale" | "bank" | "cash" | "credit")
    }

    /// Whether any entry of the journal has a number.
    pub(super) fn has_numbers(&self, journal: i64) -> bool {
        num::truthy(&self.store.value(JOURNAL, journal, "numbered"))
    }

    /// `INV/2026/`, `MISC/2026/11/`, `RINV/2026/` of a credit note, `PBNK1/2026/` of a payment.
    fn series(&self, entry: i64) -> String {
        let s = &self.store;
        let journal = s.int(MOVE, entry, "journal_id").unwrap_or_default();
        let (code, kind) = (s.text(JOURNAL, journal, "code"), s.text(JOURNAL, journal, "type"));
        let set = |column: &str, by_default: bool| match s.value(JOURNAL, journal, column) {
            Value::Null => by_default,
            own => num::truthy(&own),
        };
        let refund = s.text(MOVE, entry, "move_type").ends_with("_refund");
        let link = if self.version == Version::V17 { "payment_id" } else { "origin_payment_id" };
        let paid = s.int(MOVE, entry, link).is_some();
        let letter = match () {
            () if refund && set("refund_sequence", matches!(kind, "sale" | "purchase")) => "R",
            () if paid && set("payment_sequence", matches!(kind, "bank" | "cash" | "credit")) => "P",
            () => "",
        };
        let day = s.text(MOVE, entry, "date");
        let (year, month) = (day.get(..4).unwrap_or("1970"), day.get(5..7).unwrap_or("01"));
        if self.numbers_by_year(journal) {
            format!("{letter}{code}/{year}/")
        } else {
            format!("{letter}{code}/{year}/{month}/")
        }
    }

    /// Whether an entry has a number.
    pub(in crate::odoo) fn is_numbered(&self, entry: i64) -> bool {
        !matches!(self.store.text(MOVE, entry, "name"), "" | "/")
    }

    /// Gives an entry without one its number.
    pub(in crate::odoo) fn number_entry(&mut self, entry: i64) -> String {
        if self.is_numbered(entry) {
            return self.store.text(MOVE, entry, "name").to_owned();
        }
        let series = self.series(entry);
        let journal = self.store.int(MOVE, entry, "journal_id").unwrap_or_default();
        let last = self.last(journal, &series) + 1;
        self.set_last(journal, &series, last);
        let width = if self.numbers_by_year(journal) { 5 } else { 4 };
        let name = format!("{series}{last:0width$}");
        self.store.set(MOVE, entry, "name", json!(name));
        self.store.set(JOURNAL, journal, "numbered", json!(true));
        name
    }

    /// Before 19 a draft has a number at once when it is the first of its series.
    pub(super) fn number_draft(&mut self, entry: i64) {
        let journal = self.store.int(MOVE, entry, "journal_id").unwrap_or_default();
        if self.version != Version::V19 && self.last(journal, &self.series(entry)) == 0 {
            self.number_entry(entry);
        }
    }

    /// After a change of the date: an entry that was never posted gets another number where it needs one.
    pub(super) fn renumber_draft(&mut self, entry: i64) {
        let posted = num::truthy(&self.store.value(MOVE, entry, "posted_before"));
        if posted || !self.misnumbered(entry) {
            return;
        }
        self.free_number(entry);
        let none = if self.version == Version::V19 { Value::Null } else { json!("/") };
        self.store.set(MOVE, entry, "name", none);
        self.number_draft(entry);
    }

    /// Whether an entry's number belongs to another month or year.
    pub(super) fn misnumbered(&self, entry: i64) -> bool {
        let series = self.series(entry);
        self.is_numbered(entry) && split(self.store.text(MOVE, entry, "name")).is_some_and(|(own, _)| own != series)
    }

    /// A number that is deleted with its entry is free again when it was the last.
    pub(super) fn free_number(&mut self, entry: i64) {
        let journal = self.store.int(MOVE, entry, "journal_id").unwrap_or_default();
        let name = self.store.text(MOVE, entry, "name").to_owned();
        let Some((series, number)) = split(&name) else { return };
        if number == self.last(journal, series) {
            let others = self.store.find_all(MOVE, "journal_id", &json!(journal)).into_iter().filter(|id| *id != entry);
            let numbers = others.filter_map(|id| split(self.store.text(MOVE, id, "name")));
            let last = numbers.filter(|(other, _)| *other == series).map(|(_, n)| n).max();
            self.set_last(journal, series, last.unwrap_or(0));
        }
    }

    fn last(&self, journal: i64, series: &str) -> i64 {
        let known = self.store.find(SERIES, "name", &json!(format!("{journal} {series}")));
        known.and_then(|id| self.store.int(SERIES, id, "last")).unwrap_or(0)
    }

    fn set_last(&mut self, journal: i64, series: &str, last: i64) {
        let name = json!(format!("{journal} {series}"));
        match self.store.find(SERIES, "name", &name) {
            Some(id) => self.store.set(SERIES, id, "last", json!(last)),
            None => {
                self.put(SERIES, json!({"name": name, "last": last}));
            }
        }
    }
}

/// `MISC/2026/11/0001` is number 1 of `MISC/2026/11/`.
pub(super) fn split(name: &str) -> Option<(&str, i64)> {
    let at = name.rfind('/')? + 1;
    Some((name.get(..at)?, name.get(at..)?.parse().ok()?))
}
