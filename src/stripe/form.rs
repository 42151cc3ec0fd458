//! Stripe's bracket form: `metadata[odoo_db]=books&expand[]=latest_charge`, for bodies and query strings.

use std::fmt::Write;

/// Fields in the order added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form(String);

impl Form {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one field. `name` is written as Stripe documents it, brackets included (`created[gte]`, `types[]`).
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.add(name, value);
        self
    }

    /// Adds `name[]=…` for each value.
    pub fn with_each<'a>(mut self, name: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        let name = format!("{name}[]");
        values.into_iter().for_each(|value| self.add(&name, value));
        self
    }

    /// The text, without a leading `?`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        escape(&mut self.0, name);
        self.0.push('=');
        escape(&mut self.0, value);
    }
}

/// An id as one segment of a path: whatever an event calls an id, it cannot leave its place in the URL.
pub fn segment(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    escape(&mut out, id);
    out
}

/// Percent-encodes everything but RFC 3986's unreserved characters; also the dot, so that `..` is no path.
fn escape(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => out.push(char::from(byte)),
            // Writing into a String cannot fail.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
}
