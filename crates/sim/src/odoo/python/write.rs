//! Records made, changed and worked on, by what the engine has for each.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::host::ids;
use crate::odoo::Odoo;
use crate::odoo::error::{self, Result};
use crate::odoo::num;
use crate::odoo::rights::Session;
use crate::odoo::store::Row;
use crate::odoo::terms::WRITE_OFF;

const MOVE: &str = "account.move";
const LINE: &str = "account.move.line";
const PAYMENT: &str = "account.payment";

pub fn operate(o: &mut Odoo, who: &Session, operation: &str, arguments: &[Value]) -> Result<Value> {
    let at = |n: usize| arguments.get(n).unwrap_or(&Value::Null);
    let model = at(1).as_str().unwrap_or("");
    match operation {
        "create" => {
            let mut made = Vec::new();
            for vals in at(2).as_array().into_iter().flatten() {
                let vals = vals.as_object().cloned().unwrap_or_default();
                made.push(create(o, who, model, vals, num::truthy(at(3)))?);
            }
            Ok(json!(made))
        }
        "write" => {
            let vals = at(3).as_object().cloned().unwrap_or_default();
            let alone = num::truthy(at(4));
            match model {
                LINE => super::lines::write(o, who, &ids(at(2)), &vals)?,
                _ => ids(at(2)).into_iter().try_for_each(|id| write(o, who, model, id, &vals, alone))?,
            }
            Ok(Value::Null)
        }
        "unlink" => {
            for id in ids(at(2)) {
                unlink(o, who, model, id)?;
            }
            Ok(Value::Null)
        }
        _ => {
            let more = at(4).as_array().map_or(&[][..], Vec::as_slice);
            call(o, who, model, at(2).as_str().unwrap_or(""), &ids(at(3)), more)
        }
    }
}

fn create(o: &mut Odoo, who: &Session, model: &str, mut vals: Row, balanced: bool) -> Result<i64> {
    if model == PAYMENT {
        o.check(who, model, "create")?;
        let more = vals.remove("write_off_line_vals");
        vals.remove("line_ids");
        vals.insert("state".into(), json!("draft"));
        let part = |line: &Value| {
            let mut more = line.as_object().cloned().unwrap_or_default();
            more.retain(|name, value| {
                matches!(name.as_str(), "tax_repartition_line_id" | "tax_ids") && num::truthy(value)
            });
            json!([line.get("account_id"), line.get("amount_currency"), more])
        };
        if let Some(parts) = more.as_ref().and_then(Value::as_array) {
            vals.insert(WRITE_OFF.into(), parts.iter().map(part).collect());
        }
        o.prepare_payment(who, &mut vals)?;
        return Ok(o.store.insert(PAYMENT, vals));
    }
    if model == "payment.transaction" {
        let set = |value: &Value| value.get(0).and_then(|c| c.get(2)).cloned().unwrap_or_default();
        if let Some(invoices) = vals.get("invoice_ids").map(set) {
            vals.insert("invoice_ids".into(), invoices);
        }
        vals.insert("company_id".into(), json!(who.company));
        return Ok(o.store.insert(model, vals));
    }
    if model == MOVE && !vals.contains_key("invoice_line_ids") && !balanced {
        o.check(who, model, "create")?;
        return o.draft_loose(&vals);
    }
    if model == MOVE {
        if vals.get("move_type").is_some_and(|kind| kind != "entry") {
            vals.entry("invoice_user_id").or_insert(json!(who.uid));
        }
        super::lines::round_prices(o, &mut vals);
        if vals.get("move_type") == Some(&json!("out_refund")) {
            let commands = vals.remove("invoice_line_ids").unwrap_or_default();
            let line = |command: &Value| command.get(2).cloned();
            let mut lines: Vec<Value> = commands.as_array().into_iter().flatten().filter_map(line).collect();
            o.misreverse(&mut vals, &mut lines);
            vals.insert("invoice_line_ids".into(), lines.into_iter().map(|line| json!([0, 0, line])).collect());
        }
        vals.remove("partner_shipping_id");
    }
    o.create(who, model, &vals)
}

/// `alone`: only what is named changes (`skip_invoice_sync`).
fn write(o: &mut Odoo, who: &Session, model: &str, id: i64, vals: &Row, alone: bool) -> Result<()> {
    if model == "payment.transaction" || model == PAYMENT {
        for (name, value) in vals {
            o.store.set(model, id, name, value.clone());
        }
        return Ok(());
    }
    if model == MOVE {
        o.check(who, model, "write")?;
        if let Some(commands) = vals.get("line_ids").and_then(Value::as_array) {
            return super::lines::update(o, id, commands, alone);
        }
        if let Some(commands) = vals.get("invoice_line_ids").and_then(Value::as_array) {
            return super::lines::rewrite(o, id, commands);
        }
        for (name, value) in vals {
            let value = if value == &json!(false) { Value::Null } else { value.clone() };
            o.store.set(model, id, name, value);
        }
        return Ok(());
    }
    o.write(who, model, &[id], vals)
}

