//! The pages that list what the product says are held against it.

use std::fs;
use std::path::Path;

use quittance::error::Code;

#[test]
fn every_code_has_its_row_with_its_sentence_and_a_test_that_exists() {
    let page = fs::read_to_string("docs/ERRORS.md").unwrap();
    let tests = sources(&["tests", "crates/cli/tests", "src"]);
    for &code in Code::ALL {
        let row = page
            .lines()
            .find(|l| l.starts_with(&format!("| `{}` |", code.name())))
            .unwrap_or_else(|| panic!("no row for {}", code.name()));
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert_eq!((cells[2], cells[3]), (code.status().to_string().as_str(), code.advice()), "{row}");
        let test = cells[4].trim_matches('`');
        assert!(tests.contains(&format!("fn {test}(")), "{}: there is no test {test}", code.name());
    }
    let rows = page.lines().filter(|l| l.starts_with("| `")).count();
    assert_eq!(rows, Code::ALL.len(), "a row of a code that is no more");
}

/// Reasons for ignoring an event, and states: what an operator meets in the ledger is explained.
#[test]
fn every_reason_for_ignoring_an_event_is_explained() {
    let page = fs::read_to_string("docs/OPERATIONS.md").unwrap();
    // The pay page ignores no event.
    let code = sources(&["src/flow", "src/stripe"]).replace(&sources(&["src/flow/pay"]), "");
    let mut reasons: Vec<String> =
        code.split("Ignore(\"").skip(1).map(|rest| rest.split('"').next().unwrap_or("").to_owned()).collect();
    for call in ["ignore(\"", "Some(\"", "none_yet(\""] {
        reasons.extend(
            code.split(call)
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap_or("").to_owned())
                .filter(|r| r.contains('_') && !r.contains(['.', '[', '/'])),
        );
    }
    for kind in [
        "payment_processing",
        "payment_failed",
        "payment_canceled",
        "payment_requires_action",
        "unsupported",
        "payment_not_final",
    ] {
        reasons.push(kind.to_owned());
    }
    reasons.sort();
    reasons.dedup();
    for reason in reasons.iter().filter(|r| {
        !["acct_1", "pi_1", "payment_intent", "invoice_payment", "requires_action", "no_payment_required"]
            .contains(&r.as_str())
    }) {
        assert!(page.contains(&format!("`{reason}`")), "docs/OPERATIONS.md does not explain {reason}");
    }
}

fn sources(dirs: &[&str]) -> String {
    read(dirs, "rs")
}

fn read(dirs: &[&str], end: &str) -> String {
    let mut text = String::new();
    for dir in dirs {
        collect(Path::new(dir), end, &mut text);
    }
    text
}

fn collect(dir: &Path, end: &str, text: &mut String) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, end, text);
        } else if path.extension().is_some_and(|e| e == end) {
            text.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

/// docs/SECURITY.md: every threat has an answer, and tests and fuzz targets that exist.
#[test]
fn every_threat_has_its_test() {
    let page = fs::read_to_string("docs/SECURITY.md").unwrap();
    let rust = sources(&["tests", "src", "crates", "xtask/src"]);
    let node = read(&["tests"], "mjs");
    // The tables whose first column is a threat.
    let tables = page.split("| threat |").skip(1).map(|rest| rest.split("\n\n").next().unwrap_or_default());
    let rows: Vec<Vec<&str>> = tables
        .flat_map(|table| table.lines().skip(2))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    assert!(rows.len() > 20, "{} threats", rows.len());
    for row in &rows {
        let [threat, answer, tests] = row.as_slice() else { panic!("three cells: {row:?}") };
        assert!(answer.len() > 10, "{threat} has no answer");
        let (named, targets) = tests.split_once("fuzz:").unwrap_or((tests, ""));
        let names: Vec<&str> = named.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{threat} has no test");
        for name in names {
            let test = if name.contains(' ') {
                node.contains(&format!("test('{name}'"))
            } else {
                rust.contains(&format!("fn {name}("))
            };
            assert!(test, "{threat}: there is no test `{name}`");
        }
        for target in targets.split('`').skip(1).step_by(2) {
            assert!(Path::new(&format!("fuzz/fuzz_targets/{target}.rs")).exists(), "there is no target {target}");
        }
    }
}
