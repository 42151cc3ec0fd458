//! Which day an entry gets: locked periods move it, and journals number by month or by year.

use crate::odoo::Odoo;
use crate::odoo::calendar;
use crate::odoo::version::Version;

const COMPANY: &str = "res.company";
const JOURNAL: &str = "account.journal";

impl Odoo {
    pub(in crate::odoo) fn today(&self) -> String {
        calendar::date(self.clock.now_ms())
    }

    /// The last locked day that holds for an entry of this day, if it does.
    pub(super) fn locked_until(&self, journal: i64, day: &str, taxed: bool) -> Option<String> {
        let s = &self.store;
        let mut company = s.int(JOURNAL, journal, "company_id");
        let kind = s.text(JOURNAL, journal, "type");
        let mut locks: Vec<String> = Vec::new();
        while let Some(id) = company {
            let mut take = |column: &str, holds: bool| {
                let until = s.text(COMPANY, id, column);
                if holds && !until.is_empty() && day <= until {
                    locks.push(until.to_owned());
                }
            };
            take("fiscalyear_lock_date", true);
            take("tax_lock_date", taxed);
            let newer = self.version != Version::V17;
            take("hard_lock_date", newer);
            take("sale_lock_date", newer && kind == "sale");
            take("purchase_lock_date", newer && kind == "purchase");
            company = s.int(COMPANY, id, "parent_id");
        }
        locks.into_iter().max()
    }

    /// The accounting date that Odoo gives to a day in a journal: after the locks; for anything but sales documents the
    /// end of a past month (or year, where the journal numbers by year), else today or later.
    pub(super) fn accounting_date(&self, journal: i64, move_type: &str, day: &str, taxed: bool) -> String {
        let lock = self.locked_until(journal, day, taxed);
        let day = lock.as_ref().map_or_else(|| day.to_owned(), |until| calendar::after(until, 1));
        let today = self.today();
        let yearly = self.numbers_by_year(journal) && self.has_numbers(journal);
        let part = |text: &str| text.get(..if yearly { 4 } else { 7 }).unwrap_or("").to_owned();
        let end = if yearly { format!("{}-12-31", part(&day)) } else { month_end(&day) };
        if matches!(move_type, "out_invoice" | "out_refund" | "out_receipt") {
            return if lock.is_some() { today.min(end) } else { day };
        }
        if part(&today) > part(&day) { end } else { day.max(today) }
    }
}

/// The last day of a day's month.
fn month_end(day: &str) -> String {
    let mut last = day.to_owned();
    for n in 1..31 {
        let next = calendar::after(day, n);
        if next.get(..7) != day.get(..7) {
            break;
        }
        last = next;
    }
    last
}
