//! Reads the table of models: which fields a version has, of which kind.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::models::MODELS;
use super::version::Version;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Also text, html and selections.
    Text,
    Int,
    Float,
    Bool,
    Date,
    Many2one,
    One2many,
    Many2many,
    Json,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub kind: FieldKind,
    /// As `fields_get` names it: `char`, `many2one`, …
    pub ttype: &'static str,
    pub relation: String,
    pub inverse: String,
    pub required: bool,
    pub default: Option<Value>,
}

#[derive(Clone, Debug, Default)]
pub struct Model {
    /// As people read it in access errors.
    pub label: String,
    pub fields: BTreeMap<String, Field>,
}

#[derive(Clone, Debug, Default)]
pub struct Schema(BTreeMap<String, Model>);

impl Schema {
    pub fn of(version: Version) -> Self {
        let mut models: BTreeMap<String, Model> = BTreeMap::new();
        let mut current = String::new();
        for line in MODELS.lines().filter(|l| !l.trim().is_empty()) {
            if !line.starts_with(' ') {
                let (name, label) = line.split_once(' ').unwrap_or((line, line));
                current = name.to_owned();
                let mut model = Model { label: label.replace('_', " "), ..Model::default() };
                for auto in ["id:int", "display_name:char", "create_uid:m2o:res.users", "write_uid:m2o:res.users"] {
                    add(&mut model, auto, version);
                }
                add(&mut model, "create_date:datetime", version);
                add(&mut model, "write_date:datetime", version);
                models.insert(current.clone(), model);
            } else if let Some(model) = models.get_mut(&current) {
                line.split_whitespace().for_each(|token| add(model, token, version));
            }
        }
        Self(models)
    }

    pub fn model(&self, name: &str) -> Option<&Model> {
        self.0.get(name)
    }

    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, model)| (name.as_str(), model.label.as_str()))
    }
}

fn add(model: &mut Model, token: &str, version: Version) {
    let (token, only) = token.split_once('@').map_or((token, ""), |(t, v)| (t, v));
    let major = version.major();
    let here = match only.strip_suffix('+') {
        Some(from) => from.parse().is_ok_and(|from: i64| major >= from),
        None => only.is_empty() || only.parse() == Ok(major),
    };
    if !here {
        return;
    }
    let (token, default) = token.split_once('=').map_or((token, None), |(t, d)| (t, Some(d)));
    let (token, required) = token.strip_suffix('!').map_or((token, false), |t| (t, true));
    let mut parts = token.split(':');
    let name = parts.next().unwrap_or_default();
    let (kind, ttype) = kind(parts.next().unwrap_or_default());
    let default = default.map(|d| match kind {
        FieldKind::Bool => json!(d == "true"),
        FieldKind::Int => json!(d.parse::<i64>().unwrap_or_default()),
        _ => json!(d),
    });
    let relation = parts.next().unwrap_or_default().to_owned();
    let inverse = parts.next().unwrap_or_default().to_owned();
    model.fields.insert(name.to_owned(), Field { kind, ttype, relation, inverse, required, default });
}

/// The kind of a field from its short or long type name.
pub fn kind(name: &str) -> (FieldKind, &'static str) {
    match name {
        "text" => (FieldKind::Text, "text"),
        "html" => (FieldKind::Text, "html"),
        "sel" | "selection" => (FieldKind::Text, "selection"),
        "int" | "integer" => (FieldKind::Int, "integer"),
        "float" | "monetary" => (FieldKind::Float, "float"),
        "bool" | "boolean" => (FieldKind::Bool, "boolean"),
        "date" => (FieldKind::Date, "date"),
        "datetime" => (FieldKind::Date, "datetime"),
        "m2o" | "many2one" => (FieldKind::Many2one, "many2one"),
        "o2m" | "one2many" => (FieldKind::One2many, "one2many"),
        "m2m" | "many2many" => (FieldKind::Many2many, "many2many"),
        "json" => (FieldKind::Json, "json"),
        _ => (FieldKind::Text, "char"),
    }
}
