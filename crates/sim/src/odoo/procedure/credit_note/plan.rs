//! What is left to credit of an invoice: its parts, taxes and total, less the credit notes that there are. In units of
//! the invoice's currency.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{LINE, MOVE};
use crate::odoo::Odoo;
use crate::odoo::books::Price;
use crate::odoo::num;

/// By tax.
pub type Taxes = BTreeMap<i64, i64>;

/// A line to be credited.
#[derive(Clone, Debug)]
pub struct Part {
    /// The line of the invoice, of the receipt's entry, whose account it takes.
    pub line: i64,
    pub name: String,
    pub price: i64,
    /// After the earlier credit notes.
    pub left: i64,
    pub taxes: Vec<i64>,
    pub quantity: Decimal,
    /// It has a tax by the piece.
    pub fixed: bool,
}

#[derive(Clone, Debug)]
pub struct Plan {
    pub invoice: i64,
    pub company: i64,
    pub currency: i64,
    pub parts: Vec<Part>,
    pub taxes: Taxes,
    pub total: i64,
    pub earlier: Vec<i64>,
    /// A payment took an early-payment discount.
    pub discounted: bool,
    /// Of a mixed discount: the percentage that is not taxed.
    pub less: Decimal,
}

pub fn units(odoo: &Odoo, amount: Decimal, currency: i64) -> i64 {
    (odoo.rounded(amount, currency) / odoo.step_of(currency)).round().to_i64().unwrap_or_default()
}

pub fn worth(odoo: &Odoo, count: i64, currency: i64) -> Decimal {
    Decimal::from(count) * odoo.step_of(currency)
}

/// count * of / whole, to the nearest.
pub fn portion(count: i64, of: i64, whole: i64) -> i64 {
    let (count, of, whole) = (i128::from(count), i128::from(of), i128::from(whole));
    i64::try_from((2 * count * of + whole).div_euclid(2 * whole)).unwrap_or_default()
}

/// The taxes of a document.
pub fn taxes_of(odoo: &Odoo, document: i64) -> Taxes {
    let currency = odoo.store.int(MOVE, document, "currency_id").unwrap_or_default();
    let sign = if odoo.store.text(MOVE, document, "move_type") == "out_invoice" { -1 } else { 1 };
    let mut got = Taxes::new();
    for line in odoo.store.list(MOVE, document, "line_ids") {
        let of_tax = odoo.store.int(LINE, line, "tax_line_id");
        if let Some(tax) = of_tax.filter(|_| odoo.store.text(LINE, line, "display_type") == "tax") {
            *got.entry(tax).or_default() += sign * units(odoo, odoo.amount(LINE, line, "amount_currency"), currency);
        }
    }
    got
}

/// Credit notes of an invoice that nobody cancelled.
pub fn earlier_notes(odoo: &Odoo, invoice: i64) -> Vec<i64> {
    let mut all = odoo.store.find_all(MOVE, "reversed_entry_id", &serde_json::json!(invoice));
    let s = &odoo.store;
    all.retain(|n| s.text(MOVE, *n, "move_type") == "out_refund" && s.text(MOVE, *n, "state") != "cancel");
    all
}

impl Plan {
    pub fn of(odoo: &Odoo, invoice: i64) -> Self {
        let int = |column: &str| odoo.store.int(MOVE, invoice, column).unwrap_or_default();
        let (company, currency) = (int("company_id"), int("currency_id"));
        let mixed = odoo.discount(invoice).filter(|d| d.mixed).map(|d| d.part * Decimal::ONE_HUNDRED);
        let mut plan = Self {
            invoice,
            company,
            currency,
            parts: products(odoo, invoice),
            taxes: taxes_of(odoo, invoice),
            total: units(odoo, odoo.amount(MOVE, invoice, "amount_total"), currency),
            earlier: earlier_notes(odoo, invoice),
            discounted: false,
            less: mixed.unwrap_or_default(),
        };
        plan.discount(odoo);
        for note in plan.earlier.clone() {
            plan.total -= units(odoo, odoo.amount(MOVE, note, "amount_total"), currency);
            for (tax, credited) in taxes_of(odoo, note) {
                *plan.taxes.entry(tax).or_default() -= credited;
            }
            let mut taken = BTreeSet::new();
            for credited in products(odoo, note) {
                plan.take(odoo, &credited, &mut taken);
            }
        }
        plan
    }

