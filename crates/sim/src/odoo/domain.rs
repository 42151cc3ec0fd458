//! Search domains: `[["field", "op", value], …]` with prefix `&`, `|`, `!` and dotted paths.

use std::cmp::Ordering;

use serde_json::Value;

use super::Odoo;
use super::error::{self, Result};
use super::num;
use super::schema::FieldKind;
use super::version::Version;

impl Odoo {
    /// Whether a record satisfies a domain. Leaves without an operator between them are joined by "and".
    pub(super) fn matches(&self, model: &str, id: i64, domain: &[Value]) -> Result<bool> {
        let mut stack: Vec<bool> = Vec::new();
        for term in domain.iter().rev() {
            let next = match term {
                Value::String(op) => {
                    let first = stack.pop().ok_or_else(|| malformed(domain))?;
                    match op.as_str() {
                        "!" => !first,
                        "&" => first & stack.pop().ok_or_else(|| malformed(domain))?,
                        "|" => first | stack.pop().ok_or_else(|| malformed(domain))?,
                        _ => return Err(malformed(domain)),
                    }
                }
                Value::Array(leaf) => self.leaf(model, id, leaf, domain)?,
                _ => return Err(malformed(domain)),
            };
            stack.push(next);
        }
        Ok(stack.into_iter().all(|b| b))
    }

    /// Fields that a domain names must exist, also when there is no record to look at.
    pub(super) fn known_leaves(&self, model: &str, domain: &[Value]) -> Result<()> {
        for leaf in domain.iter().filter_map(Value::as_array) {
            let [Value::String(path), Value::String(op), wanted] = leaf.as_slice() else { continue };
            let name = path.split('.').next().unwrap_or_default();
            if self.field(model, name).is_none() {
                return Err(self.invalid_field(model, path, op, wanted));
            }
        }
        Ok(())
    }

    fn invalid_field(&self, model: &str, path: &str, op: &str, wanted: &Value) -> error::Error {
        let place = if self.version == Version::V19 { "condition" } else { "leaf" };
        let name = path.split('.').next().unwrap_or_default();
        error::value(format!("Invalid field {model}.{name} in {place} ('{path}', '{op}', {wanted})"))
    }

    fn leaf(&self, model: &str, id: i64, leaf: &[Value], domain: &[Value]) -> Result<bool> {
        let [Value::String(path), Value::String(op), value] = leaf else { return Err(malformed(domain)) };
        if num::int(leaf.first().unwrap_or(&Value::Null)).is_some() {
            return Ok(true);
        }
        self.path(model, id, path, op, value)
    }

    fn path(&self, model: &str, id: i64, path: &str, op: &str, wanted: &Value) -> Result<bool> {
        let (name, rest) = path.split_once('.').map_or((path, None), |(n, r)| (n, Some(r)));
        let Some(field) = self.field(model, name) else {
            return Err(self.invalid_field(model, path, op, wanted));
        };
        let value = self.value(model, id, name);
        let relational = matches!(field.kind, FieldKind::Many2one | FieldKind::One2many | FieldKind::Many2many);
        if let (Some(rest), true) = (rest, relational) {
            let others = linked(&value);
            let mut found = false;
            for other in &others {
                found |= self.path(&field.relation, *other, rest, op, wanted)?;
            }
            return Ok(found);
        }
        if relational && (wanted.is_string() || op.contains("like")) {
            let names: Vec<Value> =
                linked(&value).iter().map(|o| self.display_name(&field.relation, *o).into()).collect();
            return Ok(names.iter().any(|n| compare(n, op, wanted)));
        }
        if field.kind == FieldKind::Many2many || field.kind == FieldKind::One2many {
            let wanted_ids = linked(wanted);
            let hit = linked(&value).iter().any(|id| wanted_ids.contains(id));
            let empty = wanted == &Value::Bool(false);
            return Ok(match op {
                "=" | "in" if empty => linked(&value).is_empty(),
                "!=" | "not in" if empty => !linked(&value).is_empty(),
                "!=" | "not in" => !hit,
                _ => hit,
            });
        }
        Ok(compare(&value, op, wanted))
    }
}

fn linked(value: &Value) -> Vec<i64> {
    match value {
        Value::Array(all) => all.iter().filter_map(num::int).collect(),
        one => num::int(one).into_iter().collect(),
    }
}

fn compare(value: &Value, op: &str, wanted: &Value) -> bool {
    let text = |v: &Value| v.as_str().unwrap_or("").to_owned();
    let lower = |v: &Value| text(v).to_lowercase();
    match op {
        "=" | "==" => same(value, wanted),
        "!=" | "<>" => !same(value, wanted),
        "in" => wanted.as_array().is_some_and(|all| all.iter().any(|w| same(value, w))),
        "not in" => wanted.as_array().is_none_or(|all| !all.iter().any(|w| same(value, w))),
        "<" => order(value, wanted) == Some(Ordering::Less),
        ">" => order(value, wanted) == Some(Ordering::Greater),
        "<=" => matches!(order(value, wanted), Some(Ordering::Less | Ordering::Equal)),
        ">=" => matches!(order(value, wanted), Some(Ordering::Greater | Ordering::Equal)),
        "like" => text(value).contains(&text(wanted)),
        "not like" => !text(value).contains(&text(wanted)),
        "ilike" => lower(value).contains(&lower(wanted)),
        "not ilike" => !lower(value).contains(&lower(wanted)),
        "=like" => pattern(&text(value), &text(wanted)),
        "=ilike" => pattern(&lower(value), &lower(wanted)),
        _ => false,
    }
}

/// SQL's LIKE with `%` and `_`.
fn pattern(text: &str, like: &str) -> bool {
    let mut rest = like.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('%') => {
            text.char_indices().any(|(at, _)| pattern(text.get(at..).unwrap_or(""), rest.as_str()))
                || pattern("", rest.as_str())
        }
        Some(c) => {
            let mut chars = text.chars();
            chars.next().is_some_and(|t| c == '_' || c == t) && pattern(chars.as_str(), rest.as_str())
        }
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (num::decimal(a), num::decimal(b)) {
        (Some(x), Some(y)) if a.is_number() || b.is_number() => x == y,
        _ if a.is_string() || b.is_string() => a == b || (!num::truthy(a) && !num::truthy(b)),
        _ => num::truthy(a) == num::truthy(b) && (!num::truthy(a) || a == b),
    }
}

/// How two values sort; nothing sorts with nothing else.
pub fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::String(x), Value::String(y)) => Some(x.cmp(y)),
        _ => Some(num::decimal(a)?.cmp(&num::decimal(b)?)),
    }
}

fn malformed(domain: &[Value]) -> error::Error {
    error::value(format!("Malformed domain {}", Value::Array(domain.to_vec())))
}
