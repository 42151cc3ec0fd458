use std::path::PathBuf;

use quittance_sim::odoo::Version;
use serde_json::Value;

use super::play::play;

fn stories() -> Vec<(String, Value)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/odoo/books");
    let mut all: Vec<(String, Value)> = std::fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|file| {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display())))
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

#[test]
fn the_books_are_the_real_ones() {
    let only = std::env::var("STORY").unwrap_or_default();
    let mut wrong = Vec::new();
    let mut told = 0;
    for (name, story) in stories().iter().filter(|(name, _)| only.is_empty() || *name == only) {
        for version in Version::ALL {
            let recorded = &story["seen"][version.major().to_string()];
            let (seen, unsound) = play(version, story);
            for (ours, theirs) in seen.iter().zip(recorded.as_array().unwrap()) {
                if ours != theirs {
                    wrong.push(format!("{name} on {version:?}\n{}", difference(ours, theirs)));
                    break;
                }
            }
            assert_eq!(seen.len(), recorded.as_array().unwrap().len(), "{name} on {version:?}: number of looks");
            wrong.extend(unsound.map(|why| format!("{name} on {version:?}: {why}")));
            told += 1;
        }
    }
    assert!(told >= 3, "no story was told");
    assert!(wrong.is_empty(), "{} of {told} differ\n{}", wrong.len(), wrong.join("\n\n"));
}

/// The parts of a look that differ, ours marked `+`, the recorded ones `-`.
fn difference(ours: &Value, theirs: &Value) -> String {
    let lines = |value: &Value| -> Vec<String> {
        let Some(all) = value["entries"].as_object() else { return vec![value.to_string()] };
        let one = |(at, entry): (&String, &Value)| {
            let mut head = entry.clone();
            let lines = head.as_object_mut().and_then(|head| head.remove("lines"));
            let mut told = vec![format!("{at} {head}")];
            told.extend(lines.iter().flat_map(|l| l.as_array().unwrap()).map(|l| format!("{at}    {l}")));
            told
        };
        all.iter().flat_map(one).collect()
    };
    let (a, b) = (lines(ours), lines(theirs));
    let only = |mark: &str, these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|line| !those.contains(line)).map(|line| format!("{mark} {line}")).collect()
    };
    let mut all = only("-", &b, &a);
    all.extend(only("+", &a, &b));
    format!("at \"{}\"\n{}", theirs["at"].as_str().unwrap_or(""), all.join("\n"))
}
