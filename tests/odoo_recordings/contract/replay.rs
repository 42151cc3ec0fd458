//! Sends a recorded request to the simulator, with its keys put in and its ids put right.

use std::collections::BTreeMap;

use quittance::http::{Request, Response};
use quittance_sim::odoo::{ADMIN_KEY, Odoo, Version};
use quittance_sim::{Clock, Party, Reply};
use serde_json::Value;

use super::shape;

/// 21 November 2026, the day of the recordings.
const DAY: i64 = 1_795_290_000_000;

/// One recorded call, and what of it must be put right before it is sent.
#[derive(Clone, Debug)]
pub struct Step {
    pub name: &'static str,
    puts: Vec<(&'static str, &'static str)>,
    save: Option<(&'static str, &'static str)>,
    same: Vec<&'static str>,
    key: Option<&'static str>,
    only: &'static [i64],
    header: Option<(&'static str, &'static str)>,
}

/// A recorded call of this name, sent as the administrator.
pub fn step(name: &'static str) -> Step {
    Step { name, puts: vec![], save: None, same: vec![], key: None, only: &[17, 18, 19], header: None }
}

impl Step {
    /// Puts the value known as `known` where `at` points in the request's body.
    pub fn put(mut self, at: &'static str, known: &'static str) -> Self {
        self.puts.push((at, known));
        self
    }

    /// Remembers what stands at `at` in the answer.
    pub fn save(mut self, known: &'static str, at: &'static str) -> Self {
        self.save = Some((known, at));
        self
    }

    /// The value at `at` must be the very one recorded.
    pub fn same(mut self, at: &'static str) -> Self {
        self.same.push(at);
        self
    }

    /// The words of the error must be the very ones recorded.
    pub fn says(self) -> Self {
        self.same("message")
    }

    /// Sent with this key.
    pub fn key(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }

    /// Sent with another value of a header that the recording masks.
    pub fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.header = Some((name, value));
        self
    }

    /// Recorded for these versions only.
    pub fn only(mut self, versions: &'static [i64]) -> Self {
        self.only = versions;
        self
    }
}

/// A database, and ids that earlier steps gave.
pub struct Replay {
    pub odoo: Odoo,
    pub known: BTreeMap<&'static str, Value>,
}

impl Replay {
    /// A new database of the name that was recorded.
    pub fn new(version: Version) -> Self {
        let db = format!("odoo{}", version.major());
        Self { odoo: Odoo::fresh(version, Clock::at(DAY), 1).with_database(&db), known: BTreeMap::new() }
    }

    pub fn know(&mut self, name: &'static str, value: impl Into<Value>) {
        self.known.insert(name, value.into());
    }

    /// Sends the steps and holds each answer against the recorded one.
    pub fn run(&mut self, steps: &[Step]) {
        let major = self.odoo.version().major();
        for step in steps.iter().filter(|s| s.only.contains(&major)) {
            let recording = recording(major, step.name);
            let (path, recorded) = (format!("{major}/{}", step.name), &recording["response"]);
            let response = self.send(&recording["request"], step);
            let answer = shape::Answer::of(&response);
            let wanted = shape::Answer::recorded(recorded);
            shape::compare(&path, &answer, &wanted);
            for at in &step.same {
                assert_eq!(answer.at(at), wanted.at(at), "{path}: {at}");
            }
            if let Some((known, at)) = step.save {
                self.known.insert(known, answer.at(at));
            }
        }
    }

    fn send(&mut self, recorded: &Value, step: &Step) -> Response {
        let key = step.key.unwrap_or(ADMIN_KEY);
        let mut body = recorded["body"].clone();
        for (at, known) in &step.puts {
            let place = body.pointer_mut(at).unwrap_or_else(|| panic!("{}: nothing at {at}", step.name));
            *place = self.known.get(known).unwrap_or_else(|| panic!("{known} is not known")).clone();
        }
        let body = match body {
            Value::Null => String::new(),
            Value::String(raw) => raw,
            json => json.to_string().replace("***", key),
        };
        let url = format!("http://odoo{}", recorded["path"].as_str().unwrap());
        let mut request = Request::new(recorded["method"].as_str().unwrap(), url).body(body);
        for (name, value) in recorded["headers"].as_object().unwrap() {
            let masked = value.as_str().unwrap().replace("***", key);
            let other = step.header.filter(|(of, _)| of == name).map(|(_, value)| value.to_owned());
            request = request.with(name, other.unwrap_or(masked));
        }
        match self.odoo.handle(&request) {
            Reply::Answer { response, .. } => response,
            Reply::Dropped => panic!("{}: no answer", step.name),
        }
    }
}

fn recording(major: i64, name: &str) -> Value {
    let path = format!("{}/tests/fixtures/odoo/recordings/{major}/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
    serde_json::from_str(&text).unwrap()
}
