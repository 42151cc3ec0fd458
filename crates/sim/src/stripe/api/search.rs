//! `/v1/…/search`: Stripe's query language over a few kinds. What is new is not found at once
//! ([`crate::stripe::Settings::search_lag_ms`]); a change of what is found already shows at once.

use serde_json::{Value, json};

use super::error::ApiError;
use super::params::Params;
use crate::stripe::Stripe;
use crate::stripe::books::Scope;
use crate::stripe::object::{Fields, PATHS};

/// Shortest text that `~` takes.
const SHORTEST: usize = 3;

/// One condition of a query.
#[derive(Debug, PartialEq)]
struct Clause {
    negated: bool,
    field: String,
    /// The name in `metadata['name']`.
    key: Option<String>,
    operator: String,
    /// `None` is `null`: the field is not there.
    value: Option<String>,
}

pub fn search(stripe: &Stripe, scope: &Scope, kind: &str, params: &Params) -> Result<Value, ApiError> {
    params.only(&["query", "limit", "page"])?;
    if stripe.settings.search_missing {
        let message = "This account does not have access to the search API in its country.";
        return Err(ApiError::new(400, "invalid_request_error", None, message));
    }
    let (clauses, any) = parse(params.require("query")?)?;
    clauses.iter().try_for_each(|clause| known(kind, clause))?;
    let visible = stripe.clock.now_ms() - stripe.settings.search_lag_ms;
    let mut rows = stripe.having(scope, kind, |row| {
        let mut hits = clauses.iter().map(|clause| clause.fits(row));
        !row.flag("deleted")
            && row.int("created") * 1000 <= visible
            && if any { hits.any(|hit| hit) } else { hits.all(|hit| hit) }
    });
    rows.reverse();
    let limit = params.int("limit")?.unwrap_or(10);
    let from = params.int("page")?.unwrap_or(0);
    let (Ok(limit @ 1..=100), Ok(from)) = (usize::try_from(limit), usize::try_from(from)) else {
        return Err(ApiError::param("parameter_invalid_integer", "limit", "The limit is 1 to 100."));
    };
    let to = rows.len().min(from + limit);
    let (_, path) = PATHS.iter().find(|(name, _)| *name == kind).copied().unwrap_or_default();
    Ok(json!({
        "object": "search_result", "url": format!("{path}/search"), "has_more": to < rows.len(),
        "data": rows.get(from..to).unwrap_or_default(), "next_page": (to < rows.len()).then(|| to.to_string()),
    }))
}

/// Refuses fields that Stripe does not search by.
fn known(kind: &str, clause: &Clause) -> Result<(), ApiError> {
    let fields: &[&str] = match kind {
        "customer" => &["created", "email", "metadata", "name", "phone"],
        "payment_intent" => &["amount", "created", "currency", "customer", "metadata", "status"],
        "charge" => &["amount", "created", "currency", "customer", "disputed", "metadata", "refunded", "status"],
        _ => &["created", "currency", "customer", "metadata", "number", "total"],
    };
    let right = fields.contains(&clause.field.as_str()) && (clause.field == "metadata") == clause.key.is_some();
    if right { Ok(()) } else { Err(unreadable(&format!("the field {} is not searchable", clause.field))) }
}

/// The clauses, and whether one of them is enough (`OR`).
fn parse(query: &str) -> Result<(Vec<Clause>, bool), ApiError> {
    let (mut clauses, mut words, mut rest) = (Vec::new(), Vec::new(), query.trim());
    loop {
        let (clause, after) = clause(rest)?;
        clauses.push(clause);
        rest = after.trim_start();
        let Some((word, next)) = rest.split_once(' ') else { break };
        words.push(word.to_uppercase());
        rest = next.trim_start();
    }
    if !rest.is_empty() {
        return Err(unreadable(&format!("unexpected: {rest}")));
    }
    let any = words.first().is_some_and(|word| word == "OR");
    let wanted = if any { "OR" } else { "AND" };
    match words.iter().find(|word| *word != wanted) {
        None => Ok((clauses, any)),
        Some(other) => Err(unreadable(&format!("{wanted} and {other} cannot stand in one query"))),
    }
}

