//! Plays a story on the simulator, over its `/jsonrpc`.

use std::collections::BTreeMap;

use quittance::http::Request;
use quittance_sim::odoo::{ADMIN_KEY, DATABASE, Odoo, Version};
use quittance_sim::{Clock, Party, Reply};
use serde_json::{Value, json};

use super::picture::Books;

/// An Odoo as a client has it.
pub struct Client {
    pub odoo: Odoo,
}

impl Client {
    /// The result, or the name and the words of the error.
    pub fn call(&mut self, model: &str, method: &str, args: &Value, with: &Value) -> Result<Value, (String, String)> {
        let args = json!([DATABASE, 2, ADMIN_KEY, model, method, args, with]);
        let body = json!({"jsonrpc": "2.0", "method": "call", "id": 1,
            "params": {"service": "object", "method": "execute_kw", "args": args}});
        let request = Request::new("POST", "http://odoo/jsonrpc").with("content-type", "application/json");
        let Reply::Answer { response, .. } = self.odoo.handle(&request.body(body.to_string())) else {
            panic!("no answer")
        };
        let answer: Value = serde_json::from_slice(&response.body).unwrap();
        match answer.get("error") {
            Some(error) => {
                let text = |name: &str| error["data"][name].as_str().unwrap().to_owned();
                Err((text("name"), text("message")))
            }
            None => Ok(answer.get("result").cloned().unwrap_or_default()),
        }
    }

    pub fn rows(&mut self, model: &str, domain: &Value, fields: &[&str]) -> Vec<Value> {
        let with = json!({"context": {"active_test": false}, "order": "id"});
        let found = self.call(model, "search_read", &json!([domain, fields]), &with).unwrap();
        found.as_array().unwrap().clone()
    }
}

/// What the story's looks see, and what is wrong with the books at its end.
pub fn play(version: Version, story: &Value) -> (Vec<Value>, Option<String>) {
    let day: Vec<i64> = story["today"].as_str().unwrap().split('-').map(|part| part.parse().unwrap()).collect();
    let today = quittance::date::days(day[0], day[1], day[2]).unwrap();
    let odoo = Odoo::fresh(version, Clock::at(today * 86_400_000 + 43_200_000), 1);
    let mut client = Client { odoo };
    let mut books = Books::open(&mut client, story["labels"] == true);
    let (mut known, mut seen) = (BTreeMap::new(), Vec::new());
    for step in story["steps"].as_array().unwrap() {
        let here = step.get("only").and_then(Value::as_array);
        if here.is_some_and(|all| !all.contains(&json!(version.major()))) {
            continue;
        }
        seen.extend(one(&mut client, &mut books, &mut known, step));
    }
    // In a story whose people leave a gap themselves, the real books have it as well.
    let gap = story["gap"] == true;
    let unsound = client.odoo.unsound().filter(|why| !(gap && why.contains("gap")));
    (seen, unsound)
}

fn one(client: &mut Client, books: &mut Books, known: &mut BTreeMap<String, Value>, step: &Value) -> Option<Value> {
    let name = |of: &Value| of.as_str().unwrap_or_default().to_owned();
    if let Some(find) = step.get("find") {
        let rows = client.rows(&name(&find[0]), &put(&find[1], known), &["id"]);
        let id = rows.first().unwrap_or_else(|| panic!("nothing for {step}"))["id"].clone();
        known.insert(name(&step["as"]), id);
    } else if let Some(line) = step.get("line") {
        let domain = json!([["move_id", "=", known[&name(&line[0])]], ["account_id.name", "=", line[1]]]);
        let rows = client.rows("account.move.line", &domain, &["id"]);
        known.insert(name(&step["as"]), rows[usize::try_from(line[2].as_i64().unwrap()).unwrap()]["id"].clone());
    } else if let Some(tag) = step.get("tag") {
        let vals = json!([{"name": tag, "applicability": "taxes"}]);
        known.insert(name(&step["as"]), client.call("account.account.tag", "create", &vals, &json!({})).unwrap());
    } else if let Some(of) = step.get("of") {
        let column = name(&of[2]);
        let rows = client.rows(&name(&of[0]), &json!([["id", "=", known[&name(&of[1])]]]), &[&column]);
        known.insert(name(&step["as"]), rows[0][&column][0].clone());
    } else if let Some(model) = step.get("last") {
        let rows = client.rows(&name(model), &json!([]), &["id"]);
        known.insert(name(&step["as"]), rows.last().unwrap()["id"].clone());
    } else if let Some(call) = step.get("call") {
        let call = put(call, known);
        let (model, method) = (name(&call[0]), name(&call[1]));
        let with = step.get("with").map_or_else(|| json!({}), |with| put(with, known));
        let result = client.call(&model, &method, &json!(call.as_array().unwrap()[2..]), &with);
        if let Some(at) = step.get("fails") {
            return Some(json!({"at": at, "error": result.err().map(|(name, _)| name)}));
        }
        let result = result.unwrap_or_else(|(name, says)| panic!("{step}: {name}: {says}"));
        let id = result.get(0).or(result.get("res_id")).cloned().unwrap_or(result);
        known.insert(step.get("as").map(name).unwrap_or_default(), id);
    } else if let Some(at) = step.get("see") {
        return Some(json!({"at": at, "entries": books.see(client)}));
    } else if let Some(read) = step.get("read") {
        let domain = json!([["id", "=", known[&name(&read[1])]]]);
        let fields: Vec<&str> = read[2].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let mut row = client.rows(&name(&read[0]), &domain, &fields)[0].clone();
        let values = row.as_object_mut().unwrap();
        values.remove("id");
        for value in values.values_mut() {
            if let Some(all) = value.as_array() {
                // A link by the name of what it points at, a list by how long it is.
                let named = all.get(1).filter(|second| second.is_string()).cloned();
                *value = named.unwrap_or_else(|| json!(all.len()));
            }
        }
        return Some(json!({"at": step["as"], "values": row}));
    }
    None
}

/// A value with `$name` replaced by what is known by that name.
fn put(value: &Value, known: &BTreeMap<String, Value>) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix('$') {
            Some(name) => known.get(name).unwrap_or_else(|| panic!("{name} is not known")).clone(),
            None => value.clone(),
        },
        Value::Array(all) => all.iter().map(|one| put(one, known)).collect(),
        Value::Object(all) => Value::Object(all.iter().map(|(name, one)| (name.clone(), put(one, known))).collect()),
        _ => value.clone(),
    }
}
