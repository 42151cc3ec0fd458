//! The document: a draft of exactly the amount, its taxes within a unit of Odoo's own, at the invoice's rate.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::plan::{Part, Plan, Taxes, taxes_of, units, worth};
use super::split::{shift, spread};
use super::{DIFFERS, Item, LINE, MOVE};
use crate::odoo::call::object;
use crate::odoo::error::{self, Result};
use crate::odoo::num;
use crate::odoo::procedure::Work;
use crate::odoo::store::Row;

impl Work<'_> {
    /// Of a whole invoice as Odoo reverses it, where that is it; else of lines of the procedure's own.
    pub(super) fn draft_note(&mut self, item: &mut Item, plan: &Plan, amount: i64) -> Result<i64> {
        let whole = units(self.odoo, self.odoo.amount(MOVE, plan.invoice, "amount_total"), plan.currency);
        if amount == whole && plan.earlier.is_empty() && !plan.discounted {
            let savepoint = self.odoo.store.savepoint();
            match self.draft_by(item, plan, amount, true) {
                Err(e) if e.message.starts_with(DIFFERS) => {
                    self.odoo.store.rollback(savepoint);
                    item.odd = true;
                }
                made => return made,
            }
        }
        self.draft_by(item, plan, amount, false)
    }

    fn draft_by(&mut self, item: &mut Item, plan: &Plan, amount: i64, copy: bool) -> Result<i64> {
        let (note, want) =
            if copy { (self.copied(item, plan)?, plan.taxes.clone()) } else { self.divided(item, plan, amount)? };
        let own = taxes_of(self.odoo, note);
        let mut all: Vec<i64> = own.keys().chain(want.keys()).copied().collect();
        all.sort_unstable();
        all.dedup();
        for tax in all {
            let of = |taxes: &Taxes| taxes.get(&tax).copied().unwrap_or_default();
            let change = of(&want) - of(&own);
            if change != 0 {
                self.set_tax(note, tax, worth(self.odoo, change, plan.currency));
            }
            item.off |= change.abs() > 1;
        }
        let total = self.odoo.amount(MOVE, note, "amount_total");
        if units(self.odoo, total, plan.currency) != amount {
            return Err(error::user(format!("{DIFFERS}: it would be {total}")));
        }
        self.carry_rate(note, plan, amount == plan.total);
        self.check_note(plan, note, amount)?;
        Ok(note)
    }

    fn head(&self, item: &Item, plan: &Plan) -> Row {
        let s = &self.odoo.store;
        let of = |column: &str| s.value(MOVE, plan.invoice, column);
        let reason = item.text("reason");
        let memo = item.text("memo");
        let reference = if reason.is_empty() { memo.to_owned() } else { format!("{memo}: {reason}") };
        let mut head = object(json!({"move_type": "out_refund", "state": "draft", "invoice_date": item.day,
            "date": item.day, "ref": reference, "invoice_date_due": item.day, "partner_id": of("partner_id"),
            "currency_id": plan.currency, "journal_id": of("journal_id"), "company_id": plan.company}));
        if !plan.less.is_zero() {
            head.insert("invoice_payment_term_id".into(), of("invoice_payment_term_id"));
        }
        head
    }

    fn made(&mut self, item: &Item, plan: &Plan, lines: &[Value]) -> Result<i64> {
        let who = self.odoo.session(self.setup.uid, &Default::default())?;
        let (mut row, mut lines) = (self.head(item, plan), lines.to_vec());
        self.odoo.misreverse(&mut row, &mut lines);
        self.odoo.prepare_move(&who, &mut row);
        let note = self.odoo.store.insert(MOVE, row);
        let commands: Vec<Value> = lines.iter().map(|line| json!([0, 0, line])).collect();
        self.odoo.created_move(&who, note, &object(json!({"invoice_line_ids": commands})))?;
        Ok(note)
    }

    /// The whole invoice, with all its lines as they are.
    fn copied(&mut self, item: &Item, plan: &Plan) -> Result<i64> {
        let s = &self.odoo.store;
        let line = |part: &Part| {
            let of = |column: &str| s.value(LINE, part.line, column);
            json!({"name": part.name, "quantity": of("quantity"), "price_unit": of("price_unit"),
                "discount": of("discount"), "account_id": of("account_id"), "tax_ids": [[6, 0, part.taxes]]})
        };
        let lines: Vec<Value> = plan.parts.iter().map(line).collect();
        self.made(item, plan, &lines)
    }

    /// A part of it: one line for each of its lines.
    fn divided(&mut self, item: &mut Item, plan: &Plan, amount: i64) -> Result<(i64, Taxes)> {
        let mut prices = plan.split(self.odoo, amount);
        let used: Vec<usize> = (0..prices.len()).filter(|at| prices.get(*at) != Some(&0)).collect();
        let (mut want, mut gap) = (Taxes::new(), 0);
        for turn in 0..9 {
            let lines = self.lines(plan, &prices, &used);
            let note = self.made(item, plan, &lines)?;
            let own = taxes_of(self.odoo, note);
            let need = amount - units(self.odoo, self.odoo.amount(MOVE, note, "amount_untaxed"), plan.currency);
            want = spread(&plan.bounds(&plan.rest_of(self.odoo, &prices).1, &own), &own, need);
            if amount == plan.total {
                // Those of the taxes that have a tax line.
                want = plan.taxes.clone();
                want.retain(|tax, _| own.get(tax).is_some_and(|amount| *amount != 0));
                item.off = want.values().sum::<i64>() != plan.taxes.values().sum::<i64>();
            }
            gap = need - want.values().sum::<i64>();
            let size = |at: &usize| {
                let part = plan.parts.get(*at)?;
                let price = prices.get(*at).copied().unwrap_or_default();
                Some((!part.fixed, part.taxes.is_empty(), price.abs(), *at))
            };
            let largest = used.iter().filter_map(size).max();
            if gap == 0 {
                return Ok((note, want));
            }
            let Some((true, _, _, at)) = largest.filter(|_| turn < 8) else { break };
            self.odoo.drop_move(note)?;
            shift(&mut prices, at, gap);
        }
        self.rounded_off(item, plan, (&prices, &used), gap, want)
    }

    /// Taxes by the piece, or a few cents with several taxes: the last units stand on a line of their own.
    fn rounded_off(
        &mut self,
        item: &mut Item,
        plan: &Plan,
        (prices, used): (&[i64], &[usize]),
        gap: i64,
        want: Taxes,
    ) -> Result<(i64, Taxes)> {
        item.off = true;
        let last = self.odoo.store.ids(MOVE).into_iter().max().unwrap_or_default();
        self.odoo.drop_move(last)?;
        let mut lines = self.lines(plan, prices, used);
        let account = plan.parts.first().and_then(|p| self.odoo.store.int(LINE, p.line, "account_id"));
        let price = num::float(worth(self.odoo, gap, plan.currency));
        lines.push(json!({"name": "Rounding", "quantity": 1, "price_unit": price, "account_id": account}));
        Ok((self.made(item, plan, &lines)?, want))
    }

    fn lines(&self, plan: &Plan, prices: &[i64], used: &[usize]) -> Vec<Value> {
        let o = &*self.odoo;
        let line = |at: &usize| {
            let (part, price) = (plan.parts.get(*at)?, *prices.get(*at)?);
            let full = worth(o, price, plan.currency);
            let hundredth =
                |d: Decimal| d.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointNearestEven);
            let pieces = if part.fixed && part.left != 0 {
                hundredth(part.quantity * Decimal::from(price) / Decimal::from(part.left))
            } else {
                Decimal::new(1, o.places(plan.currency).saturating_sub(2))
            };
            let pieces = if pieces.is_zero() { Decimal::ONE } else { pieces };
            let each = num::round(full / pieces, 2);
            Some(json!({"name": part.name, "quantity": num::float(pieces), "price_unit": num::float(each),
                "account_id": o.store.value(LINE, part.line, "account_id"), "tax_ids": [[6, 0, part.taxes]]}))
        };
        used.iter().filter_map(line).collect()
    }

    /// Moves one tax of a draft, as a person does it in the list of journal items.
    fn set_tax(&mut self, note: i64, tax: i64, change: Decimal) {
        let s = &self.odoo.store;
        let of_tax = |l: &i64| s.int(LINE, *l, "tax_line_id") == Some(tax) && s.text(LINE, *l, "display_type") == "tax";
        let lines = s.list(MOVE, note, "line_ids");
        let (Some(line), Some(owed)) =
            (lines.into_iter().find(of_tax), self.odoo.receivable_lines(note).first().copied())
        else {
            return;
        };
        for (line, by) in [(line, change), (owed, -change)] {
            let amount = self.odoo.amount(LINE, line, "amount_currency") + by;
            let (was, value) = (amount - by, self.odoo.amount(LINE, line, "balance"));
            let value = if was.is_zero() { amount } else { num::round(value * amount / was, 2) };
            self.set_line(line, amount, value);
        }
        for column in ["amount_total", "amount_tax"] {
            let amount = self.odoo.amount(MOVE, note, column) + change;
            self.odoo.store.set(MOVE, note, column, num::float(amount));
        }
        self.odoo.refresh(note);
    }

    fn set_line(&mut self, line: i64, amount: Decimal, value: Decimal) {
        let open = !self.odoo.amount(LINE, line, "amount_residual").is_zero();
        let s = &mut self.odoo.store;
        let mut set = |column: &str, amount: Decimal| s.set(LINE, line, column, num::float(amount));
        set("amount_currency", amount);
        set("balance", value);
        set("debit", value.max(Decimal::ZERO));
        set("credit", (-value).max(Decimal::ZERO));
        if open {
            set("amount_residual_currency", amount);
            set("amount_residual", value);
        }
    }

    /// In the company's currency the credit note has the invoice's rate; the last one what the others left.
    fn carry_rate(&mut self, note: i64, plan: &Plan, last: bool) {
        let o = &*self.odoo;
        let own = o.store.int("res.company", plan.company, "currency_id").unwrap_or_default();
        if plan.currency == own {
            return;
        }
        let sum = |lines: &[i64], column: &str| -> Decimal { lines.iter().map(|l| o.amount(LINE, *l, column)).sum() };
        let due = o.receivable_lines(plan.invoice);
        let mut total = sum(&due, "balance");
        let rate = total / sum(&due, "amount_currency");
        for earlier in plan.earlier.iter().filter(|_| last) {
            total += sum(&o.receivable_lines(*earlier), "balance");
        }
        let credit = o.receivable_lines(note);
        let whole =
            if last && !plan.discounted { total } else { o.rounded(-sum(&credit, "amount_currency") * rate, own) };
        let others = o.store.list(MOVE, note, "line_ids").into_iter().filter(|l| !credit.contains(l));
        let worth = |line: i64| (line, o.amount(LINE, line, "amount_currency"));
        let mut balances: Vec<(i64, Decimal, Decimal)> =
            others.map(worth).map(|(line, amount)| (line, amount, o.rounded(amount * rate, own))).collect();
        let rest = whole - balances.iter().map(|(_, _, value)| *value).sum::<Decimal>();
        let product = |line: i64| o.store.text(LINE, line, "display_type") == "product";
        // The first of the greatest, as `max` takes it.
        let big = balances.iter().map(|(line, amount, _)| (product(*line), amount.abs())).max();
        if let Some(one) = balances.iter_mut().find(|(line, amount, _)| Some((product(*line), amount.abs())) == big) {
            one.2 += rest;
        }
        if let Some(first) = credit.first() {
            balances.push((*first, o.amount(LINE, *first, "amount_currency"), -whole));
        }
        for (line, amount, value) in balances {
            self.set_line(line, amount, value);
        }
        self.odoo.refresh(note);
    }
}
