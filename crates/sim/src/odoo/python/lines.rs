//! Lines of drafts, changed as a client does it.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::odoo::Odoo;
use crate::odoo::books::{Head, Line, Price};
use crate::odoo::call::object;
use crate::odoo::error::Result;
use crate::odoo::num;
use crate::odoo::rights::Session;
use crate::odoo::store::Row;
use crate::odoo::version::Version;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";

/// Values on lines: taxes make tax lines, the rest stands as written.
pub fn write(o: &mut Odoo, who: &Session, lines: &[i64], vals: &Row) -> Result<()> {
    o.check(who, LINE, "write")?;
    if let Some(taxes) = vals.get("tax_ids").and_then(|c| c.get(0)?.get(2)) {
        for line in lines {
            o.store.set(LINE, *line, "tax_ids", taxes.clone());
        }
        let entries: std::collections::BTreeSet<i64> =
            lines.iter().filter_map(|l| o.store.int(LINE, *l, "move_id")).collect();
        entries.into_iter().try_for_each(|entry| o.tax_entry(entry))?;
    }
    for line in lines {
        if vals.contains_key("balance") || vals.contains_key("amount_currency") {
            let amount = |o: &Odoo, name: &str| {
                vals.get(name).and_then(num::decimal).unwrap_or_else(|| o.amount(LINE, *line, name))
            };
            let of = |name: &str| rounded(o, *line, name, amount(o, name));
            let (money, value) = (of("amount_currency"), of("balance"));
            o.set_amount(*line, money, value);
        }
        if let Some(partner) = vals.get("partner_id") {
            o.store.set(LINE, *line, "partner_id", partner.clone());
        }
    }
    Ok(())
}

/// As the database keeps an amount of a line: a sum of floats may be a hair beside it.
fn rounded(o: &Odoo, line: i64, column: &str, amount: Decimal) -> Decimal {
    let company = o.store.int(LINE, line, "company_id").unwrap_or_default();
    let currency = match column {
        "balance" => o.store.int("res.company", company, "currency_id"),
        _ => o.store.int(LINE, line, "currency_id"),
    };
    o.rounded(amount, currency.unwrap_or_default())
}

pub fn unlink(o: &mut Odoo, line: i64) -> Result<()> {
    let entry = o.store.int(LINE, line, "move_id").unwrap_or_default();
    let mut all = o.store.list(MOVE, entry, "line_ids");
    all.retain(|one| *one != line);
    o.store.set(MOVE, entry, "line_ids", json!(all));
    o.store.remove(LINE, line);
    Ok(())
}

/// `[1, line, values]` on the journal items of a draft document: its totals and what is owed follow, unless `alone`.
pub fn update(o: &mut Odoo, entry: i64, commands: &[Value], alone: bool) -> Result<()> {
    for command in commands {
        let Some(line) = command.get(1).and_then(num::int) else { continue };
        let vals = command.get(2).and_then(Value::as_object).cloned().unwrap_or_default();
        let given = |name: &str| vals.get(name).and_then(num::decimal).map(|amount| rounded(o, line, name, amount));
        let (was, worth) = (o.amount(LINE, line, "amount_currency"), o.amount(LINE, line, "balance"));
        let amount = given("amount_currency").unwrap_or(was);
        if alone {
            o.set_amount(line, amount, given("balance").unwrap_or(worth));
            continue;
        }
        if o.store.text(MOVE, entry, "move_type").starts_with("in_") {
            o.retax(entry, line, amount);
            continue;
        }
        let value = given("balance").unwrap_or(worth);
        o.set_amount(line, amount, value);
        let owed = |l: &i64| o.store.text(LINE, *l, "display_type") == "payment_term";
        if let Some(last) = o.store.list(MOVE, entry, "line_ids").into_iter().find(owed) {
            let (money, own) = (o.amount(LINE, last, "amount_currency"), o.amount(LINE, last, "balance"));
            o.set_amount(last, money - (amount - was), own - (value - worth));
        }
        let sign = if o.store.text(MOVE, entry, "move_type") == "out_invoice" { -Decimal::ONE } else { Decimal::ONE };
        for column in ["amount_total", "amount_tax"] {
            let sum = o.amount(MOVE, entry, column) + sign * (amount - was);
            o.store.set(MOVE, entry, column, num::float(sum));
        }
    }
    o.refresh(entry);
    Ok(())
}

