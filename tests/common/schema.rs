//! The part of JSON Schema that docs/payment-event.schema.json and docs/api/openapi.yaml use. A keyword beyond it fails the test.

use serde_json::Value;

/// The published schema.
#[allow(dead_code, reason = "each test file uses its part")]
pub fn published() -> Value {
    serde_json::from_str(include_str!("../../docs/payment-event.schema.json")).unwrap()
}

/// Whether a value keeps to the schema; else where and what it breaks.
#[allow(dead_code, reason = "each test file uses its part")]
pub fn check(schema: &Value, value: &Value) -> Result<(), String> {
    holds(schema, schema, value, "")
}

/// The same for a schema within a document, to which its references point.
#[allow(dead_code, reason = "each test file uses its part")]
pub fn check_in(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    holds(document, schema, value, "")
}

fn holds(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    for (word, rule) in schema.as_object().unwrap() {
        let holds = match word.as_str() {
            "$schema" | "$defs" | "title" | "description" | "additionalProperties" => true,
            "$ref" => {
                let of = rule.as_str().and_then(|path| root.pointer(path.strip_prefix('#')?));
                holds(root, of.unwrap_or_else(|| panic!("{rule} leads nowhere")), value, at)?;
                true
            }
            "oneOf" => {
                let tried: Vec<_> = rule.as_array().unwrap().iter().map(|one| holds(root, one, value, at)).collect();
                match tried.iter().filter(|result| result.is_ok()).count() {
                    1 => true,
                    kept => return Err(format!("{at} keeps to {kept} of {tried:?}")),
                }
            }
            "type" => rule.as_array().map_or_else(|| is(rule, value), |types| types.iter().any(|t| is(t, value))),
            "const" => rule == value,
            "enum" => rule.as_array().unwrap().contains(value),
            "pattern" => regex_lite::Regex::new(rule.as_str().unwrap()).unwrap().is_match(value.as_str().unwrap_or("")),
            "required" => rule.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some()),
            "items" => {
                value.as_array().into_iter().flatten().try_for_each(|item| holds(root, rule, item, at))?;
                true
            }
            "properties" => {
                for (name, inner) in value.as_object().into_iter().flatten() {
                    let Some(rule) = rule.get(name) else { return Err(format!("{at}/{name} is not in the schema")) };
                    holds(root, rule, inner, &format!("{at}/{name}"))?;
                }
                true
            }
            other => panic!("the schema uses {other}, which this test does not know"),
        };
        if !holds {
            return Err(format!("{at} breaks {word}"));
        }
    }
    Ok(())
}

fn is(name: &Value, value: &Value) -> bool {
    match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "null" => value.is_null(),
        other => panic!("unknown type {other}"),
    }
}
