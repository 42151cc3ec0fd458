//! The statements of the procedures, recognised by their text: what each gives, row by row.

use serde_json::{Value, json};

use super::Work;
use super::host::ids;
use crate::odoo::error::{self, Result};
use crate::odoo::{calendar, num};

const DATA: &str = "ir.model.data";
const MOVE: &str = "account.move";

pub fn execute(work: &mut Work, sql: &str, values: &[Value]) -> Result<Value> {
    let at = |n: usize| values.get(n).unwrap_or(&Value::Null);
    let text = |n: usize| at(n).as_str().unwrap_or("");
    let int = |n: usize| num::int(at(n)).unwrap_or_default();
    let o = &mut work.odoo;
    let s = &o.store;
    let has = |part: &str| sql.starts_with(part);
    if has("SELECT name, model, res_id FROM ir_model_data WHERE module = 'quittance' AND name IN %s") {
        let names = at(0).as_array().into_iter().flatten().filter_map(Value::as_str);
        let row = |name: &str| {
            let (model, id) = s.xid(&format!("quittance.{name}"))?;
            Some(json!([name, model, id]))
        };
        let mut seen = std::collections::BTreeSet::new();
        return Ok(names.filter(|name| seen.insert(*name)).filter_map(row).collect());
    }
    if has("INSERT INTO ir_model_data (module, name, model") {
        let (name, model, id) = (text(0).to_owned(), text(1).to_owned(), int(2));
        o.store.tie(&format!("quittance.{name}"), &model, id, true);
        return Ok(json!([]));
    }
    if has("INSERT INTO ir_model_data AS d") {
        let full = format!("quittance.{}", text(0));
        if s.xid(&full).is_some_and(|(model, _)| model == "res.company" || text(0).contains("__")) {
            return Ok(json!([]));
        }
        let company = int(1);
        o.store.tie(&full, "res.company", company, true);
        return Ok(json!([[1]]));
    }
    if has("DO $$ BEGIN RAISE EXCEPTION 'quittance: claimed") {
        return Err(error::serialization());
    }
    if has("DELETE FROM ir_model_data WHERE module = 'quittance' AND name = %s") {
        if let Some(row) = s.xid_row("quittance", text(0)) {
            o.store.remove(DATA, row);
        }
        return Ok(json!([]));
    }
    if has(
        "DELETE FROM ir_model_data WHERE module = 'quittance' AND model = 'account.move' AND res_id = %s AND name <> %s",
    ) {
        let mine = |row: &i64| {
            s.text(DATA, *row, "model") == MOVE
                && s.text(DATA, *row, "module") == "quittance"
                && s.text(DATA, *row, "name") != text(1)
        };
        let rows: Vec<i64> = s.find_all(DATA, "res_id", &json!(int(0))).into_iter().filter(mine).collect();
        rows.into_iter().for_each(|row| o.store.remove(DATA, row));
        return Ok(json!([]));
    }
    if has("SELECT rate FROM res_currency_rate") {
        return Ok(match o.rate_on(int(0), int(2), text(1)) {
            Some(rate) => json!([[num::float(rate)]]),
            None => json!([]),
        });
    }
    if has("SELECT 1 FROM res_currency_rate") {
        return Ok(if o.rates(int(0), int(1)).is_empty() { json!([]) } else { json!([[1]]) });
    }
    if has("SELECT value FROM ir_config_parameter WHERE key = ") {
        let key = if values.is_empty() { "database.uuid" } else { text(0) };
        return Ok(match s.find("ir.config_parameter", "key", &json!(key)) {
            Some(row) => json!([[s.value("ir.config_parameter", row, "value")]]),
            None => json!([]),
        });
    }
    if has("SELECT name, res_id FROM ir_model_data WHERE module = 'quittance' AND model = 'account.journal'") {
        return Ok(tied(work, "journal_", "account.journal"));
    }
    if has("SELECT name, res_id FROM ir_model_data WHERE module = 'quittance' AND model = 'ir.actions.server'") {
        return Ok(tied(work, "proc_", "ir.actions.server"));
    }
    if has("SELECT name FROM ir_model_data WHERE module = 'quittance' AND model = 'account.move' AND res_id = %s") {
        let note = |row: &i64| {
            s.text(DATA, *row, "model") == MOVE && s.text(DATA, *row, "name").contains(":credit_note__note")
        };
        let rows = s.find_all(DATA, "res_id", &json!(int(0))).into_iter().filter(note);
        return Ok(rows.map(|row| json!([s.text(DATA, row, "name")])).collect());
    }
    if has("SELECT 1 FROM ir_model_data WHERE module = 'quittance' AND model = 'account.move' AND res_id = %s") {
        let mine = |row: &i64| s.text(DATA, *row, "model") == MOVE && s.text(DATA, *row, "module") == "quittance";
        return Ok(if s.find_all(DATA, "res_id", &json!(int(0))).iter().any(mine) { json!([[1]]) } else { json!([]) });
    }
    if has(
        "SELECT id, company_id, commercial_partner_id, create_date, name, payment_reference, ref, invoice_origin FROM account_move",
    ) {
        let row = |id: &i64| {
            let of = |column: &str| s.value(MOVE, *id, column);
            let text = |column: &str| Some(of(column)).filter(Value::is_string).unwrap_or_default();
            let names = ["name", "payment_reference", "ref", "invoice_origin"].map(text);
            let [name, reference, r, origin] = names;
            s.get(MOVE, *id)?;
            let int = |column: &str| s.int(MOVE, *id, column);
            let created = o.created_at(*id);
            Some(json!([id, int("company_id"), int("commercial_partner_id"), created, name, reference, r, origin]))
        };
        let all: std::collections::BTreeSet<i64> = ids(at(0)).into_iter().collect();
        return Ok(all.iter().filter_map(row).collect());
    }
    if has("SELECT commercial_partner_id FROM res_partner WHERE id = %s") {
        let there = s.get("res.partner", int(0)).map(|_| o.commercial_partner(int(0)));
        return Ok(there.map_or(json!([]), |partner| json!([[partner]])));
    }
    if has("SELECT EXTRACT(EPOCH FROM create_date)") {
        let standard = s.text("ir.sequence", int(0), "implementation") == "standard";
        let made = calendar::seconds(s.text("ir.sequence", int(0), "create_date")).filter(|_| standard);
        return Ok(made.map_or(json!([]), |made| json!([[made * 1_000_000]])));
    }
    if let Some(name) = sql.strip_prefix("SELECT last_value - (NOT is_called)::int FROM ") {
        return Ok(json!([[s.last(name)]]));
    }
    if has("SELECT max(nextval(%s)) FROM generate_series(1, 33)") {
        let name = text(0).to_owned();
        return Ok(json!([[o.store.draw(&name, 33)]]));
    }
    if has("SELECT id, company_id FROM account_move WHERE id IN %s") {
        let row = |id: &i64| Some(json!([id, s.int(MOVE, *id, "company_id")?]));
        return Ok(ids(at(0)).iter().filter_map(row).collect());
    }
    if sql.ends_with("FOR UPDATE") {
        return Ok(json!([]));
    }
    if has("SELECT id, name, company_id FROM account_move WHERE")
        || has("SELECT id, payment_reference, company_id FROM account_move WHERE")
    {
        return Ok(named_invoices(work, sql, values));
    }
    if has("UPDATE account_payment SET partner_id") {
        let (partner, id) = (at(0).clone(), int(1));
        o.store.set("account.payment", id, "partner_id", partner);
        return Ok(json!([]));
    }
    if has("SELECT latest_version FROM ir_module_module WHERE name = 'base'") {
        return Ok(json!([[format!("{}.1.3", o.version.serie())]]));
    }
    if sql.contains("FROM res_users_apikeys") {
        let known = s.text("res.users", int(0), "api_key").starts_with(text(1));
        let ends = if has("SELECT NULL") { Value::Null } else { json!(s.int("res.users", int(0), "api_key_ends")) };
        return Ok(if known { json!([[ends]]) } else { json!([]) });
    }
    if let Some(rows) = super::sql_books::execute(work, sql, values) {
        return Ok(rows);
    }
    Err(error::value(format!("the simulator does not know this statement: {sql}")))
}

