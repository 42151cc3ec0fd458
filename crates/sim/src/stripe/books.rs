//! Where objects stand: each account has its own, and its live ones never meet its test ones.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::object::Fields;

/// One account in one mode.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// `acct_…`
    pub account: String,
    pub livemode: bool,
}

/// On whose behalf something is done.
#[derive(Clone, Debug)]
pub struct Scope {
    pub place: Place,
    /// The API request that causes it, `req_…`; `None` when Stripe or a payer does.
    pub request: Option<String>,
    pub idempotency_key: Option<String>,
}

/// All objects of one place, by kind, in the order made.
#[derive(Debug, Default)]
pub struct Books(BTreeMap<String, Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    rows: Vec<Value>,
    at: HashMap<String, usize>,
}

impl Books {
    /// Adds an object, or replaces the one of its kind and id.
    pub fn put(&mut self, object: Value) {
        let shelf = self.0.entry(object.text("object").to_owned()).or_default();
        let id = object.text("id").to_owned();
        match shelf.at.get(&id).and_then(|at| shelf.rows.get_mut(*at)) {
            Some(row) => *row = object,
            None => {
                shelf.at.insert(id, shelf.rows.len());
                shelf.rows.push(object);
            }
        }
    }

    pub fn get(&self, kind: &str, id: &str) -> Option<&Value> {
        let shelf = self.0.get(kind)?;
        shelf.rows.get(*shelf.at.get(id)?)
    }

    pub fn edit(&mut self, kind: &str, id: &str) -> Option<&mut Value> {
        let shelf = self.0.get_mut(kind)?;
        shelf.rows.get_mut(*shelf.at.get(id)?)
    }

    /// The object with this id, whatever its kind: ids are unique by their prefix.
    pub fn find(&self, id: &str) -> Option<&Value> {
        self.0.keys().find_map(|kind| self.get(kind, id))
    }

    /// Oldest first.
    pub fn rows(&self, kind: &str) -> &[Value] {
        self.0.get(kind).map_or(&[], |shelf| shelf.rows.as_slice())
    }

    /// Every object there is.
    pub fn all(&self) -> impl Iterator<Item = &Value> {
        self.0.values().flat_map(|shelf| &shelf.rows)
    }

    /// Takes an object away.
    pub fn remove(&mut self, kind: &str, id: &str) -> Option<Value> {
        let shelf = self.0.get_mut(kind)?;
        let at = shelf.at.remove(id)?;
        shelf.at.values_mut().filter(|other| **other > at).for_each(|other| *other -= 1);
        Some(shelf.rows.remove(at))
    }
}
