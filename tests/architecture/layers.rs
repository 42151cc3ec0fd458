//! Who may know whom: keeps the house's plan true (docs/ARCHITECTURE.md) by reading the `use` lines.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A room of `src/` and the rooms it may name. What is not listed may be named by all: the ground.
const MAY: &[(&str, &[&str])] = &[
    ("glue", &["routes", "queue", "cron", "flow", "ledger", "stripe", "erp", "movement", "money"]),
    ("routes", &["auth", "flow", "ledger", "movement", "money"]),
    ("auth", &["ledger"]),
    ("queue", &["flow"]),
    ("cron", &["flow"]),
    ("flow", &["stripe", "erp", "ledger", "movement", "money"]),
    ("stripe", &["movement", "money"]),
    ("erp", &["movement", "money"]),
    ("ledger", &["movement", "money"]),
    ("movement", &["money"]),
    ("money", &[]),
];
const GROUND: &[&str] = &["config", "date", "error", "http", "ports", "hmac"];

#[test]
fn rooms_name_only_rooms_below_them() {
    let mut wrong = Vec::new();
    for file in files(Path::new("src")) {
        let room = room(&file);
        let Some((_, may)) = MAY.iter().find(|(name, _)| *name == room) else { continue };
        for named in named(&fs::read_to_string(&file).unwrap()) {
            if named != room && !may.contains(&named.as_str()) && !GROUND.contains(&named.as_str()) {
                wrong.push(format!("{} names {named}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// SQL is written in the ledger only, and the platform is named in `glue` only.
#[test]
fn sql_and_the_platform_have_one_room_each() {
    for file in files(Path::new("src")) {
        let (room, text) = (room(&file), fs::read_to_string(&file).unwrap());
        let code = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        if room != "ledger" {
            for word in ["INSERT INTO inbox", "UPDATE inbox", "FROM postings", "FROM leases"] {
                assert!(!code.contains(word), "{} holds SQL: {word}", file.display());
            }
        }
        if room != "glue" {
            assert!(!code.contains("use worker"), "{} knows the platform", file.display());
        }
    }
}

/// Rooms stay small; a table or a test may be longer.
#[test]
fn files_stay_readable() {
    for file in files(Path::new("src")) {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= 350, "{} has {lines} lines: split it by what its parts do", file.display());
    }
}

pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

fn room(file: &Path) -> String {
    let first = file.components().nth(1).unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// First segments after `crate::`, outside of tests.
fn named(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or("");
    code.split("crate::")
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("").to_owned())
        .collect()
}
