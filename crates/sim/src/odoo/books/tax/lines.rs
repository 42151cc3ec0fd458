//! Tax lines of invoices and entries, and the lines whose taxes they are.

use rust_decimal::Decimal;
use serde_json::json;

use super::amounts::Amount;
use super::{Base, Detail, Part, Tax};
use crate::odoo::Odoo;
use crate::odoo::books::Line;
use crate::odoo::call::object;
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::version::Version;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";

/// A tax line to make: parts of one tax with the same account, taxes on it and grids.
struct TaxLine {
    key: (i64, i64, Option<i64>, Vec<i64>, Vec<i64>),
    tax: i64,
    name: String,
    amount: Decimal,
    value: Decimal,
    /// Value of what is taxed.
    base: Decimal,
}

impl Odoo {
    /// The tax lines of lines that were counted, in the order in which the taxes first occur. Amounts have the sign of
    /// the lines.
    fn tax_lines(&self, bases: &[Base], own: i64) -> Vec<TaxLine> {
        let mut all: Vec<TaxLine> = Vec::new();
        for base in bases {
            for (at, (tax, counted)) in base.taxes.iter().zip(&base.detail.taxes).enumerate() {
                let after: Vec<&Tax> = base.taxes.iter().skip(at + 1).filter(|t| tax.feeds && t.fed).collect();
                let mut seen: Vec<usize> = Vec::new();
                for (part, amount, value) in self.parted(tax, counted, base, own) {
                    let account = tax.transition.filter(|_| tax.on_payment).or(part.account).unwrap_or(base.account);
                    let mut tags = if tax.on_payment { Vec::new() } else { part.tags.clone() };
                    tags.extend(after.iter().filter(|t| !t.on_payment).flat_map(|t| t.base_tags.clone()));
                    let taxes: Vec<i64> = after.iter().map(|t| t.id).collect();
                    let key = (part.id, account, base.partner, taxes, tags);
                    let found = all.iter().position(|line| line.key == key).unwrap_or_else(|| {
                        all.push(TaxLine {
                            key,
                            tax: tax.id,
                            name: tax.name.clone(),
                            amount: Decimal::ZERO,
                            value: Decimal::ZERO,
                            base: Decimal::ZERO,
                        });
                        all.len() - 1
                    });
                    if let Some(line) = all.get_mut(found) {
                        line.amount += amount;
                        line.value += value;
                        if !seen.contains(&found) {
                            line.base += counted.base_value;
                        }
                    }
                    seen.push(found);
                }
            }
        }
        all
    }

