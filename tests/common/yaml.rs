//! The part of YAML that docs/api/openapi.yaml uses: maps and lists by indentation, one-line flow values, plain and quoted
//! texts. What is beyond it fails the test.

use serde_json::{Map, Value};

type Lines<'a> = std::iter::Peekable<std::vec::IntoIter<(usize, &'a str)>>;

/// The document as JSON.
pub fn parse(text: &str) -> Value {
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let lines: Vec<_> = lines.map(|line| (line.len() - line.trim_start().len(), line.trim())).collect();
    let mut lines = lines.into_iter().peekable();
    let value = block(&mut lines, 0);
    assert_eq!(lines.next(), None, "not read to its end");
    value
}

/// A map or a list whose lines begin at `indent`.
fn block(lines: &mut Lines<'_>, indent: usize) -> Value {
    if lines.peek().is_some_and(|(_, line)| line.starts_with("- ")) {
        list(lines, indent)
    } else {
        map(lines, indent, None)
    }
}

fn list(lines: &mut Lines<'_>, indent: usize) -> Value {
    let mut items = Vec::new();
    while let Some((_, line)) = lines.next_if(|(at, line)| *at == indent && line.starts_with("- ")) {
        let first = line[2..].trim_start();
        items.push(match entry(first) {
            Some(first) => map(lines, indent + 2, Some(first)),
            None => flow(first),
        });
    }
    Value::Array(items)
}

fn map<'a>(lines: &mut Lines<'a>, indent: usize, first: Option<(String, &'a str)>) -> Value {
    let mut members = Map::new();
    let mut next = first;
    loop {
        let Some((name, rest)) = next.take().or_else(|| {
            let (_, line) = lines.next_if(|(at, _)| *at == indent)?;
            Some(entry(line).unwrap_or_else(|| panic!("no `name: value`: {line}")))
        }) else {
            return Value::Object(members);
        };
        let value = match lines.peek() {
            Some((at, _)) if rest.is_empty() && *at > indent => {
                let deeper = *at;
                block(lines, deeper)
            }
            _ => flow(rest),
        };
        assert!(members.insert(name.clone(), value).is_none(), "{name} stands there twice");
    }
}

/// `name: value` or `name:` of a line; nothing for another item of a list.
fn entry(line: &str) -> Option<(String, &str)> {
    if line.starts_with(['{', '[']) {
        return None;
    }
    let (name, rest) = match line.strip_prefix('\'') {
        Some(quoted) => quoted.split_once("':")?,
        None => line.split_once(": ").or_else(|| line.strip_suffix(':').map(|name| (name, "")))?,
    };
    Some((name.to_owned(), rest.trim()))
}

/// A value on one line.
fn flow(text: &str) -> Value {
    let mut rest = text;
    let value = flow_value(&mut rest, "");
    assert!(rest.trim().is_empty(), "{rest} is left of {text}");
    value
}

fn flow_value(rest: &mut &str, ends: &str) -> Value {
    *rest = rest.trim_start();
    match rest.chars().next() {
        Some('[') => {
            let mut items = Vec::new();
            *rest = rest[1..].trim_start();
            while !eat(rest, ']') {
                items.push(flow_value(rest, ",]"));
                eat(rest, ',');
            }
            Value::Array(items)
        }
        Some('{') => {
            let mut members = Map::new();
            *rest = rest[1..].trim_start();
            while !eat(rest, '}') {
                let (name, after) = rest.split_once(": ").unwrap_or_else(|| panic!("no `name: value`: {rest}"));
                *rest = after;
                members.insert(name.trim().to_owned(), flow_value(rest, ",}"));
                eat(rest, ',');
            }
            Value::Object(members)
        }
        Some('\'') => {
            let (text, after) = rest[1..].split_once('\'').unwrap_or_else(|| panic!("no end: {rest}"));
            *rest = after;
            text.into()
        }
        _ => {
            let end = rest.find(|c| ends.contains(c)).unwrap_or(rest.len());
            let (text, after) = rest.split_at(end);
            *rest = after;
            plain(text.trim())
        }
    }
}

fn eat(rest: &mut &str, mark: char) -> bool {
    *rest = rest.trim_start();
    let there = rest.starts_with(mark);
    if there {
        *rest = rest[1..].trim_start();
    }
    there
}

fn plain(text: &str) -> Value {
    match text {
        "" | "null" => Value::Null,
        "true" => true.into(),
        "false" => false.into(),
        text => text.parse::<i64>().map_or_else(|_| text.into(), Into::into),
    }
}
