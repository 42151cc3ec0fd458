//! docs/ACCOUNTING.md shows entries as an accountant writes them: these stories make them, on all three versions, and the
//! page must say the same.

use std::collections::BTreeMap;
use std::fs;

use quittance_sim::odoo::Version;

use crate::books::shop::{Shop, now};
use crate::books::stories::{STORIES, Story};
use crate::common::VERSIONS;

const PAGE: &str = "docs/ACCOUNTING.md";

#[test]
fn the_page_says_what_is_booked() {
    let mut told: BTreeMap<&str, String> = BTreeMap::new();
    let only = std::env::var("STORY").ok();
    for (name, story) in STORIES.iter().filter(|(name, _)| only.as_ref().is_none_or(|only| only == name)) {
        for version in VERSIONS {
            let entries = play(version, *story);
            let first = told.entry(name).or_insert_with(|| entries.clone());
            assert_eq!(*first, entries, "{name} on {version:?} differs from the version before");
        }
    }
    let page = fs::read_to_string(PAGE).unwrap();
    let mut right = page.clone();
    for (name, entries) in &told {
        let open = format!("```entries {name}\n");
        let start = right.find(&open).unwrap_or_else(|| panic!("{PAGE} has no block {name}")) + open.len();
        let end = start + right[start..].find("```").unwrap();
        right.replace_range(start..end, entries);
    }
    if std::env::var_os("WRITE_DOCS").is_some() {
        fs::write(PAGE, &right).unwrap();
    }
    assert!(
        page == right,
        "{PAGE} is out of date: run `WRITE_DOCS=1 cargo test --test accounting`, and read what it wrote"
    );
    assert_eq!(page.matches("```entries ").count(), STORIES.len(), "a block of {PAGE} has no story");
}

fn play(version: Version, story: Story) -> String {
    let mut shop = Shop::of(version);
    let told = story(&mut shop);
    shop.finish();
    told
}

/// The same stories on the Odoo that the environment names; what they say may differ in names of accounts only, so the laws
/// are looked at.
#[test]
#[ignore = "needs a real Odoo, named by the environment"]
fn the_laws_hold_on_a_real_odoo() {
    for (at, (name, story)) in STORIES.iter().enumerate() {
        let seed = u64::try_from(at).unwrap() + now();
        let mut shop = Shop::real(seed).expect("ODOO_URL and the others name a database");
        println!("== {name}\n{}", story(&mut shop));
        shop.finish();
    }
}
