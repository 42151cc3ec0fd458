//! Holds objects against the published field list, so that the simulator cannot drift into fiction.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::stripe::object::Fields;

#[derive(Deserialize)]
struct Published {
    objects: BTreeMap<String, BTreeMap<String, String>>,
}

/// What is wrong with an object: fields that do not exist, fields that are missing, values of another type.
/// Kinds that the list does not have are not judged.
pub fn faults(object: &Value) -> Vec<String> {
    static PUBLISHED: LazyLock<Published> =
        LazyLock::new(|| serde_json::from_str(include_str!("../../../fixtures/stripe_fields.json")).unwrap());
    let kind = object.text("object");
    let Some(known) = PUBLISHED.objects.get(kind) else { return Vec::new() };
    if object.flag("deleted") {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for (field, value) in object.as_object().unwrap() {
        match known.get(field).or_else(|| known.get(&format!("{field}?"))) {
            None => faults.push(format!("{kind}.{field} does not exist")),
            Some(types) if !fits(types, value) => faults.push(format!("{kind}.{field} is {value}, not {types}")),
            Some(_) => (),
        }
    }
    for field in known.keys().filter(|field| !field.ends_with('?') && object.get(field.as_str()).is_none()) {
        faults.push(format!("{kind}.{field} is missing"));
    }
    faults
}

fn fits(types: &str, value: &Value) -> bool {
    match value {
        Value::Null => types.contains("null"),
        Value::Bool(_) => types.contains("boolean"),
        Value::Number(n) => types.contains("number") && (n.is_i64() || types == "number | null"),
        Value::String(text) => types.contains("string") || types.contains(&format!("'{text}'")) || named(types),
        Value::Array(_) => types.contains("Array<") || types.contains("ApiList<"),
        Value::Object(_) => named(types) || types.contains("ApiList<") || types.contains("Metadata"),
    }
}

/// A type with a name of its own, an enumeration or a hash.
fn named(types: &str) -> bool {
    types.split(" | ").any(|t| t.chars().next().is_some_and(char::is_uppercase) && !t.contains('<'))
}

#[test]
fn the_check_finds_what_is_wrong() {
    let mut object = super::invoice_payment::fresh(
        "inpay_1",
        1,
        &serde_json::json!({"currency": "usd", "invoice": "in_1", "livemode": false, "id": "in_1"}),
        "pi_1",
    );
    assert_eq!(faults(&object), Vec::<String>::new());
    object.put("invented", 1);
    object.put("is_default", "yes");
    object.as_object_mut().unwrap().remove("status");
    assert_eq!(faults(&object).len(), 3, "{:?}", faults(&object));
}
