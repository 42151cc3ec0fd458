//! Which invoices a movement is for: ids, numbers, texts, the known customer; the first hit wins.

use rust_decimal::Decimal;
use serde_json::json;

use super::Work;
use super::item::Item;
use super::numbers::{self, Table};
use super::{setup, text};
use crate::odoo::error::{self, Result};
use crate::odoo::num;

const MOVE: &str = "account.move";

impl Work<'_> {
    /// Climbs the ladder and settles the company; `None` when the movement is refused.
    pub fn matched(&mut self, mut item: Item) -> Option<Item> {
        let named = item.ids();
        item.known = setup::record(self.odoo, &format!("cus:{}", item.customer()));
        if !item.on("no_match") {
            item.moves = named.iter().copied().filter(|id| numbers::home(self.odoo, *id).is_some()).collect();
            if !item.moves.is_empty() {
                item.by = Some("ids");
            } else {
                if !named.is_empty() {
                    item.flag("invoice_missing");
                }
                self.by_number(&mut item);
            }
        }
        if !self.settle_company(&mut item) {
            return None;
        }
        if !self.rated(&item) {
            let (currency, company) = (text(&item.movement, "currency"), item.company);
            let detail = format!("enter a rate of {currency} in company {company}");
            self.refuse(&item.key, "currency_rate_missing", &detail);
            return None;
        }
        if item.by.is_none() && !item.on("no_match") && named.is_empty() {
            self.by_amount(&mut item);
        }
        Some(item)
    }

    fn by_number(&self, item: &mut Item) {
        let (numbers, words) = (item.numbers(), numbers::words(&item.texts()));
        let all: Vec<String> = numbers.iter().chain(&words).cloned().collect();
        let table = numbers::look_up(self.odoo, &self.setup.companies, &all, &numbers);
        if self.pick(item, &table, &numbers) {
            item.by = Some("numbers");
        } else if self.pick(item, &table, &words) {
            item.by = Some("texts");
        }
    }

    /// The invoices that names mean: in the movement's company, else in the only other one that has the number.
    fn pick(&self, item: &mut Item, table: &Table, names: &[String]) -> bool {
        let own = if item.company == 0 { self.setup.company } else { item.company };
        for by_company in names.iter().filter_map(|n| table.get(n)) {
            let here = by_company.get(&own).cloned();
            let ids = here.unwrap_or_else(|| by_company.values().flatten().copied().collect());
            match ids.as_slice() {
                [one] if !item.moves.contains(one) => item.moves.push(*one),
                [_, _, ..] => item.flag("ambiguous_number"),
                _ => {}
            }
        }
        !item.moves.is_empty()
    }

    /// False when the movement is refused: its first invoice is in a company where the user may not work. Others of
    /// such companies are left out.
    fn settle_company(&mut self, item: &mut Item) -> bool {
        let other = item.moves.first().and_then(|id| numbers::home(self.odoo, *id));
        if let Some(other) = other.filter(|c| !self.setup.companies.contains(c)) {
            let detail = format!("the invoice belongs to company {other}, where the user may not work");
            self.refuse(&item.key, "wrong_company", &detail);
            return false;
        }
        let named = item.moves.len();
        let mine = |id: &i64| numbers::home(self.odoo, *id).is_some_and(|c| self.setup.companies.contains(&c));
        item.moves.retain(mine);
        if item.moves.len() < named {
            item.flag("invoice_other_company");
        }
        if item.company == 0 {
            let ready = &self.setup.ready;
            let home = other.filter(|other| ready.contains_key(other));
            item.company = home.unwrap_or_else(|| self.setup.first());
            if home.is_none() && ready.len() > 1 && item.company != self.setup.company {
                item.flag("company_assumed");
            }
        }
        true
    }

    /// Without any rate Odoo would book 1:1.
    fn rated(&self, item: &Item) -> bool {
        let s = &self.odoo.store;
        let own = s.int("res.company", item.company, "currency_id");
        let rates = s.find_all("res.currency.rate", "currency_id", &json!(item.currency));
        let of = |r: &i64| s.int("res.currency.rate", *r, "company_id").is_none_or(|c| c == item.company);
        own == Some(item.currency) || rates.iter().any(of)
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
                && s.int(MOVE, *id, "company_id") == Some(item.company)
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
        let leader = customers.iter().find(|id| payable(id)).or(customers.first());
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
                _ if numbers::home(o, id) != Some(item.company) => item.flag("invoice_other_company"),
                "draft" => item.flag("invoice_draft"),
                "cancel" => item.flag("invoice_cancelled"),
                _ if !payable(&id) => item.flag("invoice_paid"),
                _ if partner_of(&id) != partner => item.flag("invoice_other_partner"),
                _ => item.good.push(id),
            }
        }
        let by_document = matches!(item.by, Some("ids" | "numbers" | "texts"));
        item.learn = by_document && !customers.is_empty() && !item.customer().is_empty() && item.known.is_none();
        item.theirs = partner;
        let here = |p: &i64| o.store.int("res.partner", *p, "company_id").is_none_or(|c| c == item.company);
        let fallback = || setup::record(o, "partner_unallocated");
        let found = partner.filter(here).or_else(fallback);
        item.partner = found.ok_or_else(|| error::user("quittance:not_configured:partner_unallocated"))?;
        Ok(())
    }
}
