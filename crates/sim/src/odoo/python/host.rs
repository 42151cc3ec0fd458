//! What the facade asks of the engine, operation by operation.

use serde_json::{Value, json};

use super::{Work, sql, write};
use crate::odoo::books::Price;
use crate::odoo::call::{Call, object};
use crate::odoo::error::{self, Result};
use crate::odoo::rights::{GROUPS, Session};
use crate::odoo::schema::FieldKind;
use crate::odoo::version::Version;
use crate::odoo::{Odoo, calendar, num, zone};

pub fn operate(work: &mut Work, operation: &str, arguments: &[Value]) -> Result<Value> {
    let at = |n: usize| arguments.get(n).unwrap_or(&Value::Null);
    let text = |n: usize| at(n).as_str().unwrap_or("");
    let int = |n: usize| num::int(at(n)).unwrap_or_default();
    let o = &mut work.odoo;
    Ok(match operation {
        "get" => value(o, text(0), int(1), text(2), int(3), at(4) == &json!(true))?,
        "field" => match o.field(text(0), text(1)) {
            // Keys of 17 have no end.
            None if (text(0), text(1)) == ("res.users.apikeys", "expiration_date") && o.version != Version::V17 => {
                json!(["date", ""])
            }
            None => match later(text(0), text(1)) {
                Some((kind, relation)) => json!([kind, relation]),
                None => Value::Null,
            },
            Some(field) => {
                let kind = match field.kind {
                    FieldKind::Many2one => "one",
                    FieldKind::One2many | FieldKind::Many2many => "many",
                    FieldKind::Date => "date",
                    FieldKind::Int => "int",
                    FieldKind::Float => "float",
                    _ => "other",
                };
                json!([kind, field.relation])
            }
        },
        "fields" => json!(o.schema.model(text(0)).map(|m| m.fields.keys().collect::<Vec<_>>())),
        "exists" => {
            let ids = at(1).as_array().into_iter().flatten().filter_map(num::int);
            json!(ids.filter(|id| o.store.get(text(0), *id).is_some()).collect::<Vec<_>>())
        }
        "search" => {
            let who = session(work, at(0))?;
            let call = Call {
                model: text(1).to_owned(),
                method: "search".into(),
                arguments: object(json!({"domain": domain(&work.odoo, at(2)), "limit": at(3), "order": at(4)})),
                context: object(json!({"active_test": at(5)})),
                ..Call::default()
            };
            json!(work.odoo.search(&who, &call)?)
        }
        "filtered_domain" => {
            let mut ids = Vec::new();
            let domain = domain(o, at(2));
            for id in at(1).as_array().into_iter().flatten().filter_map(num::int) {
                if o.matches(text(0), id, domain.as_array().map_or(&[][..], Vec::as_slice))? {
                    ids.push(id);
                }
            }
            json!(ids)
        }
        "xid" => match o.store.xid(text(0)) {
            Some((model, id)) => json!([model, id]),
            None => return Err(error::value(format!("External ID not found in the system: {}", text(0)))),
        },
        "companies" => json!(companies(o, int(0))),
        "savepoint" => json!(o.store.savepoint()),
        "rollback" => {
            o.store.rollback(at(0).as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or_default());
            Value::Null
        }
        "sql" => sql::execute(work, text(0), at(1).as_array().map_or(&[][..], Vec::as_slice))?,
        "zone" => json!(zone::known(text(0))),
        "day" => json!(zone::day(text(0), text(1))),
        "now" => json!(calendar::datetime(o.clock.now_ms())),
        "strptime" => {
            let whole = if text(1).contains("%H") { text(0).to_owned() } else { format!("{} 00:00:00", text(0)) };
            match zone::day(&whole, "UTC") {
                Some(_) => json!(whole),
                None => {
                    return Err(error::value(format!("time data '{}' does not match format '{}'", text(0), text(1))));
                }
            }
        }
        "round" => num::float(o.rounded(num::decimal(at(1)).unwrap_or_default(), int(0))),
        "convert" => {
            let amount = num::decimal(at(1)).unwrap_or_default();
            num::float(converted(o, int(0), amount, int(2), int(3), text(4)))
        }
        "reconcile" => {
            let groups: Vec<Vec<i64>> = at(0).as_array().into_iter().flatten().map(ids).collect();
            match o.reconcile_plan(&groups, true) {
                // 17 stumbles where later versions say what is missing.
                Err(why) if o.version == Version::V17 && why.message.contains("'Exchange Gain or Loss Journal'") => {
                    return Err(error::type_error("'>' not supported between instances of 'datetime.date' and 'bool'"));
                }
                done => done?,
            }
            Value::Null
        }
        "call" if text(2) == "has_group" && ids(at(3)) == [work.who.uid] => {
            json!(work.who.has(at(4).get(0).and_then(Value::as_str).unwrap_or("")))
        }
        "create" | "write" | "unlink" | "call" => {
            let who = session(work, at(0))?;
            write::operate(&mut work.odoo, &who, operation, arguments)?
        }
        _ => return Err(error::value(format!("the simulator has no {operation}"))),
    })
}

pub fn ids(value: &Value) -> Vec<i64> {
    value.as_array().into_iter().flatten().filter_map(num::int).collect()
}

