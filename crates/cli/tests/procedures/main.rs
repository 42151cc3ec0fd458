//! The product's own procedures: what they answer on real Odoo 17, 18 and 19 is recorded, and the simulator must
//! give the same answers. A procedure that was changed needs a fresh recording:
//!
//! `cargo xtask record-odoo STORY`
//!
//! with ODOO_URL, ODOO_DB, ODOO_LOGIN, ODOO_API_KEY, ODOO_SETUP_LOGIN and ODOO_SETUP_API_KEY naming a database made for
//! trials: a company in USD (ODOO_COMPANY, default 1) where 1 USD = 0.8 EUR = 150 JPY
//! = 0.79 GBP = 0.307 KWD, a company in EUR (ODOO_COMPANY2,
//! default 2) where 1 EUR = 1.25 USD, both users working in both, CHF not active, and in the first company the generic
//! chart of accounts with its sales tax of 15%. A story leaves its records there, may take the contacts' field
//! away or make a third company, and its recording wants a database that no other story has been played in.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

#[path = "../common/mod.rs"]
mod common;

mod alerts;
mod assigning;
mod authority;
mod books;
mod credit_notes;
mod disputes;
mod edges;
mod entries;
mod fee_bills;
mod foreign;
mod pages;
mod place;
mod property;
mod rates;
mod recording;
mod refunds;
mod story;
mod taxes;

use std::collections::BTreeSet;
use std::path::Path;
use std::rc::Rc;

use common::{Line, clock};
use place::Place;
use quittance::erp::odoo::procedure::ALL;
use quittance_cli::ports::Network;
use quittance_cli::settings::Settings;
use quittance_sim::odoo::{ADMIN_KEY, ADMIN_LOGIN, CLERK_KEY, CLERK_LOGIN, DATABASE, INVOICING, Odoo, Version};
use serde_json::{Map, Value, json};

/// Name and words of each story. Each has a recording, and for each version it is played in a database of its own.
const STORIES: &[(&str, Story)] = &[
    ("receipts", story::play),
    ("refunds", refunds::play),
    ("credit_notes", credit_notes::play),
    ("entries", entries::play),
    ("disputes", disputes::play),
    ("taxes", taxes::play),
    ("edges", edges::play),
    ("books", books::play),
    ("fee_bills", fee_bills::play),
    ("assigning", assigning::play),
    ("alerts", alerts::play),
    ("authority", authority::play),
];

type Story = fn(&mut Place);

/// Those of the procedures that a story has run.
fn hashes(asked: &BTreeSet<String>) -> Value {
    let used = ALL.iter().filter(|p| asked.contains(p.name));
    used.map(|p| (p.name.to_owned(), json!(p.hash))).collect::<Map<_, _>>().into()
}

#[test]
#[ignore = "records from a real Odoo"]
fn record() {
    let settings = Settings::read(Path::new("/nonexistent")).unwrap();
    let wanted = std::env::var("STORY").expect("STORY names the story to record");
    let (name, play) = STORIES.iter().find(|(name, _)| *name == wanted).expect("there is no such story");
    let mut place = Place::new(&settings, Rc::new(Network::default()));
    play(&mut place);
    let (told, asked) = place.told();
    recording::write(name, place.major(), json!({"hashes": hashes(&asked), "answers": told}));
    eprintln!("recorded {} answers of Odoo {}: {name}", told.len(), place.major());
}

#[test]
fn the_simulator_answers_as_the_real_procedures_do() {
    let mut wrong = Vec::new();
    let only = std::env::var("STORY").ok();
    let stories = || STORIES.iter().filter(|(name, _)| only.as_ref().is_none_or(|only| only == name));
    for (version, (name, play)) in Version::ALL.into_iter().flat_map(|v| stories().map(move |story| (v, story))) {
        let recording = recording::read(name).remove(&version.major()).unwrap();
        let how = format!("record it again with `cargo xtask record-odoo {name}`");
        let mut place = Place::new(&simulated_settings(), Line::to(simulated(version)));
        play(&mut place);
        let (mut told, asked) = place.told();
        let mut recorded = recording["answers"].as_array().unwrap().clone();
        // The form counts versions of the procedures: their hashes tell more.
        for answer in told.iter_mut().chain(&mut recorded).filter_map(|one| one["answer"].as_object_mut()) {
            answer.remove("v");
        }
        let pairs = told.iter().zip(&recorded).filter(|(ours, theirs)| ours != theirs);
        let differ: Vec<String> = pairs.map(|(a, b)| format!("simulated {a}\nrecorded  {b}")).collect();
        if !differ.is_empty() {
            wrong.push(format!("{version:?} {name}, {} answers differ:\n{}", differ.len(), differ.join("\n")));
        } else if told.len() != recorded.len() {
            wrong.push(format!("{version:?} {name}: the story has changed: {how}"));
        } else if recording["hashes"] != hashes(&asked) {
            wrong.push(format!("{version:?} {name}: a procedure was changed after Odoo was recorded: {how}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn simulated(version: Version) -> Odoo {
    let mut odoo = Odoo::fresh(version, clock(), 1);
    let second = odoo.company("Second Company", "EUR");
    odoo.set_rate("USD", second, "1.25");
    let clerk = odoo.user(CLERK_LOGIN, CLERK_KEY, &[INVOICING]);
    odoo.company("Third Company", "USD");
    odoo.branch(1, "Branch");
    odoo.poke("res.users", clerk, "company_ids", json!([1, second]));
    odoo.set_rate("EUR", 1, "0.8");
    for (currency, rate) in [("JPY", "150"), ("GBP", "0.79"), ("KWD", "0.307")] {
        odoo.set_rate(currency, 1, rate);
    }
    odoo
}

fn simulated_settings() -> Settings {
    Settings::from_pairs([
        ("ODOO_URL", "http://127.0.0.1:8069"),
        ("ODOO_DB", DATABASE),
        ("ODOO_SETUP_LOGIN", ADMIN_LOGIN),
        ("ODOO_SETUP_API_KEY", ADMIN_KEY),
        ("ODOO_LOGIN", CLERK_LOGIN),
        ("ODOO_API_KEY", CLERK_KEY),
    ])
}
