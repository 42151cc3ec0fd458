//! Parameters as Stripe takes them: form-encoded, nested by brackets, every value a text.

use serde_json::{Map, Value};

use super::error::ApiError;

/// The parameters of one request, or of one branch of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params {
    fields: Map<String, Value>,
    /// `metadata` for the branch under it, to name parameters in errors.
    under: String,
}

impl Params {
    /// Reads `a=1&b[c]=2&d[]=3`. A bracket without a name makes a list; a numbered one is kept by its number.
    pub fn parse(encoded: &[u8]) -> Self {
        let mut root = Value::Object(Map::new());
        for (key, value) in form_urlencoded::parse(encoded) {
            let mut path = key.split('[').map(|part| part.strip_suffix(']').unwrap_or(part));
            let mut node = &mut root;
            let mut part = path.next().unwrap_or_default().to_owned();
            loop {
                let next = path.next();
                node = slot(node, &part, next == Some(""));
                match next {
                    None => break *node = Value::from(value.as_ref()),
                    Some(name) => part = name.to_owned(),
                }
            }
        }
        match root {
            Value::Object(fields) => Self { fields, under: String::new() },
            _ => Self::default(),
        }
    }

    /// A text; the empty text means "unset".
    pub fn text(&self, key: &str) -> Option<&str> {
        self.fields.get(key).and_then(Value::as_str)
    }

    pub fn require(&self, key: &str) -> Result<&str, ApiError> {
        self.text(key).filter(|text| !text.is_empty()).ok_or_else(|| ApiError::missing(&self.name(key)))
    }

    pub fn int(&self, key: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(key) else { return Ok(None) };
        let bad = || ApiError::param("parameter_invalid_integer", &self.name(key), format!("Invalid integer: {text}"));
        text.parse().map(Some).map_err(|_| bad())
    }

    pub fn flag(&self, key: &str) -> Result<Option<bool>, ApiError> {
        match self.text(key) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(ApiError::invalid(&self.name(key), format!("Invalid boolean: {other}"))),
        }
    }

    /// The texts of a list, `k[]=a&k[]=b` or `k[0]=a&k[1]=b`.
    pub fn texts(&self, key: &str) -> Vec<&str> {
        match self.fields.get(key) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Some(Value::Object(items)) => items.values().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The branch under a key, empty when there is none.
    pub fn child(&self, key: &str) -> Self {
        let fields = self.fields.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
        Self { fields, under: self.name(key) }
    }

    pub fn has(&self, key: &str) -> bool {
        self.fields.contains_key(key)
    }

    /// Text pairs of this branch.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
    }

    /// Refuses every parameter that is not named, as Stripe does.
    pub fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        match self.fields.keys().find(|key| !known.contains(&key.as_str()) && *key != "expand") {
            None => Ok(()),
            Some(key) => Err(ApiError::param(
                "parameter_unknown",
                &self.name(key),
                format!("Received unknown parameter: {}", self.name(key)),
            )),
        }
    }

    fn name(&self, key: &str) -> String {
        if self.under.is_empty() { key.to_owned() } else { format!("{}[{key}]", self.under) }
    }
}

/// The place of `part` in a branch; a new one is a list when `[]` follows.
fn slot<'a>(node: &'a mut Value, part: &str, list_follows: bool) -> &'a mut Value {
    if let (Value::Array(items), "") = (&mut *node, part) {
        items.push(Value::Null);
        let last = items.len() - 1;
        return &mut node[last];
    }
    if !node.is_object() {
        *node = Value::Object(Map::new());
    }
    let value = &mut node[part];
    if list_follows && !value.is_array() {
        *value = Value::Array(Vec::new());
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_nest() {
        let params = Params::parse(b"amount=1099&metadata[order_ref]=INV%2F1+a&metadata[7]=x&types[]=a&types[]=b&n[0]=c&n[1]=d&payment[type]=payment_intent");
        assert_eq!(params.int("amount").unwrap(), Some(1099));
        assert_eq!(params.child("metadata").text("order_ref"), Some("INV/1 a"));
        assert_eq!(params.child("metadata").text("7"), Some("x"));
        assert_eq!(params.texts("types"), ["a", "b"]);
        assert_eq!(params.texts("n"), ["c", "d"]);
        assert_eq!(params.child("payment").text("type"), Some("payment_intent"));
    }

    #[test]
    fn refusals_name_the_parameter() {
        let params = Params::parse(b"amount=1.5&automatic_payment_methods[enabled]=yes");
        assert_eq!(params.int("amount").unwrap_err().code.as_deref(), Some("parameter_invalid_integer"));
        let refused = params.child("automatic_payment_methods").flag("enabled").unwrap_err();
        assert_eq!(refused.param.as_deref(), Some("automatic_payment_methods[enabled]"));
        assert_eq!(params.only(&["amount"]).unwrap_err().code.as_deref(), Some("parameter_unknown"));
        assert_eq!(params.require("currency").unwrap_err().code.as_deref(), Some("parameter_missing"));
    }
}
