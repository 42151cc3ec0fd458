//! Odoo is set back to a backup, and an operator tells the Worker so.

use quittance::ledger::operator::actions::AuditEntry;
use quittance::ledger::restore;

use super::invariants::marks;
use super::{Scenario, Violation};

type StepText = Option<&'static str>;
/// How often an operator tries again when the ledger does not answer.
const PATIENCE: usize = 60;

impl Scenario {
    /// A backup is made, the scenario goes on for a while, and the backup is restored. People enter invoices again, and some that are new:
    /// with ids and numbers of what was lost. The operator runs `quittance recover --erp-restored-to`, as docs/OPERATIONS.md
    /// says.
    pub(super) fn odoo_is_set_back(&mut self) -> Result<StepText, Violation> {
        let (backup, undone) = (self.world.odoo.borrow().clone(), self.undone.len());
        let kept = self.invoices.len();
        let at = self.world.clock.now();
        for _ in 0..1 + self.below(4) {
            match self.below(6) {
                0 => self.pays_nobodys(),
                1 => self.refunds(),
                2 => self.disputes(),
                3 => self.moves_a_dispute(),
                4 if !self.tabs.is_empty() => self.confirms()?,
                _ => self.known_invoice().and_then(|at| self.pays_invoice(at)),
            };
            self.time();
            self.pays_a_new_one()?;
        }
        self.note(|| format!("Odoo is set back to its backup of {at}"));
        self.world.odoo.borrow_mut().set_back(&backup);
        self.undone.truncate(undone);
        self.invoices.iter_mut().skip(kept).for_each(|invoice| (invoice.lost, invoice.touched) = (true, true));
        // What builds on a receipt that Odoo has lost is refused until the operator has said so; a credit note also for want of an
        // allocation that people had made, and that is lost for good.
        self.causes.extend(["refund_receipt_unknown", "receipt_missing", "credit_note_without_invoice"]);
        self.looked = 0;
        if self.below(2) == 0 {
            self.nobody_knows_of_it()?;
        }
        self.enters_invoices_again(kept);
        self.says_odoo_was_set_back(at);
        Ok(Some("Odoo set back"))
    }

    /// An invoice is entered and paid, by the page or by another way.
    fn pays_a_new_one(&mut self) -> Result<(), Violation> {
        if self.newcomers.percent(40) {
            return Ok(());
        }
        let at = self.bills();
        if self.newcomers.percent(30) {
            self.pays_invoice(at);
        } else {
            let tabs = self.tabs.len();
            self.opens_the_page_of(at)?;
            self.confirms_in(tabs)?;
        }
        self.time();
        Ok(())
    }

    /// Lost invoices, in any order and as often as not with another amount. Of contacts that were lost as well nobody makes one
    /// before the operator has said so: docs/OPERATIONS.md forbids it.
    fn enters_invoices_again(&mut self, kept: usize) {
        for at in kept..self.invoices.len() {
            let Some(lost) = self.invoices.get(at).filter(|_| self.newcomers.percent(70)) else { continue };
            let (currency, payer, same) = (lost.currency, lost.payer.clone(), self.newcomers.percent(60));
            let total = if same { lost.total } else { lost.total + 1_700 };
            if self.world.odoo.borrow().contact_named(&payer).is_some() {
                self.bill(total, currency, &payer, "", "");
            }
        }
    }

    /// Money goes on to come in, and nobody says that Odoo was set back: its mark does, with the first booking.
    fn nobody_knows_of_it(&mut self) -> Result<(), Violation> {
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
