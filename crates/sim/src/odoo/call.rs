//! One call, whichever transport it came by: model, method, ids, named arguments, context.

use serde_json::{Map, Value, json};

use super::error::{self, Result};
use super::num;
use super::signatures::{self, Signature};
use super::store::Row;
use super::version::Version;

#[derive(Clone, Debug, Default)]
pub struct Call {
    pub model: String,
    pub method: String,
    pub ids: Vec<i64>,
    pub arguments: Row,
    pub context: Row,
}

impl Call {
    /// From `execute_kw`: positional arguments (ids first for a record's method), then named ones.
    pub fn positional(model: &str, method: &str, args: &[Value], kwargs: &Row, version: Version) -> Result<Self> {
        let signature = signature(model, method, version)?.ok_or_else(|| {
            error::attribute(match version {
                Version::V19 => format!("The method '{model}.{method}' does not exist"),
                _ => format!("The method '{method}' does not exist on the model '{model}'"),
            })
        })?;
        let mut call = Self { model: model.to_owned(), method: method.to_owned(), ..Self::default() };
        let mut args = args.iter();
        if !signature.on_model {
            let first = args.next().ok_or_else(|| error::type_error("ids are missing"))?;
            call.ids = ids(first);
        }
        for (at, value) in args.enumerate() {
            let (name, _) = signature.arguments.get(at).ok_or_else(|| {
                error::type_error(format!("{method}() takes {} positional arguments", signature.arguments.len() + 1))
            })?;
            call.arguments.insert((*name).to_owned(), value.clone());
        }
        for (name, value) in kwargs {
            call.named(&signature, name, value).map_err(|_| {
                error::type_error(format!("BaseModel.{method}() got an unexpected keyword argument '{name}'"))
            })?;
        }
        match call.absent(&signature) {
            Some(name) => {
                Err(error::type_error(format!("{method}() missing 1 required positional argument: '{name}'")))
            }
            None => Ok(call),
        }
    }

    /// From the body of JSON-2: everything by name.
    pub fn by_name(model: &str, method: &str, body: &Row, version: Version) -> Result<Self> {
        let unknown = || error::not_found(format!("The method '{model}.{method}' does not exist"));
        let signature = signature(model, method, version)?.ok_or_else(unknown)?;
        let mut call = Self { model: model.to_owned(), method: method.to_owned(), ..Self::default() };
        // What is missing is told before what is too much.
        let mut unknown_argument = Ok(());
        for (name, value) in body {
            match name.as_str() {
                "ids" if signature.on_model => {
                    return Err(error::unprocessable(format!("cannot call {model}.{method} with ids")));
                }
                "ids" => call.ids = ids(value),
                _ => unknown_argument = call.named(&signature, name, value).and(unknown_argument),
            }
        }
        match call.absent(&signature) {
            Some(name) => Err(error::unprocessable(format!("missing a required argument: '{name}'"))),
            None => unknown_argument.map(|()| call),
        }
    }

    fn named(&mut self, signature: &Signature, name: &str, value: &Value) -> Result<()> {
        if name == "context" {
            self.context = value.as_object().cloned().unwrap_or_default();
            return Ok(());
        }
        if !signature.arguments.iter().any(|(known, _)| *known == name) {
            return Err(error::unprocessable(format!("got an unexpected keyword argument '{name}'")));
        }
        self.arguments.insert(name.to_owned(), value.clone());
        Ok(())
    }

    fn absent(&self, signature: &Signature) -> Option<&'static str> {
        let needed = signature.arguments.iter().filter(|(_, optional)| !optional);
        needed.map(|(name, _)| *name).find(|name| !self.arguments.contains_key(*name))
    }

    pub fn argument(&self, name: &str) -> &Value {
        self.arguments.get(name).unwrap_or(&Value::Null)
    }

    pub fn text(&self, name: &str) -> &str {
        self.argument(name).as_str().unwrap_or("")
    }

    /// A list argument; anything else reads as empty.
    pub fn list(&self, name: &str) -> &[Value] {
        self.argument(name).as_array().map_or(&[], Vec::as_slice)
    }

    pub fn active_test(&self) -> bool {
        self.context.get("active_test").is_none_or(num::truthy)
    }
}

fn signature(model: &str, method: &str, version: Version) -> Result<Option<Signature>> {
    if method.starts_with('_') {
        let shown = if version == Version::V19 { format!("'{model}.{method}'") } else { method.to_owned() };
        return Err(error::access(format!("Private methods (such as {shown}) cannot be called remotely.")));
    }
    Ok(signatures::find(model, method, version.major()))
}

fn ids(value: &Value) -> Vec<i64> {
    match value {
        Value::Array(all) => all.iter().filter_map(num::int).collect(),
        one => num::int(one).into_iter().collect(),
    }
}

/// A JSON object from `json!({...})`.
pub fn object(value: Value) -> Row {
    match value {
        Value::Object(map) => map,
        other => Map::from_iter([("value".to_owned(), other)]),
    }
}

/// Python's None over JSON is `false`.
pub fn or_false(value: Option<Value>) -> Value {
    match value {
        None | Some(Value::Null) => json!(false),
        Some(v) => v,
    }
}
