//! Credit notes whose refund failed: the payer has them and not the money, which a later refund may be.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::json;

use super::plan::units;
use super::{Item, LINE, MOVE, PAYMENT};
use crate::odoo::error::Result;
use crate::odoo::procedure::Work;

impl Work<'_> {
    /// The refund pays what is owed still, as far as it goes.
    pub(super) fn pay_owed(&mut self, item: &mut Item, debit: Option<i64>) -> Result<()> {
        for note in self.owed_still(item.text("receipt")) {
            if item.open <= item.asked || debit.is_some_and(|l| self.odoo.reconciled(l)) {
                return Ok(());
            }
            item.flag("credit_note_found");
            if self.odoo.store.text(MOVE, note, "state") == "draft" {
                self.ask(item, note, "its first refund failed");
                let currency = self.odoo.store.int(MOVE, note, "currency_id").unwrap_or_default();
                item.asked += units(self.odoo, self.odoo.amount(MOVE, note, "amount_total"), currency);
            }
            let credit = self.odoo.receivable_lines(note).first().copied();
            self.match_two(debit, credit)?;
            item.notes.push(note);
            let of = self.odoo.store.int(MOVE, note, "reversed_entry_id");
            item.moves.extend(of.filter(|invoice| !item.moves.contains(invoice)));
            item.open = self.left_of(item.refund);
        }
        Ok(())
    }

    /// What of a refund's debit is open, in units of its currency.
    pub(super) fn left_of(&self, refund: i64) -> i64 {
        let o = &*self.odoo;
        let open = self.stands(Some(refund)).map(|l| o.amount(LINE, l, "amount_residual_currency"));
        units(o, open.unwrap_or_default(), o.store.int(PAYMENT, refund, "currency_id").unwrap_or_default())
    }

    /// The credit notes of a receipt's refunds.
    pub(super) fn notes_of(&self, receipt: &str) -> BTreeSet<i64> {
        let s = &self.odoo.store;
        let stands = |n: &i64| s.get(MOVE, *n).is_some() && s.text(MOVE, *n, "state") != "cancel";
        s.numbered(&format!("{receipt}__note")).into_iter().map(|(_, id)| id).filter(stands).collect()
    }

    fn owed_still(&self, receipt: &str) -> Vec<i64> {
        let s = &self.odoo.store;
        let open = |n: &i64| {
            s.text(MOVE, *n, "state") == "draft" || self.odoo.amount(MOVE, *n, "amount_residual") > Decimal::ZERO
        };
        let failed = |n: &i64| {
            let rows = s.find_all("ir.model.data", "res_id", &json!(n));
            rows.into_iter().filter(|r| s.text("ir.model.data", *r, "model") == MOVE).any(|r| {
                let key = s.text("ir.model.data", r, "name").split_once(":credit_note__note");
                key.is_some_and(|(refund, _)| s.tied(&format!("quittance.{refund}:failed")).is_some())
            })
        };
        self.notes_of(receipt).into_iter().filter(open).filter(failed).collect()
    }
}