    /// What its payments took off as an early-payment discount: a line of its own, and less tax.
    fn discount(&mut self, odoo: &Odoo) {
        let loss = odoo.account_named(self.company, "Cash Discount Loss");
        let received = odoo.account_named(self.company, "Tax Received");
        let lines = odoo.receivable_lines(self.invoice);
        let entries: BTreeSet<i64> = lines
            .iter()
            .flat_map(|l| odoo.counterparts(*l))
            .filter_map(|l| odoo.store.int(LINE, l, "move_id"))
            .filter(|entry| odoo.payment_of(*entry).is_some())
            .collect();
        for line in entries.into_iter().flat_map(|e| odoo.store.list(MOVE, e, "line_ids")) {
            let account = odoo.store.int(LINE, line, "account_id");
            let amount = units(odoo, odoo.amount(LINE, line, "amount_currency"), self.currency);
            if account == loss {
                let included = odoo.discount(self.invoice).is_some_and(|d| d.included);
                let taxes = self.parts.first().filter(|_| included).map(|p| p.taxes.clone()).unwrap_or_default();
                let name = odoo.store.text(LINE, line, "name").to_owned();
                let (price, quantity) = (-amount, Decimal::ONE);
                self.parts.push(Part { line, name, price, left: price, taxes, quantity, fixed: false });
                self.total -= amount;
                self.discounted = true;
            } else if account == received {
                if let Some(tax) = self.taxes.values_mut().next() {
                    *tax -= amount;
                }
                self.total -= amount;
            }
        }
    }

    /// Takes a credited line off the first part of the same kind that its credit note has not met yet; else off all with
    /// the same taxes, else off all, by size.
    fn take(&mut self, odoo: &Odoo, credited: &Part, taken: &mut BTreeSet<usize>) {
        let account = |part: &Part| odoo.store.int(LINE, part.line, "account_id");
        let same = |part: &Part| {
            account(part) == account(credited) && part.taxes == credited.taxes && part.name == credited.name
        };
        let fits = |(at, part): &(usize, &mut Part)| !taken.contains(at) && same(part);
        if let Some((at, part)) = self.parts.iter_mut().enumerate().find(fits) {
            taken.insert(at);
            part.left -= credited.price;
            if part.fixed {
                part.quantity -= credited.quantity;
            }
            return;
        }
        let alike = |part: &&Part| part.taxes == credited.taxes;
        let some: i64 = self.parts.iter().filter(alike).map(|p| p.left).sum();
        let mut those: Vec<&mut Part> = self.parts.iter_mut().filter(|p| some == 0 || alike(&&**p)).collect();
        let whole: i64 = those.iter().map(|p| p.left).sum();
        let (mut rest, last) = (credited.price, those.len().saturating_sub(1));
        for (at, part) in those.iter_mut().enumerate() {
            let share = match at {
                at if at == last => rest,
                _ if whole == 0 => 0,
                _ => portion(credited.price, part.left, whole),
            };
            part.left -= share;
            rest -= share;
        }
    }
}

/// The lines that a document sells, in order.
fn products(odoo: &Odoo, document: i64) -> Vec<Part> {
    let lines = odoo.store.list(MOVE, document, "line_ids").into_iter();
    let sold = lines.filter(|l| odoo.store.text(LINE, *l, "display_type") == "product");
    let part = |line: i64| {
        let taxes = odoo.store.list(LINE, line, "tax_ids");
        let fixed = |tax: &i64| odoo.store.text("account.tax", *tax, "amount_type") == "fixed";
        let fixed = taxes.iter().any(fixed);
        let price = price_of(odoo, line, &taxes);
        let name = odoo.store.text(LINE, line, "name").to_owned();
        let given = num::decimal(&odoo.store.value(LINE, line, "quantity"));
        Part { line, name, price, left: price, taxes, quantity: given.unwrap_or(Decimal::ONE), fixed }
    };
    sold.map(part).collect()
}

/// With the taxes that the price includes: of the whole prices near the line's that which has its base.
fn price_of(odoo: &Odoo, line: i64, taxes: &[i64]) -> i64 {
    let int = |column: &str| odoo.store.int(LINE, line, column).unwrap_or_default();
    let (currency, company) = (int("currency_id"), int("company_id"));
    let subtotal = odoo.amount(LINE, line, "price_subtotal");
    if !taxes.iter().any(|t| odoo.price_included(*t)) {
        return units(odoo, subtotal, currency);
    }
    let number =
        |column: &str, default: Decimal| num::decimal(&odoo.store.value(LINE, line, column)).unwrap_or(default);
    let off = Decimal::ONE - number("discount", Decimal::ZERO) / Decimal::ONE_HUNDRED;
    let raw = number("quantity", Decimal::ONE) * number("price_unit", Decimal::ZERO) * off;
    let price = units(odoo, raw, currency);
    let base = |near: i64| {
        let taxes = taxes.to_vec();
        let asked = Price { price: worth(odoo, near, currency), quantity: Decimal::ONE, currency, company, taxes };
        odoo.taxes_of_price(&asked)
    };
    let exact =
        odoo.taxes_of_price(&Price { price: raw, quantity: Decimal::ONE, currency, company, taxes: taxes.to_vec() });
    let whole = |counted: &(Decimal, Vec<(i64, Decimal)>)| {
        let all = counted.0 + counted.1.iter().map(|(_, tax)| *tax).sum::<Decimal>();
        (units(odoo, counted.0, currency), units(odoo, all, currency))
    };
    let wanted = (units(odoo, subtotal, currency), whole(&exact).1);
    [price, price + 1, price - 1].into_iter().find(|near| whole(&base(*near)) == wanted).unwrap_or(price)
}