fn unlink(o: &mut Odoo, who: &Session, model: &str, id: i64) -> Result<()> {
    if model == LINE {
        return super::lines::unlink(o, id);
    }
    o.unlink(who, model, &[id])
}

fn call(o: &mut Odoo, who: &Session, model: &str, method: &str, ids: &[i64], more: &[Value]) -> Result<Value> {
    let text = |n: usize| more.get(n).and_then(Value::as_str).unwrap_or("");
    let first = ids.first().copied().unwrap_or_default();
    Ok(match (model, method) {
        ("res.users", "has_group") => {
            let whose = if first == who.uid { who.clone() } else { o.session(first, &Default::default())? };
            json!(whose.has(text(0)))
        }
        ("ir.config_parameter", "get_param") => {
            let row = o.store.find(model, "key", &json!(text(0)));
            row.map_or(Value::Null, |row| o.store.value(model, row, "value"))
        }
        (_, "message_log") => {
            for id in ids {
                o.note(model, *id, text(0));
            }
            Value::Null
        }
        (_, "activity_schedule") => {
            json!(o.schedule(
                more.get(3).and_then(num::int).unwrap_or(who.uid),
                model,
                first,
                text(0),
                text(2),
                text(1)
            ))
        }
        ("mail.activity", "action_feedback") => {
            ids.iter().for_each(|id| o.activity_done(*id));
            Value::Null
        }
        (PAYMENT, "action_post") => {
            ids.iter().try_for_each(|id| o.post_payment(*id))?;
            Value::Null
        }
        (PAYMENT, "action_validate") => {
            for id in ids {
                o.store.set(PAYMENT, *id, "state", json!(o.version.payment_done()));
            }
            Value::Null
        }
        (MOVE, "action_post") => {
            match ids {
                [one] => o.post(*one)?,
                _ => o.post_all(ids)?,
            }
            Value::Null
        }
        (MOVE, "button_cancel") => {
            ids.iter().try_for_each(|id| o.cancel_entry(*id))?;
            Value::Null
        }
        (LINE, "remove_move_reconcile") => {
            o.unreconcile(ids)?;
            Value::Null
        }
        (MOVE, "eligible") => {
            let currency = more.first().and_then(num::int).unwrap_or_default();
            json!(o.discount_line(first, currency, text(1)).is_some())
        }
        (MOVE, "reverse") => json!([super::lines::credit_note(o, who, first, more)?]),
        ("account.tax", "flatten") => json!(super::lines::flattened(o, ids)),
        ("account.tax", "compute_all") => super::lines::compute_all(o, who, ids, more),
        (LINE, "early_discount") => early_discount(o, first, more.first().and_then(num::decimal).unwrap_or_default()),
        _ => return Err(error::attribute(format!("the simulated {model} has no {method}"))),
    })
}

/// What Odoo's payment wizard adds to a receipt that takes the discount of this line, which is worth so much to the company.
fn early_discount(o: &Odoo, line: i64, worth: Decimal) -> Value {
    let int = |column: &str| o.store.int(LINE, line, column).unwrap_or_default();
    let own = o.store.int("res.company", int("company_id"), "currency_id").unwrap_or_default();
    let lines = o.write_off(line);
    let part = |part: &Value| Some((part.get(0).and_then(num::int)?, part.get(1).and_then(num::decimal)?));
    let parts: Vec<(i64, Decimal)> = lines.as_array().into_iter().flatten().filter_map(part).collect();
    let sum: Decimal = parts.iter().map(|(_, amount)| *amount).sum();
    let invoice = o.store.list(MOVE, int("move_id"), "line_ids");
    // A discount that takes its share of the tax has the taxes of what was sold.
    let included = o.discount(int("move_id")).is_some_and(|d| d.included);
    let sold = invoice.iter().find(|l| o.store.text(LINE, **l, "display_type") == "product");
    let taxes = sold.filter(|_| included).map(|l| o.store.list(LINE, *l, "tax_ids")).unwrap_or_default();
    let mut left = worth;
    let mut made = Vec::new();
    for (at, (account, amount)) in parts.iter().enumerate() {
        let value = if sum.is_zero() { Decimal::ZERO } else { o.rounded(worth * *amount / sum, own) };
        let value = if at + 1 == parts.len() { left } else { value };
        left -= value;
        // The share of a tax that stands on an account of its own.
        let of_tax = |l: &&i64| {
            o.store.int(LINE, **l, "account_id") == Some(*account)
                && o.store.int(LINE, **l, "tax_repartition_line_id").is_some()
        };
        let tax = invoice.iter().find(of_tax).map(|l| o.store.value(LINE, *l, "tax_repartition_line_id"));
        let taxes = if tax.is_none() && !taxes.is_empty() { json!(taxes) } else { Value::Null };
        made.push(json!({"account_id": account, "amount_currency": num::float(*amount), "balance": num::float(value),
            "currency_id": int("currency_id"), "tax_repartition_line_id": tax, "tax_ids": taxes}));
    }
    json!({"base_lines": made, "exchange_lines": []})
}