/// Commands on what a draft document sells.
pub fn rewrite(o: &mut Odoo, entry: i64, commands: &[Value]) -> Result<()> {
    let mut commands = commands.to_vec();
    if o.store.text(MOVE, entry, "move_type") == "out_refund" {
        o.miswrite(&mut commands);
    }
    let product = |line: &i64| o.store.text(LINE, *line, "display_type") == "product";
    let old: Vec<i64> = o.store.list(MOVE, entry, "line_ids").into_iter().filter(product).collect();
    let mut lines: Vec<(i64, Line)> = old.into_iter().zip(o.sold_lines(entry)).collect();
    for command in &commands {
        let at = |n: usize| command.get(n).unwrap_or(&Value::Null);
        let vals = || at(2).as_object().cloned().unwrap_or_default();
        match num::int(at(0)) {
            Some(5) => lines.clear(),
            Some(0) => {
                let mut one = object(json!({"invoice_line_ids": [[0, 0, vals()]]}));
                round_prices(o, &mut one);
                let vals = one.get("invoice_line_ids").and_then(|c| c.get(0)?.get(2)?.as_object().cloned());
                lines.push((0, Line::from_vals(&vals.unwrap_or_default())));
            }
            Some(1) => {
                for (_, line) in lines.iter_mut().filter(|(id, _)| Some(*id) == num::int(at(1))) {
                    line.more.extend(vals());
                }
            }
            _ => {}
        }
    }
    o.rewrite_document(entry, lines.into_iter().map(|(_, line)| line).collect())
}

/// 17 and 18 round unit prices to the decimal accuracy "Product Price"; fields that the engine does not keep are left out.
pub fn round_prices(o: &Odoo, vals: &mut Row) {
    for command in vals.get_mut("invoice_line_ids").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(line) = command.get_mut(2).and_then(Value::as_object_mut) else { continue };
        line.remove("product_id");
        if line.get("tax_ids") == Some(&json!([[5, 0, 0]])) {
            line.remove("tax_ids");
        }
        if o.version != Version::V19
            && let Some(price) = line.get("price_unit").and_then(num::decimal)
        {
            line.insert("price_unit".into(), num::float(num::round(price, 2)));
        }
    }
}

/// `_reverse_moves`: a draft credit note of the whole invoice.
pub fn credit_note(o: &mut Odoo, _who: &Session, invoice: i64, more: &[Value]) -> Result<i64> {
    let mut head = more.first().and_then(|all| all.get(0)?.as_object().cloned()).unwrap_or_default();
    let date = head.remove("invoice_date").and_then(|d| d.as_str().map(str::to_owned)).unwrap_or_default();
    let reference = head.remove("ref").and_then(|d| d.as_str().map(str::to_owned)).unwrap_or_default();
    head.retain(|_, value| value != &json!(false));
    head.insert("reversed_entry_id".into(), json!(invoice));
    head.insert("invoice_user_id".into(), o.store.value(MOVE, invoice, "invoice_user_id"));
    let journal = o.store.int(MOVE, invoice, "journal_id").unwrap_or_default();
    o.copy_document(invoice, "out_refund", Head { journal, date, reference, partner: None, more: head })
}

/// Taxes, those of a group in its place.
pub fn flattened(o: &Odoo, taxes: &[i64]) -> Vec<i64> {
    let one = |tax: &i64| {
        let below = o.store.list("account.tax", *tax, "children_tax_ids");
        if below.is_empty() { vec![*tax] } else { o.in_sequence(&below) }
    };
    o.in_sequence(taxes).iter().flat_map(one).collect()
}

/// `compute_all` of a refund: what is left of the price, and each tax.
pub fn compute_all(o: &Odoo, who: &Session, taxes: &[i64], more: &[Value]) -> Value {
    let at = |n: usize| more.get(n).and_then(num::decimal).unwrap_or_default();
    let currency = more.get(1).and_then(num::int).unwrap_or_default();
    let quantity = at(2);
    let tax = taxes.first().copied().unwrap_or_default();
    let company = o.store.int("account.tax", tax, "company_id").unwrap_or(who.company);
    let asked = Price { price: at(0) * quantity, quantity, currency, company, taxes: taxes.to_vec() };
    let (base, counted) = o.taxes_of_price(&asked);
    let one = |(tax, amount): &(i64, Decimal)| {
        let mut part = o.parts_of_tax(*tax, "refund").into_iter();
        let part = part.find(|p| o.store.text("account.tax.repartition.line", *p, "repartition_type") == "tax");
        json!({"id": tax, "amount": num::float(*amount), "tax_repartition_line_id": part,
            "price_include": o.price_included(*tax)})
    };
    json!({"taxes": counted.iter().map(one).collect::<Vec<_>>(), "total_excluded": num::float(base)})
}
