//! The pages that list what the product says are held against it.

use std::fs;
use std::path::{Path, PathBuf};

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

/// The README's promises: each names a test that exists, and its file.
#[test]
fn every_promise_has_its_test() {
    let readme = fs::read_to_string("README.md").unwrap();
    let table = readme.split("| promise |").nth(1).unwrap().split("\n\n").next().unwrap();
    let mut rows = 0;
    for row in table.lines().skip(2) {
        let [test, file] = row.split('`').skip(1).step_by(2).collect::<Vec<_>>()[..] else { panic!("{row}") };
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(
            text.contains(&format!("fn {test}(")) || text.contains(&format!("test('{test}'")),
            "{file} has no test {test}"
        );
        rows += 1;
    }
    assert_eq!(rows, 3);
}

/// Pictures of a page are light, and there.
#[test]
fn every_picture_is_there_and_light() {
    let mut pictures = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|l| l.ends_with(".png")) {
            let size = fs::metadata(page.parent().unwrap().join(link)).unwrap().len();
            assert!(size <= 150 * 1024, "{}: {link} has {size} bytes", page.display());
            pictures += 1;
        }
    }
    assert!(pictures > 0);
}

/// Pages for people, without what is kept as a record of its time.
fn pages() -> Vec<PathBuf> {
    let all = files(Path::new("."));
    all.into_iter().filter(|path| path.extension().is_some_and(|end| end == "md")).collect()
}

/// Everything that belongs to the repository, by its path from the root.
fn files(dir: &Path) -> Vec<PathBuf> {
    const NOT_OURS: [&str; 9] =
        ["target", "node_modules", ".git", ".wrangler", ".quittance", "build", "dist", "corpus", "artifacts"];
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !NOT_OURS.contains(&name) {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path.strip_prefix(".").unwrap_or(&path).to_owned());
        }
    }
    found
}

/// A path in back-ticks is from the root, or the end of one: `stripe/map.rs`.
#[test]
fn every_path_on_a_page_exists() {
    const ENDS: [&str; 14] = [
        ".rs", ".mjs", ".js", ".ts", ".py", ".md", ".sql", ".json", ".toml", ".html", ".xml", ".yaml", ".css", ".patch",
    ];
    const ROOMS: [&str; 11] =
        ["src", "tests", "crates", "docs", "public", "xtask", "benches", "fuzz", "migrations", "examples", ".github"];
    let all: Vec<String> = files(Path::new(".")).iter().map(|path| path.to_str().unwrap().to_owned()).collect();
    let mut wrong = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let prose = text.split("```").step_by(2).collect::<String>();
        for word in prose.split('`').skip(1).step_by(2) {
            let word = word.trim_end_matches('/');
            let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
            if !word.contains('/') || !word.chars().all(plain) || word.starts_with('/') {
                continue;
            }
            let file = ENDS.iter().any(|end| word.ends_with(end));
            let folder = ROOMS.iter().any(|room| word.starts_with(&format!("{room}/")));
            let there = all.iter().any(|path| {
                path == word || path.ends_with(&format!("/{word}")) || path.starts_with(&format!("{word}/"))
            });
            if (file || folder) && !there && !word.starts_with("target/") {
                wrong.push(format!("{}: {word}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Links between pages lead to files, and to headings where they name one.
#[test]
fn every_link_between_pages_leads_somewhere() {
    let mut wrong = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap_or_default()) {
            if link.contains(':') || link.contains(' ') || link.is_empty() {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let file = if path.is_empty() { page.clone() } else { page.parent().unwrap_or(Path::new("")).join(path) };
            let there = file.exists()
                && (heading.is_empty()
                    || fs::read_to_string(&file).is_ok_and(|text| headings(&text).contains(&heading.to_owned())));
            if !there {
                wrong.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Headings as links name them.
fn headings(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.strip_prefix('#'));
    lines
        .map(|line| {
            let kept = |c: &char| c.is_alphanumeric() || " -_".contains(*c);
            line.trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter(kept)
                .collect::<String>()
                .replace(' ', "-")
        })
        .collect()
}

/// docs/THREATS.md: every threat has an answer, and tests and fuzz targets that exist.
#[test]
fn every_threat_has_its_test() {
    let page = fs::read_to_string("docs/THREATS.md").unwrap();
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