/// `-field['key']:'value'`, and what follows it.
fn clause(text: &str) -> Result<(Clause, &str), ApiError> {
    let (negated, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
    let end = text.find(|c: char| !(c.is_alphanumeric() || "_.".contains(c))).unwrap_or(text.len());
    let (field, text) = text.split_at(end);
    let (key, text) = match text.strip_prefix('[') {
        None => (None, text),
        Some(text) => {
            let (key, text) = quoted(text)?;
            let text = text.strip_prefix(']').ok_or_else(|| unreadable("a bracket is not closed"))?;
            (Some(key), text)
        }
    };
    let operator = [">=", "<=", ">", "<", ":", "~", "="].into_iter().find(|sign| text.starts_with(sign));
    let operator = operator.ok_or_else(|| unreadable(&format!("{field} has no operator")))?;
    let text = text.get(operator.len()..).unwrap_or_default();
    let (value, text) = if text.starts_with(['\'', '"']) {
        let (value, text) = quoted(text)?;
        (Some(value), text)
    } else {
        let (value, text) = text.split_at(text.find(' ').unwrap_or(text.len()));
        if value != "null" && value.parse::<i64>().is_err() && !["true", "false"].contains(&value) {
            return Err(unreadable("a text must stand in quotes"));
        }
        ((value != "null").then(|| value.to_owned()), text)
    };
    if operator == "~" && value.as_ref().is_none_or(|value| value.chars().count() < SHORTEST) {
        return Err(unreadable(&format!("~ takes {SHORTEST} characters or more")));
    }
    Ok((Clause { negated, field: field.to_owned(), key, operator: operator.to_owned(), value }, text))
}

/// A text in quotes of either kind, a backslash before a quote inside.
fn quoted(text: &str) -> Result<(String, &str), ApiError> {
    let open =
        text.chars().next().filter(|c| ['\'', '"'].contains(c)).ok_or_else(|| unreadable("a quote is missing"))?;
    let (mut value, mut escaped) = (String::new(), false);
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            c if c == open => return Ok((value, text.get(at + 1..).unwrap_or_default())),
            c => value.push(c),
        }
    }
    Err(unreadable("a quote is not closed"))
}

fn unreadable(why: &str) -> ApiError {
    ApiError::invalid("query", format!("We were unable to parse your search query: {why}."))
}

impl Clause {
    fn fits(&self, row: &Value) -> bool {
        let own = match &self.key {
            Some(key) => &row["metadata"][key.as_str()],
            None => &row[self.field.as_str()],
        };
        self.negated != self.holds(own)
    }

    fn holds(&self, own: &Value) -> bool {
        let Some(wanted) = &self.value else { return own.is_null() };
        let number = |text: &str| text.parse::<i64>().unwrap_or_default();
        match (own, self.operator.as_str()) {
            (Value::String(own), ":") => own.to_lowercase() == wanted.to_lowercase(),
            (Value::String(own), "~") => own.to_lowercase().contains(&wanted.to_lowercase()),
            (Value::Bool(own), ":") => own.to_string() == *wanted,
            (Value::Number(own), sign) => {
                let (own, wanted) = (own.as_i64().unwrap_or_default(), number(wanted));
                match sign {
                    ">" => own > wanted,
                    ">=" => own >= wanted,
                    "<" => own < wanted,
                    "<=" => own <= wanted,
                    ":" | "=" => own == wanted,
                    _ => false,
                }
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(query: &str) -> bool {
        let row = json!({"name": "Anna O'Hara", "created": 50, "metadata": {"odoo_id": "7", "db": "a b"}});
        let (clauses, any) = parse(query).unwrap();
        let mut hits = clauses.iter().map(|clause| clause.fits(&row));
        if any { hits.any(|hit| hit) } else { hits.all(|hit| hit) }
    }

    #[test]
    fn queries_find_what_they_say() {
        for (query, found) in [
            ("metadata['odoo_id']:'7'", true),
            ("metadata[\"odoo_id\"]:\"7\" AND metadata['db']:'a b'", true),
            ("metadata['odoo_id']:'8' OR created>49", true),
            ("metadata['odoo_id']:'8'", false),
            ("-metadata['odoo_id']:'8' AND created<=50", true),
            ("metadata['none']:null", true),
            ("-metadata['db']:null", true),
            ("name~'o\\'hara'", true),
            ("name:'anna'", false),
        ] {
            assert_eq!(hits(query), found, "{query}");
        }
    }

    #[test]
    fn wrong_queries_are_refused() {
        for query in
            ["", "name", "name:anna", "name:'a", "name~'ab'", "a:'1' AND b:'2' OR c:'3'", "a:'1' b:'2'", "a:'1' AND"]
        {
            assert!(parse(query).is_err(), "{query}");
        }
        let elsewhere = parse("colour:'red'").unwrap().0;
        assert!(known("customer", &elsewhere[0]).is_err());
    }
}
