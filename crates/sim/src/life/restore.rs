//! Odoo is set back to a backup, and an operator tells the Worker so.

use quittance::ledger::operator::actions::AuditEntry;
use quittance::ledger::restore;

use super::laws::marks;
use super::{Broken, Life};

type Did = Option<&'static str>;
/// How often an operator tries again when the ledger does not answer.
const PATIENCE: usize = 60;

impl Life {
    /// A backup is made, life goes on for a while without new invoices, and the backup is restored. The operator runs
    /// `quittance recover --erp-set-back-to`, as docs/OPERATIONS.md says.
    pub(super) fn odoo_is_set_back(&mut self) -> Result<Did, Broken> {
        let (backup, undone) = (self.world.odoo.borrow().clone(), self.undone.len());
        let at = self.world.clock.now();
        for _ in 0..1 + self.below(4) {
            match self.below(6) {
                0 => self.pays_nobodys(),
                1 => self.refunds(),
                2 => self.disputes(),
                3 => self.moves_a_dispute(),
                4 if !self.tabs.is_empty() => self.confirms()?,
                _ => self.some(self.invoices.len()).and_then(|at| self.pays_invoice(at)),
            };
            self.time();
        }
        self.note(|| format!("Odoo is set back to its backup of {at}"));
        self.world.odoo.borrow_mut().set_back(&backup);
        self.undone.truncate(undone);
        // What builds on a receipt that Odoo has lost is refused until the operator has said so; a credit note also for want of an
        // allocation that people had made, and that is lost for good.
        self.causes.extend(["refund_receipt_unknown", "receipt_missing", "credit_note_without_invoice"]);
        self.looked = 0;
        if self.below(2) == 0 {
            self.nobody_knows_of_it()?;
        }
        self.says_odoo_was_set_back(at);
        Ok(Some("Odoo set back"))
    }

    /// Money goes on to come in, and nobody says that Odoo was set back: its mark does, with the first booking.
    fn nobody_knows_of_it(&mut self) -> Result<(), Broken> {
        let lost = marks::went_back(self);
        let before = marks::newest(&self.world);
        for _ in 0..1 + self.below(4) {
            self.pays_nobodys();
            self.time();
        }
        marks::alarmed(&self.world, lost, marks::newest(&self.world) > before)
    }

    fn says_odoo_was_set_back(&self, to: i64) {
        let deed = AuditEntry { who: "token:sim", reason: "a backup was restored", now: self.world.clock.now() };
        let db = &self.world.runtime().db;
        let began = (0..PATIENCE).any(|_| self.world.invoke(restore::begin(&**db, to, &deed)) == Some(Ok(())));
        self.note(|| format!("the operator says so: {began}"));
        let under_way = || !self.world.db.query("SELECT 1 FROM restores WHERE ended IS NULL").is_empty();
        for _ in 0..PATIENCE {
            if !under_way() {
                break;
            }
            let _done = self.world.invoke(restore::step(&**db, self.world.clock.now()));
        }
    }
}
