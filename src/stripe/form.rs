//! Stripe's bracket form: `metadata[odoo_db]=books&expand[]=latest_charge`, for bodies and query strings.

use crate::http::{escape, escape_into};

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
        escape_into(&mut self.0, name);
        self.0.push('=');
        escape_into(&mut self.0, value);
    }
}

/// An id as one segment of a path: whatever an event calls an id, it cannot leave its place in the URL.
pub fn segment(id: &str) -> String {
    escape(id)
}