/// The user's companies, their own first.
fn companies(o: &Odoo, uid: i64) -> Vec<i64> {
    let own = o.store.int("res.users", uid, "company_id").unwrap_or_default();
    vec![own]
}

/// `[su, companies]` of an environment.
fn session(work: &Work, who: &Value) -> Result<Session> {
    let mut session = work.who.clone();
    session.companies = ids(who.get(1).unwrap_or(&Value::Null));
    session.company = session.companies.first().copied().unwrap_or(session.company);
    if who.get(0) == Some(&json!(true)) {
        session.groups.extend(GROUPS.iter().map(|g| g.0.to_owned()));
        session.companies = work.odoo.store.ids("res.company");
    }
    Ok(session)
}

/// An amount from one currency to another at a company's rates of a day.
fn converted(
    o: &Odoo,
    from: i64,
    amount: rust_decimal::Decimal,
    to: i64,
    company: i64,
    day: &str,
) -> rust_decimal::Decimal {
    let own = o.store.int("res.company", company, "currency_id").unwrap_or_default();
    if to == own {
        return o.rounded(o.to_company(amount, from, company, day), to);
    }
    o.rounded(amount / o.rate(from, company, day) * o.rate(to, company, day), to)
}

/// Operators that only the ORM has, by what the engine's domains have.
fn domain(o: &Odoo, given: &Value) -> Value {
    let leaf = |term: &Value| {
        let (Some(field), Some(op)) = (term.get(0).and_then(Value::as_str), term.get(1).and_then(Value::as_str)) else {
            return term.clone();
        };
        let value = term.get(2).unwrap_or(&Value::Null);
        match op {
            "child_of" => {
                let top = num::int(value).unwrap_or_default();
                let below = |c: &i64| o.company_and_parents(*c).contains(&top);
                json!([field, "in", o.store.ids("res.company").into_iter().filter(below).collect::<Vec<_>>()])
            }
            "ilike" | "like" if value.as_str().is_some_and(|v| v.contains('\\')) => {
                json!([field, op, value.as_str().unwrap_or("").replace('\\', "")])
            }
            _ => term.clone(),
        }
    };
    given.as_array().map_or(json!([]), |all| all.iter().map(leaf).collect())
}

/// Fields that the engine keeps without naming them in its table.
pub fn later(model: &str, name: &str) -> Option<(&'static str, &'static str)> {
    Some(match (model, name) {
        ("res.company", "parent_path") => ("other", ""),
        ("res.partner", "property_account_payable_id") => ("one", "account.account"),
        ("account.move.line", "price_total" | "currency_rate") => ("float", ""),
        ("account.move.line", "product_id") => ("one", "product.product"),
        ("account.move.line", "group_tax_id") => ("one", "account.tax"),
        ("account.move", "partner_shipping_id") => ("one", "res.partner"),
        _ => return None,
    })
}

/// A field as Python reads it.
pub fn value(o: &Odoo, model: &str, id: i64, name: &str, company: i64, active: bool) -> Result<Value> {
    if o.store.get(model, id).is_none() {
        return Err(error::missing(model, id, 0));
    }
    Ok(match (model, name) {
        ("res.partner", "property_account_receivable_id") => json!(o.account_of_type(company, "asset_receivable")),
        ("res.partner", "property_account_payable_id") => json!(o.account_of_type(company, "liability_payable")),
        ("res.company", "account_journal_early_pay_discount_loss_account_id") => {
            json!(o.account_named(id, "Cash Discount Loss"))
        }
        ("account.move.line", "price_total") => num::float(price_total(o, id)),
        ("account.move.line", "currency_rate") => {
            num::float(o.document_rate(o.store.int(model, id, "move_id").unwrap_or_default()))
        }
        ("res.company", "parent_path") => {
            let all: Vec<String> = o.company_and_parents(id).into_iter().rev().map(|c| format!("{c}/")).collect();
            json!(all.concat())
        }
        _ => {
            let value = o.value(model, id, name);
            let hidden = active && value.is_array();
            if !hidden {
                return Ok(value);
            }
            let Some(relation) = o.field(model, name).map(|f| f.relation) else { return Ok(value) };
            let shown =
                |id: &i64| o.store.get(&relation, *id).is_none_or(|row| row.get("active") != Some(&json!(false)));
            json!(ids(&value).into_iter().filter(shown).collect::<Vec<_>>())
        }
    })
}

/// What a line of a document costs with its taxes.
fn price_total(o: &Odoo, line: i64) -> rust_decimal::Decimal {
    const LINE: &str = "account.move.line";
    let amount = |column: &str| o.amount(LINE, line, column);
    let int = |column: &str| o.store.int(LINE, line, column).unwrap_or_default();
    let off = rust_decimal::Decimal::ONE - amount("discount") / rust_decimal::Decimal::ONE_HUNDRED;
    let (quantity, currency) = (amount("quantity"), int("currency_id"));
    let price = quantity * amount("price_unit") * off;
    let asked =
        Price { price, quantity, currency, company: int("company_id"), taxes: o.store.list(LINE, line, "tax_ids") };
    let (base, taxes) = o.taxes_of_price(&asked);
    base + taxes.into_iter().map(|(_, tax)| o.rounded(tax, currency)).sum::<rust_decimal::Decimal>()
}