/// Name and id of what set-up tied under names that begin so, in their order.
fn tied(work: &Work, start: &str, model: &str) -> Value {
    let s = &work.odoo.store;
    let row =
        |name: &str| s.xid(&format!("quittance.{name}")).filter(|(of, _)| of == model).map(|(_, id)| json!([name, id]));
    s.named("quittance", start).filter_map(row).collect()
}

/// Customer invoices of these companies with these names, or payment references.
fn named_invoices(work: &Work, sql: &str, values: &[Value]) -> Value {
    let s = &work.odoo.store;
    let companies = ids(values.first().unwrap_or(&Value::Null));
    let names: Vec<&str> =
        values.get(1).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let column = if sql.contains("payment_reference IN") { "payment_reference" } else { "name" };
    let wanted = |id: &i64| {
        let text = |column: &str| s.text(MOVE, *id, column);
        let state = text("state");
        let fits = if column == "payment_reference" {
            state != "cancel"
        } else if sql.contains("state = 'posted'") {
            text("name") != "/" && state == "posted"
        } else {
            state != "posted"
        };
        fits && text("move_type") == "out_invoice"
            && names.contains(&text(column))
            && s.int(MOVE, *id, "company_id").is_some_and(|c| companies.contains(&c))
    };
    let row = |id: i64| json!([id, s.text(MOVE, id, column), s.int(MOVE, id, "company_id")]);
    s.ids(MOVE).into_iter().filter(wanted).map(row).collect()
}