    /// A tax's parts in both currencies; what rounding leaves of it goes to the first ones a step each. 17 rounds the
    /// sums only when it rounds globally.
    fn parted<'a>(&self, tax: &'a Tax, counted: &Amount, base: &Base, own: i64) -> Vec<(&'a Part, Decimal, Decimal)> {
        let shares = |of: Decimal, currency: i64| -> Vec<Decimal> {
            if self.version == Version::V17 && !base.detail.each {
                return tax.parts.iter().map(|p| of * p.factor).collect();
            }
            let mut all: Vec<Decimal> = tax.parts.iter().map(|p| self.rounded(of * p.factor, currency)).collect();
            let step = self.step_of(currency);
            let mut rest = self.rounded(of * tax.weight(), currency) - all.iter().sum::<Decimal>();
            for share in &mut all {
                if rest.abs() < step {
                    break;
                }
                let one = if rest.is_sign_negative() { -step } else { step };
                *share += one;
                rest -= one;
            }
            all
        };
        let (amounts, values) = (shares(counted.tax, base.currency), shares(counted.value, own));
        tax.parts.iter().zip(amounts).zip(values).map(|((part, amount), value)| (part, amount, value)).collect()
    }

    /// Adds the tax lines of counted lines to an entry; gives their sum in its currency.
    pub(super) fn add_tax_lines(&mut self, entry: i64, bases: &[Base], sign: Decimal) -> Result<Decimal> {
        let company = self.store.int(MOVE, entry, "company_id").unwrap_or_default();
        let own = self.store.int("res.company", company, "currency_id").unwrap_or_default();
        let currency = bases.first().map_or(own, |b| b.currency);
        let mut sum = Decimal::ZERO;
        for line in self.tax_lines(bases, own) {
            let (amount, value) = (self.rounded(line.amount, currency), self.rounded(line.value, own));
            if amount.is_zero() && value.is_zero() {
                continue;
            }
            sum += amount;
            let (part, account, partner, taxes, tags) = line.key;
            let base = self.rounded(line.base, own);
            let base = if self.version == Version::V19 { base * sign } else { base.abs() };
            let more = json!({"tax_line_id": line.tax, "tax_repartition_line_id": part,
                "tax_base_amount": num::float(base), "tax_ids": [[6, 0, taxes]], "tax_tag_ids": [[6, 0, tags]]});
            let made = Line {
                partner,
                more: object(more),
                ..Line::valued(account, &line.name, amount * sign, currency, value * sign)
            };
            self.document_line(entry, &made, "tax")?;
        }
        Ok(sum)
    }

    /// Product lines of an invoice and their tax lines. `sign` is minus one where the document earns. Gives the sums
    /// without taxes and of the taxes, in the document's currency.
    pub(in crate::odoo) fn priced_lines(
        &mut self,
        entry: i64,
        lines: &[Line],
        sign: Decimal,
    ) -> Result<(Decimal, Decimal)> {
        let int = |column: &str| self.store.int(MOVE, entry, column).unwrap_or_default();
        let (company, currency) = (int("company_id"), int("currency_id"));
        let refund = self.store.text(MOVE, entry, "move_type").ends_with("_refund");
        let share = self.discount(entry).filter(|d| d.mixed).map_or(Decimal::ONE, |d| Decimal::ONE - d.part);
        let number =
            |line: &Line, name: &str, default: Decimal| line.more.get(name).and_then(num::decimal).unwrap_or(default);
        let base = |line: &Line| {
            let off = Decimal::ONE - number(line, "discount", Decimal::ZERO) / Decimal::ONE_HUNDRED;
            let quantity = number(line, "quantity", Decimal::ONE);
            Base {
                account: line.account,
                partner: line.partner,
                price: quantity * number(line, "price_unit", Decimal::ZERO) * off,
                quantity,
                rate: self.document_rate(entry),
                currency,
                taxes: self.taxes_for(&tax_ids(line), refund),
                gross: true,
                share,
                detail: Detail::default(),
            }
        };
        let mut bases: Vec<Base> = lines.iter().map(base).collect();
        self.count_document(&mut bases, company);
        let mut untaxed = Decimal::ZERO;
        for (line, base) in lines.iter().zip(&bases) {
            let (amount, value) = (base.detail.amount, base.detail.value);
            untaxed += amount;
            let mut made = line.clone();
            (made.amount, made.value, made.currency) = (Some(amount * sign), Some(value * sign), Some(currency));
            made.more.insert("tax_tag_ids".to_owned(), json!([[6, 0, base_tags(base)]]));
            let id = self.document_line(entry, &made, "product")?;
            self.store.set(LINE, id, "price_subtotal", num::float(amount));
        }
        let taxes = self.add_tax_lines(entry, &bases, sign)?;
        Ok((untaxed, taxes))
    }
}

pub(super) fn base_tags(base: &Base) -> Vec<i64> {
    let mut tags: Vec<i64> = Vec::new();
    for tag in base.taxes.iter().filter(|t| !t.on_payment).flat_map(|t| &t.base_tags) {
        if !tags.contains(tag) {
            tags.push(*tag);
        }
    }
    tags
}

/// The taxes that a line to make names.
fn tax_ids(line: &Line) -> Vec<i64> {
    let value = line.more.get("tax_ids").and_then(serde_json::Value::as_array);
    let commands = value.into_iter().flatten();
    commands.filter_map(|c| c.get(2).and_then(serde_json::Value::as_array)).flatten().filter_map(num::int).collect()
}
