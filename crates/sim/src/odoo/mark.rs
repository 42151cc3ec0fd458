//! The mark of a company's bookings: what `next_mark` of `procedures/_record.py` counts on.

use super::{Odoo, calendar};

/// How far the marks of two sequences are apart for each second between their creation.
const APART: i64 = 1_000_000;

impl Odoo {
    /// The last mark of a company's bookings; null where it has none.
    pub fn last_mark(&self, company: i64) -> Option<i64> {
        let root = self.company_and_parents(company).pop()?;
        let id = self.mark_sequence(root)?;
        let standard = self.store.text("ir.sequence", id, "implementation") == "standard";
        let made = calendar::seconds(self.store.text("ir.sequence", id, "create_date"))?;
        standard.then(|| made * APART + self.store.last(&format!("ir_sequence_{id:03}")))
    }

    /// Somebody deletes a company's sequence, or set-up has not made it.
    pub fn delete_mark(&mut self, company: i64) {
        if let Some(id) = self.mark_sequence(company) {
            self.store.remove("ir.sequence", id);
            self.store.commit();
        }
    }

    fn mark_sequence(&self, company: i64) -> Option<i64> {
        let (_, id) = self.store.xid(&format!("quittance.sequence_mark_{company}"))?;
        self.store.get("ir.sequence", id).map(|_| id)
    }
}
