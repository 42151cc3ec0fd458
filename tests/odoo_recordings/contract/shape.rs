//! The shape of an answer: status, content type, JSON kinds and members, and the error's name.

use std::collections::BTreeSet;

use quittance::http::Response;
use serde_json::Value;

/// An answer, recorded or simulated.
#[derive(Debug)]
pub struct Answer {
    status: u64,
    content_type: String,
    /// JSON, or a text.
    body: Value,
}

impl Answer {
    pub fn of(response: &Response) -> Self {
        let text = String::from_utf8_lossy(&response.body).into_owned();
        Self {
            status: u64::from(response.status),
            content_type: media_type(response.header("content-type").unwrap_or("")),
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        }
    }

    pub fn recorded(response: &Value) -> Self {
        let headers = response["headers"].as_object().unwrap();
        let of_type = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        Self {
            status: response["status"].as_u64().unwrap(),
            content_type: media_type(of_type.map_or("", |(_, v)| v.as_str().unwrap())),
            body: response["body"].clone(),
        }
    }

    /// What a pointer names; `message` is the error's, whichever transport carries it.
    pub fn at(&self, pointer: &str) -> Value {
        if pointer == "message" {
            return self.error("message");
        }
        self.body.pointer(pointer).cloned().unwrap_or_default()
    }

    fn error(&self, member: &str) -> Value {
        let data = self.body.pointer("/error/data").unwrap_or(&self.body);
        data.get(member).cloned().unwrap_or_default()
    }
}

/// `text/html; charset=utf-8` without spaces and case.
fn media_type(header: &str) -> String {
    header.replace(' ', "").to_lowercase()
}

/// Fails, naming the recording, where the simulated answer differs.
pub fn compare(path: &str, answer: &Answer, recorded: &Answer) {
    let shown = format!("{path}\nsimulated: {}\nrecorded:  {}", answer.body, recorded.body);
    assert_eq!(answer.status, recorded.status, "status of {shown}");
    assert_eq!(answer.content_type, recorded.content_type, "content type of {shown}");
    if recorded.content_type.starts_with("text/html") {
        return;
    }
    if recorded.error("arguments").is_array() {
        assert_eq!(answer.error("name"), recorded.error("name"), "error of {shown}");
        assert_eq!(answer.at("/error/code"), recorded.at("/error/code"), "code of {shown}");
    }
    if let Err(why) = alike(&answer.body, &recorded.body) {
        panic!("{why} in {shown}");
    }
}

fn alike(ours: &Value, theirs: &Value) -> Result<(), String> {
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let (a_names, b_names): (BTreeSet<_>, BTreeSet<_>) = (a.keys().collect(), b.keys().collect());
            if a_names != b_names {
                return Err(format!("members {a_names:?}, recorded {b_names:?}"));
            }
            // `context` of an error tells a view's place and such; `debug` is left out of the recordings.
            let mut names = a.keys().filter(|n| *n != "context" && *n != "debug");
            names.try_for_each(|n| alike(&a[n], &b[n]).map_err(|why| format!("{n}: {why}")))
        }
        (Value::Array(a), Value::Array(b)) => {
            if a.is_empty() != b.is_empty() {
                return Err(format!("{} elements, recorded {}", a.len(), b.len()));
            }
            a.iter().try_for_each(|one| {
                let tries: Vec<_> = b.iter().map(|other| alike(one, other)).collect();
                if tries.iter().any(Result::is_ok) { Ok(()) } else { tries.into_iter().next().unwrap_or(Ok(())) }
            })
        }
        _ if kind(ours) == kind(theirs) => Ok(()),
        _ => Err(format!("{} {ours}, recorded {} {theirs}", kind(ours), kind(theirs))),
    }
}

/// Odoo writes an amount `200.0` and an id `200`: clients must not mix them.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.as_str().contains('.') => "float",
        Value::Number(_) => "int",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}
