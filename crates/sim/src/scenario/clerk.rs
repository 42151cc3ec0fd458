//! What people do in Odoo meanwhile.

use serde_json::json;

use super::Scenario;
use super::invoices::major;

type StepText = Option<&'static str>;
const DAY: i64 = 86_400;

impl Scenario {
    /// Paid by hand, taken back to draft and posted again, or cancelled.
    pub(super) fn clerk_touches_an_invoice(&mut self) -> StepText {
        let at = self.known_invoice()?;
        let open = self.open(at);
        let what = self.below(4);
        let part = if self.rng.percent(50) { open } else { open / 2 };
        let invoice = self.invoices.get_mut(at)?;
        invoice.touched = true;
        let (id, currency) = (invoice.id, invoice.currency);
        let mut odoo = self.world.odoo.borrow_mut();
        let did = match what {
            0 | 1 if part > 0 => {
                odoo.pay_by_hand(id, &major(part, currency).to_string());
                "paid by hand"
            }
            2 if open == invoice.total => {
                odoo.cancel_invoice(id);
                "invoice cancelled"
            }
            _ if open == invoice.total => {
                odoo.redraft_invoice(id);
                odoo.repost_invoice(id);
                "invoice corrected"
            }
            _ => {
                odoo.allocate(id);
                "credit allocated"
            }
        };
        drop(odoo);
        self.note(|| format!("the clerk, invoice {id}: {did}"));
        Some(did)
    }

    /// A receipt is cancelled, or deleted, which takes its external id along.
    pub(super) fn clerk_undoes_a_payment(&mut self) -> StepText {
        let rows = self.world.db.query(
            "SELECT key, record, minor, currency FROM postings WHERE kind = 'paid' AND record IS NOT NULL AND doubt IS NULL ORDER BY key",
        );
        let row = rows.get(self.pick(rows.len())?)?;
        let key = row.get("key")?.as_str()?.to_owned();
        if self.undone.iter().any(|(undone, _, _)| *undone == key) {
            return None;
        }
        let (record, minor) = (row.get("record")?.as_i64()?, row.get("minor")?.as_i64()?);
        let currency = row.get("currency")?.as_str()?.to_owned();
        let delete = self.rng.percent(50);
        let mut odoo = self.world.odoo.borrow_mut();
        let invoices = odoo.payments().into_iter().find(|p| p.id == record).map(|p| p.invoices).unwrap_or_default();
        if delete {
            odoo.delete_payment(record);
        } else {
            odoo.cancel_payment(record);
        }
        drop(odoo);
        self.note(|| format!("the clerk undoes {key}, payment {record}, deleting it: {delete}"));
        self.invoices.iter_mut().filter(|i| invoices.contains(&i.id)).for_each(|i| i.touched = true);
        self.undone.push((key, currency, minor));
        self.causes.extend(["payment_gone", "credit_note_without_invoice", "receipt_missing"]);
        Some("payment undone")
    }

    /// The accountant locks up to some day, or opens the books again.
    pub(super) fn clerk_locks(&mut self) -> StepText {
        let until = quittance::date::iso(self.world.clock.now() - DAY * self.below(3) as i64);
        let value = if self.rng.percent(50) { json!(until) } else { json!(false) };
        self.note(|| format!("the books are locked until {value}"));
        self.world.odoo.borrow_mut().poke("res.company", 1, "fiscalyear_lock_date", value);
        Some("lock")
    }

    /// The accountant enters a rate, of today or of another day, early or late.
    pub(super) fn clerk_enters_a_rate(&mut self) -> StepText {
        let currency = if self.plan.unrated || self.rng.percent(50) { "GBP" } else { "EUR" };
        let day = quittance::date::iso(self.world.clock.now() + DAY * (self.below(6) as i64 - 3));
        let rate = format!("0.{}", 600 + self.below(300));
        if self.world.odoo.borrow().rate_days(currency, 1).contains(&day) {
            return None;
        }
        self.note(|| format!("a rate of {currency} from {day} on: {rate}"));
        self.world.odoo.borrow_mut().set_rate_of(&day, currency, 1, &rate);
        Some("rate")
    }

    /// And at last one of long ago, where there was none.
    pub(super) fn clerk_enters_old_rates(&mut self) {
        let day = "2020-01-01";
        if !self.world.odoo.borrow().rate_days("GBP", 1).iter().any(|known| known == day) {
            self.note(|| format!("a rate of GBP from {day} on"));
            self.world.odoo.borrow_mut().set_rate_of(day, "GBP", 1, "0.75");
        }
    }
}
