//! Which invoices a movement is for: ids, numbers, texts, the known customer; the first hit wins.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::json;

use super::Work;
use super::item::Item;
use super::numbers::{self, Table};
use super::setup;
use crate::odoo::error::{self, Result};
use crate::odoo::num;
use quittance::erp::odoo::numbers::Candidate;

const MOVE: &str = "account.move";

impl Work<'_> {
    /// Climbs the ladder and settles the company; `None` when the movement is refused.
    pub fn matched(&mut self, mut item: Item) -> Option<Item> {
        let named = item.ids();
        item.known = setup::record(self.odoo, &format!("cus:{}", item.customer()));
        if !item.on("no_match") {
            let there = |id: &&i64| numbers::home(self.odoo, **id).is_some();
            let wish = item.wish();
            let (same, other): (Vec<i64>, Vec<i64>) =
                named.iter().filter(there).partition(|id| numbers::is_same(self.odoo, &wish, **id));
            if !other.is_empty() {
                item.flag("invoice_differs");
            }
            item.moves = same;
            if !item.moves.is_empty() {
                item.by = Some("ids");
            } else {
                if !named.is_empty() && other.is_empty() {
                    item.flag("invoice_missing");
                }
                self.by_number(&mut item);
            }
        }
        if !self.settle_company(&mut item) {
            return None;
        }
        if item.by.is_none() && !item.on("no_match") && named.is_empty() {
            self.by_amount(&mut item);
        }
        Some(item)
    }

    fn by_number(&self, item: &mut Item) {
        let (numbers, texts) = (item.candidates("numbers"), item.candidates("texts"));
        let all: Vec<String> = numbers.iter().chain(&texts).map(|one| one.0.clone()).collect();
        let table = numbers::look_up(self.odoo, &self.setup.companies, &all, &item.references());
        if self.pick(item, &table, &numbers) {
            item.by = Some("numbers");
        } else if self.pick(item, &table, &texts) {
            item.by = Some("texts");
        }
    }

    /// Whether a company keeps its books with the Stripe account's own: that one or a branch of it.
    fn ours(&self, company: i64, item: &Item) -> bool {
        setup::chain(self.odoo, company).contains(&item.books.home)
    }

    /// The invoices that candidates mean: in the Stripe account's own company, else in its branches, else in others.
    fn pick(&self, item: &mut Item, table: &Table, of: &[Candidate]) -> bool {
        let wish = item.wish();
        for by_company in numbers::meant(of, table).iter().filter_map(|n| table.get(n)) {
            let theirs = |id: &i64| numbers::is_described(self.odoo, &wish, *id);
            if !by_company.values().flatten().all(theirs) && !item.flags.iter().any(|f| f == "invoice_differs") {
                item.flag("invoice_differs");
            }
            let all = |near: bool| -> Vec<i64> {
                let of = by_company.iter().filter(|(company, _)| self.ours(**company, item) == near);
                of.flat_map(|(_, ids)| ids.iter().copied().filter(theirs)).collect()
            };
            let own = by_company.get(&item.books.home).map(|ids| ids.iter().copied().filter(theirs).collect());
            let own = own.filter(|ids: &Vec<i64>| !ids.is_empty());
            let near = own.or_else(|| Some(all(true)).filter(|ids| !ids.is_empty()));
            match near.unwrap_or_else(|| all(false)).as_slice() {
                [one] if !item.moves.contains(one) => item.moves.push(*one),
                [_, _, ..] => item.flag("ambiguous_number"),
                _ => {}
            }
        }
        !item.moves.is_empty()
    }

    /// Leaves out invoices of companies where the user may not work. False when the movement is refused, since one of
    /// these is a branch.
    fn settle_company(&mut self, item: &mut Item) -> bool {
        for id in std::mem::take(&mut item.moves) {
            let company = numbers::home(self.odoo, id).unwrap_or_default();
            if self.setup.companies.contains(&company) {
                item.moves.push(id);
            } else if self.ours(company, item) {
                let detail = format!("the invoice belongs to company {company}, where the user may not work");
                self.refuse(&item.key, "wrong_company", &detail);
                return false;
            } else if !item.flags.iter().any(|f| f == "invoice_other_company") {
                item.flag("invoice_other_company");
            }
        }
        true
    }

    /// The one open invoice of a known customer whose residual is this amount.
    fn by_amount(&self, item: &mut Item) {
        let Some(known) = item.known else { return };
        let s = &self.odoo.store;
        let step = num::decimal(&s.value("res.currency", item.currency, "rounding")).unwrap_or_default();
        let near = item.tolerance() + step / Decimal::TWO;
        let fits = |id: &i64| {
            self.odoo.is_invoice(*id)
                && s.text(MOVE, *id, "state") == "posted"
                && matches!(s.text(MOVE, *id, "payment_state"), "not_paid" | "partial")
                && numbers::home(self.odoo, *id).is_some_and(|company| self.ours(company, item))
                && s.int(MOVE, *id, "currency_id") == Some(item.currency)
                && (self.odoo.amount(MOVE, *id, "amount_residual") - item.amount).abs() < near
        };
        let theirs = s.find_all(MOVE, "commercial_partner_id", &json!(known));
        if let [one] = theirs.into_iter().filter(fits).collect::<Vec<_>>().as_slice() {
            item.moves = vec![*one];
            item.by = Some("customer");
        }
    }

    /// Sorts the invoices into payable ones and reasons, and settles whose money it is.
    pub fn sort_out(&mut self, item: &mut Item) -> Result<()> {
        let o = &*self.odoo;
        let who = o.session(self.setup.uid, &Default::default())?;
        if item.moves.iter().any(|id| !o.in_company(&who, MOVE, *id)) {
            return Err(error::access("Uh-oh! Looks like you have stumbled upon some top-secret records."));
        }
        let partner_of = |id: &i64| o.store.int(MOVE, *id, "commercial_partner_id");
        let posted = |id: &i64| o.store.text(MOVE, *id, "state") == "posted";
        let payable = |id: &i64| posted(id) && !o.amount(MOVE, *id, "amount_residual").is_zero();
        let customers: Vec<i64> = item.moves.iter().copied().filter(|id| o.is_invoice(*id)).collect();
        let near = |id: &&i64| payable(id) && numbers::home(o, **id).is_some_and(|company| self.ours(company, item));
        let leader = customers.iter().find(near).or(customers.iter().find(|id| payable(id))).or(customers.first());
        let partner = leader.and_then(partner_of).or(item.known);
        let due = |id: &i64| {
            let day = o.store.text(MOVE, *id, "invoice_date_due");
            (if day.is_empty() { o.store.text(MOVE, *id, "date") } else { day }.to_owned(), *id)
        };
        let mut sorted = item.moves.clone();
        sorted.sort_by_key(due);
        for id in sorted {
            match o.store.text(MOVE, id, "state") {
                _ if !o.is_invoice(id) => item.flag("invoice_not_customer"),
                _ if !numbers::home(o, id).is_some_and(|company| self.ours(company, item)) => {
                    item.flag("invoice_other_company");
                }
                "draft" => item.flag("invoice_draft"),
                "cancel" => item.flag("invoice_cancelled"),
                _ if !payable(&id) => item.flag("invoice_paid"),
                _ if partner_of(&id) != partner => item.flag("invoice_other_partner"),
                _ => item.good.push(id),
            }
        }
        // A receipt is booked where its invoices are, in the Stripe journal of the company above.
        let homes: BTreeSet<i64> = item.good.iter().filter_map(|id| numbers::home(o, *id)).collect();
        if let (1, Some(branch)) = (homes.len(), homes.first()) {
            item.company = *branch;
        }
        let by_document = matches!(item.by, Some("ids" | "numbers" | "texts"));
        item.learn = by_document && !customers.is_empty() && !item.customer().is_empty() && item.known.is_none();
        item.theirs = partner;
        let above = setup::chain(o, item.company);
        let here = |p: &i64| o.store.int("res.partner", *p, "company_id").is_none_or(|c| above.contains(&c));
        let fallback = || setup::record(o, "partner_unallocated");
        let found = partner.filter(here).or_else(fallback);
        item.partner = found.ok_or_else(|| error::user("quittance:not_configured:partner_unallocated"))?;
        Ok(())
    }
}
