//! The recording of a story: what Odoo 17, 18 and 19 answer alike stands in it once. Where they differ an object of versions
//! stands instead, `{"17": "posted", "18 19": "paid"}`; a version that is not in it has nothing there.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

/// As wide as the house's lines.
const WIDTH: usize = 120;

/// What each version that was recorded answered.
pub type Versions = BTreeMap<i64, Value>;

fn path(story: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../tests/fixtures/odoo/procedures/{story}.json"))
}

pub fn read(story: &str) -> Versions {
    versions_of(&fs::read_to_string(path(story)).unwrap())
}

/// Puts what a version answered in the place of what was recorded of it before. Versions may be recorded at the same time.
pub fn write(story: &str, major: i64, recording: Value) {
    let mut file = File::options().read(true).append(true).create(true).open(path(story)).unwrap();
    file.lock().unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    let mut versions = versions_of(&text);
    versions.insert(major, recording);
    file.set_len(0).unwrap();
    file.write_all(text_of(&versions).as_bytes()).unwrap();
}

/// What each version answered, of a file's text.
pub fn versions_of(text: &str) -> Versions {
    let mut shared = if text.is_empty() { json!({"versions": []}) } else { serde_json::from_str(text).unwrap() };
    let majors = shared.as_object_mut().unwrap().remove("versions").unwrap();
    let majors = majors.as_array().unwrap().iter().map(|major| major.as_i64().unwrap());
    majors.map(|major| (major, of_version(&shared, major).unwrap())).collect()
}

fn text_of(versions: &Versions) -> String {
    let mut shared = merged(&versions.iter().map(|(major, one)| (*major, one)).collect(), versions.len());
    for (major, one) in versions {
        assert_eq!(of_version(&shared, *major).as_ref(), Some(one), "what Odoo {major} answered would be lost");
    }
    shared["versions"] = versions.keys().copied().collect();
    lines(&shared, 0, 0) + "\n"
}

/// One value of those of the versions; `all` is how many versions there are.
fn merged(values: &BTreeMap<i64, &Value>, all: usize) -> Value {
    let first = *values.values().next().unwrap();
    if values.len() < all {
        return by_version(values);
    }
    if values.values().all(|value| *value == first) {
        return first.clone();
    }
    let part = |at: &dyn Fn(&Value) -> Option<&Value>| {
        let parts = values.iter().filter_map(|(major, value)| Some((*major, at(value)?)));
        merged(&parts.collect(), all)
    };
    if values.values().all(|value| value.is_object()) {
        let names = values.values().filter_map(|value| value.as_object()).flat_map(Map::keys);
        return names.map(|name| (name.clone(), part(&|value| value.get(name)))).collect::<Map<_, _>>().into();
    }
    let lengths: Vec<_> = values.values().map(|value| value.as_array().map(Vec::len)).collect();
    match lengths[0].filter(|_| lengths.iter().all(|length| *length == lengths[0])) {
        Some(length) => (0..length).map(|at| part(&|value| value.get(at))).collect(),
        None => by_version(values),
    }
}

fn by_version(values: &BTreeMap<i64, &Value>) -> Value {
    let mut groups: Vec<(String, &Value)> = Vec::new();
    for (major, value) in values {
        match groups.iter_mut().find(|(_, other)| other == value) {
            Some((name, _)) => *name += &format!(" {major}"),
            None => groups.push((major.to_string(), *value)),
        }
    }
    groups.into_iter().map(|(name, value)| (name, value.clone())).collect::<Map<_, _>>().into()
}

/// What of a merged value is a version's; `None` when it has nothing there.
fn of_version(shared: &Value, major: i64) -> Option<Value> {
    let majors = |name: &str| name.split(' ').map(str::parse).collect::<Result<Vec<i64>, _>>().ok();
    match shared {
        Value::Object(members) if !members.is_empty() && members.keys().all(|name| majors(name).is_some()) => {
            let own = members.iter().find(|(name, _)| majors(name).is_some_and(|all| all.contains(&major)));
            own.map(|(_, value)| value.clone())
        }
        Value::Object(members) => {
            let own = members.iter().filter_map(|(name, value)| Some((name.clone(), of_version(value, major)?)));
            Some(own.collect::<Map<_, _>>().into())
        }
        Value::Array(values) => Some(values.iter().filter_map(|value| of_version(value, major)).collect()),
        other => Some(other.clone()),
    }
}

/// JSON in lines: as many members in one as it holds. `lead` is what stands before the value in its line.
fn lines(value: &Value, indent: usize, lead: usize) -> String {
    let short = flat(value);
    let members: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, value)| (format!("{}: ", json!(name)), value)).collect(),
        Value::Array(values) => values.iter().map(|value| (String::new(), value)).collect(),
        _ => Vec::new(),
    };
    if members.is_empty() || indent + lead + short.chars().count() < WIDTH {
        return short;
    }
    let room = WIDTH - indent - 3;
    let mut rows: Vec<String> = Vec::new();
    let mut is_open = false;
    for (name, value) in members {
        let member = name.clone() + &flat(value);
        let fits = member.chars().count() <= room;
        match rows.last_mut().filter(|row| is_open && row.chars().count() + 2 + member.chars().count() <= room) {
            Some(row) => *row += &format!(", {member}"),
            None if fits => rows.push(member),
            None => rows.push(name.clone() + &lines(value, indent + 2, name.chars().count())),
        }
        is_open = fits;
    }
    let [open, close] = if value.is_object() { ["{", "}"] } else { ["[", "]"] };
    let margin = " ".repeat(indent);
    let rows = rows.iter().map(|row| format!("{margin}  {row}")).collect::<Vec<_>>().join(",\n");
    format!("{open}\n{rows}\n{margin}{close}")
}

/// JSON in one line.
fn flat(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{}: {}", json!(name), flat(value)));
            format!("{{{}}}", joined(members.collect()))
        }
        Value::Array(values) => format!("[{}]", joined(values.iter().map(flat).collect())),
        other => other.to_string(),
    }
}

#[test]
fn a_recording_holds_once_what_versions_share() {
    let answer = |state: &str, more: Value| {
        let mut answer = json!({"state": state, "lines": [1, 2]});
        answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"hashes": {"check": "a"}, "answers": [{"told": "paid", "answer": answer}]})
    };
    let (old, new) = (answer("posted", json!({})), answer("paid", json!({"of_19": null, "lines": [1, 2, 3]})));
    let versions = Versions::from([(17, old.clone()), (18, old), (19, new)]);
    let text = text_of(&versions);
    let wanted = json!({"hashes": {"check": "a"}, "versions": [17, 18, 19], "answers": [{"told": "paid", "answer": {
        "state": {"17 18": "posted", "19": "paid"}, "of_19": {"19": null}, "lines": {"17 18": [1, 2], "19": [1, 2, 3]}}}]});
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), wanted);
    assert!(text.lines().count() > 1 && text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
    assert_eq!(versions_of(&text), versions);
}

#[test]
fn recordings_are_as_the_recorder_writes_them() {
    for entry in fs::read_dir(path("receipts").parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let versions = versions_of(&text);
        assert_eq!(versions.keys().copied().collect::<Vec<_>>(), [17, 18, 19], "{}", path.display());
        assert!(text_of(&versions) == text, "{}: record the story again", path.display());
    }
}
