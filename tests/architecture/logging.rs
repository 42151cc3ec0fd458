//! docs/LOGGING.md has every line that the code writes, with its fields.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::common::*;
use quittance_sim::odoo::{Fault, Rule, Version};
use quittance_sim::stripe::merchant::Pay;
use quittance_sim::world::World;
use regex_lite::Regex;

/// Fields by event, as the page has them.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let page = fs::read_to_string("docs/LOGGING.md").unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let name = |cell: &str| cell.trim().trim_matches('`').to_owned();
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        let fields = cells[3].split(',').map(name).filter(|field| !field.is_empty()).collect();
        (name(cells[1]), fields)
    })
    .collect()
}

fn source(dir: &Path, text: &mut String) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source(&path, text);
        } else if path.extension().is_some_and(|e| e == "rs" || e == "mjs") {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_event_of_the_code_is_on_the_page_and_no_other() {
    let mut text = String::new();
    source(Path::new("src"), &mut text);
    let mut named = BTreeSet::new();
    for pattern in [
        // log.line(Level::Warn, "name", …), also over several lines, and with a level that is computed.
        r#"\.line\(\s*(?:[^"]{1,100}?),\s*"([a-z_]+)""#,
        // The names of a walk over one of Stripe's lists.
        r#"(?:found|read|failed|unreadable): "([a-z_]+)","#,
        // What the door's JavaScript writes.
        r#"(?:log\(|\[)'(?:alert|warn)', '([a-z_]+)'"#,
    ] {
        let pattern = Regex::new(pattern).unwrap();
        named.extend(pattern.captures_iter(&text).map(|found| found[1].to_owned()));
    }
    assert!(named.len() > 30, "{named:?}");
    let page: BTreeSet<String> = documented().into_keys().collect();
    let missing: Vec<_> = named.difference(&page).collect();
    let stale: Vec<_> = page.difference(&named).collect();
    assert!(missing.is_empty() && stale.is_empty(), "not on the page: {missing:?}; on the page alone: {stale:?}");
}

/// A day with everything: what is written has no field that the page does not name.
#[test]
fn lines_have_the_fields_of_the_page() {
    let mut world = World::new(3, Version::V18);
    let id = invoice(&world, "100.00", "USD");
    pay_invoice(&world, id, 5_000, "usd");
    pay(&world, &Pay::card(700, "usd"));
    pay(&world, &with(5_000, "gbp", vec![]));
    world.pass(120);
    let lost = quittance_sim::Party::outgoing(&mut *world.stripe.borrow_mut());
    assert!(lost.is_empty());
    world.odoo.borrow_mut().dial.add(Rule { times: Some(4), ..Rule::always(Fault::Down) });
    pay_invoice(&world, id, 5_000, "usd");
    world.pass(3_600);
    let forged =
        quittance::http::Request::new("POST", "/webhooks/stripe").with("stripe-signature", "t=1,v1=00").body("{}");
    assert_eq!(world.request(&forged).unwrap().status, 400);
    world.tick("0 0 * * *");
    let page = documented();
    let mut seen = BTreeSet::new();
    for line in world.log() {
        let fields = page.get(line.event).unwrap_or_else(|| panic!("{} is not on the page", line.event));
        for field in line.fields.as_object().unwrap().keys() {
            assert!(fields.contains(field), "{}: {field} is not on the page", line.event);
        }
        seen.insert(line.event);
    }
    assert!(seen.len() >= 9, "{seen:?}");
    world.finish();
}
